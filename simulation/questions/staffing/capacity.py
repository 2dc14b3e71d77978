"""How much staff and how many scanners a scan centre needs in each year, for a share of its items to be in time."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from simulation.forecast.forecast import SEED
from simulation.forecast.frames import build_frame
from simulation.forecast.key_figures import wilson_interval
from simulation.forecast.tables import Column, Table
from simulation.inputs.faults import Unanswerable
from simulation.questions.answer import Answer, AnswerChart, describe_scenario
from simulation.questions.runs import Progress, Setting
from simulation.questions.staffing.scan_year import STATIONS
from simulation.questions.staffing.search import Goal, Search
from simulation.scenario.programme import Scenario
from simulation.scenario.scanning import ScanCentre
from simulation.scenario.units import ITEMS, PEOPLE, PIECES, SHARE
from simulation.workers import open_workers
from workflow.text import Text

REPLICATIONS = 20
FEWER = {
    "prepare": Text("in der Vorbereitung", "preparation"),
    "scan": Text("beim Scannen", "scanning"),
    "check": Text("in der Prüfung", "checking"),
}

CAPACITY = Table(
    "capacity",
    Text("Bedarf je Jahr", "Need per year"),
    (
        Column("year", "integer", Text("Jahr", "year")),
        Column("prepare", "integer", Text("Personen in der Vorbereitung", "people at preparation"), PEOPLE),
        Column("scan", "integer", Text("Scanner", "scanners"), PIECES),
        Column("check", "integer", Text("Personen in der Prüfung", "people at checking"), PEOPLE),
        Column("stated_prepare", "integer", Text("im Szenario zum Jahresende: Vorbereitung",
                                                 "in the scenario at the year's end: preparation"), PEOPLE),
        Column("stated_scan", "integer", Text("im Szenario: Scanner", "in the scenario: scanners"), PIECES),
        Column("stated_check", "integer", Text("im Szenario: Prüfung", "in the scenario: checking"), PEOPLE),
        Column("items_p50", "number", Text("Sendungen im Jahr (Median)", "items (median)"), ITEMS, digits=0),
        Column("share_p10", "number", Text("in der Frist freigegeben: 10-%-Quantil der Durchläufe",
                                           "released in time: 10 % quantile of the runs"), SHARE, digits=4),
        Column("runs_held", "number", Text("Anteil der Durchläufe, die das Ziel halten", "share of runs that hold"),
               SHARE, digits=4),
        Column("low", "number", Text("dessen 95-%-Intervall: von", "its 95 % interval: from"), SHARE, digits=4),
        Column("high", "number", Text("bis", "to"), SHARE, digits=4),
        Column("fewer_prepare", "number", Text("gehalten mit einer Person weniger in der Vorbereitung",
                                               "held with one person fewer at preparation"), SHARE, digits=4),
        Column("fewer_scan", "number", Text("gehalten mit einem Scanner weniger", "held with one scanner fewer"),
               SHARE, digits=4),
        Column("fewer_check", "number", Text("gehalten mit einer Person weniger in der Prüfung",
                                             "held with one person fewer at checking"), SHARE, digits=4),
        Column("least", "text", Text("ob jede kleinere Besetzung als zu klein bekannt ist: yes oder no",
                                     "whether every smaller mix is known not to be enough: yes or no"),
               heading=Text("jede kleinere ist zu klein", "every smaller one is too small")),
        Column("runs", "integer", Text("Durchläufe", "runs")),
        Column("mixes_tried", "integer", Text("geprüfte Besetzungen", "mixes tried")),
    ),
)  # fmt: skip


def size_capacity(
    scenario: Scenario,
    centre: str,
    hours: float,
    share: float,
    *,
    confidence: float = 0.9,
    replications: int = REPLICATIONS,
    years: Sequence[int] | None = None,
    seed: int = SEED,
    workers: int = 1,
    engine: str = "local",
    mode: str = "risk",
    kept: Path | None = None,
    on_progress: Progress | None = None,
) -> Answer:
    """The least staff and scanners in each year after the reference date in which the centre is open.

    Raises `Unanswerable` for an unknown centre, and for a goal or years that cannot be.
    """
    about = next((c for c in scenario.spec.scan.centres if c.id == centre), None)
    if about is None:
        known = ", ".join(c.id for c in scenario.spec.scan.centres)
        unknown = Text(f"unbekannte Scanstelle „{centre}“", f"unknown scan centre `{centre}`")
        raise Unanswerable("--centre", unknown, Text(f"eine von {known}", f"one of {known}"))
    if not (hours > 0 and np.isfinite(hours)):
        wrong = Text(f"{hours:g} Stunden", f"{hours:g} hours")
        raise Unanswerable("--within", wrong, Text("mehr als 0 Stunden", "hours above 0"))
    if not 0 < share < 1:
        wrong = Text(f"{share:g} ist kein Anteil", f"{share:g} is no share")
        raise Unanswerable("--share", wrong, Text("ein Anteil zwischen 0 und 1", "a share between 0 and 1"))
    if not 0 < confidence <= 1:
        wrong = Text(f"{confidence:g} ist keine Sicherheit", f"{confidence:g} is no confidence")
        raise Unanswerable("--confidence", wrong, Text("über 0 und höchstens 1", "above 0, and 1 at most"))
    possible = list_years(scenario, about)
    chosen = [year for year in possible if years is None or year in years]
    if not chosen:
        known = ", ".join(map(str, possible))
        expected = Text(f"eines von {known}", f"one of {known}") if known else Text(
            "ein längerer Zeitraum", "a longer horizon")  # fmt: skip
        none = Text(f"ein solches Jahr hat „{centre}“ nicht", f"`{centre}` has no such year")
        raise Unanswerable("--year", none, expected)
    setting = Setting(seed, mode, kept)
    with open_workers(workers, engine) as pool:
        search = Search(pool, scenario, about, setting, Goal(hours, share, confidence), replications, on_progress)
        rows = [search.find_year(year) for year in chosen]
    return _explain(scenario, about, Goal(hours, share, confidence), rows, search, seed, replications)


def list_years(scenario: Scenario, centre: ScanCentre) -> list[int]:
    spec = scenario.spec
    return list(range(max(centre.opens.value.year, spec.as_of.value.year + 1), spec.horizon.end.year + 1))


def _explain(
    scenario: Scenario, centre: ScanCentre, goal: Goal, rows: list[dict[str, Any]], search: Search, seed: int,
    replications: int,
) -> Answer:  # fmt: skip
    frame = build_frame(CAPACITY, rows)
    percent, sure, hours = f"{100 * goal.share:g} %", f"{100 * goal.confidence:g} %", f"{goal.hours:g}"
    sentences = [_say_year(row, centre, goal) for row in rows]
    sentences.append(Text(
        f"Ziel: {percent} der Sendungen binnen {hours} Servicestunden, in mindestens {sure} von {replications} "
        "Durchläufen.",
        f"Goal: {percent} of the items within {hours} working hours, in at least {sure} of {replications} runs.",
    ))  # fmt: skip
    columns = {"de": ("Vorbereitung", "Scanner", "Prüfung"), "en": ("preparation", "scanners", "checking")}
    chart = AnswerChart(
        "capacity", "capacity", "steps", Text("Bedarf je Jahr", "Need per year"),
        Text(f"{centre.title.de}: die kleinste Besetzung, die das Ziel hält. Quelle: capacity.csv.",
             f"{centre.title.en}: the least staff that holds the goal. Source: capacity.csv."),
        Text("Personen oder Scanner", "people or scanners"),
        {f"columns_{language}": dict(zip(STATIONS, names, strict=True)) for language, names in columns.items()},
    )  # fmt: skip
    how = Text(
        "Jede Sendung wurde einzeln gerechnet, mit der Post der Prognose. Ein Jahr beginnt ohne Rückstand; die "
        "Besetzung ist das ganze Jahr gleich; Freigabe, Schichten und Zustellungen sind die des Szenarios.",
        "Every item was simulated, with the mail of the forecast. A year begins without backlog; its staff is the same "
        "all year; release, shifts and deliveries are those of the scenario.",
    )  # fmt: skip
    summary = {
        "scenarios": [describe_scenario(scenario)], "seed": seed, "version": version("eva"), "centre": centre.id,
        "within_hours": goal.hours, "share": goal.share, "confidence": goal.confidence, "replications": replications,
        "evaluations": search.evaluations, "years": rows,
    }  # fmt: skip
    title = Text(f"Bedarf der {centre.title.de}", f"Need of {centre.title.en}")
    return Answer("capacity", title, tuple(sentences), (CAPACITY,), {"capacity": frame}, (chart,), summary, (how,))


def _say_year(row: dict[str, Any], centre: ScanCentre, goal: Goal) -> Text:
    if row["prepare"] is None:
        return Text(
            f"{row['year']}: auch mit dem Vierfachen der Arbeit an Personal ist das Ziel nicht zu halten, in "
            f"{row['runs']} Durchläufen.",
            f"{row['year']}: even with four times the staff that the work takes the goal is not held, in {row['runs']} "
            "runs.",
        )
    held, proof = say_held(round(row["runs_held"] * row["runs"]), row["runs"], goal.confidence), _say_proof(row, goal)
    return Text(
        f"{row['year']} braucht {centre.title.de} {row['prepare']} Personen in der Vorbereitung, {row['scan']} Scanner "
        f"und {row['check']} Personen in der Prüfung (im Szenario {row['stated_prepare']}, {row['stated_scan']} und "
        f"{row['stated_check']}); {held.de} {proof.de}",
        f"In {row['year']} {centre.title.en} needs {row['prepare']} people at preparation, {row['scan']} scanners and "
        f"{row['check']} people at checking (in the scenario {row['stated_prepare']}, {row['stated_scan']} and "
        f"{row['stated_check']}); {held.en} {proof.en}",
    )


def say_held(held: int, runs: int, wanted: float) -> Text:
    """In how many runs a staff holds the goal, how sure that is, and whether it shows that it does so often enough."""
    share, (low, high) = held / runs, wilson_interval(held, runs)
    doubt = Text("", "") if low >= wanted else Text(
        f" Dass es wirklich {100 * wanted:g} % sind, ist mit so vielen Durchläufen nicht gezeigt.",
        f" That it is really {100 * wanted:g} % is not shown with so many runs.",
    )  # fmt: skip
    return Text(
        f"gehalten in {held} von {runs} Durchläufen, {100 * share:.0f} % (mit 95 % Sicherheit {100 * low:.0f} bis "
        f"{100 * high:.0f} %).{doubt.de}",
        f"held in {held} of {runs} runs, {100 * share:.0f} % ({100 * low:.0f} to {100 * high:.0f} % at 95 %)."
        f"{doubt.en}",
    )


def _say_proof(row: dict[str, Any], goal: Goal) -> Text:
    """What was computed with one fewer at a station; nothing is said of a station that has only one."""
    fewer = {name: row[f"fewer_{name}"] for name in STATIONS if row[f"fewer_{name}"] is not None}
    if not fewer:
        return Text("Weniger als eins an jedem Platz geht nicht.", "There cannot be fewer than one at each station.")
    edges = {name: wilson_interval(round(share * row["runs"]), row["runs"]) for name, share in fewer.items()}
    de, en = (", ".join(_show_fewer(FEWER[name].get(one), share, edges[name], word) for name, share in fewer.items())
              for one, word in (("de", "bis"), ("en", "to")))  # fmt: skip
    may_de = "" if row["least"] == "yes" else " Ob es anders verteilt mit weniger geht, ist nicht entschieden."
    may_en = "" if row["least"] == "yes" else " Whether fewer would do if spread otherwise is not decided."
    close = [FEWER[name] for name, (_, high) in edges.items() if high >= goal.confidence]
    if close:
        may_de += f" Mit so vielen Durchläufen ist das nicht sicher: {', '.join(one.de for one in close)}."
        may_en += f" With so many runs that is not sure: {', '.join(one.en for one in close)}."
    return Text(
        f"Mit einer Stelle weniger wird es in diesen Durchläufen verfehlt; nachgerechnet halten es dann: {de}.{may_de}",
        f"With one fewer it is missed in these runs; computed again, it is then held in: {en}.{may_en}",
    )


def _show_fewer(place: str, share: float, edges: tuple[float, float], word: str) -> str:
    low, high = (100 * edge for edge in edges)
    return f"{place} {100 * share:.0f} % ({low:.0f} {word} {high:.0f} %)"
