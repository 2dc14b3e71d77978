"""The picture of a flow: every number drawn is one that was counted, and nothing lies on anything else."""

import random
from collections import Counter
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from simulation.mining.flow import END, START, Flow, discover
from simulation.mining.layout import BOX_HEIGHT, BOX_WIDTH, Layout, lay_out
from simulation.mining.picture import draw_flow
from tests.simulation.mining.test_flow import make_trace
from workflow.text import Text

WIDEST = 6 * 6.7
"""Of a number with its thousands mark, 12 units high."""


def wander(seed: int) -> Flow:
    """Cases that go to and fro among a dozen activities, mostly forwards."""
    draw, found = random.Random(seed), []
    for _ in range(200):
        at, steps = 0, []
        while at < 12 and len(steps) < 40:
            steps.append(f"step-{at}")
            at = max(0, at + draw.choice([1, 1, 1, 2, 3, 0, -1, -3]))
        found.append(make_trace(" ".join(steps)))
    return discover(found)


FLOWS = [wander(seed) for seed in range(6)]


@pytest.mark.parametrize("flow", FLOWS)
def test_what_is_drawn_was_counted_and_what_is_rare_is_said_to_be_left_out(flow: Flow) -> None:
    layout, walked = lay_out(flow), sum(flow.arcs.values())
    drawn = {line.arc: line.times for line in layout.lines} | {(b.activity, b.activity): b.again for b in layout.boxes}
    assert all(flow.arcs[arc] == times for arc, times in drawn.items())
    assert layout.left_out == pytest.approx(1 - sum(drawn.values()) / walked)
    frequent = {name for name, times in flow.activities.items() if times >= 0.01 * flow.cases} | {START, END}
    assert {box.activity for box in layout.boxes} == frequent
    assert all(arc in drawn for arc, n in flow.arcs.items() if n >= 0.01 * walked and set(arc) <= frequent)
    assert {arc[1] for arc in drawn if arc[0] != arc[1]} == frequent - {START}
    assert {arc[0] for arc in drawn if arc[0] != arc[1]} == frequent - {END}


def _crosses_a_box(layout: Layout) -> bool:
    for line in layout.lines:
        for (x1, y1), (x2, y2) in zip(line.points, line.points[1:], strict=False):
            for box in layout.boxes:
                inside = max(x1, x2) > box.x + 1 and min(x1, x2) < box.x + BOX_WIDTH - 1
                if inside and max(y1, y2) > box.y + 1 and min(y1, y2) < box.y + BOX_HEIGHT - 1:
                    return True
    return False


@pytest.mark.parametrize("flow", FLOWS)
def test_no_line_crosses_a_box_and_no_number_lies_on_another(flow: Flow) -> None:
    layout = lay_out(flow)
    assert not _crosses_a_box(layout)
    for one, other in combinations([line.label for line in layout.lines], 2):
        assert abs(one[0] - other[0]) >= WIDEST or abs(one[1] - other[1]) >= 12, (one, other)
    ends = Counter(point for line in layout.lines for point in (line.points[0], line.points[-1]))
    assert max(ends.values()) == 1
    for line in layout.lines:
        assert all(0 <= x <= layout.width and 0 <= y <= layout.height for x, y in line.points)


def test_a_case_that_goes_back_is_drawn_orange_and_what_repeats_is_said_in_the_box() -> None:
    flow = discover([make_trace("a b b c"), make_trace("a b a b c")])
    svg = ET.fromstring(draw_flow(flow, {"b": Text("B <wieder>", "B & more")}, "en"))  # noqa: S314 - our own
    dashed = [line for line in svg.iter("polyline") if line.get("stroke-dasharray")]
    assert len(dashed) == 1
    told = [text.text for text in svg.iter("text")]
    assert {"start", "end", "a", "B & more", "4 (again 1)"} <= set(told)
    assert told.count("2") >= 2


def test_numbers_and_words_follow_the_language() -> None:
    flow = discover([make_trace("a b")] * 1234)
    assert "1.234" in draw_flow(flow, {}, "de")
    assert "Beginn" in draw_flow(flow, {}, "de")
    assert "1,234" in draw_flow(flow, {}, "en")
