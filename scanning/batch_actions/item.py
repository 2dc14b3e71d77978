"""What the actions on an item share: how it is named, and who works where."""

from collections.abc import Callable, Mapping
from typing import Annotated

from pydantic import Field

from scanning.batches.question import Question
from workflow.engine.access import Role
from workflow.engine.commands import Built, Command
from workflow.engine.events import Event, types
from workflow.engine.fields import Id
from workflow.errors import InvalidCommand
from workflow.text import Text

Number = Annotated[int, Field(ge=1, le=100_000)]

OPERATORS = {Role.SCAN_OPERATOR}
INSPECTORS = {Role.SCAN_INSPECTOR}
MAKERS = {*OPERATORS, *INSPECTORS}
CLERKS = {Role.CASE_WORKER, Role.APPROVER, Role.REGISTRAR}
SYSTEM = {Role.SYSTEM}
UNSEALED = "received prepared scanned checked rejected"
SEALED = "sealed delivered acknowledged destruction_due"


class ItemCommand(Command):
    """Base; without `item` the only one in the batch is meant."""

    item: Id | Number | None = None

    def build(self, question: Question) -> Built:
        """The event of the command's rows, with the item, who acts, and the fields of the command."""
        fields = {name: value for name, value in self if name != "item"}
        record: Callable[..., Event] = types()[self.ROWS[0].event]
        return record(item=question.item.id, by=question.user, **fields)

    def choose(self, field: str, known: Mapping[str, object]) -> str:
        """The one of several things that a field names, or the only one; raises `InvalidCommand`."""
        named = self.get(field)
        if named is None and len(known) == 1:
            return next(iter(known))
        if named is None or named not in known:
            says = Text(f"Es gibt {len(known)}; davon nennen", f"there are {len(known)}; name one of them")
            raise InvalidCommand([(f"/{field}", says)])
        return str(named)
