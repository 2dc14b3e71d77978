"""Which of several scenarios is the best in an outcome, and how probable it is that it really is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.forecast.tables import Column, Table
from simulation.levers.listed import describe_changes
from simulation.levers.sentences import say_change
from simulation.questions.outcomes import Outcome
from simulation.questions.statistics import estimate_best
from simulation.scenario.programme import Scenario
from simulation.scenario.units import SHARE
from workflow.text import Text

Floats = NDArray[np.float64]
MOST_CHANGES_SAID = 3
"""Changes from which on a scenario is called by its name alone."""

RANKING = Table(
    "ranking",
    Text("Rangfolge der Szenarien", "Ranking of the scenarios"),
    (
        Column("rank", "integer", Text("Rang", "rank")),
        Column("scenario", "text", Text("Szenario", "scenario")),
        Column("outcome", "text", Text("Kennung der Größe", "id of the outcome")),
        Column("value", "number", Text("Mittel der Durchläufe", "mean of the runs"), digits=4),
        Column("probability_best", "number", Text("Wahrscheinlichkeit, wirklich das beste zu sein",
                                                  "probability of really being the best"), SHARE, digits=4),
        Column("runs", "integer", Text("Durchläufe", "runs")),
    ),
)  # fmt: skip


def rank(scenarios: Sequence[Scenario], about: Outcome, values: Sequence[Floats], seed: int) -> list[dict[str, Any]]:
    """The rows of the ranking. `values`: the outcome in each run of each scenario; runs in which one of them has
    nothing to measure tell no rank.
    """
    values = keep_measured(values)
    better = about.better or 1
    chances = estimate_best(values, better, seed)
    order = sorted(range(len(values)), key=lambda n: (-better * (mean_measured(values[n]) or 0.0), n))
    return [
        {
            "rank": place, "scenario": name_scenario(scenarios[n]), "outcome": about.name,
            "value": mean_measured(values[n]), "probability_best": float(chances[n]), "runs": len(values[n]),
        }
        for place, n in enumerate(order, 1)
    ]  # fmt: skip


def keep_measured(values: Sequence[Floats]) -> list[Floats]:
    """The runs in which each scenario has something to measure."""
    measured = np.isfinite(np.stack(values)).all(axis=0)
    return [one[measured] for one in values]


def mean_measured(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None


def say_name(scenario: Scenario) -> Text:
    """What a sentence calls it: its few changes in words, else its title."""
    if 0 < len(scenario.changes) < MOST_CHANGES_SAID:
        changed = describe_changes(scenario)
        de, en = (
            "; ".join(f"{one[f'title_{language}']}: {say_change(one, language)}" for one in changed)
            for language in ("de", "en")
        )
        return Text(de, en)
    title = scenario.spec.title
    return Text(title.de, title.en)


def name_scenario(scenario: Scenario) -> str:
    """Its name, and the changes that were added to it on the command line."""
    return (
        " ".join([scenario.spec.name, *scenario.changes])
        if scenario.changes and len(scenario.changes) < MOST_CHANGES_SAID
        else scenario.spec.name
    )
