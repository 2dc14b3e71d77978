"""What is new is counted, and records are found by texts, the same on SQLite and PostgreSQL."""

from collections.abc import Iterator

import pytest

from tests.workflow.conftest import PEOPLE, Office
from workflow.engine.store.persons.seen import Way
from workflow.views.queries import Views
from workflow.views.texts.document_words import DocumentWords, Place

EVER, NEVER = "", "9999"


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    url = "sqlite://"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql")
    made = Office(url)
    yield made
    made.engine.close()


def count(office: Office, seen: str, day: str = "2021-06-10") -> int:
    return Views(office.engine).count_new(PEOPLE["schmidt"], seen, seen[:10], day)


def test_what_came_after_a_time_is_new_and_what_fell_overdue_since_its_day(office: Office) -> None:
    early = office.slip({"kind": "co_sign", "actor": "schmidt", "deadline": "2021-06-08"})
    office.do("mueller", "start", early)
    office.later(days=1)
    office.do("mueller", "start", office.slip("co_sign schmidt"))
    assert [count(office, seen) for seen in (EVER, "2021-06-01T12:00:00Z", "2021-06-08T12:00:00Z", NEVER)] == [
        2,
        2,
        1,
        0,
    ]
    assert count(office, "2021-06-03T00:00:00Z", day="2021-06-08") == 0, "not overdue on the day itself"
    assert count(office, "2021-06-03T00:00:00Z", day="2021-06-09") == 1


def test_slips_in_which_somebody_takes_part_and_that_have_ended(office: Office) -> None:
    slip = office.slip("co_sign schmidt")
    office.do("mueller", "start", slip)
    office.do("mueller", "withdraw", slip, reason="Fehler")
    views = Views(office.engine)
    assert [row["stream"] for row in views.list_taken("schmidt", "2021-06-01", 10)] == [slip]
    assert views.list_taken("schmidt", "2021-06-02", 10) == []
    assert views.list_taken("weber", "2021-06-01", 10) == []


def test_a_record_is_found_by_words_of_its_title_and_of_its_texts_together(office: Office) -> None:
    record, other = office.record(title="Windpark Nord"), office.record(title="Windpark Süd")
    kept = DocumentWords(office.engine)
    assert kept.put(0, 1, record, "d1", {"schallimmission": 3, "straße": 1})
    assert kept.put(1, 2, other, "d2", {"artenschutz": 1})
    assert not kept.put(1, 3, other, "d2", {"zu spät": 1}), "somebody else has moved on"
    views = Views(office.engine)

    def find(text: str) -> list[str]:
        return [row["stream"] for row in views.records(PEOPLE["mueller"], text)]

    assert find("schall nord") == [record]
    assert find("schall süd") == []
    assert find("windpark") == [record, other]
    assert [row["stream"] for row in views.records(PEOPLE["stranger"], "schall")] == []
    assert views.find_places([record], "schall") == {record: [Place("d1", 3)]}
    assert kept.drop(2, 3, record, [])
    assert find("schall") == []


def test_what_was_seen_is_kept_for_each_way(office: Office) -> None:
    seen = office.engine.seen
    seen.keep("weber", Way.PAGES, "2021-06-01T00:00:00.000000Z")
    seen.keep("weber", Way.PAGES, "2021-06-02T00:00:00.000000Z")
    seen.keep("weber", Way.E_MAIL, "2021-06-03T00:00:00.000000Z")
    assert seen.read("weber", Way.PAGES)[:10] == "2021-06-02"
