"""Where a route lies in a diagram: from left to right, branches below each other, lines with right angles."""

from itertools import pairwise
from typing import Any

from api.replay.bpmn.layout import GAP, MARGIN, STEP, TASK, Diagram, Shape, lay_out

A, B, C = ({"kind": "co_sign", "actor": name} for name in "abc")


def shapes(diagram: Diagram) -> dict[str, Shape]:
    return {shape.id: shape for shape in diagram.shapes}


def points(diagram: Diagram, source: str, target: str) -> list[tuple[int, int]]:
    return next(line.points for line in diagram.lines if (line.source, line.target) == (source, target))


def ways(diagram: Diagram) -> list[tuple[str, str]]:
    return [(line.source, line.target) for line in diagram.lines]


def test_a_sequence_is_one_line_from_the_start_to_the_end() -> None:
    diagram = lay_out([A, B])
    found = shapes(diagram)
    assert ways(diagram) == [("Start", "Station_1"), ("Station_1", "Station_2"), ("Station_2", "End")]
    assert [shape.tag for shape in diagram.shapes] == ["startEvent", "userTask", "userTask", "endEvent"]
    assert len({shape.middle for shape in diagram.shapes}) == 1
    assert found["Start"].x == MARGIN
    assert found["Station_2"].x - found["Station_1"].right == GAP
    assert all(len(line.points) == 2 for line in diagram.lines), "straight"
    assert [found["Station_1"].station, found["Station_2"].station] == [A, B]


def test_branches_lie_below_each_other_between_two_gateways() -> None:
    diagram = lay_out([{"parallel": [A, B, C]}])
    found = shapes(diagram)
    assert ways(diagram) == [
        ("Start", "Split_1"),
        ("Split_1", "Station_1"), ("Station_1", "Join_1"),
        ("Split_1", "Station_2"), ("Station_2", "Join_1"),
        ("Split_1", "Station_3"), ("Station_3", "Join_1"),
        ("Join_1", "End"),
    ]  # fmt: skip
    rows = [found[f"Station_{number}"] for number in (1, 2, 3)]
    assert [below.y - above.y for above, below in pairwise(rows)] == [TASK[1] + STEP] * 2
    assert rows[1].middle == found["Split_1"].middle == found["Join_1"].middle
    assert points(diagram, "Split_1", "Station_2") == [
        (found["Split_1"].right, rows[1].middle), (rows[1].x, rows[1].middle),
    ]  # fmt: skip


def test_a_line_to_another_row_leaves_the_gateway_above_or_below() -> None:
    diagram = lay_out([{"parallel": [A, B]}])
    found = shapes(diagram)
    split, join, first, second = (found[name] for name in ("Split_1", "Join_1", "Station_1", "Station_2"))
    x = split.x + split.width // 2
    assert points(diagram, "Split_1", "Station_1") == [(x, split.y), (x, first.middle), (first.x, first.middle)]
    assert points(diagram, "Split_1", "Station_2")[0] == (x, split.y + split.height)
    x = join.x + join.width // 2
    assert points(diagram, "Station_2", "Join_1") == [
        (second.right, second.middle), (x, second.middle), (x, join.y + join.height),
    ]  # fmt: skip


def test_the_widest_branch_tells_where_the_branches_meet() -> None:
    long: Any = {"sequence": [A, B, C]}
    diagram = lay_out([{"parallel": [A, long]}, B])
    found = shapes(diagram)
    assert found["Join_1"].x - found["Station_4"].right == GAP
    assert found["Station_5"].x - found["Join_1"].right == GAP
    assert found["Station_1"].y < found["Station_2"].y == found["Station_3"].y == found["Station_4"].y


def test_a_resubmission_with_its_day_is_a_timer_that_takes_the_place_of_a_task() -> None:
    diagram = lay_out([{"kind": "resubmit", "actor": "a", "until": "2021-09-01"}, B])
    found = shapes(diagram)
    assert found["Station_1"].tag == "intermediateCatchEvent"
    assert found["Station_2"].x == found["Start"].right + GAP + TASK[0] + GAP
    assert found["Station_1"].middle == found["Station_2"].middle
