"""The conditions of an incoming item by name: what each asks, and how its failure is worded."""

from workflow.engine.access import Protection, Role
from workflow.engine.aggregate import dataclass, replace
from workflow.engine.commands import Command
from workflow.engine.machine import Guard
from workflow.mail_folders.mail_folder import Item, MailFolder
from workflow.organisation.house_rules import Context
from workflow.organisation.staff.deputies import deputises
from workflow.organisation.staff.member import get_clearance, works_here
from workflow.organisation.staff.persons import find_person, finder


@dataclass(frozen=True)
class Question:
    folder: MailFolder
    item: Item
    command: Command | None
    context: Context

    def asking(self, action: str) -> "Question":  # noqa: ARG002 - guards here look at commands, not at action names
        return replace(self, command=None)

    @property
    def to(self) -> str | None:
        """Id of whom the command gives the item to."""
        named = self.command.get("to") if self.command else None
        return named and find_person(named, self.folder.authority, finder(self.context))

    @property
    def user(self) -> str:
        return self.context.actor.user


def _mine(question: Question) -> bool:
    to, actor = question.item.assigned_to, question.context.actor
    if Role.SYSTEM in actor.roles:
        return True
    return to is not None and (to in {actor.user, actor.on_behalf_of} or deputises(actor.user, to, question.context))


def _addressee_fits(question: Question) -> bool:
    to, need = question.to, question.item.incoming.protection
    if to is None:
        return True
    cleared = need is Protection.NORMAL or get_clearance(to, question.context).covers(need)
    return cleared and works_here(to, question.context)


GUARDS: dict[str, Guard[Question]] = {
    "cleared": Guard(
        lambda q: q.context.actor.clearance.covers(q.item.incoming.protection),
        "clearance does not cover the protection need",
        "die Freigabe deckt den Schutzbedarf nicht",
        personal=True,
    ),
    "mine": Guard(_mine, "it is assigned to somebody else", "zugewiesen ist jemand anders", personal=True),
    "addressee_fits": Guard(
        _addressee_fits,
        "the addressee is not entered as staff, lacks clearance or has left",
        "die Person ist nicht eingetragen, ohne Freigabe oder ausgeschieden",
    ),
    "not_accepted": Guard(lambda q: not q.item.accepted, "already accepted", "bereits angenommen"),
    "has_file": Guard(
        lambda q: q.item.incoming.file is not None, "the item has no file", "zur Sendung gibt es keine Datei"
    ),
}
