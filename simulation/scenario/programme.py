"""The programme itself: 258 authorities (Behörden) in 45 rollout projects, as the CSV files beside a scenario say.

F088: 258 authorities, 45 projects. The report does not name them; the shipped lists are a reconstruction.
"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from simulation.scenario.fields import AuthorityKind, Line, Slug
from simulation.scenario.figures import Basis, Count, Strict
from simulation.scenario.model import RolloutScenario

Source = Annotated[str, Field(min_length=3, max_length=300)]


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
            raise ValueError("scan_centre and scan_from go together")
        if self.users_basis == "assumed" and (self.users_low is None or self.users_high is None):
            raise ValueError("assumed users need users_low and users_high")
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
                raise ValueError(f"{after} {b} comes before {before} {a}")
        return self


@dataclass(frozen=True)
class Scenario:
    """A scenario as it is simulated: the file with its `extends` resolved, and both lists.

    `digest` is the SHA-256 over the merged content; equal digests give equal results.
    """

    spec: RolloutScenario
    authorities: tuple[Authority, ...]
    projects: tuple[Project, ...]
    digest: str

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to workers as JSON: pydantic's generic figures cannot be pickled."""
        lists = ([a.model_dump_json() for a in self.authorities], [p.model_dump_json() for p in self.projects])
        return _unpacked, (self.spec.model_dump_json(by_alias=True), *lists, self.digest)


def _unpacked(spec: str, authorities: list[str], projects: list[str], digest: str) -> Scenario:
    return Scenario(
        RolloutScenario.model_validate_json(spec),
        tuple(map(Authority.model_validate_json, authorities)),
        tuple(map(Project.model_validate_json, projects)),
        digest,
    )
