"""Several programmes at once: what it costs each that they share trainers, IT provider and staff councils.

In the report they ran beside each other. Each run is played two ways with the same random numbers: every programme
alone, and all together over the resources of the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import get_calendar
from simulation.forecast.found_draws import FoundDraws, find_draws, hand_over
from simulation.forecast.frames import build_frame
from simulation.forecast.measures import count_users_from_go_live, find_days_met
from simulation.forecast.replication import get_month_end_days
from simulation.forecast.simulated_rollout import follow_rollout, prepare
from simulation.forecast.tables import PRODUCTS
from simulation.inputs.faults import Unanswerable
from simulation.questions.answer import Answer, AnswerChart, describe_scenario
from simulation.questions.programmes.tables import (
    RESOURCES,
    SHARED,
    SHARED_USE,
    TOGETHER,
    USED,
    USERS,
    list_deadlines,
    list_resources,
    list_use,
    list_users,
    say_deadline,
)
from simulation.questions.runs import BLOCK, Progress, Setting, build_run_courses
from simulation.random_streams import Streams
from simulation.rollout.outcome import POOLS
from simulation.rollout.simulate import simulate_together
from simulation.scenario.programme import Scenario
from simulation.scenario.units import PEOPLE, PIECES
from simulation.workers import open_workers
from workflow.text import Text

Floats = NDArray[np.float64]

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


@dataclass(frozen=True)
class Played:
    """What runs gave one programme, alone and together. `met`: the day on which each deadline is met (`inf` for never),
    shape (2, runs, deadlines); `users`: from go-live, at the month ends of the horizon, shape (2, runs, products,
    months); `waited`: working days, (2, runs, resources); `used`: units of `USED` that its own work takes, mean of each
    month, (2, runs, resources, months).
    """

    met: Floats
    users: Floats
    waited: Floats
    used: Floats

    @classmethod
    def make(cls, scenario: Scenario, runs: int, months: int) -> "Played":
        shapes = ((len(scenario.spec.deadlines),), (len(PRODUCTS), months), (len(RESOURCES),), (len(USED), months))
        return cls(*(np.zeros((2, runs, *shape)) for shape in shapes))

    def put(self, numbers: range, other: "Played") -> None:
        """Take over the runs with these numbers."""
        place = slice(numbers.start, numbers.stop)
        for mine, of in zip(vars(self).values(), vars(other).values(), strict=True):
            mine[:, place] = of


class Block(NamedTuple):
    """The runs with these numbers, by programme. `there`: units of `USED` for all, shape (runs, resources, months)."""

    numbers: range
    played: list[Played]
    there: Floats


def run_together(
    scenarios: Sequence[Scenario], replications: int, setting: Setting, *, workers: int = 1, engine: str = "local",
    on_progress: Progress | None = None,
) -> Answer:  # fmt: skip
    """Play all programmes alone and together, once in mode `plan`; raises `Unanswerable` for fewer than two, for two of
    one name, and where their horizons differ.
    """
    check_programmes(scenarios)
    seed, mode, kept = setting
    replications = 1 if mode == "plan" else replications
    horizon = scenarios[0].spec.horizon
    days = get_calendar(horizon.start, horizon.end).list_month_ends()
    draws = [find_draws(one, seed, replications, kept) if mode == "risk" else None for one in scenarios]
    played = [Played.make(one, replications, len(days)) for one in scenarios]
    there = np.zeros((replications, len(USED), len(days)))
    blocks = [range(n, min(n + BLOCK, replications)) for n in range(0, replications, BLOCK)]
    done = 0
    with open_workers(workers, engine) as pool:
        for block in pool(partial(_run_block, list(zip(scenarios, draws, strict=True)), setting, len(days)), blocks):
            there[block.numbers.start : block.numbers.stop] = block.there
            for into, found in zip(played, block.played, strict=True):
                into.put(block.numbers, found)
            done += len(block.numbers)
            if on_progress:
                on_progress(done, replications)
    return _answer(scenarios, days, played, there, {"replications": replications, "seed": seed, "mode": mode})


def _run_block(programmes: Sequence[Programme], setting: Setting, months: int, numbers: range) -> Block:
    prepared = [prepare(scenario, setting.seed) for scenario, _ in programmes]
    for (_, found), one in zip(programmes, prepared, strict=True):
        if found is not None:
            hand_over(found, one.model)
    played = [Played.make(scenario, len(numbers), months) for scenario, _ in programmes]
    there = np.zeros((len(numbers), len(USED), months))
    for place, number in enumerate(numbers):
        drawn = number if setting.mode == "risk" else None
        alone, together = [simulate_together([one], drawn)[0] for one in prepared], simulate_together(prepared, drawn)
        there[place] = [together[0].capacity[POOLS.index(name), :months] for name in USED]
        for way, outcomes in enumerate((alone, together)):
            for into, (scenario, _), of, outcome in zip(played, programmes, prepared, outcomes, strict=True):
                run = follow_rollout(scenario, of, outcome, Streams(setting.seed, number))
                courses, ends = build_run_courses(run, setting.mode), get_month_end_days(run.calendar)[:months]
                into.met[way, place] = find_days_met(scenario.spec, courses)
                into.users[way, place] = count_users_from_go_live(courses, ends)
                into.waited[way, place] = [outcome.waited[name] for name in RESOURCES]
                into.used[way, place] = [outcome.own_use[name][:months] for name in USED]
    return Block(numbers, played, there)


def check_programmes(scenarios: Sequence[Scenario]) -> None:
    """Raise `Unanswerable` where they cannot run beside each other."""
    names = [one.spec.name for one in scenarios]
    if len(names) < 2 or len(set(names)) < len(names):
        told, wanted = ", ".join(names), Text("mindestens zwei verschiedene Programme werden erwartet",
                                              "expected two or more different programmes")  # fmt: skip
        raise Unanswerable("--together", Text(told, told), wanted)
    horizons = {(one.spec.horizon.start, one.spec.horizon.end) for one in scenarios}
    if len(horizons) > 1:
        spans = [(one.spec.name, one.spec.horizon.start, one.spec.horizon.end) for one in scenarios]
        raise Unanswerable("--together", Text(
            "ihre Zeiträume sind verschieden: " + "; ".join(f"{name} {start} bis {end}" for name, start, end in spans),
            "their horizons differ: " + "; ".join(f"{name} {start} to {end}" for name, start, end in spans),
        ))  # fmt: skip


def _answer(
    scenarios: Sequence[Scenario], days: Sequence[date], played: Sequence[Played], there: Floats, asked: dict[str, Any]
) -> Answer:
    pairs = list(zip(scenarios, played, strict=True))
    rows = [row for one, of in pairs for row in list_deadlines(one, of.met)]
    shared = [row for one, of in pairs for row in list_resources(one, of.waited.mean(axis=1))]
    users = [row for one, of in pairs for row in list_users(one, days, of.users)]
    use = [row for one, of in pairs for row in list_use(one, days, of.used.mean(axis=1), there.mean(axis=0))]
    summary = asked | {
        "version": version("eva"),
        "scenarios": [describe_scenario(one) for one in scenarios],
        "together": [row | _write_days(row) for row in rows],
        "shared": [dict(row) for row in shared],
    }
    tables = (TOGETHER, SHARED, USERS, SHARED_USE)
    frames = {table.name: build_frame(table, of) for table, of in zip(tables, (rows, shared, users, use), strict=True)}
    title = Text("Programme nebeneinander", "Programmes beside each other")
    sentences = tuple(say_deadline(row, asked["replications"]) for row in rows)
    charted = frozenset({USERS.name, SHARED_USE.name})
    return Answer("together", title, sentences, tables, frames, _list_charts(), summary, CAVEATS, charted)


def _list_charts() -> tuple[AnswerChart, ...]:
    """Users of each product, and the use of each resource, of every programme alone and together."""
    users = [
        AnswerChart(
            f"together_{product}", USERS.name, "courses", Text(f"{name}: Personen je Programm",
                                                               f"{name}: users of each programme"),
            Text(f"Median der Durchläufe, allein und zusammen. Quelle: {USERS.name}.csv.",
                 f"Median of the runs, alone and together. Source: {USERS.name}.csv."),
            PEOPLE, {"time": "date", "where": {"product": product}, "ends": "_p50"},
        )
        for product, name in PRODUCTS.items()
    ]  # fmt: skip
    used = [
        AnswerChart(
            f"shared_{name}", SHARED_USE.name, "courses", Text(f"{RESOURCES[name].de}: Nutzung je Programm",
                                                               f"{RESOURCES[name].en}: use by each programme"),
            Text(f"Mittel der Durchläufe, allein und zusammen. Quelle: {SHARED_USE.name}.csv.",
                 f"Mean of the runs, alone and together. Source: {SHARED_USE.name}.csv."),
            PIECES, {"time": "month", "where": {"resource": name}, "ends": ""},
        )
        for name in USED
    ]  # fmt: skip
    return *users, *used


def _write_days(row: dict[str, Any]) -> dict[str, str | None]:
    return {name: row[name].isoformat() if row[name] else None for name in ("date", "met_alone", "met_together")}
