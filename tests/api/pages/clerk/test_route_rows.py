"""A route as rows of a form: what is sent comes to the same stations, and buttons lose nobody."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from api.pages.clerk.route_rows import (
    BEHIND,
    BESIDE,
    FIELDS,
    ORDERS,
    THEN,
    RouteRow,
    Rows,
    change_rows,
    from_specs,
    read_rows,
    to_specs,
)
from workflow.routing_slips.events import Kind, Spec, StationSpec

SPECS = TypeAdapter(tuple[Spec, ...])


def to_form(rows: Rows) -> dict[str, str]:
    return {f"s{number}_{name}": text for number, row in enumerate(rows) for name, text in vars(row).items()}


ROWS = st.lists(
    st.builds(
        RouteRow, kind=st.sampled_from([kind.value for kind in Kind]), actor=st.sampled_from(["anna", "bert", "carl"]),
        order=st.sampled_from(ORDERS), deadline=st.sampled_from(["", "2027-03-05"]),
    ),
    min_size=1, max_size=7,
).map(lambda rows: read_rows(to_form(tuple(rows))))  # fmt: skip


def people(specs: Any) -> list[str]:
    """Everybody in a list of stations, in the order of the route."""
    found: list[str] = []
    for spec in specs:
        inner = spec.get("parallel") or spec.get("sequence")
        found += people(inner) if inner else [spec["actor"]]
    return found


def row(actor: str, order: str = THEN) -> RouteRow:
    return RouteRow(actor=actor, order=order)


def test_rows_hold_all_that_a_station_may_say() -> None:
    assert set(StationSpec.model_fields) <= set(FIELDS)
    comment = {"kind": "comment", "actor": "anna", "deadline_days": 5, "silence_consents": True}
    rest = {"kind": "resubmit", "actor": "bert", "awaits": "Gutachten", "until": "2027-03-05"}
    rows = from_specs(SPECS.validate_json(json.dumps([comment, rest])))
    assert rows is not None
    assert to_specs(read_rows(to_form(rows))) == [comment, rest]


def test_rows_say_sequences_blocks_and_lanes() -> None:
    rows = (row("anna"), row("bert", BESIDE), row("carl", BEHIND), row("dora"))
    anna, bert, carl, dora = ({"kind": "co_sign", "actor": one} for one in ("anna", "bert", "carl", "dora"))
    assert to_specs(rows) == [{"parallel": [anna, {"sequence": [bert, carl]}]}, dora]
    assert to_specs((row("anna"), row("", BESIDE), row("carl", BEHIND))) == [{"parallel": [anna, carl]}]
    left_blank = (row("anna"), row(""), row("bert", BESIDE), row("carl"))
    assert to_specs(left_blank) == [anna, bert, carl], "nobody moves to another place"
    assert to_specs((row(" "),)) == []


@given(ROWS)
def test_a_route_put_into_rows_and_back_is_the_same_route(rows: Rows) -> None:
    specs = SPECS.validate_json(SPECS.dump_json(SPECS.validate_python(to_specs(rows), strict=False)))
    again = from_specs(specs)
    assert again is not None
    assert to_specs(again) == to_specs(rows)
    assert people(to_specs(rows)) == [one.actor for one in rows]


@given(ROWS, st.sampled_from(["up", "down"]), st.integers(-1, 8))
def test_moving_swaps_two_people_and_keeps_the_form_of_the_route(rows: Rows, way: str, place: int) -> None:
    moved = change_rows(rows, f"{way}:{place}")
    assert sorted(one.actor for one in moved) == sorted(one.actor for one in rows)
    assert [one.order for one in moved] == [one.order for one in rows]
    if moved != rows:
        back = f"down:{place - 1}" if way == "up" else f"up:{place + 1}"
        assert change_rows(moved, back) == rows


@given(ROWS, st.integers(0, 6))
def test_removing_takes_one_and_leaves_the_others_where_they_are(rows: Rows, place: int) -> None:
    left = change_rows(rows, f"remove:{place}")
    assert [one.actor for one in left] == [one.actor for n, one in enumerate(rows) if n != place]
    assert not left or left[0].order == THEN


def test_where_the_first_of_a_block_goes_the_block_stays() -> None:
    rows = (row("anna"), row("bert"), row("carl", BESIDE), row("dora", BESIDE))
    left = change_rows(rows, "remove:1")
    assert [one.order for one in left] == [THEN, THEN, BESIDE]


@pytest.mark.parametrize("asked", ["", "stay", "up:0", "down:1", "up:x", "remove:9", "remove:-1", "up:99999", "??"])
def test_what_cannot_be_done_leaves_the_rows_as_they_are(asked: str) -> None:
    rows = (row("anna"), row("bert"))
    assert change_rows(rows, asked) == rows


def test_rows_are_added_up_to_two_hundred() -> None:
    rows = (row("anna"),)
    assert [one.order for one in change_rows(change_rows(rows, "add"), "beside")] == [THEN, THEN, BESIDE]
    many = tuple(row(str(number)) for number in range(200))
    assert change_rows(many, "add") == many


def test_a_form_that_says_nonsense_is_a_plain_route() -> None:
    (only,) = read_rows({"s0_kind": "<b>", "s0_actor": "anna", "s0_order": "sideways", "s2_kind": "close"})
    assert (only.kind, only.order, only.actor) == ("co_sign", THEN, "anna")


def test_a_route_nested_deeper_is_not_taken_apart() -> None:
    inner = {"parallel": [{"kind": "co_sign", "actor": "a"}, {"kind": "co_sign", "actor": "b"}]}
    deep = [{"parallel": [{"sequence": [inner]}, {"kind": "co_sign", "actor": "c"}]}]
    assert from_specs(SPECS.validate_python(deep, strict=False)) is None


@pytest.mark.parametrize("days", ["x", "9" * 5000, "-3"])
def test_days_that_are_no_number_stay_as_they_are_and_are_refused(days: str) -> None:
    (spec,) = to_specs((RouteRow(kind="comment", actor="anna", deadline_days=days),))
    with pytest.raises(ValidationError, match="deadline_days"):
        SPECS.validate_json(json.dumps([spec]))
