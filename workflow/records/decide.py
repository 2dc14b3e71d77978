"""Deciding what is asked of a record: the machine says whether, the builder of the row's event says what."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from workflow.engine.access import Actor
from workflow.engine.aggregate import Emitted, Timer
from workflow.engine.commands import Command
from workflow.engine.machine import Option
from workflow.errors import Forbidden, GuardFailed, InvalidCommand, NotFound
from workflow.organisation.house_rules import Context, Rules
from workflow.organisation.working_days import local_day, start_of
from workflow.records import commands as c
from workflow.records import events as e
from workflow.records.builders import BUILDERS, Builder
from workflow.records.file_plan import next_number, unit_for
from workflow.records.guards import BEFORE_DUE, BEFORE_REGISTRY, OPEN, Ask, due_day
from workflow.records.machine import MACHINE, STAFF
from workflow.records.record import Life, Record, stream
from workflow.records.retention import own_or_inherited

COMMANDS: dict[str, type[Command]] = {
    model.ACTION: model
    for model in (
        c.CreateRecord, c.Work, c.AddCase, c.AddDocument, c.AddVersion, c.Finalise, c.CheckOut, c.CheckIn,
        c.SetResubmission, c.SettleResubmission, c.Change, c.ChangeRetention, c.Close, c.Reopen, c.SetHold,
        c.ReleaseHold, c.Propose, c.Offer, c.Appraise, c.Transfer, c.Confirm, c.Delete,
    )
}  # fmt: skip
"""What people may ask; time has its own."""


def decider(builders: Mapping[str, Builder]) -> Callable[[Record | None, Command, Context], list[Emitted]]:
    """How a record decides, with the builder of every row's event."""

    def decide(record: Record | None, command: Command, context: Context) -> list[Emitted]:
        if isinstance(command, c.CreateRecord):
            return _create(command, context)
        if record is None or not record.known_to(context.actor):
            raise NotFound("record", context.stream.partition(":")[2])
        ask = Ask(record, target(record, command), command, context)
        row = MACHINE.step(ask.life.state, command.ACTION, context.actor.roles, ask)
        return builders[row.event](ask, command)

    return decide


decide = decider(BUILDERS)
"""Work on a record; disposal is registered in the catalogue."""


def options(record: Record, context: Context, case: str | None = None) -> list[Option]:
    """Every action, and whether it may be done now."""
    life = record.life_of(case) if case else record.life
    if life is None:
        raise NotFound("case", str(case))
    return MACHINE.allowed(life.state, context.actor.roles, Ask(record, life, None, context))


def target(record: Record, command: Command) -> Life:
    """The life a command means; that of the document's case where it names a document."""
    case, document = command.told("case"), command.told("document")
    if document is not None:
        case = _home(record, document)
    if case is None:
        return record.life
    life = record.life_of(case)
    if life is None or life is record.life:
        raise InvalidCommand([("/case", f"the record has no case {case}")])
    return life


def due(record: Record, rules: Rules) -> list[Timer]:
    """What time will do to the record: registry, end of retention, resubmissions."""
    found: list[Timer] = []
    for life in record.lives():
        case = None if life is record.life else life.id
        parts = () if case else record.cases.values()
        if life.state == "closed" and life.transfer_until and not any(p.life.state in BEFORE_REGISTRY for p in parts):
            at = start_of(life.transfer_until + timedelta(days=1))
            found.append(Timer(f"to_registry:{life.id}", at, c.ToRegistry(case=case)))
        if life.state == "registry" and not any(p.life.state in BEFORE_DUE for p in parts) and not _held(record, life):
            day = due_day(record, life, rules)
            if day is not None:
                found.append(Timer(f"fall_due:{life.id}", start_of(day), c.FallDue(case=case)))
        for note in life.resubmissions.values():
            if not note.fallen_due and life.state in OPEN:
                command = c.ResubmissionDue(case=case, resubmission=note.id)
                found.append(Timer(f"resubmission:{note.id}", start_of(note.due), command))
    return found


def _held(record: Record, life: Life) -> bool:
    return bool(record.life.holds or life.holds or (life is record.life and any(x.holds for x in record.lives())))


def _home(record: Record, document: str) -> str:
    found = next((key for key, case in record.cases.items() if document in case.documents), None)
    if found is None:
        raise InvalidCommand([("/document", f"the record has no document {document}")])
    return found


def _create(command: c.CreateRecord, context: Context) -> list[Emitted]:
    authority = _authority(command.authority, context.actor)
    _may_create(command, context)
    unit, provisional = unit_for(authority, command.file_plan_code, context)
    record = context.new_id()
    number, numbered = next_number(authority, unit.code, record, context)
    created = e.RecordCreated(
        record=record,
        authority=authority,
        title=command.title,
        file_number=number,
        file_plan_code=unit.code,
        provisional_unit=provisional,
        retention=own_or_inherited(command.retention, unit.retention),
        protection=command.protection,
        confidentiality=command.confidentiality,
        lead=command.lead,
        keeper=command.keeper,
        medium=command.medium,
        on=local_day(context.now),
    )
    return [(stream(record), created), numbered]


def _may_create(command: c.CreateRecord, context: Context) -> None:
    if not context.actor.roles & STAFF:
        raise Forbidden(
            "records are created by case_worker, approver or registrar", "Akten legt die Sachbearbeitung an"
        )
    if not context.actor.clearance.covers(command.protection):
        raise Forbidden("clearance does not cover the protection need", "Die Freigabe deckt den Schutzbedarf nicht")
    if not context.rules.released_confidentiality.covers(command.confidentiality):
        guard = MACHINE.guards["grade_released"]
        raise GuardFailed("record", "-", "create", (), "grade_released", guard.en, guard.de)


def _authority(named: str | None, actor: Actor) -> str:
    if actor.authority is None and named is None:
        raise InvalidCommand([("/authority", "say for which authority")])
    if named is not None and actor.authority not in {None, named}:
        raise Forbidden("this is another authority", "Das ist eine andere Behörde")
    return named or str(actor.authority)
