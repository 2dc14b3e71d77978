"""The rollout of the projects: the plan is reproduced, risks only delay, scarce resources make others wait."""

from dataclasses import replace
from datetime import date

import networkx as nx
import numpy as np
import pytest
import simpy

from simulation.calendar import Calendar
from simulation.forecast.replication import convert_to_days
from simulation.random_streams import Streams
from simulation.rollout.resource_pool import Level, Pool
from simulation.rollout.risks import ProjectLuck, draw_luck, draw_scenario, get_planned_luck
from simulation.rollout.rollout import Rollout
from simulation.scenario.figures import replace_figures
from simulation.scenario.programme import Scenario


def calendar_of(scenario):
    return Calendar(scenario.spec.horizon.start, scenario.spec.horizon.end)


def planned_days(scenario, calendar):
    return np.array([float(calendar.get_day(a.go_live)) for a in scenario.authorities])


def with_luck(scenario, **changes):
    calendar = calendar_of(scenario)
    luck = replace(get_planned_luck(scenario, calendar), **changes)
    return convert_to_days(calendar, Rollout(scenario, calendar, luck).run().go_live)


def test_without_risk_every_authority_goes_live_on_its_planned_day(nrw: Scenario) -> None:
    calendar = calendar_of(nrw)
    outcome = Rollout(nrw, calendar, get_planned_luck(nrw, calendar)).run()
    assert (convert_to_days(calendar, outcome.go_live) == planned_days(nrw, calendar)).all()
    edges = [f"{p}_{e}" for p in ("preparation", "introduction", "operation") for e in ("start", "end")]
    planned = [[calendar.get_day(getattr(p, edge)) for edge in edges] for p in nrw.projects]
    assert (convert_to_days(calendar, outcome.phases) == np.array(planned)).all()


@pytest.mark.parametrize("replication", range(5))
def test_risk_never_brings_a_date_forward_nor_changes_the_past(nrw: Scenario, replication: int) -> None:
    streams = Streams(11, replication)
    scenario = replace(nrw, spec=draw_scenario(nrw.spec, streams))
    calendar = calendar_of(nrw)
    found = convert_to_days(calendar, Rollout(scenario, calendar, draw_luck(scenario, calendar, streams)).run().go_live)
    planned = planned_days(nrw, calendar)
    assert (found >= planned).all()
    past = planned <= calendar.get_day(nrw.spec.as_of.value)
    assert past.any()
    assert (found[past] == planned[past]).all()


def test_fewer_teams_change_the_future_but_not_the_past(nrw: Scenario) -> None:
    few = {f"rollout.teams.{step.start}.value": 2 for step in nrw.spec.rollout.teams}
    scenario = replace(nrw, spec=replace_figures(nrw.spec, few))
    calendar, streams = calendar_of(nrw), Streams(3, 0)
    outcome = Rollout(scenario, calendar, draw_luck(scenario, calendar, streams)).run()
    ends = convert_to_days(calendar, outcome.phases)[:, 3]
    planned = np.array([float(calendar.get_day(p.introduction_end)) for p in nrw.projects])
    past = planned <= calendar.get_day(nrw.spec.as_of.value)
    assert (ends[past] == planned[past]).all()
    assert (ends[~past] > planned[~past] + 365).sum() > 20


def test_a_longer_project_delays_itself_and_those_who_wait_for_it(nrw: Scenario) -> None:
    calendar = calendar_of(nrw)
    quiet = get_planned_luck(nrw, calendar).projects
    slow = {**quiet, "p-pol-zentral": ProjectLuck(1.6, 0.0, 0.0)}
    late = with_luck(nrw, projects=slow) - planned_days(nrw, calendar)
    waiting = nx.descendants(nx.DiGraph([(d, p.id) for p in nrw.projects for d in p.depends_on]), "p-pol-zentral")
    by_project = {
        p.id: max(x for x, a in zip(late, nrw.authorities, strict=True) if a.project == p.id) for p in nrw.projects
    }
    assert by_project["p-pol-zentral"] > 30
    assert any(by_project[p] > 0 for p in waiting)
    assert all(v == 0 for p, v in by_project.items() if p.startswith("p-fin-0"))


def test_fewer_trainers_make_authorities_late(nrw: Scenario) -> None:
    path = "rollout.training.trainers.2021-01-01.value"
    scenario = replace(nrw, spec=replace_figures(nrw.spec, {path: 3}))
    late = with_luck(scenario) - planned_days(nrw, calendar_of(nrw))
    assert (late >= 0).all()
    assert (late > 20).sum() > 20


def test_high_protection_waits_for_its_release(nrw: Scenario) -> None:
    calendar = calendar_of(nrw)
    released = calendar.get_time(date(2023, 6, 1))
    found = with_luck(nrw, protection_released=released)
    for day, authority in zip(found, nrw.authorities, strict=True):
        if authority.protection == "high":
            assert day >= calendar.get_day(date(2023, 6, 1))


def test_the_last_project_and_those_it_waited_for_are_critical(nrw: Scenario) -> None:
    calendar = calendar_of(nrw)
    quiet = get_planned_luck(nrw, calendar).projects
    slow = {**quiet, "p-pol-koeln": ProjectLuck(1.0, 600.0, 0.0)}
    outcome = Rollout(nrw, calendar, replace(get_planned_luck(nrw, calendar), projects=slow)).run()
    critical = {p.id for p, c in zip(nrw.projects, outcome.critical, strict=True) if c}
    assert {"p-pol-koeln", "p-pol-nord"} <= critical
    assert "p-mwide" not in critical


def test_a_pool_shrinks_only_when_somebody_finishes() -> None:
    env, log = simpy.Environment(), []
    pool = Pool(env, [Level(0, 2), Level(3, 1), Level(20, 2)])

    def work(name, days):
        grant = yield from pool.request(name, 0)
        log.append((env.now, name, grant.freed_by))
        yield env.timeout(days)
        pool.release(grant)

    for name, days in (("a", 5), ("b", 10), ("c", 4), ("d", 4), ("e", 1)):
        env.process(work(name, days))
    env.run(50)
    # From 3 on one place is gone: it is taken from a at 5; c waits for b, d for c, e for d (before 20).
    assert log == [(0, "a", None), (0, "b", None), (10, "c", "b"), (14, "d", "c"), (18, "e", "d")]


def test_working_days_know_the_holidays_of_the_state() -> None:
    calendar = Calendar(date(2021, 1, 1), date(2021, 12, 31))
    for off in (date(2021, 6, 3), date(2021, 11, 1), date(2021, 12, 26), date(2021, 5, 8)):
        assert not calendar.is_working[calendar.get_day(off)]
    assert calendar.is_working[calendar.get_day(date(2021, 10, 29))]
    assert len(calendar.working_days) == 254
