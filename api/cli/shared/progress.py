"""Progress on stderr: a bar with the time left on a terminal, else a line now and then."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from api.cli.shared.output import in_language, language
from simulation.numbers import format_number

Advance = Callable[[int, str], None]
"""(number done so far, note beside it)."""
SECONDS_BETWEEN_LINES = 10
LEAST_SECONDS = 1
"""Below it a rate says nothing."""


def write_count(count: int) -> str:
    """A count with thousands marks as the language has them."""
    return format_number(count, language())


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
    printed, left = time.monotonic(), _Left(total)

    def advance(done: int, note: str) -> None:
        nonlocal printed
        now = time.monotonic()
        seconds = left.estimate(now, done)
        if now - printed < SECONDS_BETWEEN_LINES and done != total:
            return
        printed = now
        count = f"{name}: {write_count(done)}/{write_count(total)}"
        print(", ".join(filter(None, (count, note, _write_left(seconds)))), file=sys.stderr, flush=True)

    return advance


class _Left:
    """The time left, from what was done since the first report: what is there already took no time. The first of many
    take longest, so nothing is said before a twentieth of the rest is done.
    """

    def __init__(self, total: int) -> None:
        self.total, self.first = total, (-1.0, 0)

    def estimate(self, now: float, done: int) -> float | None:
        if self.first[0] < 0:
            self.first = now, done
        begun, there = self.first
        if done == self.total:
            return 0.0
        if done - there < max(1, (self.total - there) / 20):
            return None
        return (now - begun) / (done - there) * (self.total - done)


def _write_left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    count = write_count(round(seconds))
    return in_language(f"noch etwa {count} s", f"about {count} s left")


class Rate:
    """How fast it goes, as a note beside the progress: from the first report on, since what was kept took no time."""

    def __init__(self, per: float, unit: str) -> None:
        self.per, self.unit, self.first = per, unit, (-1.0, 0)

    def write(self, count: int) -> str:
        now = time.monotonic()
        if self.first[0] < 0:
            self.first = now, count
        seconds, more = now - self.first[0], count - self.first[1]
        if not more or seconds < LEAST_SECONDS:
            return ""
        return f"{format_number(more / self.per / seconds, language(), 1)} {self.unit}"
