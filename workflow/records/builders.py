"""What is recorded when a row of the record's machine is taken: one small function per event, up to z.d.A. and holds.

Disposal has its own in `disposal`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from workflow.engine.aggregate import Emitted
from workflow.errors import InvalidCommand
from workflow.organisation.house_rules import Context
from workflow.organisation.working_days import local_day
from workflow.records import commands as c
from workflow.records import events as e
from workflow.records.guards import Ask
from workflow.records.machine import MACHINE
from workflow.records.record import Document, stream
from workflow.records.retention import own_or_inherited, transfer_until

Builder = Callable[[Ask, Any], list[Emitted]]


def emitted(ask: Ask, *events: e.RecordEvent) -> list[Emitted]:
    """Events of the record's own stream."""
    return [(stream(ask.record.id), event) for event in events]


def _worked(ask: Ask, command: c.Work) -> list[Emitted]:
    return emitted(ask, e.Worked(object_id=ask.life.id, note=command.note))


def _case_added(ask: Ask, command: c.AddCase) -> list[Emitted]:
    number = f"{ask.record.life.number}-{ask.record.cases_ever + 1:03d}"
    event = e.CaseAdded(
        case=ask.context.new_id(),
        number=number,
        title=command.title,
        retention=own_or_inherited(command.retention, ask.record.life.retention),
        on=local_day(ask.context.now),
    )
    return emitted(ask, event)


def _version(file: c.File, number: int, context: Context) -> e.Version:
    return e.Version(
        number=number,
        sha256=file.sha256,
        file_name=file.file_name,
        media_type=file.media_type,
        size=file.size,
        author=context.actor.user,
        at=context.now,
    )


def _document_added(ask: Ask, command: c.AddDocument) -> list[Emitted]:
    case = ask.record.cases[ask.life.id]
    event = e.DocumentAdded(
        case=ask.life.id,
        document=ask.context.new_id(),
        number=f"{ask.life.number}#{len(case.documents) + 1:03d}",
        title=command.title,
        protection=command.protection,
        confidentiality=command.confidentiality,
        final=command.final,
        source=command.source,
        version=_version(command.file, 1, ask.context),
    )
    return emitted(ask, event)


def _document(ask: Ask, document: str) -> Document:
    return ask.record.cases[ask.life.id].documents[document]


def _version_added(ask: Ask, command: c.AddVersion) -> list[Emitted]:
    number = len(_document(ask, command.document).versions) + 1
    version = _version(command.file, number, ask.context)
    return emitted(ask, e.VersionAdded(case=ask.life.id, document=command.document, version=version))


def _finalised(ask: Ask, command: c.Finalise) -> list[Emitted]:
    return emitted(ask, e.DocumentFinalised(case=ask.life.id, document=command.document))


def _checked_out(ask: Ask, command: c.CheckOut) -> list[Emitted]:
    return emitted(ask, e.CheckedOut(case=ask.life.id, document=command.document, by=ask.context.actor.user))


def _checked_in(ask: Ask, command: c.CheckIn) -> list[Emitted]:
    return emitted(ask, e.CheckedIn(case=ask.life.id, document=command.document))


def _resubmission_set(ask: Ask, command: c.SetResubmission) -> list[Emitted]:
    if command.due <= local_day(ask.context.now):
        raise InvalidCommand([("/due", "must be a day to come")])
    event = e.ResubmissionSet(
        object_id=ask.life.id,
        resubmission=ask.context.new_id(),
        due=command.due,
        note=command.note,
        user=ask.context.actor.acts_as,
    )
    return emitted(ask, event)


def _resubmission_settled(ask: Ask, command: c.SettleResubmission) -> list[Emitted]:
    if command.resubmission not in ask.life.resubmissions:
        raise InvalidCommand([("/resubmission", "no such resubmission is open")])
    return emitted(ask, e.ResubmissionSettled(object_id=ask.life.id, resubmission=command.resubmission))


def _resubmission_fell_due(ask: Ask, command: c.ResubmissionDue) -> list[Emitted]:
    return emitted(ask, e.ResubmissionFellDue(object_id=ask.life.id, resubmission=command.resubmission))


def _changed(ask: Ask, command: c.Change) -> list[Emitted]:
    if not ask.is_record and set(command.model_fields_set) - {"case", "title"}:
        raise InvalidCommand([("", "a case has a title of its own; all else belongs to the record or its documents")])
    changes = tuple(_differences(ask, command))
    if not changes:
        raise InvalidCommand([("", "nothing would change")])
    until = transfer_until(local_day(ask.context.now), ask.context.rules) if ask.life.state == "closed" else None
    return emitted(ask, e.Changed(object_id=ask.life.id, changes=changes, transfer_until=until))


def _differences(ask: Ask, command: c.Change) -> Iterable[e.Change]:
    record = ask.record
    old = {
        "title": ask.life.title,
        "protection": record.own_protection.value,
        "confidentiality": record.own_confidentiality.value,
        "lead": record.lead or "",
        "keeper": record.keeper or "",
        "medium": record.medium.value,
    }
    for name, before in old.items():
        new = getattr(command, name)
        if new is not None and str(new) != before:
            yield e.Change(field=name, old=before, new=str(new))


def _retention_changed(ask: Ask, command: c.ChangeRetention) -> list[Emitted]:
    if command.retention == ask.life.retention:
        raise InvalidCommand([("/retention", "nothing would change")])
    new = own_or_inherited(command.retention, ask.life.retention)
    event = e.RetentionChanged(object_id=ask.life.id, old=ask.life.retention, new=new, reason=command.reason)
    return emitted(ask, event)


def _closed(ask: Ask, _: c.Close) -> list[Emitted]:
    day = local_day(ask.context.now)
    until = transfer_until(day, ask.context.rules)
    return emitted(ask, e.Closed(object_id=ask.life.id, on=day, transfer_until=until))


def _reopened(ask: Ask, command: c.Reopen) -> list[Emitted]:
    """A case that lives again needs its record open."""
    events = [e.Reopened(object_id=ask.life.id, reason=command.reason)]
    whole = ask.record.life
    if not ask.is_record and whole.state != "in_work":
        MACHINE.step(whole.state, "reopen", ask.context.actor.roles, Ask(ask.record, whole, command, ask.context))
        events.insert(0, e.Reopened(object_id=whole.id, reason=command.reason))
    return emitted(ask, *events)


def _moved_to_registry(ask: Ask, _: c.ToRegistry) -> list[Emitted]:
    return emitted(ask, e.MovedToRegistry(object_id=ask.life.id))


def _fell_due(ask: Ask, _: c.FallDue) -> list[Emitted]:
    return emitted(ask, e.FellDue(object_id=ask.life.id))


def _hold_set(ask: Ask, command: c.SetHold) -> list[Emitted]:
    event = e.HoldSet(
        object_id=ask.life.id,
        hold=ask.context.new_id(),
        reason=command.reason,
        holder=ask.context.actor.user,
        since=local_day(ask.context.now),
    )
    return emitted(ask, event)


def _hold_released(ask: Ask, command: c.ReleaseHold) -> list[Emitted]:
    return emitted(ask, e.HoldReleased(object_id=ask.life.id, hold=command.hold, reason=command.reason))


def _proposed(ask: Ask, command: c.Propose) -> list[Emitted]:
    return emitted(ask, e.AppraisalProposed(object_id=ask.life.id, proposal=command.proposal))


def _slip_attached(ask: Ask, command: c.AttachSlip) -> list[Emitted]:
    event = e.SlipAttached(object_id=ask.life.id, slip=command.routing_slip, documents=command.documents)
    return emitted(ask, event)


def _slip_detached(ask: Ask, command: c.DetachSlip) -> list[Emitted]:
    event = e.SlipDetached(
        object_id=ask.life.id, slip=command.routing_slip, outcome=command.outcome, protocol=command.protocol
    )
    return emitted(ask, event)


BUILDERS: dict[str, Builder] = {
    "record.worked": _worked,
    "record.case_added": _case_added,
    "record.document_added": _document_added,
    "record.version_added": _version_added,
    "record.document_finalised": _finalised,
    "record.checked_out": _checked_out,
    "record.checked_in": _checked_in,
    "record.resubmission_set": _resubmission_set,
    "record.resubmission_settled": _resubmission_settled,
    "record.resubmission_fell_due": _resubmission_fell_due,
    "record.changed": _changed,
    "record.retention_changed": _retention_changed,
    "record.closed": _closed,
    "record.reopened": _reopened,
    "record.moved_to_registry": _moved_to_registry,
    "record.fell_due": _fell_due,
    "record.hold_set": _hold_set,
    "record.hold_released": _hold_released,
    "record.appraisal_proposed": _proposed,
    "record.slip_attached": _slip_attached,
    "record.slip_detached": _slip_detached,
}
"""Event type -> what it says."""
