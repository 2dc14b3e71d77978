"""House rules an authority may set, with their defaults; everything else is law and stands in the tables."""

from dataclasses import dataclass
from typing import TypeAlias

from workflow.engine import aggregate
from workflow.engine.access import Confidentiality


@dataclass(frozen=True, slots=True)
class Rules:
    transfer_days: int = 365
    """Transferfrist: days a closed file stays in the active store; DOMEA leaves the length to the authority, 0 is
    possible (assumed: one year)."""
    released_confidentiality: Confidentiality = Confidentiality.OPEN
    """Highest grade the system is released for; VS-NfD needs a release, higher grades never get one (domain 1.5)."""
    remind_working_days: int = 2
    """A deadline at a station reminds this many working days before (assumed)."""
    longest_deputising_days: int = 366
    """A deputy is appointed for at most so long (rule 18: time-limited; the length is assumed)."""
    offer_after_years: int = 30
    """§ 4 (1) ArchivG NRW: to be offered at the latest so long after creation, unless law keeps it longer."""


Context: TypeAlias = aggregate.Context[Rules]
"""What a decision of the domain may look at."""
