"""Filters of the templates and the labels of the pages, in both languages."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.base.event_text import describe_event
from api.pages.base.labels import LEVELS, RESULTS, STATIONS, STATUSES, label, state
from api.pages.base.numbers import FILTERS, format_deadline, format_figure, format_instant
from scanning.catalogue import MACHINES
from workflow.routing_slips.events import Kind
from workflow.views.tables import NEVER


@pytest.mark.parametrize(
    ("name", "value", "german", "english"),
    [
        ("number", 1234567, "1.234.567", "1,234,567"),
        ("number", -1234.4, "−1.234", "−1,234"),
        ("number", None, "–", "–"),
        ("difference", 1000, "+1.000", "+1,000"),
        ("difference", -0.4, "0", "0"),
        ("difference", None, "–", "–"),
        ("share", 0.125, "12\u202f%", "12\u202f%"),
        ("share", 1, "100\u202f%", "100\u202f%"),
        ("points", 0.05, "+5\u202fPunkte", "+5\u202fpoints"),
        ("points", None, "–", "–"),
        ("day", date(2021, 7, 1), "01.07.2021", "1 Jul 2021"),
        ("day", "2021-12-24T09:00:00+01:00", "24.12.2021", "24 Dec 2021"),
        ("day", "", "–", "–"),
        ("day", None, "–", "–"),
        ("day", NEVER, "–", "–"),
        ("instant", None, "–", "–"),
        ("instant", "2021-06-30T22:30:00+00:00", "01.07.2021, 00:30 Uhr", "1 Jul 2021, 00:30"),
        ("instant", datetime(2021, 12, 1, 11, tzinfo=UTC), "01.12.2021, 12:00 Uhr", "1 Dec 2021, 12:00"),
    ],
)  # fmt: skip
def test_filters_write_as_the_language_does(name: str, value: object, german: str, english: str) -> None:
    assert (FILTERS[name](value, "de"), FILTERS[name](value, "en")) == (german, english)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_an_instant_begins_with_its_day_in_berlin(instant: datetime) -> None:
    for language in ("de", "en"):
        text = format_instant(instant, language)
        assert format_instant(instant.isoformat(), language) == text
        day, _, time = text.partition(", ")
        assert day.endswith(str(instant.year)) or instant.month == 12
        assert len(time.removesuffix(" Uhr")) == 5


@given(st.dates())
def test_a_day_reads_the_same_as_text_and_as_date(day: date) -> None:
    for language in ("de", "en"):
        assert format_deadline(day.isoformat(), language) == format_deadline(day, language)


def test_every_kind_of_station_has_a_label() -> None:
    assert {kind.value for kind in Kind} <= set(STATIONS)


@pytest.mark.parametrize(
    "table", [STATIONS, STATUSES, RESULTS, LEVELS], ids=["stations", "statuses", "results", "levels"]
)
def test_labels_are_there_in_both_languages(table: dict[str, tuple[str, str]]) -> None:
    for key, (german, english) in table.items():
        assert label(table, key, "de") == german.strip() != ""
        assert label(table, key, "en") == english.strip() != ""


def test_without_a_label_the_key_reads_as_words() -> None:
    assert label(STATIONS, "not_known_here", "de") == label(STATIONS, "not_known_here", "en") == "not known here"


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_states_have_german_names_and_english_words(machine: Any) -> None:
    for name, german in machine.states.items():
        assert state(machine, name, "de") == german
        assert state(machine, name, "en") == name.replace("_", " ")
    assert state(machine, "no_such", "de") == state(None, "no_such", "en") == "no such"


def test_a_result_of_a_station_is_the_sentence_of_its_event() -> None:
    event = {"type": "slip.station_done", "data": {"result": "refused"}}
    assert describe_event(MACHINES["routing-slip"], event, "de") == "verweigert"
    assert describe_event(MACHINES["routing-slip"], event, "en") == "refused"


@pytest.mark.parametrize("data", [None, {}, {"result": ""}])
def test_events_whose_data_was_erased_are_still_described(data: dict[str, str] | None) -> None:
    assert describe_event(MACHINES["record"], {"type": "record.created", "data": data}, "en") == "created"
    assert describe_event(None, {"type": "some.thing_else", "data": data}, "de") == "some.thing_else"


@pytest.mark.parametrize(
    ("value", "de", "en"),
    [
        (None, "–", "–"),
        (0.0, "0", "0"),
        (0.1234, "0,123", "0.123"),
        (-1.26, "−1,3", "−1.3"),
        (12345.6, "12.346", "12,346"),
    ],
)
def test_a_figure_has_as_many_digits_as_its_size_needs(value: float | None, de: str, en: str) -> None:
    assert (format_figure(value, "de"), format_figure(value, "en")) == (de, en)
