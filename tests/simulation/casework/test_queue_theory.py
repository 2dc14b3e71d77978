"""One person whose work comes by chance is the queue M/G/1: the mean wait is that of Pollaczek and Khinchine."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import simpy

from simulation.casework.people.presence import Presence
from simulation.casework.people.staff import Person
from simulation.casework.people.worklists import Task, Worklists
from workflow.engine.access import Actor

ALWAYS = Presence([(0.0, 1e12)])


class Job(Task):
    """Notes how long it waited until it was taken up."""

    waits: list[float]

    def finish(self, person: Person) -> None:
        assert self.began is not None
        assert person is self.owner
        self.waits.append(self.began - self.arrived)


def make_worklists(env: simpy.Environment, share: float, people: int = 1) -> tuple[Worklists, list[Person]]:
    staff = [Person(f"p-{n}", "u", False, Actor(f"p-{n}", frozenset()), ALWAYS, []) for n in range(people)]
    spec: Any = SimpleNamespace(staff=SimpleNamespace(for_casework=SimpleNamespace(value=share)))
    office: Any = SimpleNamespace(env=env, scenario=spec)
    team: Any = SimpleNamespace(people=staff)
    return Worklists(office, {"u": team}, ALWAYS), staff


@pytest.mark.parametrize(("load", "share"), [(0.5, 1.0), (0.8, 1.0), (0.7, 0.35)])
def test_mean_wait(load: float, share: float) -> None:
    """Work of 10 minutes with an exponential time; `share` of the presence is there for it."""
    env, random, mean = simpy.Environment(), np.random.default_rng(20), 600.0
    worklists, (person,) = make_worklists(env, share)
    waits: list[float] = []
    service = mean / share
    jobs = 40_000

    def arrive() -> Any:
        for _ in range(jobs):
            yield env.timeout(random.exponential(service / load))
            job = Job(person, min(random.exponential(mean), 3500.0))  # shorter than what is put aside
            job.waits = waits
            worklists.put(job)

    env.process(arrive())
    env.run()
    second = 2 * service**2
    expected = load / service * second / (2 * (1 - load))
    assert len(waits) == jobs
    assert np.mean(waits) == pytest.approx(expected, rel=0.12)
    assert person.busy / share / env.now == pytest.approx(load, rel=0.03)
    assert person.done == jobs
    assert person.waiting == 0


def test_each_has_a_list_of_their_own() -> None:
    env = simpy.Environment()
    worklists, people = make_worklists(env, 1.0, 3)
    waits: list[float] = []
    for person in people:
        for _ in range(2):
            job = Job(person, 100.0)
            job.waits = waits
            worklists.put(job)
    env.run()
    assert sorted(waits) == [0.0, 0.0, 0.0, 100.0, 100.0, 100.0]
    assert env.now == 200.0


def test_what_is_no_longer_wanted_takes_no_time() -> None:
    env = simpy.Environment()
    worklists, (person,) = make_worklists(env, 1.0)

    class Gone(Job):
        def is_wanted(self) -> bool:
            return False

    waits: list[float] = []
    for kind in (Gone, Job):
        job = kind(person, 50.0)
        job.waits = waits
        worklists.put(job)
    env.run()
    assert (env.now, waits, person.done) == (50.0, [0.0], 1)
