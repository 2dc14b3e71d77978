"""The record (E-Akte) with its cases (Vorgang) and documents, as the API shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Annotated, Any

from api.application.resources.representation import Fields, From, Representation, one_of
from api.application.resources.resource import Filter, Knowledge, Listing, Page, Resource
from workflow.engine.access import Actor, Confidentiality, Protection
from workflow.engine.aggregate import replace
from workflow.file_plan.retention import Disposal, Retention
from workflow.organisation.house_rules import Context
from workflow.records.actions import COMMANDS
from workflow.records.decide import options
from workflow.records.files import Medium, Version
from workflow.records.machine import MACHINE
from workflow.records.record import Life, Record
from workflow.routing_slips.routing_slip import RoutingSlip, knows
from workflow.routing_slips.routing_slip import stream as slip_stream
from workflow.views.queries import Views

PROTECTION = tuple(Protection)
RecordState = Annotated[str, one_of("RecordState", MACHINE.states)]


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
    state: RecordState
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
    transferred_by: str | None
    receipts: list[str]
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
    state: RecordState
    protection: Protection
    cases: int
    documents: int
    unit: str
    version: int
    created_at: datetime
    changed_at: datetime


def _list(views: Views, actor: Actor, asked: Listing) -> Page:
    text = " ".join(asked.filters.get("text", ()))
    others = {name: found for name, found in asked.filters.items() if name != "text"}
    wanted = asked._replace(filters=others).want("file_number")
    rows = views.stamped(lambda: views.records(actor, text, asked.limit + 1, asked.after, wanted))
    return build_page(rows, asked.limit, str(wanted.order), "stream")


def describe_row(row: Mapping[str, Any]) -> Fields:
    """A row of a view as a list shows it: the stream as kind and id, protection by its name."""
    kind, _, key = row["stream"].partition(":")
    rest = {name: value for name, value in row.items() if name != "stream"}
    return {"kind": kind, "id": key, **rest, "protection": PROTECTION[row["protection"]]}


def build_page(rows: Sequence[Mapping[str, Any]], limit: int, *order: str) -> Page:
    """The page of rows of a view, which was asked for one more than `limit` and sorts by `order`."""
    last = tuple(str(rows[limit - 1][column]) for column in order) if len(rows) > limit else None
    return Page([describe_row(row) for row in rows[:limit]], last)


def _show(record: Record, context: Context) -> Record | None:
    """Without the routing slips that need more clearance than the record itself."""
    if not record.known_to(context.actor):
        return None
    hidden = {slip for slip in _list_slips(record) if not _knows_slip(slip, context)}
    if not hidden:
        return record
    cases = {key: replace(case, life=_leave_out(case.life, hidden)) for key, case in record.cases.items()}
    return replace(record, life=_leave_out(record.life, hidden), cases=cases)


def _list_slips(record: Record) -> list[str]:
    return [slip for life in record.lives() for slip in (*life.open_slips, *life.past_slips)]


def _knows_slip(key: str, context: Context) -> bool:
    slip = context.find(slip_stream(key), RoutingSlip)
    return slip is not None and knows(slip, context)


def _leave_out(life: Life, hidden: set[str]) -> Life:
    open_slips = {slip: documents for slip, documents in life.open_slips.items() if slip not in hidden}
    return replace(life, open_slips=open_slips, past_slips=tuple(s for s in life.past_slips if s not in hidden))


def _tell(_: Record, fields: Fields, context: Context) -> bool:
    """That a slip began or ended, with its whole protocol, is told to those who may know the slip."""
    slip = fields.get("slip")
    return slip is None or _knows_slip(slip, context)


RESOURCE = Resource(
    name="record",
    plural="records",
    en="record",
    de="E-Akte",
    commands=COMMANDS,
    representation=RecordRepresentation,
    row=RecordRow,
    knowledge=Knowledge(_show, _tell, lambda record: map(slip_stream, _list_slips(record))),
    options=options,
    machine=MACHINE,
    part="case",
    list_view=_list,
    sorts=("file_number", "title", "state"),
    filters=(
        Filter("text", "words that begin a word of a number or title in the record, or of the text of its documents"),
        Filter("state", "only those in one of these states", tuple(MACHINE.states)),
        Filter("authority", "only those of one of these authorities"),
    ),
)
