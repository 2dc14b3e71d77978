"""CSV of an event log: one row per event, traces one after another."""

import csv
import io
from collections.abc import Iterable, Iterator

from simulation.event_logs.traces import KEPT, Trace

COLUMNS = ("case", "activity", "resource", "timestamp", "transition", "category", "event", "instance", "result",
           "on_behalf_of", "to", "position", *(f"case_{name}" for name in KEPT))  # fmt: skip


def write_csv(traces: Iterable[Trace]) -> Iterator[str]:
    """The table, trace by trace; attributes of a trace stand in each of its rows."""
    yield _write([COLUMNS])
    for trace in traces:
        kept = [trace.attributes.get(name) for name in KEPT]
        yield _write(
            (trace.case, step.activity, step.resource, step.time, step.transition, trace.category, step.event,
             step.instance, step.result, step.on_behalf_of, step.to, step.position, *kept)
            for step in trace.steps
        )  # fmt: skip


def _write(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
