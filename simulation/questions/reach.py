"""What it would take: the cheapest mix of levers that holds a deadline with a probability."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from simulation.forecast.forecast import SEED
from simulation.forecast.frames import build_frame
from simulation.forecast.key_figures import wilson_interval
from simulation.forecast.tables import Column, Table
from simulation.inputs.faults import Unanswerable
from simulation.levers.apply import change_scenario
from simulation.levers.levers import list_levers
from simulation.questions.answer import Answer, AnswerChart, describe_scenario
from simulation.questions.cheapest_mix import Best, Mix, find_cheapest
from simulation.questions.costs import DEFAULT_LEVERS, Costs, make_costs
from simulation.questions.outcomes import find_outcome, list_outcomes
from simulation.questions.runs import Progress, Runs, Setting
from simulation.scenario.model import Deadline
from simulation.scenario.programme import Scenario
from simulation.scenario.units import SHARE
from simulation.workers import open_workers
from workflow.text import Text

REPLICATIONS = 100
BLOCK = 20
"""Runs after which a mix is given up that can no longer hold the deadline often enough."""
BUDGET = 150
FIXED = (
    Column("cost", "number", Text("Kosten", "cost"), digits=2),
    Column("probability", "number", Text("Anteil der Durchläufe, die die Frist halten", "share of runs that hold it"),
           SHARE, digits=4),
    Column("low", "number", Text("dessen 95-%-Intervall: von", "its 95 % interval: from"), SHARE, digits=4),
    Column("high", "number", Text("bis", "to"), SHARE, digits=4),
    Column("runs", "integer", Text("Durchläufe", "runs")),
    Column("enough", "text", Text("ob es reicht: yes oder no", "whether it is enough: yes or no")),
    Column("frontier", "text", Text("ob nichts Billigeres so sicher ist: yes oder no",
                                    "whether nothing cheaper is as sure: yes or no")),
)  # fmt: skip


class Evaluated(NamedTuple):
    """Runs of a mix that hold the deadline, of how many that were looked at."""

    held: int
    runs: int

    @property
    def probability(self) -> float:
        return self.held / self.runs


def reach(
    scenario: Scenario,
    deadline: str,
    probability: float,
    *,
    levers: Sequence[str] = (),
    costs: Costs | None = None,
    replications: int = REPLICATIONS,
    budget: int = BUDGET,
    seed: int = SEED,
    workers: int = 1,
    engine: str = "local",
    mode: str = "risk",
    kept: Path | None = None,
    on_progress: Progress | None = None,
) -> Answer:
    """Search the levers of `costs`, or those named, or teams, trainers and slots. `budget`: mixes tried at most.

    Raises `Unanswerable` for an unknown deadline, a probability that cannot be and a lever without a cost,
    `UnusableInput` for one without steps.
    """
    about = next((one for one in scenario.spec.deadlines if one.id == deadline), None)
    if about is None:
        known = ", ".join(one.id for one in scenario.spec.deadlines)
        unknown = Text(f"unbekannte Frist „{deadline}“", f"unknown deadline `{deadline}`")
        raise Unanswerable("--deadline", unknown, Text(f"eine von {known}", f"one of {known}"))
    if not 0 < probability < 1:
        wanted = Text("eine Wahrscheinlichkeit zwischen 0 und 1", "a probability between 0 and 1")
        raise Unanswerable("--probability", Text(f"{probability:g}", f"{probability:g}"), wanted)
    chosen = _choose(costs or make_costs(scenario, levers or DEFAULT_LEVERS), levers)
    with open_workers(workers, engine) as pool:
        runs = Runs(pool, Setting(seed, mode, kept), on_progress)
        trial = Trial(scenario, about, probability, chosen, runs, replications)
        most = tuple(cost.most for cost in chosen.levers.values())
        best = find_cheapest(trial.is_enough, most, [c.cost for c in chosen.levers.values()], budget=budget, seed=seed)
        checked = trial.check(best.mix) if best.mix is not None else None
    return _explain(trial, best, checked, seed)


def _choose(costs: Costs, levers: Sequence[str]) -> Costs:
    missing = [name for name in levers if name not in costs.levers]
    if missing:
        names = ", ".join(missing)
        raise Unanswerable(
            "--levers", Text(f"keine Kosten sind angegeben für {names}", f"no cost is given for {names}")
        )
    kept = {name: cost for name, cost in costs.levers.items() if not levers or name in levers}
    return costs.model_copy(update={"levers": kept})


class Trial:
    """Tries mixes of steps with common random numbers; those that cannot hold the deadline any more are given up."""

    def __init__(
        self, scenario: Scenario, deadline: Deadline, probability: float, costs: Costs, runs: Runs, replications: int
    ) -> None:
        self.scenario, self.costs, self.runs, self.replications = scenario, costs, runs, replications
        self.deadline, self.probability = deadline, probability
        self._outcome = find_outcome(list_outcomes(scenario), f"deadline.{self.deadline.id}")
        self.evaluated: dict[Mix, Evaluated] = {}

    def write(self, mix: Mix) -> list[str]:
        """The changes of a mix."""
        steps = zip(self.costs.levers.items(), mix, strict=True)
        return [cost.write(name, count) for (name, cost), count in steps if count]

    def is_enough(self, mix: Mix) -> bool:
        changed = change_scenario(self.scenario, self.write(mix))
        wanted, held, runs = int(np.ceil(self.probability * self.replications - 1e-9)), 0, 0
        while runs < self.replications and held + self.replications - runs >= wanted:
            stop = min(runs + BLOCK, self.replications)
            held += self._count(changed, range(runs, stop))
            runs = stop
        self.evaluated[mix] = Evaluated(held, runs)
        return runs == self.replications and held >= wanted

    def check(self, mix: Mix) -> Evaluated:
        """The mix with as many further runs, which the search has not seen."""
        further = range(self.replications, 2 * self.replications)
        return Evaluated(self._count(change_scenario(self.scenario, self.write(mix)), further), len(further))

    def _count(self, scenario: Scenario, numbers: range) -> int:
        return int(self._outcome.measure(self.runs.get([scenario], numbers)[0]).sum())

    def get_price(self, mix: Mix) -> float:
        return float(sum(count * cost.cost for count, cost in zip(mix, self.costs.levers.values(), strict=True)))


def _list_rows(trial: Trial) -> list[dict[str, Any]]:
    """Every mix that was tried, the cheapest first."""
    rows, surest = [], -1.0
    for mix in sorted(trial.evaluated, key=lambda mix: (trial.get_price(mix), -trial.evaluated[mix].probability)):
        one = trial.evaluated[mix]
        low, high = wilson_interval(one.held, one.runs)
        enough = one.runs == trial.replications and one.probability >= trial.probability - 1e-9
        on_frontier = one.probability > surest and (one.runs == trial.replications or not enough)
        surest = max(surest, one.probability)
        rows.append(dict(zip(trial.costs.levers, mix, strict=True)) | {
            "cost": trial.get_price(mix), "probability": one.probability, "low": low, "high": high, "runs": one.runs,
            "enough": "yes" if enough else "no", "frontier": "yes" if on_frontier else "no",
        })  # fmt: skip
    return rows


def _make_table(trial: Trial) -> Table:
    titles = list_levers(trial.scenario)
    columns = [
        Column(name, "integer", Text(f"Schritte: {titles[name].title.de}", f"steps: {titles[name].title.en}"))
        for name in trial.costs.levers
    ]
    return Table("reach", Text("Was versucht wurde", "What was tried"), (*columns, *FIXED))


def _explain(trial: Trial, best: Best, checked: Evaluated | None, seed: int) -> Answer:
    table = _make_table(trial)
    frame = build_frame(table, _list_rows(trial))
    title, unit = trial.deadline.title, trial.costs.unit
    wanted = Text(f"{100 * trial.probability:g} %", f"{100 * trial.probability:g} %")
    sentences = [*_say_best(trial, best, checked), _say_proof(trial, best)]
    chart = AnswerChart(
        "frontier", "reach", "frontier", Text("Kosten und Wahrscheinlichkeit", "Cost and probability"),
        Text("Grau: versucht. Blau: sicherer wird es mit nichts Billigerem, mit 95-%-Intervall. Gestrichelt: "
             "gewünscht. "
             "Quelle: reach.csv.",
             "Grey: tried. Blue: nothing cheaper is as sure, with its 95 % interval. Dashed: wanted. Source: "
             "reach.csv."),
        Text(f"Wahrscheinlichkeit: {title.de}", f"probability: {title.en}"),
        {"wanted": trial.probability, "cost_de": f"Kosten ({unit.de})", "cost_en": f"cost ({unit.en})"},
    )  # fmt: skip
    bounds = {name: cost.model_dump(mode="json", by_alias=True) for name, cost in trial.costs.levers.items()}
    summary = {
        "scenarios": [describe_scenario(trial.scenario)], "seed": seed, "version": version("eva"),
        "deadline": trial.deadline.id, "probability": trial.probability, "replications": trial.replications,
        "reached": best.mix is not None, "proved": best.proved, "undecided": best.undecided,
        "mixes_tried": len(trial.evaluated), "computed": trial.runs.computed, "levers": bounds,
        "unit": unit.model_dump(), "cost": trial.get_price(best.mix) if best.mix is not None else None,
        "changes": trial.write(best.mix) if best.mix is not None else None,
        "checked": checked.probability if checked else None,
    }  # fmt: skip
    limits_de = "; ".join(f"{name}: höchstens {c.most} Schritte zu {c.step}" for name, c in trial.costs.levers.items())
    limits_en = "; ".join(f"{name}: at most {c.most} steps of {c.step}" for name, c in trial.costs.levers.items())
    how = Text(
        f"Alle Mischungen wurden mit denselben Zufallszahlen gerechnet, bis zu {trial.replications} Durchläufe je "
        f"Mischung; "
        f"wer die Frist nicht mehr oft genug halten kann, scheidet früher aus. Grenzen: {limits_de}. Angenommen "
        f"ist, dass "
        "mehr von einem Hebel nie schadet. Kosten sind die der Planenden; ohne Kostendatei zählt jeder Schritt eins.",
        f"All mixes had the same random numbers, up to {trial.replications} runs each; one that can no longer hold the "
        f"deadline often enough leaves earlier. Bounds: {limits_en}. More of a lever is taken never to harm. Costs "
        f"are the "
        "planner's; without a cost file every step counts one.",
    )  # fmt: skip
    heading = Text(f"Was es braucht: {title.de}, mit {wanted.de}", f"What it takes: {title.en}, with {wanted.en}")
    return Answer("reach", heading, tuple(sentences), (table,), {"reach": frame}, (chart,), summary, (how,))


def _say_best(trial: Trial, best: Best, checked: Evaluated | None) -> list[Text]:
    title, wanted = trial.deadline.title, f"{100 * trial.probability:g} %"
    nothing = trial.evaluated.get((0,) * len(trial.costs.levers))
    if best.mix is None:
        most = trial.evaluated[tuple(cost.most for cost in trial.costs.levers.values())]
        low, high = (100 * edge for edge in wilson_interval(most.held, most.runs))
        return [Text(
            f"Nichts innerhalb der Grenzen hält „{title.de}“ mit {wanted}. Mit dem Höchsten von allem sind es "
            f"{100 * most.probability:.0f} % ({low:.0f} bis {high:.0f} %, {most.runs} Durchläufe).",
            f"Nothing within the bounds holds “{title.en}” with {wanted}. With the most of everything it is "
            f"{100 * most.probability:.0f} % ({low:.0f} to {high:.0f} %, {most.runs} runs).",
        )]  # fmt: skip
    if not any(best.mix):
        return [Text(f"„{title.de}“ hält mit {wanted} auch ohne jede Änderung.",
                     f"“{title.en}” holds with {wanted} without any change.")]  # fmt: skip
    one, unit, cost = trial.evaluated[best.mix], trial.costs.unit, f"{trial.get_price(best.mix):g}"
    low, high = (100 * edge for edge in wilson_interval(one.held, one.runs))
    found = ", ".join(trial.write(best.mix))
    again_de = f" In {checked.runs} weiteren Durchläufen: {100 * checked.probability:.0f} %." if checked else ""
    again_en = f" In {checked.runs} further runs: {100 * checked.probability:.0f} %." if checked else ""
    now = f"{100 * nothing.probability:.0f} %" if nothing else "–"
    return [Text(
        f"Am billigsten hält „{title.de}“ mit {found} (Kosten {cost} {unit.de}): {100 * one.probability:.0f} % "
        f"({low:.0f} bis {high:.0f} %, {one.runs} Durchläufe) statt {now}.{again_de}",
        f"Cheapest to hold “{title.en}” is {found} (cost {cost} {unit.en}): {100 * one.probability:.0f} % "
        f"({low:.0f} to {high:.0f} %, {one.runs} runs) instead of {now}.{again_en}",
    )]  # fmt: skip


def _say_proof(trial: Trial, best: Best) -> Text:
    tried = len(trial.evaluated)
    if best.proved:
        return Text(f"{tried} Mischungen wurden gerechnet; von jeder billigeren ist bekannt, dass sie nicht reicht.",
                    f"{tried} mixes were computed; of every cheaper one it is known that it is not "
                    f"enough.")  # fmt: skip
    left = f"{best.undecided:,}" if best.undecided >= 0 else "–"
    return Text(f"{tried} Mischungen wurden gerechnet; {left} billigere sind nicht entschieden: es kann billiger "
                f"gehen.",
                f"{tried} mixes were computed; {left} cheaper ones are undecided: it may be had for less.")  # fmt: skip
