"""A casework scenario from an event log. What a log does not show stays as in the scenario that it starts from, with
the basis it has there.

Times are those in the log from the opening of a thing to its decision, in office hours: that people do something else
meanwhile is part of them, so `for_casework` is 1.
"""

import copy
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from simulation.casework.people.presence import Presence, count_day, list_presence
from simulation.event_logs.read import EventLog
from simulation.fitting.calendar import find_hours, list_working_days
from simulation.fitting.estimates import Estimate, Times, estimate_rate, estimate_share, estimate_times
from simulation.fitting.observations import DECIDING, KINDS, PASSED_ON, Observations, Slip, Visit, observe
from simulation.inputs.validator_words import read_problems
from simulation.scenario.casework import CaseworkScenario, dump
from workflow.engine.fields import BERLIN
from workflow.text import InvalidValue

MOST_KINDS = 12
"""Kinds of work, by their routes; rarer routes are left out, and their share is told."""
UNIT = "staff"
MOST_SIDE_BY_SIDE = 50


@dataclass(frozen=True)
class Fit:
    scenario: CaseworkScenario
    aic: dict[str, dict[str, float]]
    """By time: Akaike's criterion of each family."""
    left_out: float
    """Share of the slips whose route is too rare for a kind of work of its own."""
    mapped: dict[str, str]


class NothingToFit(InvalidValue):
    """The log does not show what a scenario needs."""


def fit(log: EventLog, base: CaseworkScenario) -> Fit:
    """Raises `NothingToFit`."""
    try:
        seen = observe(log.traces)
    except InvalidValue as wrong:
        de, en = wrong.text
        raise NothingToFit(f"eine Zeit, die keine ist: {de}", f"a time that is none: {en}") from wrong
    if not seen.slips or not seen.visits or not seen.moments:
        raise NothingToFit(
            "keine Laufmappe und kein Vorgang, in denen etwas getan wurde",
            "no routing slip, or case, in which anything was done",
        )
    return _Fitting(log, base, seen).build()


class _Fitting:
    def __init__(self, log: EventLog, base: CaseworkScenario, seen: Observations) -> None:
        self.seen, self.log, self.base = seen, log, base
        self.told = f"fitted to the log {log.sha256} ({log.form})"
        self.days = list_working_days(seen.moments)
        self.hours = find_hours(seen.moments, base.staff.hours)
        self.presence: Presence = list_presence(self.hours, self.days[0], self.days[-1] + timedelta(1))
        self.day = count_day(self.hours)
        self.aic: dict[str, dict[str, float]] = {}
        self.left_out = 0.0

    def build(self) -> Fit:
        content = dump(self.base)
        content |= {
            "name": "fitted", "title": {"de": "Aus einem Protokoll geschätzt", "en": "Fitted to an event log"},
            "notice": self._describe(),
            "horizon": self._find_horizon(),
            "known_work": [], "authority": self._find_authority(),
        }  # fmt: skip
        content["staff"] |= self._fit_staff()
        content["work"] = self._fit_work(content["work"])
        self._fit_handling(content["handling"])
        return Fit(_validate(content), self.aic, self.left_out, self.seen.mapped)

    def _describe(self) -> dict[str, str]:
        short = self.log.sha256[:16]
        return {
            "de": f"Geschätzt aus dem Protokoll {short}…; was es nicht zeigt, steht mit seiner eigenen Grundlage.",
            "en": f"Fitted to the log {short}…; what it does not show has a basis of its own.",
        }

    def _find_horizon(self) -> dict[str, str]:
        """From the first of a month, two days at least."""
        start = self.days[0].replace(day=1)
        return {"start": start.isoformat(), "end": max(self.days[-1], start + timedelta(1)).isoformat()}

    def _find_authority(self) -> str:
        named = Counter(t.attributes["authority"] for t in self.log.traces if "authority" in t.attributes)
        return named.most_common(1)[0][0] if named else self.base.authority

    def _figure(self, found: Estimate, what: str, whole: bool = False) -> dict[str, Any]:
        value, low, high = (round(one) if whole else round(one, 6) for one in found[:3])
        return {"value": value, "basis": "fitted", "source": f"{self.told}: {what}, n = {found.of}",
                "low": min(low, value), "high": max(high, value)}  # fmt: skip

    def _exactly(self, value: float, what: str, of: int) -> dict[str, Any]:
        return self._figure(Estimate(value, value, value, of), what, whole=isinstance(value, int))

    def _fit_staff(self) -> dict[str, Any]:
        people = len(self.seen.people)
        signing = {visit.person for visit in self.seen.visits if visit.kind in {"final_sign", "approve"}}
        approvers = max(1, min(len(signing), people))
        staff = self._exactly(people, "persons who did something", people)
        done = [visit for visit in self.seen.visits if visit.done is not None]
        deputies = estimate_share(sum(visit.by_deputy for visit in done), len(done))
        return {
            "total": staff, "hours": self.hours.model_dump(mode="json"),
            "units": [{"id": UNIT, "title": {"de": "Beschäftigte", "en": "Staff"}, "staff": staff,
                       "approvers": self._exactly(approvers, "persons who signed finally or approved", people)}],
            "for_casework": self._exactly(1.0, "part of the times measured", people),
            "absent": self._figure(deputies, "share of stations done by deputies"),
            "part_time": self._exactly(0.0, "part of the times measured", people),
            "new_to_it": self._exactly(0.0, "the times are those of the whole log", people),
        }  # fmt: skip

    def _fit_work(self, work: dict[str, Any]) -> dict[str, Any]:
        matters: dict[str, list[Slip]] = defaultdict(list)
        for slip in sorted(self.seen.slips, key=lambda one: one.started):
            matters[slip.matter].append(slip)
        kinds = Counter(slips[0].route for slips in matters.values())
        kept = [route for route, _ in kinds.most_common(MOST_KINDS)]
        self.left_out = 1 - sum(kinds[route] for route in kept) / len(matters)
        arrivals = self._find_arrivals([slips[0].started for slips in matters.values()])
        by_day = Counter(datetime.fromtimestamp(at, BERLIN).date().weekday() for at in arrivals)
        present = Counter(day.weekday() for day in self.days)
        template = work["kinds"][0]
        _stretch(template["draft"]["minutes"], self.base.staff.for_casework.value)
        new = estimate_share(min(self.seen.records, len(self.seen.cases)), len(self.seen.cases))
        return {
            "weekdays": [self._fit_weekday(by_day[n], present[n], len(arrivals)) for n in range(5)],
            "kinds": [
                self._fit_kind(number, route, [s for s in matters.values() if s[0].route == route],
                               len(arrivals) / len(matters), template, new)
                for number, route in enumerate(kept, 1)
            ],
        }  # fmt: skip

    def _find_arrivals(self, first_slips: list[float]) -> list[float]:
        """Mail where nearly every case came by it, else the opening of cases, else the first slips."""
        if self.seen.cases and len(self.seen.mail) >= 0.8 * len(self.seen.cases):
            return self.seen.mail
        return self.seen.cases or first_slips

    def _fit_weekday(self, count: int, days: int, whole: int) -> dict[str, Any]:
        mean = whole / len(self.days)
        found = estimate_rate(count, max(days, 1) * mean)
        found = Estimate(min(found.value, 10), min(found.low, 10), min(found.high, 10), count)
        return self._figure(found, "arrivals against the mean of all working days")

    def _fit_kind(
        self, number: int, route: str, matters: list[list[Slip]], scale: float, template: dict[str, Any], new: Estimate
    ) -> dict[str, Any]:
        slips = sum(len(one) for one in matters)
        rate = estimate_rate(len(matters), len(self.days) / scale)
        draft = copy.deepcopy(template["draft"])
        opened = [(self.seen.opened.get(one[0].matter), one[0].created) for one in matters]
        drafting = [self._count(start, end) / 60 for start, end in opened]
        self._put(draft, "minutes", f"route-{number} draft", drafting)
        return {
            "id": f"route-{number}", "title": {"de": f"Laufweg {number}", "en": f"Route {number}"},
            "per_day": self._figure(rate, "arrivals on a working day"),
            "channel": "none",
            "new_record": self._figure(new, "cases that begin a record") if self.seen.cases else template["new_record"],
            "further_slip": self._figure(estimate_share(slips - len(matters), slips), "slips followed by another"),
            "draft": draft,
            "urgency": self._exactly(1.0, "part of the times measured", slips),
            "deadline_days": template["deadline_days"],
            "route": _plan(route),
        }  # fmt: skip

    def _fit_handling(self, handling: dict[str, Any]) -> None:
        base = self.base.staff.for_casework.value
        for name in ("sight", "open", "revise", "file"):
            _stretch(handling[name]["minutes"], base)
        for kind in KINDS:
            visits = [visit for visit in self.seen.visits if visit.kind == kind]
            times = handling["stations"][kind]
            _stretch(times["touch"]["minutes"], base)
            waits, longer = self._list_waits(visits)
            self._put(times["lies"], "days", f"{kind} lies", waits, longer)
            work = [self._count(v.opened, v.done) / 60 for v in visits if v.opened is not None and v.done is not None]
            self._put(times["touch"], "minutes", f"{kind} touch", work)
        for name, spans in (("revise", self.seen.returned), ("file", self.seen.filed)):
            self._put(handling[name], "minutes", name, [self._count(start, end) / 60 for start, end in spans])
        self._fit_choices(handling["choices"])

    def _list_waits(self, visits: list[Visit]) -> tuple[list[float], list[float]]:
        """Days until something was taken up; and of what was escalated before, or still waits, the days until then."""
        known: list[float] = []
        longer: list[float] = []
        for visit in visits:
            taken, hurried = visit.opened or visit.done, visit.hurried
            if visit.ready is None:
                continue
            if taken is not None and (hurried is None or taken < hurried):
                known.append(self._count(visit.ready, taken) / self.day)
            else:
                longer.append(self._count(visit.ready, hurried or self.seen.last) / self.day)
        return known, longer

    def _count(self, start: float | None, end: float) -> float:
        return 0.0 if start is None else self.presence.count(start, end)

    def _put(
        self, times: dict[str, Any], unit: str, name: str, values: list[float], longer: Sequence[float] = ()
    ) -> None:
        found: Times | None = estimate_times(values, longer)
        if found is None:
            return
        self.aic[name] = found.aic
        what = f"median; least AIC: {found.best}"
        times[unit] = self._figure(found.median, what)
        times["spread"] = self._figure(found.spread, "deviation of the logarithm")

    def _fit_choices(self, choices: dict[str, Any]) -> None:
        if self.log.form == "CSV" and not any(visit.result for visit in self.seen.visits):
            return
        visits = [visit for visit in self.seen.visits if visit.done is not None]
        deciding = [visit for visit in visits if visit.kind in DECIDING and visit.result != "not_competent"]
        passing = [visit for visit in visits if visit.kind in PASSED_ON]
        handed = [visit for visit in visits if visit.kind != "acknowledge"]
        slips = self.seen.slips
        with_co_sign = [slip for slip in slips if "co_sign" in slip.route]
        shares: Iterable[tuple[str, int, int, str]] = (
            ("refuse", sum(v.result == "refused" for v in deciding), len(deciding), "decisions that were refusals"),
            ("forward", sum(v.result == "not_competent" for v in passing), len(passing), "given back as not competent"),
            ("delegate", self.seen.delegated, len(handed) + self.seen.delegated, "stations handed on"),
            ("insert", sum(s.inserted for s in with_co_sign), len(with_co_sign), "slips with a station inserted"),
            ("recall", sum(s.recalled for s in slips), len(slips), "slips taken back"),
            ("misdirect", self.seen.misdirected, len(self.seen.mail), "items of mail given back"),
        )
        for name, hits, of, what in shares:
            if of:
                choices[name] = self._figure(estimate_share(hits, of), what)


def _plan(route: str) -> list[dict[str, Any]]:
    """Acknowledgements one after another hold nothing up, and stand side by side."""
    found: list[dict[str, Any]] = []
    for block in (
        route.replace("acknowledge acknowledge", "acknowledge+acknowledge")
        .replace("acknowledge acknowledge", "acknowledge+acknowledge")
        .split(" ")
    ):
        steps = [
            {"kind": kind, "who": "head" if kind in {"final_sign", "approve"} else "colleague"}
            for kind in block.split("+")
        ]
        parts = [steps[n : n + MOST_SIDE_BY_SIDE] for n in range(0, len(steps), MOST_SIDE_BY_SIDE)]
        found += [part[0] if len(part) == 1 else {"parallel": part} for part in parts]
    return found


def _stretch(minutes: dict[str, Any], share: float) -> None:
    """Minutes of work as minutes of presence, where only a share of it is there for casework."""
    for name in ("value", "low", "high"):
        if minutes.get(name) is not None:
            minutes[name] = minutes[name] / share
    minutes["source"] = f"{minutes['source']}; divided by the share of time for casework, {share}"


def _validate(content: dict[str, Any]) -> CaseworkScenario:
    """Raises `NothingToFit` where the log has what no scenario may say, such as the name of its authority."""
    try:
        return CaseworkScenario.model_validate_json(json.dumps(content))
    except ValidationError as error:
        problems = read_problems(error.errors(include_url=False), content)
        de, en = (
            "; ".join(f"`{'.'.join(map(str, one.path))}`: {one.expected.get(language)}" for one in problems)
            for language in ("de", "en")
        )
        raise NothingToFit(f"was kein Szenario sagen darf: {de}", f"what no scenario may say: {en}") from error
