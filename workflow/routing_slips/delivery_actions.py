"""What is done at a station for dispatch: a decision is issued by a system, provided for retrieval, or sent.

Without consent nothing is provided; who does not retrieve it was not notified, and it may be provided or sent again.
"""

from datetime import timedelta
from functools import partial
from typing import ClassVar

from workflow.delivery.delivery import OPEN, PENDING, PROVIDED, find_last_day, find_notified_day
from workflow.delivery.events import DecisionIssued, DecisionProvided, DecisionRetrieved, ProvisionEnded
from workflow.engine.access import Role
from workflow.engine.aggregate import Timer
from workflow.engine.commands import Built, Row, rows
from workflow.engine.fields import Id, Line
from workflow.engine.machine import Guard
from workflow.organisation.working_days import local_day, start_of
from workflow.routing_slips.events import Kind, Result, StationDone
from workflow.routing_slips.guards import Question
from workflow.routing_slips.routing_slip import DECIDING, OFFICE, RoutingSlip, Station
from workflow.routing_slips.station_actions import HERE, Ending, StationCommand, Word, done, word

AUTOMATIC = "§ 35a VwVfG: F020"
RETRIEVAL = "§ 41 (2a) VwVfG: F021"


def _no_person_decides(question: Question) -> bool:
    """Whether nobody but the system that issues it has a say in this run."""
    return all(
        station.kind not in DECIDING and station.done_by in {None, question.user}
        for station in question.slip.stations.values()
        if station.status != "skipped"
    )


def _state_of(question: Question) -> str | None:
    delivery = question.station.delivery if question.station else None
    return delivery.state if delivery else None


def _can_be_retrieved(station: Station, question: Question) -> bool:
    """Whether it is provided and its last day is not over: where the slip rests, no timer says so."""
    delivery = station.delivery
    if delivery is None or delivery.state != PROVIDED or delivery.until is None:
        return False
    return local_day(question.context.now) <= delivery.until


DELIVERY_GUARDS: dict[str, Guard[Question]] = {
    "no_person_decides": Guard(
        _no_person_decides, "a person has a say in this slip, so the decision is not automatic",
        "In dieser Laufmappe entscheidet ein Mensch mit; der Bescheid ist nicht vollautomatisch",
    ),
    "not_issued": Guard(
        lambda q: _state_of(q) in {None, PENDING}, "the decision was issued already", "der Bescheid ist schon erlassen"
    ),
    "has_documents": Guard(
        lambda q: bool(q.slip.documents), "the slip encloses nothing that could be retrieved",
        "in der Laufmappe liegt nichts, was abgerufen werden könnte",
    ),
    "provided": Guard(
        lambda q: _state_of(q) in {None, PROVIDED}, "the decision is not provided for retrieval",
        "der Bescheid ist nicht zum Abruf bereitgestellt",
    ),
    "not_provided": Guard(
        lambda q: q.station is None or not _can_be_retrieved(q.station, q),
        "the decision is provided for retrieval until its time is over",
        "der Bescheid ist zum Abruf bereitgestellt, bis die Frist vorbei ist",
    ),
    "nothing_provided": Guard(
        lambda q: not any(_can_be_retrieved(station, q) for station in q.slip.stations.values()),
        "a decision is provided for retrieval until its time is over",
        "ein Bescheid ist zum Abruf bereitgestellt, bis die Frist vorbei ist",
    ),
}  # fmt: skip


class Issue(
    StationCommand, action="issue", en="Issue by a system alone", de="Vollautomatisch erlassen",
    example={"law": "Rechtsvorschrift, die es zulässt"}, kinds=(Kind.DISPATCH,),
):  # fmt: skip
    """Say that a system issued the decision and no person decided. `law` names the rule that allows it, for a decision
    without discretion; where a person has a say in the slip, the decision is theirs.
    """

    law: Line

    ROWS = rows(
        "circulating", None, OFFICE, DecisionIssued, *HERE, "not_issued", "no_person_decides",
        en="issued by a system alone", de="vollautomatisch erlassen", basis=AUTOMATIC,
    )  # fmt: skip
    AT_DELIVERY = rows(
        "pending", "issued", OFFICE, DecisionIssued, en="issued", de="vollautomatisch erlassen", basis=AUTOMATIC
    )

    def build(self, question: Question) -> Built:
        return DecisionIssued(station=question.own_station.id, law=self.law, by=question.user)


class Provide(
    StationCommand, action="provide", en="Provide for retrieval", de="Zum Abruf bereitstellen",
    example={"recipient": "Petra Beispiel", "consent": "im Antrag vom 1. Juni 2021"}, kinds=(Kind.DISPATCH,),
):  # fmt: skip
    """Provide the decision for retrieval in a portal and tell so whom it is for, who agreed to that (`consent`: how and
    when). The station goes on waiting, for ten days.
    """

    recipient: Line
    consent: Line

    ROWS = rows(
        "circulating", None, OFFICE, DecisionProvided, *HERE, "not_provided", "has_documents",
        en="provided for retrieval", de="zum Abruf bereitgestellt", basis=RETRIEVAL,
    )  # fmt: skip
    AT_DELIVERY = rows(OPEN, PROVIDED, OFFICE, DecisionProvided, en="provided", de="bereitgestellt", basis=RETRIEVAL)

    def build(self, question: Question) -> Built:
        until = find_last_day(local_day(question.context.now))
        return DecisionProvided(
            station=question.own_station.id, recipient=self.recipient, consent=self.consent, until=until,
            by=question.user,
        )  # fmt: skip


class ReportRetrieval(
    Ending, action="report_retrieval", en="Report the retrieval", de="Abruf melden",
    example={"retrieved_by": "Petra Beispiel", "authenticated": "eID"}, kinds=(Kind.DISPATCH,),
):  # fmt: skip
    """Say who retrieved the decision and how they showed who they are; it counts as notified on the day after."""

    retrieved_by: Line
    authenticated: Line

    ROWS = word(OFFICE, "provided", en="retrieved", de="abgerufen")
    AT_DELIVERY = rows(
        PROVIDED, "retrieved", OFFICE, DecisionRetrieved, en="retrieved", de="abgerufen", basis=RETRIEVAL
    )

    def build(self, question: Question) -> Built:
        retrieved = DecisionRetrieved(
            station=question.own_station.id, retrieved_by=self.retrieved_by, authenticated=self.authenticated,
            notified_on=find_notified_day(local_day(question.context.now)), by=question.user,
        )  # fmt: skip
        return question.emit(retrieved, done(question, Result.RETRIEVED))


class EndProvision(
    StationCommand, action="end_provision", en="End of the time for retrieval", de="Abruffrist abgelaufen",
    kinds=(Kind.DISPATCH,),
):  # fmt: skip
    """Nobody has retrieved it: that is no notification, whatever the time."""

    station: Id

    ROWS = rows(
        "circulating", None, {Role.SYSTEM}, ProvisionEnded, "active", "kind_fits", "provided",
        en="nobody retrieved it in time; it is not notified",
        de="nicht rechtzeitig abgerufen; nicht bekannt gegeben", basis=RETRIEVAL,
    )  # fmt: skip
    AT_DELIVERY = rows(
        PROVIDED, "not_retrieved", {Role.SYSTEM}, ProvisionEnded,
        en="not retrieved", de="nicht abgerufen", basis=RETRIEVAL,
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return ProvisionEnded(station=question.own_station.id)


class Dispatch(
    Word, action="dispatch", en="Dispatch", de="Versenden", example={"note": "Einschreiben"}, kinds=(Kind.DISPATCH,)
):
    """Say that the outgoing letter was sent."""

    RESULT = Result.DISPATCHED
    ROWS = word(OFFICE, "not_provided", en="dispatched", de="versandt")
    AT_DELIVERY: ClassVar[tuple[Row, ...]] = rows(
        OPEN, "dispatched", OFFICE, StationDone, en="dispatched", de="versandt", basis="DOMEA 2.1 p. 57-66",
        when=lambda event: event.result is Result.DISPATCHED,
    )  # fmt: skip


DELIVERY_ACTIONS: tuple[type[StationCommand], ...] = (Issue, Provide, ReportRetrieval, Dispatch)
"""Of people; time has `EndProvision`."""


def list_provisions(slip: RoutingSlip, station: Station) -> list[Timer]:
    """When the time for retrieval ends."""
    if station.delivery is None or station.delivery.state != PROVIDED or station.delivery.until is None:
        return []
    over = start_of(station.delivery.until + timedelta(days=1))
    return [Timer(f"end_provision:{slip.run}:{station.id}", over, partial(EndProvision, station=station.id))]
