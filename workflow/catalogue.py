"""Which aggregates there are: one line each, category -> how to fold, decide, and what time does."""

from typing import Any

from workflow.disposal import decide as disposal_decisions
from workflow.disposal import drafts
from workflow.engine.aggregate import Catalogue, Kind, never_asked
from workflow.engine.machine import Machine
from workflow.file_plan import file_plan
from workflow.file_plan.file_plan import MACHINE as FILE_PLAN
from workflow.mail_folders import decide as mail_decisions
from workflow.mail_folders import evolve as mail_fold
from workflow.mail_folders.machine import MACHINE as MAIL_FOLDER
from workflow.organisation.house_rules import Rules
from workflow.organisation.staff import decide as staff_decisions
from workflow.organisation.staff import evolve as staff_fold
from workflow.organisation.staff.deputies import deputises
from workflow.organisation.staff.machine import MACHINE as STAFF
from workflow.records import decide as record_decisions
from workflow.records import evolve as record_fold
from workflow.records.machine import MACHINE as RECORD
from workflow.routing_slips import decide as slip_decisions
from workflow.routing_slips import evolve as slip_fold
from workflow.routing_slips import templates
from workflow.routing_slips.machine import DELIVERY, STATION
from workflow.routing_slips.machine import MACHINE as ROUTING_SLIP
from workflow.routing_slips.templates import MACHINE as TEMPLATES
from workflow.views import projection

KINDS = {
    "record": Kind(record_fold.evolve, disposal_decisions.decide, record_decisions.due, projection.of_record),
    "record-slips": Kind(drafts.evolve, never_asked),
    "routing-slip": Kind(slip_fold.evolve, disposal_decisions.decide_slip, slip_decisions.due, projection.of_slip),
    "mail-folder": Kind(mail_fold.evolve, mail_decisions.decide, rows=projection.of_mail),
    "file-plan": Kind(file_plan.evolve_plan, file_plan.decide),
    "file-number": Kind(file_plan.evolve_counter, never_asked, latest_only=True),
    "staff": Kind(staff_fold.evolve, staff_decisions.decide, rows=projection.of_staff),
    "templates": Kind(templates.evolve, templates.decide),
}
"""Stream category -> aggregate. Other rooms add theirs."""

WORKFLOW = Catalogue(KINDS, Rules(), deputises)
"""What an engine of this room alone holds."""

MACHINES: dict[str, Machine[Any]] = {
    machine.name: machine
    for machine in (RECORD, ROUTING_SLIP, STATION, DELIVERY, TEMPLATES, MAIL_FOLDER, STAFF, FILE_PLAN)
}
"""Every state machine by name."""
