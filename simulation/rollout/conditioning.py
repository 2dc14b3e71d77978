"""Draws of the uncertain figures that agree with what is known: approximate Bayesian computation by rejection.

A draw from the prior (the ranges of the scenario) is kept if the rollout that is simulated with it from the start,
with nothing recorded, meets every known user count up to `as_of` within its tolerance (Rubin 1984; Tavaré et al. 1997).
What is kept is a sample of the posterior: a programme that would have been slower or faster than what is known does
not occur. Figures of the work that users do are kept by what is known of that work; they share no figure with the
rollout, so both may be conditioned apart.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.numbers import format_number
from simulation.rollout.conditions import draw_conditions
from simulation.rollout.demand import compute_slip_rate
from simulation.rollout.model import Model
from simulation.rollout.risks import draw_luck
from simulation.rollout.rollout import Rollout, Setting
from simulation.scenario.figures import Replacer
from simulation.scenario.model import KnownWork, RolloutScenario
from workflow.text import InvalidValue

MOST_TRIED = 3_000
MOST_KEPT = 128
"""Enough for quantiles of what nobody knows; luck is drawn anew in every run."""
TRIED_AT_ONCE = 192
"""Draws: so many that those who try them side by side seldom wait for each other, and few are tried in vain."""
TRIAL = 1 << 62
"""Draws that are tried have other luck than runs: their numbers begin here."""


class NothingFits(InvalidValue):
    """No draw agrees with what is known: the ranges of the scenario and its known counts contradict each other."""


class KeptDraws:
    """The draws 0, 1, 2, … that agree with what is known, looked for when they are needed.

    `numbers`: those found so far, in their order; `tried`: how many were tried for them.
    """

    def __init__(self, fits: Callable[[int], bool], most_kept: int = MOST_KEPT, most_tried: int = MOST_TRIED) -> None:
        self._fits, self._most_kept, self._most_tried = fits, most_kept, most_tried
        self.numbers: list[int] = []
        self.tried = 0

    def resume(self, numbers: Sequence[int], tried: int) -> None:
        """Take over what was found elsewhere, if that is more."""
        if tried > self.tried:
            self.numbers, self.tried = list(numbers), tried

    def choose(self, run: int) -> int:
        """The draw of a run: the kept ones in turn. Raises `NothingFits` where there is none."""
        place = run % self._most_kept
        self.find(place + 1)
        return self.numbers[place] if place < len(self.numbers) else self.numbers[run % len(self.numbers)]

    def try_all(self, numbers: range) -> Iterator[bool]:
        """Whether each of these draws agrees, one after another as they are asked for."""
        return map(self._fits, numbers)

    def find_all(self) -> "KeptDraws":
        self.find(self._most_kept)
        return self

    def find(self, runs: int, try_all: Callable[[range], Iterable[bool]] | None = None) -> None:
        """Have the draws of the first `runs` runs; raises `NothingFits` where there is none.

        `try_all`: tells of each of many draws whether it agrees, where they are not tried here one after another.
        """
        wanted = min(runs, self._most_kept)
        while len(self.numbers) < wanted and self.tried < self._most_tried:
            numbers = range(self.tried, min(self.tried + TRIED_AT_ONCE, self._most_tried))
            for number, fits in zip(numbers, (try_all or self.try_all)(numbers), strict=False):
                self.tried = number + 1
                if fits:
                    self.numbers.append(number)
                if len(self.numbers) == wanted:
                    break
        if not self.numbers:
            tried = format_number(self.tried, "de")
            raise NothingFits(
                f"keine von {tried} Ziehungen der unsicheren Zahlen passt zu dem, was bekannt ist",
                f"none of {self.tried:,} draws of the uncertain figures agrees with what is known",
            )


class Known(NamedTuple):
    """A count of users on a day, with what it may differ by."""

    day: date
    users: float
    tolerance: float


def condition_rollout(model: Model, most_tried: int = MOST_TRIED) -> KeptDraws:
    """The draws with which the rollout produces the known user counts."""
    known = list_known_counts(model.scenario.spec)

    def fits(number: int) -> bool:
        counted = zip(known, count_past(model, number, known), strict=True)
        return all(abs(have - one.users) <= one.tolerance * one.users for one, have in counted)

    return KeptDraws(fits, most_tried=most_tried)


def condition_work(model: Model) -> KeptDraws:
    """The draws with which the users of the known past do the work that is known of them."""
    figures = model.figures
    replacer = Replacer(model.scenario.spec, [path for path in figures.paths if path.startswith("work.")])
    return KeptDraws(lambda number: fits_known_work(model, replacer.replace(figures.draw(number))))


def list_known_counts(spec: RolloutScenario) -> list[Known]:
    """Every count of E-Laufmappe users up to `as_of`: ends of years in the report's table, and checkpoints."""
    as_of = spec.as_of.value
    tolerance = max((c.tolerance for c in spec.checkpoints), default=0.0)
    years = [Known(date(row.year, 12, 31), row.e_laufmappe.value, tolerance) for row in spec.plan]
    points = [Known(c.day, c.users.value, c.tolerance) for c in spec.checkpoints]
    return sorted(one for one in [*years, *points] if one.day <= as_of)


def count_past(model: Model, number: int, known: Sequence[Known]) -> Iterator[float]:
    """Users at the end of each known day in a rollout from the start, with the draw of this number, as far as asked."""
    spec = model.figures.replace(model.figures.draw(number))
    luck = draw_luck(spec, model.project_keys, TRIAL + number, model.high_projects)
    conditions = draw_conditions(spec, model.calendar, model.dated, TRIAL + number)
    rollout = Rollout(model, Setting(spec, model.portfolio, conditions, luck, known=False, last=model.as_of))
    for one in known:
        end = float(model.calendar.working_days_before[model.calendar.get_day(one.day) + 1])
        rollout.run(end)
        yield count_users_on(model, rollout.go_live, one.day)


def count_users_on(model: Model, go_live: NDArray[np.float64], day: date) -> float:
    """Users at the end of a day. `go_live`: times, shape (authorities,); lists as they stand in the files."""
    scenario = model.scenario
    end = float(model.calendar.working_days_before[model.calendar.get_day(day) + 1])
    users = float(model.portfolio.seats[1][go_live < end].sum())
    for name in {pilot.authority for pilot in scenario.spec.early_users}:
        early = [p for p in scenario.spec.early_users if p.authority == name and p.start <= day]
        if early and go_live[model.number_of[name]] >= end:
            users += max(early, key=lambda p: p.start).users.value
    return users


def fits_known_work(model: Model, spec: RolloutScenario) -> bool:
    """Whether users with these figures would have made what is known of their records and routing slips."""
    return all(one.at_least.value <= count_known_work(model, spec, one) <= one.at_most.value for one in spec.known_work)


def count_known_work(model: Model, spec: RolloutScenario, known: KnownWork) -> float:
    """Records or routing slips of an authority by a day, with its recorded go-live."""
    calendar, scenario = model.calendar, model.scenario
    authority = next(a for a in scenario.authorities if a.id == known.authority)
    days = calendar.working_days[calendar.working_days <= calendar.get_day(known.day)]
    go_live = calendar.get_day(authority.go_live)
    users = np.where(days >= go_live, float(authority.users_e_laufmappe), 0.0)
    for pilot in sorted((p for p in scenario.spec.early_users if p.authority == authority.id), key=lambda p: p.start):
        users[(days >= calendar.get_day(pilot.start)) & (days < go_live)] = pilot.users.value
    share = np.where(days >= go_live, 1.0, spec.work.trial.value)
    rate = np.full(len(days), spec.work.records_per_user_day.value)
    if known.measure == "routing_slips":
        rate = compute_slip_rate(spec, np.array([float(go_live)]), days.astype(float))[0]
    return float((users * share * rate).sum())
