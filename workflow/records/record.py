"""The record (E-Akte) with its cases (Vorgang) and documents: what it is after each event."""

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date

from workflow.engine.access import Actor, Confidentiality, Protection, Role, highest
from workflow.engine.aggregate import dataclass
from workflow.file_plan.retention import Disposal, Hold, Retention
from workflow.records.files import Medium, Version

DISPOSAL_STATES = frozenset({"offered", "appraised", "transferred", "confirmed", "deleted"})


@dataclass(frozen=True)
class Resubmission:
    id: str
    due: date
    note: str
    user: str
    fallen_due: bool = False


@dataclass(frozen=True)
class Document:
    id: str
    number: str
    title: str
    protection: Protection
    confidentiality: Confidentiality
    final: bool
    source: str | None
    versions: tuple[Version, ...]
    checked_out_by: str | None = None


@dataclass(frozen=True)
class Life:
    """Where a record or case stands between creation and disposal."""

    id: str
    number: str
    title: str
    retention: Retention
    created_on: date
    state: str = "created"
    closed_on: date | None = None
    transfer_until: date | None = None
    holds: Mapping[str, Hold] = field(default_factory=dict)
    resubmissions: Mapping[str, Resubmission] = field(default_factory=dict)
    open_slips: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Slip -> documents it locks."""
    past_slips: tuple[str, ...] = ()
    proposal: Disposal | None = None
    process: str | None = None
    offered_by: str | None = None
    transferred_by: str | None = None
    receipts: tuple[str, ...] = ()
    """Messages of the process that the archive says have arrived."""
    decision: Disposal | None = None
    archive_id: str | None = None
    deletion_requested_by: str | None = None
    deletion_requested_for: str | None = None
    """The absent person, where a deputy asked for the deletion."""

    @property
    def retention_end(self) -> date | None:
        """Last day of retention once closed; None while open or for ever."""
        return self.retention.end(self.closed_on) if self.closed_on else None


@dataclass(frozen=True)
class Case:
    life: Life
    documents: Mapping[str, Document] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    authority: str
    file_plan_code: str
    provisional_unit: bool
    own_protection: Protection
    own_confidentiality: Confidentiality
    life: Life
    lead: str | None = None
    keeper: str | None = None
    medium: Medium = Medium.ELECTRONIC
    cases: Mapping[str, Case] = field(default_factory=dict)
    cases_ever: int = 0
    """Numbers once given stay given, also after deletion (rule 2)."""

    @property
    def id(self) -> str:
        return self.life.id

    @property
    def state(self) -> str:
        return self.life.state

    @property
    def protection(self) -> Protection:
        """Maximum of its own need and its contents' (rule 20)."""
        held = [document.protection for case in self.cases.values() for document in case.documents.values()]
        return highest([self.own_protection, *held])

    @property
    def confidentiality(self) -> Confidentiality:
        return highest([self.own_confidentiality, *(d.confidentiality for d in self.documents())])

    def documents(self) -> Iterator[Document]:
        return (document for case in self.cases.values() for document in case.documents.values())

    def lives(self) -> Iterator[Life]:
        yield self.life
        yield from (case.life for case in self.cases.values())

    def life_of(self, object_id: str) -> Life | None:
        if object_id == self.life.id:
            return self.life
        case = self.cases.get(object_id)
        return case.life if case else None

    @property
    def offered(self) -> bool:
        """Whether it, or a case of it, has been offered to the archive."""
        return any(life.state in DISPOSAL_STATES for life in self.lives())

    def known_to(self, actor: Actor) -> bool:
        """Whether the person may know of it; the archive sees what has been offered to it, wherever it comes from."""
        if Role.SYSTEM in actor.roles or actor.may_know(self.authority, self.protection):
            return True
        return Role.ARCHIVIST in actor.roles and self.offered and actor.clearance.covers(self.protection)


def stream(record: str) -> str:
    return f"record:{record}"
