"""Which aggregates and machines there are where paper is scanned: the workflow's and these."""

from typing import Any

from scanning import batch_decisions, batch_fold, batch_rows, centre, scan_files
from scanning.batch_machine import MACHINE as SCAN_BATCH
from workflow import catalogue
from workflow.catalogue import WORKFLOW, Catalogue, Kind
from workflow.engine.machine import Machine

SCANNING: Catalogue = WORKFLOW | {
    "scan-batch": Kind(batch_fold.evolve, batch_decisions.decide, batch_decisions.due, batch_rows.of_batch),
    "scan-centre": Kind(centre.evolve, centre.decide),
    "scan-file": Kind(scan_files.evolve, catalogue.not_asked),
    "scan-mail": Kind(scan_files.evolve_mail, catalogue.not_asked),
}
"""Stream category -> aggregate; what an engine that scans is given."""

MACHINES: dict[str, Machine[Any]] = {**catalogue.MACHINES, SCAN_BATCH.name: SCAN_BATCH}
"""Every state machine by name."""
