"""Compare scenarios run by run: the same random numbers in each, so that what differs comes from the what-if."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulation.forecast.forecast import MOST_REPLICATIONS, SEED
from simulation.forecast.frames import build_frame
from simulation.forecast.replication import ScanRun
from simulation.forecast.tables import Column, Table
from simulation.inputs.faults import Unanswerable
from simulation.levers.apply import show_changes
from simulation.questions.answer import Answer, AnswerChart, describe_scenario
from simulation.questions.largest_changes import find_largest
from simulation.questions.outcomes import SCANS, Outcome, find_outcome, list_outcomes
from simulation.questions.ranking import RANKING, keep_measured, mean_measured, name_scenario, rank, say_name
from simulation.questions.runs import KeyRun, Progress, Runs, Setting
from simulation.questions.sentences import never_changes, say_difference, say_largest, say_runs, show
from simulation.questions.statistics import (
    CONFIDENCE,
    Interval,
    compare_chances,
    compare_means,
    measure_gain,
)
from simulation.replications import REPLICATIONS
from simulation.scenario.programme import Scenario
from simulation.scenario.units import SHARE
from simulation.workers import ENGINES, open_workers
from workflow.text import Text

Floats = NDArray[np.float64]

SCAN_REPLICATIONS = 3
"""Runs with every item in the scan centres where scenarios differ in mail or scanning; a run has millions of items."""
MOST_SCAN_REPLICATIONS = 200

COMPARE = Table(
    "compare",
    Text("Unterschiede der Szenarien", "Differences between the scenarios"),
    (
        Column("scenario", "text", Text("Szenario", "scenario")),
        Column("base", "text", Text("womit verglichen wird", "what it is compared with")),
        Column("outcome", "text", Text("Kennung der Größe", "id of the outcome")),
        Column("title_de", "text", Text("Größe", "outcome in German"), heading=Text("Größe", "outcome")),
        Column("title_en", "text", Text("Größe, englisch", "outcome")),
        Column("unit_de", "text", Text("Einheit", "unit in German"), heading=Text("Einheit", "unit")),
        Column("unit_en", "text", Text("Einheit, englisch", "unit")),
        Column("value", "number", Text("Mittel der Durchläufe", "mean of the runs"), digits=4),
        Column("base_value", "number", Text("Mittel des Vergleichs", "mean of the base"), digits=4),
        Column("difference", "number", Text("Unterschied, gepaart", "paired difference"), digits=4),
        Column("low", "number", Text("95-%-Intervall: von", "95 % interval: from"), digits=4),
        Column("high", "number", Text("95-%-Intervall: bis", "95 % interval: to"), digits=4),
        Column("runs", "integer", Text("Durchläufe je Szenario", "runs of each scenario")),
        Column("differs", "text", Text("ob das Intervall 0 ausschließt: yes oder no",
                                       "whether the interval excludes 0: yes or no"),
               heading=Text("Unterschied gezeigt", "difference shown")),
        Column("fewer_runs", "number", Text("so oft so viele unabhängige Durchläufe brauchte dasselbe Intervall",
                                            "times as many independent runs the same interval would take")),
    ),
)  # fmt: skip


def compare(
    scenarios: Sequence[Scenario],
    *,
    replications: int = REPLICATIONS,
    scan_replications: int | None = None,
    seed: int = SEED,
    workers: int = 1,
    engine: str = "local",
    mode: str = "risk",
    outcome: str | None = None,
    until_sure: float | None = None,
    kept: Path | None = None,
    on_progress: Progress | None = None,
) -> Answer:
    """Compare each scenario with the first, and rank them all by `outcome`.

    `scan_replications`: runs with every item in the scan centres; by default `SCAN_REPLICATIONS` where scenarios differ
    in mail or scanning, and none elsewhere. With `until_sure` the runs are doubled until the first of the ranking is
    really the best with this probability. Raises `Unanswerable` for fewer than two scenarios, for such
    as are not alike, and for an unknown outcome.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine {engine!r} of {tuple(ENGINES)}")
    if len(scenarios) < 2:
        few = Text("weniger als zwei", "fewer than two")
        raise Unanswerable("SCENARIO", few, Text("mindestens zwei Szenarien", "at least two scenarios"))
    _check_alike(scenarios)
    if scan_replications is None:
        asked = outcome is not None and outcome.startswith(SCANS)
        scan_replications = SCAN_REPLICATIONS if asked or differ_in_scanning(scenarios) else 0
    known = _list_known(scenarios, scans=scan_replications > 0)
    common = [one for name, one in known[0].items() if all(name in of for of in known)]
    about = find_outcome(common, outcome)
    with open_workers(workers, engine) as pool:
        runs = Runs(pool, Setting(seed, mode, kept), on_progress)
        counts = Counts(replications, scan_replications)
        found, ranking = _get_ranked(runs, scenarios, known, about, counts)
        while until_sure is not None and ranking[0]["probability_best"] < until_sure and counts != counts.double(about):
            counts = counts.double(about)
            found, ranking = _get_ranked(runs, scenarios, known, about, counts)
    rows = [
        _compare_pair(scenarios, place, one, found.measure(one)) for place in range(1, len(scenarios)) for one in common
    ]
    frames = {"compare": build_frame(COMPARE, rows), "ranking": build_frame(RANKING, ranking)}
    summary = _summarise(scenarios, frames, runs, counts)
    return _explain(scenarios, common, frames, about, summary)


class Counts(NamedTuple):
    """Runs of each scenario: of the rollout, and with every item in the scan centres."""

    rollout: int
    scans: int

    def double(self, about: Outcome) -> "Counts":
        """Twice the runs that tell an outcome, up to their most."""
        if about.is_of_scans:
            return self._replace(scans=max(self.scans, min(2 * self.scans, MOST_SCAN_REPLICATIONS)))
        return self._replace(rollout=max(self.rollout, min(2 * self.rollout, MOST_REPLICATIONS)))


def _get_ranked(
    runs: Runs, scenarios: Sequence[Scenario], known: "_Known", about: Outcome, counts: Counts
) -> tuple["_Found", list[dict[str, Any]]]:
    key_runs, scan_runs = runs.get(scenarios, range(counts.rollout)), runs.get_scans(scenarios, range(counts.scans))
    found = _Found(known, key_runs, scan_runs)
    return found, rank(scenarios, about, found.measure(about), runs.setting.seed)


_Known = list[dict[str, Outcome]]
"""The outcomes of each scenario by name: where a centre stands and when a deadline is due may differ."""


class _Found(NamedTuple):
    """The runs of each scenario."""

    known: _Known
    key_runs: list[list[KeyRun]]
    scan_runs: list[list[ScanRun]]

    def measure(self, outcome: Outcome) -> list[Floats]:
        """The outcome in each run of each scenario, shape (runs,) each."""
        runs: Sequence[Sequence[KeyRun] | Sequence[ScanRun]] = self.scan_runs if outcome.is_of_scans else self.key_runs
        return [own[outcome.name].measure(of) for own, of in zip(self.known, runs, strict=True)]


def _list_known(scenarios: Sequence[Scenario], *, scans: bool) -> _Known:
    return [{one.name: one for one in list_outcomes(scenario, scans=scans)} for scenario in scenarios]


def differ_in_scanning(scenarios: Sequence[Scenario]) -> bool:
    def get(scenario: Scenario) -> Any:
        shown = show_changes(scenario)
        changes = [text for text in scenario.changes if text.startswith(("mail.", "scan."))]
        scanned = [(a.scan_centre, a.scan_from, a.protection) for a in shown.authorities]
        return shown.spec.mail, shown.spec.scan, scanned, changes

    first = get(scenarios[0])
    return any(get(other) != first for other in scenarios[1:])


def _check_alike(scenarios: Sequence[Scenario]) -> None:
    """Raise `Unanswerable` where scenarios are not about the same deadlines and years."""

    def get(scenario: Scenario) -> Any:
        spec = scenario.spec
        return [d.id for d in spec.deadlines], [row.year for row in spec.plan], spec.horizon, spec.as_of.value

    first = scenarios[0].spec.name
    digests: set[str] = set()
    for one in scenarios:
        if get(one) != get(scenarios[0]):
            raise Unanswerable(one.spec.name, Text(
                f"die Szenarien haben andere Fristen, Planjahre, Zeiträume oder Stichtage: nicht wie „{first}“",
                f"the scenarios differ in deadlines, planned years, horizon or reference date: not as `{first}`",
            ))  # fmt: skip
        if one.digest in digests:
            same = Text("zwei der Szenarien sind dasselbe", "two of the scenarios are the same")
            raise Unanswerable(one.spec.name, same)
        digests.add(one.digest)


def _compare_pair(
    scenarios: Sequence[Scenario], place: int, about: Outcome, values: Sequence[Floats]
) -> dict[str, Any]:
    """One outcome of a scenario against the first."""
    base, other = keep_measured([values[0], values[place]])
    nothing = Interval(np.nan, np.nan, np.nan)
    interval = (compare_chances if about.is_chance else compare_means)(base, other) if len(base) else nothing
    if about.unit is SHARE and np.isfinite(interval.low):  # no difference of shares is more than all of it
        interval = interval._replace(low=max(interval.low, -1.0), high=min(interval.high, 1.0))
    differs = interval.value != 0 and (interval.low > 0 or interval.high < 0)
    return {
        "scenario": name_scenario(scenarios[place]), "base": name_scenario(scenarios[0]), "outcome": about.name,
        "title_de": about.title.de, "title_en": about.title.en, "unit_de": about.unit.de, "unit_en": about.unit.en,
        "value": mean_measured(other), "base_value": mean_measured(base),
        "difference": _finite(interval.value), "low": _finite(interval.low), "high": _finite(interval.high),
        "runs": len(base), "differs": "yes" if differs else "no",
        "fewer_runs": _finite(measure_gain(base, other)) if len(base) else None,
    }  # fmt: skip


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _summarise(
    scenarios: Sequence[Scenario], frames: dict[str, pl.DataFrame], runs: Runs, counts: Counts
) -> dict[str, Any]:
    first = frames["ranking"].row(0, named=True)
    return {
        "scenarios": [describe_scenario(scenario) for scenario in scenarios],
        "seed": runs.setting.seed, "mode": runs.setting.mode, "replications": counts.rollout,
        "scan_replications": counts.scans, "computed": runs.computed, "confidence": CONFIDENCE,
        "version": version("eva"), "outcome": first["outcome"], "best": first["scenario"],
        "probability_best": first["probability_best"],
    }  # fmt: skip


def _say_scenario(
    row: dict[str, Any], about: Outcome, every: Sequence[dict[str, Any]], outcomes: Sequence[Outcome], name: Text
) -> Text:
    """How it differs in what was asked for; and where that shows no difference, what changes most instead."""
    said = say_difference(row, about, name)
    if row["differs"] == "yes":
        return said
    others = [one for one in every if one["scenario"] == row["scenario"] and one["outcome"] != about.name]
    largest = find_largest(others, {one.name: one for one in outcomes})
    if not never_changes(row):  # beside an uncertain difference only sure ones are worth a word
        largest = [pair for pair in largest if pair[0]["differs"] == "yes"]
        if not largest:
            return said
    most = say_largest(largest)
    return Text(f"{said.de} {most.de}", f"{said.en} {most.en}")


def _explain(
    scenarios: Sequence[Scenario], outcomes: Sequence[Outcome], frames: dict[str, pl.DataFrame], about: Outcome,
    summary: dict[str, Any],
) -> Answer:  # fmt: skip
    every = frames["compare"].to_dicts()
    rows = [row for row in every if row["outcome"] == about.name]
    count = rows[0]["runs"]
    names = {name_scenario(scenario): say_name(scenario) for scenario in scenarios}
    sentences = [_say_scenario(row, about, every, outcomes, names[row["scenario"]]) for row in rows]
    if len(scenarios) > 2:
        chance, best = summary["probability_best"], names[summary["best"]]
        sentences.append(Text(
            f"Am besten ist „{best.de}“, mit einer Wahrscheinlichkeit von {show(chance, 'de', share=True)}, "
            f"aus {say_runs(count).de}.",
            f"Best is “{best.en}”, with a probability of {show(chance, 'en', share=True)}, "
            f"from {say_runs(count).en}.",
        ))  # fmt: skip
    unit = about.unit
    chart = AnswerChart(
        "differences", "compare", "differences", Text("Unterschiede", "Differences"),
        Text(f"Unterschied zu „{summary['scenarios'][0]['title']['de']}“ mit 95-%-Intervall, aus "
             f"{count} gepaarten Durchläufen. Quelle: compare.csv.",
             f"Difference to “{summary['scenarios'][0]['title']['en']}” with its 95 % interval, from "
             f"{count} paired runs. Source: compare.csv."),
        Text(f"{about.title.de}: Unterschied in {unit.de}", f"{about.title.en}: difference in {unit.en}"),
        {"outcome": about.name, "share": unit is SHARE},
    )  # fmt: skip
    how = Text(
        f"Jedes Szenario wurde mit denselben Zufallszahlen gerechnet ({summary['replications']} Durchläufe, Startzahl "
        f"{summary['seed']}), Scanstellen in {summary['scan_replications']} davon; verglichen wird je Durchlauf.",
        f"Every scenario had the same random numbers ({summary['replications']} runs, seed {summary['seed']}), "
        f"scan centres in {summary['scan_replications']} of them; each run is compared with its twin.",
    )  # fmt: skip
    title = Text("Vergleich von Szenarien", "Comparison of scenarios")
    summary["shares"] = [one.name for one in outcomes if one.unit is SHARE]
    return Answer("compare", title, tuple(sentences), (COMPARE, RANKING), frames, (chart,), summary, (how,))
