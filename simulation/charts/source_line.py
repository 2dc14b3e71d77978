"""The line at the foot of a chart: where its numbers come from, for whoever meets the chart on a slide.

It is written below what was drawn, so that no chart changes for it.
"""

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from simulation.numbers import format_day, format_number

FONT = "Liberation Sans, Arial, Helvetica, DejaVu Sans, sans-serif"
SIZE, HEIGHT, MARGIN = 11, 15, 5
CHARACTER = 0.56
"""Width of a character, as a share of its size, on average and rather too much."""
HEAD = re.compile(r'(<svg\b[^>]*?\bwidth=")([\d.]+)("[^>]*?\bheight=")([\d.]+)("[^>]*?\bviewBox="0 0 )[\d.]+ [\d.]+(")')


def write_source(
    scenarios: Sequence[str], as_of: str, runs: int | None, language: str, *, changed: bool = False
) -> str:
    """`Quelle: eva, Szenario nrw-plan-2021, Stand 30.06.2021, 1.000 Durchläufe`."""
    german = language == "de"
    named, more = ", ".join(scenarios[:2]), len(scenarios) - 2
    if more > 0:
        named += f" und {more} weitere" if german else f" and {more} more"
    words = ("Quelle", "Szenario", "Szenarien") if german else ("Source", "scenario", "scenarios")
    parts = [f"{words[0]}: eva", f"{words[1 + (len(scenarios) > 1)]} {named}"]
    if changed:
        parts[-1] += " mit Änderungen" if german else " with changes"
    parts.append(f"{'Stand' if german else 'as of'} {format_day(as_of, language)}")
    if runs is not None:
        one, many = ("Durchlauf", "Durchläufe") if german else ("run", "runs")
        parts.append(f"{format_number(runs, language)} {one if runs == 1 else many}")
    return ", ".join(parts)


def count_runs(summary: Mapping[str, Any], *, of_scans: bool) -> int:
    """The runs of a forecast; what goes through the scan centres rests on fewer."""
    runs: int = summary["scan_replications" if of_scans else "replications"]
    return runs


def write_source_of(summary: Mapping[str, Any], language: str, *, of_scans: bool) -> str:
    """The same of a forecast."""
    runs = count_runs(summary, of_scans=of_scans)
    return write_source([summary["scenario"]], summary["as_of"], runs, language, changed=bool(summary.get("changes")))


def add_source(svg: str, source: str) -> str:
    """The chart with the line below it, in as many lines as its width needs."""
    head = HEAD.search(svg)
    if head is None:
        raise ValueError("an SVG without width, height and viewBox")
    width, height = float(head[2]), float(head[4])
    lines = textwrap.wrap(source, max(20, int((width - 2 * MARGIN) / (SIZE * CHARACTER))), break_on_hyphens=False)
    tall = height + HEIGHT * len(lines) + MARGIN
    begin = f"{head[1]}{width:g}{head[3]}{tall:g}{head[5]}{width:g} {tall:g}{head[6]}"
    ground = f'<rect width="{width:g}" height="{tall:g}" fill="white"/>'
    texts = "".join(
        f'<text x="{MARGIN}" y="{height + HEIGHT * number:g}" font-family="{FONT}" font-size="{SIZE}px" '
        f'fill="#5b626c">{escape(line)}</text>'
        for number, line in enumerate(lines, 1)
    )
    rest = svg[head.end() :]
    opened = rest.index(">") + 1
    body, end = rest[opened:].rsplit("</svg>", 1)
    return f"{svg[: head.start()]}{begin}{rest[:opened]}{ground}{body}{texts}</svg>{end}"
