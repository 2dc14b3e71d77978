"""What the programme meets in a run: capacities day by day, events with a date, releases, days without go-lives.

Whatever has a date hits all whom it concerns at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.random_streams import draw_uniforms, make_keys
from simulation.rollout.resource_pool import Level
from simulation.scenario.figures import Step
from simulation.scenario.introduction import Event
from simulation.scenario.model import RolloutScenario

RELEASES_KEY = "releases"


ByKind = dict[str, NDArray[np.float64]]


class Demand(NamedTuple):
    """What events do to the demand of kinds of authorities, per day of the calendar, for kinds that any concerns:
    factors on paper `mail` and routing `slips`, the share of paper that comes digitally instead (`replaced`), and
    `digital` items per user and working day that come on top.
    """

    mail: ByKind
    slips: ByKind
    replaced: ByKind
    digital: ByKind

    @property
    def paper(self) -> ByKind:
        """Factors on paper mail, with what comes digitally instead taken off."""
        factors = dict(self.mail)
        for kind, share in self.replaced.items():
            factors[kind] = (1 - share) * factors.get(kind, np.ones_like(share))
        return factors


NO_EVENTS = Demand({}, {}, {}, {})


@dataclass(frozen=True)
class Conditions:
    """Times in working days; arrays over working days have the shape (days,) of the calendar's working days.

    `capacity`: units of teams, trainers and slots; `next_go_live`: the first day at or after a day on which an
    authority may go live; `releases`: when they come, in order; `demand`: what events do to it.
    """

    capacity: dict[str, NDArray[np.float64]]
    next_go_live: NDArray[np.int64]
    releases: NDArray[np.float64]
    protection_released: float
    demand: Demand


@dataclass(frozen=True)
class Spell:
    """When an event really takes place, in day numbers of the calendar."""

    event: Event
    begin: float
    end: float


class Dated:
    """The events of a scenario with their random streams: by cause whether they happen, by event how late."""

    def __init__(self, spec: RolloutScenario, seed: int) -> None:
        events = spec.risks.events
        self._causes = make_keys(seed, [e.cause or e.id for e in events], "event cause")
        self._own = make_keys(seed, [e.id for e in events], "event")
        self._releases = make_keys(seed, [RELEASES_KEY], "release")

    def list_spells(self, spec: RolloutScenario, calendar: Calendar, number: int) -> list[Spell]:
        """The events that happen in a run, at their times; `spec` with the figures drawn for it."""
        hits = draw_uniforms(self._causes, number, 1)[:, 0].tolist()
        late = draw_uniforms(self._own, number, 1)[:, 0].tolist()
        spells: list[Spell] = []
        for event, hit, lateness in zip(spec.risks.events, hits, late, strict=True):
            if hit >= event.probability.value:
                continue
            for start in _list_starts(event, calendar):
                begin = (start - calendar.start).days + lateness * event.late_days.value
                spells.append(Spell(event, begin, begin + event.months.value * 365.2425 / 12))
        return spells

    def draw_releases(self, spec: RolloutScenario, calendar: Calendar, number: int) -> NDArray[np.float64]:
        """When releases come; one that slips never overtakes the next."""
        releases, slip = spec.rollout.releases, spec.risks.release_slip
        first, last = calendar.get_time(releases.first.value), float(len(calendar.working_days))
        due = np.arange(first, last, releases.every_months.value * _count_days_per_month(calendar))
        hit, one, other = draw_uniforms(self._releases, number, 3 * len(due)).reshape(len(due), 3).T
        late = np.where(hit < slip.probability.value, -np.log(one * other) / 2 * slip.mean_days.value, 0.0)
        come: NDArray[np.float64] = np.maximum.accumulate(due + late)
        return come


def plan_conditions(spec: RolloutScenario, calendar: Calendar) -> Conditions:
    """As planned: capacities as they stand, no events, a go-live on any working day."""
    capacity = {name: build_profile(steps, calendar) for name, steps in get_steps(spec).items()}
    every = np.arange(len(calendar.working_days) + 1)
    released = calendar.get_time(spec.risks.protection.released.value)
    return Conditions(capacity, every, np.zeros(0), released, NO_EVENTS)


def draw_conditions(spec: RolloutScenario, calendar: Calendar, dated: Dated, number: int) -> Conditions:
    """What the run with this number meets; `spec` with the figures drawn for it."""
    shortage = spec.risks.shortage
    shares = {"teams": shortage.teams.value, "trainers": shortage.trainers.value, "slots": shortage.provisioning.value}
    ramp = spec.rollout.ramp_up_months.value * _count_days_per_month(calendar)
    spells = dated.list_spells(spec, calendar, number)
    capacity = {}
    for name, steps in get_steps(spec).items():
        planned = build_profile(steps, calendar, 0.0 if name == "slots" else ramp)
        left = planned * shares[name]
        for spell in spells:
            if name in spell.event.lost:
                left[_find_working_days(spell, calendar)] *= 1 - spell.event.lost[name].value
        capacity[name] = np.maximum(left, np.minimum(planned, 1.0))
    return Conditions(
        capacity,
        _find_next_go_live(spells, calendar),
        dated.draw_releases(spec, calendar, number),
        calendar.get_time(spec.risks.protection.released.value),
        compute_demand(spells, calendar),
    )


def get_steps(spec: RolloutScenario) -> Mapping[str, Sequence[Step]]:
    rollout = spec.rollout
    return {"teams": rollout.teams, "trainers": rollout.training.trainers, "slots": rollout.provisioning.slots}


def build_profile(steps: Sequence[Step], calendar: Calendar, ramp: float = 0.0) -> NDArray[np.float64]:
    """A capacity per working day; what is added after the first step comes evenly over `ramp` working days."""
    profile = np.zeros(len(calendar.working_days))
    before, growing = 0.0, np.arange(1, int(ramp) + 1) / max(ramp, 1.0)
    for number, step in enumerate(steps):
        first, value = int(calendar.get_time(step.start)), float(step.value.value)
        profile[first:] = value
        if number and value > before:
            part = profile[first : first + len(growing)]
            part[:] = before + (value - before) * growing[: len(part)]
        before = value
    return profile


def list_levels(profile: NDArray[np.float64]) -> list[Level]:
    """The days on which a capacity in whole units changes."""
    whole = np.rint(profile).astype(np.int64)
    changes = np.flatnonzero(np.diff(whole)) + 1
    return [Level(float(day), int(whole[day])) for day in (0, *changes.tolist())]


def _list_starts(event: Event, calendar: Calendar) -> list[date]:
    first = event.start.value
    last = calendar.start.year + calendar.days // 366
    return [first.replace(year=year) for year in range(first.year, last + 1)] if event.yearly else [first]


def _find_working_days(spell: Spell, calendar: Calendar) -> slice:
    days = calendar.working_days_before
    first, last = (min(max(round(day), 0), calendar.days) for day in (spell.begin, spell.end))
    return slice(int(days[first]), int(days[last]))


def _find_next_go_live(spells: Sequence[Spell], calendar: Calendar) -> NDArray[np.int64]:
    open_days = np.ones(len(calendar.working_days) + 1, dtype=bool)
    for spell in spells:
        if spell.event.no_go_lives:
            open_days[_find_working_days(spell, calendar)] = False
    numbers = np.where(open_days, np.arange(len(open_days)), len(open_days))
    following: NDArray[np.int64] = np.minimum.accumulate(numbers[::-1])[::-1]
    return following


def compute_demand(spells: Sequence[Spell], calendar: Calendar) -> Demand:
    """The effects of all events together: factors and what is left of paper multiply, digital items add up."""
    demand = Demand({}, {}, {}, {})
    for spell in spells:
        event, days = spell.event, slice(max(round(spell.begin), 0), max(round(spell.end), 0))
        reach = event.reach.share if event.reach else 1.0
        for found, effects in ((demand.mail, event.mail), (demand.slips, event.slips)):
            for kind, factor in effects.items():
                found.setdefault(kind, np.ones(calendar.days))[days] *= 1 + (factor.value - 1) * reach
        for kind, share in event.replaces.items():
            replaced = demand.replaced.setdefault(kind, np.zeros(calendar.days))
            replaced[days] = 1 - (1 - replaced[days]) * (1 - min(share.value * reach, 1.0))
        for kind, items in event.digital.items():
            demand.digital.setdefault(kind, np.zeros(calendar.days))[days] += items.value * reach
    return demand


def _count_days_per_month(calendar: Calendar) -> float:
    return len(calendar.working_days) / (len(calendar.month_starts) - 1)
