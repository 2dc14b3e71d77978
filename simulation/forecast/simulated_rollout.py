"""The rollout of one run: what forecasts, questions and the staffing of scan centres all begin with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar, get_calendar
from simulation.forecast.found_draws import FoundDraws, hand_over
from simulation.levers.apply import apply_changes, list_figure_changes, read_changes
from simulation.levers.lists import change_authorities, move_projects
from simulation.random_streams import Streams
from simulation.rollout.model import Model
from simulation.rollout.outcome import Outcome
from simulation.rollout.portfolio import YEARS_AFTER, Portfolio, convert_to_days
from simulation.rollout.simulate import Change, Move, get_model, simulate, simulate_plan
from simulation.scan_line.centre import open_late
from simulation.scenario.figures import replace_figures
from simulation.scenario.model import RolloutScenario
from simulation.scenario.programme import Scenario

Floats = NDArray[np.float64]
MOST_CHANGED = 4
_CHANGED: dict[str, Model] = {}
"""Models of scenarios with changed lists, by digest."""


class Prepared(NamedTuple):
    """The model of a scenario, and what its changes do to the figures and to the lists of every run."""

    model: Model
    change: Change | None
    move: Move | None


@dataclass(frozen=True)
class SimulatedRollout:
    """`scenario`: with the figures of the run, and its scan centres open when they are; `go_live`: (authorities,) days
    of `calendar`; `streams`: the random numbers of the run.
    """

    prepared: Prepared
    outcome: Outcome
    scenario: Scenario
    calendar: Calendar
    go_live: Floats
    streams: Streams

    @property
    def with_lists(self) -> Scenario:
        """The scenario with the authorities as the run has them too."""
        return replace(self.scenario, authorities=self.outcome.authorities)


def simulate_rollout(
    scenario: Scenario, mode: str, seed: int, number: int, found: FoundDraws | None = None,
    values: Mapping[str, float] | None = None,
) -> SimulatedRollout:  # fmt: skip
    """The run with this number. In mode `plan` nothing is drawn.

    `found`: the draws that agree with what is known; without them they are looked for here. `values`: figures by path
    that are taken in place of those that would be drawn, before the changes of the scenario.
    """
    model, changed, move = prepared = prepare(scenario, seed)
    change = _combine(changed, values) if values else changed
    if found is not None:
        hand_over(found, model)
    simulated = simulate(model, number, change=change, move=move) if mode == "risk" else None
    return follow_rollout(scenario, prepared, simulated or simulate_plan(model, change, move), Streams(seed, number))


def follow_rollout(scenario: Scenario, prepared: Prepared, outcome: Outcome, streams: Streams) -> SimulatedRollout:
    """What came out of a run, in calendar days and with the scan centres open when they are."""
    of_run = replace(outcome.scenario, changes=scenario.changes, digest=scenario.digest)
    calendar = get_long_calendar(scenario.spec)
    return SimulatedRollout(
        prepared, outcome, open_late(of_run, outcome.late_centres), calendar,
        convert_to_days(calendar, outcome.go_live), streams,
    )  # fmt: skip


def get_long_calendar(spec: RolloutScenario) -> Calendar:
    """The days over which a rollout is followed: what is late is still told when."""
    return get_calendar(spec.horizon.start, date(spec.horizon.end.year + YEARS_AFTER, 12, 31))


def prepare(scenario: Scenario, seed: int) -> Prepared:
    base = get_model(scenario, seed)
    listed = read_changes(scenario)
    changes, first = list_figure_changes(scenario), scenario.spec.as_of.value + timedelta(1)
    authorities = change_authorities(scenario, listed)
    model = base
    if authorities is not scenario.authorities:
        if scenario.digest not in _CHANGED:
            while len(_CHANGED) >= MOST_CHANGED:
                _CHANGED.pop(next(iter(_CHANGED)))
            _CHANGED[scenario.digest] = Model(replace(base.scenario, authorities=authorities), seed, base)
        model = _CHANGED[scenario.digest]

    def move(portfolio: Portfolio) -> Portfolio:
        windows, go_live = move_projects(
            scenario, listed, model.calendar, portfolio.project, portfolio.windows, portfolio.go_live
        )
        return replace(portfolio, windows=windows, go_live=go_live)

    moves = any(lever.path[0] == "project" for _, lever in listed)
    change = (lambda spec: apply_changes(spec, changes, first)) if changes else None
    return Prepared(model, change, move if moves else None)


def _combine(change: Change | None, values: Mapping[str, float]) -> Change:
    """First the values, then the changes of the scenario."""

    def set_values(spec: RolloutScenario) -> RolloutScenario:
        found: RolloutScenario = replace_figures(spec, dict(values))
        return change(found) if change else found

    return set_values
