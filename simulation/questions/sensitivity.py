"""Which assumptions move an outcome most: Morris to screen all of them, Sobol's indices for the few that matter.

Figures that share a cause are drawn together in every run, and so they are one input here. The luck of single projects
is the same for all points. Methods: Morris (1991), Campolongo et al. (2007), Saltelli et al. (2010), by SALib.
"""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.forecast.forecast import SEED
from simulation.forecast.frames import build_frame
from simulation.forecast.tables import Column, Table
from simulation.inputs.faults import Unanswerable
from simulation.levers.titles import name_figure
from simulation.questions.answer import Answer, AnswerChart, describe_scenario
from simulation.questions.influence_sentences import say_influence
from simulation.questions.outcomes import find_outcome, list_outcomes
from simulation.questions.points import Input, Points, list_inputs
from simulation.questions.runs import Progress, Setting
from simulation.replications import POINT_REPLICATIONS
from simulation.scenario.programme import Scenario
from simulation.scenario.units import SHARE
from simulation.workers import open_workers
from workflow.text import Text

Floats = NDArray[np.float64]
TRAJECTORIES, BASE_SAMPLES, FEW = 8, 64, 5
LEVELS = 4
TAILS = (0.1, 0.9)
"""Quantiles of a range between which a bar of the tornado reaches."""
MIDDLE = 0.5

SENSITIVITY = Table(
    "sensitivity",
    Text("Einfluss der Annahmen", "Influence of the assumptions"),
    (
        Column("rank", "integer", Text("Rang", "rank")),
        Column("figure", "text", Text("Pfad der Annahme", "path of the figure")),
        Column("title_de", "text", Text("Annahme", "assumption in German"), heading=Text("Annahme", "assumption")),
        Column("title_en", "text", Text("Annahme, englisch", "assumption in English")),
        Column("together", "text", Text("Annahmen derselben Ursache, die mit ihr schwanken",
                                        "figures of the same cause that vary with it")),
        Column("range_low", "number", Text("Spanne von", "range from"), digits=4),
        Column("range_high", "number", Text("bis", "to"), digits=4),
        Column("mu_star", "number", Text("mittlere Wirkung (Morris µ*)", "mean effect (Morris µ*)"), digits=3),
        Column("sigma", "number", Text("Streuung der Wirkung (Morris σ)", "spread of the effect (Morris σ)"), digits=3),
        Column("first_order", "number", Text("Anteil an der Streuung, allein (Sobol S1)",
                                             "share of the variance, alone (Sobol S1)"), SHARE, digits=3),
        Column("total", "number", Text("mit Wechselwirkungen (Sobol ST)", "with interactions (Sobol "
            "ST)"), SHARE, digits=3),
        Column("total_error", "number", Text("95-%-Halbbreite von ST", "95 % half-width of ST"), SHARE, digits=3),
        Column("low_outcome", "number", Text("Ergebnis bei kleinem Wert", "outcome at a low value"), digits=3),
        Column("high_outcome", "number", Text("Ergebnis bei großem Wert", "outcome at a high value"), digits=3),
    ),
)  # fmt: skip
INTERACTIONS = Table(
    "interactions",
    Text("Wechselwirkungen", "Interactions"),
    (
        Column("one_de", "text", Text("Annahme", "assumption")),
        Column("one_en", "text", Text("Annahme, englisch", "assumption in English")),
        Column("other_de", "text", Text("mit", "with")),
        Column("other_en", "text", Text("mit, englisch", "with, in English")),
        Column("second_order", "number", Text("Anteil an der Streuung zusammen (Sobol S2)",
                                              "share of the variance together (Sobol S2)"), SHARE, digits=3),
        Column("error", "number", Text("95-%-Halbbreite", "95 % half-width"), SHARE, digits=3),
    ),
)  # fmt: skip


def analyse_sensitivity(
    scenario: Scenario,
    *,
    outcome: str | None = None,
    trajectories: int = TRAJECTORIES,
    samples: int = BASE_SAMPLES,
    few: int = FEW,
    runs: int = POINT_REPLICATIONS,
    seed: int = SEED,
    workers: int = 1,
    engine: str = "local",
    kept: Any = None,
    on_progress: Progress | None = None,
) -> Answer:
    """`trajectories` of Morris over all inputs, `samples` (a power of two) of Sobol for the `few` that matter most,
    each point from `runs` runs. Raises `Unanswerable` for an unknown outcome or a scenario without uncertain figures.
    """
    inputs = list_inputs(scenario)
    if len(inputs) < 2:
        raise Unanswerable(scenario.spec.name, Text(
            "weniger als zwei ungewisse Zahlen des Rollouts: nichts zu vergleichen",
            "fewer than two uncertain figures of the rollout: nothing to compare",
        ))  # fmt: skip
    about = find_outcome(list_outcomes(scenario), outcome)
    with open_workers(workers, engine) as pool:
        points = Points(pool, scenario, Setting(seed, "risk", kept), inputs, about, runs, on_progress)
        mu_star, sigma = screen(points, len(inputs), trajectories, seed)
        order = np.argsort(-mu_star, kind="stable")
        chosen = [int(n) for n in order[: min(few, len(inputs))]]
        indices = decompose(points, len(inputs), chosen, samples, seed)
        middle, ends = _measure_ends(points, chosen)
    rows = [_describe(scenario, inputs[n], rank, mu_star[n], sigma[n]) for rank, n in enumerate(order.tolist(), 1)]
    for place, (low, high) in enumerate(ends):
        rows[place] |= {"low_outcome": low, "high_outcome": high}
        rows[place] |= {"first_order": indices["S1"][place], "total": indices["ST"][place],
                        "total_error": indices["ST_conf"][place]}  # fmt: skip
    return _explain(scenario, points, rows, _list_pairs(scenario, inputs, chosen, indices), middle, seed)


def screen(points: Points, count: int, trajectories: int, seed: int) -> tuple[Floats, Floats]:
    """Morris: mean absolute effect and spread of the effects, shape (inputs,) each, over the whole range of each."""
    from SALib.analyze import morris as analyse  # noqa: PLC0415  # takes a while to load
    from SALib.sample import morris as sample  # noqa: PLC0415

    problem = _make_problem(count)
    shares = np.asarray(sample.sample(problem, trajectories, num_levels=LEVELS, seed=seed), dtype=float)
    found = analyse.analyze(problem, shares, points.measure(shares), num_levels=LEVELS, seed=seed)
    return np.asarray(found["mu_star"], dtype=float), np.asarray(found["sigma"], dtype=float)


def decompose(points: Points, count: int, chosen: Sequence[int], samples: int, seed: int) -> dict[str, Floats]:
    """Sobol's indices of the chosen inputs, the others at their middle."""
    from SALib.analyze import sobol as analyse  # noqa: PLC0415  # takes a while to load
    from SALib.sample import sobol as sample  # noqa: PLC0415

    problem = _make_problem(len(chosen))
    few = np.asarray(sample.sample(problem, samples, calc_second_order=True, seed=seed), dtype=float)
    shares = np.full((len(few), count), MIDDLE)
    shares[:, list(chosen)] = few
    measured = points.measure(shares)
    if measured.std() == 0:
        nothing = np.zeros(len(chosen))
        pairs = np.zeros((len(chosen), len(chosen)))
        return {"S1": nothing, "ST": nothing, "ST_conf": nothing, "S2": pairs, "S2_conf": pairs}
    found = analyse.analyze(problem, measured, calc_second_order=True, seed=seed)
    return {name: np.asarray(found[name], dtype=float) for name in ("S1", "ST", "ST_conf", "S2", "S2_conf")}


def _make_problem(count: int) -> dict[str, Any]:
    return {"num_vars": count, "names": [f"x{n}" for n in range(count)], "bounds": [[0.0, 1.0]] * count}


def _measure_ends(points: Points, chosen: Sequence[int]) -> tuple[float, list[tuple[float, float]]]:
    """The outcome with everything at its middle, and with each chosen input near the ends of its range."""
    shares = np.full((1 + 2 * len(chosen), len(points.inputs)), MIDDLE)
    for place, number in enumerate(chosen):
        shares[1 + 2 * place : 3 + 2 * place, number] = TAILS
    found = points.measure(shares).tolist()
    return found[0], list(zip(found[1::2], found[2::2], strict=True))


def _describe(scenario: Scenario, one: Input, rank: int, mu_star: float, sigma: float) -> dict[str, Any]:
    title = name_figure(scenario.spec, one.paths[0])
    return {
        "rank": rank, "figure": one.paths[0], "title_de": title.de, "title_en": title.en,
        "together": "; ".join(one.paths[1:]), "range_low": float(one.low[0]), "range_high": float(one.high[0]),
        "mu_star": float(mu_star), "sigma": float(sigma), "first_order": None, "total": None, "total_error": None,
        "low_outcome": None, "high_outcome": None,
    }  # fmt: skip


def _list_pairs(
    scenario: Scenario, inputs: Sequence[Input], chosen: Sequence[int], indices: dict[str, Floats]
) -> list[dict[str, Any]]:
    titles = [name_figure(scenario.spec, inputs[n].paths[0]) for n in chosen]
    return [
        {
            "one_de": titles[a].de, "one_en": titles[a].en, "other_de": titles[b].de, "other_en": titles[b].en,
            "second_order": float(indices["S2"][a, b]), "error": float(indices["S2_conf"][a, b]),
        }
        for a in range(len(chosen)) for b in range(a + 1, len(chosen))
    ]  # fmt: skip


def _explain(
    scenario: Scenario,
    points: Points,
    rows: list[dict[str, Any]],
    pairs: list[dict[str, Any]],
    middle: float,
    seed: int,
) -> Answer:
    about = points.outcome
    frames = {"sensitivity": build_frame(SENSITIVITY, rows), "interactions": build_frame(INTERACTIONS, pairs)}
    sentences = say_influence(points, rows)
    unit = Text(f"{about.title.de} ({about.unit.de})", f"{about.title.en} ({about.unit.en})")
    charts = [AnswerChart(
        "tornado", "sensitivity", "tornado", Text("Tornado", "Tornado"),
        Text("Jede Annahme nahe dem unteren und dem oberen Ende ihrer Spanne (10 und 90 %), alle anderen in der Mitte. "
             "Quelle: sensitivity.csv.",
             "Each assumption near the lower and the upper end of its range (10 and 90 %), all others at their middle. "
             "Source: sensitivity.csv."),
        unit, {"most": len(rows), "middle": middle, "share": about.unit is SHARE},
    )]  # fmt: skip
    if pairs:
        charts.append(AnswerChart(
            "interactions", "interactions", "heat", Text("Wechselwirkungen", "Interactions"),
            Text("Anteil der Streuung, der erst aus zweien zusammen kommt. Quelle: interactions.csv.",
                 "Share of the variance that comes from two together only. Source: interactions.csv."),
            Text("Sobol S2 (Anteil)", "Sobol S2 (share)"),
        ))  # fmt: skip
    how = Text(
        f"{len(rows)} Ursachen, {points.done:,} Durchläufe. Annahmen derselben Ursache schwanken gemeinsam und "
        f"stehen in "
        "einer Zeile. Ob ein Wert zur bekannten Vergangenheit passt, ist hier nicht gefragt; Post und Scanstellen "
        "bewegen diese Größen nicht.",
        f"{len(rows)} causes, {points.done:,} runs. Figures of one cause vary together and stand in one row. Whether a "
        "value agrees with the known past is not asked here; mail and scan centres do not move these outcomes.",
    )  # fmt: skip
    summary = {
        "scenarios": [describe_scenario(scenario)], "seed": seed, "version": version("eva"), "outcome": about.name,
        "unit": about.unit.en, "middle": middle, "runs": points.done, "computed": points.computed, "inputs": len(rows),
        "most": [row["figure"] for row in rows[:5]],
    }  # fmt: skip
    title = Text(f"Was bewegt: {about.title.de}?", f"What moves: {about.title.en}?")
    return Answer("sensitivity", title, sentences, (SENSITIVITY, INTERACTIONS), frames, tuple(charts), summary, (how,))
