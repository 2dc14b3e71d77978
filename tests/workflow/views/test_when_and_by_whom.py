"""What the views tell of times and senders: since when something waits, whose a slip is, when it began and ended."""

from datetime import timedelta
from typing import Any

from tests.workflow.conftest import PEOPLE, Office, check
from workflow.views.marks import Mark, Seen, collect_marks, find_last
from workflow.views.queries import Views, Wanted

DEADLINE = "2021-06-20"


def read_inbox(office: Office, user: str, **filters: str) -> list[dict[str, Any]]:
    return Views(office.engine).inbox(PEOPLE[user], wanted=Wanted(filters))


def test_marks_keep_the_first_and_the_last_time_by_part() -> None:
    marks = collect_marks([
        Seen("slip.started", "1", "mueller", "{}"), Seen("slip.station_activated", "2", "a", '{"station": "x"}'),
        Seen("slip.station_activated", "3", "b", '{"station": "y"}'), Seen("slip.started", "4", "klein", "{}"),
        Seen("slip.reminded", "5", "system", '{"station": "x"}'), Seen("slip.station_delegated", "6", "a", None),
    ])  # fmt: skip
    assert marks == {
        ("slip.started", ""): Mark("1", "4", "klein"), ("slip.station_activated", "x"): Mark("2", "2", "a"),
        ("slip.station_activated", "y"): Mark("3", "3", "b"), ("slip.station_delegated", ""): Mark("6", "6", "a"),
    }  # fmt: skip
    assert find_last(marks, ("slip.started", "slip.returned")) == Mark("1", "4", "klein")
    assert find_last(marks, ("slip.station_activated",), "z") is None


def test_an_inbox_tells_since_when_and_from_whom(office: Office) -> None:
    slip = office.slip({"kind": "co_sign", "actor": "schmidt", "deadline": DEADLINE}, "final_sign weber")
    office.do("mueller", "start", slip)
    began = office.now
    (row,) = read_inbox(office, "schmidt")
    assert (row["sender"], row["since"][:19]) == ("mueller", began.isoformat()[:19])
    office.later(days=3)
    office.do("schmidt", "delegate", slip, to="klein", reason="Termin")
    (row,) = read_inbox(office, "klein")
    assert (row["sender"], row["since"][:10]) == ("schmidt", (began + timedelta(days=3)).date().isoformat())
    check(office)


def test_words_are_looked_for_in_title_and_sender_whatever_their_case(office: Office) -> None:
    for title in ("ÄNDERUNG des Bescheids", "Anhörung 100%", "Anhörung 1000"):
        office.do("mueller", "start", office.slip("co_sign schmidt", "final_sign weber", title=title))
    found = {
        text: [row["title"] for row in read_inbox(office, "schmidt", text=text)]
        for text in ("änderung", "BESCHEIDS mueller", "100%", "anhörung klein")
    }
    assert found == {
        "änderung": ["ÄNDERUNG des Bescheids"], "BESCHEIDS mueller": ["ÄNDERUNG des Bescheids"],
        "100%": ["Anhörung 100%"], "anhörung klein": [],
    }  # fmt: skip
    assert Views(office.engine).count_inbox(PEOPLE["schmidt"]) == {"co_sign": 3}


def test_a_slip_is_its_records_units_and_tells_its_days(office: Office) -> None:
    record = office.do("mueller", "create", "record", title="Akte", file_plan_code="43.21", lead="Referat 4").id
    with_unit = office.slip("co_sign schmidt", "final_sign weber", record=record)
    without = office.slip("co_sign schmidt", "final_sign weber")
    views, began = Views(office.engine), office.now.date()

    def days(stream: str) -> tuple[str, str, str]:
        row = next(row for row in views.slips(PEOPLE["mueller"]) if row["stream"] == stream)
        return row["unit"], row["started"], row["ended"]

    assert days(with_unit) == ("Referat 4", "", "")
    office.do("mueller", "start", with_unit)
    assert days(with_unit) == ("Referat 4", began.isoformat(), "")
    office.later(days=2)
    office.do("mueller", "withdraw", with_unit, reason="überholt")
    assert days(with_unit) == ("Referat 4", began.isoformat(), (began + timedelta(days=2)).isoformat())
    assert days(without) == ("", "", "")
    followed = views.everything()
    views.rebuild()
    assert views.everything() == followed
    check(office)
