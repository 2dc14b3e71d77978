"""Scan centres (Scanstellen): central, decentral, or a service for existing files; their clients and terms.

F074, F079, C15: "Rheinland" is central, Detmold decentral for the Westphalian Bezirksregierungen. F077: existing files
go to an external provider. F078: authorities are connected one after the other, each from its own day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from scanning.batches.events import Purpose
from scanning.requirements.terms import Terms, scan_rules
from workflow.engine.access import Role
from workflow.engine.aggregate import Emitted, Evolver, replace
from workflow.engine.commands import Command
from workflow.engine.events import Event
from workflow.engine.fields import Day, Line, Name
from workflow.errors import Forbidden, InvalidCommand, NotAllowed, NotFound
from workflow.organisation.house_rules import Context
from workflow.organisation.working_days import local_day

AUDIT_YEARS = 3
"""A.AM.G.3: at least so often, in years."""


class CentreKind(StrEnum):
    """What a centre is for."""

    CENTRAL = "central"
    DECENTRAL = "decentral"
    EXTERNAL = "external"
    """A provider that scans existing files (Bestandsaktenscan), and nothing else."""


class CentreEntered(Event, type="scan.centre_entered"):
    """A centre was entered, or what is known of it changed; None for `terms`: those of the authority."""

    centre: Name
    kind: CentreKind
    title: Line
    carrier: Name | None
    terms: Terms | None
    old_terms: Terms | None = None


class ClientConnected(Event, type="scan.client_connected"):
    """From that day the centre takes an authority's paper."""

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


class EnterCentre(Command, action="enter"):
    """Enter a centre, or change what is entered."""

    kind: CentreKind
    title: Line
    carrier: Name | None = None
    """Authority whose staff run it."""
    terms: Terms | None = None


class ConnectClient(Command, action="connect"):
    """Take an authority's paper from a day on, until and with the day `closes`."""

    authority: Name
    opens: Day
    closes: Day | None = None


class RecordAudit(Command, action="audit"):
    """The centre was audited."""

    on: Day
    by: Line
    result: Line


class Client(NamedTuple):
    """From when until when an authority's paper is taken."""

    opens: date
    closes: date | None

    def is_open(self, day: date) -> bool:
        """Whether paper is taken that day."""
        return self.opens <= day and (self.closes is None or day <= self.closes)


@dataclass(frozen=True)
class ScanCentre:
    """A centre now."""

    id: str
    kind: CentreKind
    title: str
    carrier: str | None
    terms: Terms | None
    clients: Mapping[str, Client] = field(default_factory=dict)
    audited_on: date | None = None

    def audit_overdue(self, today: date) -> bool:
        """Whether the last audit is more than three years ago, or there was none (A.AM.G.3, from high need)."""
        last = self.audited_on
        return last is None or (today.year - AUDIT_YEARS, today.month, today.day) > (last.year, last.month, last.day)


evolve: Evolver[ScanCentre] = Evolver()


@evolve.birth(CentreEntered)
def _entered(event: CentreEntered) -> ScanCentre:
    return ScanCentre(event.centre, event.kind, event.title, event.carrier, event.terms)


@evolve.on(CentreEntered)
def _changed(centre: ScanCentre, event: CentreEntered) -> ScanCentre:
    return replace(centre, kind=event.kind, title=event.title, carrier=event.carrier, terms=event.terms)


@evolve.on(ClientConnected)
def _connected(centre: ScanCentre, event: ClientConnected) -> ScanCentre:
    return replace(centre, clients={**centre.clients, event.authority: Client(event.opens, event.closes)})


@evolve.on(CentreAudited)
def _audited(centre: ScanCentre, event: CentreAudited) -> ScanCentre:
    return replace(centre, audited_on=event.on)


COMMANDS: dict[str, type[Command]] = {model.ACTION: model for model in (EnterCentre, ConnectClient, RecordAudit)}
"""What people may ask."""


def stream(centre: str) -> str:
    """Stream of a centre, by its name."""
    return f"scan-centre:{centre}"


def decide(centre: ScanCentre | None, command: Command, context: Context) -> list[Emitted]:
    """Enter a centre, connect clients, record audits; for admin, audits also for auditor."""
    roles = {Role.ADMIN, Role.AUDITOR} if isinstance(command, RecordAudit) else {Role.ADMIN}
    if not context.actor.roles & roles:
        raise Forbidden("scan centres are entered by admin", "Scanstellen trägt die Administration ein")
    name = context.stream.partition(":")[2]
    if isinstance(command, EnterCentre):
        event: Event = CentreEntered(
            centre=name,
            kind=command.kind,
            title=command.title,
            carrier=command.carrier,
            terms=command.terms,
            old_terms=centre.terms if centre else None,
        )
        return [(stream(name), event)]
    if centre is None:
        raise NotFound("scan-centre", name)
    if isinstance(command, ConnectClient):
        if command.closes is not None and command.closes < command.opens:
            raise InvalidCommand([("/closes", "lies before the opening")])
        event = ClientConnected(centre=name, authority=command.authority, opens=command.opens, closes=command.closes)
    elif isinstance(command, RecordAudit):
        if command.on > local_day(context.now):
            raise InvalidCommand([("/on", "lies in the future")])
        event = CentreAudited(centre=name, on=command.on, by=command.by, result=command.result)
    else:
        raise TypeError(f"nobody decides {command.ACTION}")
    return [(stream(name), event)]


class Admitted(NamedTuple):
    """Under which terms a centre takes a batch."""

    terms: Terms
    carrier: str | None
    provisional: bool


def terms_for(centre: str, authority: str, purpose: Purpose, context: Context) -> Admitted:
    """Whether a centre takes this paper today, and under which terms (decision 12).

    As long as a centre has not been entered it is provisional: the authority's terms hold and everybody is a client;
    where the authority requires centres to be entered, or once it is, `NotAllowed` or `NotFound`.
    """
    rules = scan_rules(context.rules)
    known = context.find(stream(centre), ScanCentre)
    if known is None:
        if rules.centres_required:
            raise NotFound("scan-centre", centre)
        return Admitted(rules.terms, None, True)
    client = known.clients.get(authority)
    if client is None or not client.is_open(local_day(context.now)):
        raise NotAllowed(
            "scan-batch", "-", "create", (), f"{centre} takes no paper of {authority} today",
            f"{centre} nimmt heute kein Papier von {authority} an",
        )  # fmt: skip
    if known.kind is CentreKind.EXTERNAL and purpose is not Purpose.EXISTING_FILES:
        raise NotAllowed(
            "scan-batch", "-", "create", (), f"{centre} scans existing files only",
            f"{centre} scannt nur Bestandsakten",
        )  # fmt: skip
    return Admitted(known.terms or rules.terms, known.carrier, False)
