"""Roles on the command line."""

import typer

from workflow.engine.access import Role

HUMAN_ROLES = [role for role in Role if role is not Role.SYSTEM]


def parse_role(name: str) -> Role:
    """A role that people have; raises `BadParameter` with all of them."""
    if name not in HUMAN_ROLES:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(HUMAN_ROLES)}")
    return Role(name)
