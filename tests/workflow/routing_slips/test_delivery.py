"""A decision is issued by a system, provided for retrieval and retrieved, or not; what is known of it and its days."""

from datetime import date

import pytest

from tests.workflow.conftest import Office, check
from workflow.delivery.delivery import find_last_day, find_notified_day
from workflow.errors import GuardFailed
from workflow.routing_slips.protocol import protocol

ENCLOSED = [{"title": "Bescheid", "sha256": "0" * 64}]
RECIPIENT = {"recipient": "Petra Beispiel", "consent": "im Antrag"}


def sent(office: Office, *stations: str) -> str:
    slip = office.slip(*(stations or ("dispatch klein",)), documents=ENCLOSED)
    office.do("mueller", "start", slip)
    return slip


@pytest.mark.parametrize(
    ("noticed", "last"),
    [
        (date(2021, 6, 1), date(2021, 6, 11)),  # a Friday
        (date(2021, 6, 2), date(2021, 6, 14)),  # the tenth day is a Saturday
        (date(2021, 5, 24), date(2021, 6, 4)),  # Corpus Christi is a holiday in North Rhine-Westphalia
        (date(2021, 12, 15), date(2021, 12, 27)),  # Christmas Day on a Saturday, and a Sunday behind it
    ],
)
def test_the_last_day_is_the_tenth_or_the_next_working_day(noticed: date, last: date) -> None:
    assert find_last_day(noticed) == last


def test_what_is_retrieved_counts_as_notified_on_the_day_after() -> None:
    assert find_notified_day(date(2021, 6, 30)) == date(2021, 7, 1)


def test_the_route_protocol_tells_how_the_decision_was_delivered(office: Office) -> None:
    slip = sent(office)
    office.do("klein", "issue", slip, law="Rechtsvorschrift")
    office.do("klein", "provide", slip, **RECIPIENT)
    office.do("klein", "report_retrieval", slip, retrieved_by="Petra Beispiel", authenticated="eID")
    told = protocol(office.state(slip))
    day = find_notified_day(office.now.date()).isoformat()
    for part in (
        '"state": "retrieved"',
        '"law": "Rechtsvorschrift"',
        '"consent": "im Antrag"',
        f'"notified_on": "{day}"',
    ):
        assert part in told
    assert office.state(slip).state == "completed"
    check(office)


def test_a_letter_has_no_more_to_tell(office: Office) -> None:
    slip = sent(office)
    office.do("klein", "dispatch", slip)
    assert office.state(slip).ordered()[0].delivery.state == "dispatched"
    assert '"delivery"' not in protocol(office.state(slip))


def test_what_nobody_retrieves_is_never_notified(office: Office) -> None:
    slip = sent(office)
    office.do("klein", "provide", slip, **RECIPIENT)
    last = office.state(slip).ordered()[0].delivery.until
    assert office.later(until=last) == []
    assert office.later(until=date.fromordinal(last.toordinal() + 1)) == ["slip.provision_ended"]
    station = office.state(slip).ordered()[0]
    assert (station.status, station.delivery.state, station.delivery.notified_on) == ("active", "not_retrieved", None)
    check(office)


def test_a_new_run_begins_the_delivery_anew_and_keeps_what_was(office: Office) -> None:
    slip = sent(office, "dispatch klein", "final_sign weber")
    office.do("klein", "provide", slip, **RECIPIENT)
    office.do("klein", "report_retrieval", slip, retrieved_by="Petra Beispiel", authenticated="eID")
    office.do("weber", "refuse", slip, reason="Zahl falsch")
    office.do("mueller", "start", slip)
    state = office.state(slip)
    assert state.ordered()[0].delivery.state == "pending"
    assert state.past[0][0].delivery.state == "retrieved"


@pytest.mark.parametrize("kind", ["co_sign schmidt", "final_sign weber", "approve schmidt"])
def test_where_a_person_decides_no_system_does(office: Office, kind: str) -> None:
    slip = office.slip("dispatch klein", kind, documents=ENCLOSED)
    office.do("mueller", "start", slip)
    with pytest.raises(GuardFailed, match="a person has a say"):
        office.do("klein", "issue", slip, law="Rechtsvorschrift")
