"""Where the parts of a directly-follows graph stand: activities one below the other, in the order in which they come.

An arc to the next activity below is a straight line; all others run in lanes, those that go on at the right, those
that go back at the left. So nothing lies on anything else, however many activities there are, and the picture is narrow
enough for a telephone.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal, NamedTuple

from simulation.mining.flow import END, START, Flow

LEAST_SHARE = 0.01
"""Of all arcs walked: what is rarer is left out, but never the most frequent way to an activity and from it. Activities
that come once in more than a hundred cases are left out too.
"""
BOX_WIDTH, BOX_HEIGHT, GAP, LANE, MARGIN = 140.0, 40.0, 32.0, 36.0, 6.0
ROW = BOX_HEIGHT + GAP
ASIDE = 8.0
"""Numbers of neighbouring lanes stand above and below each other."""

Arc = tuple[str, str]
Side = Literal["left", "right"]
Point = tuple[float, float]


class Box(NamedTuple):
    activity: str
    times: int
    again: int
    """How often it follows itself."""
    x: float
    y: float


class Line(NamedTuple):
    arc: Arc
    times: int
    points: tuple[Point, ...]
    label: Point


class Layout(NamedTuple):
    width: float
    height: float
    boxes: list[Box]
    lines: list[Line]
    left_out: float
    """Share of what was walked from one activity to another that is not drawn."""


def lay_out(flow: Flow) -> Layout:
    frequent = [name for name, times in flow.activities.items() if times >= LEAST_SHARE * flow.cases]
    order = [START, *sorted(frequent, key=lambda name: (flow.places[name], name)), END]
    rows = {name: number for number, name in enumerate(order)}
    arcs = _choose(flow, rows)
    sides: dict[Side, dict[Arc, int]] = {
        "left": _assign_lanes([arc for arc in arcs if rows[arc[1]] < rows[arc[0]]], rows),
        "right": _assign_lanes([arc for arc in arcs if rows[arc[1]] > rows[arc[0]] + 1], rows),
    }
    counts = {side: max(lanes.values(), default=-1) + 1 for side, lanes in sides.items()}
    left = MARGIN + counts["left"] * LANE
    boxes = [
        Box(name, flow.activities.get(name, flow.cases), flow.arcs[name, name], left, MARGIN + rows[name] * ROW)
        for name in order
    ]
    lines = [_draw_straight(arc, flow, left, rows) for arc in arcs if rows[arc[1]] == rows[arc[0]] + 1]
    for side, lanes in sides.items():
        lines += _draw_beside(side, lanes, flow, left, rows)
    walked = sum(flow.arcs.values())
    drawn = sum(flow.arcs[arc] for arc in arcs) + sum(box.again for box in boxes)
    width = left + BOX_WIDTH + counts["right"] * LANE + MARGIN
    return Layout(width, len(order) * ROW - GAP + 2 * MARGIN, boxes, lines, 1 - drawn / walked if walked else 0.0)


def _choose(flow: Flow, rows: dict[str, int]) -> list[Arc]:
    """The arcs that are drawn, apart from those of an activity to itself."""
    others = {arc: count for arc, count in flow.arcs.items() if arc[0] != arc[1] and rows.keys() >= set(arc)}
    least = LEAST_SHARE * sum(flow.arcs.values())
    chosen = {arc for arc, count in others.items() if count >= least}
    for end in (0, 1):
        strongest: dict[str, Arc] = {}
        for arc in sorted(others):
            known = strongest.get(arc[end])
            if known is None or others[arc] > others[known]:
                strongest[arc[end]] = arc
        chosen |= set(strongest.values())
    return sorted(chosen)


def _assign_lanes(arcs: Iterable[Arc], rows: dict[str, int]) -> dict[Arc, int]:
    """Arc -> its lane, short ones next to the boxes; in one lane each begins where another has ended, or later."""
    taken: list[list[tuple[int, int]]] = []
    found: dict[Arc, int] = {}
    for arc in sorted(arcs, key=lambda one: (abs(rows[one[0]] - rows[one[1]]), one)):
        first, last = sorted((rows[arc[0]], rows[arc[1]]))
        free = (number for number, spans in enumerate(taken) if all(last <= a or b <= first for a, b in spans))
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((first, last))
        found[arc] = lane
    return found


def _draw_straight(arc: Arc, flow: Flow, left: float, rows: dict[str, int]) -> Line:
    x, top = left + BOX_WIDTH / 2, MARGIN + rows[arc[0]] * ROW + BOX_HEIGHT
    return Line(arc, flow.arcs[arc], ((x, top), (x, top + GAP)), (x + 8 + LANE / 2, top + GAP / 2))


def _draw_beside(side: Side, lanes: dict[Arc, int], flow: Flow, left: float, rows: dict[str, int]) -> list[Line]:
    ports = _place_ports(lanes, rows)
    edge, sign = (left, -1) if side == "left" else (left + BOX_WIDTH, 1)
    lines = []
    for arc, lane in lanes.items():
        x, (start, end) = edge + sign * (lane + 0.5) * LANE, ports[arc]
        between = (rows[arc[0]] + rows[arc[1]]) // 2  # in the space below this row no other arc comes or goes
        label = (x, MARGIN + between * ROW + BOX_HEIGHT + GAP / 2 + (ASIDE if lane % 2 else -ASIDE))
        lines.append(Line(arc, flow.arcs[arc], ((edge, start), (x, start), (x, end), (edge, end)), label))
    return lines


def _place_ports(lanes: dict[Arc, int], rows: dict[str, int]) -> dict[Arc, tuple[float, float]]:
    """Arc -> heights at which it leaves one box and reaches the other, so that arcs of one box do not cross there:
    those from above first, near lanes before far ones, then those from below, far lanes before near ones.
    """
    at: dict[str, list[tuple[bool, int, Arc]]] = defaultdict(list)
    for arc, lane in lanes.items():
        for name, other in (arc, arc[::-1]):
            below = rows[other] > rows[name]
            at[name].append((below, -lane if below else lane, arc))
    height: dict[tuple[str, Arc], float] = {}
    for name, ends in at.items():
        for number, (_, _, arc) in enumerate(sorted(ends), 1):
            height[name, arc] = MARGIN + rows[name] * ROW + BOX_HEIGHT * number / (len(ends) + 1)
    return {arc: (height[arc[0], arc], height[arc[1], arc]) for arc in lanes}
