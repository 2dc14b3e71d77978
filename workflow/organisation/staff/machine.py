"""The states of a member of staff, and the table that the actions make."""

from workflow.engine.machine import Machine
from workflow.organisation.staff.actions import ACTIONS
from workflow.organisation.staff.guards import GUARDS, Question
from workflow.organisation.staff.member import STATES

MACHINE: Machine[Question] = Machine(
    name="staff",
    states=STATES,
    initial="registered",
    ends=frozenset({"left"}),
    commands=ACTIONS,
    guards=GUARDS,
)
