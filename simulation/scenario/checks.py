"""What must hold between a scenario's file and its lists, each fault with its place."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any, Protocol

import networkx as nx

from simulation.inputs.faults import Fault, Place
from simulation.inputs.yaml_file import Node
from simulation.scenario.figures import Step
from simulation.scenario.model import Milestone
from simulation.scenario.programme import Project, Scenario


class Placed(Protocol):
    """Where the cells of a row stand."""

    def place(self, column: str | None = None) -> Place: ...


Rows = dict[str, Placed]
Path = tuple[str | int, ...]


def check_lists(scenario: Scenario, root: Node, authorities: Rows, projects: Rows) -> list[Fault]:
    return [
        *_check_projects(scenario, projects),
        *_check_authorities(scenario, authorities),
        *_check_early_users(scenario, root),
        *_check_known_work(scenario, root),
        *_check_readiness(scenario, root),
        *_check_steps(scenario, root),
        *_check_resources(scenario, root),
        *_check_curves(scenario, root),
        *_check_dates(scenario, root),
        *_check_names(scenario, root),
    ]


def _fault(root: Node, path: Path, wrong: str, expected: str = "") -> Fault:
    return Fault(root.find(path).place, wrong, expected)


def _check_projects(scenario: Scenario, rows: Rows) -> Iterator[Fault]:
    used = {a.project for a in scenario.authorities}
    known = {p.id for p in scenario.projects}
    horizon = scenario.spec.horizon
    order: nx.DiGraph[str] = nx.DiGraph()
    for project in scenario.projects:
        row = rows[project.id]
        if project.id not in used:
            yield Fault(row.place("id"), f"project `{project.id}` has no authority", "at least one")
        if not horizon.start <= project.preparation_start <= project.operation_end <= horizon.end:
            outside = "preparation_start" if project.preparation_start < horizon.start else "operation_end"
            says = f"project `{project.id}` lies outside the horizon"
            yield Fault(row.place(outside), says, f"dates from {horizon.start} to {horizon.end}")
        for needed in project.depends_on:
            if needed not in known:
                yield Fault(row.place("depends_on"), f"depends on `{needed}`, which is no project")
            order.add_edge(needed, project.id)
    try:
        cycle = [a for a, _ in nx.find_cycle(order)]
    except nx.NetworkXNoCycle:
        return
    yield Fault(rows[cycle[0]].place("depends_on"), f"projects wait for each other: {' -> '.join([*cycle, cycle[0]])}")


def _check_authorities(scenario: Scenario, rows: Rows) -> Iterator[Fault]:
    projects = {p.id: p for p in scenario.projects}
    centres = {c.id: c for c in scenario.spec.scan.centres}
    rates = scenario.spec.mail.items_per_user_day
    for authority in scenario.authorities:
        row, project = rows[authority.id], projects.get(authority.project)
        if project is None:
            yield Fault(row.place("project"), f"`{authority.project}` is no project")
        elif not project.introduction_start <= authority.go_live <= project.introduction_end:
            says = f"goes live on {authority.go_live}, outside the introduction of `{project.id}`"
            yield Fault(row.place("go_live"), says, f"{project.introduction_start} to {project.introduction_end}")
        if authority.scan_centre is None or authority.scan_from is None:
            continue
        centre = centres.get(authority.scan_centre)
        if centre is None:
            yield Fault(row.place("scan_centre"), f"`{authority.scan_centre}` is no scan centre of the scenario")
        elif authority.scan_from < centre.opens.value:
            opens = f"`{centre.id}` opens on {centre.opens.value}"
            yield Fault(row.place("scan_from"), f"scanned from {authority.scan_from}, before {opens}")
        if authority.kind not in rates:
            yield Fault(row.place("kind"), f"no mail rate for `{authority.kind}`", "one in mail.items_per_user_day")


def _check_early_users(scenario: Scenario, root: Node) -> Iterator[Fault]:
    known = {a.id: a for a in scenario.authorities}
    seen = set()
    for number, pilot in enumerate(scenario.spec.early_users):
        path, authority = ("early_users", number), known.get(pilot.authority)
        if authority is None:
            yield _fault(root, (*path, "authority"), f"`{pilot.authority}` is no authority")
            continue
        most = min(authority.users_e_akte, authority.users_e_laufmappe)
        if pilot.users.value > most:
            says = f"{pilot.users.value} early users of `{pilot.authority}`"
            yield _fault(root, (*path, "users", "value"), says, f"at most {most}")
        if pilot.start >= authority.go_live:
            says = f"early users of `{pilot.authority}` from {pilot.start}"
            yield _fault(root, (*path, "from"), says, f"a day before its go-live on {authority.go_live}")
        if (pilot.authority, pilot.start) in seen:
            yield _fault(root, path, f"early users of `{pilot.authority}` stand twice for {pilot.start}")
        seen.add((pilot.authority, pilot.start))


def _check_readiness(scenario: Scenario, root: Node) -> Iterator[Fault]:
    known = {a.id for a in scenario.authorities}
    for number, one in enumerate(scenario.spec.rollout.readiness):
        for place, name in enumerate(one.authorities):
            if name not in known:
                path = ("rollout", "readiness", number, "authorities", place)
                yield _fault(root, path, f"`{name}` is no authority")


def _check_known_work(scenario: Scenario, root: Node) -> Iterator[Fault]:
    known = {a.id for a in scenario.authorities}
    for number, one in enumerate(scenario.spec.known_work):
        path = ("known_work", number)
        if one.authority not in known:
            yield _fault(root, (*path, "authority"), f"`{one.authority}` is no authority")
        if one.at_most.value < one.at_least.value:
            says = f"at most {one.at_most.value:,}, but at least {one.at_least.value:,}"
            yield _fault(root, (*path, "at_most", "value"), says, "no less than at_least")


def _check_steps(scenario: Scenario, root: Node) -> Iterator[Fault]:
    for path, steps in _find_steps(scenario.spec, ()):
        for number, (before, after) in enumerate(pairwise(steps), 1):
            if after.start <= before.start:
                says = f"{after.start} does not come after {before.start}"
                yield _fault(root, (*path, number, "from"), says, "steps in the order of time")


def _find_steps(node: Any, path: Path) -> Iterator[tuple[Path, list[Step]]]:
    if isinstance(node, list) and node and isinstance(node[0], Step):
        yield path, node
    elif isinstance(node, list):
        for number, item in enumerate(node):
            yield from _find_steps(item, (*path, number))
    elif hasattr(type(node), "model_fields"):
        for name, info in type(node).model_fields.items():
            yield from _find_steps(getattr(node, name), (*path, info.alias or name))


def _check_resources(scenario: Scenario, root: Node) -> Iterator[Fault]:
    """Without a single team, trainer or provisioning slot at the end, no project that is late could ever end."""
    for path, steps in _find_steps(scenario.spec.rollout, ("rollout",)):
        if steps[-1].value.value < 1:
            says = f"`{'.'.join(map(str, path))}` ends with none, so the rollout would never end"
            yield _fault(root, (*path, len(steps) - 1, "value", "value"), says, "at least 1")


def _check_curves(scenario: Scenario, root: Node) -> Iterator[Fault]:
    """Pairs of figures that make a curve only in one order."""
    adoption, items, weekdays = scenario.spec.adoption, scenario.spec.scan.items, scenario.spec.mail.weekdays
    if adoption.ninety_weeks.value <= adoption.half_weeks.value:
        says = f"nine tenths after {adoption.ninety_weeks.value:g} weeks, but half after {adoption.half_weeks.value:g}"
        yield _fault(root, ("adoption", "ninety_weeks", "value"), says, "more weeks than half_weeks")
    if items.pages_mean.value < items.pages_median.value:
        says = f"a mean of {items.pages_mean.value:g} pages, below the median of {items.pages_median.value:g}"
        yield _fault(root, ("scan", "items", "pages_mean", "value"), says, "a mean not below the median")
    if not any(day.value for day in weekdays):
        yield _fault(root, ("mail", "weekdays"), "no weekday has mail", "a factor above 0")


def _check_dates(scenario: Scenario, root: Node) -> Iterator[Fault]:
    spec = scenario.spec
    dated: list[tuple[Path, date]] = [(("as_of", "value"), spec.as_of.value)]
    dated += [(("plan", n, "year"), date(row.year, 12, 31)) for n, row in enumerate(spec.plan)]
    dated += [(("deadlines", n, "date"), d.day) for n, d in enumerate(spec.deadlines)]
    dated += [(("checkpoints", n, "date"), c.day) for n, c in enumerate(spec.checkpoints)]
    dated += [(("known_work", n, "date"), one.day) for n, one in enumerate(spec.known_work)]
    dated += [(("pipeline", "date"), spec.pipeline.day)] if spec.pipeline else []
    dated += [(("milestones", n, "date"), one.day) for n, one in enumerate(spec.milestones)]
    for path, day in dated:
        if not spec.horizon.start <= day <= spec.horizon.end:
            expected = f"{spec.horizon.start} to {spec.horizon.end}"
            yield _fault(root, path, f"{day} lies outside the horizon", expected)


def _check_names(scenario: Scenario, root: Node) -> Iterator[Fault]:
    spec = scenario.spec
    named: dict[str, list[Any]] = {
        "deadlines": [d.id for d in spec.deadlines],
        "milestones": [m.id for m in spec.milestones],
        "scan.centres": [c.id for c in spec.scan.centres],
        "mail.channels": [c.id for c in spec.mail.channels],
        "risks.events": [e.id for e in spec.risks.events],
        "rollout.providers": [p.id for p in spec.rollout.providers],
        "rollout.readiness": [r.id for r in spec.rollout.readiness],
        "plan": [row.year for row in spec.plan],
    }
    for name, ids in named.items():
        for number, one in enumerate(ids):
            if one in ids[:number]:
                yield _fault(root, (*name.split("."), number), f"`{one}` stands twice in {name}")


def count_planned_users(scenario: Scenario, day: date, product: str) -> int:
    """Users of a product on a day if all goes live as planned, pilots included."""
    total = 0
    for authority in scenario.authorities:
        if authority.go_live <= day:
            total += getattr(authority, f"users_{product}")
        else:
            early = [p for p in scenario.spec.early_users if p.authority == authority.id and p.start <= day]
            total += max(early, key=lambda p: p.start).users.value if early else 0
    return total


def check_plan(scenario: Scenario, root: Node) -> list[Fault]:
    """Where the lists do not add up to the plan or to a known count. A what-if may deviate; a base should not."""
    found = []
    for number, row in enumerate(scenario.spec.plan):
        for product in ("e_akte", "e_laufmappe"):
            have, want = count_planned_users(scenario, date(row.year, 12, 31), product), getattr(row, product).value
            if have != want:
                says = f"the lists give {have:,} users of {product} at the end of {row.year}"
                found.append(_fault(root, ("plan", number, product), says, f"plan: {want:,}"))
    for number, known in enumerate(scenario.spec.checkpoints):
        have, want = count_planned_users(scenario, known.day, "e_laufmappe"), known.users.value
        if abs(have - want) > known.tolerance * want:
            says = f"the lists give {have:,} users on {known.day}"
            found.append(_fault(root, ("checkpoints", number), says, f"about {want:,}"))
    pipeline = scenario.spec.pipeline
    if pipeline and (have := count_in_preparation(scenario, pipeline.day)) != pipeline.users.value:
        says = f"the lists give {have:,} users in preparation on {pipeline.day}"
        found.append(_fault(root, ("pipeline", "users"), says, f"known: {pipeline.users.value:,}"))
    return found


def count_in_preparation(scenario: Scenario, day: date) -> int:
    """E-Laufmappe users of projects that have begun by a day, without those live when counts were last known."""
    begun = {p.id for p in scenario.projects if p.preparation_start <= day}
    coming = [a for a in scenario.authorities if a.project in begun and a.go_live > scenario.spec.as_of.value]
    return sum(a.users_e_laufmappe for a in coming)


def check_milestones(scenario: Scenario, root: Node) -> list[Fault]:
    """Where the lists do not give what the sources say of the programme."""
    found = []
    for number, one in enumerate(scenario.spec.milestones):
        have, least, most = count_reported(scenario, one), one.at_least.value, one.at_most
        if have < least or (most and have > most.value):
            says = f"the lists give {have:,} ({one.measure}) on {one.day}"
            wanted = f"{least:,}" if most and most.value == least else f"at least {least:,}"
            found.append(_fault(root, ("milestones", number, "at_least"), says, wanted))
    return found


def count_reported(scenario: Scenario, one: Milestone) -> int:
    """What a milestone counts, on its day, by the lists."""
    authorities = [a for a in scenario.authorities if one.project in (None, a.project)]
    if one.measure == "authorities":
        return len(authorities)
    if one.measure == "considered":
        groups = [g for g in scenario.spec.authorities if not isinstance(g, str) and one.project in (None, g.project)]
        return sum(g.considered.value for g in groups if g.considered)
    live = [a for a in authorities if a.go_live <= one.day]
    if one.measure in {"authorities_live", "users"}:
        return len(live) if one.measure == "authorities_live" else sum(a.users_e_laufmappe for a in live)
    if one.measure == "releases":
        return _count_releases(scenario, one.day)
    return sum(_is_at(project, one) for project in scenario.projects if one.project in (None, project.id))


def _is_at(project: Project, one: Milestone) -> bool:
    """Whether a project has begun, is in one of its first two phases, or is done on the day of a milestone."""
    begun, introduces, done = (
        day <= one.day for day in (project.preparation_start, project.introduction_start, project.introduction_end)
    )
    return {
        "projects_begun": begun,
        "projects_in_preparation": begun and not introduces,
        "projects_in_introduction": introduces and not done,
        "projects_done": done,
    }[one.measure]


def _count_releases(scenario: Scenario, day: date) -> int:
    releases = scenario.spec.rollout.releases
    months = (day.year - releases.first.value.year) * 12 + day.month - releases.first.value.month
    months -= day.day < releases.first.value.day
    return int(months / releases.every_months.value) + 1 if months >= 0 else 0
