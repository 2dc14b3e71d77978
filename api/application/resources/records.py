"""The record (E-Akte) with its cases (Vorgang) and documents, as the API shows it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from typing_extensions import TypedDict

from api.application.resources.resource import After, Fields, Filter, Page, Resource
from workflow.engine.access import Actor, Confidentiality, Protection
from workflow.organisation.house_rules import Context
from workflow.records.actions import COMMANDS
from workflow.records.decide import options
from workflow.records.events import Medium
from workflow.records.machine import MACHINE
from workflow.records.record import Document, Life, Record
from workflow.records.retention import Disposal
from workflow.views.queries import Views

PROTECTION = tuple(Protection)


class RetentionShown(TypedDict):
    """How long it is kept, and what then; `years` null is unbefristet."""

    years: int | None
    disposal: Disposal
    statutory: bool
    agreed: bool


class HoldShown(TypedDict):
    """A legal hold (Löschsperre)."""

    id: str
    reason: str
    holder: str
    since: date


class ResubmissionShown(TypedDict):
    """A Wiedervorlage."""

    id: str
    due: date
    note: str
    user: str
    fallen_due: bool


class VersionShown(TypedDict):
    """A version of a document."""

    number: int
    sha256: str
    file_name: str
    media_type: str
    size: int
    author: str
    at: datetime


class DocumentShown(TypedDict):
    """A document."""

    id: str
    number: str
    title: str
    protection: Protection
    confidentiality: Confidentiality
    final: bool
    source: str | None
    checked_out_by: str | None
    versions: list[VersionShown]


class OpenSlipShown(TypedDict):
    """A routing slip under way, and the documents it locks."""

    routing_slip: str
    documents: list[str]


class LifeShown(TypedDict):
    """Where a record or case stands between creation and disposal."""

    number: str
    title: str
    state: str
    retention: RetentionShown
    created_on: date
    closed_on: date | None
    transfer_until: date | None
    retention_end: date | None
    holds: list[HoldShown]
    resubmissions: list[ResubmissionShown]
    open_slips: list[OpenSlipShown]
    past_slips: list[str]
    proposal: Disposal | None
    process: str | None
    offered_by: str | None
    decision: Disposal | None
    archive_id: str | None
    deletion_requested_by: str | None


class CaseShown(LifeShown):
    """A case (Vorgang)."""

    id: str
    documents: list[DocumentShown]


class RecordShown(LifeShown):
    """A record (E-Akte); `number` is its file number (Aktenzeichen)."""

    authority: str
    file_number: str
    file_plan_code: str
    provisional_unit: bool
    protection: Protection
    own_protection: Protection
    confidentiality: Confidentiality
    own_confidentiality: Confidentiality
    lead: str | None
    keeper: str | None
    medium: Medium
    cases: list[CaseShown]


class RecordRow(TypedDict):
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


def _document(document: Document) -> DocumentShown:
    return {
        "id": document.id,
        "number": document.number,
        "title": document.title,
        "protection": document.protection,
        "confidentiality": document.confidentiality,
        "final": document.final,
        "source": document.source,
        "checked_out_by": document.checked_out_by,
        "versions": [
            {
                "number": v.number, "sha256": v.sha256, "file_name": v.file_name, "media_type": v.media_type,
                "size": v.size, "author": v.author, "at": v.at,
            }
            for v in document.versions
        ],
    }  # fmt: skip


def _life(life: Life) -> LifeShown:
    kept = life.retention
    return {
        "number": life.number,
        "title": life.title,
        "state": life.state,
        "retention": {
            "years": kept.years, "disposal": kept.disposal, "statutory": kept.statutory, "agreed": kept.agreed,
        },
        "created_on": life.created_on,
        "closed_on": life.closed_on,
        "transfer_until": life.transfer_until,
        "retention_end": life.retention_end,
        "holds": [
            {"id": h.id, "reason": h.reason, "holder": h.holder, "since": h.since} for h in life.holds.values()
        ],
        "resubmissions": [
            {"id": r.id, "due": r.due, "note": r.note, "user": r.user, "fallen_due": r.fallen_due}
            for r in life.resubmissions.values()
        ],
        "open_slips": [{"routing_slip": slip, "documents": list(d)} for slip, d in life.open_slips.items()],
        "past_slips": list(life.past_slips),
        "proposal": life.proposal,
        "process": life.process,
        "offered_by": life.offered_by,
        "decision": life.decision,
        "archive_id": life.archive_id,
        "deletion_requested_by": life.deletion_requested_by,
    }  # fmt: skip


def represent(record: Record) -> Fields:
    """The record with everything in it."""
    shown: RecordShown = {
        **_life(record.life),
        "authority": record.authority,
        "file_number": record.life.number,
        "file_plan_code": record.file_plan_code,
        "provisional_unit": record.provisional_unit,
        "protection": record.protection,
        "own_protection": record.own_protection,
        "confidentiality": record.confidentiality,
        "own_confidentiality": record.own_confidentiality,
        "lead": record.lead,
        "keeper": record.keeper,
        "medium": record.medium,
        "cases": [
            {**_life(case.life), "id": key, "documents": [_document(d) for d in case.documents.values()]}
            for key, case in record.cases.items()
        ],
    }
    return dict(shown)


def _list(views: Views, actor: Actor, filters: Mapping[str, str], limit: int, after: After | None) -> Page:
    start = (after[0], after[1]) if after else None
    rows = views.records(actor, filters.get("text", ""), limit + 1, start)
    return Page([row_of(row) for row in rows[:limit]], _next(rows, limit, "file_number"))


def row_of(row: Mapping[str, Any]) -> Fields:
    """A row of a view as a list shows it: the stream as kind and id, protection by its name."""
    kind, _, key = row["stream"].partition(":")
    rest = {name: value for name, value in row.items() if name != "stream"}
    return {"kind": kind, "id": key, **rest, "protection": PROTECTION[row["protection"]]}


def _next(rows: list[dict[str, Any]], limit: int, order: str) -> After | None:
    return (rows[limit - 1][order], rows[limit - 1]["stream"]) if len(rows) > limit else None


def _knows(record: Record, context: Context) -> bool:
    return record.known_to(context.actor)


RESOURCE = Resource(
    name="record",
    plural="records",
    en="record",
    de="E-Akte",
    commands=COMMANDS,
    representation=RecordShown,
    row=RecordRow,
    represent=represent,
    knows=_knows,
    options=options,
    machine=MACHINE,
    part="case",
    list_view=_list,
    filters=(Filter("text", "words that begin a word of a number or title in the record"),),
)
