"""Scan centres (Scanstellen), their clients and terms, as the API shows them."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from api.application.resources.representation import Fields, From, Representation
from api.application.resources.resource import Resource
from scanning.batches.scan_centre import COMMANDS, CentreKind, ScanCentre
from scanning.requirements.terms import Terms
from workflow.engine.access import Role
from workflow.engine.machine import Option
from workflow.organisation.house_rules import Context


class ClientRepresentation(Representation):
    """An authority whose paper is taken, from when until when."""

    authority: str
    opens: date
    closes: date | None


def _list_clients(clients: Mapping[str, Any]) -> list[Fields]:
    return [{"authority": name, "opens": one.opens, "closes": one.closes} for name, one in clients.items()]


class ScanCentreRepresentation(Representation):
    """A scan centre with its clients."""

    state: str = "entered"
    centre_kind: Annotated[CentreKind, From("kind")]
    title: str
    carrier: str | None
    terms: Terms | None
    clients: Annotated[list[ClientRepresentation], From(convert=_list_clients)]
    audited_on: date | None


def _knows(centre: ScanCentre, context: Context) -> bool:
    """Those who act for all authorities, the carrier's staff, and the clients'."""
    authority = context.actor.authority
    return authority is None or authority == centre.carrier or authority in centre.clients


def _options(_: ScanCentre, context: Context, _part: str | None) -> list[Option]:
    found = []
    for action in COMMANDS:
        wanted = {Role.ADMIN, Role.AUDITOR} if action == "audit" else {Role.ADMIN}
        allowed = bool(context.actor.roles & wanted)
        why = ("scan centres are entered by admin", "Scanstellen trägt die Administration ein")
        found.append(Option(action, allowed, *(None, None) if allowed else why))
    return found


EXAMPLES: dict[str, Fields] = {
    "enter": {"kind": "central", "title": "Scanstelle Rheinland", "carrier": "mwide"},
    "connect": {"authority": "mwide", "opens": "2022-07-01"},
    "audit": {"on": "2027-02-01", "by": "Revision", "result": "ohne Mängel"},
}

RESOURCE = Resource(
    name="scan-centre",
    plural="scan-centres",
    en="scan centre",
    de="Scanstelle",
    commands=COMMANDS,
    representation=ScanCentreRepresentation,
    knows=_knows,
    options=_options,
    examples=EXAMPLES,
    audience="clients, carrier, and who acts for all authorities",
    creates="enter",
    naming="path",
    example_roles=frozenset({Role.ADMIN}),
    example_key="rheinland",
)
