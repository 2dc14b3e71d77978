"""The summary of a forecast in the terminal: plan against forecast, deadlines, late projects, scan centres."""

from typing import Any

import polars as pl
from rich.console import Group
from rich.table import Table
from rich.text import Text

from simulation.forecast.forecast import Forecast
from simulation.report.charts import PRODUCTS, words


def summary_table(forecast: Forecast, language: str) -> Group:
    """Render the summary; fits 80 columns."""
    say = words(language)

    def number(value: float | None) -> str:
        if value is None:
            return "–"
        text = f"{value:,.0f}"
        return text.replace(",", ".") if language == "de" else text

    def day(value: Any) -> str:
        return say(f"{value:%d.%m.%Y}", f"{value:%Y-%m-%d}") if value else say("später", "later")

    parts: list[Any] = [Text(forecast.summary["title"][language], style="bold")]
    parts += [_users(forecast, say, number), _deadlines(forecast, say, number)]
    parts.append(_projects(forecast, say, number, day))
    if forecast.scan_centres.height:
        parts.append(_centres(forecast, say, number))
    if forecast.summary["notice"]:
        parts.append(Text("\n" + forecast.summary["notice"][language], style="italic"))
    return Group(*parts)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for n, column in enumerate(columns):
        table.add_column(column, justify="right" if n else "left", no_wrap=bool(n))
    return table


def _users(forecast: Forecast, say: Any, number: Any) -> Table:
    table = _table(
        "\n" + say("Nutzerinnen und Nutzer am Jahresende", "Users at the end of the year"),
        say("Produkt", "product"), say("Jahr", "year"), say("Plan", "plan"), say("Prognose", "forecast"),
        say("80 % der Rechnungen", "80 % of runs"), say("Abstand", "gap"),
    )  # fmt: skip
    as_of = forecast.summary["as_of"]
    ends = forecast.users.filter((pl.col("date").dt.month() == 12) & (pl.col("date").dt.year() >= 2020))
    for row in ends.iter_rows(named=True):
        known = row["date"].isoformat() <= as_of
        table.add_row(
            PRODUCTS[row["product"]], str(row["date"].year), number(row["plan"]), number(row["p50"]),
            say("bekannt", "known") if known else f"{number(row['p10'])} – {number(row['p90'])}",
            "–" if row["plan"] is None else number(row["p50"] - row["plan"]),
        )  # fmt: skip
    return table


def _deadlines(forecast: Forecast, say: Any, number: Any) -> Table:
    table = _table("\n" + say("Fristen", "Deadlines"), "", say("Ziel", "target"), say("erwartet", "expected"),
                   say("gehalten mit", "holds with"))  # fmt: skip
    for d in forecast.summary["deadlines"]:
        table.add_row(say(d["title_de"], d["title_en"]), number(d["target"]), number(d["expected"]),
                      f"{100 * d['probability']:.0f} %")  # fmt: skip
    return table


def _projects(forecast: Forecast, say: Any, number: Any, day: Any) -> Table:
    title = say("Späteste Projekte (Ende der Einführung)", "Latest projects (end of introduction)")
    late = say("Verzug in Tagen", "delay in days")
    table = _table("\n" + title, "", say("Plan", "plan"), say("Prognose", "forecast"), late)
    for p in forecast.projects.sort("delay_p50_days", "users", descending=True).head(5).iter_rows(named=True):
        table.add_row(p["name"], day(p["introduction_end_plan"]), day(p["introduction_end_p50"]),
                      number(p["delay_p50_days"]))  # fmt: skip
    return table


def _centres(forecast: Forecast, say: Any, number: Any) -> Table:
    table = _table("\n" + say("Scanstellen", "Scan centres"), "", say("Jahr", "year"), say("Sendungen", "items"),
                   say("95 % binnen*", "95 % within*"), say("im Zielwert", "within target"))  # fmt: skip
    names = {c: v["name"][say("de", "en")] for c, v in forecast.summary["centres"].items()}
    rows = (
        forecast.scan_centres.filter(pl.col("items_in") > 0)
        .with_columns(year=pl.col("month").str.head(4))
        .group_by("centre", "year", maintain_order=True)
        .agg(
            pl.col("items_in").sum(),
            pl.col("turnaround_p95_hours").max(),
            ((pl.col("within_target") * pl.col("items_out")).sum() / pl.col("items_out").sum()).alias("within"),
        )
    )
    for row in rows.filter(pl.col("year") >= "2022").iter_rows(named=True):
        hours = f"{row['turnaround_p95_hours']:.1f} h"
        table.add_row(names[row["centre"]], row["year"], number(row["items_in"]),
                      say(hours.replace(".", ","), hours), f"{100 * row['within']:.0f} %")  # fmt: skip
    table.caption = say("* Servicestunden im schlechtesten Monat", "* working hours in the worst month")
    table.caption_justify = "left"
    return table
