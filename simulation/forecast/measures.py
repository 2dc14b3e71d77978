"""What a run means for plans and deadlines: how many are live when, and the day on which each deadline is met.

A user counts from the go-live of their authority, as in the report's table; people who really work with the products
are counted apart, as `active`. Days are day numbers; a day that never comes is `inf`.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.random_streams import Streams
from simulation.rollout.adoption import compute_day_in_use
from simulation.scan_line.centre import get_connection_day
from simulation.scenario.model import Measure, RolloutScenario
from simulation.scenario.programme import Scenario

Floats = NDArray[np.float64]

FULLY_USED = 0.95
"""Share of seats in use from which an authority counts as working digitally (an assumption of the measure)."""


class Course(NamedTuple):
    """A count over time: the days on which it changes, ascending, and what it is at the end of each of them."""

    days: Floats
    counts: Floats

    @classmethod
    def add_up(cls, days: Floats, gains: Floats) -> "Course":
        order = np.argsort(days, kind="stable")
        return cls(days[order], np.cumsum(gains[order]))

    def count_on(self, days: Floats) -> Floats:
        """The count at the end of each day."""
        before = np.searchsorted(self.days, days, side="right")
        counted: Floats = np.concatenate([[0.0], self.counts])[before]
        return counted

    def find_day(self, target: float) -> float:
        """The first day at whose end the count has reached the target; half a person below it is as good."""
        ends = np.append(self.days[1:] > self.days[:-1], True)  # infinite days cannot be subtracted
        reached = np.flatnonzero(ends & (self.counts >= target - 0.5) & np.isfinite(self.days))
        return float(self.days[reached[0]]) if len(reached) else np.inf


def build_courses(
    scenario: Scenario, calendar: Calendar, go_live: Floats, streams: Streams | None, seats: NDArray[np.int64]
) -> Mapping[Measure, Course]:
    """The course of everything that a deadline can measure.

    `go_live`: days, shape (authorities,); `seats`: shape (2, authorities), E-Akte and E-Laufmappe.
    """
    everyone = np.ones(len(go_live))
    return {
        "seats_e_akte": count_seats(scenario, calendar, go_live, seats[0]),
        "seats_e_laufmappe": count_seats(scenario, calendar, go_live, seats[1]),
        "authorities_live": Course.add_up(go_live, everyone),
        "authorities_fully_digital": Course.add_up(_find_days_digital(scenario, calendar, go_live, streams), everyone),
    }


def get_due_days(spec: RolloutScenario) -> Floats:
    """The day of each deadline, shape (deadlines,); a run holds one that it meets up to the end of that day."""
    return np.array([float((deadline.day - spec.horizon.start).days) for deadline in spec.deadlines])


def find_days_met(spec: RolloutScenario, courses: Mapping[Measure, Course]) -> Floats:
    """The day on which each deadline is met, shape (deadlines,), `inf` for never."""
    return np.array([courses[deadline.measure].find_day(deadline.target.value) for deadline in spec.deadlines])


def count_users_from_go_live(courses: Mapping[Measure, Course], at_days: Floats) -> Floats:
    """Users of both products as the report counts them, at the end of each day, shape (2, days)."""
    measures: tuple[Measure, ...] = ("seats_e_akte", "seats_e_laufmappe")
    return np.stack([courses[measure].count_on(at_days) for measure in measures])


def count_seats(scenario: Scenario, calendar: Calendar, go_live: Floats, of: NDArray[np.int64]) -> Course:
    """Every seat from the go-live of its authority, and before it the early users whom the scenario names."""
    index = {a.id: n for n, a in enumerate(scenario.authorities)}
    days, gains, early = [go_live], [of.astype(float)], dict.fromkeys(index, 0.0)
    for pilot in sorted(scenario.spec.early_users, key=lambda p: p.start):
        day = float(calendar.get_day(pilot.start))
        n = index[pilot.authority]
        if day < go_live[n]:
            days.append(np.array([day]))
            gains.append(np.array([pilot.users.value - early[pilot.authority]]))
            gains[0][n] -= gains[-1][0]
            early[pilot.authority] = pilot.users.value
    return Course.add_up(np.concatenate(days), np.concatenate(gains))


def _find_days_digital(scenario: Scenario, calendar: Calendar, go_live: Floats, streams: Streams | None) -> Floats:
    """From when the staff of each authority use the products and its mail comes digitally, shape (authorities,)."""
    centres = {centre.id: centre for centre in scenario.spec.scan.centres}
    connected = np.array([  # without a scan centre an authority sees itself to its mail coming digitally
        get_connection_day(a, centres[a.scan_centre], calendar, day) if a.scan_centre in centres else day
        for a, day in zip(scenario.authorities, go_live, strict=True)
    ])  # fmt: skip
    digital: Floats = np.maximum(compute_day_in_use(scenario, calendar, go_live, FULLY_USED, streams), connected)
    return digital
