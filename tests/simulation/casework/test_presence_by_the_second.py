"""Presence against a model of its own that looks at every second."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.casework.people.presence import Presence

END = 120


@st.composite
def spans(draw: st.DrawFn) -> list[tuple[float, float]]:
    """Up to five spans in order, some touching, none overlapping."""
    edges = sorted(draw(st.lists(st.integers(0, END), min_size=2, max_size=10)))
    return [(float(start), float(end)) for start, end in zip(edges[::2], edges[1::2], strict=False) if start < end]


class Seconds:
    """The same questions, answered by counting."""

    def __init__(self, given_spans: list[tuple[float, float]]) -> None:
        self.present = {second for start, end in given_spans for second in range(int(start), int(end))}

    def get_next(self, at: int) -> float:
        return min((float(second) for second in self.present if second >= at), default=math.inf)

    def find_end(self, at: int, seconds: int) -> float:
        """The end of the last second that is needed."""
        ahead = sorted(second for second in self.present if second >= at)
        return float(ahead[seconds - 1] + 1) if len(ahead) >= seconds else math.inf

    def count(self, start: int, end: int) -> int:
        return sum(start <= second < end for second in self.present)


@given(spans(), st.integers(0, END))
def test_the_next_moment(chosen: list[tuple[float, float]], at: int) -> None:
    assert Presence(chosen).get_next(float(at)) == Seconds(chosen).get_next(at)


@given(spans(), st.integers(0, END), st.integers(1, 60))
def test_when_work_ends(chosen: list[tuple[float, float]], at: int, seconds: int) -> None:
    assert Presence(chosen).find_end(float(at), float(seconds)) == Seconds(chosen).find_end(at, seconds)


@given(spans(), st.integers(0, END), st.integers(0, END))
def test_how_much_lies_between(chosen: list[tuple[float, float]], one: int, other: int) -> None:
    start, end = sorted((one, other))
    assert Presence(chosen).count(float(start), float(end)) == Seconds(chosen).count(start, end)


@given(spans(), st.integers(0, END), st.integers(1, 60), st.integers(1, 60))
def test_work_in_two_parts_ends_when_work_in_one_does(
    chosen: list[tuple[float, float]], at: int, first: int, second: int
) -> None:
    presence = Presence(chosen)
    middle = presence.find_end(float(at), float(first))
    whole = presence.find_end(float(at), float(first + second))
    assert whole == (math.inf if math.isinf(middle) else presence.find_end(middle, float(second)))


@pytest.mark.parametrize("at", [0.0, 9.9, 25.0, 40.0])
def test_no_work_ends_at_once_or_at_the_next_moment(at: float) -> None:
    presence = Presence([(10.0, 20.0), (20.0, 30.0)])
    assert presence.find_end(at, 0.0) in {at, presence.get_next(at), 30.0}
    assert presence.count(at, at) == 0.0
