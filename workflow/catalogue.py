"""Which aggregates there are: one line each, category -> how to fold, decide, and what time does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workflow.engine.aggregate import Context, Emitted, Evolver, Timer
from workflow.engine.machine import Machine
from workflow.mail_folders import decide as mail_decisions
from workflow.mail_folders import mail_folder
from workflow.mail_folders.machine import MACHINE as MAIL_FOLDER
from workflow.organisation import staff
from workflow.organisation.house_rules import Rules
from workflow.records import decide as record_decisions
from workflow.records import evolve as record_fold
from workflow.records import file_plan
from workflow.records.machine import MACHINE as RECORD
from workflow.routing_slips import decide as slip_decisions
from workflow.routing_slips import evolve as slip_fold
from workflow.routing_slips import templates
from workflow.routing_slips.machine import MACHINE as ROUTING_SLIP
from workflow.routing_slips.machine import STATION
from workflow.views import projection
from workflow.views.projection import Rows


@dataclass(frozen=True, slots=True)
class Kind:
    """An aggregate type."""

    evolve: Evolver[Any]
    decide: Callable[[Any, Any, Context], list[Emitted]]
    due: Callable[[Any, Rules], list[Timer]] | None = None
    rows: Callable[[str, Any], Rows] | None = None
    """What a stream and its state look like in the views; None where they do not show it."""
    latest_only: bool = False
    """Whether the last event alone is the whole state, so that a long stream loads at once."""


def not_asked(_state: object, command: object, _context: Context) -> list[Emitted]:
    """For what only other aggregates' decisions write to."""
    raise TypeError(f"nobody asks this of a counter: {command}")


Catalogue = dict[str, Kind]

WORKFLOW: Catalogue = {
    "record": Kind(record_fold.evolve, record_decisions.decide, record_decisions.due, projection.of_record),
    "routing-slip": Kind(slip_fold.evolve, slip_decisions.decide, slip_decisions.due, projection.of_slip),
    "mail-folder": Kind(mail_folder.evolve, mail_decisions.decide, rows=projection.of_mail),
    "file-plan": Kind(file_plan.evolve_plan, file_plan.decide),
    "file-number": Kind(file_plan.evolve_counter, not_asked, latest_only=True),
    "staff": Kind(staff.evolve, staff.decide),
    "templates": Kind(templates.evolve, templates.decide),
}
"""Stream category -> aggregate. Other rooms add theirs."""

MACHINES: dict[str, Machine[Any]] = {machine.name: machine for machine in (RECORD, ROUTING_SLIP, STATION, MAIL_FOLDER)}
"""Every state machine by name."""
