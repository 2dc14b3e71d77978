"""Staff, deputies, routes and work lists, each by itself."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest

from scenarios import FOLDER
from simulation.casework.casework import adapt, relieve
from simulation.casework.people.draws import draw_figures
from simulation.casework.people.staff import Person, Team, hire, list_stand_ins
from simulation.casework.people.worklists import SLICE, Task
from simulation.casework.routes import RoutePlanner
from simulation.casework.workplace import Run, Workplace
from simulation.loading.load_casework import load_casework
from simulation.random_streams import Streams
from simulation.scenario.casework import CaseworkScenario, RouteStep
from simulation.scenario.figures import find_figures
from workflow.organisation.working_days import ONE_DAY, is_working
from workflow.routing_slips.events import Kind, ParallelSpec, StationSpec

LOADED = load_casework(FOLDER / "casework" / "small-office.yaml")[0]
SPEC = adapt(LOADED, days=60).scenario
STREAMS = Streams(11, 1)
DAY = date(2020, 10, 30)


def without_absence() -> CaseworkScenario:
    return SPEC.with_values({"staff.absent": 0.0, "staff.part_time": 0.0})


@pytest.fixture
def workplace() -> Iterator[Workplace]:
    """Nobody is away, nothing has happened."""
    opened = Workplace(without_absence(), STREAMS, Run(1))
    opened.office.open(opened.teams)
    yield opened
    opened.office.close()


class Noted(Task):
    """A task that only says who did it, and when."""

    def __init__(self, owner: Person, touch: float, urgency: float, name: str, log: list[tuple[str, str]]) -> None:
        super().__init__(owner, touch, urgency)
        self.name, self.log = name, log

    def finish(self, person: Person) -> None:
        self.log.append((self.name, person.id))


def test_what_is_urgent_comes_first_and_long_work_is_put_aside_for_it(workplace: Workplace) -> None:
    log: list[tuple[str, str]] = []
    person = workplace.worklists.people["fach-05"]
    for name, touch, urgency in (("long", 5 * SLICE, 1.0), ("usual", 60.0, 1.0), ("urgent", 60.0, 0.3)):
        workplace.worklists.put(Noted(person, touch, urgency, name, log))
    workplace.env.run(until=workplace.office_hours.find_end(workplace.begins, 2 * 3600))
    late = Noted(person, 60.0, 0.1, "later and more urgent", log)
    workplace.worklists.put(late)
    workplace.env.run(until=workplace.ends)
    assert [name for name, _ in log] == ["urgent", "later and more urgent", "usual", "long"]
    assert person.busy == pytest.approx(5 * SLICE + 180)


def test_work_takes_longer_by_what_else_there_is_to_do(workplace: Workplace) -> None:
    log: list[tuple[str, str]] = []
    person = workplace.worklists.people["fach-05"]
    workplace.worklists.put(Noted(person, 1800.0, 1.0, "half an hour", log))
    hours = 0.5 / SPEC.staff.for_casework.value
    end = workplace.office_hours.find_end(workplace.begins, 3600 * hours)
    workplace.env.run(until=end - 1)
    assert not log
    workplace.env.run(until=end + 1)
    assert log == [("half an hour", "fach-05")]


def test_what_lies_too_long_is_hurried_by_an_escalation(workplace: Workplace) -> None:
    log: list[tuple[str, str]] = []
    task = Noted(workplace.worklists.people["fach-05"], 60.0, 1.0, "escalated", log)
    workplace.worklists.put(task, lies=workplace.count_seconds(20))
    workplace.env.run(until=workplace.begins + 86_400)
    assert not log
    workplace.worklists.hurry(task)
    workplace.env.run(until=workplace.begins + 2 * 86_400)
    assert log == [("escalated", "fach-05")]


def test_deputies_do_what_lies_there_and_no_longer_than_appointed() -> None:
    spec = SPEC.with_values({"staff.part_time": 0.0})
    place = Workplace(spec, STREAMS, Run(1))
    place.office.open(place.teams)
    person = next(one for one in place.worklists.people.values() if one.absences and one.unit == "fach")
    first, last = next(span for span in person.absences if span[0] > spec.horizon.start)
    log: list[tuple[str, str]] = []
    place.env.run(until=place.office_hours.get_next(_at(first)) + 1)
    assert person.away
    assert person.deputy is not None
    place.worklists.put(Noted(person, 60.0, 1.0, "away", log))
    place.env.run(until=_at(last + ONE_DAY) + 1)
    assert log
    assert log[0][1] != person.id
    if not any(one[0] == last + ONE_DAY for one in person.absences):
        assert not person.away
        assert person.deputy is None
    place.office.close()


def _at(day: date) -> float:
    from simulation.casework.people.presence import get_timestamp

    return get_timestamp(day, "00:00")


def test_absences_take_the_share_of_the_days_that_the_scenario_says() -> None:
    spec = load_casework(FOLDER / "nrw" / "model-ministry.yaml")[0].scenario
    people = [one for team in hire(spec, STREAMS).values() for one in team.people]
    assert len(people) == 539
    days, away, day = 0, 0, spec.horizon.start
    while day <= spec.horizon.end:
        if is_working(day):
            days += len(people)
            away += sum(any(first <= day <= last for first, last in one.absences) for one in people)
        day += ONE_DAY
    assert away / days == pytest.approx(spec.staff.absent.value, abs=0.012)


def test_only_an_approver_stands_in_for_an_approver() -> None:
    teams = hire(SPEC, STREAMS)
    for team in teams.values():
        for person in team.people:
            found = list_stand_ins(person, teams)
            assert person not in found
            assert found
            if person.approver:
                assert all(one.approver for one in found)


def plan(owner: str, *steps: RouteStep, side_by_side: bool = True) -> tuple[list[StationSpec | ParallelSpec], Team]:
    teams = hire(SPEC, STREAMS)
    team = teams[owner.rpartition("-")[0]]
    person = next(one for one in team.people if one.id == owner)
    planner = RoutePlanner(teams, person, np.random.default_rng(1))
    return list(planner.plan(list(steps), DAY, side_by_side)), team  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("step", "unit"),
    [
        (RouteStep(kind="final_sign", who="head"), "fach"),
        (RouteStep(kind="co_sign", who="colleague"), "fach"),
        (RouteStep(kind="final_sign", who="parent_head"), "leitung"),
        (RouteStep(kind="final_sign", who="top"), "leitung"),
        (RouteStep(kind="co_sign", unit="zentrale"), "zentrale"),
        (RouteStep(kind="co_sign", who="other_head"), "zentrale"),
    ],
)
def test_a_route_finds_those_who_are_meant(step: RouteStep, unit: str) -> None:
    (station,), _ = plan("fach-07", step)
    assert isinstance(station, StationSpec)
    assert station.actor.rpartition("-")[0] == unit
    assert station.actor != "fach-07"
    assert (station.deadline, station.kind) == (DAY, Kind(str(step.kind)))


def test_nobody_is_asked_twice_and_paper_goes_one_after_another() -> None:
    both = RouteStep(
        parallel=[RouteStep(kind="co_sign", who="other_clerk"), RouteStep(kind="co_sign", who="colleague")]
    )
    (block,), _ = plan("fach-07", both)
    assert isinstance(block, ParallelSpec)
    assert len({station.actor for station in block.parallel if isinstance(station, StationSpec)}) == 2
    on_paper, _ = plan("fach-07", both, side_by_side=False)
    assert [type(station) for station in on_paper] == [StationSpec, StationSpec]
    told, team = plan("fach-07", RouteStep(kind="acknowledge", who="everybody"))
    assert len(told) == len(team.people) - 1


def test_figures_are_drawn_within_their_range_and_people_are_not_drawn() -> None:
    drawn = draw_figures(SPEC, STREAMS)
    changed = 0
    for (path, old, _), (_, new, _) in zip(find_figures(SPEC), find_figures(drawn), strict=True):
        assert old.low is None or old.low <= new.value <= old.high, path
        assert not path.startswith(("staff.units", "staff.total")) or new.value == old.value
        changed += new.value != old.value
    assert changed > 40
    assert draw_figures(SPEC, Streams(11, 1)) == drawn
    assert draw_figures(SPEC, Streams(11, 2)) != drawn


def test_relief_is_one_person_more_who_signs() -> None:
    before, after = ({one.unit.id: one for one in hire(spec, STREAMS).values()}
                     for spec in (SPEC, relieve(SPEC, "zentrale")))  # fmt: skip
    for name, team in after.items():
        more = name == "zentrale"
        assert len(team.people) == len(before[name].people) + more
        assert len(team.approvers) == len(before[name].approvers) + more
