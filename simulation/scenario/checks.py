"""What must hold between a scenario's file and its lists, each fault with its place."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import networkx as nx

from simulation.inputs.faults import Fault, Placed, at_least, at_most, contradict, write_both
from simulation.inputs.yaml_file import Node
from simulation.scenario.figures import find_steps
from simulation.scenario.programme import Scenario, count_in_preparation, count_planned_users, count_reported
from workflow.text import NOTHING, Text

MEAN_ABOVE_MEDIAN = Text("ein Mittel nicht unter dem Median", "a mean not below the median")
NEVER_ENDS = Text("endet mit keinem, der Rollout käme nie zum Ende", "ends with none, so the rollout would never end")
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


def fault_at(root: Node, path: Path, wrong: Text, expected: Text = NOTHING) -> Fault:
    return Fault(root.find(path).place, wrong, expected)


def _check_projects(scenario: Scenario, rows: Rows) -> Iterator[Fault]:
    used = {a.project for a in scenario.authorities}
    known = {p.id for p in scenario.projects}
    horizon = scenario.spec.horizon
    order: nx.DiGraph[str] = nx.DiGraph()
    for project in scenario.projects:
        row = rows[project.id]
        if project.id not in used:
            wrong = Text(f"Projekt `{project.id}` hat keine Behörde", f"project `{project.id}` has no authority")
            yield Fault(row.place("id"), wrong, Text("mindestens eine", "at least one"))
        if not horizon.start <= project.preparation_start <= project.operation_end <= horizon.end:
            outside = "preparation_start" if project.preparation_start < horizon.start else "operation_end"
            name = project.id
            says = Text(f"Projekt `{name}` liegt außerhalb des Horizonts", f"project `{name}` lies outside the horizon")
            yield Fault(row.place(outside), says, from_to(horizon.start, horizon.end))
        for needed in project.depends_on:
            if needed not in known:
                says = Text(
                    f"hängt ab von `{needed}`, das kein Projekt ist", f"depends on `{needed}`, which is no project"
                )
                yield Fault(row.place("depends_on"), says)
            order.add_edge(needed, project.id)
    try:
        cycle = [a for a, _ in nx.find_cycle(order)]
    except nx.NetworkXNoCycle:
        return
    circle = " -> ".join([*cycle, cycle[0]])
    says = Text(f"Projekte warten aufeinander: {circle}", f"projects wait for each other: {circle}")
    yield Fault(rows[cycle[0]].place("depends_on"), says)


def _check_authorities(scenario: Scenario, rows: Rows) -> Iterator[Fault]:
    projects = {p.id: p for p in scenario.projects}
    centres = {c.id: c for c in scenario.spec.scan.centres}
    rates = scenario.spec.mail.items_per_user_day
    for authority in scenario.authorities:
        row, project = rows[authority.id], projects.get(authority.project)
        if project is None:
            name = authority.project
            yield Fault(row.place("project"), Text(f"`{name}` ist kein Projekt", f"`{name}` is no project"))
        elif not project.introduction_start <= authority.go_live <= project.introduction_end:
            says = Text(
                f"Produktivstart am {authority.go_live}, außerhalb der Einführung von `{project.id}`",
                f"goes live on {authority.go_live}, outside the introduction of `{project.id}`",
            )
            yield Fault(row.place("go_live"), says, from_to(project.introduction_start, project.introduction_end))
        if authority.scan_centre is None or authority.scan_from is None:
            continue
        centre = centres.get(authority.scan_centre)
        if centre is None:
            says = Text(
                f"`{authority.scan_centre}` ist keine Scanstelle des Szenarios",
                f"`{authority.scan_centre}` is no scan centre of the scenario",
            )
            yield Fault(row.place("scan_centre"), says)
        elif authority.scan_from < centre.opens.value:
            says = Text(
                f"gescannt ab {authority.scan_from}, bevor `{centre.id}` am {centre.opens.value} öffnet",
                f"scanned from {authority.scan_from}, before `{centre.id}` opens on {centre.opens.value}",
            )
            yield Fault(row.place("scan_from"), says)
        if authority.kind not in rates:
            says = Text(f"keine Postmenge für `{authority.kind}`", f"no mail rate for `{authority.kind}`")
            expected = Text("eine in mail.items_per_user_day", "one in mail.items_per_user_day")
            yield Fault(row.place("kind"), says, expected)


def from_to(first: date, last: date) -> Text:
    return Text(f"{first} bis {last}", f"{first} to {last}")


def _is_no_authority(name: str) -> Text:
    return Text(f"`{name}` ist keine Behörde", f"`{name}` is no authority")


def _check_early_users(scenario: Scenario, root: Node) -> Iterator[Fault]:
    known = {a.id: a for a in scenario.authorities}
    seen = set()
    for number, pilot in enumerate(scenario.spec.early_users):
        path, authority = ("early_users", number), known.get(pilot.authority)
        if authority is None:
            yield fault_at(root, (*path, "authority"), _is_no_authority(pilot.authority))
            continue
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


def _check_readiness(scenario: Scenario, root: Node) -> Iterator[Fault]:
    known = {a.id for a in scenario.authorities}
    for number, one in enumerate(scenario.spec.rollout.readiness):
        for place, name in enumerate(one.authorities):
            if name not in known:
                path = ("rollout", "readiness", number, "authorities", place)
                yield fault_at(root, path, _is_no_authority(name))


def _check_known_work(scenario: Scenario, root: Node) -> Iterator[Fault]:
    known = {a.id for a in scenario.authorities}
    for number, one in enumerate(scenario.spec.known_work):
        path = ("known_work", number)
        if one.authority not in known:
            yield fault_at(root, (*path, "authority"), _is_no_authority(one.authority))
        if one.at_most.value < one.at_least.value:
            says = contradict(one.at_most.value, one.at_least.value)
            expected = Text("nicht weniger als at_least", "no less than at_least")
            yield fault_at(root, (*path, "at_most", "value"), says, expected)


def _check_steps(scenario: Scenario, root: Node) -> Iterator[Fault]:
    for path, steps in find_steps(scenario.spec, ()):
        for number, (before, after) in enumerate(pairwise(steps), 1):
            if after.start <= before.start:
                says = Text(
                    f"{after.start} folgt nicht auf {before.start}", f"{after.start} does not come after {before.start}"
                )
                expected = Text("Schritte in zeitlicher Reihenfolge", "steps in the order of time")
                yield fault_at(root, (*path, number, "from"), says, expected)


def _check_resources(scenario: Scenario, root: Node) -> Iterator[Fault]:
    """Without a single team, trainer or provisioning slot at the end, no project that is late could ever end."""
    for path, steps in find_steps(scenario.spec.rollout, ("rollout",)):
        if steps[-1].value.value < 1:
            name = ".".join(map(str, path))
            says = Text(f"`{name}` {NEVER_ENDS.de}", f"`{name}` {NEVER_ENDS.en}")
            yield fault_at(root, (*path, len(steps) - 1, "value", "value"), says, at_least(1))


def _check_curves(scenario: Scenario, root: Node) -> Iterator[Fault]:
    """Pairs of figures that make a curve only in one order."""
    adoption, items, weekdays = scenario.spec.adoption, scenario.spec.scan.items, scenario.spec.mail.weekdays
    if adoption.ninety_weeks.value <= adoption.half_weeks.value:
        ninety, half = adoption.ninety_weeks.value, adoption.half_weeks.value
        says = Text(
            f"neun Zehntel nach {ninety:g} Wochen, aber die Hälfte nach {half:g}",
            f"nine tenths after {ninety:g} weeks, but half after {half:g}",
        )
        expected = Text("mehr Wochen als half_weeks", "more weeks than half_weeks")
        yield fault_at(root, ("adoption", "ninety_weeks", "value"), says, expected)
    if items.pages_mean.value < items.pages_median.value:
        mean, median = items.pages_mean.value, items.pages_median.value
        says = Text(
            f"ein Mittel von {mean:g} Seiten, unter dem Median von {median:g}",
            f"a mean of {mean:g} pages, below the median of {median:g}",
        )
        yield fault_at(root, ("scan", "items", "pages_mean", "value"), says, MEAN_ABOVE_MEDIAN)
    if not any(day.value for day in weekdays):
        says = Text("an keinem Wochentag kommt Post", "no weekday has mail")
        yield fault_at(root, ("mail", "weekdays"), says, Text("ein Faktor über 0", "a factor above 0"))


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
            yield fault_at(root, path, lies_outside(day), from_to(spec.horizon.start, spec.horizon.end))


def lies_outside(day: date) -> Text:
    return Text(f"{day} liegt außerhalb des Horizonts", f"{day} lies outside the horizon")


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
                says = Text(f"`{one}` steht zweimal in {name}", f"`{one}` stands twice in {name}")
                yield fault_at(root, (*name.split("."), number), says)


def check_plan(scenario: Scenario, root: Node) -> list[Fault]:
    """Where the lists do not add up to the plan or to a known count. A what-if may deviate; a base should not."""
    found = []
    for number, row in enumerate(scenario.spec.plan):
        for product in ("e_akte", "e_laufmappe"):
            have, want = count_planned_users(scenario, date(row.year, 12, 31), product), getattr(row, product).value
            if have != want:
                given, planned = write_both(have), write_both(want)
                says = Text(
                    f"die Listen ergeben {given.de} Nutzer von {product} Ende {row.year}",
                    f"the lists give {given.en} users of {product} at the end of {row.year}",
                )
                expected = Text(f"Plan: {planned.de}", f"plan: {planned.en}")
                found.append(fault_at(root, ("plan", number, product), says, expected))
    for number, known in enumerate(scenario.spec.checkpoints):
        have, want = count_planned_users(scenario, known.day, "e_laufmappe"), known.users.value
        if abs(have - want) > known.tolerance * want:
            given, counted = write_both(have), write_both(want)
            says = Text(
                f"die Listen ergeben {given.de} Nutzer am {known.day}",
                f"the lists give {given.en} users on {known.day}",
            )
            expected = Text(f"etwa {counted.de}", f"about {counted.en}")
            found.append(fault_at(root, ("checkpoints", number), says, expected))
    pipeline = scenario.spec.pipeline
    if pipeline and (have := count_in_preparation(scenario, pipeline.day)) != pipeline.users.value:
        given, counted = write_both(have), write_both(pipeline.users.value)
        says = Text(
            f"die Listen ergeben {given.de} Nutzer in Vorbereitung am {pipeline.day}",
            f"the lists give {given.en} users in preparation on {pipeline.day}",
        )
        expected = Text(f"bekannt: {counted.de}", f"known: {counted.en}")
        found.append(fault_at(root, ("pipeline", "users"), says, expected))
    return found


def check_milestones(scenario: Scenario, root: Node) -> list[Fault]:
    """Where the lists do not give what the sources say of the programme."""
    found = []
    for number, one in enumerate(scenario.spec.milestones):
        have, least, most = count_reported(scenario, one), one.at_least.value, one.at_most
        if have < least or (most and have > most.value):
            given = write_both(have)
            says = Text(
                f"die Listen ergeben {given.de} ({one.measure}) am {one.day}",
                f"the lists give {given.en} ({one.measure}) on {one.day}",
            )
            wanted = write_both(least) if most and most.value == least else at_least(least)
            found.append(fault_at(root, ("milestones", number, "at_least"), says, wanted))
    return found
