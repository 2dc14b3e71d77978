"""What must hold between a scenario's file and its lists, each fault with its place."""

from collections.abc import Iterator
from datetime import date

import networkx as nx

from simulation.inputs.faults import Fault, Placed, at_most
from simulation.inputs.valid_parts import Known, as_far_as_valid
from simulation.inputs.yaml_file import Node
from simulation.loading.check_words import fault_at, from_to
from simulation.scenario.introduction import Readiness
from simulation.scenario.model import EarlyUsers, KnownWork
from simulation.scenario.programme import Authority, Project, Scenario
from simulation.scenario.scanning import ScanCentre
from workflow.text import Text

Rows = dict[str, Placed]


def check_lists(scenario: Scenario, root: Node, authorities: Rows, projects: Rows) -> list[Fault]:
    return [
        *_check_projects(scenario, projects),
        *_check_authorities(scenario, authorities),
        *_check_early_users(scenario, root),
        *_check_known_work(scenario, root),
        *_check_readiness(scenario, root),
    ]


@as_far_as_valid
def _check_projects(scenario: Scenario, rows: Rows) -> Iterator[Fault]:
    yield from _find_unused_projects(scenario, rows)
    known = Known(lambda: scenario.projects)
    for project in scenario.projects:
        yield from _check_project_days(scenario, project, rows)
        yield from _check_needed(known, project, rows)
    yield from _check_order(scenario, rows)


@as_far_as_valid
def _find_unused_projects(scenario: Scenario, rows: Rows) -> Iterator[Fault]:
    used = {a.project for a in scenario.authorities}
    for name, row in rows.items():
        if name not in used:
            wrong = Text(f"Projekt `{name}` hat keine Behörde", f"project `{name}` has no authority")
            yield Fault(row.place("id"), wrong, Text("mindestens eine", "at least one"))


@as_far_as_valid
def _check_project_days(scenario: Scenario, project: Project, rows: Rows) -> Iterator[Fault]:
    horizon, name = scenario.spec.horizon, project.id
    if not horizon.start <= project.preparation_start <= project.operation_end <= horizon.end:
        outside = "preparation_start" if project.preparation_start < horizon.start else "operation_end"
        says = Text(f"Projekt `{name}` liegt außerhalb des Horizonts", f"project `{name}` lies outside the horizon")
        yield Fault(rows[name].place(outside), says, from_to(horizon.start, horizon.end))


@as_far_as_valid
def _check_needed(known: Known[Project], project: Project, rows: Rows) -> Iterator[Fault]:
    for needed in project.depends_on:
        if known.find(needed) is None:
            says = Text(f"hängt ab von `{needed}`, das kein Projekt ist", f"depends on `{needed}`, which is no project")
            yield Fault(rows[project.id].place("depends_on"), says)


@as_far_as_valid
def _check_order(scenario: Scenario, rows: Rows) -> Iterator[Fault]:
    order = nx.DiGraph([(needed, project.id) for project in scenario.projects for needed in project.depends_on])
    try:
        cycle = [a for a, _ in nx.find_cycle(order)]
    except nx.NetworkXNoCycle:
        return
    circle = " -> ".join([*cycle, cycle[0]])
    says = Text(f"Projekte warten aufeinander: {circle}", f"projects wait for each other: {circle}")
    yield Fault(rows[cycle[0]].place("depends_on"), says)


@as_far_as_valid
def _check_authorities(scenario: Scenario, rows: Rows) -> Iterator[Fault]:
    projects, centres = Known(lambda: scenario.projects), Known(lambda: scenario.spec.scan.centres)
    for authority in scenario.authorities:
        yield from _check_go_live(projects, authority, rows)
        yield from _check_scan_centre(centres, authority, rows)
        yield from _check_mail_rate(scenario, authority, rows)


@as_far_as_valid
def _check_go_live(projects: Known[Project], authority: Authority, rows: Rows) -> Iterator[Fault]:
    row, name = rows[authority.id], authority.project
    project = projects.find(name)
    if project is None:
        yield Fault(row.place("project"), Text(f"`{name}` ist kein Projekt", f"`{name}` is no project"))
    elif not project.introduction_start <= authority.go_live <= project.introduction_end:
        says = Text(
            f"Produktivstart am {authority.go_live}, außerhalb der Einführung von `{project.id}`",
            f"goes live on {authority.go_live}, outside the introduction of `{project.id}`",
        )
        yield Fault(row.place("go_live"), says, from_to(project.introduction_start, project.introduction_end))


@as_far_as_valid
def _check_scan_centre(centres: Known[ScanCentre], authority: Authority, rows: Rows) -> Iterator[Fault]:
    if authority.scan_centre is None or authority.scan_from is None:
        return
    row, name = rows[authority.id], authority.scan_centre
    centre = centres.find(name)
    if centre is None:
        says = Text(f"`{name}` ist keine Scanstelle des Szenarios", f"`{name}` is no scan centre of the scenario")
        yield Fault(row.place("scan_centre"), says)
    elif authority.scan_from < centre.opens.value:
        says = Text(
            f"gescannt ab {authority.scan_from}, bevor `{centre.id}` am {centre.opens.value} öffnet",
            f"scanned from {authority.scan_from}, before `{centre.id}` opens on {centre.opens.value}",
        )
        yield Fault(row.place("scan_from"), says)


@as_far_as_valid
def _check_mail_rate(scenario: Scenario, authority: Authority, rows: Rows) -> Iterator[Fault]:
    is_scanned = authority.scan_centre is not None and authority.scan_from is not None
    if is_scanned and authority.kind not in scenario.spec.mail.items_per_user_day:
        says = Text(f"keine Postmenge für `{authority.kind}`", f"no mail rate for `{authority.kind}`")
        expected = Text("eine in mail.items_per_user_day", "one in mail.items_per_user_day")
        yield Fault(rows[authority.id].place("kind"), says, expected)


def _is_no_authority(name: str) -> Text:
    return Text(f"`{name}` ist keine Behörde", f"`{name}` is no authority")


@as_far_as_valid
def _check_early_users(scenario: Scenario, root: Node) -> Iterator[Fault]:
    known, seen = Known(lambda: scenario.authorities), set[tuple[str, date]]()
    for number, pilot in enumerate(scenario.spec.early_users):
        yield from _check_pilot(known, root, number, pilot, seen)


@as_far_as_valid
def _check_pilot(
    known: Known[Authority], root: Node, number: int, pilot: EarlyUsers, seen: set[tuple[str, date]]
) -> Iterator[Fault]:
    path, name = ("early_users", number), pilot.authority
    authority = known.find(name)
    if authority is None:
        yield fault_at(root, (*path, "authority"), _is_no_authority(name))
    else:
        most = min(authority.users_e_akte, authority.users_e_laufmappe)
        if pilot.users.value > most:
            says = Text(
                f"{pilot.users.value} frühe Nutzer von `{pilot.authority}`",
                f"{pilot.users.value} early users of `{pilot.authority}`",
            )
            yield fault_at(root, (*path, "users", "value"), says, at_most(most))
        if pilot.start >= authority.go_live:
            says = Text(
                f"frühe Nutzer von `{pilot.authority}` ab {pilot.start}",
                f"early users of `{pilot.authority}` from {pilot.start}",
            )
            expected = Text(
                f"ein Tag vor dem Produktivstart am {authority.go_live}",
                f"a day before its go-live on {authority.go_live}",
            )
            yield fault_at(root, (*path, "from"), says, expected)
    if (pilot.authority, pilot.start) in seen:
        says = Text(
            f"frühe Nutzer von `{pilot.authority}` stehen zweimal für {pilot.start}",
            f"early users of `{pilot.authority}` stand twice for {pilot.start}",
        )
        yield fault_at(root, path, says)
    seen.add((pilot.authority, pilot.start))


@as_far_as_valid
def _check_readiness(scenario: Scenario, root: Node) -> Iterator[Fault]:
    known = Known(lambda: scenario.authorities)
    for number, one in enumerate(scenario.spec.rollout.readiness):
        yield from _check_named(known, root, number, one)


@as_far_as_valid
def _check_named(known: Known[Authority], root: Node, number: int, one: Readiness) -> Iterator[Fault]:
    for place, name in enumerate(one.authorities):
        if known.find(name) is None:
            yield fault_at(root, ("rollout", "readiness", number, "authorities", place), _is_no_authority(name))


@as_far_as_valid
def _check_known_work(scenario: Scenario, root: Node) -> Iterator[Fault]:
    known = Known(lambda: scenario.authorities)
    for number, one in enumerate(scenario.spec.known_work):
        yield from _check_known_authority(known, root, number, one)


@as_far_as_valid
def _check_known_authority(known: Known[Authority], root: Node, number: int, one: KnownWork) -> Iterator[Fault]:
    if known.find(one.authority) is None:
        yield fault_at(root, ("known_work", number, "authority"), _is_no_authority(one.authority))
