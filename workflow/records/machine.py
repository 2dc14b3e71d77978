"""The life of a record (E-Akte) and of each case (Vorgang), from creation to the tombstone.

DOMEA 2.1 p. 84-87; xdomea 0501-0507, 0624, 0632; ArchivG NRW § 4; rules 4 to 12.
"""

from workflow.engine.machine import Machine
from workflow.records.actions import ACTIONS
from workflow.records.base import Question
from workflow.records.guards import GUARDS

MACHINE: Machine[Question] = Machine(
    name="record",
    states={
        "created": "angelegt",
        "in_work": "in Bearbeitung",
        "closed": "z.d.A.",
        "registry": "Altregistratur",
        "due": "aussonderungsreif",
        "offered": "angeboten",
        "appraised": "bewertet",
        "transferred": "abgegeben",
        "confirmed": "Übernahme bestätigt",
        "deleted": "gelöscht",
    },
    initial="created",
    ends=frozenset({"deleted"}),
    commands=ACTIONS,
    guards=GUARDS,
)
