"""Risks of one replication: how long each project takes, and how much of the planned capacities is available.

Two kinds of uncertainty are kept apart. Assumed figures of a scenario are drawn once per replication from the
triangular distribution over their range. Delays and durations are then drawn for each project with those figures.
Evidence for the ranges stands with each figure in the scenario; all of it dates from before September 2021.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np

from simulation.calendar import Calendar
from simulation.random_streams import Streams
from simulation.rollout.resource_pool import Level
from simulation.scenario.figures import find_figures, replace_figures
from simulation.scenario.model import Delay, RolloutScenario
from simulation.scenario.programme import Scenario

DRAWN = ("risks.", "adoption.", "work.", "mail.", "scan.items.", "scan.paper.")
"""Sections whose assumed figures are uncertain. Capacities, dates and targets are decisions and are not drawn."""


class ProjectLuck(NamedTuple):
    """How one project goes: the factor on its durations (at least 1) and its delays in working days."""

    factor: float
    preparation_delay: float
    introduction_delay: float


@dataclass(frozen=True)
class Luck:
    """One replication's luck. `protection_released` is a time in working days."""

    risky: bool
    projects: dict[str, ProjectLuck]
    protection_released: float
    provisioning_pace: float


def draw_scenario(spec: RolloutScenario, streams: Streams) -> RolloutScenario:
    """The scenario with every uncertain figure drawn; each from its own stream, so that figures do not disturb
    each other.
    """
    values: dict[str, float] = {}
    for path, figure, _ in find_figures(spec):
        if path.startswith(DRAWN) and figure.basis == "assumed" and figure.uncertain:
            low, high = cast("float", figure.low), cast("float", figure.high)
            values[path] = streams.generator(path, "figure").triangular(low, figure.value, high)
    drawn: RolloutScenario = replace_figures(spec, values)
    return drawn


def get_planned_luck(scenario: Scenario, calendar: Calendar) -> Luck:
    quiet = ProjectLuck(1.0, 0.0, 0.0)
    released = calendar.get_time(scenario.spec.risks.protection.released.value)
    return Luck(False, dict.fromkeys((p.id for p in scenario.projects), quiet), released, 1.0)


def draw_luck(scenario: Scenario, calendar: Calendar, streams: Streams) -> Luck:
    """Mode `risk`: the luck of every project, each from its own stream."""
    risks = scenario.spec.risks
    high = {a.project for a in scenario.authorities if a.protection == "high"}
    projects = {
        p.id: _draw_project_luck(scenario.spec, p.id in high, streams.generator(p.id, "project"))
        for p in scenario.projects
    }
    released = calendar.get_time(risks.protection.released.value)
    return Luck(True, projects, released, risks.shortage.provisioning.value)


def _draw_project_luck(spec: RolloutScenario, high: bool, rng: np.random.Generator) -> ProjectLuck:
    risks = spec.risks
    sigma = risks.duration.spread.value
    own = math.exp(sigma * rng.standard_normal() - sigma * sigma / 2)
    delays = (risks.staff_council, risks.protection.analysis, risks.release_slip)
    consent, analysis, slip = (_draw_delay(rng, delay) for delay in delays)
    return ProjectLuck(
        factor=max(1.0, risks.duration.programme.value * own),
        preparation_delay=consent + (analysis if high else 0.0),
        introduction_delay=slip,
    )


def _draw_delay(rng: np.random.Generator, delay: Delay) -> float:
    """Working days lost; both numbers are always drawn, so that a probability does not shift later draws."""
    hit, days = rng.random(), rng.gamma(2.0)
    return float(days / 2.0 * delay.mean_days.value) if hit < delay.probability.value else 0.0


def compute_capacity_levels(spec: RolloutScenario, calendar: Calendar, luck: Luck) -> dict[str, list[Level]]:
    """Teams, trainers and slots over time: as planned, and after `as_of` what shortage and reorganisation leave."""
    rollout, risks = spec.rollout, spec.risks
    begin = calendar.get_time(risks.reorganisation.start.value)
    end = begin + risks.reorganisation.months.value * len(calendar.working_days) / len(calendar.list_month_ends())
    lost = (begin, end, risks.reorganisation.lost.value)
    as_of = calendar.get_time(spec.as_of.value) if luck.risky else math.inf
    shares = {"teams": risks.shortage.teams.value, "trainers": risks.shortage.trainers.value, "slots": 1.0}
    steps = {"teams": rollout.teams, "trainers": rollout.training.trainers, "slots": rollout.provisioning.slots}
    levels: dict[str, list[Level]] = {}
    for name, planned in steps.items():
        points = [(calendar.get_time(step.start), step.value.value) for step in planned]
        levels[name] = []
        for time in sorted({start for start, _ in points} | ({as_of, begin, end} if luck.risky else set())):
            capacity = next((capacity for start, capacity in reversed(points) if start <= time), 0)
            left = _reduce_capacity(capacity, time, as_of, shares[name], lost if name == "slots" else None)
            levels[name].append(Level(time, left))
    return levels


def _reduce_capacity(
    planned: int, time: float, as_of: float, share: float, lost: tuple[float, float, float] | None
) -> int:
    """The capacity left at a time, rounded; at least one where any was planned, because the programme goes on."""
    if time < as_of:
        return planned
    left = planned * share
    if lost and lost[0] <= time < lost[1]:
        left *= 1 - lost[2]
    return max(round(left), min(planned, 1))
