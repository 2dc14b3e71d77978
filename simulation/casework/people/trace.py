"""What is noted of a replication while it runs: every slip and every station that was done."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(slots=True)
class SlipNote:
    """Times in seconds since 1970; `turnaround` in working days."""

    kind: str
    unit: str
    started: float
    month_started: str
    month_completed: str | None = None
    turnaround: float | None = None
    under_way: float = 0.0
    """Working days until it was completed, or until the end of the horizon."""
    touch: float = 0.0
    """Seconds that people worked on it at stations and in revising it."""
    refusals: int = 0
    reruns: int = 0
    stations: int = 0
    by_deputy: int = 0
    escalations: int = 0


class StationNote(NamedTuple):
    kind: str
    unit: str
    person: str
    waited: float
    """Seconds of office hours from its turn until it was taken up."""
    touch: float
    by_deputy: bool


@dataclass
class Trace:
    slips: list[SlipNote] = field(default_factory=list)
    stations: list[StationNote] = field(default_factory=list)
    records: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Records created by unit and month."""
    cases: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Cases that arrived, by unit and month."""
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By kind of work: `cases`, `closed`, `records`, `misdirected`."""
    month_ends: list[tuple[str, str, int, int]] = field(default_factory=list)
    """(month, unit, open, overdue) of routing slips under way."""
    case_days: dict[str, list[float]] = field(default_factory=dict)
    """By kind: working days from arrival to z.d.A."""
