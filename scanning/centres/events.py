"""Events of a scan centre."""

from scanning.centres.scan_centre import CentreKind
from scanning.requirements.terms import Terms
from workflow.engine.events import Event
from workflow.engine.fields import Day, Line, Name


class CentreEntered(Event, type="scan.centre_entered"):
    """A centre was entered, or what is known of it changed; None for `terms`: those of the authority."""

    centre: Name
    kind: CentreKind
    title: Line
    carrier: Name | None
    terms: Terms | None
    old_terms: Terms | None = None


class ClientConnected(Event, type="scan.client_connected"):
    centre: Name
    authority: Name
    opens: Day
    closes: Day | None


class CentreAudited(Event, type="scan.centre_audited"):
    """An audit took place (A.AM.G.3)."""

    centre: Name
    on: Day
    by: Line
    result: Line
