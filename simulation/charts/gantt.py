"""A Gantt chart of the projects: the plan, the median forecast in phases, and the 80 % range of the end."""

from datetime import date
from typing import Any

import altair as alt
import polars as pl

from simulation.charts.charts import Chart
from simulation.charts.style import BLUE, INK, ORANGE, PALE_GREY, year_axis
from simulation.forecast.forecast import Forecast
from simulation.forecast.tables import PHASES
from workflow.text import Text

PLAN = Text("Plan bis Ende der Einführung", "plan to the end of introduction")
PHASE_COLOURS = ("#9ecae1", BLUE, PALE_GREY)


def draw_gantt(chart: Chart, forecast: Forecast, language: str) -> Any:
    """One row per project, in the order of their planned start. Phases without an end run to the horizon."""
    frame = forecast[chart.table].sort("preparation_start_plan", "introduction_end_plan")
    horizon: date = forecast["users"]["date"].max()  # type: ignore[assignment]
    names = alt.Axis(labelLimit=320, labelFontSize=11, grid=False)
    y = alt.Y("name:N", sort=frame["name"].to_list(), title=None, axis=names)
    words = [title.get(language) for title in PHASES.values()]
    plan = PLAN.get(language)
    colours = alt.Scale(domain=[*words, plan], range=[*PHASE_COLOURS, ORANGE])
    colour = alt.Color("phase:N", scale=colours, title=None)
    simulated = (
        alt.Chart(_phase_bars(frame, horizon, language)).mark_bar(size=9, yOffset=-2)
        .encode(x=alt.X("start:T"), x2=alt.X2("end:T"), y=y, color=colour)
    )  # fmt: skip
    planned = (
        alt.Chart(frame.with_columns(phase=pl.lit(plan))).mark_bar(size=3, yOffset=6)
        .encode(x=alt.X("preparation_start_plan:T", axis=year_axis(language)),
                x2=alt.X2("introduction_end_plan:T"), y=y, color=colour)
    )  # fmt: skip
    ends = frame.with_columns(pl.col("introduction_end_p10", "introduction_end_p90").fill_null(horizon))
    whisker = alt.Chart(ends).mark_rule(color=INK, strokeWidth=1.4, yOffset=-2)
    whisker = whisker.encode(x=alt.X("introduction_end_p10:T"), x2=alt.X2("introduction_end_p90:T"), y=y)
    layers = [simulated, planned, whisker, *_deadline(forecast)]
    return alt.layer(*layers).properties(width=690, height=alt.Step(19))


def _phase_bars(frame: pl.DataFrame, horizon: date, language: str) -> pl.DataFrame:
    """One row per project and phase that begins within the horizon."""
    return pl.concat([
        frame.select("name", pl.lit(title.get(language)).alias("phase"), pl.col(f"{phase}_start_p50").alias("start"),
                     pl.col(f"{phase}_end_p50").fill_null(horizon).alias("end"))
        for phase, title in PHASES.items()
    ]).filter(pl.col("start").is_not_null())  # fmt: skip


def _deadline(forecast: Forecast) -> list[Any]:
    days = [d["date"] for d in forecast.summary["deadlines"] if d.get("measure") == "authorities_live"]
    if not days:
        return []
    due = alt.Chart(pl.DataFrame({"date": [date.fromisoformat(max(days))]}))
    return [due.mark_rule(color=ORANGE, strokeDash=[5, 4]).encode(x=alt.X("date:T"))]
