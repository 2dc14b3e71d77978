"""When each target is reached: the day planned, the median of the runs, and the range in which 80 % of them lie."""

from datetime import date, timedelta
from typing import Any

import altair as alt
import polars as pl

from simulation.charts.captions import name_band
from simulation.charts.charts import LATER, Chart
from simulation.charts.intervals import wrap
from simulation.charts.style import BLUE, INK, LIGHT_BLUE, ORANGE, year_axis
from simulation.forecast.forecast import Forecast
from workflow.text import Text

DUE, MEDIAN = Text("Frist", "deadline"), Text("Median", "median")
FORMATS = {"de": "%m/%Y", "en": "%b %Y"}


def draw_dates(chart: Chart, forecast: Forecast, language: str) -> Any:
    rows = [_describe(deadline, n, language) for n, deadline in enumerate(forecast.summary["deadlines"])]
    days = [row[name] for row in rows for name in ("due", "low", "middle", "high") if row[name]]
    end = max(days) + timedelta(120)
    for row in rows:
        row["reaches"] = row["high"] or end  # beyond all that is followed
        row["text"] = f"{row['middle']:{FORMATS[language]}}" if row["middle"] else LATER.get(language)
        row["label_at"] = row["middle"] or end
    axis = alt.Axis(labelLimit=420, labelExpr="split(datum.label, '|')", labelLineHeight=14)
    y = alt.Y("title:N", sort=alt.SortField("order"), title=None, axis=axis)
    x = alt.X("due:T", axis=year_axis(language), scale=alt.Scale(domain=[_stamp(min(days)), _stamp(end)]))
    words = [word.get(language) for word in (name_band(chart, forecast.summary), MEDIAN, DUE)]
    colour = alt.Color("key:N", title=None, scale=alt.Scale(domain=words, range=[LIGHT_BLUE, BLUE, ORANGE]))
    base = alt.Chart(pl.DataFrame(rows)).encode(y=y)

    def named(mark: Any, word: str) -> Any:
        return mark.transform_calculate(key=f"'{word}'").encode(color=colour)

    span = named(base.mark_bar(size=10), words[0]).encode(x=alt.X("low:T"), x2=alt.X2("reaches:T"))
    dot = named(base.mark_point(filled=True, size=110), words[1]).encode(x=alt.X("middle:T"))
    due = named(base.mark_point(filled=True, size=80, shape="diamond"), words[2]).encode(x=x)
    text = base.mark_text(align="center", dy=-13, fontSize=12, color=INK).encode(
        x=alt.X("label_at:T"), text=alt.Text("text:N")
    )
    return alt.layer(span, dot, due, text).properties(width=560, height=46 * len(rows))


def _describe(deadline: dict[str, Any], order: int, language: str) -> dict[str, Any]:
    found = {name: deadline[f"met_{band}"] for name, band in (("low", "p10"), ("middle", "p50"), ("high", "p90"))}
    days = {name: date.fromisoformat(day) if day else None for name, day in found.items()}
    due = date.fromisoformat(deadline["date"])
    return {"title": wrap(deadline[f"title_{language}"]), "order": order, "due": due, **days}


def _stamp(day: date) -> alt.DateTime:
    return alt.DateTime(year=day.year, month=day.month, date=day.day)
