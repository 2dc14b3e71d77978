"""The forecast with its band, and naive baselines drawn beside it."""

from datetime import date
from typing import Any

import altair as alt
import polars as pl

from simulation.charts.charts import Chart
from simulation.charts.style import BLUE, GREEN, GREY, INK, LIGHT_BLUE, ORANGE, number_format, year_axis
from simulation.forecast.forecast import Forecast
from workflow.text import Text

FIRST_DAY = date(2019, 12, 31)
BAND = Text("Prognose: 80 % der Durchläufe", "forecast: 80 % of runs")
MEDIAN = Text("Prognose: Median", "forecast: median")
NAMES = {
    "logistic": Text("logistische Kurve", "logistic curve"),
    "gompertz": Text("Gompertz-Kurve", "Gompertz curve"),
    "bass": Text("Bass-Modell", "Bass model"),
    "elsewhere": Text("Tempo von Baden-Württemberg 2020", "pace of Baden-Württemberg in 2020"),
}
STYLES = {"logistic": (ORANGE, [6, 3]), "gompertz": (GREEN, [2, 2]), "bass": (INK, [8, 3, 2, 3]),
          "elsewhere": (GREY, [1, 0])}  # fmt: skip


def draw_baselines(chart: Chart, forecast: Forecast, language: str) -> Any:
    users = forecast["users"].filter(pl.col("product") == "e_laufmappe", pl.col("date") >= FIRST_DAY)
    frame = forecast[chart.table].filter(pl.col("date") >= FIRST_DAY)
    here = [name for name in NAMES if name in frame["baseline"].unique()]
    words = [BAND.get(language), MEDIAN.get(language), *(NAMES[name].get(language) for name in here)]
    colours = [LIGHT_BLUE, BLUE, *(STYLES[name][0] for name in here)]
    colour = alt.Color("key:N", title=None, scale=alt.Scale(domain=words, range=colours))
    dash = alt.StrokeDash(
        "key:N", title=None, scale=alt.Scale(domain=words, range=[[1, 0], [1, 0], *(STYLES[name][1] for name in here)])
    )
    x = alt.X("date:T", axis=year_axis(language))
    axis = alt.Axis(format=number_format(chart.unit))
    later = alt.Chart(users.filter(pl.col("date") >= date.fromisoformat(forecast.summary["as_of"])))
    band = later.mark_area(opacity=0.6).transform_calculate(key=f"'{words[0]}'")
    line = alt.Chart(users).mark_line(strokeWidth=3).transform_calculate(key=f"'{words[1]}'")
    curves = alt.Chart(
        frame.with_columns(key=pl.col("baseline").replace_strict(dict(zip(here, words[2:], strict=True))))
    )
    y = alt.Y("users:Q", title=chart.unit.get(language), axis=axis)
    return alt.layer(
        band.encode(x=x, y=alt.Y("p10:Q", title=chart.unit.get(language), axis=axis), y2=alt.Y2("p90:Q"), color=colour),
        curves.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, strokeDash=dash),
        line.encode(x=x, y=alt.Y("p50:Q"), color=colour, strokeDash=dash),
    ).properties(width=690, height=300)
