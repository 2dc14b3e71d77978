"""Roles and tokens on the command line."""

from api.cli.shared.misuse import Misuse
from workflow.engine.access import Role
from workflow.text import Text

HUMAN_ROLES = [role for role in Role if role is not Role.SYSTEM]


def parse_role(name: str) -> Role:
    """A role that people have; raises `Misuse` with all of them."""
    if name not in HUMAN_ROLES:
        roles = ", ".join(HUMAN_ROLES)
        raise Misuse(Text(f"{name!r} ist keines von {roles}", f"{name!r} is not one of {roles}"))
    return Role(name)


def parse_token(text: str) -> str:
    """A bearer token as a header can carry it; raises `Misuse` for anything else, such as nothing."""
    token = text.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise Misuse(Text("ist kein Token", "is no token"))
    return token
