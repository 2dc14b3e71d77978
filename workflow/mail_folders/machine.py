"""The life of an incoming item: its states, and the table that its actions make."""

from workflow.engine.machine import Machine
from workflow.mail_folders.actions import ACTIONS
from workflow.mail_folders.guards import GUARDS, Question
from workflow.mail_folders.mail_folder import STATES

MACHINE: Machine[Question] = Machine(
    name="mail-folder",
    states=STATES,
    initial="received",
    ends=frozenset({"filed"}),
    commands=ACTIONS,
    guards=GUARDS,
)
