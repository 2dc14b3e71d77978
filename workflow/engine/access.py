"""Who acts, and what they may know: roles, authority, clearance, protection need (Schutzbedarf), confidentiality.

Rule 20: need and confidentiality of a whole are the maximum of what it contains (BSI TR-03138 A.G.2), and nobody
without clearance takes part.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import TypeVar

from workflow.text import Text


class Role(StrEnum):
    """What a person is there for; `SYSTEM` acts by lapse of time only."""

    CASE_WORKER = "case_worker"
    APPROVER = "approver"
    REGISTRAR = "registrar"
    SCAN_OPERATOR = "scan_operator"
    SCAN_INSPECTOR = "scan_inspector"
    ARCHIVIST = "archivist"
    PLANNER = "planner"
    AUDITOR = "auditor"
    ADMIN = "admin"
    SYSTEM = "system"


ROLE_NAMES = {
    Role.CASE_WORKER: Text("Sachbearbeitung", "case worker"),
    Role.APPROVER: Text("Zeichnungsbefugte", "approver"),
    Role.REGISTRAR: Text("Registratur", "registrar"),
    Role.SCAN_OPERATOR: Text("Scankraft", "scan operator"),
    Role.SCAN_INSPECTOR: Text("Prüfkraft der Scanstelle", "scan inspector"),
    Role.ARCHIVIST: Text("Archiv", "archivist"),
    Role.PLANNER: Text("Programmplanung", "planner"),
    Role.AUDITOR: Text("Revision", "auditor"),
    Role.ADMIN: Text("Administration", "admin"),
    Role.SYSTEM: Text("von selbst", "by itself"),
}
"""What people call the roles."""


@cache
def name_roles(roles: frozenset[Role]) -> Text:
    """Roles by what people call them, in a fixed order."""
    names = [ROLE_NAMES[role] for role in Role if role in roles]
    return Text(", ".join(name.de for name in names), ", ".join(name.en for name in names))


HUMANS = frozenset(Role) - {Role.SYSTEM}


class _Ordered(StrEnum):
    """Members grow in the order of their definition."""

    rank: int
    """Place in the order, from 0."""

    def __init__(self, _value: str) -> None:
        self.rank = len(type(self).__members__)

    def covers(self, other: "_Ordered") -> bool:
        """Whether this level is at least `other`."""
        return self.rank >= other.rank


class Protection(_Ordered):
    """Protection need (Schutzbedarf): normal, hoch, sehr hoch. Also the clearance of a person."""

    NORMAL = "normal"
    HIGH = "high"
    VERY_HIGH = "very_high"


class Confidentiality(_Ordered):
    """xdomea Vertraulichkeitsstufe, from offen (003) and VS-NfD (002) to streng geheim (004)."""

    OPEN = "open"
    RESTRICTED = "restricted"
    CONFIDENTIAL = "confidential"
    SECRET = "secret"  # noqa: S105 - a grade, not a password
    TOP_SECRET = "top_secret"  # noqa: S105


L = TypeVar("L", bound=_Ordered)
_RANK = attrgetter("rank")


def highest(levels: Iterable[L]) -> L:
    """The maximum principle: the highest of some levels."""
    return max(levels, key=_RANK)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting, perhaps for another (Vertretung); `authority` None means all."""

    user: str
    roles: frozenset[Role]
    authority: str | None = None
    clearance: Protection = Protection.NORMAL
    on_behalf_of: str | None = None

    @property
    def acts_as(self) -> str:
        """The person whose work this is: the absent one when deputising."""
        return self.on_behalf_of or self.user

    def may_know(self, authority: str, protection: Protection) -> bool:
        """Whether a thing of that authority and protection need may be known to them."""
        return self.authority in {None, authority} and self.clearance.covers(protection)


SYSTEM = Actor("system", frozenset({Role.SYSTEM}), None, Protection.VERY_HIGH)
"""Acts when time has passed."""
