"""What the list of assumptions says of a scenario with changes: each figure as it is used, and what was changed of it.

A forecast is not computed from these figures: there a change acts on what a run has drawn.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from simulation.levers.apply import apply_changes, read_changes
from simulation.levers.change import CHANGED, Change
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
    return [describe_change(change, lever) for change, lever in read_changes(scenario)]


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
