"""A state machine as a drawing: states in columns by how far they are from the first, and arrows between them."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from workflow.engine.machine import Machine

WIDTH, HEIGHT, ACROSS, DOWN, EDGE, ROUND = 150, 38, 60, 26, 14, 34
"""Of a box, of the gaps between boxes, of the margin, and of an arrow that goes round, in pixels."""


class Box(NamedTuple):
    """A state where it is drawn; `x`, `y`: its upper left corner."""

    state: str
    x: int
    y: int

    @property
    def middle(self) -> int:
        return self.y + HEIGHT // 2


class Arrow(NamedTuple):
    """All rows from one state to another: the path to draw, and the actions."""

    source: str
    target: str
    path: str
    actions: tuple[str, ...]


class Drawing(NamedTuple):
    width: int
    height: int
    boxes: list[Box]
    arrows: list[Arrow]


def draw(machine: Machine[Any]) -> Drawing:
    """The states column by column, and an arrow for each pair of states that some row joins."""
    depths = _measure_depths(machine)
    deepest = max(depths.values())
    columns = [[state for state in machine.states if depths[state] == depth] for depth in range(deepest + 1)]
    tallest = max(map(len, columns))
    height = 2 * EDGE + tallest * HEIGHT + (tallest - 1) * DOWN
    boxes = {box.state: box for box in _place(columns, height)}
    joined: dict[tuple[str, str], list[str]] = {}
    for row in machine.table:
        if row.source != row.target:
            joined.setdefault((row.source, row.target), []).append(row.action)
    arrows = [
        Arrow(source, target, _write_path(boxes[source], boxes[target]), tuple(dict.fromkeys(actions)))
        for (source, target), actions in joined.items()
    ]
    width = 2 * EDGE + ROUND + len(columns) * WIDTH + (len(columns) - 1) * ACROSS
    return Drawing(width, height, list(boxes.values()), arrows)


def _measure_depths(machine: Machine[Any]) -> Mapping[str, int]:
    """Steps from the first state by the shortest way; states that no row leads to stand in the first column."""
    depths, reached = {machine.initial: 0}, [machine.initial]
    for state in reached:
        for row in machine.table:
            if row.source == state and row.target not in depths:
                depths[row.target] = depths[state] + 1
                reached.append(row.target)
    return {state: depths.get(state, 0) for state in machine.states}


def _place(columns: list[list[str]], height: int) -> Iterable[Box]:
    """Each column in the middle of the height."""
    for number, states in enumerate(columns):
        top = (height - len(states) * HEIGHT - (len(states) - 1) * DOWN) // 2
        for place, state in enumerate(states):
            yield Box(state, EDGE + number * (WIDTH + ACROSS), top + place * (HEIGHT + DOWN))


def _write_path(source: Box, target: Box) -> str:
    """A curve from side to side; backwards and within a column it goes round."""
    if target.x > source.x:
        start, end = source.x + WIDTH, target.x
        half = (start + end) // 2
        return f"M{start},{source.middle} C{half},{source.middle} {half},{target.middle} {end},{target.middle}"
    if target.x == source.x:
        side, out = source.x + WIDTH, source.x + WIDTH + ROUND
        return f"M{side},{source.middle} C{out},{source.middle} {out},{target.middle} {side},{target.middle}"
    start, end = source.x + WIDTH // 2, target.x + WIDTH // 2
    low = max(source.y, target.y) + HEIGHT + DOWN - 4
    return f"M{start},{source.y + HEIGHT} C{start},{low} {end},{low} {end},{target.y + HEIGHT}"
