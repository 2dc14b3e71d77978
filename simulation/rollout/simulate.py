"""One run of the rollout from its number: what is drawn for it, the simulation, and what comes out."""

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from simulation.rollout.conditioning import KeptDraws, condition_rollout, condition_work
from simulation.rollout.conditions import draw_conditions, plan_conditions
from simulation.rollout.model import Model, find_high_projects
from simulation.rollout.outcome import POOLS, Outcome, average_by_month, average_held, compute_slack
from simulation.rollout.portfolio import Portfolio
from simulation.rollout.risks import draw_luck, get_planned_luck, spare
from simulation.rollout.rollout import Rollout, Setting
from simulation.scenario.figures import copy_model, replace_figures
from simulation.scenario.model import RolloutScenario
from simulation.scenario.programme import Scenario

DAYS_PER_MONTH = 365.2425 / 12


Change = Callable[[RolloutScenario], RolloutScenario]
Move = Callable[[Portfolio], Portfolio]
NOTHING: Mapping[str, float] = MappingProxyType({})
_RECENT: deque[tuple[Scenario, Model]] = deque(maxlen=4)
"""Models with the scenarios that they were asked for."""
_KEPT: WeakKeyDictionary[Model, tuple[KeptDraws, KeptDraws]] = WeakKeyDictionary()


class Draw(NamedTuple):
    """The uncertain figures of a run by path, and the number of their draw."""

    number: int
    values: dict[str, float]


def get_model(scenario: Scenario, seed: int) -> Model:
    """The model of a scenario; that of one asked for lately, or that differs in its name only, is not made again."""
    of_seed = [(asked, model) for asked, model in _RECENT if model.seed == seed]
    for asked, model in of_seed:
        if asked is scenario:
            return model
    wanted = _remove_names(scenario)
    same = (model for _, model in of_seed if _remove_names(model.scenario) == wanted)
    found = next(same, None) or Model(scenario, seed)
    _RECENT.append((scenario, found))  # a worker has several copies of one scenario: comparing takes as long as a run
    return found


def _remove_names(scenario: Scenario) -> Scenario:
    names = {"name": "", "title": None, "notice": None}
    return replace(scenario, spec=copy_model(scenario.spec, names), digest="", changes=())


def simulate_plan(model: Model, change: Change | None = None, move: Move | None = None) -> Outcome:
    """As planned: nothing is drawn, everything keeps its appointment if the capacities suffice."""
    return _run(model, _plan(model, change, move), Draw(0, {}))


def _plan(model: Model, change: Change | None, move: Move | None) -> Setting:
    spec = change(model.scenario.spec) if change else model.scenario.spec
    luck = get_planned_luck(len(model.scenario.projects))
    portfolio = move(model.portfolio) if move else model.portfolio
    return Setting(spec, portfolio, plan_conditions(spec, model.calendar), luck, risky=False)


def simulate(
    model: Model, number: int, *, change: Change | None = None, move: Move | None = None, on_time: int | None = None
) -> Outcome:
    """The run with this number.

    `change` changes the figures, `move` the lists after they are drawn. With `on_time` it is the same run, but the
    project with that number meets neither more work than planned nor any delay of its own.
    """
    setting, draw = _draw(model, number, change, move)
    return _run(model, setting if on_time is None else _set_on_time(setting, on_time), draw)


def simulate_each_on_time(
    model: Model, number: int, change: Change | None = None, move: Move | None = None
) -> Iterator[NDArray[np.float64]]:
    """For each project in turn, the same run with it on time: when the authorities go live, shape (authorities,)."""
    setting, _ = _draw(model, number, change, move)
    for project in range(len(model.scenario.projects)):
        rollout = Rollout(model, _set_on_time(setting, project))
        rollout.run()
        yield rollout.go_live


def simulate_go_lives(
    model: Model, number: int, change: Change | None, move: Move | None, fixed: Mapping[str, float]
) -> tuple[NDArray[np.float64], Portfolio]:
    """The run with this number, but with `fixed` values of figures that are drawn otherwise: when the authorities go
    live, shape (authorities,), and the lists of the run.
    """
    setting, _ = _draw(model, number, change, move, fixed)
    rollout = Rollout(model, setting)
    rollout.run()
    return rollout.go_live, setting.portfolio


def _set_on_time(setting: Setting, project: int) -> Setting:
    return replace(setting, luck=spare(setting.luck, project))


def _draw(
    model: Model,
    number: int,
    change: Change | None,
    move: Move | None,
    fixed: Mapping[str, float] = MappingProxyType({}),
) -> tuple[Setting, Draw]:
    draw = choose_draw(model, number)
    spec = model.figures.replace({**draw.values, **fixed})
    stated = {path: value for path, value in fixed.items() if path not in draw.values}
    spec = replace_figures(spec, stated) if stated else spec
    spec = change(spec) if change else spec
    portfolio = model.draw_portfolio(number)
    portfolio = move(portfolio) if move else portfolio
    luck = draw_luck(spec, model.project_keys, number, find_high_projects(model, portfolio))
    conditions = draw_conditions(spec, model.calendar, model.dated, number)
    return Setting(spec, portfolio, conditions, luck), draw


def choose_draw(model: Model, number: int) -> Draw:
    """The uncertain figures of the run with this number.

    Those of the rollout come from the draws that agree with the known history, in turn, and those of the users' work
    from the draws that agree with the known work; what nothing is known of is drawn for the run alone.
    """
    rollout, work = get_kept(model)
    chosen, other = rollout.choose(number), work.choose(number)
    values = model.figures.draw(number)
    values |= {p: v for p, v in model.figures.draw(chosen).items() if p.startswith(("rollout.", "risks."))}
    values |= {p: v for p, v in model.figures.draw(other).items() if p.startswith("work.")}
    return Draw(chosen, values)


def get_kept(model: Model) -> tuple[KeptDraws, KeptDraws]:
    """The draws that agree with the known history, and with the known work; found once for a model, when needed."""
    model = model.unchanged or model
    if model not in _KEPT:
        _KEPT[model] = (condition_rollout(model), condition_work(model))
    return _KEPT[model]


def simulate_together(played: Sequence[tuple[Model, Change | None, Move | None]], number: int | None) -> list[Outcome]:
    """Several programmes in one run, over the trainers, slots, staff councils and IT providers of the first; each has
    teams of its own. A council or provider that the first does not have is that of the first that has it. `number`
    None is the plan. `waited` and `own_use` are those of each programme; `use` and `person_days` of what is shared
    are those of all together.
    """
    settings = [
        (_plan(model, change, move), Draw(0, {})) if number is None else _draw(model, number, change, move)
        for model, change, move in played
    ]
    rollouts: list[Rollout] = []
    for (model, *_), (setting, _) in zip(played, settings, strict=True):
        rollouts.append(Rollout(model, setting, rollouts[-1] if rollouts else None))
    rollouts[0].run()
    return [_summarise(rollout, draw) for rollout, (_, draw) in zip(rollouts, settings, strict=True)]


def _run(model: Model, setting: Setting, draw: Draw) -> Outcome:
    rollout = Rollout(model, setting)
    rollout.run()
    return _summarise(rollout, draw)


def _summarise(rollout: Rollout, draw: Draw) -> Outcome:
    model, setting = rollout.model, rollout.setting
    spec, calendar, months = setting.spec, model.calendar, model.months
    training = spec.rollout.training
    hours = rollout.trainers.used * training.group_size.value * training.hours_per_trainer_day.value
    per_day = hours / training.hours_per_user.value
    per_day[math.ceil(rollout.work.e_learning_from) :] /= rollout.work.classroom
    days = np.diff(calendar.working_days_before[np.array(calendar.month_starts[: months + 1])])
    held = sum((end - begin) * units for begin, end, units in rollout.teams.held)
    late = [c.late_months.value * DAYS_PER_MONTH if setting.risky else 0.0 for c in spec.scan.centres]
    return Outcome(
        replace(model.scenario, spec=spec),
        setting.portfolio,
        rollout.phases,
        rollout.go_live,
        compute_slack(rollout.phases[:, 3], rollout.handovers),
        np.stack([
            average_held(rollout.teams.held, calendar, months),
            *(average_by_month(pool.used, calendar, months) for pool in (rollout.trainers, rollout.slots)),
        ]),
        np.stack([average_by_month(setting.conditions.capacity[name], calendar, months) for name in POOLS]),
        average_by_month(per_day, calendar, months) * days,
        {
            "teams": rollout.teams.waited,
            "trainers": rollout.trainers.waited,
            "slots": rollout.slots.waited,
            "staff_councils": sum(council.waited for council in rollout.councils),
            "providers": rollout.waited_for_provider,
        },
        {
            "teams": held * spec.rollout.team_size.value,
            "trainers": float(rollout.trainers.used.sum()),
            "slots": float(rollout.slots.used.sum()),
        },
        np.array(late),
        setting.conditions.demand,
        draw.values,
        draw.number,
        rollout.env.count_events(),
        {name: average_by_month(pool.taken, calendar, months)
         for name, pool in (("trainers", rollout.trainers), ("slots", rollout.slots))},
    )  # fmt: skip
