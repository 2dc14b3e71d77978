"""Retention (Aufbewahrung): how long a closed file is kept, which rule applies, and when it must be offered.

The period ends on 31 December of the year of z.d.A. plus n (Landesarchiv NRW, node 14925; rule 7); everything is to
be offered at the latest 30 years after creation unless law keeps it longer (§ 4 (1) ArchivG NRW).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from workflow.engine.events import Model
from workflow.engine.fields import Years
from workflow.errors import InvalidCommand
from workflow.organisation.house_rules import Rules
from workflow.text import Text


class Disposal(StrEnum):
    """xdomea Aussonderungsart: archivwürdig, bewerten, vernichten."""

    ARCHIVE = "A"
    APPRAISE = "B"
    DESTROY = "V"


class Retention(Model):
    """How long (Aufbewahrungsdauer; `years` None is unbefristet) and what then."""

    years: Years | None
    disposal: Disposal
    statutory: bool = False
    """A law sets the period, so the 30 years of § 4 (1) ArchivG NRW do not cut it."""
    agreed: bool = False
    """The archive has appraised this class beforehand (Bewertungskatalog, two-step procedure); else A and V are a
    proposal only (rule 10)."""

    def end(self, closed_on: date) -> date | None:
        """Last day of retention; None is never."""
        return None if self.years is None else date(closed_on.year + self.years, 12, 31)

    def due_on(self, closed_on: date, created_on: date, rules: Rules) -> date | None:
        """First day on which disposal may begin; None is never."""
        end = self.end(closed_on)
        if end is None:
            return None
        due = end + timedelta(days=1)
        if self.statutory:
            return due
        latest = date(created_on.year + rules.offer_after_years, 12, 31) + timedelta(days=1)
        return max(min(due, latest), closed_on)

    def shortens(self, other: "Retention") -> bool:
        if self.years is None:
            return False
        return other.years is None or self.years < other.years


def own_or_inherited(own: Retention | None, inherited: Retention) -> Retention:
    """The nearest definition wins (rule 4); only the file plan can say that the archive has agreed (rule 10)."""
    if own is not None and own.agreed and own != inherited:
        says = Text(
            "Nur der Aktenplan kann sagen, dass das Archiv zugestimmt hat",
            "only the file plan can say that the archive has agreed",
        )
        raise InvalidCommand([("/retention/agreed", says)])
    return own or inherited


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold (Löschsperre): each counts on its own (rule 9)."""

    id: str
    reason: str
    holder: str
    since: date


def transfer_until(day: date, rules: Rules) -> date:
    """Last day of the transfer period (Transferfrist), which begins with z.d.A. and again with each change."""
    return day + timedelta(days=rules.transfer_days)
