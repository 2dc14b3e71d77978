"""By which client stations are done: counted over all runs, for each reader over what they may know of."""

from datetime import date

import pytest

from tests.workflow.conftest import PEOPLE, Office, check, person
from workflow.engine.access import Actor, Role
from workflow.views.cockpit import find_client_share
from workflow.views.queries import Views

NONE = {"outlook": 0, "web": 0, "other": 0}


def count(office: Office, actor: str | Actor = "mueller") -> dict[str, int]:
    return Views(office.engine).clients(PEOPLE[actor] if isinstance(actor, str) else actor)


def test_each_station_is_counted_by_the_client_it_was_done_with(office: Office) -> None:
    assert count(office) == NONE
    slip = office.slip("co_sign schmidt", "comment klein", "final_sign weber")
    office.do("mueller", "start", slip)
    assert count(office) == NONE, "to start is no station"
    office.do("schmidt", "sign", slip, client="outlook")
    office.do("klein", "comment", slip, note="keine Bedenken")
    office.do("weber", "sign", slip, client="web")
    assert count(office) == {"outlook": 1, "web": 1, "other": 1}
    check(office)


def test_stations_of_an_earlier_run_count_on(office: Office) -> None:
    slip = office.slip("co_sign schmidt", "final_sign weber")
    office.do("mueller", "start", slip)
    office.do("schmidt", "sign", slip, client="web")
    office.do("weber", "refuse", slip, reason="Frist fehlt", client="outlook")
    office.do("mueller", "start", slip)
    assert count(office) == {"outlook": 1, "web": 1, "other": 0}
    office.do("schmidt", "sign", slip, client="web")
    assert count(office) == {"outlook": 1, "web": 2, "other": 0}
    check(office)


def test_what_the_lapse_of_time_ends_nobody_did(office: Office) -> None:
    slip = office.slip({"kind": "resubmit", "actor": "mueller", "until": "2021-06-10"}, "final_sign weber")
    office.do("mueller", "start", slip)
    office.later(until=date(2021, 6, 11))
    office.do("weber", "sign", slip, client="web")
    assert count(office) == {"outlook": 0, "web": 1, "other": 0}


def test_who_may_not_know_of_a_slip_does_not_count_it(office: Office) -> None:
    record = office.record(who="secret", protection="high")
    secret = office.slip("co_sign secret", who="secret", record=record.partition(":")[2])
    elsewhere = office.slip("co_sign stranger", "final_sign weber")
    office.do("secret", "start", secret)
    office.do("secret", "sign", secret, client="web")
    office.do("mueller", "start", elsewhere)
    office.do("stranger", "sign", elsewhere, client="outlook")
    assert count(office) == {"outlook": 1, "web": 0, "other": 0}
    assert count(office, "secret") == {"outlook": 1, "web": 1, "other": 0}
    assert count(office, "stranger") == {"outlook": 1, "web": 0, "other": 0}
    assert count(office, person("nobody", Role.CASE_WORKER, authority="jm")) == NONE
    check(office)


def test_the_kept_numbers_are_those_of_a_rebuild(office: Office) -> None:
    for client in ("outlook", "web", "web"):
        slip = office.slip("co_sign schmidt")
        office.do("mueller", "start", slip)
        office.do("schmidt", "sign", slip, client=client)
    before = count(office)
    assert before == {"outlook": 1, "web": 2, "other": 0}
    Views(office.engine).rebuild()
    assert count(office) == before


@pytest.mark.parametrize(
    ("clients", "shares"),
    [
        ({"outlook": 3, "web": 1, "other": 4}, {"outlook": 0.75, "web": 0.25, "other": None}),
        ({"outlook": 0, "web": 2, "other": 0}, {"outlook": 0.0, "web": 1.0, "other": None}),
        ({"outlook": 0, "web": 0, "other": 5}, {"outlook": None, "web": None, "other": None}),
    ],
)
def test_the_share_is_that_of_those_whose_client_is_known(
    clients: dict[str, int], shares: dict[str, float | None]
) -> None:
    assert {name: find_client_share(clients, name) for name in clients} == shares
