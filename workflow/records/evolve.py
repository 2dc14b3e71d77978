"""Folding a record: what each event makes of it."""

from collections.abc import Callable

from workflow.engine.access import Confidentiality, Protection
from workflow.engine.aggregate import Evolver, replace
from workflow.records import events as e
from workflow.records.record import Case, Document, Life, Record, Resubmission
from workflow.records.retention import Hold


def ordinal(case_number: str) -> int:
    """Running number of a case in its record."""
    return int(case_number.rpartition("-")[2])


evolve: Evolver[Record] = Evolver()


def _live(record: Record, object_id: str, change: Callable[[Life], Life]) -> Record:
    """The record with one life changed; a case whose payload was erased before its tombstone is passed over."""
    if object_id == record.life.id:
        return replace(record, life=change(record.life))
    case = record.cases.get(object_id)
    if case is None:
        return record
    return replace(record, cases={**record.cases, object_id: replace(case, life=change(case.life))})


def _document(record: Record, case_id: str, document: str, change: Callable[[Document], Document]) -> Record:
    case = record.cases[case_id]
    documents = {**case.documents, document: change(case.documents[document])}
    return replace(record, cases={**record.cases, case_id: replace(case, documents=documents)})


def _begun(record: Record, object_id: str) -> Record:
    """Whatever is done to a new object means that work has begun."""

    def begin(life: Life) -> Life:
        return replace(life, state="in_work") if life.state == "created" else life

    if object_id != record.life.id:
        record = _live(record, record.life.id, begin)
    return _live(record, object_id, begin)


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
    ever = max(record.cases_ever, ordinal(event.number))
    grown = replace(record, cases={**record.cases, event.case: case}, cases_ever=ever)
    return _begun(grown, grown.id)


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
    return _begun(replace(record, cases={**record.cases, event.case: grown}), event.case)


@evolve.on(e.VersionAdded)
def _version_added(record: Record, event: e.VersionAdded) -> Record:
    def add(document: Document) -> Document:
        return replace(document, versions=(*document.versions, event.version))

    return _document(record, event.case, event.document, add)


@evolve.on(e.DocumentFinalised)
def _finalised(record: Record, event: e.DocumentFinalised) -> Record:
    return _document(record, event.case, event.document, lambda d: replace(d, final=True))


@evolve.on(e.CheckedOut)
def _checked_out(record: Record, event: e.CheckedOut) -> Record:
    return _document(record, event.case, event.document, lambda d: replace(d, checked_out_by=event.by))


@evolve.on(e.CheckedIn)
def _checked_in(record: Record, event: e.CheckedIn) -> Record:
    return _document(record, event.case, event.document, lambda d: replace(d, checked_out_by=None))


@evolve.on(e.ResubmissionSet)
def _resubmission_set(record: Record, event: e.ResubmissionSet) -> Record:
    new = Resubmission(event.resubmission, event.due, event.note, event.user)

    def add(life: Life) -> Life:
        return replace(life, resubmissions={**life.resubmissions, new.id: new})

    return _begun(_live(record, event.object_id, add), event.object_id)


@evolve.on(e.ResubmissionFellDue)
def _resubmission_fell_due(record: Record, event: e.ResubmissionFellDue) -> Record:
    def mark(life: Life) -> Life:
        due = replace(life.resubmissions[event.resubmission], fallen_due=True)
        return replace(life, resubmissions={**life.resubmissions, due.id: due})

    return _live(record, event.object_id, mark)


@evolve.on(e.ResubmissionSettled)
def _resubmission_settled(record: Record, event: e.ResubmissionSettled) -> Record:
    def settle(life: Life) -> Life:
        left = {key: r for key, r in life.resubmissions.items() if key != event.resubmission}
        return replace(life, resubmissions=left)

    return _live(record, event.object_id, settle)


@evolve.on(e.Worked)
def _worked(record: Record, event: e.Worked) -> Record:
    return _begun(record, event.object_id)


@evolve.on(e.Changed)
def _changed(record: Record, event: e.Changed) -> Record:
    new = {change.field: change.new for change in event.changes}
    if "protection" in new:
        record = replace(record, own_protection=Protection(new["protection"]))
    if "confidentiality" in new:
        record = replace(record, own_confidentiality=Confidentiality(new["confidentiality"]))

    record = replace(
        record,
        lead=new.get("lead", record.lead),
        keeper=new.get("keeper", record.keeper),
        medium=e.Medium(new.get("medium", record.medium)),
    )

    def change(life: Life) -> Life:
        until = event.transfer_until if life.state == "closed" else life.transfer_until
        return replace(life, title=new.get("title", life.title), transfer_until=until)

    record = _begun(_live(record, event.object_id, change), event.object_id)
    if event.transfer_until and record.life.state == "closed":
        # The whole stays in the active store at least as long as its parts.
        record = replace(record, life=replace(record.life, transfer_until=event.transfer_until))
    return record


@evolve.on(e.RetentionChanged)
def _retention_changed(record: Record, event: e.RetentionChanged) -> Record:
    return _live(record, event.object_id, lambda life: replace(life, retention=event.new))


@evolve.on(e.Closed)
def _closed(record: Record, event: e.Closed) -> Record:
    def close(life: Life) -> Life:
        return replace(life, state="closed", closed_on=event.on, transfer_until=event.transfer_until)

    return _live(record, event.object_id, close)


@evolve.on(e.Reopened)
def _reopened(record: Record, event: e.Reopened) -> Record:
    def reopen(life: Life) -> Life:
        return replace(life, state="in_work", closed_on=None, transfer_until=None)

    return _live(record, event.object_id, reopen)


@evolve.on(e.MovedToRegistry)
def _moved(record: Record, event: e.MovedToRegistry) -> Record:
    return _live(record, event.object_id, lambda life: replace(life, state="registry", transfer_until=None))


@evolve.on(e.FellDue)
def _fell_due(record: Record, event: e.FellDue) -> Record:
    return _live(record, event.object_id, lambda life: replace(life, state="due"))


@evolve.on(e.HoldSet)
def _hold_set(record: Record, event: e.HoldSet) -> Record:
    hold = Hold(event.hold, event.reason, event.holder, event.since)

    def add(life: Life) -> Life:
        # A deletion that was asked for before the hold must be asked for anew after it.
        return replace(life, holds={**life.holds, hold.id: hold}, deletion_requested_by=None)

    return _live(record, event.object_id, add)


@evolve.on(e.HoldReleased)
def _hold_released(record: Record, event: e.HoldReleased) -> Record:
    def release(life: Life) -> Life:
        return replace(life, holds={key: hold for key, hold in life.holds.items() if key != event.hold})

    return _live(record, event.object_id, release)


@evolve.on(e.AppraisalProposed)
def _proposed(record: Record, event: e.AppraisalProposed) -> Record:
    return _live(record, event.object_id, lambda life: replace(life, proposal=event.proposal))


@evolve.on(e.Offered)
def _offered(record: Record, event: e.Offered) -> Record:
    for object_id in event.objects:
        record = _live(
            record,
            object_id,
            lambda life: replace(life, state="offered", process=event.process, offered_by=event.by, decision=None),
        )
    return record


@evolve.on(e.Preappraised)
def _preappraised(record: Record, event: e.Preappraised) -> Record:
    return _live(record, event.object_id, lambda life: replace(life, state="appraised", decision=event.decision))


@evolve.on(e.Appraised)
def _appraised(record: Record, event: e.Appraised) -> Record:
    for object_id, decision in event.decisions.items():
        record = _live(record, object_id, lambda life, d=decision: replace(life, state="appraised", decision=d))  # type: ignore[misc]
    return record


@evolve.on(e.Transferred)
def _transferred(record: Record, event: e.Transferred) -> Record:
    for object_id in event.objects:
        record = _live(record, object_id, lambda life: replace(life, state="transferred", process=event.process))
    return record


@evolve.on(e.Confirmed)
def _confirmed(record: Record, event: e.Confirmed) -> Record:
    for object_id, archive_id in event.archive_ids.items():
        record = _live(record, object_id, lambda life, a=archive_id: replace(life, state="confirmed", archive_id=a))  # type: ignore[misc]
    return record


@evolve.on(e.TransferFailed)
def _transfer_failed(record: Record, event: e.TransferFailed) -> Record:
    for object_id in event.errors:
        record = _live(record, object_id, lambda life: replace(life, state="appraised"))
    return record


@evolve.on(e.DeletionRequested)
def _deletion_requested(record: Record, event: e.DeletionRequested) -> Record:
    return _live(record, event.object_id, lambda life: replace(life, deletion_requested_by=event.by))


def _tombstone(event: e.Deleted) -> Life:
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


def _left_of(event: e.Deleted) -> Record:
    """What is left of a whole record: file number, class, and the tombstones."""
    life = Life(event.record, event.file_number, "", event.retention, event.created_on, state="deleted")
    return Record(event.authority, event.file_plan_code, False, Protection.NORMAL, Confidentiality.OPEN, life)


@evolve.birth(e.Deleted)
def _born_deleted(event: e.Deleted) -> Record:
    """All that came before was erased."""
    return _deleted(_left_of(event), event)


@evolve.on(e.Deleted)
def _deleted(record: Record, event: e.Deleted) -> Record:
    """Folding must come to the same whether the erased events are still read or not."""
    stone = _tombstone(event)
    if event.object_id == record.id:
        stones = {key: case for key, case in record.cases.items() if case.life.state == "deleted"}
        return replace(_left_of(event), life=stone, cases=stones, cases_ever=record.cases_ever)
    ever = max(record.cases_ever, ordinal(event.number))
    buried = replace(record, cases={**record.cases, event.object_id: Case(stone)}, cases_ever=ever)
    return _begun(buried, record.id)


@evolve.on(e.SlipAttached)
def _slip_attached(record: Record, event: e.SlipAttached) -> Record:
    def attach(life: Life) -> Life:
        return replace(life, open_slips={**life.open_slips, event.slip: event.documents})

    return _begun(_live(record, event.object_id, attach), event.object_id)


@evolve.on(e.SlipDetached)
def _slip_detached(record: Record, event: e.SlipDetached) -> Record:
    def detach(life: Life) -> Life:
        left = {slip: documents for slip, documents in life.open_slips.items() if slip != event.slip}
        return replace(life, open_slips=left, past_slips=(*life.past_slips, event.slip))

    return _live(record, event.object_id, detach)
