"""What is said below a chart: of few runs not that their band holds 80 % of what may come."""

from collections.abc import Mapping
from typing import Any

from simulation.charts.charts import Chart
from simulation.charts.source_line import count_runs
from simulation.numbers import format_number
from workflow.text import NOTHING, Text

LEAST_FOR_QUANTILES = 10
"""Of fewer runs the 10 and 90 % quantiles are the least and the greatest value."""
RANGE = Text("80 % der Durchläufe", "80 % of runs")
EXTREMES = Text("kleinster bis größter Wert", "least to greatest value")
DRAWN_LISTS = Text(
    "Größe, Zuschnitt und Reihenfolge, die der Bericht nicht nennt, werden in jedem Durchlauf neu gezogen. Darum "
    "können eine Behörde oder ein Projekt früher stehen als in der Rekonstruktion, auch vor dem Tag, bis zu dem etwas "
    "bekannt ist: Dann hat ein anderes ihren Platz und kommt später. Verlässlich sind die Summen, nicht der einzelne "
    "Termin.",
    "Sizes, cut and order, which the report does not tell, are drawn anew in every run. So an authority or a project "
    "may stand earlier than in the reconstruction, even before the day up to which things are known: another one then "
    "has its place and comes later. What can be relied on are the totals, not the single date.",
)


def name_band(chart: Chart, summary: Mapping[str, Any]) -> Text:
    """What the band between the 10 and 90 % quantiles is called in a legend."""
    return RANGE if count_drawn(chart, summary) >= LEAST_FOR_QUANTILES else EXTREMES


def count_drawn(chart: Chart, summary: Mapping[str, Any]) -> int:
    """The runs that a chart is drawn from."""
    return count_runs(summary, of_scans=chart.section == "scan")


def write_caption(chart: Chart, summary: Mapping[str, Any]) -> Text:
    said = (chart.caption, _say_band(chart, summary), say_drawn_lists(summary) if chart.kind == "gantt" else NOTHING)
    return Text(*(" ".join(filter(None, words)) for words in zip(*said, strict=True)))


def say_drawn_lists(summary: Mapping[str, Any]) -> Text:
    """Why an authority may come earlier than planned in a forecast of delays; nothing where the lists are the lists."""
    return DRAWN_LISTS if summary.get("reconstruction") == "ensemble" else NOTHING


def _say_band(chart: Chart, summary: Mapping[str, Any]) -> Text:
    if chart.band is None:
        return NOTHING
    from simulation.forecast.forecast import has_bands  # noqa: PLC0415 - computes, which a server does not

    return chart.band if has_bands(summary["mode"], count_drawn(chart, summary)) else _name_few(chart, summary)


def _name_few(chart: Chart, summary: Mapping[str, Any]) -> Text:
    runs = count_drawn(chart, summary)
    if summary["mode"] == "plan" and chart.section != "scan":
        return Text("Ohne Risiken: ohne Spanne.", "Without risks: without a range.")
    if runs == 1:
        return Text("Aus 1 Durchlauf: ohne Spanne.", "From 1 run: without a range.")
    de, en = (format_number(runs, language) for language in ("de", "en"))
    if runs < LEAST_FOR_QUANTILES:
        return Text(f"Aus {de} Durchläufen: {EXTREMES.de}.", f"From {en} runs: {EXTREMES.en}.")
    return Text(
        f"Aus nur {de} Durchläufen: Wie sicher die Zahl ist, sagt das Band noch nicht.",
        f"From {en} runs only: the band does not tell yet how sure the number is.",
    )
