"""Folding a record: what each event makes of it. States of record and cases are those of the rows taken."""

from collections.abc import Mapping

from workflow.engine.access import Confidentiality, Protection
from workflow.engine.aggregate import Evolver, replace
from workflow.records import events as e
from workflow.records.machine import MACHINE
from workflow.records.record import Case, Document, Life, Record, Resubmission
from workflow.records.retention import Hold


def _read_ordinal(case_number: str) -> int:
    """Running number of a case in its record."""
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


def _get_life(record: Record, object_id: str) -> Life:
    return record.life_of(object_id) or record.life


def _change_document(
    record: Record, event: e.VersionAdded | e.DocumentFinalised | e.CheckedOut | e.CheckedIn, **changes: object
) -> Record:
    case = record.cases[event.case]
    documents = {**case.documents, event.document: replace(case.documents[event.document], **changes)}  # type: ignore[arg-type]
    return replace(record, cases={**record.cases, event.case: replace(case, documents=documents)})


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
    case = record.cases[event.case]
    grown = replace(case, documents={**case.documents, event.document: new})
    return _work(replace(record, cases={**record.cases, event.case: grown}), event.case, event)


@evolve.on(e.VersionAdded)
def _version_added(record: Record, event: e.VersionAdded) -> Record:
    before = record.cases[event.case].documents[event.document].versions
    return _change_document(record, event, versions=(*before, event.version))


@evolve.on(e.DocumentFinalised)
def _finalised(record: Record, event: e.DocumentFinalised) -> Record:
    return _change_document(record, event, final=True)


@evolve.on(e.CheckedOut)
def _checked_out(record: Record, event: e.CheckedOut) -> Record:
    return _change_document(record, event, checked_out_by=event.by)


@evolve.on(e.CheckedIn)
def _checked_in(record: Record, event: e.CheckedIn) -> Record:
    return _change_document(record, event, checked_out_by=None)


@evolve.on(e.ResubmissionSet)
def _resubmission_set(record: Record, event: e.ResubmissionSet) -> Record:
    new = Resubmission(event.resubmission, event.due, event.note, event.user)
    before = _get_life(record, event.object_id).resubmissions
    return _work(record, event.object_id, event, resubmissions={**before, new.id: new})


@evolve.on(e.ResubmissionFellDue)
def _resubmission_fell_due(record: Record, event: e.ResubmissionFellDue) -> Record:
    before = _get_life(record, event.object_id).resubmissions
    due = replace(before[event.resubmission], fallen_due=True)
    return _change(record, event.object_id, event, resubmissions={**before, due.id: due})


@evolve.on(e.ResubmissionSettled)
def _resubmission_settled(record: Record, event: e.ResubmissionSettled) -> Record:
    before = _get_life(record, event.object_id).resubmissions
    left = {key: note for key, note in before.items() if key != event.resubmission}
    return _change(record, event.object_id, event, resubmissions=left)


@evolve.on(e.Worked)
def _worked(record: Record, event: e.Worked) -> Record:
    return _work(record, event.object_id, event)


@evolve.on(e.Changed)
def _changed(record: Record, event: e.Changed) -> Record:
    new = {change.field: change.new for change in event.changes}
    record = replace(
        record,
        own_protection=Protection(new.get("protection", record.own_protection)),
        own_confidentiality=Confidentiality(new.get("confidentiality", record.own_confidentiality)),
        lead=new.get("lead", record.lead),
        keeper=new.get("keeper", record.keeper),
        medium=e.Medium(new.get("medium", record.medium)),
    )
    life = _get_life(record, event.object_id)
    until = event.transfer_until or life.transfer_until
    record = _work(record, event.object_id, event, title=new.get("title", life.title), transfer_until=until)
    if event.transfer_until and record.life.state == "closed":
        # The whole stays in the active store at least as long as its parts.
        record = replace(record, life=replace(record.life, transfer_until=event.transfer_until))
    return record


@evolve.on(e.RetentionChanged)
def _retention_changed(record: Record, event: e.RetentionChanged) -> Record:
    return _change(record, event.object_id, event, retention=event.new)


@evolve.on(e.Closed)
def _closed(record: Record, event: e.Closed) -> Record:
    if event.object_id == record.id:
        record = _restore_work(record)
    return _change(record, event.object_id, event, closed_on=event.on, transfer_until=event.transfer_until)


@evolve.on(e.Reopened)
def _reopened(record: Record, event: e.Reopened) -> Record:
    return _change(record, event.object_id, event, closed_on=None, transfer_until=None)


@evolve.on(e.MovedToRegistry)
def _moved_to_registry(record: Record, event: e.MovedToRegistry) -> Record:
    return _change(record, event.object_id, event, transfer_until=None)


@evolve.on(e.FellDue)
def _fell_due(record: Record, event: e.FellDue) -> Record:
    return _change(record, event.object_id, event)


@evolve.on(e.HoldSet)
def _hold_set(record: Record, event: e.HoldSet) -> Record:
    hold = Hold(event.hold, event.reason, event.holder, event.since)
    holds = {**_get_life(record, event.object_id).holds, hold.id: hold}
    # A deletion that was asked for before the hold must be asked for anew after it.
    return _change(record, event.object_id, event, holds=holds, deletion_requested_by=None)


@evolve.on(e.HoldReleased)
def _hold_released(record: Record, event: e.HoldReleased) -> Record:
    before = _get_life(record, event.object_id).holds
    left = {key: hold for key, hold in before.items() if key != event.hold}
    return _change(record, event.object_id, event, holds=left)


@evolve.on(e.AppraisalProposed)
def _proposed(record: Record, event: e.AppraisalProposed) -> Record:
    return _change(record, event.object_id, event, proposal=event.proposal)


@evolve.on(e.Offered)
def _offered(record: Record, event: e.Offered) -> Record:
    for object_id in event.objects:
        record = _change(record, object_id, event, process=event.process, offered_by=event.by, decision=None)
    return record


@evolve.on(e.Preappraised)
def _preappraised(record: Record, event: e.Preappraised) -> Record:
    return _change(record, event.object_id, event, decision=event.decision)


@evolve.on(e.Appraised)
def _appraised(record: Record, event: e.Appraised) -> Record:
    for object_id, decision in event.decisions.items():
        record = _change(record, object_id, event, decision=decision)
    return record


@evolve.on(e.Transferred)
def _transferred(record: Record, event: e.Transferred) -> Record:
    for object_id in event.objects:
        record = _change(record, object_id, event, process=event.process)
    return record


@evolve.on(e.Confirmed)
def _confirmed(record: Record, event: e.Confirmed) -> Record:
    for object_id, archive_id in event.archive_ids.items():
        record = _change(record, object_id, event, archive_id=archive_id)
    return record


@evolve.on(e.TransferFailed)
def _transfer_failed(record: Record, event: e.TransferFailed) -> Record:
    for object_id in event.errors:
        record = _change(record, object_id, event)
    return record


@evolve.on(e.DeletionRequested)
def _deletion_requested(record: Record, event: e.DeletionRequested) -> Record:
    return _change(record, event.object_id, event, deletion_requested_by=event.by)


@evolve.on(e.SlipAttached)
def _slip_attached(record: Record, event: e.SlipAttached) -> Record:
    before = _get_life(record, event.object_id).open_slips
    return _work(record, event.object_id, event, open_slips={**before, event.slip: event.documents})


@evolve.on(e.SlipDetached)
def _slip_detached(record: Record, event: e.SlipDetached) -> Record:
    life = _get_life(record, event.object_id)
    left = {slip: documents for slip, documents in life.open_slips.items() if slip != event.slip}
    return _change(record, event.object_id, event, open_slips=left, past_slips=(*life.past_slips, event.slip))


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
    buried = replace(record, cases={**record.cases, event.object_id: Case(stone)}, cases_ever=ever)
    return _restore_work(buried)
