"""Counts of sheets as numbers: they add up by centre and day, and a difference is never lost."""

from hypothesis import given
from hypothesis import strategies as st

from scanning.batches.sheet_count import SheetCount

numbers = st.integers(0, 1000)
counts = st.builds(SheetCount, numbers, numbers, numbers, numbers, numbers, numbers)


@given(counts, counts, counts)
def test_adding_counts_is_like_adding_numbers(one: SheetCount, other: SheetCount, third: SheetCount) -> None:
    assert one + other == other + one
    assert (one + other) + third == one + (other + third)
    assert one + SheetCount() == one
    assert (one + other).difference == one.difference + other.difference


@given(counts)
def test_every_sheet_is_out_excluded_under_way_or_missing(count: SheetCount) -> None:
    assert count.sheets_in == count.sheets_out + count.excluded + count.under_way + count.difference


@given(numbers, numbers, numbers)
def test_a_count_is_closed_when_all_is_out_or_excluded(out: int, excluded: int, under_way: int) -> None:
    whole = SheetCount(1, 1, out + excluded + under_way, out, excluded, under_way)
    assert whole.difference == 0
    assert whole.closed == (under_way == 0)
    assert not SheetCount(1, 1, out + excluded + 1, out, excluded, 0).closed
