"""Where the shapes and lines of a route lie in a diagram, from left to right, branches below each other; pixels."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

GAP, STEP = 50, 30
"""Between what follows and what stands side by side."""
MARGIN = 60


class Shape(NamedTuple):
    """`station` is its specification, None for events and gateways."""

    id: str
    tag: str
    x: int
    y: int
    width: int
    height: int
    station: dict[str, Any] | None = None

    @property
    def middle(self) -> int:
        return self.y + self.height // 2

    @property
    def right(self) -> int:
        return self.x + self.width


class Line(NamedTuple):
    id: str
    source: str
    target: str
    points: list[tuple[int, int]]


SIZES = {"startEvent": (36, 36), "endEvent": (36, 36), "intermediateCatchEvent": (36, 36), "parallelGateway": (50, 50)}
TASK = (140, 80)


@dataclass
class Diagram:
    shapes: list[Shape] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def lay_out(stations: list[dict[str, Any]]) -> Diagram:
    """A diagram of the stations of a route as `SaveTemplate` takes them."""
    return _Layout().draw({"sequence": stations})


def tag_of(station: dict[str, Any]) -> str:
    """A resubmission with its day is a timer; all else is work of a person."""
    return "intermediateCatchEvent" if station.get("until") or station.get("awaits") else "userTask"


def _size(part: dict[str, Any]) -> tuple[int, int]:
    if "sequence" in part:
        sizes = [_size(one) for one in part["sequence"]]
        return sum(width for width, _ in sizes) + GAP * (len(sizes) - 1), max(height for _, height in sizes)
    if "parallel" in part:
        sizes = [_size(one) for one in part["parallel"]]
        gateways = 2 * (SIZES["parallelGateway"][0] + GAP)
        return max(width for width, _ in sizes) + gateways, sum(height for _, height in sizes) + STEP * (len(sizes) - 1)
    # A timer is as wide as a task, because its name stands below it.
    return TASK


class _Layout:
    def __init__(self) -> None:
        self._diagram = Diagram()
        self._counts: dict[str, int] = {}

    def draw(self, route: dict[str, Any]) -> Diagram:
        middle = MARGIN + _size(route)[1] // 2
        last = self._add("startEvent", "Start", MARGIN, middle)
        last = self._place(route, last.right + GAP, middle, last)
        self._join(last, self._add("endEvent", "End", last.right + GAP, middle))
        return self._diagram

    def _place(self, part: dict[str, Any], x: int, middle: int, before: Shape) -> Shape:
        """Draw a part and the line to it; the shape that it ends with."""
        if "sequence" in part:
            for one in part["sequence"]:
                before = self._place(one, x, middle, before)
                x += _size(one)[0] + GAP
            return before
        if "parallel" in part:
            return self._place_branches(part["parallel"], x, middle, before)
        tag = tag_of(part)
        width = SIZES.get(tag, TASK)[0]
        shape = self._add(tag, self._number("Station"), x + (TASK[0] - width) // 2, middle, part)
        self._join(before, shape)
        return shape

    def _place_branches(self, branches: list[dict[str, Any]], x: int, middle: int, before: Shape) -> Shape:
        width, height = _size({"parallel": branches})
        split = self._add("parallelGateway", self._number("Split"), x, middle)
        self._join(before, split)
        join = self._add("parallelGateway", self._number("Join"), x + width - split.width, middle)
        top = middle - height // 2
        for branch in branches:
            tall = _size(branch)[1]
            last = self._place(branch, split.right + GAP, top + tall // 2, split)
            self._join(last, join)
            top += tall + STEP
        return join

    def _number(self, what: str) -> str:
        self._counts[what] = self._counts.get(what, 0) + 1
        return f"{what}_{self._counts[what]}"

    def _add(self, tag: str, name: str, x: int, middle: int, station: dict[str, Any] | None = None) -> Shape:
        width, height = SIZES.get(tag, TASK)
        shape = Shape(name, tag, x, middle - height // 2, width, height, station)
        self._diagram.shapes.append(shape)
        return shape

    def _join(self, source: Shape, target: Shape) -> None:
        """A straight line, or one with a corner above or below the gateway that splits or joins."""
        points = [(source.right, source.middle), (target.x, target.middle)]
        if source.middle != target.middle:
            gateway, other = (source, target) if source.id.startswith("Split") else (target, source)
            x = gateway.x + gateway.width // 2
            edge = gateway.y if other.middle < gateway.middle else gateway.y + gateway.height
            corner = [(x, edge), (x, other.middle)]
            points = [*corner, points[1]] if gateway is source else [points[0], *reversed(corner)]
        self._diagram.lines.append(Line(self._number("Flow"), source.id, target.id, points))
