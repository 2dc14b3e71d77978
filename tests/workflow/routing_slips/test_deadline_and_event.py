"""A station's deadline may count from delivery, its silence may be consent, and it may wait for an event."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workflow.conftest import Office, spec
from workflow.errors import GuardFailed, InvalidCommand
from workflow.organisation.working_days import local_day

SILENT = {"kind": "comment", "actor": "klein", "deadline": "2021-06-10", "silence_consents": True}
WAITING = {"kind": "resubmit", "actor": "klein", "awaits": "Gutachten"}


def started(office: Office, *stations: Any, **body: Any) -> str:
    slip = office.slip(*stations, **body)
    office.do("mueller", "start", slip)
    return slip


def station(office: Office, slip: str, number: int = 1) -> Any:
    return office.state(slip).ordered()[number - 1]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.integers(1, 400), waits=st.integers(0, 400))
def test_a_deadline_counts_from_the_day_of_delivery(days: int, waits: int) -> None:
    office = Office("sqlite://")
    slip = started(office, "co_sign schmidt", {"kind": "co_sign", "actor": "weber", "deadline_days": days})
    assert station(office, slip, 2).plan.deadline is None
    office.later(days=waits)
    office.do("schmidt", "sign", slip)
    delivered = local_day(office.now)
    assert station(office, slip, 2).plan.deadline == delivered + timedelta(days=days)
    before, after = (office.later(until=delivered + timedelta(days=days + more)) for more in (0, 1))
    assert "slip.escalated" not in before
    assert "slip.escalated" in after
    office.engine.close()


def test_a_deadline_counts_anew_in_each_run_and_after_a_recall(office: Office) -> None:
    slip = started(office, "co_sign schmidt", {"kind": "co_sign", "actor": "weber", "deadline_days": 5})
    office.do("schmidt", "sign", slip)
    first = station(office, slip, 2).plan.deadline
    office.later(days=3)
    office.do("schmidt", "recall", slip)
    office.do("schmidt", "sign", slip)
    again = next(s for s in office.state(slip).ordered() if s.actor == "weber").plan.deadline
    assert again == first + timedelta(days=3)
    office.do("weber", "refuse", slip, reason="nein")
    office.do("mueller", "start", slip)
    assert next(s for s in office.state(slip).ordered() if s.actor == "weber").plan.deadline is None


def test_nothing_said_at_a_comment_is_consent_where_the_route_says_so(office: Office) -> None:
    slip = started(office, SILENT, "final_sign weber")
    assert "slip.station_done" not in office.later(until=date(2021, 6, 10))
    assert office.later(until=date(2021, 6, 11)) == ["slip.station_done", "slip.station_activated"]
    over = station(office, slip)
    assert (over.result, over.done_by, over.on_behalf_of) == ("consented", "system", None)
    assert "slip.escalated" not in office.types(slip)


def test_who_speaks_in_time_is_heard(office: Office) -> None:
    slip = started(office, SILENT, "final_sign weber")
    office.do("klein", "refuse", slip, reason="Bedenken")
    assert office.state(slip).state == "returned"
    assert office.later(until=date(2021, 6, 11)) == []


def test_a_paused_slip_takes_no_silence_for_consent(office: Office) -> None:
    slip = started(office, SILENT, "final_sign weber")
    office.do("mueller", "pause", slip)
    assert office.later(until=date(2021, 6, 20)) == []
    assert station(office, slip).status == "active"


def test_what_is_awaited_is_said_to_have_come(office: Office) -> None:
    slip = started(office, WAITING, "co_sign schmidt")
    assert office.later(days=400) == []
    office.do("klein", "report_event", slip, note="Gutachten vom 3. Mai")
    come = station(office, slip)
    assert (come.result, come.done_by, come.note) == ("occurred", "klein", "Gutachten vom 3. Mai")
    assert station(office, slip, 2).status == "active"


def test_the_day_ends_the_wait_where_nothing_comes(office: Office) -> None:
    slip = started(office, {**WAITING, "until": "2021-09-01"}, "co_sign schmidt")
    assert office.later(until=date(2021, 9, 1)) == ["slip.station_done", "slip.station_activated"]
    assert station(office, slip).result == "elapsed"


def test_a_resubmission_for_its_day_alone_is_not_ended_by_hand(office: Office) -> None:
    slip = started(office, {"kind": "resubmit", "actor": "klein", "until": "2021-09-01"})
    with pytest.raises(GuardFailed, match="waits for its day alone"):
        office.do("klein", "report_event", slip)


@pytest.mark.parametrize("refusal", ["wait", "at_once"])
def test_a_reservation_waits_for_the_other_parallel_stations(office: Office, refusal: str) -> None:
    slip = started(office, {"parallel": [spec("co_sign klein"), spec("co_sign schmidt")]}, refusal=refusal)
    office.do("klein", "sign", slip, reservation=True, note="Haushaltsvorbehalt")
    assert office.state(slip).state == "circulating"
    office.do("schmidt", "sign", slip)
    assert office.state(slip).state == "returned"


@pytest.mark.parametrize("action", ["delegate", "forward"])
def test_with_four_eyes_nobody_gets_a_second_decision(office: Office, action: str) -> None:
    for four_eyes in (True, False):
        slip = started(office, "co_sign klein", "final_sign weber", four_eyes=four_eyes)
        if four_eyes:
            with pytest.raises(GuardFailed, match="decides at another station"):
                office.do("klein", action, slip, to="weber", reason="Urlaub")
        else:
            office.do("klein", action, slip, to="weber", reason="Urlaub")


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({**SILENT, "kind": "co_sign"}, "silence"),
        ({"kind": "comment", "actor": "klein", "silence_consents": True}, "silence"),
        ({"kind": "co_sign", "actor": "klein", "deadline": "2021-07-01", "deadline_days": 3}, "not both"),
        ({"kind": "co_sign", "actor": "klein", "deadline_days": 0}, "at least 1"),
        ({"kind": "co_sign", "actor": "klein", "awaits": "Regen"}, "resubmit station"),
        ({"kind": "resubmit", "actor": "klein"}, "resubmit station"),
    ],
)
def test_what_does_not_fit_a_station_is_refused(office: Office, said: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidCommand, match=says):
        office.slip(said)
