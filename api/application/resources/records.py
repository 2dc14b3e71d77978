"""The record (E-Akte) with its cases (Vorgang) and documents, as the API shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Annotated, Any

from api.application.resources.representation import Fields, From, Representation
from api.application.resources.resource import After, Filter, Page, Resource
from workflow.engine.access import Actor, Confidentiality, Protection
from workflow.records.actions import COMMANDS
from workflow.records.decide import options
from workflow.records.events import Medium, Version
from workflow.records.machine import MACHINE
from workflow.records.record import Life
from workflow.records.retention import Disposal, Retention
from workflow.views.queries import Views

PROTECTION = tuple(Protection)


class ResubmissionRepresentation(Representation):
    """A Wiedervorlage."""

    id: str
    due: date
    note: str
    user: str
    fallen_due: bool


class DocumentRepresentation(Representation):
    """A document with its versions, oldest first."""

    id: str
    number: str
    title: str
    protection: Protection
    confidentiality: Confidentiality
    final: bool
    source: str | None
    checked_out_by: str | None
    versions: list[Version]


class OpenSlipRepresentation(Representation):
    """A routing slip under way, and the documents it locks."""

    routing_slip: str
    documents: list[str]


class HoldRepresentation(Representation):
    """A legal hold (Löschsperre)."""

    id: str
    reason: str
    holder: str
    since: date


def _list_open_slips(slips: Mapping[str, tuple[str, ...]]) -> list[Fields]:
    return [{"routing_slip": slip, "documents": documents} for slip, documents in slips.items()]


LIFE = {field.name for field in fields(Life)} | {"retention_end"}


class LifeRepresentation(Representation):
    """Where a record or case stands between creation and disposal."""

    number: str
    title: str
    state: str
    retention: Retention
    created_on: date
    closed_on: date | None
    transfer_until: date | None
    retention_end: date | None
    holds: list[HoldRepresentation]
    resubmissions: list[ResubmissionRepresentation]
    open_slips: Annotated[list[OpenSlipRepresentation], From(convert=_list_open_slips)]
    past_slips: list[str]
    proposal: Disposal | None
    process: str | None
    offered_by: str | None
    decision: Disposal | None
    archive_id: str | None
    deletion_requested_by: str | None

    @classmethod
    def find_attribute(cls, name: str) -> str:
        """Records and cases keep what they have in common in `life`."""
        return f"life.{name}" if name in LIFE else name


class CaseRepresentation(LifeRepresentation):
    """A case (Vorgang)."""

    id: str
    documents: list[DocumentRepresentation]


class RecordRepresentation(LifeRepresentation):
    """A record (E-Akte); `number` is its file number (Aktenzeichen)."""

    authority: str
    file_number: Annotated[str, From("life.number")]
    file_plan_code: str
    provisional_unit: bool
    protection: Protection
    own_protection: Protection
    confidentiality: Confidentiality
    own_confidentiality: Confidentiality
    lead: str | None
    keeper: str | None
    medium: Medium
    cases: list[CaseRepresentation]


class RecordRow(Representation):
    """A record in lists."""

    kind: str
    id: str
    authority: str
    file_number: str
    title: str
    state: str
    protection: Protection
    cases: int
    documents: int


def _list(views: Views, actor: Actor, filters: Mapping[str, str], limit: int, after: After | None) -> Page:
    return build_page(views.records(actor, filters.get("text", ""), limit + 1, after), limit, "file_number", "stream")


def describe_row(row: Mapping[str, Any]) -> Fields:
    """A row of a view as a list shows it: the stream as kind and id, protection by its name."""
    kind, _, key = row["stream"].partition(":")
    rest = {name: value for name, value in row.items() if name != "stream"}
    return {"kind": kind, "id": key, **rest, "protection": PROTECTION[row["protection"]]}


def build_page(rows: Sequence[Mapping[str, Any]], limit: int, *order: str) -> Page:
    """The page of rows of a view, which was asked for one more than `limit` and sorts by `order`."""
    last = tuple(str(rows[limit - 1][column]) for column in order) if len(rows) > limit else None
    return Page([describe_row(row) for row in rows[:limit]], last)


RESOURCE = Resource(
    name="record",
    plural="records",
    en="record",
    de="E-Akte",
    commands=COMMANDS,
    representation=RecordRepresentation,
    row=RecordRow,
    options=options,
    machine=MACHINE,
    part="case",
    list_view=_list,
    filters=(Filter("text", "words that begin a word of a number or title in the record"),),
)
