"""Progress on a terminal; nothing elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


@contextmanager
def bar(seconds: float) -> Iterator[Callable[[float], object]]:
    """A bar over this many seconds, or a counter where their number is 0; call it with the seconds that were done."""
    form = "{percentage:3.0f} % |{bar}| {n:.0f} of {total:.0f} s, {remaining} left" if seconds else "{n:.1f} s"
    with tqdm(total=seconds or None, bar_format=form, disable=None, leave=False) as shown:
        yield lambda done: shown.update(min(done, seconds - shown.n) if seconds else done)
