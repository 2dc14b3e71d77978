"""Which changes a scenario allows: each with the day from which it can hold, or a fault that says what is wrong."""

import difflib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from pydantic import ValidationError

from simulation.inputs.faults import Fault, Place, UnusableInput
from simulation.levers.change import OPTION, Change
from simulation.levers.levers import Lever, is_of_mail
from simulation.levers.shifts import parse_shifts
from simulation.scenario.fields import Dated
from simulation.scenario.model import RolloutScenario
from simulation.scenario.programme import Scenario


def find_lever(levers: Mapping[str, Lever], change: Change) -> Lever:
    if change.lever not in levers:
        near = difflib.get_close_matches(change.lever, levers, 3, 0.5) or sorted(levers)
        raise UnusableInput([
            Fault(Place(OPTION, 1, 1), f"unknown lever `{change.lever}`", f"such as {', '.join(near[:3])}")
        ])  # fmt: skip
    return levers[change.lever]


def refuse(change: Change, wrong: str, expected: str = "") -> UnusableInput:
    return UnusableInput([Fault(Place(OPTION, 1, len(change.lever) + 1), f"`{change.text}`: {wrong}", expected)])


def date_change(spec: RolloutScenario, lever: Lever, change: Change) -> Change:
    """The change with the day from which it can hold: what is known of the rollout has happened."""
    _check_form(lever, change)
    first, last = spec.as_of.value + timedelta(1), spec.horizon.end
    if change.until and change.until < spec.horizon.start:
        raise refuse(change, f"ends on {change.until}, before the horizon starts: it changes nothing")
    if change.start and change.start > last:
        raise refuse(change, f"begins on {change.start}, after the horizon: it changes nothing", f"a day up to {last}")
    if not lever.is_decision_on_the_rollout or lever.kind == "day":
        return change
    if min(change.start or first, change.until or first) < first:
        says = f"what was before {first} is known and cannot be changed"
        raise refuse(change, says, f"a day from {first} on")
    return replace(change, start=change.start or first)


def _check_form(lever: Lever, change: Change) -> None:
    """Raise `UnusableInput` for an amount, an operator or a period that the kind of lever does not have."""
    if lever.kind == "day":
        if change.start or change.until:
            raise refuse(change, "a day has no period", f"{change.lever}{change.operator}…")
        if change.operator == "*=":
            raise refuse(change, "a day has no factor", "= a day, or += or -= a number of days or months")
        if change.word or (change.operator == "=" and not change.is_day):
            raise refuse(change, "is set to no day", "= a day such as 2022-06-01, or += or -= a number of days")
        return
    if lever.kind in {"word", "shifts"}:
        wanted = "shifts such as 07:00-15:00+15:00-23:00" if lever.kind == "shifts" else "= and a word"
        if change.operator != "=" or not change.word:
            raise refuse(
                change, f"`{change.lever}` is set to {wanted.removeprefix('= and ')}, and to nothing else", wanted
            )
        if lever.kind == "shifts":
            parse_shifts(change)
        elif change.start or change.until:
            raise refuse(change, "holds for all time; it takes no days", "no @")
        return
    if change.is_day:
        raise refuse(change, f"`{change.lever}` is no day", "a number")
    if change.word or change.in_months or change.in_days:
        given = change.text[len(change.lever) :].lstrip("+-*= ")
        raise refuse(change, f"`{given}` is no number", "a number such as 2 or 0.5")
    if lever.kind == "figures" and (change.start or change.until) and not is_of_mail(change):
        held = "for all that is not known yet" if lever.is_decision_on_the_rollout else "for all time"
        raise refuse(change, f"holds {held}; it takes no days", "no @")


def check_result(before: RolloutScenario, spec: RolloutScenario, lever: Lever, change: Change) -> None:
    """Raise `UnusableInput` where the changed figures are none that a file may hold, or where nothing has changed."""
    try:
        RolloutScenario.model_validate_json(spec.model_dump_json(by_alias=True))
    except ValidationError as error:
        says = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise refuse(change, says) from None
    if spec == before and not change.is_idle:
        raise refuse(change, "changes nothing: no step or shift holds in this period")
    rollout, last = spec.rollout, None
    if lever.id in {"rollout.teams", "rollout.trainers", "rollout.slots"}:
        last = {"rollout.teams": rollout.teams, "rollout.trainers": rollout.training.trainers,
                "rollout.slots": rollout.provisioning.slots}[lever.id][-1].value.value  # fmt: skip
    if last is not None and last < 1:
        raise refuse(change, "ends with none, so the rollout would never end", "at least 1")
    if lever.kind == "day" and not spec.horizon.start <= _get_day(spec, lever) <= spec.horizon.end:
        expected = f"{spec.horizon.start} to {spec.horizon.end}"
        raise refuse(change, f"{_get_day(spec, lever)} lies outside the horizon", expected)
    if lever.kind == "day" and not change.is_idle:
        _check_day(_get_dated(before, lever), _get_dated(spec, lever), spec, change)
    _check_curves(spec, change)


def _check_day(old: Dated, new: Dated, spec: RolloutScenario, change: Change) -> None:
    """Raise `UnusableInput` for a day that is known, or would have to be; an assumed one of the past is none."""
    as_of = spec.as_of.value
    if old.value <= as_of and old.basis in {"report", "public"}:
        raise refuse(change, f"it was on {old.value}; that is known and cannot be changed")
    if new.value <= as_of < old.value:
        says = f"{new.value} lies before {as_of + timedelta(1)}; what was before is known and cannot be changed"
        raise refuse(change, says, f"a day from {as_of + timedelta(1)} to {spec.horizon.end}")


def _get_day(spec: RolloutScenario, lever: Lever) -> date:
    return _get_dated(spec, lever).value


def _get_dated(spec: RolloutScenario, lever: Lever) -> Dated:
    node: Any = spec
    for part in lever.path:
        node = node[part] if isinstance(part, int) or isinstance(node, dict) else getattr(node, part)
    found: Dated = node
    return found


def _check_curves(spec: RolloutScenario, change: Change) -> None:
    """As `simulation.scenario.checks` asks of a file: pairs of figures that make a curve only in one order."""
    if spec.adoption.ninety_weeks.value <= spec.adoption.half_weeks.value:
        raise refuse(change, "half of the seats used later than nine tenths", "more ninety_weeks than half_weeks")
    if spec.scan.items.pages_mean.value < spec.scan.items.pages_median.value:
        raise refuse(change, "the mean of the pages would lie below their median", "a mean not below the median")


def check_lists(scenario: Scenario, lever: Lever, change: Change) -> None:
    """Raise `UnusableInput` where a change of an authority or a project cannot be."""
    subject, name, column = map(str, lever.path)
    if subject == "project":
        project = next(p for p in scenario.projects if p.id == name)
        as_of, end = scenario.spec.as_of.value, scenario.spec.horizon.end
        if project.preparation_start <= as_of:
            raise refuse(change, f"`{name}` began on {project.preparation_start}; that is known and cannot be changed")
        moved = move_day(change, project.preparation_start)
        if not as_of < moved <= end:
            raise refuse(change, f"`{name}` would begin on {moved}", f"a day from {as_of + timedelta(1)} to {end}")
        return
    centres = {centre.id: centre for centre in scenario.spec.scan.centres}
    if column == "scan_centre" and change.word not in centres:
        raise refuse(change, f"`{change.word}` is no scan centre", f"one of {', '.join(centres)}")
    if column == "protection" and change.word not in {"normal", "high"}:
        raise refuse(change, f"`{change.word}` is no protection need", "normal or high")


def move_day(change: Change, day: date) -> date:
    try:
        return change.move(day)
    except (ValueError, OverflowError):
        raise refuse(change, "leads to no day of the calendar") from None
