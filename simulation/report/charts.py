"""The charts of a forecast, each one Altair specification: for the report, as SVG, and for notebooks.

Colours are the palette of Okabe and Ito, which colour-blind readers tell apart; lines differ in dash as well, so that
a print in grey stays legible.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import altair as alt
import polars as pl

from simulation.forecast.forecast import Forecast

BLUE, ORANGE, GREEN, GREY, INK = "#0072B2", "#D55E00", "#009E73", "#8a8f98", "#1b2733"
PRODUCTS = {"e_akte": "E-Akte", "e_laufmappe": "E-Laufmappe"}
Words = Callable[[str, str], str]


def words(language: str) -> Words:
    """Choose between German and English."""
    return lambda de, en: de if language == "de" else en


def all_charts(forecast: Forecast, language: str) -> dict[str, alt.TopLevelMixin]:
    """Every chart by the name of its file."""
    say = words(language)
    charts = {
        "users": users(forecast, say),
        "deadlines": deadlines(forecast, say),
        "projects": projects(forecast, say),
        "departments": departments(forecast, say),
    }
    if forecast.scan_centres.height:
        charts["scan_load"] = scan_load(forecast, say)
        charts["scan_turnaround"] = scan_turnaround(forecast, say)
        charts["scan_utilisation"] = scan_utilisation(forecast, say)
    return {name: _styled(chart) for name, chart in charts.items()}


def _styled(chart: Any) -> alt.TopLevelMixin:
    font = "Liberation Sans, Arial, Helvetica, DejaVu Sans, sans-serif"
    styled: alt.TopLevelMixin = (
        chart.configure(font=font, background="white")
        .configure_axis(
            labelFontSize=12, titleFontSize=12, titleFontWeight="normal", labelColor=INK, gridColor="#e6e8eb"
        )
        .configure_header(labelFontSize=13, titleFontSize=13, labelFontWeight="bold", labelColor=INK)
        .configure_legend(labelFontSize=12, titleFontSize=12, orient="bottom", symbolStrokeWidth=3, labelLimit=400)
        .configure_view(stroke=None)
    )
    return styled


def _years(title: str | None = None) -> alt.Axis:
    return alt.Axis(format="%Y", tickCount={"interval": "year", "step": 1}, title=title, grid=True)


def users(forecast: Forecast, say: Words) -> Any:
    """Users of both products: bands and median of the forecast, the plan's points, and what was known."""
    frame = forecast.users.filter(pl.col("date") >= date(2019, 12, 31)).with_columns(
        pl.col("product").replace_strict(PRODUCTS).alias("name")
    )
    as_of = date.fromisoformat(forecast.summary["as_of"])
    top = float(max(frame["p95"].max(), frame["plan"].max() or 0)) * 1.08  # type: ignore[arg-type, type-var]
    panels = [_fan(frame.filter(pl.col("name") == name), name, as_of, top, say) for name in PRODUCTS.values()]
    return alt.hconcat(*panels, spacing=28).resolve_scale(y="shared", color="shared")


def _fan(frame: pl.DataFrame, name: str, as_of: date, top: float, say: Words) -> Any:
    wide, narrow, middle, plan = (
        say("90 % der Rechnungen", "90 % of runs"),
        say("80 % der Rechnungen", "80 % of runs"),
        say("Prognose (Median)", "forecast (median)"),
        say("Plan des Berichts", "plan of the report"),
    )
    colour = alt.Color(
        "key:N", title=None,
        scale=alt.Scale(domain=[middle, narrow, wide, plan], range=[BLUE, "#7fb3d5", "#cfe2ef", ORANGE]),
    )  # fmt: skip
    x = alt.X("date:T", axis=_years(), title=None)
    y = alt.Y("value:Q", title=say("Nutzerinnen und Nutzer", "users"), axis=alt.Axis(format=",.0f"),
              scale=alt.Scale(domain=[0, top]))  # fmt: skip
    later = alt.Chart(frame.filter(pl.col("date") >= as_of))
    bands = [
        later.mark_area(opacity=0.95)
        .transform_calculate(key=f"'{key}'")
        .encode(x=x, y=alt.Y(f"{low}:Q", title=say("Nutzerinnen und Nutzer", "users")), y2=f"{high}:Q", color=colour)
        for key, low, high in ((wide, "p05", "p95"), (narrow, "p10", "p90"))
    ]
    line = (
        alt.Chart(frame).mark_line(strokeWidth=2.5).transform_calculate(key=f"'{middle}'", value="datum.p50")
        .encode(x=x, y=y, color=colour, tooltip=["date:T", alt.Tooltip("p50:Q", format=",.0f")])
    )  # fmt: skip
    points = frame.filter(pl.col("plan").is_not_null()).with_columns(pl.col("plan").cast(pl.Float64).alias("value"))
    dots = (
        alt.Chart(points).mark_point(filled=True, size=70, shape="diamond").transform_calculate(key=f"'{plan}'")
        .encode(x=x, y=y, color=colour, tooltip=["date:T", alt.Tooltip("plan:Q", format=",.0f")])
    )  # fmt: skip
    labels = (
        alt.Chart(points.filter(pl.col("plan") > 1500))
        .mark_text(align="right", dx=-9, dy=-4, fontSize=11, color=ORANGE)
        .encode(x=x, y=y, text=alt.Text("plan:Q", format=",.0f"))
    )
    known = alt.Chart(pl.DataFrame({"date": [as_of], "text": [say("bekannt bis hier", "known up to here")]}))
    rule = known.mark_rule(strokeDash=[4, 3], color=GREY).encode(x="date:T")
    note = known.mark_text(align="left", dx=4, fontSize=11, color="#5b626c", baseline="top").encode(
        x="date:T", y=alt.value(2), text="text:N"
    )
    return alt.layer(*bands, line, dots, labels, rule, note).properties(width=430, height=300, title=name)


def deadlines(forecast: Forecast, say: Words) -> Any:
    """Probability that each deadline holds, with its 95 % interval."""
    title = say("title_de", "title_en")
    rows = [
        {**{k: d[k] for k in ("probability", "low", "high")}, "title": _wrapped(d[title]), "order": n}
        for n, d in enumerate(forecast.summary["deadlines"])
    ]
    base = alt.Chart(pl.DataFrame(rows)).encode(
        y=alt.Y(
            "title:N",
            sort=alt.SortField("order"),
            title=None,
            axis=alt.Axis(labelLimit=420, labelExpr="split(datum.label, '|')", labelLineHeight=14),
        )
    )
    x = alt.X("low:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", tickCount=5),
              title=say("Wahrscheinlichkeit, dass die Frist gehalten wird (Strich: 95-%-Bereich)",
                        "probability that the deadline holds (line: 95 % interval)"))  # fmt: skip
    interval = base.mark_rule(strokeWidth=3, color="#7fb3d5").encode(x=x, x2="high:Q")
    dot = base.mark_point(filled=True, size=110, color=BLUE).encode(x="probability:Q")
    text = base.mark_text(align="left", dx=12, fontSize=12, color=INK).encode(
        x="high:Q", text=alt.Text("probability:Q", format=".0%")
    )
    return alt.layer(interval, dot, text).properties(width=500, height=42 * max(len(rows), 1))


def _wrapped(text: str, width: int = 48) -> str:
    """Break a label into lines marked by | for the axis."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "|".join(lines)


def projects(forecast: Forecast, say: Words) -> Any:
    """Gantt chart: the plan as a thin bar, the median forecast in phases, the 80 % range of the end."""
    phases = {
        "preparation": say("Vorbereitung", "preparation"),
        "introduction": say("Einführung", "introduction"),
        "operation": say("Betrieb (Nachbetreuung)", "operation (after-care)"),
    }
    frame = forecast.projects.sort("preparation_start_plan", "introduction_end_plan")
    order = frame["name"].to_list()
    end = forecast.users["date"].max()
    bars = pl.concat([
        frame.select("name", pl.lit(word).alias("phase"), pl.col(f"{phase}_start_p50").alias("start"),
                     pl.col(f"{phase}_end_p50").fill_null(end).alias("end"))
        for phase, word in phases.items()
    ]).filter(pl.col("start").is_not_null())  # fmt: skip
    y = alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labelLimit=320, labelFontSize=11, grid=False))
    plan_word = say("Plan bis Ende der Einführung", "plan to the end of introduction")
    colours = alt.Scale(domain=[*phases.values(), plan_word], range=["#9ecae1", BLUE, "#cfd4da", ORANGE])
    planned = (
        alt.Chart(frame.with_columns(pl.lit(plan_word).alias("phase"))).mark_bar(size=3, yOffset=6)
        .encode(x=alt.X("preparation_start_plan:T", axis=_years(), title=None), x2="introduction_end_plan:T", y=y,
                color=alt.Color("phase:N", scale=colours, title=None))
    )  # fmt: skip
    simulated = alt.Chart(bars).mark_bar(size=9, yOffset=-2).encode(
        x=alt.X("start:T", title=None), x2="end:T", y=y, color=alt.Color("phase:N", scale=colours, title=None),
    )  # fmt: skip
    ends = frame.with_columns(
        pl.col("introduction_end_p90").fill_null(end), pl.col("introduction_end_p10").fill_null(end)
    )
    whisker = (
        alt.Chart(ends)
        .mark_rule(color=INK, strokeWidth=1.4, yOffset=-2)
        .encode(x="introduction_end_p10:T", x2="introduction_end_p90:T", y=y)
    )
    layers = [simulated, planned, whisker]
    final = max(
        (d["date"] for d in forecast.summary["deadlines"] if d.get("measure") == "authorities_live"), default=None
    )
    if final:
        due = alt.Chart(pl.DataFrame({"date": [date.fromisoformat(final)]}))
        layers.append(due.mark_rule(color=ORANGE, strokeDash=[5, 4]).encode(x="date:T"))
    return alt.layer(*layers).properties(width=690, height=alt.Step(19))


def departments(forecast: Forecast, say: Words) -> Any:
    """E-Laufmappe users by department: plan dashed, forecast solid."""
    sizes = forecast.departments.group_by("department").agg(pl.col("plan").max()).sort("plan", descending=True)
    plan, middle = say("Plan", "plan"), say("Prognose (Median)", "forecast (median)")
    long = pl.concat([
        forecast.departments.select("date", "department", pl.lit(plan).alias("key"), pl.col("plan").alias("value")),
        forecast.departments.select("date", "department", pl.lit(middle).alias("key"), pl.col("p50").alias("value")),
    ]).filter(pl.col("date") >= date(2020, 12, 31))  # fmt: skip
    return (
        alt.Chart(long).mark_line(strokeWidth=2)
        .encode(
            x=alt.X("date:T", axis=alt.Axis(format="%y", tickCount=5, title=None)),
            y=alt.Y("value:Q", title=None, axis=alt.Axis(format=",.0f", tickCount=4)),
            color=alt.Color("key:N", title=None, scale=alt.Scale(domain=[middle, plan], range=[BLUE, ORANGE])),
            strokeDash=alt.StrokeDash("key:N", title=None,
                                      scale=alt.Scale(domain=[middle, plan], range=[[1, 0], [5, 3]])),
        )
        .properties(width=190, height=110)
        .facet(facet=alt.Facet("department:N", title=None, sort=sizes["department"].to_list()), columns=4)
        .resolve_scale(y="independent")
    )  # fmt: skip


def _monthly(forecast: Forecast, say: Words) -> pl.DataFrame:
    """Scan-centre rows with a date and the centre's name, without months before its first item."""
    names = {c: v["name"][say("de", "en")] for c, v in forecast.summary["centres"].items()}
    return forecast.scan_centres.filter(pl.col("items_in") > 0).with_columns(
        pl.col("month").str.to_date("%Y-%m").alias("date"), pl.col("centre").replace_strict(names).alias("name")
    )


def _facet_by_centre(chart: Any, forecast: Forecast, say: Words) -> Any:
    names = [v["name"][say("de", "en")] for v in forecast.summary["centres"].values()]
    header = alt.Header(labelLimit=290)
    return chart.properties(width=270, height=170).facet(
        facet=alt.Facet("name:N", title=None, sort=names, header=header), columns=3, spacing=24
    )


def _lines(frame: pl.DataFrame, series: dict[str, str], title: str, form: str) -> tuple[Any, Any]:
    """The base chart and its lines: columns of monthly rows as named series."""
    long = pl.concat([
        frame.select("date", "name", pl.lit(word).alias("key"), pl.col(column).alias("value"))
        for column, word in series.items()
    ])  # fmt: skip
    order = list(series.values())
    colour = alt.Color("key:N", title=None, scale=alt.Scale(domain=order, range=[BLUE, ORANGE, GREEN][: len(order)]))
    dashes = alt.Scale(domain=order, range=[[1, 0], [6, 3], [2, 2]][: len(order)])
    base = alt.Chart(long)
    lines = base.mark_line(strokeWidth=2).encode(
        x=alt.X("date:T", axis=alt.Axis(format="%Y", tickCount={"interval": "year", "step": 1}, labelOverlap=True),
                title=None),
        y=alt.Y("value:Q", title=title, axis=alt.Axis(format=form)),
        color=colour, strokeDash=alt.StrokeDash("key:N", title=None, scale=dashes),
    )  # fmt: skip
    return base, lines


def scan_load(forecast: Forecast, say: Words) -> Any:
    """Items per month and backlog at month end, per centre."""
    series = {
        "items_in": say("Eingang je Monat", "items in per month"),
        "items_out": say("freigegeben je Monat", "released per month"),
        "backlog_end": say("Rückstand am Monatsende", "backlog at the month's end"),
    }
    _, lines = _lines(_monthly(forecast, say), series, say("Sendungen", "items"), ",.0f")
    return _facet_by_centre(alt.layer(lines), forecast, say).resolve_scale(y="independent", x="independent")


def scan_turnaround(forecast: Forecast, say: Words) -> Any:
    """Turnaround in working hours against the target, per centre."""
    target = say("Zielwert (Annahme)", "target (assumed)")
    targets = {v["name"][say("de", "en")]: v["target_hours"] for v in forecast.summary["centres"].values()}
    frame = _monthly(forecast, say).with_columns(
        pl.col("name").replace_strict(targets, return_dtype=pl.Float64).alias("target")
    )
    series = {
        "turnaround_p50_hours": say("Hälfte der Sendungen bis", "half of the items within"),
        "turnaround_p95_hours": say("95 % der Sendungen bis", "95 % of the items within"),
        "target": target,
    }
    _, lines = _lines(frame, series, say("Servicestunden", "working hours"), ",.1f")
    return _facet_by_centre(alt.layer(lines), forecast, say).resolve_scale(y="independent", x="independent")


def scan_utilisation(forecast: Forecast, say: Words) -> Any:
    """Utilisation of the three stations per centre, with the mark of 85 %."""
    series = {
        "utilisation_prepare": say("Vorbereitung", "preparation"),
        "utilisation_scan": say("Scannen", "scanning"),
        "utilisation_check": say("Prüfung", "checking"),
    }
    base, lines = _lines(_monthly(forecast, say), series, say("Auslastung", "utilisation"), ".0%")
    mark = base.mark_rule(color=GREY, strokeDash=[4, 3]).encode(y=alt.datum(0.85))
    return _facet_by_centre(alt.layer(lines, mark), forecast, say).resolve_scale(x="independent")
