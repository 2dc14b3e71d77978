"""The state machines as they stand in the tables: states, actions, roles, guards, and the diagram."""

from typing import Any

from typing_extensions import TypedDict

from api.server.dependencies.caller import Caller
from api.server.http.router import Router
from scanning.catalogue import MACHINES
from workflow.engine.machine import Machine
from workflow.errors import NotFound

router = Router(prefix="/state-machines", tags=["state machines"])


class StateRepresentation(TypedDict):
    """A state and its German term."""

    name: str
    de: str
    initial: bool
    end: bool


class RowRepresentation(TypedDict):
    """A line of the table."""

    source: str
    action: str
    target: str
    roles: list[str]
    event: str
    guards: list[str]
    en: str
    de: str
    basis: str


class GuardRepresentation(TypedDict):
    """A condition, and how its failure is told."""

    name: str
    en: str
    de: str


class MachineRepresentation(TypedDict):
    """A state machine."""

    name: str
    states: list[StateRepresentation]
    actions: list[str]
    rows: list[RowRepresentation]
    guards: list[GuardRepresentation]
    mermaid: str


class MachineNames(TypedDict):
    """Names of the machines."""

    items: list[str]
    next: str | None


@router.get("")
async def names(holder: Caller) -> MachineNames:  # noqa: ARG001 - for those with a token
    """Which machines there are."""
    return {"items": list(MACHINES), "next": None}


@router.get("/{name}")
async def machine(name: str, holder: Caller) -> MachineRepresentation:  # noqa: ARG001 - for those with a token
    """A machine: states, actions, roles, guards and the Mermaid diagram."""
    found = MACHINES.get(name)
    if found is None:
        raise NotFound("state machine", name)
    return describe_machine(found)


def describe_machine(found: Machine[Any]) -> MachineRepresentation:
    return {
        "name": found.name,
        "states": [
            {"name": s, "de": de, "initial": s == found.initial, "end": s in found.ends}
            for s, de in found.states.items()
        ],
        "actions": found.actions,
        "rows": [
            {
                "source": row.source, "action": row.action, "target": row.target, "roles": sorted(row.roles),
                "event": row.event, "guards": list(row.guards), "en": row.en, "de": row.de, "basis": row.basis,
            }
            for row in found.table
        ],
        "guards": [{"name": name, "en": guard.en, "de": guard.de} for name, guard in found.guards.items()],
        "mermaid": found.mermaid(),
    }  # fmt: skip
