"""What the actions of a record share: which object they mean, who may do them, what they and their guards look at."""

from datetime import date
from typing import Any

from workflow.engine.access import Role
from workflow.engine.aggregate import dataclass, replace
from workflow.engine.commands import Command
from workflow.engine.fields import Id
from workflow.organisation.house_rules import Context
from workflow.organisation.working_days import local_day
from workflow.records.record import Life, Record

STAFF = {Role.CASE_WORKER, Role.APPROVER, Role.REGISTRAR}
REGISTRY = {Role.REGISTRAR}
KEEPERS = {Role.REGISTRAR, Role.ADMIN}
SYSTEM = {Role.SYSTEM}
WORK = "created in_work"
WORK_BASIS = "DOMEA 2.1 p. 84 (Bearbeitung); rule 1"
MAIL = "mail-folder:"
"""How the source of a document begins that was filed from a mail folder (`mail-folder:…#item`)."""
CASE = "6f2d6b2e-7a55-5c2a-9d0e-0d7f7a1f4b11"
DOCUMENT = "0a4cf3a1-39a4-5b7e-8e0f-5a0f7b7f2c22"


class RecordCommand(Command):
    """Base; without `case` the record itself is meant."""

    case: Id | None = None


@dataclass(frozen=True)
class Question:
    """What a guard may look at: the record, the life (the record's own or a case's), the command, who and when."""

    record: Record
    life: Life
    command: Command | None
    context: Context

    def get(self, field: str) -> Any:
        """A field of the command; None where there is no command, or it has no such field."""
        return self.command.get(field) if self.command else None

    def in_process(self, state: str) -> list[Life]:
        return [life for life in self.record.lives() if life.state == state and life.process == self.life.process]

    def get_or_begin_process(self) -> str:
        """The disposal process under way; a two-step one has none before its 0503."""
        return self.life.process or self.context.new_id()

    def asking(self, action: str) -> "Question":  # noqa: ARG002 - guards here look at commands, not at action names
        return replace(self, command=None)

    @property
    def user(self) -> str:
        return self.context.actor.user

    @property
    def hands(self) -> set[str]:
        """Whom four eyes count as one: who acts, and for whom."""
        return {self.context.actor.user, self.context.actor.acts_as}

    @property
    def today(self) -> date:
        return local_day(self.context.now)

    @property
    def is_record(self) -> bool:
        return self.life.id == self.record.id

    @property
    def cases(self) -> list[Life]:
        """The cases that an action on the record takes along; none for an action on a case."""
        return [case.life for case in self.record.cases.values()] if self.is_record else []

    @property
    def own(self) -> list[Life]:
        return [self.life, *self.cases]
