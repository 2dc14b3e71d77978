"""What the list of assumptions says of a scenario with changes: each figure as it is used, and what was changed of it.

A forecast is not computed from these figures: there a change acts on what a run has drawn.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from simulation.levers.apply import apply_changes, read_changes
from simulation.levers.change import CHANGED, Change
from simulation.levers.describe import find_node
from simulation.levers.levers import Lever, is_of_mail
from simulation.levers.lists import change_authorities
from simulation.scenario.figures import find_figures
from simulation.scenario.model import RolloutScenario
from simulation.scenario.programme import Scenario


@dataclass(frozen=True)
class Listed:
    """`scenario`: with its changes in figures and lists. A figure that is changed for a while only keeps its value;
    `for_a_while` has the lines of these changes by the path of the figure.
    """

    scenario: Scenario
    described: dict[str, dict[str, Any]]
    for_a_while: dict[str, list[str]]

    def find_changes(self, name: str, source: str) -> list[dict[str, Any]]:
        """What was changed of the figure or day at a path, with its source as it is listed."""
        marks = source.split(CHANGED)[1:]
        return [one for line, one in self.described.items() if line in marks or line in self.for_a_while.get(name, ())]


def list_changed(scenario: Scenario) -> Listed:
    spec, for_a_while = scenario.spec, dict[str, list[str]]()
    changes = read_changes(scenario)
    for change, lever in changes:
        if lever.is_of_lists:
            continue
        changed = apply_changes(spec, [(_without_days(change, lever), lever)])
        if _holds_throughout(spec, change, lever):
            spec = changed
            continue
        for name, figure, _ in find_figures(changed):
            if change.text in figure.source.split(CHANGED)[1:]:
                for_a_while.setdefault(name, []).append(change.text)
    described = {change.text: describe_change(change, lever) for change, lever in changes}
    shown = replace(scenario, spec=spec, authorities=change_authorities(scenario, changes))
    return Listed(shown, described, for_a_while)


def describe_changes(scenario: Scenario) -> list[dict[str, Any]]:
    """Every change of a scenario, those of its file and those added to it, for a summary."""
    changes = read_changes(scenario)
    return [
        describe_change(change, lever) | {"overridden": _find_overridden(scenario.spec, changes, number)}
        for number, (change, lever) in enumerate(changes)
    ]


def _find_overridden(spec: RolloutScenario, changes: list[tuple[Change, Lever]], number: int) -> list[dict[str, Any]]:
    """Later steps of a capacity that no longer count, because a change with `=` holds on beyond their first day."""
    change, lever = changes[number]
    if lever.kind != "steps" or change.operator != "=":
        return []
    before = apply_changes(spec, [(one, of) for one, of in changes[:number] if of.id == lever.id])
    first, last = change.start or spec.as_of.value, change.until or spec.horizon.end
    set_again = [one.start for one, of in changes[number + 1 :] if of.id == lever.id and one.operator == "="]
    end = min((day for day in set_again if day), default=last + timedelta(1))
    return [
        {"from": step.start.isoformat(), "value": step.value.value}
        for step in find_node(before, lever.path)
        if first < step.start <= last and step.start < end and step.value.value != change.amount
    ]


def describe_change(change: Change, lever: Lever) -> dict[str, Any]:
    """`amount` is a number of what `of` says (`months` and `days` move a day), a day, or a word."""
    of = "months" if change.in_months else "days" if lever.kind == "day" else "number"
    amount: float | str = change.amount
    if change.word or change.is_day:
        of = "word" if change.word else "day"
        amount = change.word or date.fromordinal(round(change.amount)).isoformat()
    return {
        "lever": change.lever, "title_de": lever.title.de, "title_en": lever.title.en, "operator": change.operator,
        "amount": amount, "of": of, "from": change.start.isoformat() if change.start else None,
        "until": change.until.isoformat() if change.until else None,
    }  # fmt: skip


def _without_days(change: Change, lever: Lever) -> Change:
    """Single figures have no steps, so the days of their change are told beside them."""
    return replace(change, start=None, until=None) if lever.kind == "figures" else change


def _holds_throughout(spec: RolloutScenario, change: Change, lever: Lever) -> bool:
    """Whether a figure has its new value wherever it is used; only mail has figures that change for a while."""
    first, last = spec.horizon.start, spec.horizon.end
    always = (change.start or first) <= first and (change.until or last) >= last
    return lever.kind != "figures" or not is_of_mail(change) or always
