"""The project portfolio as arrays: which authority is in which project, how large it is, and when it is planned."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar, get_calendar
from simulation.scenario.figures import copy_model
from simulation.scenario.programme import Authority, Scenario

YEARS_AFTER = 10
"""Years after the horizon in which a late rollout is still followed."""


@dataclass(frozen=True)
class Portfolio:
    """The lists of authorities and projects in their order. Times are in working days.

    `seats`: shape (2, authorities), E-Akte and E-Laufmappe; `project`: (authorities,), number of the project;
    `go_live`: (authorities,), planned; `windows`: (projects, 6), planned start and end of preparation, introduction
    and operation.
    """

    seats: NDArray[np.int64]
    project: NDArray[np.int64]
    go_live: NDArray[np.float64]
    windows: NDArray[np.float64]

    @cached_property
    def members(self) -> list[list[int]]:
        """The authorities of each project in the order of their planned go-lives."""
        members: list[list[int]] = [[] for _ in self.windows]
        for authority in np.argsort(self.go_live, kind="stable").tolist():
            members[self.project[authority]].append(authority)
        return members


def build_calendar(scenario: Scenario) -> Calendar:
    """The days of the horizon and of the years after it; within the horizon numbered as there."""
    horizon = scenario.spec.horizon
    return get_calendar(horizon.start, date(horizon.end.year + YEARS_AFTER, 12, 31))


def build_portfolio(scenario: Scenario, calendar: Calendar) -> Portfolio:
    """The lists as they stand in the scenario's files."""
    number = {p.id: n for n, p in enumerate(scenario.projects)}
    people = scenario.authorities
    edges = [f"{phase}_{edge}" for phase in ("preparation", "introduction", "operation") for edge in ("start", "end")]
    return Portfolio(
        np.array([[a.users_e_akte for a in people], [a.users_e_laufmappe for a in people]]),
        np.array([number[a.project] for a in people]),
        np.array([calendar.get_time(a.go_live) for a in people]),
        np.array([[calendar.get_time(getattr(p, edge)) for edge in edges] for p in scenario.projects]),
    )


def convert_to_days(calendar: Calendar, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Times in working days as day numbers, `inf` for what does not come while the calendar lasts."""
    numbers = np.append(calendar.working_days.astype(float), np.inf)
    index = np.minimum(np.ceil(np.where(np.isfinite(times), times, 1e9) - 1e-9), len(numbers) - 1)
    result: NDArray[np.float64] = numbers[index.astype(np.int64)]
    return result


def list_authorities(scenario: Scenario, portfolio: Portfolio) -> tuple[Authority, ...]:
    """The authorities with the seats and projects that a portfolio gives them."""
    akte, laufmappe = portfolio.seats.tolist()
    projects = [scenario.projects[number].id for number in portfolio.project.tolist()]
    changed = zip(scenario.authorities, akte, laufmappe, projects, strict=True)
    return tuple(
        copy_model(one, {"users_e_akte": e, "users_e_laufmappe": u, "project": project})
        for one, e, u, project in changed
    )
