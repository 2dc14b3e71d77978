"""Lines over time: columns of a table as series, in one panel or in one per scan centre, capacity or department."""

from datetime import date
from typing import Any, NamedTuple

import altair as alt
import polars as pl

from simulation.charts.captions import name_band
from simulation.charts.charts import CAPACITIES, Chart
from simulation.charts.style import BLUE, GREEN, GREY, ORANGE, number_format, year_axis
from simulation.forecast.forecast import Forecast
from simulation.scenario.units import SHARE

COLOURS = (BLUE, ORANGE, GREEN)
DASHES = ([1, 0], [6, 3], [2, 2])
FIRST_DAY = date(2020, 12, 31)
"""Departments are shown from here: before it only the model ministry is live."""


class Panel(NamedTuple):
    width: int
    height: int
    columns: int
    years: str


PANELS = {
    None: Panel(690, 240, 1, "%Y"),
    "centre": Panel(270, 170, 3, "%y"),
    "capacity": Panel(270, 170, 3, "%y"),
    "department": Panel(190, 110, 4, "%y"),
}


def draw_lines(chart: Chart, forecast: Forecast, language: str) -> Any:
    """The series of the chart, told apart by colour and dash; shares have the same axis in every panel."""
    frame, order = _prepare(chart, forecast, language)
    labels = [series.label.get(language) for series in chart.series]
    long = pl.concat([
        frame.select("date", "panel", pl.lit(label).alias("key"), pl.col(series.column).alias("value"),
                     *(pl.col(column or series.column).alias(edge)
                       for edge, column in (("low", series.low), ("high", series.high))))
        for series, label in zip(chart.series, labels, strict=True)
    ])  # fmt: skip
    panel = PANELS[chart.facet]
    x = alt.X("date:T", axis=year_axis(language if chart.facet is None else None, panel.years))
    base, unit = alt.Chart(long), chart.unit.get(language)
    colours = alt.Scale(domain=labels, range=list(COLOURS[: len(labels)]))
    stroke = alt.Legend(symbolType="stroke", symbolSize=500, symbolStrokeWidth=2.5, symbolOpacity=1)
    colour = alt.Color("key:N", title=None, scale=colours, legend=stroke)
    lines = base.mark_line(strokeWidth=2).encode(
        x=x,
        y=alt.Y("value:Q", title=unit, axis=alt.Axis(format=number_format(chart.unit))),
        color=colour,
        strokeDash=alt.StrokeDash(
            "key:N", title=None, scale=alt.Scale(domain=labels, range=DASHES[: len(labels)]), legend=stroke
        ),
    )
    bands = base.mark_area(opacity=0.22).encode(x=x, y=alt.Y("low:Q", title=unit), y2=alt.Y2("high:Q"), color=colour)
    layers = [bands, _name_band(base, name_band(chart, forecast.summary).get(language)), lines]
    layers = layers if any(series.low for series in chart.series) else [lines]
    if chart.mark is not None:
        layers.append(base.mark_rule(color=GREY, strokeDash=[4, 3]).encode(y=alt.YDatum(chart.mark)))
    drawn = alt.layer(*layers).properties(width=panel.width, height=panel.height)
    if chart.facet is None:
        return drawn
    facet = alt.Facet("panel:N", title=None, sort=order, header=alt.Header(labelLimit=290))
    y_scale: Any = "shared" if chart.unit == SHARE else "independent"
    return drawn.facet(facet=facet, columns=panel.columns, spacing=24).resolve_scale(x="independent", y=y_scale)


def _name_band(base: alt.Chart, name: str) -> alt.Chart:
    """A layer that draws nothing: the entry of the band in the legend, since that of a line is a stroke."""
    nothing = base.transform_filter("false").transform_calculate(band="''")
    entry = alt.Legend(symbolFillColor=BLUE, symbolOpacity=0.22, symbolSize=220, symbolStrokeWidth=0)
    shape = alt.Shape("band:N", title=None, scale=alt.Scale(domain=[name], range=["square"]), legend=entry)
    drawn: alt.Chart = nothing.mark_point(filled=True).encode(shape=shape)
    return drawn


def _prepare(chart: Chart, forecast: Forecast, language: str) -> tuple[pl.DataFrame, list[str]]:
    """The rows with a `date` and the title of their `panel`; and the panels in their order."""
    frame = forecast[chart.table]
    if "month" in frame.columns:
        frame = frame.with_columns(date=pl.col("month").str.to_date("%Y-%m"))
    if chart.facet == "centre":
        centres = forecast.summary["centres"]
        names = {key: centre["name"][language] for key, centre in centres.items()}
        targets = {key: centre["target_hours"] for key, centre in centres.items()}
        frame = frame.filter((pl.col("items_in") > 0) | (pl.col("backlog_end") > 0)).with_columns(
            panel=pl.col("centre").replace_strict(names),
            target=pl.col("centre").replace_strict(targets, return_dtype=pl.Float64),
        )
        return frame, list(names.values())
    if chart.facet == "capacity":
        titles = {key: title.get(language) for key, title in CAPACITIES.items()}
        shown = frame.filter(pl.col("date") >= FIRST_DAY, pl.col("utilisation").is_not_null())
        return shown.with_columns(panel=pl.col("capacity").replace_strict(titles)), list(titles.values())
    if chart.facet == "department":
        sizes = frame.group_by("department").agg(pl.col("plan").max()).sort("plan", "department", descending=True)
        later = frame.filter(pl.col("date") >= FIRST_DAY)
        return later.with_columns(panel=pl.col("department")), sizes["department"].to_list()
    return frame.with_columns(panel=pl.lit("")), [""]
