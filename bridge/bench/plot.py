"""A plot of lateness as SVG: for each step the share of frames that came later than so many milliseconds."""

import math
from collections.abc import Sequence
from html import escape

from bridge.bench.load import DEADLINE_MS, Step
from bridge.bench.viewer import BIN_MS, LOWEST_MS

WIDTH, HEIGHT, EDGE = 760, 420, 56
MOST_MS = 40.0
DECADES = 5
COLOURS = ("#0b6e99", "#d9730d", "#448361", "#9065b0", "#c14c8a", "#787774", "#b8860b", "#337ea9")


def svg(steps: Sequence[Step], title: str) -> str:
    """The whole picture."""
    curves = "".join(_curve(step, COLOURS[i % len(COLOURS)], i) for i, step in enumerate(steps))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
        f'<text x="{EDGE}" y="24" font-size="15">{escape(title)}</text>{_axes()}{curves}</svg>\n'
    )


def _x(late_ms: float) -> float:
    return EDGE + (WIDTH - 2 * EDGE) * min(max(late_ms, 0.0), MOST_MS) / MOST_MS


def _y(share: float) -> float:
    """A share of 1 at the top, 1e-5 at the bottom."""
    decades = -math.log10(max(share, 10.0**-DECADES))
    return EDGE + (HEIGHT - 2 * EDGE) * decades / DECADES


def _axes() -> str:
    lines = [
        f'<line x1="{EDGE}" x2="{WIDTH - EDGE}" y1="{_y(10.0**-n):.1f}" y2="{_y(10.0**-n):.1f}" stroke="#ddd"/>'
        f'<text x="{EDGE - 6}" y="{_y(10.0**-n) + 4:.1f}" text-anchor="end">{100 * 10.0**-n:g} %</text>'
        for n in range(DECADES + 1)
    ]
    lines += [
        f'<text x="{_x(ms):.1f}" y="{HEIGHT - EDGE + 18}" text-anchor="middle">{ms:g}</text>'
        for ms in range(0, int(MOST_MS) + 1, 5)
    ]
    lines.append(f'<line x1="{_x(DEADLINE_MS):.1f}" x2="{_x(DEADLINE_MS):.1f}" y1="{EDGE}" y2="{HEIGHT - EDGE}" '
                 'stroke="#c00" stroke-dasharray="4 3"/>')  # fmt: skip
    lines.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle">ms from the tick to the client</text>')
    return "".join(lines)


def _curve(step: Step, colour: str, row: int) -> str:
    """Of all blocks the share that came later than x."""
    bins = sorted((int(number) * BIN_MS + LOWEST_MS, count) for number, count in step.late.items())
    total = sum(count for _, count in bins) or 1
    left, points = total, []
    for late_ms, count in bins:
        left -= count
        points.append(f"{_x(late_ms):.1f},{_y(left / total):.1f}")
    dash = ' stroke-dasharray="6 3"' if step.server == "bare" else ""
    name = f"{step.sessions} {step.server} {step.transport} {step.voice}"
    return (
        f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="1.5"{dash}/>'
        f'<text x="{WIDTH - EDGE - 4}" y="{EDGE + 16 * (row + 1)}" text-anchor="end" fill="{colour}">{name}</text>'
    )
