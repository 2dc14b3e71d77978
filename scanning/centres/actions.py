"""What can be done with a scan centre: entered by administration, clients connected, audits recorded."""

from scanning.centres.events import CentreAudited, CentreEntered, ClientConnected
from scanning.centres.guards import Question
from scanning.centres.scan_centre import CentreKind
from scanning.requirements.terms import Terms
from workflow.engine.access import Role
from workflow.engine.commands import Built, Command, by_action, rows
from workflow.engine.fields import Day, Line, Name
from workflow.errors import InvalidCommand
from workflow.organisation.working_days import local_day
from workflow.text import Text

ADMIN = {Role.ADMIN}


class EnterCentre(
    Command, action="enter", en="Enter a scan centre", de="Scanstelle eintragen",
    example={"kind": "central", "title": "Scanstelle Rheinland", "carrier": "mwide"},
):  # fmt: skip
    """Enter a centre, or change what is entered."""

    kind: CentreKind
    title: Line
    carrier: Name | None = None
    """Authority whose staff run it."""
    terms: Terms | None = None

    ROWS = rows(
        "provisional entered", "entered", ADMIN, CentreEntered, "of_the_carrier",
        en="entered", de="eingetragen", basis="F074, F079; TR-03138 A.G.1",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return CentreEntered(
            centre=question.name,
            kind=self.kind,
            title=self.title,
            carrier=self.carrier,
            terms=self.terms,
            old_terms=question.centre.terms if question.centre else None,
        )


class ConnectClient(
    Command, action="connect", en="Connect a client", de="Auftraggeber anschließen",
    example={"authority": "mwide", "opens": "2022-07-01"},
):  # fmt: skip
    """Take an authority's paper from a day on, until and with the day `closes`."""

    authority: Name
    opens: Day
    closes: Day | None = None

    ROWS = rows(
        "entered", None, ADMIN, ClientConnected, "of_the_carrier",
        en="client connected", de="Auftraggeber angeschlossen", basis="F078",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        """The client with its days; raises `InvalidCommand` where it would close before it opens."""
        if self.closes is not None and self.closes < self.opens:
            raise InvalidCommand([("/closes", Text("liegt vor der Eröffnung", "lies before the opening"))])
        return ClientConnected(centre=question.name, authority=self.authority, opens=self.opens, closes=self.closes)


class RecordAudit(
    Command, action="audit", en="Enter an audit", de="Audit eintragen",
    example={"on": "2027-02-01", "by": "Revision", "result": "ohne Mängel"},
):  # fmt: skip
    """The centre was audited."""

    on: Day
    by: Line
    result: Line

    ROWS = rows(
        "entered", None, {Role.AUDITOR}, CentreAudited,
        en="audited", de="auditiert", basis="TR-03138 A.AM.G.3",
    ) + rows(
        "entered", None, ADMIN, CentreAudited, "of_the_carrier",
        en="audited", de="auditiert", basis="TR-03138 A.AM.G.3",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        """The audit; raises `InvalidCommand` for a day to come."""
        if self.on > local_day(question.context.now):
            raise InvalidCommand([("/on", Text("liegt in der Zukunft", "lies in the future"))])
        return CentreAudited(centre=question.name, on=self.on, by=self.by, result=self.result)


ACTIONS: tuple[type[Command], ...] = (EnterCentre, ConnectClient, RecordAudit)
COMMANDS = by_action(ACTIONS)
