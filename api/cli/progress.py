"""Progress of a forecast on stderr."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Advance = Callable[[int, int], None]
SECONDS_BETWEEN_LINES = 10


@contextmanager
def silent() -> Iterator[Advance]:
    """Say nothing."""

    def advance(_done: int, _items: int) -> None:
        pass

    yield advance


@contextmanager
def bar(total: int, language: str) -> Iterator[Advance]:
    """A bar with the time left."""
    name, unit = ("Rechnungen", "Mio. Sendungen/s") if language == "de" else ("runs", "m items/s")
    columns = (
        TextColumn(name), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(), TextColumn("noch" if language == "de" else "left"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task, begun = progress.add_task("", total=total, rate=""), time.monotonic()

        def advance(done: int, items: int) -> None:
            rate = items / 1e6 / max(time.monotonic() - begun, 1e-9)
            progress.update(task, completed=done, rate=f"{rate:.1f} {unit}")

        yield advance


@contextmanager
def lines(total: int, language: str) -> Iterator[Advance]:
    """A line now and then, for logs."""
    begun = said = time.monotonic()

    def advance(done: int, items: int) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said >= SECONDS_BETWEEN_LINES or done == total:
            said, left = now, (now - begun) / done * (total - done)
            text = "{} von {} Rechnungen, {:.0f} Mio. Sendungen, noch etwa {:.0f} s"
            if language == "en":
                text = "{} of {} runs, {:.0f} m items, about {:.0f} s left"
            print(text.format(done, total, items / 1e6, left), file=sys.stderr, flush=True)

    yield advance
