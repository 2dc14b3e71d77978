"""What stands on a separator sheet, and which sheets are missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanning.separators.sheet import find_missing, make_label, parse_number, parse_total

batches = st.text("abcdef0123456789-", min_size=1, max_size=36)
totals = st.integers(1, 999)


@given(batches, totals, st.data())
def test_a_label_is_read_back(batch: str, total: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(1, total))
    label = make_label(batch, number, total)
    assert (parse_number(label), parse_total(label)) == (number, total)
    assert label.startswith(batch[:8])


@given(totals, st.data())
def test_exactly_the_sheets_that_were_not_found_are_missing(total: int, data: st.DataObject) -> None:
    found = data.draw(st.sets(st.integers(1, total)))
    missing = find_missing([make_label("stapel", number, total) for number in found], total)
    assert missing == tuple(number for number in range(1, total + 1) if number not in found)


@pytest.mark.parametrize("text", ["", "stapel", "stapel x/3", "stapel -1/3", "stapel ²/3", "stapel 1234567/3"])
def test_a_sheet_without_a_number_is_none(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize("text", ["", "stapel", "stapel 1/x", "stapel 1/", "stapel 1/²", "stapel 1/1234567"])
def test_a_sheet_without_a_total_says_nothing_of_it(text: str) -> None:
    assert parse_total(text) == 0
    assert find_missing([text], 2) == (1, 2) if parse_number(text) is None else (2,)
