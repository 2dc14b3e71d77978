"""The directly-follows graph as SVG that scales with the page, its texts in one language."""

from collections.abc import Mapping
from html import escape

from simulation.mining.flow import END, START, Flow
from simulation.mining.layout import BOX_HEIGHT, BOX_WIDTH, Layout, Line, Point, lay_out
from simulation.numbers import format_number
from workflow.text import Text

ENDS = {START: Text("Beginn", "start"), END: Text("Ende", "end")}
INK, SOFT, BLUE, ORANGE, SHADE = "#1b2733", "#5b626c", "#0072B2", "#b84a00", "#f4f6f8"
AGAIN = Text("wieder", "again")
"""What follows itself at once."""
THICKEST = 5.0


def draw_flow(flow: Flow, names: Mapping[str, Text], language: str) -> str:
    """SVG for a page; what goes back is orange and dashed, what goes on is blue; the more often, the thicker."""
    layout = lay_out(flow)
    most = max((line.times for line in layout.lines), default=1)
    title = Text("Welcher Schritt folgt auf welchen", "Which step follows which").get(language)
    parts = [
        (
            f'<svg viewBox="0 0 {layout.width:g} {layout.height:g}" role="img" '
            f'aria-label="{title}" font-family="Liberation Sans, Arial, sans-serif" font-size="12">'
        ),
        *(_draw_line(line, most) for line in layout.lines),
        *(_write_count(line, language) for line in layout.lines),
        *_draw_boxes(layout, {**names, **ENDS}, language),
        "</svg>",
    ]
    return "".join(parts)


def _draw_line(line: Line, most: int) -> str:
    goes_back = line.points[-1][1] < line.points[0][1]
    colour, dash = (ORANGE, ' stroke-dasharray="5 3"') if goes_back else (BLUE, "")
    thick = 1 + (THICKEST - 1) * line.times / most
    path = " ".join(f"{x:g},{y:g}" for x, y in line.points)
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{thick:.1f}" '
        f'stroke-linejoin="round"{dash}/>{_draw_head(line.points, colour)}'
    )


def _draw_head(points: tuple[Point, ...], colour: str) -> str:
    """A triangle that points where the last part of the line goes."""
    (before_x, _), (x, y) = points[-2:]
    if before_x == x:
        corners = ((x, y), (x - 4.5, y - 8), (x + 4.5, y - 8))
    else:
        back = 8 if before_x > x else -8
        corners = ((x, y), (x + back, y - 4.5), (x + back, y + 4.5))
    return f'<polygon points="{" ".join(f"{a:g},{b:g}" for a, b in corners)}" fill="{colour}"/>'


def _write_count(line: Line, language: str) -> str:
    x, y = line.label
    text = format_number(line.times, language)
    return (
        f'<text x="{x:g}" y="{y + 4:g}" text-anchor="middle" fill="{INK}" stroke="#fff" stroke-width="4" '
        f'paint-order="stroke">{text}</text>'
    )


def _draw_boxes(layout: Layout, names: Mapping[str, Text], language: str) -> list[str]:
    parts = []
    for box in layout.boxes:
        name = names[box.activity].get(language) if box.activity in names else box.activity
        again = f" ({AGAIN.get(language)} {format_number(box.again, language)})" if box.again else ""
        x, y, round_ = box.x + BOX_WIDTH / 2, box.y, 18 if box.activity in ENDS else 4
        parts.append(
            f'<rect x="{box.x:g}" y="{y:g}" width="{BOX_WIDTH:g}" height="{BOX_HEIGHT:g}" rx="{round_}" '
            f'fill="{SHADE}" stroke="{INK}"/><text x="{x:g}" y="{y + 17:g}" text-anchor="middle" fill="{INK}">'
            f'{escape(name)}</text><text x="{x:g}" y="{y + 33:g}" text-anchor="middle" fill="{SOFT}">'
            f"{format_number(box.times, language)}{again}</text>"
        )
    return parts
