"""Who works in the authority of the demonstration besides the staff of its scenario, and who is offered a login."""

from typing import NamedTuple

from workflow.engine.access import Actor, Protection, Role
from workflow.text import Text

AUTHORITY = "musteramt"
ADMIN = Actor("amtsverwaltung", frozenset({Role.ADMIN}), AUTHORITY, Protection.VERY_HIGH)


def _employ(user: str, *roles: Role) -> Actor:
    return Actor(user, frozenset(roles), AUTHORITY)


OPERATOR = _employ("murat.yilmaz", Role.SCAN_OPERATOR)
INSPECTOR = _employ("karin.lorenz", Role.SCAN_INSPECTOR)
REGISTRAR = _employ("ute.hansen", Role.REGISTRAR)
CLERK = _employ("anna.mueller", Role.CASE_WORKER)
PLANNER = _employ("gabriele.stein", Role.PLANNER)
TESTER = _employ("tarik.aydin", Role.AUDITOR)
BESIDES = (OPERATOR, INSPECTOR, REGISTRAR, PLANNER, TESTER)
"""Staff that the scenario of the casework does not know."""


class Login(NamedTuple):
    user: str
    roles: tuple[Role, ...]
    what: Text
    page: str = "/"


LOGINS = (
    Login(
        "petra.vogel", (Role.APPROVER, Role.CASE_WORKER, Role.PLANNER),
        Text("leitet das Referat Förderung und plant", "heads the funding unit, and plans"),
    ),
    Login(
        CLERK.user, (Role.CASE_WORKER,), Text("bearbeitet Förderanträge", "works on funding applications"),
        "/pages/inbox",
    ),
    Login(
        OPERATOR.user, (Role.SCAN_OPERATOR,), Text("arbeitet in der Scanstelle", "works in the scan centre"),
        "/pages/scanning",
    ),
    Login(
        INSPECTOR.user, (Role.SCAN_INSPECTOR,), Text("prüft in der Scanstelle", "inspects in the scan centre"),
        "/pages/scanning",
    ),
    Login(
        REGISTRAR.user, (Role.REGISTRAR,), Text("führt die Registratur", "runs the registry"), "/pages/records",
    ),
    Login(
        TESTER.user, (Role.AUDITOR,), Text("prüft, ob Abläufe richtig gehen", "tests that cases go right"),
        "/pages/replays",
    ),
)  # fmt: skip
"""Whose links are printed; the first one's opens in the browser."""
