"""The life of a scan centre: its states, and the table that its actions make. An entered centre stays so."""

from scanning.centres.actions import ACTIONS
from scanning.centres.guards import GUARDS, Question
from scanning.centres.scan_centre import STATES
from workflow.engine.machine import Machine

MACHINE: Machine[Question] = Machine(
    name="scan-centre",
    states=STATES,
    initial="provisional",
    ends=frozenset({"entered"}),
    commands=ACTIONS,
    guards=GUARDS,
)
