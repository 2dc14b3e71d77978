"""What a soak must not have done: lose, double, go back in time, show what has not happened, keep memory."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from api.application.catalogue import ALL
from scanning.handover import POLICIES
from workflow.engine.engine import Engine
from workflow.engine.store.hash_chain import Recorded
from workflow.views.check import ViewCheck
from workflow.views.queries import Views

MARKED = ("record.created", "record.worked", "slip.created")
"""Events that hold the marker of their command."""
MOST_GROWTH = 0.10
"""Of memory, from the first third of the quiet part to its end."""
LITTLE = 16 * 2**20
"""Bytes that may come and go."""


class Sample(NamedTuple):
    """Memory of the server in bytes, and what had been done until then."""

    resident: int
    commands: int
    streams: int


class Growth(NamedTuple):
    first: float
    """MB, median of the first third."""
    last: float
    """MB, median of the last third."""
    bytes_a_command: float
    bytes_a_stream: float
    """Both as if all the growth came from it."""

    @property
    def flat(self) -> bool:
        more = self.last - self.first
        return more * 1e6 <= max(LITTLE, MOST_GROWTH * self.first * 1e6)


def count_markers(rows: Iterable[Recorded]) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in rows:
        if row.type in MARKED and row.payload is not None:
            found.update(re.findall(r'"(?:title|note)":"<([^>]+)>"', row.payload))
    return found


def judge_log(url: str, acknowledged: set[str]) -> dict[str, int | list[str]]:
    """What is wrong with a log, by name; all of it empty or 0 where nothing is."""
    engine = Engine(url, catalogue=ALL)
    try:
        head = engine.log.verify()
        stored = count_markers(engine.log.read_all())
        times = [row.time for row in engine.log.read_all()]
        Views(engine).catch_up()
        differences = [str(difference) for difference in ViewCheck(engine, POLICIES).everything()]
    finally:
        engine.close()
    return {
        "events": head.position,
        "lost": sorted(acknowledged - set(stored)),
        "doubled": sorted(marker for marker, number in stored.items() if number > 1),
        "times_back": sum(later < earlier for earlier, later in pairwise(times)),
        "differences": differences,
    }


def judge_memory(samples: list[Sample]) -> Growth:
    third = max(1, len(samples) // 3)
    begin, end = samples[:third], samples[-third:]
    first, last = (median(sample.resident for sample in some) for some in (begin, end))
    commands, streams = (end[-1].commands - begin[0].commands, end[-1].streams - begin[0].streams)
    return Growth(first / 1e6, last / 1e6, (last - first) / max(commands, 1), (last - first) / max(streams, 1))
