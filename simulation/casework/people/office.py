"""The engine of a simulated authority: its clock is the simulation's, and every command is decided by it.

Nothing is written but by `Engine.handle` and by timers that are due; what the engine refuses is counted.
"""

import random
from collections import Counter
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import simpy

from scanning.catalogue import SCANNING
from scanning.handover import POLICIES
from simulation.casework.people.staff import Person, Team
from simulation.random_streams import Streams
from simulation.scenario.casework import CaseworkScenario
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.aggregate import Context
from workflow.engine.commands import Command
from workflow.engine.engine import Engine
from workflow.engine.fields import BERLIN
from workflow.engine.pending import Done
from workflow.engine.subscribers import follow
from workflow.errors import EvaError, StoreUnavailable
from workflow.file_plan.file_plan import ImportFilePlan
from workflow.organisation.staff.actions import Register
from workflow.routing_slips.decide import options
from workflow.routing_slips.routing_slip import RoutingSlip

FILE_PLAN = "43"
"""Records are kept under one unit of the file plan; which one makes no difference to how long work takes."""
IN_MEMORY = "sqlite://"
PLAN = f"code,title,retention_years,disposal,statutory,agreed,closed\n{FILE_PLAN},Fachaufgaben,10,B,no,no,no\n"


@lru_cache(maxsize=1024)
def _get_hour(hours: int) -> int:
    """Hour of the day in Germany, so many hours after 1970 began in UTC."""
    return datetime.fromtimestamp(3600 * hours, BERLIN).hour


class Office:
    def __init__(self, scenario: CaseworkScenario, streams: Streams, url: str, begins: float) -> None:
        self.scenario = scenario
        self.env = simpy.Environment(initial_time=begins)
        entropy = random.Random(f"casework/{streams.seed}/{streams.replication}")  # noqa: S311 - the same log each time
        self._is_kept = url != IN_MEMORY
        self.engine = Engine(url, SCANNING, clock=self.get_now, entropy=entropy.randbytes)
        self.admin = Actor("leitung", frozenset({Role.ADMIN}), scenario.authority, Protection.VERY_HIGH)
        self.registry = Actor("registratur", frozenset({Role.REGISTRAR}), scenario.authority)
        self.commands = 0
        self.by_hour: Counter[int] = Counter()
        """Commands by hour of the day in Germany."""
        self.refused: Counter[str] = Counter()
        """What the engine did not allow, by action and reason."""
        self.on_change: Callable[[Done], None] = lambda _: None
        """Called with what every timer led to."""

    def get_now(self) -> datetime:
        return datetime.fromtimestamp(self.env.now, UTC)

    def open(self, teams: dict[str, Team]) -> None:
        """Enter the staff and the file plan."""
        for actor in (self.registry, *(one.actor for team in teams.values() for one in team.people)):
            register = Register(user=actor.user, roles=tuple(sorted(actor.roles)), authority=actor.authority)
            self.handle(register, self.admin, f"staff:{actor.user}")
        authority = self.scenario.authority
        self.handle(ImportFilePlan(authority=authority, csv=PLAN), self.registry, f"file-plan:{authority}")

    def handle(self, command: Command, actor: Actor, stream: str) -> Done:
        """What comes of a command; raises as the engine does."""
        done = self.engine.handle(command, actor, stream)
        self.commands += 1
        self.by_hour[_get_hour(int(self.env.now // 3600))] += 1
        return done

    def attempt(self, command: Command, actor: Actor, stream: str) -> Done | None:
        """As `handle`; None where the engine does not allow it."""
        try:
            return self.handle(command, actor, stream)
        except StoreUnavailable:
            raise
        except EvaError as no:
            self.refused[f"{command.ACTION}: {no}"] += 1
            return None

    def list_allowed(self, slip: RoutingSlip, person: Person) -> set[str]:
        """The actions on a routing slip that the machine shows to a person as allowed."""
        context = Context(
            f"routing-slip:{slip.id}", person.actor, self.get_now(), self.engine.rules, self._find, lambda: ""
        )
        return {option.action for option in options(slip, context) if option.allowed}

    def _find(self, stream: str) -> Any:
        known = self.engine.remembered(stream)  # nobody else writes to this log
        return self.engine.find(stream, object) if known is None else known.state

    def run_timers(self) -> Generator[simpy.Event, None, None]:
        """Look for timers that are due, as a server does."""
        seconds = 60.0 * self.scenario.timer_minutes
        while True:
            yield self.env.timeout(seconds - self.env.now % seconds)
            fired = self.engine.fire()
            for done in fired.done:
                self.on_change(done)
            for _, timer, why in fired.refused:
                self.refused[f"{timer.partition(':')[0]}: {why}"] += 1

    def close(self) -> None:
        """Let policies answer what has happened. Where nobody scans there is nothing that they know of: then only a log
        that is kept is looked through, so that whoever opens it need not.
        """
        if self._is_kept or self.scenario.scan is not None:
            for policy in POLICIES:
                follow(policy, self.engine)
        self.engine.close()
