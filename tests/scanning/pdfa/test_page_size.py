"""A resolution is believed where it can be true; otherwise the page is fitted into A4."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanning.pdfa.page_size import A4, find_page_size
from scanning.rejection import FileRejected, RejectionReason


@pytest.mark.parametrize(
    ("pixels", "dpi", "points"),
    [
        ((2480, 3508), (300, 300), (595, 842)),
        ((1728, 1145), (204, 98), (610, 841)),
        ((600, 800), (72, 72), (600, 800)),
        ((9933, 14043), (300, 300), (2384, 3370)),  # A0
    ],
)
def test_a_usual_resolution_is_believed(pixels: Any, dpi: Any, points: Any) -> None:
    size = find_page_size(pixels, dpi)
    assert size.believed
    assert (round(size.width), round(size.height)) == points


@pytest.mark.parametrize(
    "dpi", [None, (0, 0), (1, 1), (-300, -300), (math.nan, 300), (math.inf, math.inf), (72, 72), (300, 20), (1e9, 1e9)]
)
def test_what_cannot_be_true_is_not(dpi: Any) -> None:
    """Four thousand pixels at 72 dpi are a page of 1.4 m: so a phone's picture says."""
    size = find_page_size((3000, 4000), dpi)
    assert not size.believed
    assert size.height <= A4[1] + 0.01
    assert round(size.width / size.height, 3) == 0.75


@given(
    st.tuples(st.integers(1, 60_000), st.integers(1, 60_000)),
    st.none() | st.tuples(st.floats(), st.floats()),
)
def test_every_page_has_a_size_that_pdfa_allows_or_is_refused(pixels: Any, dpi: Any) -> None:
    if max(pixels) > 4_800 * min(pixels):
        with pytest.raises(FileRejected) as rejected:
            find_page_size(pixels, None)
        assert rejected.value.reason is RejectionReason.HUGE_DIMENSIONS
        return
    size = find_page_size(pixels, dpi)
    assert 2.999 < min(size.width, size.height) <= max(size.width, size.height) < 14_401
