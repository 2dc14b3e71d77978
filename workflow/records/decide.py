"""Deciding what is asked of a record: the machine says whether, the action's own block says what."""

from datetime import timedelta
from functools import partial

from workflow.engine.aggregate import Timer
from workflow.engine.commands import Command, Emitted
from workflow.engine.machine import Option
from workflow.errors import InvalidCommand, NotFound
from workflow.organisation.house_rules import Context, Rules
from workflow.organisation.working_days import start_of
from workflow.records.base import Question
from workflow.records.closing_actions import FallDue, Reopen, ResubmissionDue, ToRegistry
from workflow.records.guards import BEFORE_DUE, BEFORE_REGISTRY, OPEN, due_day
from workflow.records.machine import MACHINE
from workflow.records.record import Life, Record, stream
from workflow.records.work_actions import CreateRecord
from workflow.text import Text


def decide(record: Record | None, command: Command, context: Context) -> list[Emitted]:
    if isinstance(command, CreateRecord):
        return command.open(context)
    if record is None or not record.known_to(context.actor):
        raise NotFound("record", context.stream.partition(":")[2])
    question = Question(record, get_target(record, command), command, context)
    emitted = _step(question, command)
    if isinstance(command, Reopen) and not question.is_record and record.state != "in_work":
        # A case that lives again needs its record open.
        emitted = [*_step(Question(record, record.life, command, context), command), *emitted]
    return emitted


def _step(question: Question, command: Command) -> list[Emitted]:
    row = MACHINE.step(question.life.state, command.ACTION, question.context.actor.roles, question)
    return row.emit(stream(question.record.id), command, question)


def options(record: Record, context: Context, case: str | None = None) -> list[Option]:
    life = record.life_of(case) if case else record.life
    if life is None:
        raise NotFound("case", str(case))
    return MACHINE.allowed(life.state, context.actor.roles, Question(record, life, None, context))


def get_target(record: Record, command: Command) -> Life:
    """The life a command means; that of the document's case where it names a document."""
    case, document = command.get("case"), command.get("document")
    if document is not None:
        case = _find_case(record, document)
    if case is None:
        return record.life
    life = record.life_of(case)
    if life is None or life is record.life:
        raise InvalidCommand([("/case", Text(f"die Akte hat keinen Vorgang {case}", f"the record has no case {case}"))])
    return life


def due(record: Record, rules: Rules) -> list[Timer]:
    """What time will do to the record: registry, end of retention, resubmissions."""
    found: list[Timer] = []
    for life in record.lives():
        case = None if life is record.life else life.id
        parts = () if case else record.cases.values()
        if life.state == "closed" and life.transfer_until and not any(p.life.state in BEFORE_REGISTRY for p in parts):
            at = start_of(life.transfer_until + timedelta(days=1))
            found.append(Timer(f"to_registry:{life.id}", at, partial(ToRegistry, case=case)))
        if (
            life.state == "registry"
            and not any(p.life.state in BEFORE_DUE for p in parts)
            and not _is_held(record, life)
        ):
            day = due_day(record, life, rules)
            if day is not None:
                found.append(Timer(f"fall_due:{life.id}", start_of(day), partial(FallDue, case=case)))
        for note in life.resubmissions.values():
            if not note.fallen_due and life.state in OPEN:
                command = partial(ResubmissionDue, case=case, resubmission=note.id)
                found.append(Timer(f"resubmission:{note.id}", start_of(note.due), command))
    return found


def _is_held(record: Record, life: Life) -> bool:
    return bool(record.life.holds or life.holds or (life is record.life and any(x.holds for x in record.lives())))


def _find_case(record: Record, document: str) -> str:
    found = next((key for key, case in record.cases.items() if document in case.documents), None)
    if found is None:
        raise InvalidCommand(
            [("/document", Text(f"die Akte hat kein Dokument {document}", f"the record has no document {document}"))]
        )
    return found
