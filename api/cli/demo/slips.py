"""What simulated staff seldom do with a routing slip: leave it a draft, pause it, refuse, withdraw and cancel it."""

from collections.abc import Iterator

from api.application.service import ResourceService
from api.cli.demo.people import AUTHORITY, CLERK
from workflow.engine.access import Actor, Role
from workflow.engine.engine import Engine
from workflow.routing_slips.events import Kind
from workflow.routing_slips.routing_slip import RoutingSlip

DRAFT = {
    "title": "Förderrichtlinie Ladesäulen, Entwurf",
    "stations": [{"kind": "co_sign", "actor": "jan.becker"}, {"kind": "final_sign", "actor": "petra.vogel"}],
}
TWICE = DRAFT | {"title": "Förderrichtlinie Ladesäulen, Entwurf (doppelt)"}
OWNER = {"pause": {"reason": "wartet auf das Gutachten"}, "withdraw": {"reason": "Antrag wurde zurückgenommen"}}


def leave_in_every_state(engine: Engine, resources: ResourceService) -> None:
    """One routing slip in each state that there is not yet."""
    resources.create("routing-slip", DRAFT, CLERK)
    twice = resources.create("routing-slip", TWICE, CLERK)
    resources.act("routing-slip", twice.id, "cancel", {"reason": "doppelt angelegt"}, CLERK)
    slips = list(_list_circulating(engine))
    present = {slip.state for slip in _list_slips(engine)}
    if "returned" not in present:
        slips.remove(_refuse(resources, slips))
    for action, state in (("pause", "paused"), ("withdraw", "withdrawn")):
        if state not in present and slips:
            slip = slips.pop()
            resources.act("routing-slip", slip.id, action, OWNER[action], _act_as(slip.owner))


def _refuse(resources: ResourceService, slips: list[RoutingSlip]) -> RoutingSlip:
    """Refuse one at its first co-signature."""
    slip, station = next(
        (slip, station) for slip in slips for station in slip.active() if station.plan.kind is Kind.CO_SIGN
    )
    body = {"station": slip.ordered().index(station) + 1, "reason": "Die Frist der Anhörung fehlt."}
    resources.act("routing-slip", slip.id, "refuse", body, _act_as(station.actor))
    return slip


def _act_as(user: str) -> Actor:
    return Actor(user, frozenset({Role.APPROVER, Role.CASE_WORKER}), AUTHORITY)


def _list_slips(engine: Engine) -> Iterator[RoutingSlip]:
    for stream in engine.log.streams("routing-slip"):
        yield engine.load(stream).state


def _list_circulating(engine: Engine) -> Iterator[RoutingSlip]:
    return (slip for slip in _list_slips(engine) if slip.state == "circulating")
