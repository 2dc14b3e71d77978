"""The report of a forecast: one HTML file that needs no network, in German and English, and prints well."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from simulation.forecast.forecast import Forecast
from simulation.report.charts import all_charts

LOCALES = {"de": "de-DE", "en": "en-GB"}
SECTIONS = {
    "plan": ("Plan des Berichts", "Plan of the report"),
    "early_users": ("Pilotnutzer", "Pilot users"),
    "checkpoints": ("Bekannte Nutzerzahlen", "Known user counts"),
    "rollout": ("Ressourcen des Rollouts", "Resources of the rollout"),
    "risks": ("Risiken", "Risks"),
    "adoption": ("Gewöhnung nach dem Start", "Adoption after go-live"),
    "work": ("Arbeit mit den Produkten", "Work with the products"),
    "mail": ("Posteingang", "Incoming mail"),
    "scan": ("Scannen", "Scanning"),
    "deadlines": ("Fristen", "Deadlines"),
    "authorities": ("Liste der Behörden (Zellen je Grundlage)", "List of authorities (cells by basis)"),
    "as_of": ("Stichtag", "Reference date"),
}


def number(value: float | None, digits: int = 0) -> Markup:
    """A number in German and English; a dash where there is none."""
    if value is None:
        return Markup("–")
    text = f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}")
    return both(text.translate(str.maketrans(",.", ".,")), text)


def plain(value: Any) -> Markup:
    """A figure as the scenario says it, with a decimal comma in German."""
    return both(str(value).replace(".", ","), value) if isinstance(value, float) else escape(value)


def share(value: float | None, digits: int = 0) -> Markup:
    """A share as a percentage."""
    return Markup("–") if value is None else number(100 * value, digits) + Markup("&#8239;%")


def day(value: date | str | None) -> Markup:
    """A date in German and English; what lies beyond the horizon is said in words."""
    if value is None:
        return both("nach dem Zeitraum", "beyond the horizon")
    when = date.fromisoformat(value) if isinstance(value, str) else value
    return both(f"{when:%d.%m.%Y}", f"{when.day} {when:%B %Y}")


def both(de: Any, en: Any) -> Markup:
    """Text in both languages; the page shows the chosen one."""
    if str(de) == str(en):
        return escape(de)
    return Markup('<span lang="de">{}</span><span lang="en">{}</span>').format(de, en)


def write(forecast: Forecast, folder: Path, language: str = "de") -> None:
    """Write `report.html` and `charts/*.svg` (in `language`) into an existing folder."""
    drawn = {name: draw(forecast, name) for name in LOCALES}
    (folder / "charts").mkdir()
    for name, svg in drawn[language].items():
        (folder / "charts" / f"{name}.svg").write_text(svg, encoding="utf-8")
    (folder / "report.html").write_text(page(forecast, drawn, language), encoding="utf-8")


def draw(forecast: Forecast, language: str) -> dict[str, str]:
    """Every chart as SVG."""
    locale: Any = LOCALES[language]
    specs = {name: chart.to_dict() for name, chart in all_charts(forecast, language).items()}

    def svg(spec: dict[str, Any]) -> str:
        return vl_convert.vegalite_to_svg(spec, format_locale=locale, time_format_locale=locale)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(specs, pool.map(svg, specs.values()), strict=True))


def page(forecast: Forecast, drawn: dict[str, dict[str, str]], language: str) -> str:
    """Render the page. `drawn`: charts as SVG by language and name."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.globals |= {"t": both, "n": number, "pct": share, "day": day, "plain": plain}
    charts = {name: both(*[_inline(drawn[x][name], f"{name}-{x}") for x in LOCALES]) for name in drawn["de"]}
    return environment.get_template("report.html.j2").render(
        language=language,
        charts=charts,
        summary=forecast.summary,
        years=_years(forecast),
        late=_late(forecast),
        authorities_late=_authorities_late(forecast),
        centres=_centres(forecast),
        work=_work(forecast),
        projects=forecast.projects.sort("introduction_end_plan").to_dicts(),
        assumptions=_assumptions(forecast.summary["assumptions"]),
        counts={
            b: sum(a["basis"] == b for a in forecast.summary["assumptions"]) for b in ("report", "public", "assumed")
        },
    )


def _inline(svg: str, prefix: str) -> Markup:
    """An SVG for the page: its ids made unique, scaled to the column, hidden from screen readers (a table says it)."""
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", svg)
    svg = svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return Markup(svg)  # noqa: S704  # drawn by our own library from escaped text


def _years(forecast: Forecast) -> list[dict[str, Any]]:
    """Year ends of both products, newest product columns side by side."""
    ends = forecast.users.filter((pl.col("date").dt.month() == 12) & (pl.col("date").dt.year() >= 2018))
    rows = []
    for when in ends["date"].unique().sort():
        of = {r["product"]: r for r in ends.filter(pl.col("date") == when).to_dicts()}
        rows.append({"year": when.year, "known": when.isoformat() <= forecast.summary["as_of"], **of})
    return rows


def _late(forecast: Forecast) -> list[dict[str, Any]]:
    return forecast.projects.sort("delay_p50_days", "users", descending=True).head(10).to_dicts()


def _authorities_late(forecast: Forecast) -> int:
    """Authorities whose median go-live is later than planned."""
    frame = forecast.authorities
    return frame.filter(pl.col("go_live_p50").is_null() | (pl.col("go_live_p50") > pl.col("go_live_plan"))).height


def _centres(forecast: Forecast) -> list[dict[str, Any]]:
    """Scan centres per year: sums, the fullest month, and means weighted by items."""
    frame = forecast.scan_centres.filter(pl.col("items_in") > 0).with_columns(year=pl.col("month").str.head(4))
    weighted = [
        ((pl.col(c) * pl.col("items_out")).sum() / pl.col("items_out").sum()).alias(c)
        for c in ("turnaround_p50_hours", "within_target")
    ]
    grouped = frame.group_by("centre", "year", maintain_order=True).agg(
        *[pl.col(c).sum() for c in ("items_in", "items_out", "items_excluded", "pages_out")],
        *[pl.col(c).max() for c in ("backlog_end", "turnaround_p95_hours", "boxes_stored")],
        pl.max_horizontal("utilisation_prepare", "utilisation_scan", "utilisation_check").max().alias("busiest"),
        *weighted,
    )
    return [
        {"id": centre, **about, "rows": grouped.filter(pl.col("centre") == centre).to_dicts()}
        for centre, about in forecast.summary["centres"].items()
    ]


def _work(forecast: Forecast) -> list[dict[str, Any]]:
    frame = forecast.workload.with_columns(year=pl.col("month").str.head(4))
    names = ("records_created", "routing_slips_sent", "training_seats", "storage_gb")
    return frame.group_by("year", maintain_order=True).agg(*[pl.col(c).sum() for c in names]).to_dicts()


def _assumptions(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Assumptions in sections by the first part of their names."""
    sections: dict[str, list[dict[str, Any]]] = {}
    for entry in listed:
        sections.setdefault(entry["name"].split(".")[0], []).append(entry)
    return [{"title": SECTIONS.get(key, (key, key)), "entries": entries} for key, entries in sections.items()]
