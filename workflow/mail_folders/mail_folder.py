"""The mail folder (E-Postmappe): incoming items from any channel, sighted, assigned, and filed into a case.

Sighting (Sichtung, Sichtvermerk), assignment, acceptance of competence or misdirected (Irrläufer), filing: domain 2.4;
DOMEA 2.1. A folder holds what came in together, so that its stream stays short.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from workflow.engine.access import Actor, Protection, Role, highest
from workflow.mail_folders.events import Incoming

STATES = {
    "received": "eingegangen",
    "misdirected": "Irrläufer",
    "sighted": "gesichtet",
    "assigned": "zugewiesen",
    "filed": "veraktet",
}
"""State of an item -> German term, the least far first."""


@dataclass(frozen=True)
class Item:
    id: str
    incoming: Incoming
    state: str = "received"
    assigned_to: str | None = None
    accepted: bool = False
    record: str | None = None
    case: str | None = None
    document: str | None = None


@dataclass(frozen=True)
class MailFolder:
    id: str
    authority: str
    unit: str
    title: str
    items: Mapping[str, Item]

    @property
    def state(self) -> str:
        """State of the item that is least far; of an empty folder, `received`."""
        found = [item.state for item in self.items.values()]
        return min(found, key=list(STATES).index) if found else "received"

    @property
    def protection(self) -> Protection:
        """Maximum of the items' needs (rule 20)."""
        return highest([Protection.NORMAL, *(item.incoming.protection for item in self.items.values())])

    def known_to(self, actor: Actor) -> bool:
        """Those of the authority with clearance, and whoever was given an item."""
        given = {item.assigned_to for item in self.items.values()}
        return bool(
            Role.SYSTEM in actor.roles
            or {actor.user, actor.acts_as} & given
            or actor.may_know(self.authority, self.protection)
        )


def stream(folder: str) -> str:
    return f"mail-folder:{folder}"
