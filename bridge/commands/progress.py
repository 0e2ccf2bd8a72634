"""Progress on a terminal; nothing elsewhere."""

from typing import Any


def bar(seconds: float) -> Any:
    """A bar over this many seconds of sound, or a counter where their number is not known; see tqdm."""
    from tqdm import tqdm

    form = "{percentage:3.0f} % |{bar}| {n:.0f} of {total:.0f} s, {remaining} left" if seconds else "{n:.1f} s"
    return tqdm(total=seconds or None, bar_format=form, disable=None, leave=False)
