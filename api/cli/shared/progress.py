"""Progress on stderr: a bar with the time left on a terminal, else a line now and then."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from api.cli.shared.output import in_language

Advance = Callable[[int, str], None]
"""(number done so far, note beside it)."""
SECONDS_BETWEEN_LINES = 10


@contextmanager
def show_progress(total: int, name: str, *, quiet: bool = False) -> Iterator[Advance]:
    if quiet:
        yield lambda _done, _note: None
    elif sys.stderr.isatty():
        with _bar(total, name) as advance:
            yield advance
    else:
        yield _lines(total, name)


@contextmanager
def _bar(total: int, name: str) -> Iterator[Advance]:
    from rich.console import Console  # noqa: PLC0415 - only for a terminal
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn(name), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(), TextColumn(in_language("noch", "left")), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=total, note="")
        yield lambda done, note: progress.update(task, completed=done, note=note)


def _lines(total: int, name: str) -> Advance:
    begun = printed = time.monotonic()

    def advance(done: int, note: str) -> None:
        nonlocal printed
        now = time.monotonic()
        if now - printed < SECONDS_BETWEEN_LINES and done != total:
            return
        printed, left = now, (now - begun) / max(done, 1) * (total - done)
        parts = (f"{name}: {done}/{total}", note, in_language(f"noch etwa {left:.0f} s", f"about {left:.0f} s left"))
        print(", ".join(filter(None, parts)), file=sys.stderr, flush=True)

    return advance
