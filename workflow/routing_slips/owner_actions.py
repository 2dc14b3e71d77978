"""What the owner does with a routing slip, and what is done to the whole of it, one class for each action.

DOMEA 2.1 p. 57-66; xdomea Geschaeftsgang (0201-0203); rules 13 to 20.
"""

from workflow.engine.access import HUMANS, Protection, Role
from workflow.engine.commands import Built, Command, rows
from workflow.engine.fields import FreeText, Id, Line, Name
from workflow.errors import InvalidCommand, NotFound
from workflow.records.record import Record
from workflow.records.record import stream as record_stream
from workflow.routing_slips import events as e
from workflow.routing_slips.create import Plan, Revise, check_number, check_route, lay_out
from workflow.routing_slips.events import Result, Specs
from workflow.routing_slips.guards import Question
from workflow.routing_slips.protocol import attach, detach
from workflow.routing_slips.routing_slip import OWNERS, last_sent
from workflow.routing_slips.station_actions import (
    SlipCommand,
    StationCommand,
    StationRef,
    plan_again,
)
from workflow.text import Text

TAKING_PART = ("participants_here", "competent", "participants_cleared")
OWNED = "draft circulating paused returned completed"
_STATION = {"kind": "co_sign", "actor": "weber"}


class Start(Command, action="start", en="Start", de="Umlauf starten"):
    """Send it on its way, or on a new run."""

    ROWS = rows(
        "draft returned", "circulating", OWNERS, e.Started, "owner", "route_planned", "enclosed_newest",
        "others_decide", *TAKING_PART,
        en="started", de="Umlauf gestartet", basis="xdomea 0201; rules 16, 20",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        """The run, and the slip's place in its record with the documents that are enclosed now."""
        slip = question.slip
        return question.emit(e.Started(run=slip.run + 1)) + attach(slip, slip.documents, question.context)


class Cancel(Command, action="cancel", en="Cancel", de="Abbrechen", example={"reason": "nicht mehr nötig"}):
    """Give it up before it circulates (again)."""

    reason: FreeText = ""

    ROWS = rows(
        "draft returned", "cancelled", OWNERS, e.Cancelled, "owner",
        en="cancelled", de="abgebrochen", basis="domain 2.3",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        events = question.emit(e.Cancelled(reason=self.reason))
        return events + (detach(question.slip, "cancelled", question.context) if question.slip.attached else [])


class RaiseProtection(
    Command, action="raise_protection", en="Raise the protection need", de="Schutzbedarf erhöhen",
    example={"protection": "high", "reason": "Gesundheitsdaten"},
):  # fmt: skip
    """The protection need is higher than thought."""

    protection: Protection
    reason: Line

    ROWS = rows(
        "draft circulating paused returned", None, OWNERS, e.ProtectionRaised,
        "owner", "clearance_reaches", "rises", "participants_cleared",
        en="raised the protection need", de="Schutzbedarf erhöht", basis="TR-03138 A.G.2; rule 20",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return e.ProtectionRaised(old=question.slip.own_protection, new=self.protection, reason=self.reason)


class Insert(
    Command, action="insert", en="Insert stations", de="Stationen einfügen",
    example={"stations": [_STATION], "after": 1},
):  # fmt: skip
    """Put stations behind a current or future one; without `after`, behind the current one."""

    stations: Specs
    after: StationRef | None = None

    ROWS = rows(
        "circulating", None, HUMANS, e.StationsInserted, "may_insert", "behind_current", *TAKING_PART,
        en="inserted stations", de="Stationen eingefügt", basis="xdomea 0203; rule 13",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        after = question.station or next(iter(question.slip.active()), None)
        if after is None:
            raise InvalidCommand(
                [("/after", Text("Keine Station ist an der Reihe; eine nennen", "no station is active; name one"))]
            )
        route, plans = lay_out(self.stations, question.slip.authority, question.context)
        event = e.StationsInserted(after=after.id, stations=plans, parts=route.parts, by=question.user)
        changed = question.after(question.emit(event))
        check_number(len(changed.stations))
        counts = (s for s in changed.stations.values() if not s.lapsed and s.result is not Result.NOT_COMPETENT)
        check_route(changed.route, {station.id: station.plan for station in counts})
        return event


class Skip(
    StationCommand, action="skip", en="Skip a station", de="Station überspringen",
    example={"station": 2, "reason": "erübrigt sich"},
):  # fmt: skip
    """Leave a station out; it stays in the route with the reason."""

    station: StationRef
    reason: Line

    ROWS = rows(
        "circulating paused", None, OWNERS, e.StationSkipped,
        "owner", "behind_current", "not_provided", "others_remain",
        en="skipped a station", de="Station übersprungen", basis="xdomea Beteiligungsstatus 004; rule 13",
    )  # fmt: skip
    AT_STATION = rows(
        "planned active", "skipped", HUMANS, e.StationSkipped,
        en="skipped", de="übersprungen", basis="xdomea Beteiligungsstatus",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        station = question.own_station.id
        return e.StationSkipped(station=station, by=question.user, at=question.context.now, reason=self.reason)


class Recall(SlipCommand, action="recall", en="Recall", de="Zurückholen", example={"reason": "Anlage vergessen"}):
    """Take it back before the addressee has acted."""

    reason: FreeText = ""

    def take_back(self, question: Question) -> Built:
        sent = last_sent(question.slip, question.user)
        if sent is None:
            raise NotFound("station of", question.user)
        waiting = tuple(station.id for station in question.slip.active() if station.holds_up)
        return e.StationRecalled(station=sent.id, again=plan_again(question, sent), waiting=waiting)

    ROWS = rows(
        "circulating", "returned", OWNERS, e.Recalled, "owner", "untouched",
        en="recalled", de="zurückgeholt", basis="rule 19",
    ) + rows(
        "circulating", None, HUMANS, e.StationRecalled, "participant", "sender",
        en="recalled from the next station", de="von der nächsten Station zurückgeholt", basis="rule 19",
        build=take_back,
    )  # fmt: skip
    AT_STATION = rows("active", "planned", HUMANS, e.StationRecalled, en="recalled", de="zurückgeholt", basis="rule 19")

    def build(self, _question: Question) -> Built:
        return e.Recalled(reason=self.reason)


class HandOver(
    Command, action="hand_over", en="Hand over", de="Federführung übergeben",
    example={"to": "klein", "reason": "Zuständigkeit wechselt"},
):  # fmt: skip
    """Give the whole routing slip to another owner. Where the owner has left, registrar or admin do."""

    to: Name
    reason: Line

    ROWS = rows(
        OWNED, None, OWNERS, e.HandedOver, "owner", "successor_fits", "participants_cleared",
        en="handed over", de="Federführung übergeben", basis="xdomea 0622; domain 2.3",
    ) + rows(
        OWNED, None, {Role.REGISTRAR, Role.ADMIN}, e.HandedOver, "owner_left", "successor_fits", "participants_cleared",
        en="given to a new owner", de="Federführung neu vergeben", basis="xdomea 0622; domain 2.3",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        slip, to = question.slip, question.to
        if to is None or to == slip.owner:
            raise InvalidCommand([("/to", Text("hat sie schon", "owns it already"))])
        return e.HandedOver(old=slip.owner, new=to, by=question.user, reason=self.reason)


class Overrule(
    Command, action="overrule", en="Overrule a refusal", de="Verweigerung aufheben",
    example={"station": 1, "reason": "Bedenken ausgeräumt"},
):  # fmt: skip
    """Go on in spite of a refusal, on record."""

    station: StationRef
    reason: Line

    ROWS = rows(
        "returned", "circulating", {Role.APPROVER}, e.StationOverruled, "final_signer", "cleared", "refused_there",
        en="overruled a refusal", de="Verweigerung übersteuert", basis="rule 15",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return e.StationOverruled(station=question.own_station.id, by=question.user, reason=self.reason)


class Pause(Command, action="pause", en="Pause", de="Anhalten", example={"reason": "warten auf Gutachten"}):
    """Hold it up."""

    reason: FreeText = ""

    ROWS = rows("circulating", "paused", OWNERS, e.Paused, "owner", en="paused", de="angehalten", basis="domain 2.3")

    def build(self, _question: Question) -> Built:
        return e.Paused(reason=self.reason)


class Resume(Command, action="resume", en="Resume", de="Umlauf fortsetzen"):
    """Let it go on."""

    ROWS = rows("paused", "circulating", OWNERS, e.Resumed, "owner", en="resumed", de="fortgesetzt", basis="domain 2.3")

    def build(self, _question: Question) -> Built:
        return e.Resumed()


class Withdraw(Command, action="withdraw", en="Withdraw", de="Zurückziehen", example={"reason": "erledigt"}):
    """End it while under way."""

    reason: Line

    ROWS = rows(
        "circulating paused returned", "withdrawn", OWNERS, e.Withdrawn, "owner", "nothing_provided",
        en="withdrew", de="zurückgezogen", basis="rule 19",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        events = question.emit(e.Withdrawn(reason=self.reason))
        return events + (detach(question.slip, "withdrawn", question.context) if question.slip.attached else [])


class FileSlip(Command, action="file", en="File", de="Veraktet ablegen", example={"reference": "Az. 12-34"}):
    """File the route protocol to its record or case; without a central E-Akte, name the outside `reference`."""

    record: Id | None = None
    case: Id | None = None
    reference: Line | None = None

    ROWS = rows(
        "completed", "filed", OWNERS, e.Filed, "owner", "filed_somewhere",
        en="filed the route protocol", de="veraktet, Laufwegprotokoll abgelegt", basis="DOMEA 2.1 p. 86; rule 21",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        """Where it lies, and the protocol for the record; `InvalidCommand` where that is not the slip's or unknown."""
        slip, context = question.slip, question.context
        record, case = self.record or slip.record, self.case or slip.case
        if slip.attached and (record, case) != (slip.record, slip.case):
            says = Text(
                "Die Laufmappe gehört schon zu einer anderen Akte oder einem anderen Vorgang",
                "the slip already belongs to another record or case",
            )
            raise InvalidCommand([("/record", says)])
        if record is not None:
            known = context.find(record_stream(record), Record)
            if known is None or (not slip.attached and not known.known_to(context.actor)):
                raise InvalidCommand(
                    [("/record", Text(f"Eine Akte {record} gibt es nicht", f"there is no record {record}"))]
                )
            if case is not None and case not in known.cases:
                raise InvalidCommand(
                    [("/case", Text(f"die Akte hat keinen Vorgang {case}", f"the record has no case {case}"))]
                )
        events = question.emit(e.Filed(record=record, case=case, reference=self.reference))
        return events + detach(question.after(events), "filed", context)


OWNER_ACTIONS: tuple[type[Command], ...] = (
    Plan, Revise, Start, Cancel, RaiseProtection, Insert, Skip, Recall, HandOver, Overrule, Pause, Resume, Withdraw,
    FileSlip,
)  # fmt: skip
