"""The same run again with one thing different: what it is that makes the rollout late, and what would help.

All random numbers stay (common random numbers), so the difference is that of the one thing, and few runs are enough.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.forecast.measures import count_seats
from simulation.forecast.precision import estimate_mean_error
from simulation.forecast.simulated_rollout import SimulatedRollout, prepare
from simulation.levers.apply import change_scenario
from simulation.rollout.model import Model
from simulation.rollout.portfolio import Portfolio, convert_to_days
from simulation.rollout.simulate import simulate_go_lives
from simulation.scenario.model import RolloutScenario
from simulation.scenario.programme import Scenario
from simulation.validation.past_runs import list_planned_ends
from workflow.text import Text

Floats = NDArray[np.float64]
AS_STATED = None
"""In place of a value: the figure as the scenario states it, not drawn from its range."""


@dataclass(frozen=True)
class Variant:
    """One thing different in a run. `figures`: pattern of paths -> value, for a cause of delay that is taken away;
    `changes`: what a planner may decide, as in `--set`.
    """

    id: str
    kind: Literal["cause", "help"]
    title: Text
    figures: dict[str, float | None] = field(default_factory=dict)
    changes: tuple[str, ...] = ()


VARIANTS = (
    Variant(
        "work", "cause",
        Text("Projekte machen mehr Arbeit als geplant", "projects take more work than planned"),
        {r"^risks\.duration\.programme$": 1.0, r"^risks\.rework$": 0.0},
    ),
    Variant(
        "capacities", "cause",
        Text("es sind weniger Teams, Schulende und Bereitstellungsplätze da, als der Plan braucht",
             "there are fewer teams, trainers and provisioning slots than the plan needs"),
        {r"^risks\.shortage\.": 1.0, r"^rollout\.(teams|training\.trainers|provisioning\.slots)\.": AS_STATED},
    ),
    Variant(
        "staff_councils", "cause",
        Text("Projekte warten auf Personalräte", "projects wait for staff councils"),
        {r"^rollout\.staff_council\.days_": 0.0},
    ),
    Variant(
        "releases", "cause",
        Text("Projekte warten auf Software-Releases", "projects wait for releases of the software"),
        {r"^rollout\.releases\.needed$": 0.0},
    ),
    Variant(
        "protection", "cause",
        Text("Schutzbedarfsanalysen dauern länger", "analyses of protection need take longer"),
        {r"^risks\.protection\.analysis\.probability$": 0.0},
    ),
    Variant(
        "events", "cause",
        Text("Umorganisation, Freeze und andere Ereignisse", "reorganisation, freezes and other events"),
        {r"^risks\.events\..*\.probability$": 0.0},
    ),
    Variant("teams", "help", Text("ein Viertel mehr Rollout-Teams", "a quarter more rollout teams"),
            changes=("rollout.teams*=1.25",)),
    Variant("trainers", "help", Text("ein Viertel mehr Schulende", "a quarter more trainers"),
            changes=("rollout.trainers*=1.25",)),
    Variant("slots", "help", Text("ein Viertel mehr Bereitstellungsplätze", "a quarter more provisioning slots"),
            changes=("rollout.slots*=1.25",)),
    Variant("council_days", "help",
            Text("Beteiligung der Personalräte ein Viertel kürzer", "involvement of staff councils a quarter shorter"),
            changes=("rollout.staff_council_days*=0.75",)),
)  # fmt: skip


@dataclass(frozen=True)
class VariantsRun:
    """`gains`: shape (variants, planned year ends), users of the E-Laufmappe by which one run has more with each of
    `VARIANTS` than as it was.
    """

    gains: Floats


def simulate_variants(scenario: Scenario, seed: int, number: int, run: SimulatedRollout) -> VariantsRun:
    """Run `number` with each variant in turn. `run`: as it was."""
    base = _count(scenario, run.calendar, run.go_live, run.outcome.portfolio)
    gains = []
    for variant in VARIANTS:
        changed = _change(scenario, variant.changes)
        model, change, move = prepare(changed, seed)
        times, portfolio = simulate_go_lives(model, number, change, move, _list_values(model, variant))
        gains.append(_count(changed, run.calendar, convert_to_days(run.calendar, times), portfolio) - base)
    return VariantsRun(np.array(gains).reshape(len(VARIANTS), len(list_planned_ends(scenario.spec))))


def _list_values(model: Model, variant: Variant) -> dict[str, float]:
    """By path what the variant sets."""
    stated = model.figures.stated
    return {
        path: stated[path] if value is AS_STATED else value
        for pattern, value in variant.figures.items()
        for path in stated
        if re.search(pattern, path)
    }


def _count(scenario: Scenario, calendar: Calendar, go_live: Floats, portfolio: Portfolio) -> Floats:
    """Users of the E-Laufmappe at the planned year ends."""
    course = count_seats(scenario, calendar, go_live, portfolio.seats[1])
    return course.count_on(np.array([float(calendar.get_day(day)) for day in list_planned_ends(scenario.spec)]))


_CHANGED: dict[tuple[str, tuple[str, ...]], Scenario] = {}


def _change(scenario: Scenario, texts: tuple[str, ...]) -> Scenario:
    """The scenario with more changes; checked once."""
    key = (scenario.digest, texts)
    if key not in _CHANGED:
        if len(_CHANGED) > 64:
            _CHANGED.clear()
        _CHANGED[key] = change_scenario(scenario, texts) if texts else scenario
    return _CHANGED[key]


def describe_variants(spec: RolloutScenario, runs: Sequence[VariantsRun]) -> list[dict[str, Any]]:
    """What each variant gains at each planned year end: mean over the runs and its 95 % interval, most first."""
    if not runs:
        return []
    gains = np.stack([run.gains for run in runs])
    mean = gains.mean(axis=0)
    half = 1.96 * estimate_mean_error(gains)
    rows = [
        {
            "id": variant.id, "kind": variant.kind, "name": variant.title.en, "title_de": variant.title.de,
            "title_en": variant.title.en, "date": day.isoformat(), "users": round(float(mean[v, d])),
            "low": _whole(mean[v, d] - half[v, d]), "high": _whole(mean[v, d] + half[v, d]), "runs": len(gains),
        }
        for v, variant in enumerate(VARIANTS)
        for d, day in enumerate(list_planned_ends(spec))
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row["date"], row["kind"], -row["users"]))


def _whole(value: float) -> int | None:
    return round(float(value)) if np.isfinite(value) else None
