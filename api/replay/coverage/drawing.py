"""A machine as a picture: states from left to right by their distance from the first, arrows with the actions.

An SVG of its own, so that the page shows it without a network. What leads from a state to itself stands below it.
"""

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as ET  # writes only, and escapes

import networkx as nx

WIDTH, HEIGHT = 150, 40
COLUMN, ROW = 250, 120
MARGIN = 30
MOST_TEXT = 30
FILL = {"all": "#c8e6c9", "some": "#fff3c4", "none": "#ffcdd2"}
LINE = {"all": "#1b5e20", "some": "#8a6d00", "none": "#b71c1c"}

Way = tuple[str, str]


def draw(
    states: Mapping[str, str], initial: str, ways: Mapping[Way, Mapping[str, bool]], classes: Mapping[str, str]
) -> str:
    """SVG text. `ways` are (source, target) -> action -> whether it was exercised, `states` name -> what people see."""
    places = _place(states, initial, ways)
    width = max(x for x, _ in places.values()) + WIDTH + MARGIN
    height = max(y for _, y in places.values()) + HEIGHT + ROW // 2
    svg = ET.Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {width} {height}", "width": str(width), "role": "img",
        "font-family": "sans-serif", "font-size": "11",
    })  # fmt: skip
    defs = ET.SubElement(svg, "defs")
    for name, colour in LINE.items():
        marker = ET.SubElement(defs, "marker", {
            "id": f"to-{name}", "viewBox": "0 0 8 8", "refX": "8", "refY": "4", "markerWidth": "7", "markerHeight": "7",
            "orient": "auto-start-reverse",
        })  # fmt: skip
        ET.SubElement(marker, "path", {"d": "M0 0L8 4L0 8z", "fill": colour})
    for (source, target), actions in ways.items():
        if source != target:
            _draw_way(svg, places[source], places[target], actions)
    for state, german in states.items():
        _draw_state(svg, state, german, places[state], classes[state], ways.get((state, state), {}))
    return ET.tostring(svg, encoding="unicode")


def _place(states: Iterable[str], initial: str, ways: Iterable[Way]) -> dict[str, tuple[int, int]]:
    """Left upper corners: the column by the distance from the first state, the row in the order of the table."""
    graph = nx.DiGraph(list(ways))
    graph.add_nodes_from(states)
    far = nx.single_source_shortest_path_length(graph, initial)
    beyond = max(far.values()) + 1
    rows: dict[int, int] = {}
    found: dict[str, tuple[int, int]] = {}
    for state in states:
        column = far.get(state, beyond)
        row = rows.get(column, 0)
        rows[column] = row + 1
        # Columns are shifted a little against each other, so that lines past a state do not run through it.
        found[state] = (MARGIN + column * COLUMN, MARGIN + row * ROW + (column % 2) * (ROW // 2))
    return found


def _class_of(actions: Mapping[str, bool]) -> str:
    return "all" if all(actions.values()) else "some" if any(actions.values()) else "none"


def _shorten(actions: Mapping[str, bool]) -> str:
    text = ", ".join(actions)
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…"


def _draw_way(svg: ET.Element, start: tuple[int, int], end: tuple[int, int], actions: Mapping[str, bool]) -> None:
    name = _class_of(actions)
    if end[0] > start[0]:  # from side to side with the text near the target, a way back over the top
        x1, y1, x2, y2 = start[0] + WIDTH, start[1] + HEIGHT // 2, end[0], end[1] + HEIGHT // 2
        bend = (x2 - x1) // 2
        path, middle = (
            f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}",
            (x1 + (x2 - x1) * 2 // 3, y1 + (y2 - y1) * 3 // 4 - 4),
        )
    else:
        x1, y1, x2, y2 = start[0] + WIDTH // 3, start[1], end[0] + 2 * WIDTH // 3, end[1]
        high = min(y1, y2) - 26
        path, middle = f"M{x1} {y1}C{x1} {high} {x2} {high} {x2} {y2}", ((x1 + x2) // 2, high + 8)
        if start[0] == end[0]:
            y1, y2 = (start[1] + HEIGHT, end[1]) if end[1] > start[1] else (start[1], end[1] + HEIGHT)
            path, middle = f"M{x1} {y1}L{x2} {y2}", (x2 + (x1 - x2) // 8, y2 + (y1 - y2) // 8)
    ET.SubElement(svg, "path", {"d": path, "fill": "none", "stroke": LINE[name], "marker-end": f"url(#to-{name})"})
    _write(svg, middle, _shorten(actions), ", ".join(actions))


def _draw_state(
    svg: ET.Element, state: str, german: str, place: tuple[int, int], name: str, own: Mapping[str, bool]
) -> None:
    x, y = place
    ET.SubElement(svg, "rect", {
        "x": str(x), "y": str(y), "width": str(WIDTH), "height": str(HEIGHT), "rx": "8", "fill": FILL[name],
        "stroke": LINE[name], "class": name, "data-state": state,
    })  # fmt: skip
    _write(svg, (x + WIDTH // 2, y + 17), state, state)
    _write(svg, (x + WIDTH // 2, y + 32), german, german)
    if own:
        _write(svg, (x + WIDTH // 2, y + HEIGHT + 14), f"↻ {_shorten(own)}", ", ".join(own))


def _write(svg: ET.Element, place: tuple[int, int], text: str, whole: str) -> None:
    """Text in the middle of a place, with a white rim over lines; all of it where one points at it."""
    written = ET.SubElement(svg, "text", {
        "x": str(place[0]), "y": str(place[1]), "text-anchor": "middle", "paint-order": "stroke", "stroke": "#ffffff",
        "stroke-width": "3",
    })  # fmt: skip
    written.text = text
    ET.SubElement(written, "title").text = whole
