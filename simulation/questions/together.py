"""Several programmes at once: what it costs each that they share trainers, IT provider and staff councils.

In the report they ran beside each other. Each run is played three ways with the same random numbers: every programme
alone, and all together over the resources of the first.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.forecast.found_draws import FoundDraws, find_draws, hand_over
from simulation.forecast.frames import build_frame
from simulation.forecast.measures import get_due_days
from simulation.forecast.simulated_rollout import follow_rollout, prepare
from simulation.forecast.tables import Column, Table
from simulation.questions.answer import Answer, describe_scenario
from simulation.questions.runs import BLOCK, Progress, Setting, measure_key_run
from simulation.random_streams import Streams
from simulation.rollout.outcome import Outcome
from simulation.rollout.simulate import simulate_together
from simulation.scenario.model import Deadline
from simulation.scenario.programme import Scenario
from simulation.scenario.units import DAYS, SHARE
from simulation.workers import open_workers
from workflow.text import Text

Floats = NDArray[np.float64]

TOGETHER = Table(
    "together",
    Text("Fristen jedes Programms, allein und neben den anderen", "Deadlines of each programme, alone and together"),
    (
        Column("scenario", "text", Text("Programm", "programme")),
        Column("title_de", "text", Text("Frist", "deadline in German"), heading=Text("Frist", "deadline")),
        Column("title_en", "text", Text("Frist, englisch", "deadline")),
        Column("date", "date", Text("Stichtag", "date")),
        Column("alone", "number", Text("gehalten, allein", "held, alone"), SHARE, digits=4),
        Column("together", "number", Text("gehalten, zusammen", "held, together"), SHARE, digits=4),
        Column("met_alone", "date", Text("erreicht, allein (Median)", "met, alone (median)")),
        Column("met_together", "date", Text("erreicht, zusammen (Median)", "met, together (median)")),
        Column("later_p50", "number", Text("später, Median", "later, median"), DAYS, digits=1),
        Column("later_p90", "number", Text("später in einem von zehn Durchläufen um mehr als",
                                           "later in one of ten runs by more than"), DAYS, digits=1),
    ),
)  # fmt: skip
SHARED = Table(
    "shared",
    Text("Warten auf gemeinsame Ressourcen", "Waiting for shared resources"),
    (
        Column("resource", "text", Text("Kennung", "id")),
        Column("title_de", "text", Text("Ressource", "resource in German"), heading=Text("Ressource", "resource")),
        Column("title_en", "text", Text("Ressource, englisch", "resource")),
        Column("waited_alone", "number", Text("gewartet, jedes allein", "waited, each alone"), DAYS, digits=1),
        Column("waited_together", "number", Text("gewartet, zusammen", "waited, together"), DAYS, digits=1),
    ),
)
RESOURCES = {
    "trainers": Text("Schulende", "trainers"),
    "slots": Text("Bereitstellung beim IT-Dienstleister", "provisioning at the IT provider"),
    "staff_councils": Text("Personalräte", "staff councils"),
    "providers": Text("Einführungen zugleich beim IT-Dienstleister", "introductions at once at the IT provider"),
}
CAVEATS = (
    Text(
        "Schulende, Bereitstellung, Personalräte und IT-Dienstleister sind die des ersten Programms; ein Personalrat "
        "oder Dienstleister, den es nicht hat, ist der des ersten, das ihn hat. Teams hat jedes Programm für sich.",
        "Trainers, provisioning, staff councils and IT providers are those of the first programme; a council or "
        "provider that it does not have is that of the first that has it. Each programme has teams of its own.",
    ),
)


Programme = tuple[Scenario, FoundDraws | None]
"""With the draws that agree with what is known."""


class Block(NamedTuple):
    """The runs with these numbers, alone and together. `met`: of each programme the day on which each deadline is met
    (`inf` for never), shape (2, runs, deadlines); `waited`: working days for each resource, shape (2, runs, resources).
    """

    numbers: range
    met: list[Floats]
    waited: Floats


def run_together(
    scenarios: Sequence[Scenario], replications: int, setting: Setting, *, workers: int = 1, engine: str = "local",
    on_progress: Progress | None = None,
) -> Answer:  # fmt: skip
    """Play all programmes alone and together, once in mode `plan`; raises `ValueError` for fewer than two, for two of
    one name, and where their horizons differ.
    """
    check_programmes(scenarios)
    seed, mode, kept = setting
    replications = 1 if mode == "plan" else replications
    draws = [find_draws(one, seed, replications, kept) if mode == "risk" else None for one in scenarios]
    met = [np.full((2, replications, len(one.spec.deadlines)), np.inf) for one in scenarios]
    waited = np.zeros((2, replications, len(RESOURCES)))
    blocks = [range(n, min(n + BLOCK, replications)) for n in range(0, replications, BLOCK)]
    done = 0
    with open_workers(workers, engine) as pool:
        for block in pool(partial(_run_block, list(zip(scenarios, draws, strict=True)), setting), blocks):
            place = slice(block.numbers.start, block.numbers.stop)
            waited[:, place] = block.waited
            for into, found in zip(met, block.met, strict=True):
                into[:, place] = found
            done += len(block.numbers)
            if on_progress:
                on_progress(done, replications)
    rows = [row for one, found in zip(scenarios, met, strict=True) for row in list_deadlines(one, found)]
    shared = _list_resources(waited.mean(axis=1))
    return _answer(scenarios, rows, shared, {"replications": replications, "seed": seed, "mode": mode})


def _run_block(programmes: Sequence[Programme], setting: Setting, numbers: range) -> Block:
    played = [prepare(scenario, setting.seed) for scenario, _ in programmes]
    for (_, found), one in zip(programmes, played, strict=True):
        if found is not None:
            hand_over(found, one.model)
    met = [np.full((2, len(numbers), len(scenario.spec.deadlines)), np.inf) for scenario, _ in programmes]
    waited = np.zeros((2, len(numbers), len(RESOURCES)))
    for place, number in enumerate(numbers):
        drawn = number if setting.mode == "risk" else None
        alone = [simulate_together([one], drawn)[0] for one in played]
        together = simulate_together(played, drawn)
        waited[:, place] = [_count_waiting(alone), _count_waiting(together[-1:])]  # the last knows of all resources
        for way, outcomes in enumerate((alone, together)):
            for into, (scenario, _), prepared, outcome in zip(met, programmes, played, outcomes, strict=True):
                run = follow_rollout(scenario, prepared, outcome, Streams(setting.seed, number))
                into[way, place] = measure_key_run(scenario, run, setting.mode).met
    return Block(numbers, met, waited)


def check_programmes(scenarios: Sequence[Scenario]) -> None:
    """Raise `ValueError` where they cannot run beside each other."""
    names = [one.spec.name for one in scenarios]
    if len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(f"--together: {', '.join(names)}; expected two or more different programmes")
    horizons = {(one.spec.horizon.start, one.spec.horizon.end) for one in scenarios}
    if len(horizons) > 1:
        told = "; ".join(f"{one.spec.name} {one.spec.horizon.start} to {one.spec.horizon.end}" for one in scenarios)
        raise ValueError(f"--together: their horizons differ: {told}")


def _count_waiting(outcomes: Sequence[Outcome]) -> list[float]:
    """Working days waited for each resource, over all programmes."""
    return [sum(one.waited[name] for one in outcomes) for name in RESOURCES]


def list_deadlines(scenario: Scenario, met: Floats) -> list[dict[str, Any]]:
    """A row for each deadline. `met`: alone and together the day on which each is met, shape (2, runs, deadlines)."""
    start = scenario.spec.horizon.start
    rows = []
    for number, (deadline, due) in enumerate(zip(scenario.spec.deadlines, get_due_days(scenario.spec), strict=True)):
        alone, together = met[:, :, number]
        median, most = _find_later(alone, together)
        rows.append({
            "scenario": scenario.spec.name, **_name(deadline), "date": deadline.day,
            "alone": float((alone <= due).mean()), "together": float((together <= due).mean()),
            "met_alone": _find_median_day(alone, start), "met_together": _find_median_day(together, start),
            "later_p50": median, "later_p90": most,
        })  # fmt: skip
    return rows


def _find_later(alone: Floats, together: Floats) -> list[float | None]:
    """The median and the ninth decile of the days by which a deadline is met later, of the runs that meet it alone;
    None for never: one that is not met any more is the latest of all.
    """
    reached = np.isfinite(alone)
    if not reached.any():
        return [None, None]
    later = np.quantile(together[reached] - alone[reached], (0.5, 0.9), method="inverted_cdf")
    return [float(days) if np.isfinite(days) else None for days in later]


def _name(deadline: Deadline) -> dict[str, str]:
    return {"title_de": deadline.title.de, "title_en": deadline.title.en}


def _find_median_day(days: Floats, start: date) -> date | None:
    """None where half of the runs or more never meet it."""
    middle = np.sort(days)[len(days) // 2]
    return start + timedelta(int(middle)) if np.isfinite(middle) else None


def _list_resources(waited: Floats) -> list[dict[str, Any]]:
    return [
        {"resource": name, "title_de": title.de, "title_en": title.en,
         "waited_alone": float(alone), "waited_together": float(both)}
        for (name, title), alone, both in zip(RESOURCES.items(), *waited, strict=True)
    ]  # fmt: skip


def _answer(
    scenarios: Sequence[Scenario], rows: list[dict[str, Any]], shared: list[dict[str, Any]], asked: dict[str, Any]
) -> Answer:
    sentences = tuple(say_deadline(row) for row in rows)
    summary = asked | {
        "version": version("eva"),
        "scenarios": [describe_scenario(one) for one in scenarios],
        "together": [row | _write_days(row) for row in rows],
        "shared": [dict(row) for row in shared],
    }
    frames = {"together": build_frame(TOGETHER, rows), "shared": build_frame(SHARED, shared)}
    title = Text("Programme nebeneinander", "Programmes beside each other")
    return Answer("together", title, sentences, (TOGETHER, SHARED), frames, (), summary, CAVEATS)


def _write_days(row: dict[str, Any]) -> dict[str, str | None]:
    return {name: row[name].isoformat() if row[name] else None for name in ("date", "met_alone", "met_together")}


def say_deadline(row: dict[str, Any]) -> Text:
    alone, both = (f"{100 * row[name]:.0f}" for name in ("alone", "together"))
    later = row["later_p50"]
    de = "in der Hälfte der Durchläufe nie" if later is None else f"im Median {later:.0f} Tage später"
    en = "in half of the runs never" if later is None else f"in the median {later:.0f} days later"
    return Text(
        f"{row['scenario']}: {row['title_de']}: allein {alone} %, zusammen {both} %, {de}.",
        f"{row['scenario']}: {row['title_en']}: alone {alone} %, together {both} %, {en}.",
    )
