"""The lists drawn anew: sizes within their kind, the cut into projects, and the order, with every total kept.

The report gives totals and not the lists (Y02, Y03), so the shipped lists are one guess of many. Here each run has its
own. What the report fixes stays: the authorities that are live, known sizes, and the users of each kind that go live
in each year, and that are in preparation on the day of the pipeline, to the person.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.random_streams import draw_uniforms, make_keys
from simulation.rollout.portfolio import Portfolio, convert_to_days
from simulation.rollout.risks import draw_factors, invert_triangular
from simulation.scenario.programme import Scenario

LEAST_MEMBERS = 4
"""Projects with fewer authorities of a kind are no clusters: their authorities stay with them."""
ATTEMPTS = 8
"""Orders tried before the one of the list is taken: some would put a project before what it depends on."""
CUT_SPREAD = 0.2
"""Spread of the number of authorities in a cluster; the report says nothing of it (Y02)."""


@dataclass(frozen=True)
class _Cluster:
    """Authorities of one kind and department that may be in any of several projects."""

    authorities: NDArray[np.int64]
    projects: NDArray[np.int64]
    counts: NDArray[np.int64]


class Reconstruction:
    """Draws lists for runs from those of a scenario."""

    def __init__(self, scenario: Scenario, base: Portfolio, calendar: Calendar, seed: int) -> None:
        people = scenario.authorities
        self._base = base
        as_of = calendar.get_time(scenario.spec.as_of.value)
        self._fixed = np.array([a.users_basis != "assumed" for a in people]) | (base.go_live <= as_of)
        self._with_akte = base.seats[0] > 0
        self._bounds = np.array(
            [(a.users_low or a.users_e_laufmappe, a.users_e_laufmappe, a.users_high or a.users_e_laufmappe)
             for a in people], dtype=float,
        ).T  # fmt: skip
        self._cells = _number_cells(scenario, base, calendar)
        self._totals = np.bincount(self._cells, base.seats[1])
        self._exchanges = _find_exchanges(scenario, base, as_of)
        self._clusters = _find_clusters(scenario, base, as_of, self._cells)
        self._needed = _list_dependencies(scenario)
        self._authority_keys = make_keys(seed, [a.id for a in people], "reconstruction")
        self._project_keys = make_keys(seed, [p.id for p in scenario.projects], "reconstruction")

    def draw(self, number: int) -> Portfolio:
        """The lists of the run with this number."""
        base = self._base
        of_authority = draw_uniforms(self._authority_keys, number, 2)
        of_project = draw_uniforms(self._project_keys, number, ATTEMPTS + 2)
        windows, go_live = base.windows.copy(), base.go_live.copy()
        project, cells = base.project.copy(), self._cells.copy()
        for exchange in self._exchanges:
            self._reorder(exchange, of_project, windows, go_live, cells)
        for cluster in self._clusters:
            self._cut(cluster, of_project, of_authority[:, 0], project, cells)
        users = self._draw_sizes(of_authority[:, 1], cells)
        for cluster in self._clusters:
            self._spread_go_lives(cluster, users, project, go_live)
        return Portfolio(np.stack([np.where(self._with_akte, users, 0), users]), project, go_live, windows)

    def _reorder(
        self, exchange: NDArray[np.int64], uniforms: NDArray[np.float64], windows: NDArray[np.float64],
        go_live: NDArray[np.float64], cells: NDArray[np.int64],
    ) -> None:  # fmt: skip
        """Let projects with one authority each change places, unless one then came before what it depends on."""
        base = self._base
        members = np.array([base.members[p][0] for p in exchange])
        for attempt in range(ATTEMPTS):
            places = exchange[np.argsort(uniforms[exchange, attempt])]
            windows[exchange] = base.windows[places]
            if (windows[self._needed[1], 2] >= windows[self._needed[0], 3]).all():
                taken = np.array([base.members[p][0] for p in places])
                go_live[members], cells[members] = base.go_live[taken], self._cells[taken]
                return
        windows[exchange] = base.windows[exchange]

    def _cut(
        self, cluster: _Cluster, uniforms: NDArray[np.float64], order: NDArray[np.float64],
        project: NDArray[np.int64], cells: NDArray[np.int64],
    ) -> None:  # fmt: skip
        """Put the authorities of a cluster into its projects, in random order, about as many in each as before."""
        one, other = uniforms[cluster.projects, ATTEMPTS:].T
        factors = draw_factors(one, other, CUT_SPREAD)
        counts = distribute(cluster.counts * factors, len(cluster.authorities))
        drawn = cluster.authorities[np.argsort(order[cluster.authorities])]
        project[drawn] = np.repeat(cluster.projects, counts)
        first = np.array([self._base.members[p][-1] for p in cluster.projects])
        cells[drawn] = np.repeat(self._cells[first], counts)

    def _draw_sizes(self, shares: NDArray[np.float64], cells: NDArray[np.int64]) -> NDArray[np.int64]:
        """Users of each authority from its range, scaled so that each cell has its total."""
        drawn = np.where(self._fixed, self._base.seats[1], invert_triangular(shares, *self._bounds))
        users: NDArray[np.int64] = self._base.seats[1].copy()
        for cell in np.unique(cells[~self._fixed]):
            inside = cells == cell
            free = np.flatnonzero(inside & ~self._fixed)
            left = int(self._totals[cell]) - int(self._base.seats[1][inside & self._fixed].sum())
            users[free] = distribute(drawn[free], left)
        return users

    def _spread_go_lives(
        self, cluster: _Cluster, users: NDArray[np.int64], project: NDArray[np.int64], go_live: NDArray[np.float64]
    ) -> None:
        """Planned go-lives of each project evenly from its first to its last, small authorities first."""
        for number in cluster.projects.tolist():
            members = cluster.authorities[project[cluster.authorities] == number]
            days = self._base.go_live[self._base.members[number]]
            go_live[members[np.argsort(users[members], kind="stable")]] = np.round(
                np.linspace(days.min(), days.max(), len(members))
            )


def distribute(weights: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Whole numbers in proportion to `weights`, at least 1 each, that add up to `total` (largest remainders)."""
    spare = total - len(weights)
    exact = weights * (spare / weights.sum())
    whole: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    whole[np.argsort(whole - exact, kind="stable")[: spare - int(whole.sum())]] += 1
    whole += 1
    return whole


def _number_cells(scenario: Scenario, base: Portfolio, calendar: Calendar) -> NDArray[np.int64]:
    """For each authority the number of its cell: kind, product, year of go-live, in preparation on the day known."""
    days = convert_to_days(calendar, base.go_live)
    pipeline = scenario.spec.pipeline
    known = calendar.get_time(pipeline.day) if pipeline else -1.0
    names = [
        (a.kind, a.users_e_akte > 0, calendar.start.year + int(day // 365.25), base.windows[p, 0] <= known)
        for a, day, p in zip(scenario.authorities, days, base.project, strict=True)
    ]
    numbers = {name: n for n, name in enumerate(dict.fromkeys(names))}
    return np.array([numbers[name] for name in names])


def _find_exchanges(scenario: Scenario, base: Portfolio, as_of: float) -> list[NDArray[np.int64]]:
    """Projects of one authority each, of one kind and with the same dependencies, that are not yet ended."""
    found: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for number, project in enumerate(scenario.projects):
        members = base.members[number]
        if len(members) == 1 and base.windows[number, 3] > as_of:
            found.setdefault((scenario.authorities[members[0]].kind, project.depends_on), []).append(number)
    return [np.array(numbers) for numbers in found.values() if len(numbers) > 1]


def _find_clusters(scenario: Scenario, base: Portfolio, as_of: float, cells: NDArray[np.int64]) -> list[_Cluster]:
    """Kinds of authorities in one department that are spread over several projects, each of them within a year."""
    found: dict[tuple[str, str], dict[int, list[int]]] = {}
    for number, members in enumerate(base.members):
        names = {(scenario.authorities[m].kind, scenario.authorities[m].department) for m in members}
        alike = len(names) == 1 and len(set(cells[members].tolist())) == 1
        if alike and len(members) >= LEAST_MEMBERS and base.windows[number, 3] > as_of:
            found.setdefault(names.pop(), {})[number] = members
    return [
        _Cluster(
            np.array([m for members in projects.values() for m in members]),
            np.array(list(projects)),
            np.array([len(members) for members in projects.values()]),
        )
        for projects in found.values()
        if len(projects) > 1
    ]


def _list_dependencies(scenario: Scenario) -> tuple[Sequence[int], Sequence[int]]:
    """The numbers of projects that others depend on, and of those others, side by side."""
    number = {p.id: n for n, p in enumerate(scenario.projects)}
    pairs = [(number[name], number[p.id]) for p in scenario.projects for name in p.depends_on]
    return [before for before, _ in pairs], [after for _, after in pairs]
