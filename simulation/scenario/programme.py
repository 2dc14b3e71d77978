"""The programme itself: 258 authorities (Behörden) in 45 rollout projects, as the CSV files beside a scenario say.

F088: 258 authorities, 45 projects. The report does not name them; the shipped lists are a reconstruction.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Literal

from pydantic import model_validator

from simulation.scenario.fields import MOST_IN_LINE, AuthorityKind, Line, Slug, Source
from simulation.scenario.figures import RANGED, Basis, Count, Strict
from simulation.scenario.model import AuthorityGroup, ListedProject, Milestone, RolloutScenario
from workflow.text import InvalidValue


class Authority(Strict):
    """One authority: its size, its planned go-live, and where its mail is scanned. Every group of cells has a basis."""

    id: Slug
    name: Line
    kind: AuthorityKind
    department: Line
    project: Slug
    users_e_akte: Count
    users_e_laufmappe: Count
    go_live: date
    protection: Literal["normal", "high"]
    scan_centre: Slug | None
    scan_from: date | None
    identity_basis: Basis
    identity_source: Source
    project_basis: Basis
    project_source: Source
    users_basis: Basis
    users_low: Count | None
    users_high: Count | None
    users_source: Source
    go_live_basis: Basis
    go_live_source: Source
    protection_basis: Basis
    protection_source: Source
    scan_basis: Basis
    scan_source: Source

    @model_validator(mode="after")
    def _complete(self) -> "Authority":
        if (self.scan_centre is None) != (self.scan_from is None):
            raise InvalidValue("scan_centre und scan_from gehören zusammen", "scan_centre and scan_from go together")
        if self.users_basis in RANGED and (self.users_low is None or self.users_high is None):
            raise InvalidValue(
                f"Nutzer mit der Grundlage {self.users_basis} brauchen users_low und users_high",
                f"{self.users_basis} users need users_low and users_high",
            )
        return self


class Project(Strict):
    """One rollout project: three phases as planned, and the projects whose introduction must end before its own."""

    id: Slug
    name: Line
    name_en: Line
    preparation_start: date
    preparation_end: date
    introduction_start: date
    introduction_end: date
    operation_start: date
    operation_end: date
    depends_on: tuple[Slug, ...]
    name_basis: Basis
    name_source: Source
    dates_basis: Basis
    dates_source: Source
    depends_basis: Basis
    depends_source: Source

    @model_validator(mode="after")
    def _in_order(self) -> "Project":
        phases = ("preparation", "introduction", "operation")
        days = [(f"{p}_{edge}", getattr(self, f"{p}_{edge}")) for p in phases for edge in ("start", "end")]
        for (before, a), (after, b) in pairwise(days):
            if b < a:
                raise InvalidValue(f"{after} {b} liegt vor {before} {a}", f"{after} {b} comes before {before} {a}")
        return self


def list_members(group: AuthorityGroup) -> Iterator[Authority]:
    """The authorities of a group, with go-lives spread evenly from its first day to its last."""
    count, users, opening = group.count, group.users_each, group.first_go_live
    days = (group.last_go_live.value - opening.value).days
    for number in range(count.value):
        day = opening.value + timedelta(round(days * number / max(count.value - 1, 1)))
        own = group.number_member(number + 1)
        yield Authority(
            id=own.id, name=own.name,
            kind=group.kind, department=group.department, project=group.project,
            users_e_akte=users.value, users_e_laufmappe=users.value, go_live=day, protection=group.protection,
            scan_centre=group.scan_centre, scan_from=day if group.scan_centre else None,
            identity_basis=count.basis, identity_source=count.source[:MOST_IN_LINE],
            project_basis=opening.basis, project_source=opening.source,
            users_basis=users.basis, users_low=users.low, users_high=users.high,
            users_source=users.source[:MOST_IN_LINE],
            go_live_basis=opening.basis, go_live_source=opening.source,
            protection_basis=count.basis, protection_source=count.source[:MOST_IN_LINE],
            scan_basis=opening.basis, scan_source=opening.source,
        )  # fmt: skip


def list_project(project: ListedProject) -> Project:
    """A project that the scenario's file says itself."""
    basis, source = project.basis, project.source
    return Project(
        id=project.id, name=project.title.de, name_en=project.title.en, depends_on=tuple(project.depends_on),
        preparation_start=project.preparation.start, preparation_end=project.preparation.end,
        introduction_start=project.introduction.start, introduction_end=project.introduction.end,
        operation_start=project.operation.start, operation_end=project.operation.end,
        name_basis=basis, name_source=source, dates_basis=basis, dates_source=source,
        depends_basis=basis, depends_source=source,
    )  # fmt: skip


@dataclass(frozen=True)
class Scenario:
    """A scenario as it is simulated: the file with its `extends` resolved, and both lists.

    `digest` is the SHA-256 over the merged content; equal digests give equal results. `changes` are lines such as
    `rollout.teams+=2@2022-01-01`, see `simulation.levers`.
    """

    spec: RolloutScenario
    authorities: tuple[Authority, ...]
    projects: tuple[Project, ...]
    digest: str
    changes: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to workers as JSON: pydantic's generic figures cannot be pickled."""
        lists = ([a.model_dump_json() for a in self.authorities], [p.model_dump_json() for p in self.projects])
        return _unpacked, (self.spec.model_dump_json(by_alias=True), *lists, self.digest, self.changes)


def _unpacked(
    spec: str, authorities: list[str], projects: list[str], digest: str, changes: tuple[str, ...]
) -> Scenario:
    return Scenario(
        RolloutScenario.model_validate_json(spec),
        tuple(map(Authority.model_validate_json, authorities)),
        tuple(map(Project.model_validate_json, projects)),
        digest,
        changes,
    )


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


def count_in_preparation(scenario: Scenario, day: date) -> int:
    """E-Laufmappe users of projects that have begun by a day, without those live when counts were last known."""
    begun = {p.id for p in scenario.projects if p.preparation_start <= day}
    coming = [a for a in scenario.authorities if a.project in begun and a.go_live > scenario.spec.as_of.value]
    return sum(a.users_e_laufmappe for a in coming)


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
