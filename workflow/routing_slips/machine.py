"""The life of a routing slip, of its stations and of what they send out: states, and the tables that actions make."""

from dataclasses import replace

from workflow.delivery.delivery import ENDS, PENDING, STATES
from workflow.engine.commands import Command, by_action
from workflow.engine.machine import Machine
from workflow.routing_slips.create import ENCLOSURE_GUARDS, CreateSlip
from workflow.routing_slips.deadlines import TIME_ACTIONS, Activate
from workflow.routing_slips.delivery_actions import DELIVERY_ACTIONS, DELIVERY_GUARDS, EndProvision
from workflow.routing_slips.guards import GUARDS, Question
from workflow.routing_slips.owner_actions import OWNER_ACTIONS
from workflow.routing_slips.station_actions import STATION_ACTIONS, SlipCommand

ACTIONS: tuple[type[Command], ...] = (
    CreateSlip, *OWNER_ACTIONS, *STATION_ACTIONS, *DELIVERY_ACTIONS, *TIME_ACTIONS, EndProvision
)  # fmt: skip
COMMANDS = by_action(ACTIONS)
"""What people may ask; time has its own."""

MACHINE: Machine[Question] = Machine(
    name="routing-slip",
    states={
        "draft": "Entwurf",
        "circulating": "im Umlauf",
        "paused": "angehalten",
        "returned": "in Überarbeitung",
        "completed": "abgeschlossen",
        "filed": "veraktet",
        "withdrawn": "zurückgezogen",
        "cancelled": "abgebrochen",
        "deleted": "gelöscht",
    },
    initial="draft",
    ends=frozenset({"filed", "withdrawn", "cancelled", "deleted"}),
    commands=ACTIONS,
    guards=GUARDS | DELIVERY_GUARDS | ENCLOSURE_GUARDS,
)


MOVING: tuple[type[SlipCommand], ...] = (
    Activate, *(command for command in ACTIONS if issubclass(command, SlipCommand) and command.AT_STATION)
)  # fmt: skip
"""Actions that say what becomes of a station."""

STATION: Machine[Question] = Machine(
    name="station",
    states={"planned": "zukünftig", "active": "aktuell", "done": "abgeschlossen", "skipped": "übersprungen"},
    initial="planned",
    ends=frozenset({"done", "skipped"}),
    guards={},
    commands=MOVING,
    table=[replace(row, action=command.ACTION) for command in MOVING for row in command.AT_STATION],
)
"""001 to 004: what may happen to one station, whatever the slip."""

DELIVERING: tuple[type[SlipCommand], ...] = (*DELIVERY_ACTIONS, EndProvision)

DELIVERY: Machine[Question] = Machine(
    name="delivery",
    states=STATES,
    initial=PENDING,
    ends=ENDS,
    guards={},
    commands=DELIVERING,
    table=[replace(row, action=command.ACTION) for command in DELIVERING for row in command.AT_DELIVERY],
)
"""How a decision reaches whom it is for, where a station sends it out."""
