"""The life of an incoming item as a table, with its conditions by name.

Sighting, assignment, acceptance, misdirected mail and filing: domain 2.4; DOMEA 2.1.
"""

from dataclasses import dataclass

from workflow.engine.access import Protection, Role
from workflow.engine.aggregate import replace
from workflow.engine.commands import Command
from workflow.engine.machine import Guard, Machine, Row, rows
from workflow.mail_folders.commands import Assign
from workflow.mail_folders.mail_folder import STATES, Item, MailFolder
from workflow.organisation.house_rules import Context
from workflow.organisation.staff import clearance_of, deputises, has_left


@dataclass(frozen=True)
class Ask:
    """What a guard may look at."""

    folder: MailFolder
    item: Item
    command: Command | None
    context: Context

    def asking(self, action: str) -> "Ask":  # noqa: ARG002 - guards here look at commands, not at action names
        """The same without a command."""
        return replace(self, command=None)


def _mine(ask: Ask) -> bool:
    to, actor = ask.item.assigned_to, ask.context.actor
    return to is not None and (to in {actor.user, actor.on_behalf_of} or deputises(actor.user, to, ask.context))


def _mine_or_system(ask: Ask) -> bool:
    return Role.SYSTEM in ask.context.actor.roles or _mine(ask)


def _addressee_fits(ask: Ask) -> bool:
    command, need = ask.command, ask.item.incoming.protection
    if not isinstance(command, Assign):
        return True
    cleared = need is Protection.NORMAL or clearance_of(command.to, ask.context).covers(need)
    return cleared and not has_left(command.to, ask.context)


GUARDS: dict[str, Guard[Ask]] = {
    "cleared": Guard(
        lambda a: a.context.actor.clearance.covers(a.item.incoming.protection),
        "clearance does not cover the protection need",
        "die Freigabe deckt den Schutzbedarf nicht",
        personal=True,
    ),
    "mine": Guard(_mine_or_system, "it is assigned to somebody else", "zugewiesen ist jemand anders", personal=True),
    "addressee_fits": Guard(
        _addressee_fits,
        "the addressee lacks clearance or has left",
        "der Person fehlt die Freigabe oder sie ist ausgeschieden",
    ),
    "not_accepted": Guard(lambda a: not a.item.accepted, "already accepted", "bereits angenommen"),
    "has_file": Guard(
        lambda a: a.item.incoming.file is not None, "the item has no file", "zur Sendung gibt es keine Datei"
    ),
}

DISTRIBUTORS = {Role.REGISTRAR, Role.APPROVER, Role.CASE_WORKER}
OPENERS = {*DISTRIBUTORS, Role.SCAN_OPERATOR, Role.SCAN_INSPECTOR, Role.SYSTEM}


def _rows() -> list[Row]:
    here = ("cleared",)
    return [
        *rows(
            "received", "sight", "sighted", DISTRIBUTORS, "mail.item_sighted", *here,
            en="sighted", de="gesichtet", basis="domain 2.4: Sichtung (Leitung; Sichtvermerk)",
        ),
        *rows(
            "sighted misdirected assigned", "assign", "assigned", {*DISTRIBUTORS, Role.SYSTEM}, "mail.item_assigned",
            *here, "addressee_fits",
            en="assigned", de="zugewiesen", basis="domain 2.4: Zuweisung",
        ),
        *rows(
            "received", "assign", "assigned", {Role.SYSTEM}, "mail.item_assigned", "addressee_fits",
            en="assigned by a rule", de="regelbasiert zugewiesen", basis="F061: direct assignment by rules",
        ),
        *rows(
            "assigned", "accept", None, DISTRIBUTORS, "mail.item_accepted", *here, "mine", "not_accepted",
            en="accepted", de="Zuständigkeit anerkannt", basis="domain 2.4",
        ),
        *rows(
            "assigned", "misdirect", "misdirected", DISTRIBUTORS, "mail.item_misdirected", *here, "mine",
            en="misdirected", de="Irrläufer", basis="domain 2.4: Irrläufer zurück",
        ),
        *rows(
            "assigned", "file", "filed", {*DISTRIBUTORS, Role.SYSTEM}, "mail.item_filed", *here, "mine", "has_file",
            en="filed into a case", de="zum Vorgang genommen", basis="rule 1",
        ),
    ]  # fmt: skip


MACHINE: Machine[Ask] = Machine(
    name="mail-folder",
    states=STATES,
    initial="received",
    ends=frozenset({"filed"}),
    table=_rows(),
    guards=GUARDS,
)
