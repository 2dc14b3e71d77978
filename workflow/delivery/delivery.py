"""The delivery of a decision (Bekanntgabe): its states, what is known of it, and until when it can be retrieved."""

from datetime import date, timedelta

from workflow.engine.aggregate import dataclass
from workflow.organisation.working_days import ONE_DAY, is_working

STATES = {
    "pending": "noch nicht bekannt gegeben",
    "issued": "vollautomatisch erlassen",
    "provided": "zum Abruf bereitgestellt",
    "not_retrieved": "nicht rechtzeitig abgerufen",
    "retrieved": "abgerufen",
    "dispatched": "versandt",
}
PENDING, PROVIDED = "pending", "provided"
OPEN = "pending issued not_retrieved"
"""States in which the decision waits for being sent or provided."""
ENDS = frozenset({"retrieved", "dispatched"})
RETRIEVAL_DAYS = 10
"""After notice was sent that the decision is provided: § 41 (2a) sentence 4 VwVfG."""


@dataclass(frozen=True)
class DecisionDelivery:
    state: str = PENDING
    law: str | None = None
    """Which allows that a system issues the decision; none where a person decided."""
    recipient: str | None = None
    consent: str | None = None
    until: date | None = None
    retrieved_by: str | None = None
    authenticated: str | None = None
    notified_on: date | None = None


def find_last_day(noticed: date) -> date:
    """The last day for retrieval, where notice was sent on a day; no Saturday, Sunday or holiday (§ 31 (3) VwVfG)."""
    day = noticed + timedelta(days=RETRIEVAL_DAYS)
    while not is_working(day):
        day += ONE_DAY
    return day


def find_notified_day(retrieved: date) -> date:
    """The day after the retrieval: § 41 (2a) sentence 3 VwVfG."""
    return retrieved + ONE_DAY
