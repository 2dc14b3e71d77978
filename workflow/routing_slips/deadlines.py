"""What only the lapse of time does to a routing slip, and what follows from what people did; never a signature."""

from workflow.engine.access import Role
from workflow.engine.commands import Built, Command, rows
from workflow.engine.events import ContentErased
from workflow.engine.fields import Id
from workflow.routing_slips import events as e
from workflow.routing_slips.events import Kind, Result
from workflow.routing_slips.guards import Question
from workflow.routing_slips.station_actions import StationCommand, done

SYSTEM = {Role.SYSTEM}


class Elapse(
    StationCommand, action="elapse", en="Resubmission day", de="Wiedervorlagetag erreicht", kinds=(Kind.RESUBMIT,)
):
    """The day of a resubmission has come."""

    station: Id

    ROWS = rows(
        "circulating", None, SYSTEM, e.StationDone, "active", "kind_fits",
        en="resubmission day came", de="Wiedervorlage fällig", basis="DOMEA 2.1 p. 57-66",
    )  # fmt: skip
    AT_STATION = rows(
        "active", "done", SYSTEM, e.StationDone, en="done", de="erledigt", basis="xdomea Beteiligungsstatus"
    )

    def build(self, question: Question) -> Built:
        """The station is over, in nobody's name."""
        return done(question, Result.ELAPSED, by_time=True)


class ConsentBySilence(
    StationCommand, action="consent_by_silence", en="Take silence for consent", de="Zustimmung durch Verschweigen",
    kinds=(Kind.COMMENT,),
):  # fmt: skip
    """Nobody has commented by the deadline, and the route says that this is consent."""

    station: Id

    ROWS = rows(
        "circulating", None, SYSTEM, e.StationDone, "active", "kind_fits",
        en="silence was taken for consent, as the route says",
        de="Schweigen gilt als Zustimmung, wie im Laufweg festgelegt", basis="rule 17; domain 2.4: Verschweigen",
    )  # fmt: skip
    AT_STATION = rows(
        "active", "done", SYSTEM, e.StationDone, en="done", de="erledigt", basis="xdomea Beteiligungsstatus"
    )

    def build(self, question: Question) -> Built:
        """The station is over in nobody's name; a signature never is."""
        return done(question, Result.CONSENTED, by_time=True)


class Remind(StationCommand, action="remind", en="Remind", de="Erinnern"):
    """The deadline of a station is near."""

    station: Id

    ROWS = rows("circulating", None, SYSTEM, e.Reminded, "active", en="reminded", de="erinnert", basis="rule 17")

    def build(self, question: Question) -> Built:
        return e.Reminded(station=question.own_station.id)


class Escalate(StationCommand, action="escalate", en="Escalate", de="Eskalieren"):
    """The deadline of a station has passed."""

    station: Id

    ROWS = rows(
        "circulating", None, SYSTEM, e.Escalated, "active",
        en="escalated; nothing was signed by lapse of time", de="eskaliert; durch Fristablauf wird nie gezeichnet",
        basis="rule 17",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        """Which station, and who is told: the one named in the plan, else the owner."""
        station = question.own_station
        return e.Escalated(station=station.id, to=station.plan.escalate_to or question.slip.owner)


class SkipUnread(
    StationCommand, action="skip_unread", en="Leave out an unread acknowledgement",
    de="Ungelesene Kenntnisnahme überspringen", kinds=(Kind.ACKNOWLEDGE,),
):  # fmt: skip
    """An acknowledgement that nobody read by its deadline."""

    station: Id

    ROWS = rows(
        "circulating", None, SYSTEM, e.StationSkipped, "active", "kind_fits",
        en="left out an unread acknowledgement", de="ungelesene Kenntnisnahme übersprungen", basis="domain 2.4",
    )  # fmt: skip
    AT_STATION = rows(
        "active", "skipped", SYSTEM, e.StationSkipped,
        en="left out unread", de="ungelesen übersprungen", basis="xdomea Beteiligungsstatus",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        reason, station = "nicht gelesen bis zur Frist", question.own_station.id
        return e.StationSkipped(station=station, by=question.user, at=question.context.now, reason=reason)


class Complete(Command, action="complete", en="Complete", de="Umlauf abschließen"):
    """Every station that decides has decided."""

    ROWS = rows("circulating", "completed", SYSTEM, e.Completed, en="completed", de="abgeschlossen", basis="rule 14")

    def build(self, _question: Question) -> Built:
        return e.Completed()


class SendBack(Command, action="send_back", en="Send back", de="An die Federführung zurückgeben"):
    """A refusal stands, and nobody else can go on."""

    ROWS = rows(
        "circulating", "returned", SYSTEM, e.Returned,
        en="returned to the owner", de="zurück an die Federführung", basis="rule 16",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return e.Returned(refused=tuple(station.id for station in question.slip.refused()))


class Erase(Command, action="erase", en="Erase", de="Mit der Akte löschen"):
    """The record or case that it belonged to was deleted; that decides what goes with it."""

    ROWS = rows(
        "draft filed withdrawn cancelled", "deleted", SYSTEM, ContentErased,
        en="erased with its file", de="mit der Akte gelöscht", basis="rule 12",
    )  # fmt: skip


class Activate(StationCommand, action="activate", en="Activate", de="Station aufrufen"):
    """It is the station's turn."""

    station: Id

    AT_STATION = rows(
        "planned", "active", SYSTEM, e.StationActivated,
        en="became active", de="an der Reihe", basis="xdomea Beteiligungsstatus",
    )  # fmt: skip


TIME_ACTIONS: tuple[type[Command], ...] = (
    Elapse, ConsentBySilence, Remind, Escalate, SkipUnread, Complete, SendBack, Erase,
)  # fmt: skip
