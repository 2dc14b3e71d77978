"""What can happen to a decision (Bescheid) that a station for dispatch sends out (Bekanntgabe)."""

from workflow.engine.events import Event
from workflow.engine.fields import Day, Id, Line, Name


class DecisionIssued(Event, type="slip.decision_issued"):
    """A system issued it, and no person decided (§ 35a VwVfG); `law` allows that."""

    station: Id
    law: Line
    by: Name


class DecisionProvided(Event, type="slip.decision_provided"):
    """It is provided for retrieval, and whom it is for was told so (§ 41 (2a) sentence 1 VwVfG)."""

    station: Id
    recipient: Line
    consent: Line
    """How and when they agreed to it."""
    until: Day
    """The last day on which it can be retrieved."""
    by: Name


class DecisionRetrieved(Event, type="slip.decision_retrieved"):
    """The one it is for, or their representative, retrieved it."""

    station: Id
    retrieved_by: Line
    authenticated: Line
    """By what they showed who they are (sentence 2)."""
    notified_on: Day
    """The day on which it counts as notified (sentence 3)."""
    by: Name


class ProvisionEnded(Event, type="slip.provision_ended"):
    """Nobody retrieved it in time: it is not notified, and may be provided or sent again (sentences 4 and 5)."""

    station: Id
