"""What the views tell of times and senders: since when something waits, whose a slip is, when it began and ended."""

from datetime import timedelta
from typing import Any

import pytest

from tests.workflow.conftest import PEOPLE, Office, check
from workflow.routing_slips.events import Returned, Started, StationActivated
from workflow.views import marks
from workflow.views.marks import Mark, Seen, collect_marks, find_last
from workflow.views.queries import Views, Wanted

DEADLINE = "2021-06-20"


def read_inbox(office: Office, user: str, **filters: str) -> list[dict[str, Any]]:
    return read_inbox_of(Views(office.engine), user, **filters)


def read_inbox_of(views: Views, user: str, **filters: str) -> list[dict[str, Any]]:
    return views.inbox(PEOPLE[user], wanted=Wanted(filters))


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
    assert find_last(marks, (Started, Returned)) == Mark("1", "4", "klein")
    assert find_last(marks, (StationActivated,), "z") is None
    again = collect_marks([Seen("slip.started", "7", "a", "{}")], marks)
    assert again == marks | {("slip.started", ""): Mark("1", "7", "a")}


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


def test_a_slip_ended_when_it_was_completed_not_when_it_was_filed(office: Office) -> None:
    """So that the cockpit counts it in the week in which it was completed; what was closed at once ended then."""
    record = office.record()
    filed = office.slip("final_sign weber", record=record.partition(":")[2])
    case = office.case(record)
    office.document(record, case)
    closed = office.slip("close mueller", record=record.partition(":")[2], case=case)
    for slip in (filed, closed):
        office.do("mueller", "start", slip)
    office.do("weber", "sign", filed)
    views, completed = Views(office.engine), office.now.date()
    assert [row["ended"] for row in views.slips(PEOPLE["mueller"], Wanted({"state": "completed"}))] == [str(completed)]
    office.later(days=21)
    office.do("mueller", "file", filed)
    office.do("mueller", "close", closed)
    ended = {row["stream"]: row["ended"] for row in views.slips(PEOPLE["mueller"])}
    assert ended == {filed: str(completed), closed: str(office.now.date())}
    weeks = [week.completed for week in views.overview(PEOPLE["mueller"], office.now.date()).weeks]
    assert weeks == [*[0] * 8, 1, 0, 0, 1]


def test_what_was_taken_from_somebody_who_had_not_acted(office: Office) -> None:
    """By whoever sent it, while the slip goes on; by time; no more once it has come again, and never from its owner."""
    unread = {"kind": "acknowledge", "actor": "klein", "deadline": "2021-06-08", "skip_unread": True}
    slip = office.slip(unread, "co_sign weber", "co_sign schmidt", "dispatch mueller")
    views = Views(office.engine)

    def list_taken(user: str) -> list[tuple[str, bool]]:
        return [(row["taken_by"], row["taken_how"] == "skipped") for row in views.list_taken(user, "2021-06-01", 10)]

    office.do("mueller", "start", slip)
    office.do("weber", "sign", slip)
    office.do("weber", "recall", slip)
    assert [list_taken(user) for user in ("schmidt", "klein", "weber", "mueller")] == [[("weber", False)], [], [], []]
    office.do("weber", "sign", slip)
    assert list_taken("schmidt") == []
    office.later(days=30)
    assert [list_taken(user) for user in ("schmidt", "klein")] == [[], [("", True)]]
    office.do("schmidt", "sign", slip)
    office.do("mueller", "withdraw", slip, reason="überholt")
    assert list_taken("mueller") == []
    followed = views.everything()
    views.rebuild()
    assert views.everything() == followed
    check(office)


def test_what_is_held_up_is_told_to_whom_it_lay_with_and_again_when_it_goes_on(office: Office) -> None:
    slip, views = office.slip("co_sign schmidt", "final_sign weber", "dispatch mueller"), Views(office.engine)
    office.do("mueller", "start", slip)
    office.do("schmidt", "sign", slip)
    office.do("schmidt", "recall", slip)
    office.later(days=1)
    office.do("mueller", "pause", slip, reason="warten auf Gutachten")

    def list_taken(user: str) -> list[tuple[str, str]]:
        return [(row["taken_by"], row["taken_how"]) for row in views.list_taken(user, "2021-06-01", 10)]

    assert [list_taken(user) for user in ("schmidt", "weber", "mueller")] == [
        [("mueller", "paused")], [("schmidt", "taken")], [],
    ]  # fmt: skip
    assert read_inbox_of(views, "schmidt") == []
    office.later(days=2)
    office.do("mueller", "resume", slip)
    (row,) = read_inbox_of(views, "schmidt")
    assert (row["since"][:19], row["resumed"]) == (office.now.isoformat()[:19], True)
    assert list_taken("schmidt") == []
    office.do("schmidt", "sign", slip)
    (row,) = read_inbox_of(views, "weber")
    assert row["resumed"] is False, "it comes there for the first time"
    followed = views.everything()
    views.rebuild()
    assert views.everything() == followed
    check(office)


def test_of_a_long_history_only_what_is_new_is_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    slip, views = office.slip("co_sign schmidt", "final_sign weber"), Views(office.engine)
    for _ in range(20):
        office.do("mueller", "start", slip)
        office.do("mueller", "recall", slip)
        office.now += timedelta(days=1)
        views.catch_up()
    read = []
    monkeypatch.setattr(marks, "Seen", lambda *row: read.append(row[0]) or Seen(*row))
    office.do("mueller", "start", slip)
    (row,) = read_inbox_of(views, "schmidt")
    assert row["since"][:10] == office.now.date().isoformat()
    assert read == ["slip.started", "slip.station_activated"]
    (row,) = views.slips(PEOPLE["mueller"])
    assert row["started"] == (office.now.date() - timedelta(days=20)).isoformat()


def test_what_others_followed_meanwhile_is_read_too(office: Office) -> None:
    """Two servers on one database: neither has followed all that there is of a stream."""
    one, other = Views(office.engine), Views(office.engine)
    slip = office.slip("co_sign schmidt", "co_sign klein")
    one.catch_up()
    began = office.now.date()
    for views, who, action in ((other, "mueller", "start"), (one, "schmidt", "sign"), (other, "klein", "sign")):
        office.do(who, action, slip)
        views.catch_up()
        office.now += timedelta(days=1)
    (row,) = one.slips(PEOPLE["mueller"])
    assert (row["started"], row["ended"]) == (str(began), str(began + timedelta(days=2)))
