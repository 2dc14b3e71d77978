"""Outcomes: the numbers that scenarios are compared by, each with its name, unit, and whether more of it is better.

They are known before anything is run, so that what a question names can be told to be unknown at once.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.forecast.measures import get_due_days
from simulation.forecast.replication import ScanRun
from simulation.forecast.tables import PRODUCTS
from simulation.inputs.faults import Unanswerable
from simulation.questions.runs import KeyRun
from simulation.scan_line.centre import MonthFigures
from simulation.scenario.programme import Scenario
from simulation.scenario.units import AUTHORITIES, CALENDAR_DAYS, ITEMS, PEOPLE, SHARE, Unit
from simulation.validation.past_runs import choose_headline, list_planned_ends
from workflow.text import Text

Floats = NDArray[np.float64]
Column = MonthFigures._fields.index
USERS = "users.e_laufmappe."
SCANS = "scan."
"""With which names of outcomes begin that are of the scan centres."""


class Outcome(NamedTuple):
    """`read`: its number in one run, a `KeyRun` or of a scan centre a `ScanRun`; of a deadline 1 where it holds."""

    name: str
    title: Text
    unit: Unit
    better: Literal[-1, 0, 1]
    read: Callable[[Any], float]

    @property
    def is_chance(self) -> bool:
        return self.name.startswith("deadline.")

    @property
    def is_of_scans(self) -> bool:
        return self.name.startswith(SCANS)

    def measure(self, runs: Sequence[KeyRun] | Sequence[ScanRun]) -> Floats:
        """In each run, shape (runs,); NaN where the run has nothing to measure."""
        return np.array([self.read(run) for run in runs], dtype=float)


def list_outcomes(scenario: Scenario, *, scans: bool = False) -> list[Outcome]:
    found = [*_list_rollout(scenario), *_list_deadlines(scenario)]
    return found + (_list_scans(scenario) if scans else [])


def find_outcome(outcomes: Sequence[Outcome], name: str | None) -> Outcome:
    """The outcome of this name. Where none is named: E-Laufmappe users at the end of the year that
    reports begin with (`choose_headline`). Raises `Unanswerable` with the names of all for an unknown one.
    """
    years = [int(one.name.removeprefix(USERS)) for one in outcomes if one.name.startswith(USERS)]
    usual = f"{USERS}{choose_headline(years)}" if years else outcomes[0].name
    found = next((one for one in outcomes if one.name == (name or usual)), None)
    if found is None:
        known = ", ".join(one.name for one in outcomes)
        unknown = Text(f"unbekannte Größe „{name}“", f"unknown outcome `{name}`")
        raise Unanswerable("--outcome", unknown, Text(f"eine von {known}", f"one of {known}"))
    return found


def _list_rollout(scenario: Scenario) -> list[Outcome]:
    found = []
    for y, day in enumerate(list_planned_ends(scenario.spec)):
        for p, (product, title) in enumerate(PRODUCTS.items()):
            name = Text(f"Personen mit {title} Ende {day.year}", f"users of {title} at the end of {day.year}")
            found.append(Outcome(f"users.{product}.{day.year}", name, PEOPLE, 1, partial(_read, "users", (p, y))))
        name = Text(f"gestartete Behörden Ende {day.year}", f"authorities live at the end of {day.year}")
        found.append(Outcome(f"authorities_live.{day.year}", name, AUTHORITIES, 1, partial(_read, "live", (y,))))
    late = Text("Behörden starten später als geplant, im Mittel", "authorities go live later than planned, on average")
    return [*found, Outcome("delay", late, CALENDAR_DAYS, -1, partial(_read, "delay", (0,)))]


def _read(field: str, place: tuple[int, ...], run: KeyRun) -> float:
    return float(getattr(run, field)[place])


def _list_deadlines(scenario: Scenario) -> list[Outcome]:
    return [
        Outcome(
            f"deadline.{deadline.id}", Text(deadline.title.de, deadline.title.en), SHARE, 1, partial(_holds, n, due)
        )
        for n, (deadline, due) in enumerate(zip(scenario.spec.deadlines, get_due_days(scenario.spec), strict=True))
    ]


def _holds(deadline: int, due: float, run: KeyRun) -> float:
    return float(run.met[deadline] <= due)


def _list_scans(scenario: Scenario) -> list[Outcome]:
    """Items, share within the target and the largest backlog of each centre in each year that it is open."""
    spec, found = scenario.spec, []
    for c, centre in enumerate(spec.scan.centres):
        for year in range(max(centre.opens.value.year, spec.as_of.value.year), spec.horizon.end.year + 1):
            first = 12 * (year - spec.horizon.start.year) + 1 - spec.horizon.start.month
            months = slice(max(first, 0), first + 12)
            stem, de, en = f"{SCANS}{centre.id}", f"{centre.title.de} {year}", f"{centre.title.en} {year}"
            items, within, backlog = (
                Text(f"{de}: Sendungen", f"{en}: items"),
                Text(f"{de}: im Zielwert", f"{en}: within target"),
                Text(f"{de}: größter Rückstand", f"{en}: largest backlog"),
            )
            found += [
                Outcome(f"{stem}.items.{year}", items, ITEMS, 0, partial(_count_items, c, months)),
                Outcome(f"{stem}.within_target.{year}", within, SHARE, 1, partial(_share_within, c, months)),
                Outcome(f"{stem}.backlog.{year}", backlog, ITEMS, -1, partial(_find_backlog, c, months)),
            ]
    return found


def _get_months(centre: int, months: slice, column: str, run: ScanRun) -> Floats:
    found: Floats = np.nan_to_num(run.figures[centre, months, Column(column)])
    return found


def _count_items(centre: int, months: slice, run: ScanRun) -> float:
    return float(_get_months(centre, months, "items_in", run).sum())


def _share_within(centre: int, months: slice, run: ScanRun) -> float:
    """NaN where no item was to be measured against the target."""
    measured = _get_months(centre, months, "items_measured", run)
    within = float((measured * _get_months(centre, months, "within_target", run)).sum())
    return within / float(measured.sum()) if measured.sum() > 0 else np.nan


def _find_backlog(centre: int, months: slice, run: ScanRun) -> float:
    return float(_get_months(centre, months, "backlog_end", run).max())
