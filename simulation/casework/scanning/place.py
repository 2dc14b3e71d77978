"""Where a scan centre works: what its parts share."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from simulation.casework.people.office import Office
from simulation.casework.people.presence import Presence
from simulation.casework.people.staff import Team
from simulation.casework.people.worklists import Worklists
from simulation.random_streams import Streams
from simulation.scenario.casework import CaseworkScenario
from simulation.scenario.scanning import ScanWork
from workflow.engine.access import Actor


@dataclass
class Client:
    """An authority whose mail is scanned, with the person of its post room who files what comes."""

    authority: str
    clerk: Actor
    case_of_batch: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Stream of a batch -> record and case into which its items go."""


@dataclass
class Tally:
    """What became of the items of each client: (client, what) -> how many; hours until they were delivered."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    hours: dict[str, list[float]] = field(default_factory=dict)
    """Client -> office hours from the arrival of the batch to the mail folder, of each item delivered."""


WHAT = ("items", "delivered", "excluded", "rejected", "filed", "destroyed")


def list_tally(tally: Tally, whole: str) -> Iterator[dict[str, Any]]:
    """One row per client and one for all; `hours_p50` and `hours_p90` until an item lies in the mail folder."""
    clients = sorted({client for client, _ in tally.counts})
    for name in (*clients, *([whole] if clients else ())):
        here = clients if name == whole else [name]
        hours = sorted(hour for client in here for hour in tally.hours.get(client, ()))
        counts = {what: sum(tally.counts[client, what] for client in here) for what in WHAT}
        tenths = quantiles(hours, n=10, method="inclusive") if len(hours) > 1 else [None] * 9
        under_way = counts["items"] - counts["delivered"] - counts["excluded"]
        yield {"client": name, **counts, "under_way": under_way, "hours_p50": tenths[4], "hours_p90": tenths[8]}


@dataclass
class Place:
    scenario: CaseworkScenario
    scan: ScanWork
    streams: Streams
    office: Office
    worklists: Worklists
    teams: dict[str, Team]
    office_hours: Presence
    day: float
    """Seconds of a full working day."""
    tally: Tally = field(default_factory=Tally)
