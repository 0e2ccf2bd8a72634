"""A soak as SVG: memory, open files and lateness over its minutes, one above the other."""

from collections.abc import Sequence
from html import escape

from bridge.bench.plot import COLOURS, EDGE, WIDTH
from bridge.bench.soak import SETTLED, Soak

HEIGHT, BETWEEN = 150, 34
"""Of one of the three, and between them."""


def svg(found: Soak) -> str:
    """The whole picture."""
    minutes = [at / 60 for at in found.at_s]
    curves: tuple[tuple[str, Sequence[float]], ...] = (
        ("memory, MiB", [value / 2**20 for value in found.rss]),
        ("open files and sockets", found.files),
        ("p99 from the tick to the client, ms", found.p99_ms),
    )
    height = EDGE + len(curves) * (HEIGHT + BETWEEN)
    title = f"rigcast bench soak: {found.sessions} sessions over {found.transport}, {found.reconnects} reconnects"
    panels = "".join(
        _panel(minutes, values, name, EDGE + i * (HEIGHT + BETWEEN), COLOURS[i])
        for i, (name, values) in enumerate(curves)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="12">'
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
        f'<text x="{EDGE}" y="24" font-size="15">{escape(title)}</text>{panels}</svg>\n'
    )


def _panel(minutes: Sequence[float], values: Sequence[float], name: str, top: float, colour: str) -> str:
    """One curve from zero up; what came before the settling stands on grey."""
    most, last = max([*values, 1e-9]), max([*minutes, 1e-9])
    width, bottom = WIDTH - 2 * EDGE, top + HEIGHT
    points = " ".join(
        f"{EDGE + width * at / last:.1f},{bottom - HEIGHT * max(value, 0) / most:.1f}"
        for at, value in zip(minutes, values, strict=True)
    )
    return (
        f'<rect x="{EDGE}" y="{top}" width="{width * SETTLED:.0f}" height="{HEIGHT}" fill="#f4f4f4"/>'
        f'<path d="M{EDGE} {top}V{bottom}H{WIDTH - EDGE}" fill="none" stroke="#999"/>'
        f'<text x="{EDGE - 6}" y="{top + 10}" text-anchor="end">{most:.4g}</text>'
        f'<text x="{EDGE - 6}" y="{bottom}" text-anchor="end">0</text>'
        f'<text x="{EDGE + 6}" y="{top - 6}">{escape(name)}</text>'
        f'<text x="{WIDTH - EDGE}" y="{bottom + 16}" text-anchor="end">{last:.4g} min</text>'
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
    )
