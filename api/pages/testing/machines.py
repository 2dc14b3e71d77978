"""The state machines to look at: a drawing, and by state what may be done, by whom, and what stands against it."""

from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from api.application.resources import RESOURCES
from api.pages.base.render import create_page_router, render_page
from api.pages.base.visitor import LoggedIn
from api.pages.testing.diagram import HEIGHT, WIDTH, draw
from scanning.catalogue import MACHINES
from workflow.engine.access import ROLE_NAMES
from workflow.engine.machine import Machine, Row
from workflow.errors import NotFound
from workflow.text import Text

router = create_page_router()
TITLES = {
    "station": Text("Station", "station"), "delivery": Text("Bekanntgabe", "delivery"),
    **{name: Text(RESOURCES[name].de, RESOURCES[name].en) for name in MACHINES if name in RESOURCES},
}  # fmt: skip
"""Machine -> what it is the life of; stations, and what they send out, are parts of a routing slip."""
Chosen = Annotated[str, Query(max_length=60)]


@router.get("/pages/machines/{name}")
def show_machine(who: LoggedIn, name: str, state: Chosen = "") -> Response:
    """A machine and one of its states, the first unless another is chosen."""
    machine = MACHINES.get(name)
    if machine is None:
        raise NotFound("state machine", name[:100])
    chosen = state if state in machine.states else machine.initial
    return render_page(
        who, "machine.html.j2", here_is="replays", machine=machine, titles=TITLES, chosen=chosen,
        drawing=draw(machine), width=WIDTH, height=HEIGHT, rows=list_rows(machine, chosen),
        commands={command.ACTION: command for command in machine.commands}, roles=ROLE_NAMES,
    )  # fmt: skip


def list_rows(machine: Machine[Any], state: str) -> list[Row]:
    """What may be done in a state, in the order in which rows are tried."""
    return [row for row in machine.table if row.source == state]
