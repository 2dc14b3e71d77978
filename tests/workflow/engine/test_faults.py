"""What is wrong with a body: places that exist in it, the fitting member of a union, both languages."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.engine.commands import parse
from workflow.errors import InvalidCommand
from workflow.routing_slips.create import CreateSlip

SIGN = {"kind": "co_sign", "actor": "schmidt"}


def told(stations: Any, **more: Any) -> dict[str, str]:
    """Pointer -> what is wrong, in English."""
    with pytest.raises(InvalidCommand) as wrong:
        parse(CreateSlip, {"title": "x", "stations": stations, **more})
    return dict(wrong.value.faults)


@pytest.mark.parametrize(
    ("stations", "pointers"),
    [
        ([{"kind": "nonsense", "actor": "schmidt"}], {"/stations/0/kind"}),
        ([{"kind": "co_sign"}], {"/stations/0/actor"}),
        ([SIGN, {**SIGN, "color": "red"}], {"/stations/1/color"}),
        ([{"parallel": [SIGN, {**SIGN, "actor": 7}]}], {"/stations/0/parallel/1/actor"}),
        (
            [{"sequence": [SIGN, {"parallel": [SIGN, {"kind": "co_sign"}]}]}],
            {"/stations/0/sequence/1/parallel/1/actor"},
        ),
        (["schmidt"], {"/stations/0"}),
        (7, {"/stations"}),
    ],
)
def test_a_place_is_one_of_the_body(stations: Any, pointers: set[str]) -> None:
    """`/stations/0/StationSpec/kind` leads nowhere."""
    assert set(told(stations)) == pointers


def test_a_list_is_not_too_short_because_an_element_is_wrong() -> None:
    assert set(told([{"parallel": [{"kind": "co_sign"}, SIGN]}])) == {"/stations/0/parallel/0/actor"}
    assert set(told([{"parallel": []}])) == {"/stations/0/parallel"}


def test_signs_of_a_pointer_are_escaped() -> None:
    assert set(told([SIGN], **{"a/b~c": 1})) == {"/a~1b~0c"}


def test_what_is_wrong_is_said_in_german_too() -> None:
    with pytest.raises(InvalidCommand) as wrong:
        parse(CreateSlip, {"stations": [{"kind": "nonsense", "actor": "schmidt"}]})
    german = {pointer: text.de for pointer, text in wrong.value.texts}
    assert german["/title"] == "fehlt"
    assert german["/stations/0/kind"].startswith("erwartet: eines von co_sign, ")
    assert german["/stations/0/kind"].endswith(", dispatch, close")
    assert wrong.value.translated
    assert "/title: fehlt" in wrong.value.text.de


WORDS = st.sampled_from(["kind", "actor", "parallel", "sequence", "x"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=8
)


@given(ANYTHING)
def test_every_place_told_exists_or_is_what_is_missing_there(stations: Any) -> None:
    body = {"title": "x", "stations": stations}
    try:
        parse(CreateSlip, body)
    except InvalidCommand as wrong:
        for pointer, text in wrong.faults:
            place: Any = body
            *way, last = [""] if not pointer else pointer.split("/")
            for part in way[1:]:
                place = place[int(part)] if isinstance(place, list) else place[part]
            there = range(len(place)) if isinstance(place, list) else place
            assert text == "is missing" or not pointer or (int(last) if isinstance(place, list) else last) in there
