"""The conditions of an incoming item by name: what each asks, and how its failure is worded."""

from dataclasses import dataclass

from workflow.engine.access import Protection, Role
from workflow.engine.aggregate import replace
from workflow.engine.commands import Command
from workflow.engine.machine import Guard
from workflow.mail_folders.mail_folder import Item, MailFolder
from workflow.organisation.house_rules import Context
from workflow.organisation.staff.deputies import deputises
from workflow.organisation.staff.member import get_clearance, has_left


@dataclass(frozen=True)
class Question:
    folder: MailFolder
    item: Item
    command: Command | None
    context: Context

    def asking(self, action: str) -> "Question":  # noqa: ARG002 - guards here look at commands, not at action names
        return replace(self, command=None)

    @property
    def user(self) -> str:
        return self.context.actor.user


def _mine(question: Question) -> bool:
    to, actor = question.item.assigned_to, question.context.actor
    if Role.SYSTEM in actor.roles:
        return True
    return to is not None and (to in {actor.user, actor.on_behalf_of} or deputises(actor.user, to, question.context))


def _addressee_fits(question: Question) -> bool:
    to, need = question.command.get("to") if question.command else None, question.item.incoming.protection
    if to is None:
        return True
    cleared = need is Protection.NORMAL or get_clearance(to, question.context).covers(need)
    return cleared and not has_left(to, question.context)


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
        "the addressee lacks clearance or has left",
        "der Person fehlt die Freigabe oder sie ist ausgeschieden",
    ),
    "not_accepted": Guard(lambda q: not q.item.accepted, "already accepted", "bereits angenommen"),
    "has_file": Guard(
        lambda q: q.item.incoming.file is not None, "the item has no file", "zur Sendung gibt es keine Datei"
    ),
}
