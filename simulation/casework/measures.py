"""The figures of one replication, as rows of tables."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from statistics import fmean, quantiles
from typing import Any, NamedTuple

from simulation.casework.people.trace import SlipNote, Trace
from simulation.casework.scanning.place import list_tally
from simulation.casework.simulate import Outcome
from simulation.casework.workplace import Run
from simulation.mining.flow import Flow

Row = dict[str, Any]
WHOLE = "-"
"""In place of a unit: the whole authority; in place of a month: all of them."""


class Figures(NamedTuple):
    """What a replication found, small enough to be handed from a worker."""

    replication: int
    on_paper: bool
    relieved: str | None
    head: str
    events: int
    commands: int
    refused: dict[str, int]
    totals: dict[str, float | None]
    tables: dict[str, list[Row]]
    flow: Flow | None


def measure(outcome: Outcome, run: Run, relieved: str | None = None) -> Figures:
    trace = outcome.trace
    tables = {
        "units": list(_measure_units(outcome)),
        "kinds": list(_measure_kinds(outcome)),
        "stations": list(_measure_stations(outcome)),
        "hours": _measure_hours(outcome),
        "people": list(_measure_people(outcome)),
        "scan": list(list_tally(outcome.scanned, WHOLE)),
    }
    head = outcome.head
    return Figures(
        run.replication, run.on_paper, relieved, head.hash, head.position, outcome.commands, outcome.refused,
        _total(trace), tables, outcome.flow,
    )  # fmt: skip


def _total(trace: Trace) -> dict[str, float | None]:
    return {
        "cases": sum(trace.cases.values()),
        "records": sum(trace.records.values()),
        **_describe(trace.slips),
        "slips": len(trace.slips),
    }


def _describe(slips: list[SlipNote]) -> dict[str, float | None]:
    """Times in working days, work in hours, of slips that were completed; counts of all."""
    done = [slip for slip in slips if slip.turnaround is not None]
    days = sorted(slip.turnaround or 0.0 for slip in done)
    stations = sum(slip.stations for slip in slips)
    return {
        "completed": len(done),
        "under_way_mean": fmean(slip.under_way for slip in slips) if slips else None,
        "turnaround_mean": fmean(days) if days else None,
        "turnaround_p50": _quantile(days, 50),
        "turnaround_p90": _quantile(days, 90),
        "touch_hours": fmean(slip.touch for slip in done) / 3600 if done else None,
        "refusals": sum(slip.refusals for slip in slips),
        "reruns": sum(slip.reruns for slip in slips),
        "escalations": sum(slip.escalations for slip in slips),
        "deputy_share": sum(slip.by_deputy for slip in slips) / stations if stations else None,
    }


def _quantile(ordered: list[float], percent: int) -> float | None:
    if len(ordered) < 2:
        return ordered[0] if ordered else None
    return quantiles(ordered, n=100, method="inclusive")[percent - 1]


def _measure_units(outcome: Outcome) -> Iterator[Row]:
    """One row for each month and unit, and for the whole of either."""
    trace = outcome.trace
    open_, overdue = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for month, unit, under_way, late in trace.month_ends:
        open_[unit, month] += under_way
        overdue[unit, month] += late
    months = sorted({month for month, *_ in trace.month_ends})
    units = [unit.id for unit in outcome.scenario.staff.units]
    created, finished = defaultdict[Any, list[SlipNote]](list), defaultdict[Any, list[SlipNote]](list)
    for slip in trace.slips:
        for unit in (slip.unit, WHOLE):
            for month in (slip.month_started, WHOLE):
                created[unit, month].append(slip)
            if slip.month_completed:
                for month in (slip.month_completed, WHOLE):
                    finished[unit, month].append(slip)
    for month in (*months, WHOLE):
        last = months[-1] if month == WHOLE and months else month
        for unit in (*units, WHOLE):
            here = units if unit == WHOLE else [unit]
            when = months if month == WHOLE else [month]
            yield {
                "month": month,
                "unit": unit,
                "cases": _sum(trace.cases, here, when),
                "records": _sum(trace.records, here, when),
                "slips": len(created[unit, month]),
                **_describe(finished[unit, month]),
                "open": _sum(open_, here, [last]),
                "overdue": _sum(overdue, here, [last]),
            }


def _sum(counts: Counter[tuple[str, str]], units: Iterable[str], months: list[str]) -> int:
    return sum(counts[unit, month] for unit in units for month in months)


def _measure_kinds(outcome: Outcome) -> Iterator[Row]:
    trace = outcome.trace
    for kind in outcome.scenario.work.kinds:
        slips = [slip for slip in trace.slips if slip.kind == kind.id]
        days = sorted(trace.case_days.get(kind.id, []))
        counts = {name: trace.kinds[kind.id, name] for name in ("cases", "closed", "records", "misdirected")}
        yield {
            "kind": kind.id, **counts, "slips": len(slips), **_describe(slips), "case_days_p50": _quantile(days, 50),
            "case_days_p90": _quantile(days, 90),
        }  # fmt: skip


def _measure_stations(outcome: Outcome) -> Iterator[Row]:
    """How long each kind of station took in each unit, whose work it was: waiting and touch in hours."""
    groups = defaultdict[tuple[str, str], list[Any]](list)
    for note in outcome.trace.stations:
        groups[note.kind, note.unit].append(note)
        groups[note.kind, WHOLE].append(note)
    for (kind, unit), notes in sorted(groups.items()):
        waited = sorted(note.waited / 3600 for note in notes)
        yield {
            "station": kind, "unit": unit, "done": len(notes), "waiting_mean": fmean(waited),
            "waiting_p90": _quantile(waited, 90), "touch_hours": fmean(note.touch for note in notes) / 3600,
            "deputy_share": sum(note.by_deputy for note in notes) / len(notes),
        }  # fmt: skip


def _measure_hours(outcome: Outcome) -> list[Row]:
    return [{"hour": hour, "commands": outcome.by_hour.get(hour, 0) / outcome.working_days} for hour in range(24)]


def _measure_people(outcome: Outcome) -> Iterator[Row]:
    for person in outcome.people:
        available = outcome.available[person.id]
        yield {
            "person": person.id, "unit": person.unit, "role": "approver" if person.approver else "case_worker",
            "done": person.done, "for_others": person.for_others,
            "utilisation": person.busy / available if available else None,
            "queue_hours": person.lain / 3600 / person.done if person.done else None,
            "held_up_hours": person.lain / 3600,
        }  # fmt: skip
