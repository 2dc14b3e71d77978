"""`eva casework`: the replications of a scenario, and their figures as tables with mean and spread."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from statistics import fmean, stdev
from typing import Any, NamedTuple

import polars as pl

from simulation.casework.measures import WHOLE, Figures, measure
from simulation.casework.people.office import IN_MEMORY
from simulation.casework.simulate import simulate
from simulation.casework.workplace import Run
from simulation.loading.load_casework import LoadedCasework
from simulation.mining.flow import Flow, discover
from simulation.mining.table import list_flow
from simulation.scenario.casework import CaseworkScenario
from simulation.scenario.figures import find_figures
from simulation.workers import open_workers

KEYS = {
    "units": ["month", "unit"],
    "kinds": ["kind"],
    "stations": ["station", "unit"],
    "hours": ["hour"],
    "people": ["person", "unit", "role"],
    "scan": ["client"],
}
"""Columns by which the rows of a table are told apart."""
WRITTEN = (*KEYS, "paper", "relief", "flow", "variants")
"""Tables that are written."""
T_90 = (6.31, 2.92, 2.35, 2.13, 2.02, 1.94, 1.89, 1.86, 1.83, 1.81, 1.80, 1.78, 1.77, 1.76, 1.75)
"""Student's t for a two-sided interval of 90 % by degrees of freedom from 1; 1.7 beyond."""


class Wanted(NamedTuple):
    run: Run
    relieved: str | None = None
    """Unit that has one approver more."""


@dataclass(frozen=True)
class Casework:
    scenario: CaseworkScenario
    summary: dict[str, Any]
    frames: dict[str, pl.DataFrame]
    flow: Flow
    """Of the routing slips of the first replication."""

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.frames[table]


def adapt(loaded: LoadedCasework, authority: str | None = None, days: int | None = None) -> LoadedCasework:
    """The scenario for another authority, or cut after some days; what is known of other days or authorities goes."""
    spec, changes = loaded.scenario, dict[str, Any]()
    if authority is not None:
        changes["authority"] = authority
    if days is not None:
        end = min(spec.horizon.end, spec.horizon.start + timedelta(days - 1))
        changes["horizon"] = spec.horizon.model_copy(update={"end": end})
    spec = spec.model_copy(update=changes)
    known = [one for one in spec.known_work if one.authority == spec.authority and one.day <= spec.horizon.end]
    return LoadedCasework(spec.model_copy(update={"known_work": known}), loaded.scenario_hash)


def begin_on(scenario: CaseworkScenario, day: date) -> CaseworkScenario:
    """The same number of days from another day on; what is known of the old ones goes."""
    horizon = scenario.horizon
    moved = horizon.model_copy(update={"start": day, "end": day + (horizon.end - horizon.start)})
    return scenario.model_copy(update={"horizon": moved, "known_work": []})


def relieve(scenario: CaseworkScenario, unit: str) -> CaseworkScenario:
    """With one person more in a unit, who may sign for it."""
    units = [
        one.model_copy(update={"extra_approvers": one.extra_approvers + 1}) if one.id == unit else one
        for one in scenario.staff.units
    ]
    return scenario.model_copy(update={"staff": scenario.staff.model_copy(update={"units": units})})


def casework(
    loaded: LoadedCasework, *, replications: int = 5, seed: int = 2020, workers: int = 1, paper: bool = True,
    relieved: Sequence[str] = (), log: str | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _commands: None,
) -> Casework:  # fmt: skip
    """Simulate a scenario; `log` is the URL of a database that keeps the log of the first replication."""
    scenario = loaded.scenario
    runs = [Wanted(Run(1, url=log or IN_MEMORY, mined=True))]
    runs += [Wanted(Run(number)) for number in range(2, replications + 1)]
    if paper and scenario.paper is not None:
        runs += [Wanted(Run(number, on_paper=True)) for number in range(1, replications + 1)]
    runs += [Wanted(Run(number), unit) for unit in relieved for number in range(1, replications + 1)]
    found: list[Figures] = []
    commands = 0
    for figures in _run(scenario, seed, runs, workers):
        found.append(figures)
        commands += figures.commands
        on_progress(len(found), commands)
    found.sort(key=lambda one: (one.on_paper, one.relieved or "", one.replication))
    return _put_together(loaded, seed, found)


def _run(scenario: CaseworkScenario, seed: int, runs: Sequence[Wanted], workers: int) -> Iterator[Figures]:
    with open_workers(min(workers, len(runs))) as work:
        yield from work(partial(replicate, scenario.model_dump_json(by_alias=True), seed), runs)


def replicate(text: str, seed: int, wanted: Wanted) -> Figures:
    """One replication of a scenario, which comes as JSON: in a worker its classes have other identities."""
    scenario = CaseworkScenario.model_validate_json(text)
    played = relieve(scenario, wanted.relieved) if wanted.relieved else scenario
    return measure(simulate(played, seed, wanted.run), wanted.run, wanted.relieved)


def _put_together(loaded: LoadedCasework, seed: int, found: list[Figures]) -> Casework:
    scenario = loaded.scenario
    base = [one for one in found if not one.on_paper and one.relieved is None]
    frames = {name: _average(base, name) for name in KEYS}
    frames["paper"] = pl.DataFrame(list(_compare_kinds(found)), schema={"kind": pl.String, **_TIMES})
    frames["relief"] = pl.DataFrame(list(_compare_relief(found)), schema={"unit": pl.String, **_TIMES})
    first, flow = base[0], base[0].flow or discover([])
    frames |= list_flow(flow)
    summary = {
        "kind": "casework",
        "scenario": scenario.name,
        "title": scenario.title.model_dump(),
        "notice": scenario.notice.model_dump() if scenario.notice else None,
        "scenario_hash": loaded.scenario_hash,
        "authority": scenario.authority,
        "start": scenario.horizon.start.isoformat(),
        "end": scenario.horizon.end.isoformat(),
        "staff": scenario.staff.total.value,
        "seed": seed,
        "replications": len(base),
        "commands": sum(one.commands for one in found),
        "log": {"events": first.events, "head": first.head},
        "refused": _sum_refused(base),
        "totals": {name: _spread([one.totals[name] for one in base]) for name in first.totals},
        "known_work": [_judge(known, base) for known in scenario.known_work],
        "assumptions": [
            {"name": path, "value": figure.value, "basis": figure.basis, "source": figure.source, "low": figure.low,
             "high": figure.high, "unit": {"de": unit.de, "en": unit.en}}
            for path, figure, unit in find_figures(scenario)
        ],
    }  # fmt: skip
    return Casework(scenario, summary, frames, flow)


def _average(base: list[Figures], table: str) -> pl.DataFrame:
    """Mean over the replications, `_p10` and `_p90` beside it."""
    keys = KEYS[table]
    rows = [row for one in base for row in one.tables[table]]
    if not rows:
        return pl.DataFrame(schema=dict.fromkeys(keys, pl.String))
    frame = pl.DataFrame(rows, infer_schema_length=None)
    measures = [name for name in frame.columns if name not in keys]
    frame = frame.with_columns(pl.col(measures).cast(pl.Float64))
    grouped = frame.group_by(keys, maintain_order=True)
    return grouped.agg(
        part
        for name in measures
        for part in (
            pl.col(name).mean(),
            pl.col(name).quantile(0.1, "linear").alias(f"{name}_p10"),
            pl.col(name).quantile(0.9, "linear").alias(f"{name}_p90"),
        )
    )


_TIMES = dict.fromkeys(("before", "after", "gain", "gain_low", "gain_high"), pl.Float64)


def _compare_kinds(found: list[Figures]) -> Iterator[dict[str, Any]]:
    """Mean time under way on paper and electronic by kind of work, the same work in both."""
    electronic = {one.replication: one for one in found if not one.on_paper and one.relieved is None}
    paper = {one.replication: one for one in found if one.on_paper}
    if not paper:
        return
    kinds = [row["kind"] for row in next(iter(paper.values())).tables["kinds"]]
    for kind in (*kinds, WHOLE):
        pairs = [(_get_days(paper[n], kind), _get_days(electronic[n], kind)) for n in sorted(paper)]
        yield {"kind": kind, **_compare(pairs)}


def _get_days(figures: Figures, kind: str) -> float | None:
    """Of all slips sent, those that are not completed up to the end of the horizon: else whoever is slower would
    seem faster, since what lasts long is not completed.
    """
    if kind == WHOLE:
        return figures.totals["under_way_mean"]
    found: float | None = next(row["under_way_mean"] for row in figures.tables["kinds"] if row["kind"] == kind)
    return found


def _compare_relief(found: list[Figures]) -> Iterator[dict[str, Any]]:
    """Mean time under way without and with one more approver in a unit."""
    base = {one.replication: one for one in found if not one.on_paper and one.relieved is None}
    for unit in dict.fromkeys(one.relieved for one in found if one.relieved):
        pairs = [
            (_get_days(base[one.replication], WHOLE), _get_days(one, WHOLE))
            for one in found if one.relieved == unit
        ]  # fmt: skip
        yield {"unit": unit, **_compare(pairs)}


def _compare(pairs: list[tuple[float | None, float | None]]) -> dict[str, float | None]:
    """Means before and after, and their difference in pairs with its interval of 90 % (t distribution)."""
    known = [(before, after) for before, after in pairs if before is not None and after is not None]
    if not known:
        return dict.fromkeys(_TIMES)
    gains = [before - after for before, after in known]
    half = None
    if len(gains) > 1:
        t = T_90[len(gains) - 2] if len(gains) - 2 < len(T_90) else 1.7
        half = t * stdev(gains) / len(gains) ** 0.5
    gain = fmean(gains)
    return {
        "before": fmean(before for before, _ in known), "after": fmean(after for _, after in known), "gain": gain,
        "gain_low": None if half is None else gain - half, "gain_high": None if half is None else gain + half,
    }  # fmt: skip


def _spread(values: list[float | None]) -> dict[str, float | None]:
    known = [value for value in values if value is not None]
    if not known:
        return {"mean": None, "least": None, "most": None}
    return {"mean": fmean(known), "least": min(known), "most": max(known)}


def _judge(known: Any, base: list[Figures]) -> dict[str, Any]:
    """Whether each replication lies within what is known."""
    name = "records" if known.measure == "records" else "slips"
    values = [one.totals[name] or 0 for one in base]
    low, high = known.at_least.value, known.at_most.value
    return {
        "measure": known.measure, "date": known.day.isoformat(), "at_least": low, "at_most": high,
        "source": known.at_least.source, "least": min(values), "most": max(values),
        "within": sum(low <= value <= high for value in values), "of": len(values),
    }  # fmt: skip


def _sum_refused(base: list[Figures]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in base:
        for why, count in one.refused.items():
            found[why] = found.get(why, 0) + count
    return found
