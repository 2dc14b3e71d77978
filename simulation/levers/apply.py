"""Changes brought into a scenario.

A change acts on what a run has drawn, not on the range that it is drawn from: every run keeps its random numbers, so
that +20 % is +20 % in every run and a change by nothing changes nothing. In the list of assumptions the range follows.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from pydantic import BaseModel

from simulation.inputs.faults import Fault, Place, UnusableInput
from simulation.inputs.valid_parts import NotValid
from simulation.levers.change import CHANGE_LINE, OPTION, Change, name_change, parse_change
from simulation.levers.check import check_lists, check_result, date_change, find_lever, move_day
from simulation.levers.levers import Lever, Path, is_of_mail, list_levers
from simulation.levers.lists import change_authorities
from simulation.levers.shifts import change_shifts
from simulation.scenario.fields import Dated
from simulation.scenario.figures import Figure, Step
from simulation.scenario.introduction import StaffCouncil
from simulation.scenario.model import RolloutScenario
from simulation.scenario.programme import Scenario
from simulation.scenario.scanning import Shift
from workflow.text import Text

MOST_REMEMBERED = 8
_READ: dict[str, list[tuple[Change, Lever]]] = {}
"""Changes of scenarios read lately, by digest: every run needs them."""


def change_scenario(
    scenario: Scenario, texts: Sequence[str], places: Sequence[Mapping[str, Place]] | None = None
) -> Scenario:
    """The scenario with changes, in their order; those that change nothing are left out.

    `places`: where each change stands in a file, by its part (lever, amount, start, until); without them they
    were given with `--set`. Raises `UnusableInput` with every change that is malformed, unknown, or leaves what the
    scenario allows.
    """
    changes = read_changes(scenario)
    levers, new, faults = list_levers(scenario), list[Change](), list[Fault]()
    for number, text in enumerate(texts):
        try:
            change, lever = _read_change(scenario, levers, text)
            _check(scenario, [*changes, (change, lever)])
        except UnusableInput as unusable:
            at = None if places is None else places[number]
            faults += [_place(fault, text, at) if at else _name(fault, text) for fault in unusable.faults]
        else:
            changes.append((change, lever))
            new.append(change)
    if faults:
        raise UnusableInput(faults)
    kept = tuple(change.text for change in new if not change.is_idle)
    if not kept:
        return scenario
    every = (*scenario.changes, *kept)
    return replace(scenario, changes=every, digest=sha256("\n".join((scenario.digest, *kept)).encode()).hexdigest())


def find_faulty_changes(
    scenario: Scenario, texts: Sequence[str], places: Sequence[Mapping[str, Place]]
) -> Iterator[Fault]:
    """The faults of changes of a scenario that has faults itself: form, lever and days, not what they do."""
    with suppress(NotValid):
        levers = list_levers(scenario)
        for text, at in zip(texts, places, strict=True):
            try:
                _read_change(scenario, levers, text)
            except UnusableInput as unusable:
                yield from (_place(fault, text, at) for fault in unusable.faults)


def _read_change(scenario: Scenario, levers: Mapping[str, Lever], text: str) -> tuple[Change, Lever]:
    change = parse_change(text)
    lever = find_lever(levers, change)
    return date_change(scenario.spec, lever, change), lever


def _check(scenario: Scenario, changes: list[tuple[Change, Lever]]) -> None:
    """Raise `UnusableInput` where the last change cannot be; what stands before it has been checked."""
    change, lever = changes[-1]
    if lever.is_of_lists:
        check_lists(scenario, lever, change)
        change_authorities(scenario, changes)
        return
    before = _apply(scenario.spec, changes[:-1], change.start)
    check_result(before, _apply(scenario.spec, changes, change.start), lever, change)


def _name(fault: Fault, text: str) -> Fault:
    """A fault of a change that was given with an option, by the change itself."""
    says = Text(*(CHANGE_LINE.sub("", told) for told in fault.wrong))
    return replace(fault, place=Place(f"{OPTION} {text}", 0, fault.place.column), wrong=says)


def _place(fault: Fault, text: str, places: Mapping[str, Place]) -> Fault:
    """A fault of a line at the place of the part of a file's entry that it concerns."""
    at = text.find("@") + 1 or len(text) + 1
    part = "lever" if fault.place.column == 1 else "amount" if fault.place.column <= at else "start"
    if part == "start" and ".." in text and fault.place.column > text.find(".."):
        part = "until"
    return Fault(places.get(part, places["lever"]), fault.wrong, fault.expected)


def read_changes(scenario: Scenario) -> list[tuple[Change, Lever]]:
    """The changes of a scenario, each with its lever and the day from which it holds."""
    if not scenario.changes:
        return []
    if scenario.digest not in _READ:
        levers = list_levers(scenario)
        read = [_read_change(scenario, levers, text) for text in scenario.changes]
        while len(_READ) >= MOST_REMEMBERED:
            _READ.pop(next(iter(_READ)))
        _READ[scenario.digest] = read
    return list(_READ[scenario.digest])


def list_mail_changes(scenario: Scenario) -> list[tuple[Change, Lever]]:
    return [(change, lever) for change, lever in read_changes(scenario) if is_of_mail(change)]


def list_figure_changes(scenario: Scenario) -> list[tuple[Change, Lever]]:
    """Changes of what a run draws or is given, without those of mail, which hold day by day, and of the lists."""
    return [(c, lever) for c, lever in read_changes(scenario) if not is_of_mail(c) and not lever.is_of_lists]


def show_changes(scenario: Scenario) -> Scenario:
    """The scenario with its changes in figures and lists, as far as figures without a date say them, for readers."""
    changes = read_changes(scenario)
    return replace(scenario, spec=_apply(scenario.spec, changes), authorities=change_authorities(scenario, changes))


def _apply(spec: RolloutScenario, changes: Sequence[tuple[Change, Lever]], day: date | None = None) -> RolloutScenario:
    return apply_changes(spec, [(change, lever) for change, lever in changes if not lever.is_of_lists], day)


def apply_changes(
    spec: RolloutScenario, changes: Sequence[tuple[Change, Lever]], day: date | None = None
) -> RolloutScenario:
    """The scenario as it is on `day`. A capacity keeps all its steps; of dated changes to a single figure only those
    that hold on the day count, none of them without a day.
    """
    for change, lever in changes:
        if lever.kind != "figures" or change.start is change.until is None or (day and change.holds_on(day)):
            spec = _replace_at(spec, lever.path, partial(_change_node, change))
            if lever.kind == "day" and lever.path[:2] == ("scan", "centres"):
                spec = _staff_from_the_opening(spec, lever.path[:-1])
    return spec


def split_days(changes: Sequence[tuple[Change, Lever]], first: date, last: date) -> Iterator[tuple[date, date]]:
    """The periods from `first` to `last`, both included, in each of which the same changes hold."""
    edges = {c.start for c, _ in changes} | {c.until + timedelta(1) for c, _ in changes if c.until}
    inner = sorted(day for day in edges if day and first < day <= last)
    starts = [first, *inner]
    yield from zip(starts, [*(day - timedelta(1) for day in inner), last], strict=True)


def _change_node(change: Change, node: Any) -> Any:
    if isinstance(node, Dated):
        return node.model_copy(
            update={"value": move_day(change, node.value), "source": name_change(node.source, change)}
        )
    if isinstance(node, Figure):
        return _change_figure(node, change)
    if isinstance(node, dict):
        return {key: _change_figure(figure, change) for key, figure in node.items()}
    if isinstance(node, StaffCouncil):
        return _change_staff_council(node, change)
    return change_shifts(node, change) if isinstance(node[0], Shift) else _change_steps(node, change)


def _change_staff_council(node: StaffCouncil, change: Change) -> StaffCouncil:
    """A factor acts on all that makes up its time; days are added for each project; `=` sets the days of every project,
    whatever its size.
    """
    of_size = {name: getattr(node, name) for name in ("days_per_authority", "days_per_thousand_users")}
    none = replace(change, operator="=", amount=0.0)
    changed = {"days_per_project": _change_figure(node.days_per_project, change)}
    if change.operator in {"*=", "="}:
        of_each = change if change.operator == "*=" else none
        changed |= {name: _change_figure(figure, of_each) for name, figure in of_size.items()}
    return node.model_copy(update=changed)


def _change_figure(figure: Figure[Any], change: Change) -> Figure[Any]:
    """The figure with its range; a value that is set is certain. Whole numbers stay whole: what a
    factor gives is rounded, an even one of two that are as near.
    """
    values = {"value": figure.value, "low": figure.low, "high": figure.high}
    changed = {name: None if value is None else change.apply(value) for name, value in values.items()}
    if isinstance(figure.value, int):
        changed = {name: None if value is None else round(value) for name, value in changed.items()}
    return figure.model_copy(update={**changed, "source": name_change(figure.source, change)})


def _change_steps(steps: Sequence[Step], change: Change) -> list[Step]:
    """The steps of a capacity, cut where the change begins and ends."""
    days = {step.start for step in steps}
    edges = {change.start, change.until + timedelta(1) if change.until else None}
    days |= {day for day in edges if day and day > steps[0].start}
    changed = []
    for day in sorted(days):
        step = next(step for step in reversed(steps) if step.start <= day)
        figure = _change_figure(step.value, change) if change.holds_on(day) else step.value
        changed.append(step.model_copy(update={"start": day, "value": figure}))
    return changed


def _staff_from_the_opening(spec: RolloutScenario, centre: Path) -> RolloutScenario:
    """An earlier opening brings the first staff of every station forward with it; later steps keep their days."""

    def bring_forward(node: Any) -> Any:
        stations = {
            name: _start_by(getattr(node, name), node.opens.value) for name in ("prepare", "scan", "check", "release")
        }
        return node.model_copy(update=stations)

    changed: RolloutScenario = _replace_at(spec, centre, bring_forward)
    return changed


def _start_by(station: Any, opens: date) -> Any:
    first, *later = station.capacity
    steps = [first.model_copy(update={"start": min(first.start, opens)}), *later]
    return station.model_copy(update={"capacity": steps})


def _replace_at(node: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    """A copy of `node` in which what stands at `path` has been changed."""
    if not path:
        return change(node)
    part, rest = path[0], path[1:]
    if isinstance(node, BaseModel):
        name = str(part)
        return node.model_copy(update={name: _replace_at(getattr(node, name), rest, change)})
    if isinstance(node, dict):
        return {**node, part: _replace_at(node[part], rest, change)}
    number = int(part)
    return [*node[:number], _replace_at(node[number], rest, change), *node[number + 1 :]]
