"""What must hold between the units, the work and the scanning of a casework scenario, each fault with its place."""

from collections.abc import Iterator

from simulation.inputs.faults import Fault
from simulation.inputs.valid_parts import Known, as_far_as_valid
from simulation.inputs.yaml_file import Node
from simulation.loading.check_values import check_known_amounts
from simulation.loading.check_words import Path, fault_at
from simulation.scenario.casework import CaseworkScenario, RouteStep, Unit, WorkKind
from simulation.scenario.scanning import ScanWork
from workflow.text import Text

LONGEST_DAYS = 3 * 366
"""Of a horizon; a log of several years is no longer looked through by people."""


def check_casework(scenario: CaseworkScenario, root: Node) -> list[Fault]:
    checks = (
        _check_units, _check_work, _check_horizon, _check_weekdays, _check_arrivals, check_known_amounts, _check_scan,
    )  # fmt: skip
    return [fault for check in checks for fault in check(scenario, root)]


@as_far_as_valid
def _check_units(scenario: CaseworkScenario, root: Node) -> Iterator[Fault]:
    known = Known(lambda: scenario.staff.units)
    seen: set[str] = set()
    named: set[str] = set()
    for number, unit in enumerate(scenario.staff.units):
        yield from _check_people(root, number, unit, named)
        yield from _find_same(unit, root, ("staff", "units", number, "id"), seen, Text("Einheit", "unit"))
        yield from _check_parent(known, root, number, unit)
    yield from _check_top(scenario, root)
    yield from _check_sum(scenario, root)


@as_far_as_valid
def _check_people(root: Node, number: int, unit: Unit, named: set[str]) -> Iterator[Fault]:
    for position, name in enumerate(unit.names):
        if name in named:
            where = root.find(("staff", "units", number, "names", position)).place
            yield Fault(
                where, Text(f"`{name}` heißt schon jemand anderes", f"`{name}` is somebody else's name already")
            )
        named.add(name)


@as_far_as_valid
def _find_same(item: Unit | WorkKind, root: Node, path: Path, seen: set[str], what: Text) -> Iterator[Fault]:
    if item.id in seen:
        says = Text(f"{what.de} `{item.id}` steht zweimal", f"{what.en} `{item.id}` stands here twice")
        yield fault_at(root, path, says)
    seen.add(item.id)


@as_far_as_valid
def _check_parent(known: Known[Unit], root: Node, number: int, unit: Unit) -> Iterator[Fault]:
    if unit.parent is None:
        return
    path = ("staff", "units", number)
    if known.find(unit.parent) is None:
        yield fault_at(root, (*path, "parent"), _is_no_unit(unit.parent))
    elif _belongs_to_itself(unit, known):
        says = Text(f"Einheit `{unit.id}` gehört zu sich selbst", f"unit `{unit.id}` belongs to itself")
        yield fault_at(root, (*path, "id"), says)


def _belongs_to_itself(unit: Unit, known: Known[Unit]) -> bool:
    above, passed = unit.parent, set[str]()
    while above is not None and above not in passed:
        if above == unit.id:
            return True
        passed.add(above)
        found = known.find(above)
        above = found.parent if found else None
    return False


@as_far_as_valid
def _check_top(scenario: CaseworkScenario, root: Node) -> Iterator[Fault]:
    if not scenario.roots:
        wrong = Text("keine Einheit steht ganz oben", "no unit is topmost")
        yield fault_at(root, ("staff", "units"), wrong, Text("eine ohne `parent`", "one without `parent`"))


@as_far_as_valid
def _check_sum(scenario: CaseworkScenario, root: Node) -> Iterator[Fault]:
    total, sum_of_units = scenario.staff.total.value, sum(unit.staff.value for unit in scenario.staff.units)
    if total != sum_of_units:
        wrong = Text(
            f"die Einheiten haben zusammen {sum_of_units} Personen, nicht {total}",
            f"the units have {sum_of_units} staff together, not {total}",
        )
        yield fault_at(root, ("staff", "total", "value"), wrong, Text("gleiche Summen", "equal totals"))


def _is_no_unit(name: str) -> Text:
    return Text(f"`{name}` ist keine Einheit", f"`{name}` is no unit")


@as_far_as_valid
def _check_work(scenario: CaseworkScenario, root: Node) -> Iterator[Fault]:
    known = Known(lambda: scenario.staff.units)
    seen: set[str] = set()
    for number, kind in enumerate(scenario.work.kinds):
        path = ("work", "kinds", number)
        yield from _find_same(kind, root, (*path, "id"), seen, Text("Art von Arbeit", "kind of work"))
        yield from _check_units_of(kind, known, root, (*path, "units"))
        yield from _check_route(kind, known, root, (*path, "route"))
        yield from _check_others(scenario, kind, root, (*path, "route"))


@as_far_as_valid
def _check_units_of(kind: WorkKind, known: Known[Unit], root: Node, path: Path) -> Iterator[Fault]:
    for index, unit in enumerate(kind.units or ()):
        if known.find(unit) is None:
            yield fault_at(root, (*path, index), _is_no_unit(unit))


@as_far_as_valid
def _check_route(kind: WorkKind, known: Known[Unit], root: Node, path: Path) -> Iterator[Fault]:
    for at, step in _places(kind.route, path):
        yield from _check_step(step, known, root, at)


@as_far_as_valid
def _check_step(step: RouteStep, known: Known[Unit], root: Node, path: Path) -> Iterator[Fault]:
    if step.unit is not None and known.find(step.unit) is None:
        yield fault_at(root, (*path, "unit"), _is_no_unit(step.unit))


@as_far_as_valid
def _check_others(scenario: CaseworkScenario, kind: WorkKind, root: Node, path: Path) -> Iterator[Fault]:
    if len(scenario.staff.units) > 1:
        return
    for at, step in _places(kind.route, path):
        if step.who in {"other_head", "other_clerk"}:
            wrong = Text(
                f"`{step.who}` braucht eine weitere Einheit, und es gibt keine",
                f"`{step.who}` needs another unit, and there is none",
            )
            yield fault_at(root, (*at, "who"), wrong)


def _places(steps: list[RouteStep], path: Path) -> Iterator[tuple[Path, RouteStep]]:
    for number, step in enumerate(steps):
        yield (*path, number), step
        yield from _places(step.parallel or [], (*path, number, "parallel"))


@as_far_as_valid
def _check_horizon(scenario: CaseworkScenario, root: Node) -> Iterator[Fault]:
    horizon = scenario.horizon
    if (horizon.end - horizon.start).days > LONGEST_DAYS:
        wrong = Text("ein Horizont von mehr als drei Jahren", "a horizon of more than three years")
        yield fault_at(root, ("horizon", "end"), wrong, Text("ein kürzerer", "a shorter one"))


@as_far_as_valid
def _check_weekdays(scenario: CaseworkScenario, root: Node) -> Iterator[Fault]:
    if all(weekday.value == 0 for weekday in scenario.work.weekdays):
        wrong = Text("an keinem Tag kommt Arbeit an", "no work arrives on any day")
        yield fault_at(root, ("work", "weekdays"), wrong, Text("ein Faktor über 0", "some factor above 0"))


@as_far_as_valid
def _check_arrivals(scenario: CaseworkScenario, root: Node) -> Iterator[Fault]:
    if all(kind.per_day.value == 0 for kind in scenario.work.kinds):
        wrong = Text("es kommt keine Arbeit an", "no work arrives")
        yield fault_at(root, ("work", "kinds"), wrong, Text("ein `per_day` über 0", "some `per_day` above 0"))


@as_far_as_valid
def _check_scan(scenario: CaseworkScenario, root: Node) -> Iterator[Fault]:
    scan, known = scenario.scan, Known(lambda: scenario.staff.units)
    if scan is None:
        return
    for check in (_check_operators, _check_inspectors):
        yield from check(scan, known, root)
    for check_scan in (_check_scanned_by_others, _check_deliveries, _check_clients):
        yield from check_scan(scan, root)


@as_far_as_valid
def _check_operators(scan: ScanWork, known: Known[Unit], root: Node) -> Iterator[Fault]:
    if known.find(scan.operators) is None:
        yield fault_at(root, ("scan", "operators"), _is_no_unit(scan.operators))


@as_far_as_valid
def _check_inspectors(scan: ScanWork, known: Known[Unit], root: Node) -> Iterator[Fault]:
    if known.find(scan.inspectors) is None:
        yield fault_at(root, ("scan", "inspectors"), _is_no_unit(scan.inspectors))


@as_far_as_valid
def _check_scanned_by_others(scan: ScanWork, root: Node) -> Iterator[Fault]:
    if scan.operators == scan.inspectors:
        wrong = Text("wer scannt, darf nicht prüfen", "who scans may not check")
        expected = Text("eine andere Einheit als `operators`", "another unit than `operators`")
        yield fault_at(root, ("scan", "inspectors"), wrong, expected)


@as_far_as_valid
def _check_deliveries(scan: ScanWork, root: Node) -> Iterator[Fault]:
    if sorted(scan.deliveries) != scan.deliveries:
        wrong = Text("Lieferungen folgen aufeinander", "deliveries come one after another")
        yield fault_at(root, ("scan", "deliveries"), wrong, Text("Zeiten in ihrer Reihenfolge", "times in order"))


@as_far_as_valid
def _check_clients(scan: ScanWork, root: Node) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, client in enumerate(scan.clients):
        name = client.authority
        if name in seen:
            says = Text(f"Auftraggeber `{name}` steht zweimal", f"client `{name}` stands here twice")
            yield fault_at(root, ("scan", "clients", number, "authority"), says)
        seen.add(name)
