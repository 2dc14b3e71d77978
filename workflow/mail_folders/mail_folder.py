"""The mail folder (E-Postmappe): incoming items from any channel, sighted, assigned, and filed into a case.

Sighting (Sichtung, Sichtvermerk), assignment, acceptance of competence or misdirected (Irrläufer), filing: domain 2.4;
DOMEA 2.1. A folder holds what came in together, so that its stream stays short.
"""

from collections.abc import Mapping

from workflow.engine.access import Protection, highest
from workflow.engine.aggregate import dataclass
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
    """`unit` and `title` are None, and `items` not all, where only a part is shown to somebody."""

    id: str
    authority: str
    unit: str | None
    title: str | None
    items: Mapping[str, Item]

    @property
    def whole(self) -> bool:
        return self.title is not None

    @property
    def state(self) -> str:
        """State of the item that is least far; of an empty folder, `received`."""
        found = [item.state for item in self.items.values()]
        return min(found, key=list(STATES).index) if found else "received"

    @property
    def protection(self) -> Protection:
        """Maximum of the items' needs (rule 20)."""
        return highest([Protection.NORMAL, *(item.incoming.protection for item in self.items.values())])


def stream(folder: str) -> str:
    return f"mail-folder:{folder}"
