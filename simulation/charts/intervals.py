"""The probability that each deadline holds, with its 95 % interval."""

from typing import Any

import altair as alt
import polars as pl

from simulation.charts.charts import Chart
from simulation.charts.style import BLUE, INK, LIGHT_BLUE
from simulation.forecast.forecast import Forecast

WIDTH = 48
"""Characters of a line of a label."""


def draw_intervals(chart: Chart, forecast: Forecast, language: str) -> Any:
    rows = [
        {key: d[key] for key in ("probability", "low", "high")}
        | {"title": wrap(d[f"title_{language}"]), "order": n, "text": f"{100 * d['probability']:.0f} %"}
        for n, d in enumerate(forecast.summary["deadlines"])
    ]
    axis = alt.Axis(labelLimit=420, labelExpr="split(datum.label, '|')", labelLineHeight=14)
    labels = alt.Y("title:N", sort=alt.SortField("order"), title=None, axis=axis)
    base = alt.Chart(pl.DataFrame(rows)).encode(y=labels)
    percent = alt.Axis(format=".0%", tickCount=5)
    x = alt.X("low:Q", scale=alt.Scale(domain=[0, 1]), axis=percent, title=chart.unit.get(language))
    interval = base.mark_rule(strokeWidth=3, color=LIGHT_BLUE).encode(x=x, x2=alt.X2("high:Q"))
    dot = base.mark_point(filled=True, size=110, color=BLUE).encode(x=alt.X("probability:Q"))
    text = base.mark_text(align="left", dx=12, fontSize=12, color=INK).encode(
        x=alt.X("high:Q"), text=alt.Text("text:N")
    )
    return alt.layer(interval, dot, text).properties(width=500, height=42 * len(rows))


def wrap(text: str) -> str:
    """A label in lines, divided by | for the axis."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= WIDTH:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "|".join(lines)
