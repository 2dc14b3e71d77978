"""What must hold between the values of a scenario's file, each fault with its place."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Any

from simulation.inputs.faults import Fault, at_least, contradict
from simulation.inputs.valid_parts import as_far_as_valid
from simulation.inputs.yaml_file import Node
from simulation.loading.check_words import MEAN_ABOVE_MEDIAN, NEVER_ENDS, Path, fault_at, from_to, lies_outside
from simulation.scenario.casework import CaseworkScenario
from simulation.scenario.figures import find_steps
from simulation.scenario.model import KnownWork, RolloutScenario
from workflow.text import Text


def check_values(spec: RolloutScenario, root: Node) -> list[Fault]:
    return [
        *check_known_amounts(spec, root),
        *_check_steps(spec, root),
        *_check_resources(spec, root),
        *_check_curves(spec, root),
        *_check_dates(spec, root),
        *_check_names(spec, root),
    ]


@as_far_as_valid
def check_known_amounts(spec: RolloutScenario | CaseworkScenario, root: Node) -> Iterator[Fault]:
    for number, one in enumerate(spec.known_work):
        yield from _check_known_amount(root, number, one)


@as_far_as_valid
def _check_known_amount(root: Node, number: int, one: KnownWork) -> Iterator[Fault]:
    if one.at_most.value < one.at_least.value:
        says = contradict(one.at_most.value, one.at_least.value)
        expected = Text("nicht weniger als at_least", "no less than at_least")
        yield fault_at(root, ("known_work", number, "at_most", "value"), says, expected)


def _check_steps(spec: RolloutScenario, root: Node) -> Iterator[Fault]:
    for name, info in RolloutScenario.model_fields.items():
        yield from _check_steps_of(spec, root, name, info.alias or name)


@as_far_as_valid
def _check_steps_of(spec: RolloutScenario, root: Node, name: str, key: str) -> Iterator[Fault]:
    for path, steps in find_steps(getattr(spec, name), (key,)):
        for number, (before, after) in enumerate(pairwise(steps), 1):
            if after.start <= before.start:
                says = Text(
                    f"{after.start} folgt nicht auf {before.start}", f"{after.start} does not come after {before.start}"
                )
                expected = Text("Schritte in zeitlicher Reihenfolge", "steps in the order of time")
                yield fault_at(root, (*path, number, "from"), says, expected)


@as_far_as_valid
def _check_resources(spec: RolloutScenario, root: Node) -> Iterator[Fault]:
    """Without a single team, trainer or provisioning slot at the end, no project that is late could ever end."""
    for path, steps in find_steps(spec.rollout, ("rollout",)):
        if steps[-1].value.value < 1:
            name = ".".join(map(str, path))
            says = Text(f"`{name}` {NEVER_ENDS.de}", f"`{name}` {NEVER_ENDS.en}")
            yield fault_at(root, (*path, len(steps) - 1, "value", "value"), says, at_least(1))


def _check_curves(spec: RolloutScenario, root: Node) -> Iterator[Fault]:
    """Pairs of figures that make a curve only in one order."""
    yield from _check_adoption(spec, root)
    yield from _check_pages(spec, root)
    yield from _check_weekdays(spec, root)


@as_far_as_valid
def _check_adoption(spec: RolloutScenario, root: Node) -> Iterator[Fault]:
    adoption = spec.adoption
    ninety, half = adoption.ninety_weeks.value, adoption.half_weeks.value
    if ninety <= half:
        says = Text(
            f"neun Zehntel nach {ninety:g} Wochen, aber die Hälfte nach {half:g}",
            f"nine tenths after {ninety:g} weeks, but half after {half:g}",
        )
        expected = Text("mehr Wochen als half_weeks", "more weeks than half_weeks")
        yield fault_at(root, ("adoption", "ninety_weeks", "value"), says, expected)


@as_far_as_valid
def _check_pages(spec: RolloutScenario, root: Node) -> Iterator[Fault]:
    items = spec.scan.items
    mean, median = items.pages_mean.value, items.pages_median.value
    if mean < median:
        says = Text(
            f"ein Mittel von {mean:g} Seiten, unter dem Median von {median:g}",
            f"a mean of {mean:g} pages, below the median of {median:g}",
        )
        yield fault_at(root, ("scan", "items", "pages_mean", "value"), says, MEAN_ABOVE_MEDIAN)


@as_far_as_valid
def _check_weekdays(spec: RolloutScenario, root: Node) -> Iterator[Fault]:
    if not any(day.value for day in spec.mail.weekdays):
        says = Text("an keinem Wochentag kommt Post", "no weekday has mail")
        yield fault_at(root, ("mail", "weekdays"), says, Text("ein Faktor über 0", "a factor above 0"))


DATED: dict[str, Callable[[Any], date]] = {
    "plan": lambda row: date(row.year, 12, 31),
    "deadlines": lambda one: one.day,
    "checkpoints": lambda one: one.day,
    "known_work": lambda one: one.day,
    "milestones": lambda one: one.day,
}
"""Lists with a day in each item."""


def _check_dates(spec: RolloutScenario, root: Node) -> Iterator[Fault]:
    yield from _check_day(spec, root, ("as_of", "value"), lambda: spec.as_of.value)
    yield from _check_day(spec, root, ("pipeline", "date"), lambda: spec.pipeline.day if spec.pipeline else None)
    for name in DATED:
        yield from _check_days_of(spec, root, name)


@as_far_as_valid
def _check_days_of(spec: RolloutScenario, root: Node, name: str) -> Iterator[Fault]:
    for number, one in enumerate(getattr(spec, name)):
        path = (name, number, "year" if name == "plan" else "date")
        yield from _check_day(spec, root, path, partial(DATED[name], one))


@as_far_as_valid
def _check_day(spec: RolloutScenario, root: Node, path: Path, get_day: Callable[[], date | None]) -> Iterator[Fault]:
    day, horizon = get_day(), spec.horizon
    if day and not horizon.start <= day <= horizon.end:
        yield fault_at(root, path, lies_outside(day), from_to(horizon.start, horizon.end))


NAMED: dict[str, Callable[[RolloutScenario], Sequence[Any]]] = {
    "deadlines": lambda spec: spec.deadlines,
    "milestones": lambda spec: spec.milestones,
    "scan.centres": lambda spec: spec.scan.centres,
    "mail.channels": lambda spec: spec.mail.channels,
    "risks.events": lambda spec: spec.risks.events,
    "rollout.providers": lambda spec: spec.rollout.providers,
    "rollout.readiness": lambda spec: spec.rollout.readiness,
    "plan": lambda spec: spec.plan,
}
"""Lists in which no id stands twice."""


def _check_names(spec: RolloutScenario, root: Node) -> Iterator[Fault]:
    for name in NAMED:
        yield from _find_same_names(spec, root, name)


@as_far_as_valid
def _find_same_names(spec: RolloutScenario, root: Node, name: str) -> Iterator[Fault]:
    seen = set()
    for number, item in enumerate(NAMED[name](spec)):
        one = item.year if name == "plan" else item.id
        if one in seen:
            says = Text(f"`{one}` steht zweimal in {name}", f"`{one}` stands twice in {name}")
            yield fault_at(root, (*name.split("."), number), says)
        seen.add(one)
