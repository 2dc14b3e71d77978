"""A scenario made ready for many runs: calendar, lists as arrays, random streams."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.random_streams import make_keys
from simulation.rollout.conditions import Dated
from simulation.rollout.portfolio import Portfolio, build_calendar, build_portfolio
from simulation.rollout.reconstruction import Reconstruction
from simulation.rollout.risks import Figures
from simulation.scenario.programme import Scenario


@dataclass(frozen=True, eq=False)
class Model:
    """A scenario with a seed. Everything that does not differ between runs is computed once, when it is needed.

    `unchanged`: the model of the scenario that this one is a what-if of. What is known of the past is the same for
    both, and so are the draws that agree with it.
    """

    scenario: Scenario
    seed: int
    unchanged: "Model | None" = None

    @cached_property
    def calendar(self) -> Calendar:
        return build_calendar(self.scenario)

    @cached_property
    def months(self) -> int:
        """Months of the calendar, which goes on after the horizon."""
        return len(self.calendar.month_starts) - 1

    @cached_property
    def portfolio(self) -> Portfolio:
        """The lists as they stand in the files."""
        return build_portfolio(self.scenario, self.calendar)

    @cached_property
    def reconstruction(self) -> Reconstruction:
        return Reconstruction(self.scenario, self.portfolio, self.calendar, self.seed)

    def draw_portfolio(self, number: int) -> Portfolio:
        """The lists of the run with this number: its own, or those of the files."""
        ensemble = self.scenario.spec.reconstruction == "ensemble"
        return self.reconstruction.draw(number) if ensemble else self.portfolio

    @cached_property
    def as_of(self) -> float:
        return self.calendar.get_time(self.scenario.spec.as_of.value)

    @cached_property
    def figures(self) -> Figures:
        return Figures(self.scenario.spec, self.seed)

    @cached_property
    def dated(self) -> Dated:
        return Dated(self.scenario.spec, self.seed)

    @cached_property
    def project_keys(self) -> NDArray[np.uint64]:
        return make_keys(self.seed, [p.id for p in self.scenario.projects], "project")

    @cached_property
    def needed(self) -> list[list[int]]:
        """The projects that each project waits for, by number."""
        number = {p.id: n for n, p in enumerate(self.scenario.projects)}
        return [[number[name] for name in p.depends_on] for p in self.scenario.projects]

    @cached_property
    def number_of(self) -> dict[str, int]:
        """The number of each authority by its id."""
        return {a.id: n for n, a in enumerate(self.scenario.authorities)}

    @cached_property
    def high(self) -> NDArray[np.bool_]:
        """Whether each authority has high protection need, shape (authorities,)."""
        return np.array([a.protection == "high" for a in self.scenario.authorities])

    @cached_property
    def high_projects(self) -> NDArray[np.bool_]:
        """Whether any authority of each project has high protection need, as the lists stand, shape (projects,)."""
        return find_high_projects(self, self.portfolio)

    @cached_property
    def departments(self) -> list[str]:
        """Departments in the order of the list."""
        return list(dict.fromkeys(a.department for a in self.scenario.authorities))

    @cached_property
    def department_of(self) -> NDArray[np.int64]:
        """The department of each authority, by number, shape (authorities,)."""
        number = {name: n for n, name in enumerate(self.departments)}
        return np.array([number[a.department] for a in self.scenario.authorities])

    @cached_property
    def provider_of(self) -> NDArray[np.int64]:
        """The IT provider of each authority, by its number in the scenario; -1 where none has its kind."""
        of = {kind: n for n, one in enumerate(self.scenario.spec.rollout.providers) for kind in one.kinds}
        return np.array([of.get(a.kind, -1) for a in self.scenario.authorities])


def find_high_projects(model: Model, portfolio: Portfolio) -> NDArray[np.bool_]:
    """Whether any authority of each project of a portfolio has high protection need, shape (projects,)."""
    high = np.zeros(len(portfolio.windows), dtype=bool)
    high[portfolio.project[model.high]] = True
    return high
