"""Folding a record: what each event makes of it. States of record and cases are those of the rows taken."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from workflow.engine.access import Confidentiality, Protection
from workflow.engine.aggregate import Evolver, replace
from workflow.file_plan.retention import Hold
from workflow.records import events as e
from workflow.records.files import Medium
from workflow.records.machine import MACHINE
from workflow.records.record import Case, Document, Life, Record, Resubmission

V = TypeVar("V")


def _read_ordinal(case_number: str) -> int:
    return int(case_number.rpartition("-")[2])


evolve: Evolver[Record] = Evolver()


def _change(record: Record, object_id: str, event: e.RecordEvent, **changes: object) -> Record:
    """The record with the event's state and other values at the record itself or one of its cases.

    A case whose payload was erased before its tombstone is passed over.
    """
    if object_id == record.life.id:
        life = _move(record.life, event, changes)
        return record if life is record.life else replace(record, life=life)
    case = record.cases.get(object_id)
    if case is None:
        return record
    life = _move(case.life, event, changes)
    if life is case.life:
        return record
    return replace(record, cases={**record.cases, object_id: replace(case, life=life)})


def _move(life: Life, event: e.RecordEvent, changes: Mapping[str, object]) -> Life:
    state = MACHINE.state_after(life.state, event)
    if state == life.state and not changes:
        return life
    return replace(life, state=state, **changes)  # type: ignore[arg-type]


def _work(record: Record, object_id: str, event: e.RecordEvent, **changes: object) -> Record:
    """As `_change`; work on a case is work on its record as well."""
    if object_id != record.life.id:
        record = _change(record, record.life.id, event)
    return _change(record, object_id, event, **changes)


def _restore_work(record: Record) -> Record:
    """A record that seems untouched is in work: what was done to it was erased with a case."""
    if record.state != MACHINE.initial:
        return record
    return replace(record, life=replace(record.life, state="in_work"))


def _without(entries: Mapping[str, V], key: str) -> dict[str, V]:
    return {other: value for other, value in entries.items() if other != key}


@evolve.birth(e.RecordCreated)
def _created(event: e.RecordCreated) -> Record:
    life = Life(event.record, event.file_number, event.title, event.retention, event.on)
    return Record(
        event.authority,
        event.file_plan_code,
        event.provisional_unit,
        event.protection,
        event.confidentiality,
        life,
        event.lead,
        event.keeper,
        event.medium,
    )


@evolve.on(e.CaseAdded)
def _case_added(record: Record, event: e.CaseAdded) -> Record:
    case = Case(Life(event.case, event.number, event.title, event.retention, event.on))
    # By its number, not by counting: the events of deleted cases are no longer there to be counted.
    ever = max(record.cases_ever, _read_ordinal(event.number))
    grown = replace(record, cases={**record.cases, event.case: case}, cases_ever=ever)
    return _change(grown, grown.id, event)


@evolve.on(e.DocumentAdded)
def _document_added(record: Record, event: e.DocumentAdded) -> Record:
    new = Document(
        event.document,
        event.number,
        event.title,
        event.protection,
        event.confidentiality,
        event.final,
        event.source,
        (event.version,),
    )
    return _work(_put_document(record, event.case, new), event.case, event)


def _put_document(record: Record, key: str, document: Document) -> Record:
    case = record.cases[key]
    case = replace(case, documents={**case.documents, document.id: document})
    return replace(record, cases={**record.cases, key: case})


DOCUMENT_CHANGES: Mapping[type[e.DocumentEvent], Callable[[Any, Document], dict[str, object]]] = {
    e.VersionAdded: lambda event, document: {"versions": (*document.versions, event.version)},
    e.DocumentFinalised: lambda _, __: {"final": True},
    e.CheckedOut: lambda event, _: {"checked_out_by": event.by},
    e.CheckedIn: lambda _, __: {"checked_out_by": None},
}
"""Event -> what it changes at its document."""


@evolve.on(*DOCUMENT_CHANGES)
def _document_changed(record: Record, event: e.DocumentEvent) -> Record:
    document = record.cases[event.case].documents[event.document]
    changes = DOCUMENT_CHANGES[type(event)](event, document)
    return _put_document(record, event.case, replace(document, **changes))  # type: ignore[arg-type]


@evolve.on(e.Changed)
def _changed(record: Record, event: e.Changed) -> Record:
    new = {change.field: change.new for change in event.changes}
    record = replace(
        record,
        own_protection=Protection(new.get("protection", record.own_protection)),
        own_confidentiality=Confidentiality(new.get("confidentiality", record.own_confidentiality)),
        lead=new.get("lead", record.lead),
        keeper=new.get("keeper", record.keeper),
        medium=Medium(new.get("medium", record.medium)),
    )
    life = record.life_of(event.object_id) or record.life
    until = event.transfer_until or life.transfer_until
    record = _work(record, event.object_id, event, title=new.get("title", life.title), transfer_until=until)
    if event.transfer_until and record.life.state == "closed":
        # The whole stays in the active store at least as long as its parts.
        record = replace(record, life=replace(record.life, transfer_until=event.transfer_until))
    return record


def _set_resubmission(event: e.ResubmissionSet, life: Life) -> dict[str, object]:
    new = Resubmission(event.resubmission, event.due, event.note, event.user)
    return {"resubmissions": {**life.resubmissions, new.id: new}}


def _let_resubmission_fall_due(event: e.ResubmissionFellDue, life: Life) -> dict[str, object]:
    due = replace(life.resubmissions[event.resubmission], fallen_due=True)
    return {"resubmissions": {**life.resubmissions, due.id: due}}


def _set_hold(event: e.HoldSet, life: Life) -> dict[str, object]:
    hold = Hold(event.hold, event.reason, event.holder, event.since)
    # A deletion that was asked for before the hold must be asked for anew after it.
    return {"holds": {**life.holds, hold.id: hold}, "deletion_requested_by": None, "deletion_requested_for": None}


LIFE_CHANGES: Mapping[type[e.ObjectEvent], Callable[[Any, Life], dict[str, object]]] = {
    e.Worked: lambda _, __: {},
    e.ResubmissionSet: _set_resubmission,
    e.ResubmissionFellDue: _let_resubmission_fall_due,
    e.ResubmissionSettled: lambda event, life: {"resubmissions": _without(life.resubmissions, event.resubmission)},
    e.RetentionChanged: lambda event, _: {"retention": event.new},
    e.Closed: lambda event, _: {"closed_on": event.on, "transfer_until": event.transfer_until},
    e.Reopened: lambda _, __: {"closed_on": None, "transfer_until": None},
    e.MovedToRegistry: lambda _, __: {"transfer_until": None},
    e.FellDue: lambda _, __: {},
    e.HoldSet: _set_hold,
    e.HoldReleased: lambda event, life: {"holds": _without(life.holds, event.hold)},
    e.AppraisalProposed: lambda event, _: {"proposal": event.proposal},
    e.Preappraised: lambda event, _: {"decision": event.decision},
    e.DeletionRequested: lambda event, _: {
        "deletion_requested_by": event.by,
        "deletion_requested_for": event.on_behalf_of,
    },
    e.SlipAttached: lambda event, life: {"open_slips": {**life.open_slips, event.slip: event.documents}},
    e.SlipDetached: lambda event, life: {
        "open_slips": _without(life.open_slips, event.slip),
        "past_slips": (*life.past_slips, event.slip),
    },
}
"""Event -> what it changes at the record or case that it names, besides the state."""
WORK = frozenset({e.Worked, e.ResubmissionSet, e.SlipAttached})


@evolve.on(*LIFE_CHANGES)
def _life_changed(record: Record, event: e.ObjectEvent) -> Record:
    kind = type(event)
    if kind is e.Closed and event.object_id == record.id:
        record = _restore_work(record)
    changes = LIFE_CHANGES[kind](event, record.life_of(event.object_id) or record.life)
    return (_work if kind in WORK else _change)(record, event.object_id, event, **changes)


DISPOSAL_CHANGES: Mapping[type[e.RecordEvent], Callable[[Any], Mapping[str, dict[str, object]]]] = {
    e.Offered: lambda event: {
        key: {"process": event.process, "offered_by": event.by, "decision": None, "receipts": ()}
        for key in event.objects
    },
    e.Appraised: lambda event: {key: {"decision": decision} for key, decision in event.decisions.items()},
    e.Transferred: lambda event: {key: {"process": event.process, "transferred_by": event.by} for key in event.objects},
    e.Confirmed: lambda event: {key: {"archive_id": archive_id} for key, archive_id in event.archive_ids.items()},
    e.TransferFailed: lambda event: {key: {} for key in event.errors},
}
"""Event of a disposal process -> what it changes at each of its objects, besides the state."""


@evolve.on(e.ReceiptRecorded)
def _receipt_recorded(record: Record, event: e.ReceiptRecorded) -> Record:
    for object_id in event.objects:
        life = record.life_of(object_id)
        if life is not None:
            record = _change(record, object_id, event, receipts=(*life.receipts, event.message))
    return record


@evolve.on(*DISPOSAL_CHANGES)
def _process_went_on(record: Record, event: e.RecordEvent) -> Record:
    for object_id, changes in DISPOSAL_CHANGES[type(event)](event).items():
        record = _change(record, object_id, event, **changes)
    return record


def _build_tombstone(event: e.Deleted) -> Life:
    return Life(
        event.object_id,
        event.number,
        "",
        event.retention,
        event.created_on,
        state="deleted",
        closed_on=event.closed_on,
        decision=event.decision,
        archive_id=event.archive_id,
        deletion_requested_by=event.requested_by,
    )


def _build_remains(event: e.Deleted) -> Record:
    """What is left of a whole record: file number, class, and the tombstones."""
    life = Life(event.record, event.file_number, "", event.retention, event.created_on, state="deleted")
    return Record(event.authority, event.file_plan_code, False, Protection.NORMAL, Confidentiality.OPEN, life)


@evolve.birth(e.Deleted)
def _born_deleted(event: e.Deleted) -> Record:
    """All that came before was erased."""
    return _deleted(_build_remains(event), event)


@evolve.on(e.Deleted)
def _deleted(record: Record, event: e.Deleted) -> Record:
    """Folding must come to the same whether the erased events are still read or not."""
    stone = _build_tombstone(event)
    if event.object_id == record.id:
        stones = {key: case for key, case in record.cases.items() if case.life.state == "deleted"}
        return replace(_build_remains(event), life=stone, cases=stones, cases_ever=record.cases_ever)
    ever = max(record.cases_ever, _read_ordinal(event.number))
    cases = {**record.cases, event.object_id: Case(stone)}
    in_order = dict(sorted(cases.items(), key=lambda item: _read_ordinal(item[1].life.number)))
    return _restore_work(replace(record, cases=in_order, cases_ever=ever))
