"""What it would take: the cheapest mix of levers that holds a deadline with a probability."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from simulation.forecast.forecast import SEED
from simulation.forecast.frames import build_frame
from simulation.forecast.tables import Column, Table
from simulation.inputs.faults import Unanswerable
from simulation.levers.levers import list_levers
from simulation.questions.answer import Answer, AnswerChart, describe_scenario
from simulation.questions.mixes.cheaper_mixes import Cheaper, Evaluated
from simulation.questions.mixes.cheapest_mix import Best, find_cheapest
from simulation.questions.mixes.costs import DEFAULT_LEVERS, Costs, make_costs
from simulation.questions.mixes.reach_sentences import say_best, say_cheaper, say_nothing
from simulation.questions.mixes.trial import Trial
from simulation.questions.runs import Progress, Runs, Setting
from simulation.replications import MIX_REPLICATIONS
from simulation.scenario.programme import Scenario
from simulation.scenario.units import SHARE
from simulation.workers import open_workers
from workflow.text import Text

BUDGET = 150
FIXED = (
    Column("cost", "number", Text("Kosten", "cost"), digits=2),
    Column("probability", "number", Text("Anteil der Durchläufe, die die Frist halten", "share of runs that hold it"),
           SHARE, digits=4),
    Column("low", "number", Text("dessen 95-%-Intervall: von", "its 95 % interval: from"), SHARE, digits=4),
    Column("high", "number", Text("bis", "to"), SHARE, digits=4),
    Column("runs", "integer", Text("Durchläufe", "runs")),
    Column("enough", "text", Text("ob es in diesen Durchläufen reicht: yes oder no",
                                  "whether it is enough in these runs: yes or no"),
           heading=Text("reicht", "enough")),
    Column("told", "text", Text("ob so viele Durchläufe das zeigen, das Intervall das Gewünschte also nicht "
                                "einschließt: yes oder no",
                                "whether so many runs show it, so that the interval does not include what is wanted: "
                                "yes or no"), heading=Text("gezeigt", "shown")),
    Column("frontier", "text", Text("ob nichts Billigeres so sicher ist: yes oder no",
                                    "whether nothing cheaper is as sure: yes or no"),
           heading=Text("nichts Billigeres so sicher", "nothing cheaper as sure")),
)  # fmt: skip


def reach(
    scenario: Scenario,
    deadline: str,
    probability: float,
    *,
    levers: Sequence[str] = (),
    costs: Costs | None = None,
    replications: int = MIX_REPLICATIONS,
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


def _list_rows(trial: Trial) -> list[dict[str, Any]]:
    """Every mix that was tried, the cheapest first."""
    rows, surest = [], -1.0
    for mix in sorted(trial.evaluated, key=lambda mix: (trial.get_price(mix), -trial.evaluated[mix].probability)):
        one = trial.evaluated[mix]
        low, high = one.interval
        enough = one.runs == trial.replications and one.is_enough(trial.probability)
        on_frontier = one.probability > surest and (one.runs == trial.replications or not enough)
        surest = max(surest, one.probability)
        rows.append(dict(zip(trial.costs.levers, mix, strict=True)) | {
            "cost": trial.get_price(mix), "probability": one.probability, "low": low, "high": high, "runs": one.runs,
            "enough": "yes" if enough else "no", "told": "yes" if one.is_told(trial.probability) else "no",
            "frontier": "yes" if on_frontier else "no",
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
    cheaper = trial.judge_cheaper(best) if best.mix is not None else None
    if best.mix is None or checked is None or cheaper is None:
        sentences = [say_nothing(trial)]
    else:
        sentences = [say_best(trial, best.mix, checked), say_cheaper(trial, cheaper)]
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
        "reached": best.mix is not None, "proved": cheaper is not None and cheaper.all_refuted,
        "undecided": best.undecided,
        "mixes_tried": len(trial.evaluated), "computed": trial.runs.computed, "levers": bounds,
        "unit": unit.model_dump(), "cost": trial.get_price(best.mix) if best.mix is not None else None,
        "changes": trial.write(best.mix) if best.mix is not None else None,
    } | _summarise_certainty(trial, best, checked, cheaper)  # fmt: skip
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


def _summarise_certainty(
    trial: Trial, best: Best, checked: Evaluated | None, cheaper: Cheaper | None
) -> dict[str, Any]:  # fmt: skip
    """How sure the mix is, in the runs of the search and in further ones, and what is known of cheaper ones."""
    if best.mix is None or checked is None or cheaper is None:
        return {"checked": None}
    one, wanted = trial.evaluated[best.mix], trial.probability
    return {
        "held": _describe(one), "checked": checked.probability,
        "further": _describe(checked) | {
            "enough": checked.is_enough(wanted), "told": checked.is_told(wanted)
        },
        "cheaper": {"refuted": cheaper.refuted, "not_told_apart": cheaper.close_count, "undecided": cheaper.undecided},
        "close": [
            {"changes": trial.write(mix), "cost": trial.get_price(mix)} | _describe(trial.evaluated[mix])
            for mix in cheaper.close
        ],
    }  # fmt: skip


def _describe(one: Evaluated) -> dict[str, Any]:
    low, high = one.interval
    return {"probability": one.probability, "low": round(low, 4), "high": round(high, 4), "runs": one.runs}
