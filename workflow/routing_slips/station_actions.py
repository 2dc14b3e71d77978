"""What is done at a station of a routing slip, one class for each action.

`station` names one by id or by number; without it, the caller's own active one is meant. DOMEA 2.1 p. 57-66; rules 14
to 18.
"""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar

from pydantic import Field

from workflow.engine.access import HUMANS, Role
from workflow.engine.commands import Built, Command, Row, rows
from workflow.engine.events import Event
from workflow.engine.fields import FreeText, Id, Line, Name
from workflow.engine.naming.names import is_blank
from workflow.errors import InvalidCommand
from workflow.records import closing_actions as rc
from workflow.records.decide import decide as decide_record
from workflow.records.evolve import evolve as evolve_record
from workflow.records.record import Record
from workflow.records.record import stream as record_stream
from workflow.routes.route import Leaf
from workflow.routing_slips import events as e
from workflow.routing_slips.create import revised
from workflow.routing_slips.events import Kind, Result, SlipClient
from workflow.routing_slips.guards import Question
from workflow.routing_slips.protocol import attach, detach
from workflow.routing_slips.routing_slip import DECIDING, KINDS_OF_ACTION, OFFICE, Station, stream
from workflow.text import Text

BASIS = "DOMEA 2.1 p. 57-66"
HERE = ("participant", "cleared", "active", "kind_fits")
HANDED_ON = ("participants_here", "competent", "participants_cleared", "others_remain", "decides_once")
ENDS = rows("active", "done", HUMANS, e.StationDone, en="done", de="erledigt", basis="xdomea Beteiligungsstatus")
"""What becomes of a station that has decided."""

StationRef = Annotated[Id | Annotated[int, Field(ge=1, le=10_000)], Field(union_mode="left_to_right")]


class SlipCommand(Command):
    """Base of what moves stations."""

    AT_STATION: ClassVar[tuple[Row, ...]] = ()
    """Rows of the station's own machine."""
    AT_DELIVERY: ClassVar[tuple[Row, ...]] = ()
    """Rows of the machine of what a station for dispatch sends out."""


class StationCommand(SlipCommand):
    """Base of what is done at one station; `kinds` are the stations that the action answers, all unless said."""

    station: StationRef | None = None

    @classmethod
    def __init_subclass__(cls, action: str = "", kinds: Iterable[Kind] = (), **kwargs: Any) -> None:
        super().__init_subclass__(action, **kwargs)
        if kinds:
            KINDS_OF_ACTION[action] = frozenset(kinds)


def done(
    question: Question, result: Result, note: str = "", *, reservation: bool = False, by_time: bool = False
) -> e.StationDone:
    """The station's word, bound to the content (rule 16), with the deputy's name beside the absent one's (rule 18)."""
    return e.StationDone(
        station=question.own_station.id,
        result=result,
        by=question.user,
        on_behalf_of=None if by_time else question.acting_for,
        at=question.context.now,
        note=note,
        reservation=reservation,
        content=question.slip.content,
        client=question.command.get("client") if question.command else None,
    )


def plan_again(question: Question, station: Station, actor: str | None = None) -> e.StationPlan:
    """The same station anew, with an id of its own, perhaps for somebody else."""
    return station.plan.model_copy(update={"id": question.context.new_id(), "actor": actor or station.actor})


def insert_behind(question: Question, station: Station, plans: tuple[e.StationPlan, ...]) -> e.StationsInserted:
    parts = tuple(Leaf(station=plan.id) for plan in plans)
    return e.StationsInserted(after=station.id, stations=plans, parts=parts, by=question.user)


class Open(StationCommand, action="open", en="Take up", de="Annehmen"):
    """Take the folder up; it cannot be recalled any more."""

    ROWS = rows(
        "circulating", None, HUMANS, e.StationOpened, "participant", "cleared", "active",
        en="took it up", de="angenommen", basis="rule 19",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return e.StationOpened(station=question.own_station.id, by=question.user)


class Ending(StationCommand):
    """Base of what ends a station; `client`: with which client somebody did so, where that is known."""

    AT_STATION = ENDS

    client: SlipClient | None = None


class Word(Ending):
    """Base of what ends a station with a `RESULT`, perhaps with a note."""

    RESULT: ClassVar[Result]

    note: FreeText = ""

    def build(self, question: Question) -> Built:
        return done(question, self.RESULT, self.note)


def word(who: Iterable[Role], *guards: str, en: str, de: str) -> tuple[Row, ...]:
    """The row of an action by which a station says its word."""
    basis = f"{BASIS}; rules 14 to 18"
    return rows("circulating", None, who, e.StationDone, *HERE, *guards, en=en, de=de, basis=basis)


class Sign(
    Word, action="sign", en="Sign", de="Zeichnen", example={"note": "einverstanden"},
    kinds=(Kind.CO_SIGN, Kind.FINAL_SIGN),
):  # fmt: skip
    """Co-sign or sign finally; a reservation (Vorbehalt) needs its reason in `note` and, like
    a refusal, sends the slip back to its owner (rule 16).
    """

    reservation: bool = False

    RESULT = Result.SIGNED
    ROWS = word(OFFICE, "approver", "four_eyes", en="signed", de="gezeichnet")

    def build(self, question: Question) -> Built:
        if self.reservation and is_blank(self.note):
            raise InvalidCommand(
                [("/note", Text("ein Vorbehalt braucht seinen Grund", "a reservation needs its reason"))]
            )
        return done(question, self.RESULT, self.note, reservation=self.reservation)


class Approve(Word, action="approve", en="Approve", de="Freigeben", kinds=(Kind.APPROVE,)):
    """Approve."""

    RESULT = Result.APPROVED
    ROWS = word(OFFICE, "approver", "four_eyes", en="approved", de="freigegeben")


class Acknowledge(Word, action="acknowledge", en="Take note", de="Zur Kenntnis nehmen", kinds=(Kind.ACKNOWLEDGE,)):
    """Say that one has seen it; holds nothing up and may come after the rest (rule 17)."""

    RESULT = Result.ACKNOWLEDGED
    ROWS = word(HUMANS, en="took note", de="zur Kenntnis genommen") + rows(
        "completed filed", None, HUMANS, e.StationDone, *HERE,
        en="took note", de="zur Kenntnis genommen", basis="rule 17: an acknowledgement holds nothing up",
    )  # fmt: skip


class Refuse(
    Ending, action="refuse", en="Refuse to sign", de="Zeichnung verweigern", example={"reason": "Frist fehlt"},
    kinds=(Kind.CO_SIGN, Kind.FINAL_SIGN, Kind.APPROVE, Kind.COMMENT),
):  # fmt: skip
    """Refuse; the reason is a must (rule 16)."""

    reason: Line

    ROWS = word(HUMANS, en="refused", de="verweigert")

    def build(self, question: Question) -> Built:
        return done(question, Result.REFUSED, self.reason)


class Comment(Ending, action="comment", en="Comment", de="Stellung nehmen", example={"note": "Bitte Frist prüfen"}):
    """State one's view; at a station for comment that ends it, perhaps with a new version of the content. Elsewhere it
    adds a note to the folder.
    """

    note: Line
    documents: tuple[e.Enclosure, ...] | None = Field(default=None, max_length=500)

    def add_note(self, question: Question) -> Built:
        if self.documents is not None:
            says = Text(
                "nur eine Station zur Stellungnahme ändert den Inhalt", "only a station for comment changes the content"
            )
            raise InvalidCommand([("/documents", says)])
        return e.NoteAdded(by=question.user, on_behalf_of=question.acting_for, note=self.note)

    ROWS = rows(
        "circulating", None, HUMANS, e.StationDone, "participant", "cleared", "active", "not_frozen", "comment_asked",
        "enclosed_newest",
        en="commented", de="Stellung genommen", basis=BASIS,
    ) + rows(
        "circulating", None, HUMANS, e.NoteAdded, "participant", "cleared", "active", "not_frozen", "enclosed_newest",
        en="added a note", de="Geschäftsgangvermerk angebracht", basis=BASIS, build=add_note,
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        """The view; new content midway lets what was signed before lapse and stand again behind it (rule 16)."""
        commented = done(question, Result.COMMENTED, self.note)
        if self.documents is None:
            return commented
        slip = question.slip
        signed = [s for s in slip.ordered() if s.status == "done" and s.content and not s.lapsed and s.kind in DECIDING]
        events: list[Event] = [revised(question, slip.title, slip.note, self.documents, (s.id for s in signed))]
        if signed:
            again = tuple(plan_again(question, station) for station in signed)
            events.append(insert_behind(question, question.own_station, again))
        return question.emit(*events, commented) + attach(slip, self.documents, question.context)


class ReportEvent(
    Word, action="report_event", en="Say that it has come", de="Ereignis eingetreten",
    example={"note": "Stellungnahme des Kreises eingegangen"}, kinds=(Kind.RESUBMIT,),
):  # fmt: skip
    """What a station waits for has come, so that the folder goes on before its day."""

    RESULT = Result.OCCURRED
    ROWS = word(HUMANS, "awaits_event", en="what was awaited has come", de="das Erwartete ist eingetreten")


class CloseCase(Word, action="close", en="Close", de="z.d.A. verfügen", kinds=(Kind.CLOSE,)):
    """Order z.d.A.: completes and files the slip and closes the case, or nothing of it."""

    RESULT = Result.CLOSED
    ROWS = rows(
        "circulating", "filed", OFFICE, e.Filed, *HERE, "has_record",
        en="ordered z.d.A.", de="z.d.A. verfügt", basis="DOMEA 2.1 p. 66; rule 5",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        slip, context = question.slip, question.context
        events = question.emit(done(question, self.RESULT, self.note))
        after = question.after(events)
        if any(station.holds_up for station in after.next_up()) or after.refused():
            raise InvalidCommand([("", Text("andere Stationen kommen noch", "other stations are still to come"))])
        events += question.emit(e.Completed(), e.Filed(record=slip.record, case=slip.case, reference=None))
        events += detach(after, "filed", context)
        where = record_stream(str(slip.record))
        before = context.get(where, Record)
        record = evolve_record.fold((event for stream_of, event in events if stream_of == where), before)
        return events + decide_record(record, rc.Close(case=slip.case), context.because_of(stream(slip.id)))


class Forward(
    Ending, action="forward", en="Forward as not competent", de="Als nicht zuständig weiterleiten",
    example={"to": "klein", "reason": "nicht zuständig"},
    kinds=(Kind.CO_SIGN, Kind.FINAL_SIGN, Kind.APPROVE, Kind.COMMENT, Kind.DISPATCH),
):  # fmt: skip
    """Not competent: pass the station on to somebody who is."""

    to: Name
    reason: Line

    ROWS = rows(
        "circulating", None, HUMANS, e.StationDone, *HERE, "not_provided", *HANDED_ON,
        en="not competent, forwarded", de="nicht zuständig, weitergeleitet", basis="DOMEA 2.1 p. 61",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        again = plan_again(question, question.own_station, question.to)
        inserted = insert_behind(question, question.own_station, (again,))
        return question.emit(inserted, done(question, Result.NOT_COMPETENT, self.reason))


class Delegate(
    StationCommand, action="delegate", en="Delegate", de="Delegieren", example={"to": "klein", "reason": "Urlaub"}
):
    """Let somebody else do one's station."""

    to: Name
    reason: Line

    ROWS = rows(
        "circulating", None, HUMANS, e.StationDelegated,
        "participant", "cleared", "active", *HANDED_ON,
        en="delegated", de="delegiert", basis="rule 18",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        station, to = question.own_station, question.to
        if to is None or to == station.actor:
            raise InvalidCommand([("/to", Text("hat diese Station schon", "already has this station"))])
        return e.StationDelegated(station=station.id, old=station.actor, new=to, reason=self.reason)


STATION_ACTIONS: tuple[type[StationCommand], ...] = (
    Sign, Approve, Acknowledge, Refuse, Comment, ReportEvent, CloseCase, Open, Forward, Delegate,
)  # fmt: skip
