"""Scan centres (Scanstellen), their clients and terms, as the API shows them."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from api.application.resources.representation import Fields, From, Representation, one_of
from api.application.resources.resource import Filter, Knowledge, Resource
from scanning.centres.actions import COMMANDS
from scanning.centres.decide import list_options
from scanning.centres.machine import MACHINE
from scanning.centres.scan_centre import CentreKind, ScanCentre
from scanning.requirements.terms import Terms
from workflow.engine.access import Role
from workflow.engine.machine import Option
from workflow.organisation.house_rules import Context

ScanCentreState = Annotated[str, one_of("ScanCentreState", MACHINE.states)]


class ClientRepresentation(Representation):
    """An authority whose paper is taken, from when until when."""

    authority: str
    opens: date
    closes: date | None


def _list_clients(clients: Mapping[str, Any]) -> list[Fields]:
    return [{"authority": name, "opens": one.opens, "closes": one.closes} for name, one in clients.items()]


class ScanCentreRepresentation(Representation):
    """A scan centre with its clients."""

    state: ScanCentreState
    centre_kind: Annotated[CentreKind, From("kind")]
    title: str
    carrier: str | None
    terms: Terms | None
    clients: Annotated[list[ClientRepresentation], From(convert=_list_clients)]
    audited_on: date | None
    audit_due: date | None


def _show(centre: ScanCentre, context: Context) -> ScanCentre | None:
    """To those who act for all authorities, the carrier's staff, and the clients'."""
    authority = context.actor.authority
    return centre if authority is None or authority == centre.carrier or authority in centre.clients else None


def _options(centre: ScanCentre, context: Context, _part: str | None) -> list[Option]:
    return list_options(centre, context)


RESOURCE = Resource(
    name="scan-centre",
    plural="scan-centres",
    en="scan centre",
    de="Scanstelle",
    commands=COMMANDS,
    representation=ScanCentreRepresentation,
    knowledge=Knowledge(_show),
    options=_options,
    machine=MACHINE,
    audience="clients, carrier, and who acts for all authorities",
    creates="enter",
    naming="path",
    example_roles=frozenset({Role.ADMIN}),
    example_key="rheinland",
    filters=(
        Filter("state", "only those in one of these states", tuple(MACHINE.states)),
        Filter("centre_kind", "only those of one of these kinds", tuple(CentreKind)),
        Filter("carrier", "only those that one of these authorities runs"),
    ),
)
