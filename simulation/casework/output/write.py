"""Write a casework simulation into a folder: tables as CSV and Parquet, `summary.json`,
`report.html`, and what it says of demand as a rollout scenario.
"""

from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from simulation.casework.casework import WRITTEN, Casework
from simulation.casework.output import words
from simulation.casework.output.demand import write_demand
from simulation.casework.output.words import Measure
from simulation.charts.charts import LOCALES
from simulation.mining.flow import shorten
from simulation.mining.picture import draw_flow
from simulation.report import html
from simulation.report.files import TakenPlace, check_writable, replace_files, write_json, write_table
from workflow.text import Text

MOST_PEOPLE = 20
MOST_VARIANTS = 12
STEPS = words.STATION_NAMES | words.SLIP_STEPS
SECTIONS = {
    "known_work": Text("Bekannte Arbeit", "Known work"),
    "staff": Text("Personal", "Staff"),
    "work": Text("Eingang", "Incoming work"),
    "handling": Text("Bearbeitung", "Handling"),
    "paper": Text("Papier", "Paper"),
    "scan": Text("Scanstelle", "Scan centre"),
}


def check_place(folder: Path) -> None:
    """Refuse a place that cannot be written, or holds tables of something else; raises `OSError`."""
    check_writable(folder)
    summary = folder / "summary.json"
    others = [name for name in (*WRITTEN, "users") if (folder / f"{name}.csv").exists()]
    if others and not (summary.is_file() and '"kind": "casework"' in summary.read_text(encoding="utf-8")):
        raise TakenPlace(
            f"{folder} enthält {others[0]}.csv, das keine Sachbearbeitung ist; ein anderer Ordner ist zu wählen",
            f"{folder} holds {others[0]}.csv, which is no casework; choose another folder",
        )


def write_casework(result: Casework, folder: Path, language: str = "de") -> None:
    """Write all files, or none; raises `OSError`."""
    check_place(folder)
    with replace_files(folder) as new:
        for name in WRITTEN:
            write_table(result[name], new / name)
        write_json(result.summary, new / "summary.json")
        hashed = sha256((new / "summary.json").read_bytes()).hexdigest()
        (new / "demand.yaml").write_text(write_demand(result, hashed), encoding="utf-8")
        (new / "report.html").write_text(render_page(result, language), encoding="utf-8")


def render_page(result: Casework, language: str) -> str:
    places = [Path(__file__).parent / "templates", Path(html.__file__).parent / "templates"]
    environment = Environment(
        loader=FileSystemLoader(places),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "t": html.show_both, "n": html.show_number, "pct": html.show_share, "day": html.show_day,
        "plain": html.show_as_given, "show": _show, "basis": html.show_basis,
        "gained": lambda row: html.show_both(*words.say_gain(row, result.summary["replications"])),
        "named": partial(_show_name, words.name_units(result.scenario) | words.name_kinds(result.scenario)
                         | words.STATION_NAMES),
    }  # fmt: skip
    return environment.get_template("casework.html.j2").render(
        language=language, summary=result.summary, words=words,
        months=_rows(result["units"].filter(pl.col("unit") == "-")),
        units=_rows(result["units"].filter((pl.col("month") == "-") & (pl.col("unit") != "-"))),
        kinds=_rows(result["kinds"]), paper=_rows(result["paper"]), relief=_rows(result["relief"]),
        scan=_rows(result["scan"]),
        stations=_rows(result["stations"].filter(pl.col("unit") == "-")),
        slow=_rows(result["stations"].filter(pl.col("unit") != "-").sort("waiting_mean", descending=True).head(10)),
        hours=_rows(result["hours"].filter(pl.col("commands") > 0)), busiest=result["hours"]["commands"].max(),
        people=_rows(result["people"].sort("held_up_hours", descending=True).head(MOST_PEOPLE)),
        flow=_draw_flow(result), variants=_rows(result["variants"].head(MOST_VARIANTS)), steps=_show_steps,
        all_variants=result["variants"].height,
        assumptions=_group(result.summary["assumptions"]),
    )  # fmt: skip


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return frame.to_dicts()


def _show(measure: Measure, row: dict[str, Any]) -> Markup:
    return html.show_both(*(measure.show(row[measure.name], language) for language in LOCALES))


def _draw_flow(result: Casework) -> Markup:
    drawn = ((language, Markup(draw_flow(result.flow, STEPS, language))) for language in LOCALES)  # noqa: S704 - SVG of our own
    return Markup("").join(Markup('<div lang="{}">{}</div>').format(language, svg) for language, svg in drawn)


def _show_steps(order: str) -> Markup:
    """The steps of a variant, several alike in a row as one with their number."""
    shown = (_show_name(STEPS, step) + (f" ×{times}" if times > 1 else "") for step, times in shorten(order.split(" ")))
    return Markup(" → ").join(shown)


def _show_name(names: dict[str, Text], key: str) -> Markup:
    found = names.get(key, Text(key, key))
    return html.show_both(found.de, found.en)


def _group(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in listed:
        found.setdefault(entry["name"].partition(".")[0], []).append(entry)
    return [{"title": SECTIONS.get(key, Text(key, key)), "entries": entries} for key, entries in found.items()]
