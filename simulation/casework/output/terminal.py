"""The result of a casework simulation in the terminal."""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
from rich.console import Group, RenderableType
from rich.text import Text as Line

from simulation.casework.casework import Casework
from simulation.casework.output import words
from simulation.casework.output.words import Measure
from simulation.numbers import format_number
from simulation.report.fitting_table import FittingTable
from workflow.text import Text

MOST_PEOPLE = 5


def render(result: Casework, language: str) -> Group:
    """Totals, months, kinds of work, the comparison with paper, and who holds things up; as wide as there is room."""
    units, kinds = words.name_units(result.scenario), words.name_kinds(result.scenario)
    months = result["units"].filter(pl.col("unit") == "-")
    chosen = [one for one in words.UNITS if one.name not in {"cases", "touch_hours", "reruns"}]
    parts: list[RenderableType] = [Line(result.summary["title"][language], style="bold"), _totals(result, language)]
    parts.append(_table(Text("Je Monat", "Per month"), "month", chosen, months.iter_rows(named=True), language, {}))
    parts.append(_table(Text("Je Art", "Per kind"), "kind", words.KINDS, result["kinds"].iter_rows(named=True),
                        language, kinds))  # fmt: skip
    if result["scan"].height:
        title = Text("Durch die Scanstelle", "Through the scan centre")
        shown = [one for one in words.SCAN if one.name not in {"rejected", "hours_p90"}]
        parts.append(_table(title, "client", shown, result["scan"].iter_rows(named=True), language, {}))
    if result["paper"].height:
        title = Text(
            "Tage unterwegs im Mittel, auf Papier und elektronisch",
            "Days under way in the mean, on paper and electronic",
        )
        parts.append(_table(title, "kind", words.PAPER, result["paper"].iter_rows(named=True), language, kinds))
    busiest = result["people"].sort("held_up_hours", descending=True).head(MOST_PEOPLE)
    title = Text("Wo es sich staut", "Where things queue")
    parts.append(_table(title, "person", words.PEOPLE, busiest.iter_rows(named=True), language, {}))
    if result["relief"].height:
        title = Text(
            "Eine Zeichnungsbefugnis mehr: Tage unterwegs im Mittel", "One approver more: days under way in the mean"
        )
        parts.append(_table(title, "unit", words.RELIEF, result["relief"].iter_rows(named=True), language, units))
        for row in result["relief"].iter_rows(named=True):
            gained = words.say_gain(row, result.summary["replications"])
            parts.append(Line(f"{units[row['unit']].get(language)}: {gained.get(language)}."))
    return Group(*parts)


def _totals(result: Casework, language: str) -> Line:
    summary = result.summary
    people, runs = _in(language, "Personen", "people"), _in(language, "Durchläufe", "runs")
    staff = format_number(summary["staff"], language)
    said = [f"{staff} {people}, {summary['start']} – {summary['end']}, {summary['replications']} {runs}"]
    for known in summary["known_work"]:
        name = words.MEASURES[known["measure"]].get(language)
        low, high = (format_number(known[key], language) for key in ("least", "most"))
        least, most = (format_number(known[key], language) for key in ("at_least", "at_most"))
        within = _in(language, "innerhalb in", "within in")
        said.append(
            f"{name}: {low} – {high}; {_in(language, 'Bericht', 'report')} ({known['source']}): {least} – {most}, "
            f"{within} {known['within']}/{known['of']}"
        )
    return Line("\n".join(said))


def _in(language: str, de: str, en: str) -> str:
    return de if language == "de" else en


def _table(
    title: Text, key: str, measures: Sequence[Measure], rows: Iterable[dict[str, Any]], language: str,
    names: dict[str, Text],
) -> FittingTable:  # fmt: skip
    headings = ["", *(measure.heading.get(language) for measure in measures)]
    known = {"-": words.ALL, **names}
    cells = [
        [name if known.get(name) is None else known[name].get(language),
         *(measure.show(row[measure.name], language) for measure in measures)]
        for row in rows if (name := str(row[key]))
    ]  # fmt: skip
    return FittingTable("\n" + title.get(language), headings, cells)
