"""Which aggregates and machines there are where paper is scanned: the workflow's and these."""

from typing import Any

from scanning.batch_actions import decide as batch_decisions
from scanning.batch_actions import evolve as batch_fold
from scanning.batch_actions.machine import MACHINE as SCAN_BATCH
from scanning.batches import file_index, projection
from scanning.centres import decide as centre_decisions
from scanning.centres import evolve as centre_fold
from scanning.centres.machine import MACHINE as SCAN_CENTRE
from scanning.requirements.terms import ScanRules
from workflow import catalogue
from workflow.engine.aggregate import Catalogue, Kind, never_asked
from workflow.engine.machine import Machine
from workflow.organisation.staff.member import deputises

KINDS = catalogue.KINDS | {
    "scan-batch": Kind(batch_fold.evolve, batch_decisions.decide, batch_decisions.list_timers, projection.of_batch),
    "scan-centre": Kind(centre_fold.evolve, centre_decisions.decide),
    "scan-file": Kind(file_index.evolve, never_asked),
    "scan-mail": Kind(file_index.evolve_mail, never_asked),
}
"""Stream category -> aggregate."""

SCANNING = Catalogue(KINDS, ScanRules(), deputises)

MACHINES: dict[str, Machine[Any]] = {**catalogue.MACHINES, SCAN_BATCH.name: SCAN_BATCH, SCAN_CENTRE.name: SCAN_CENTRE}
