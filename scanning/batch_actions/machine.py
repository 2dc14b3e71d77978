"""The life of a scanned item from arrival to the destroyed paper: its states, and the table that its actions make.

BSI TR-03138 and its Anwendungshinweis V; domain 3.4; rules 22 to 24.
"""

from scanning.batch_actions import ACTIONS
from scanning.batches.guards import GUARDS
from scanning.batches.question import Question
from scanning.batches.scan_batch import STATES
from workflow.engine.machine import Machine

MACHINE: Machine[Question] = Machine(
    name="scan-batch",
    states=STATES,
    initial="received",
    ends=frozenset({"destroyed", "excluded"}),
    commands=ACTIONS,
    guards=GUARDS,
)
