"""What an action on a scan centre needs besides its role."""

from dataclasses import dataclass

from scanning.centres.scan_centre import ScanCentre
from workflow.engine.commands import Command
from workflow.engine.machine import Guard
from workflow.organisation.house_rules import Context


@dataclass(frozen=True)
class Question:
    name: str
    centre: ScanCentre | None
    context: Context
    command: Command | None = None

    def asking(self, action: str) -> "Question":  # noqa: ARG002 - the guard looks at the person and at what is said
        return self

    @property
    def nobodys(self) -> bool:
        """Whether it is there and nobody is said to run it; only who acts for all authorities changes it then."""
        return self.centre is not None and self.centre.carrier is None

    @property
    def carriers(self) -> set[str]:
        """Who runs it, and who is to run it."""
        said = None if self.command is None else self.command.get("carrier")
        return {str(one) for one in (self.centre.carrier if self.centre else None, said) if one is not None}


GUARDS: dict[str, Guard[Question]] = {
    "of_the_carrier": Guard(
        lambda q: q.context.actor.authority is None or (q.carriers <= {q.context.actor.authority} and not q.nobodys),
        "this scan centre is run by another authority", "Diese Scanstelle betreibt eine andere Behörde",
        personal=True,
    ),
}  # fmt: skip
