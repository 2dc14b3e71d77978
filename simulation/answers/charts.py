"""Charts of answers, as SVG: differences with intervals, frontiers, tornados and steps, each with unit and scale."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import altair as alt
import polars as pl
import vl_convert

from simulation.charts.charts import LOCALES
from simulation.charts.source_line import add_source, write_source
from simulation.charts.style import BLUE, GREEN, GREY, INK, LIGHT_BLUE, ORANGE, style
from simulation.questions.answer import Answer, AnswerChart, ChartKind

WIDTH = 520


def render_svgs(answer: Answer, language: str) -> dict[str, str]:
    locale: Any = LOCALES[language]
    return {
        chart.name: add_source(
            vl_convert.vegalite_to_svg(
                style(DRAW[chart.kind](chart, answer[chart.table], language)).to_dict(), format_locale=locale,
                time_format_locale=locale,
            ),
            _write_source(answer, chart, language),
        )
        for chart in answer.charts
    }  # fmt: skip


def _write_source(answer: Answer, chart: AnswerChart, language: str) -> str:
    """Of the scenarios asked about, with the runs of the table where it tells them."""
    asked, frame = answer.summary["scenarios"], answer[chart.table]
    runs = frame["runs"].max() if "runs" in frame.columns else answer.summary.get("replications")
    names = list(dict.fromkeys(one["scenario"] for one in asked))
    changed = any(one["changes"] for one in asked)
    return write_source(names, asked[0]["as_of"], cast("int | None", runs), language, changed=changed)


def _axis(chart: AnswerChart) -> alt.Axis:
    return alt.Axis(format=".0%" if chart.about.get("share") else ",.4~g")


def draw_differences(chart: AnswerChart, frame: pl.DataFrame, language: str) -> Any:
    """A dot and its interval for each scenario, against a line at 0."""
    rows = frame.filter(pl.col("outcome") == chart.about["outcome"])
    base = alt.Chart(rows).encode(y=alt.Y("scenario:N", sort=None, title=None, axis=alt.Axis(labelLimit=320)))
    x = alt.X("low:Q", title=chart.unit.get(language), axis=_axis(chart))
    zero = alt.Chart(rows).mark_rule(color=GREY, strokeDash=[4, 3]).encode(x=alt.datum(0))
    interval = base.mark_rule(strokeWidth=3, color=LIGHT_BLUE).encode(x=x, x2="high:Q")
    dot = base.mark_point(filled=True, size=90, color=BLUE).encode(x="difference:Q")
    return alt.layer(zero, interval, dot).properties(width=WIDTH, height=max(60, 28 * rows.height))


def draw_frontier(chart: AnswerChart, frame: pl.DataFrame, language: str) -> Any:
    """Probability against cost: what was tried, and the frontier of what no other mix beats."""
    y = alt.Y(
        "probability:Q", title=chart.unit.get(language), scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%")
    )
    x = alt.X("cost:Q", title=chart.about[f"cost_{language}"], axis=alt.Axis(format=",.4~g"))
    tried = alt.Chart(frame).mark_point(filled=True, size=40, color=GREY, opacity=0.6).encode(x=x, y=y)
    best = alt.Chart(frame.filter(pl.col("frontier") == "yes").sort("cost"))
    line = best.mark_line(color=BLUE, interpolate="step-after", point=alt.OverlayMarkDef(color=BLUE, size=60)).encode(
        x=x, y=y
    )
    interval = best.mark_rule(color=LIGHT_BLUE, strokeWidth=3).encode(x=x, y="low:Q", y2="high:Q")
    wanted = alt.Chart(frame).mark_rule(color=ORANGE, strokeDash=[6, 3]).encode(y=alt.datum(chart.about["wanted"]))
    return alt.layer(wanted, interval, tried, line).properties(width=WIDTH, height=280)


def draw_tornado(chart: AnswerChart, frame: pl.DataFrame, language: str) -> Any:
    """From the low to the high end of its range: how far each figure moves the outcome."""
    rows = frame.filter(pl.col("low_outcome").is_not_null()).head(int(chart.about["most"]))
    name = f"title_{language}"
    y = alt.Y(f"{name}:N", sort=None, title=None, axis=alt.Axis(labelLimit=360))
    base, middle = alt.Chart(rows), chart.about["middle"]
    labels = {"de": ("bei kleinem Wert", "bei großem Wert"), "en": ("at a low value", "at a high value")}[language]
    scale = alt.Scale(domain=list(labels), range=[ORANGE, BLUE])
    x = alt.X("low_outcome:Q", title=chart.unit.get(language), scale=alt.Scale(zero=False), axis=_axis(chart))
    bars = [
        base.mark_bar(height=14).transform_calculate(key=f"'{label}'", middle=f"{middle}").encode(
            x=x if column == "low_outcome" else alt.X(f"{column}:Q", scale=alt.Scale(zero=False)), x2="middle:Q", y=y,
            color=alt.Color("key:N", title=None, scale=scale),
        )
        for label, column in zip(labels, ("low_outcome", "high_outcome"), strict=True)
    ]  # fmt: skip
    line = base.mark_rule(color=INK).encode(x=alt.datum(middle))
    return alt.layer(*bars, line).properties(width=WIDTH, height=max(80, 24 * rows.height))


def draw_heat(chart: AnswerChart, frame: pl.DataFrame, language: str) -> Any:
    """Interactions of two figures each, as squares."""
    base = alt.Chart(frame).encode(
        x=alt.X(f"one_{language}:N", sort=None, title=None, axis=alt.Axis(labelAngle=-40, labelLimit=220)),
        y=alt.Y(f"other_{language}:N", sort=None, title=None, axis=alt.Axis(labelLimit=320)),
    )
    squares = base.mark_rect().encode(
        color=alt.Color(
            "second_order:Q", title=chart.unit.get(language), scale=alt.Scale(range=["#ffffff", BLUE], domainMin=0)
        )
    )
    return squares.properties(
        width=40 * max(2, frame["one_en"].n_unique()), height=30 * max(2, frame["other_en"].n_unique())
    )


def draw_steps(chart: AnswerChart, frame: pl.DataFrame, language: str) -> Any:
    """Staff and scanners per year."""
    columns: Mapping[str, str] = chart.about[f"columns_{language}"]
    long = pl.concat([
        frame.select(pl.col("year").cast(pl.String), pl.lit(label).alias("key"), pl.col(column).alias("value"))
        for column, label in columns.items()
    ]).drop_nulls()  # fmt: skip
    scale = alt.Scale(domain=list(columns.values()), range=[BLUE, ORANGE, GREEN])
    return (
        alt.Chart(long)
        .mark_bar()
        .encode(
            x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0)),
            xOffset=alt.XOffset("key:N", sort=list(columns.values())),
            y=alt.Y("value:Q", title=chart.unit.get(language), axis=alt.Axis(format=",.0f", tickMinStep=1)),
            color=alt.Color("key:N", title=None, scale=scale),
        )
        .properties(width=WIDTH, height=240)
    )


def draw_courses(chart: AnswerChart, frame: pl.DataFrame, language: str) -> Any:
    """One panel for each scenario: alone and together over time, each named where its line ends."""
    labels = {"de": ("allein", "zusammen"), "en": ("alone", "together")}[language]
    time, ends = chart.about["time"], chart.about["ends"]
    chosen = frame.filter(*(pl.col(name) == value for name, value in chart.about["where"].items()))
    day = pl.col(time) if frame.schema[time] == pl.Date else pl.col(time).str.to_date("%Y-%m")
    long = pl.concat([
        chosen.select("scenario", day.alias("day"), pl.lit(label).alias("key"), pl.col(f"{way}{ends}").alias("value"))
        for way, label in zip(("alone", "together"), labels, strict=True)
    ])  # fmt: skip
    last = long.filter(pl.col("day") == pl.col("day").max())
    scale = alt.Scale(domain=list(labels), range=[ORANGE, BLUE])
    key = alt.Color("key:N", title=None, scale=scale, legend=None)
    x = alt.X("day:T", title=None, axis=alt.Axis(format="%Y", tickCount="year"))
    y = alt.Y("value:Q", title=chart.unit.get(language), axis=alt.Axis(format=",.4~g", tickCount=4))
    panels = []
    for name in chosen["scenario"].unique(maintain_order=True):
        line = alt.Chart(long.filter(pl.col("scenario") == name)).mark_line().encode(x=x, y=y, color=key)
        ended = alt.Chart(last.filter(pl.col("scenario") == name)).encode(x=x, y=y, color=key, text="key:N")
        texts = [
            ended.transform_filter(alt.datum.key == label).mark_text(align="left", dx=5, dy=dy)
            for label, dy in zip(labels, (9, -7), strict=True)
        ]
        panels.append(alt.layer(line, *texts).properties(width=WIDTH, height=120, title=name))
    return alt.vconcat(*panels)


DRAW: Mapping[ChartKind, Callable[[AnswerChart, pl.DataFrame, str], Any]] = {
    "differences": draw_differences, "frontier": draw_frontier, "tornado": draw_tornado, "heat": draw_heat,
    "steps": draw_steps, "courses": draw_courses,
}  # fmt: skip
