"""What one run of the rollout leaves, and what follows from it: use of capacities by month, slack of projects."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.rollout.conditions import Demand
from simulation.rollout.portfolio import Portfolio, list_authorities
from simulation.scenario.programme import Authority, Scenario

POOLS = ("teams", "trainers", "slots")


class Handover(NamedTuple):
    """One project waited for another at a time and could begin `gap` working days after it was free to."""

    time: float
    before: int
    after: int
    gap: float


@dataclass(frozen=True)
class Outcome:
    """One run. Times in working days of the horizon and of the years after it; `inf` for what never comes.

    `scenario`: with the figures drawn for this run; `portfolio`: the lists drawn for it; `phases`: shape
    (projects, 6), start and end of preparation, introduction and operation; `go_live`: (authorities,); `slack`:
    (projects,), working days by which the introduction of a project may end later before the programme does; `use`
    and `capacity`: mean units in use and there in each month of the calendar, shape (3, months), in the order of
    `POOLS`; `trained`: (months,), people trained; `waited`: working days that projects and authorities waited, by
    pool; `person_days`: work done until the end, by pool; `late_centres`: (centres,), days that scan centres open
    later than their date; `mail`: kind of authority -> factor on its mail per day; `drawn`: the
    figures drawn, by path, and `draw` the number of their draw; `events`: how many events SimPy went through;
    `own_use`: trainers and slots that the own jobs use of those that programmes share, as `use`, shape (months,) each.
    """

    scenario: Scenario
    portfolio: Portfolio
    phases: NDArray[np.float64]
    go_live: NDArray[np.float64]
    slack: NDArray[np.float64]
    use: NDArray[np.float64]
    capacity: NDArray[np.float64]
    trained: NDArray[np.float64]
    waited: dict[str, float]
    person_days: dict[str, float]
    late_centres: NDArray[np.float64]
    demand: Demand
    drawn: dict[str, float]
    draw: int
    events: int
    own_use: dict[str, NDArray[np.float64]]

    @cached_property
    def authorities(self) -> tuple[Authority, ...]:
        """The list of authorities drawn for this run."""
        return list_authorities(self.scenario, self.portfolio)


def compute_slack(ends: NDArray[np.float64], handovers: Sequence[Handover]) -> NDArray[np.float64]:
    """Working days that each project has before the last end moves, shape (projects,).

    Backwards in time: who waited for a project has its own slack, and the gap to it.
    """
    last = ends[np.isfinite(ends)].max(initial=0.0)
    slack = np.where(np.isfinite(ends), last - ends, np.inf)
    for one in sorted(handovers, reverse=True):
        slack[one.before] = min(slack[one.before], one.gap + slack[one.after])
    return slack


def average_by_month(daily: NDArray[np.float64], calendar: Calendar, months: int) -> NDArray[np.float64]:
    """Mean per working day in each of the first `months` months, shape (months,), of values per working day."""
    edges = calendar.working_days_before[np.array(calendar.month_starts[: months + 1])]
    total = np.concatenate([[0.0], np.cumsum(daily)])
    found: NDArray[np.float64] = np.diff(total[edges]) / np.maximum(np.diff(edges), 1)
    return found


def average_held(held: Sequence[tuple[float, float, int]], calendar: Calendar, months: int) -> NDArray[np.float64]:
    """Mean units held in each of the first `months` months, shape (months,)."""
    if not held:
        return np.zeros(months)
    edges = calendar.working_days_before[np.array(calendar.month_starts[: months + 1])].astype(float)
    begin, end, units = np.array(held, dtype=float).T
    covered = np.clip(edges[None, :], begin[:, None], end[:, None]) - begin[:, None]
    found: NDArray[np.float64] = units @ np.diff(covered, axis=1) / np.maximum(np.diff(edges), 1)
    return found
