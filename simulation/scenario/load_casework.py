"""Load a casework scenario: the YAML file with what it extends, validated, all faults at once with their places."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from simulation.inputs.extends import read_with_bases
from simulation.inputs.faults import Fault, UnusableInput, contradict
from simulation.inputs.text_file import read_text
from simulation.inputs.yaml_file import MOST_BYTES, Node
from simulation.scenario.casework import CaseworkScenario, RouteStep
from simulation.scenario.load import check_kind, hash_content, validate
from workflow.text import Text

_SAYS_SO = re.compile(r"^kind:[ \t]*casework\b", re.MULTILINE)
LONGEST_DAYS = 3 * 366
"""Of a horizon; a log of several years is no longer looked through by people."""


class LoadedCasework(NamedTuple):
    scenario: CaseworkScenario
    scenario_hash: str


def is_casework(path: Path) -> bool:
    """Whether the file itself says that it is a casework scenario; what cannot be read as a scenario is none."""
    try:
        return _SAYS_SO.search(read_text(path, str(path), MOST_BYTES)) is not None
    except UnusableInput:
        return False


def load_casework(path: Path) -> tuple[LoadedCasework, list[Fault]]:
    """The scenario with warnings of what is seldom intended; raises `UnusableInput` with every fault."""
    root, doubts = read_with_bases(path)
    check_kind(root, "casework")
    scenario, faults = validate(root, CaseworkScenario)
    if scenario is None:
        raise UnusableInput(faults)
    checks = (_check_units, _check_work, _check_bounds, _check_scan)
    faults = [fault for check in checks for fault in check(scenario, root)]
    if faults:
        raise UnusableInput(faults)
    return LoadedCasework(scenario, hash_content(scenario)), doubts


def _check_units(scenario: CaseworkScenario, root: Node) -> Iterator[Fault]:
    units, parents = scenario.staff.units, {unit.id: unit.parent for unit in scenario.staff.units}
    seen: set[str] = set()
    named: set[str] = set()
    for number, unit in enumerate(units):
        place = root.find(("staff", "units", number, "id")).place
        for position, name in enumerate(unit.names):
            if name in named:
                where = root.find(("staff", "units", number, "names", position)).place
                yield Fault(
                    where, Text(f"`{name}` heißt schon jemand anderes", f"`{name}` is somebody else's name already")
                )
            named.add(name)
        if unit.id in seen:
            yield Fault(place, Text(f"Einheit `{unit.id}` steht zweimal", f"unit `{unit.id}` stands here twice"))
        seen.add(unit.id)
        if unit.parent is not None and unit.parent not in parents:
            yield Fault(root.find(("staff", "units", number, "parent")).place, _is_no_unit(unit.parent))
        elif _belongs_to_itself(unit.id, parents):
            yield Fault(
                place, Text(f"Einheit `{unit.id}` gehört zu sich selbst", f"unit `{unit.id}` belongs to itself")
            )
    if not scenario.roots:
        wrong = Text("keine Einheit steht ganz oben", "no unit is topmost")
        yield Fault(root.find(("staff", "units")).place, wrong, Text("eine ohne `parent`", "one without `parent`"))
    total, sum_of_units = scenario.staff.total.value, sum(unit.staff.value for unit in units)
    if total != sum_of_units:
        place = root.find(("staff", "total", "value")).place
        wrong = Text(
            f"die Einheiten haben zusammen {sum_of_units} Personen, nicht {total}",
            f"the units have {sum_of_units} staff together, not {total}",
        )
        yield Fault(place, wrong, Text("gleiche Summen", "equal totals"))


def _is_no_unit(name: str) -> Text:
    return Text(f"`{name}` ist keine Einheit", f"`{name}` is no unit")


def _belongs_to_itself(unit: str, parents: dict[str, str | None]) -> bool:
    above, steps = parents.get(unit), 0
    while above is not None and steps <= len(parents):
        if above == unit:
            return True
        above, steps = parents.get(above), steps + 1
    return False


def _check_work(scenario: CaseworkScenario, root: Node) -> Iterator[Fault]:
    units = {unit.id for unit in scenario.staff.units}
    several = len(units) > 1
    seen: set[str] = set()
    for number, kind in enumerate(scenario.work.kinds):
        path = ("work", "kinds", number)
        if kind.id in seen:
            wrong = Text(f"Art von Arbeit `{kind.id}` steht zweimal", f"kind of work `{kind.id}` stands here twice")
            yield Fault(root.find((*path, "id")).place, wrong)
        seen.add(kind.id)
        for index, unit in enumerate(kind.units or ()):
            if unit not in units:
                yield Fault(root.find((*path, "units", index)).place, _is_no_unit(unit))
        for at, step in _places(kind.route, (*path, "route")):
            if step.unit is not None and step.unit not in units:
                yield Fault(root.find((*at, "unit")).place, _is_no_unit(step.unit))
            if step.who in {"other_head", "other_clerk"} and not several:
                wrong = Text(
                    f"`{step.who}` braucht eine weitere Einheit, und es gibt keine",
                    f"`{step.who}` needs another unit, and there is none",
                )
                yield Fault(root.find((*at, "who")).place, wrong)


def _places(steps: list[RouteStep], path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], RouteStep]]:
    for number, step in enumerate(steps):
        yield (*path, number), step
        yield from _places(step.parallel or [], (*path, number, "parallel"))


def _check_bounds(scenario: CaseworkScenario, root: Node) -> Iterator[Fault]:
    horizon = scenario.horizon
    if (horizon.end - horizon.start).days > LONGEST_DAYS:
        wrong = Text("ein Horizont von mehr als drei Jahren", "a horizon of more than three years")
        yield Fault(root.find(("horizon", "end")).place, wrong, Text("ein kürzerer", "a shorter one"))
    if all(weekday.value == 0 for weekday in scenario.work.weekdays):
        wrong = Text("an keinem Tag kommt Arbeit an", "no work arrives on any day")
        expected = Text("ein Faktor über 0", "some factor above 0")
        yield Fault(root.find(("work", "weekdays")).place, wrong, expected)
    if all(kind.per_day.value == 0 for kind in scenario.work.kinds):
        wrong = Text("es kommt keine Arbeit an", "no work arrives")
        yield Fault(root.find(("work", "kinds")).place, wrong, Text("ein `per_day` über 0", "some `per_day` above 0"))
    for number, one in enumerate(scenario.known_work):
        if one.at_most.value < one.at_least.value:
            place = root.find(("known_work", number, "at_most", "value")).place
            yield Fault(place, contradict(one.at_most.value, one.at_least.value))


def _check_scan(scenario: CaseworkScenario, root: Node) -> Iterator[Fault]:
    scan, units = scenario.scan, {unit.id for unit in scenario.staff.units}
    if scan is None:
        return
    for name, unit in (("operators", scan.operators), ("inspectors", scan.inspectors)):
        if unit not in units:
            yield Fault(root.find(("scan", name)).place, _is_no_unit(unit))
    if scan.operators == scan.inspectors:
        wrong = Text("wer scannt, darf nicht prüfen", "who scans may not check")
        expected = Text("eine andere Einheit als `operators`", "another unit than `operators`")
        yield Fault(root.find(("scan", "inspectors")).place, wrong, expected)
    if sorted(scan.deliveries) != scan.deliveries:
        wrong = Text("Lieferungen folgen aufeinander", "deliveries come one after another")
        expected = Text("Zeiten in ihrer Reihenfolge", "times in order")
        yield Fault(root.find(("scan", "deliveries")).place, wrong, expected)
    seen: set[str] = set()
    for number, client in enumerate(scan.clients):
        if client.authority in seen:
            place, name = root.find(("scan", "clients", number, "authority")).place, client.authority
            yield Fault(place, Text(f"Auftraggeber `{name}` steht zweimal", f"client `{name}` stands here twice"))
        seen.add(client.authority)
