"""A scan centre as it is now: central, decentral, or a service for existing files; its clients, terms and last audit.

F074, F079, C15: "Rheinland" is central, Detmold decentral for the Westphalian Bezirksregierungen. F077: existing files
go to an external provider. F078: authorities are connected one after the other, each from its own day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from scanning.requirements.terms import Terms

STATES = {"provisional": "vorläufig", "entered": "eingetragen"}
"""State -> German term. A provisional centre has no events: the authority's terms hold, all are clients."""
AUDIT_YEARS = 3
"""A.AM.G.3: at least so often, in years."""


class CentreKind(StrEnum):
    CENTRAL = "central"
    DECENTRAL = "decentral"
    EXTERNAL = "external"
    """A provider that scans existing files (Bestandsaktenscan), and nothing else."""


class Client(NamedTuple):
    opens: date
    closes: date | None

    def is_open(self, day: date) -> bool:
        return self.opens <= day and (self.closes is None or day <= self.closes)


@dataclass(frozen=True)
class ScanCentre:
    id: str
    kind: CentreKind
    title: str
    carrier: str | None
    terms: Terms | None
    state: str = "entered"
    clients: Mapping[str, Client] = field(default_factory=dict)
    audited_on: date | None = None

    @property
    def audit_due(self) -> date | None:
        """Last day on which the next audit is in time (A.AM.G.3, from high need); None: none was made, one is due."""
        last = self.audited_on
        if last is None:
            return None
        leap_day = (last.month, last.day) == (2, 29)
        return last.replace(year=last.year + AUDIT_YEARS, day=28 if leap_day else last.day)


def stream(centre: str) -> str:
    return f"scan-centre:{centre}"
