"""Expectations against outcomes, one kind at a time."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.replay.file.format import Expect, Refusal, Some, Timer
from api.replay.file.names import Target, find_part, get_at_path
from api.replay.run.compare import compare_fields, compare_list, compare_refusal, compare_timers, get_state
from api.replay.run.driver import Outcome, TimerSet
from api.replay.run.verdict import Unmet, format_value
from workflow.text import Text

WORDS = st.lists(st.sampled_from("abcd"), max_size=6)


def nobody(_name: str) -> None:
    return None


@given(WORDS)
def test_a_list_equals_itself_and_nothing_longer(got: list[str]) -> None:
    assert compare_list("events", tuple(got), got, ordered=True) == []
    assert compare_list("events", (*got, "e"), got, ordered=True) != []
    assert compare_list("events", None, got, ordered=True) == []


@given(WORDS, st.randoms(use_true_random=False))
def test_order_counts_only_where_it_is_asked_for(got: list[str], random: Any) -> None:
    mixed = random.sample(got, len(got))
    assert compare_list("allowed", tuple(mixed), got, ordered=False) == []
    assert (compare_list("events", tuple(mixed), got, ordered=True) == []) is (mixed == got)


@given(WORDS, st.data())
def test_what_is_included_comes_in_its_order(got: list[str], data: st.DataObject) -> None:
    chosen = [word for word in got if data.draw(st.booleans())]
    if chosen:
        assert compare_list("events", Some(includes=tuple(chosen)), got, ordered=True) == []
        assert compare_list("events", Some(includes=(*chosen, "z")), got, ordered=True) == [
            Unmet(("events", "includes"), [*chosen, "z"], got)
        ]


def test_includes_and_excludes_are_reported_apart() -> None:
    expected = Some(includes=("x",), excludes=("a", "b"))
    unmet = compare_list("events", expected, ["a", "c"], ordered=True)
    assert [one.path for one in unmet] == [("events", "includes"), ("events", "excludes")]


def test_the_order_of_included_events_matters() -> None:
    assert compare_list("events", Some(includes=("b", "a")), ["a", "b"], ordered=True) != []
    assert compare_list("allowed", Some(includes=("b", "a")), ["a", "b"], ordered=False) == []


REFUSED = Outcome(409, problem={"guard": "deadline_set"}, detail=Text("Frist fehlt", "no deadline"))


@pytest.mark.parametrize(
    ("error", "paths"),
    [
        (409, []),
        (403, [("error",)]),
        (Refusal(status=409, reason="frist"), []),
        (Refusal(status=409, reason="No deadline"), []),
        (Refusal(status=409, reason="x"), [("error", "reason")]),
        (Refusal(status=409, guard="deadline_set"), []),
        (Refusal(status=409, guard="other"), [("error", "guard")]),
        (Refusal(status=409, guard="other", reason="x"), [("error", "reason"), ("error", "guard")]),
        (None, [("error",)]),
    ],
)
def test_refusals(error: int | Refusal | None, paths: list[tuple[str, ...]]) -> None:
    assert [unmet.path for unmet in compare_refusal(Expect(error=error), REFUSED, None)] == paths


def test_a_step_without_expectation_must_not_be_refused() -> None:
    assert compare_refusal(None, Outcome(200), None) == []
    assert [str(one) for one in compare_refusal(None, REFUSED, None)] == [
        "error: expected nothing, got 409 no deadline"
    ]
    assert compare_refusal(Expect(error=409), Outcome(200), None) == [Unmet(("error",), 409, None)]


@pytest.mark.parametrize(
    ("wanted", "got", "same"),
    [
        (1, 1, True), (1, True, False), (True, 1, False), (0, False, False), ("1", 1, False), (1.0, 1, True),
        (None, None, True), (None, "", False), ([1, 2], [1, 2], True), ([1, 2], [2, 1], False), ([1], [1, 2], False),
        ({"a": 1}, {"a": 1, "b": 2}, True), ({"a": 1, "c": 3}, {"a": 1}, False), ({}, {"a": 1}, True),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}]}, True), (date(2021, 6, 1), "2021-06-01", True),
    ],
)  # fmt: skip
def test_fields_are_compared_by_value_and_type_and_mappings_by_what_is_said(wanted: Any, got: Any, same: bool) -> None:
    assert (compare_fields({"field": wanted}, {"field": got}, nobody) == []) is same


def test_a_name_of_the_file_stands_for_its_id() -> None:
    ids = {"akte": "id-1"}
    assert compare_fields({"record": "akte"}, {"record": "id-1"}, ids.get) == []
    assert compare_fields({"list": ["akte"]}, {"list": ["id-1"]}, ids.get) == []
    assert compare_fields({"record": "akte"}, {"record": "id-2"}, ids.get) != []


def test_a_path_that_leads_nowhere_says_what_there_is() -> None:
    (unmet,) = compare_fields({"stations/3/actor": "x"}, {"stations": [{"actor": "a"}]}, nobody)
    assert unmet.got == Text(
        "nichts an dieser Stelle: es gibt 1, keine Nummer 3", "nothing there: there are 1, no number 3"
    )
    (unmet,) = compare_fields({"nummer": "x"}, {"number": 1}, nobody)
    assert unmet.got.en == "nothing there: no `nummer` here; there is number"


DUE = datetime(2021, 6, 10, 22, 30, tzinfo=UTC)  # the 11th in Germany


@pytest.mark.parametrize(
    ("expected", "same"),
    [
        ((Timer(timer="due"),), True),
        ((Timer(timer="due", due=date(2021, 6, 11)),), True),
        ((Timer(timer="due", due=date(2021, 6, 10)),), False),
        ((Timer(timer="other"),), False),
        ((), False),
        ((Timer(timer="due"), Timer(timer="due")), False),
        (None, True),
    ],
)
def test_timers_are_compared_by_name_and_day_in_germany(expected: tuple[Timer, ...] | None, same: bool) -> None:
    assert (compare_timers(expected, [TimerSet("due:station-1", DUE)]) == []) is same


def test_timers_are_listed_soonest_first() -> None:
    there = [TimerSet("a", DUE), TimerSet("b", DUE + timedelta(days=1))]
    assert compare_timers((Timer(timer="a"), Timer(timer="b")), there) == []
    (unmet,) = compare_timers((Timer(timer="b"), Timer(timer="a")), there)
    assert [one["timer"] for one in unmet.got] == ["a", "b"]


RESOURCE = {
    "id": "r", "state": "created", "cases": [{"id": "c", "state": "closed"}],
    "stations": [{"id": "s", "status": "active"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "state"),
    [({}, "created"), ({"case": "c"}, "closed"), ({"station": "s"}, "active"), ({"case": "x"}, None),
     ({"case": "c", "document": "d"}, "closed"), ({"hold": "h"}, "created")],
)  # fmt: skip
def test_the_state_is_that_of_the_part_that_is_meant(parts: dict[str, str], state: str | None) -> None:
    assert get_state(RESOURCE, Target("record", "r", parts)) == state


def test_a_resource_without_a_state_has_none() -> None:
    assert get_state({"id": "x"}, Target("staff", "x")) is None


def test_targets_know_the_id_that_a_field_asks_for() -> None:
    target = Target("routing-slip", "slip-1", {"station": "s-1"})
    assert target.own_id == "s-1"
    assert target.id_for("station") == "s-1"
    assert target.id_for("routing_slip") == "slip-1"
    assert target.id_for("other") == "s-1"
    assert Target("record", "r").own_id == "r"


TREES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(TREES)
def test_paths_lead_to_every_value(tree: Any) -> None:
    def check(value: Any, path: list[str]) -> None:
        assert get_at_path(tree, path) == value
        if isinstance(value, dict):
            for key, inner in value.items():
                check(inner, [*path, key])
        elif isinstance(value, list):
            for number, inner in enumerate(value, 1):
                check(inner, [*path, str(number)])

    check(tree, [])


@pytest.mark.parametrize("number", ["0", "3", "-1", "x", "1.0", "²"])
def test_numbers_count_from_one(number: str) -> None:
    with pytest.raises(LookupError, match="there are 2"):
        get_at_path(["a", "b"], [number])


def test_a_part_is_found_anywhere_by_its_id() -> None:
    deep = {"id": "r", "a": [{"x": {"id": "p", "deep": [{"id": "q"}]}}]}
    assert find_part(deep, "r") is deep
    assert find_part(deep, "q") == {"id": "q"}
    assert find_part(deep, "none") is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "nothing"), ([], "[]"), (["a", None], "[a, nothing]"), ({"a": [1]}, "{a: [1]}"), (("x",), "[x]"), (7, "7")],
)
def test_values_are_written_as_people_read_them(value: Any, text: str) -> None:
    assert format_value(value, "en") == text
