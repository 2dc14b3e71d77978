"""The office of a simulation whose every command a server gets as well, at the pace of the clock on the wall.

The simulation's own engine decides first, so that staff know what is theirs to do next. Ids follow from the id of a
command, which is the user's with the `Idempotency-Key`, so both engines make the same ones, and no answer has to be
waited for. What happens by time alone, such as reminders, each engine sees by its own clock.
"""

import json
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from api.application.resources import RESOURCES
from api.application.service import format_command_id
from api.cli.drive.requests import DriveError, Requests, Wanted
from api.cli.shared.output import in_language
from simulation.casework.people.office import Office
from simulation.casework.people.presence import list_presence
from simulation.casework.people.staff import AFTERWARDS
from simulation.random_streams import Streams
from simulation.scenario.casework import CaseworkScenario
from workflow.engine.access import SYSTEM, Actor
from workflow.engine.commands import Command
from workflow.engine.pending import Done
from workflow.mail_folders.actions import Assign, Sight
from workflow.organisation.staff.actions import AppointDeputy, Register, RevokeDeputy

LONGEST_DAYS = 3660
"""Of tokens, which are revoked at the end."""
Pace = Callable[[float], float]
"""When something is to happen, by `time.monotonic`, that happens so many seconds of office hours after the start."""


def make_pace(speed: float) -> Pace:
    """`speed` seconds of office hours pass in one; without any pause where it is 0."""
    begun = time.monotonic()
    return lambda seconds: begun + seconds / speed if speed else time.monotonic()


class DrivenOffice(Office):
    """`on_day` hears how many days have passed."""

    def __init__(
        self, requests: Requests, pace: Pace, on_day: Callable[[float], None],
        scenario: CaseworkScenario, streams: Streams, url: str, begins: float,
    ) -> None:  # fmt: skip
        super().__init__(scenario, streams, url, begins)
        self._requests, self._pace, self._on_day, self._begins = requests, pace, on_day, begins
        horizon = scenario.horizon
        self._hours = list_presence(scenario.staff.hours, horizon.start, horizon.end + AFTERWARDS)
        self._name, self._sent = secrets.token_hex(6), 0
        self._bearers: dict[str, str] = {}

    def handle(self, command: Command, actor: Actor, stream: str) -> Done:
        if actor == SYSTEM and isinstance(command, Assign):  # of itself only in the simulation: the registry has to
            self.handle(Sight(item=command.item), self.registry, stream)
            actor = self.registry
        if isinstance(command, Register):
            return self._enter(command, actor, stream)
        key = self._make_key()
        user = actor.user if actor != self.admin else self._admin
        done = self._decide(command, actor, stream, format_command_id(user, key))
        due = self._wait()
        self._requests.send(self._describe(command, actor, done, key, due))
        if isinstance(command, AppointDeputy):
            self._expect_return(command, done)
        return done

    def _expect_return(self, command: AppointDeputy, done: Done) -> None:
        """In the simulation an appointment ends by its own time; on the server somebody has to end it."""
        appointment = json.loads(str(done.events[0].payload))["appointment"]

        def end(_: Any) -> None:
            self._requests.send(Wanted(
                RevokeDeputy.ACTION, done.stream, {"appointment": appointment}, self._requests.owner, None,
                self._make_key(), frozenset({done.stream}), None, self._wait(),
            ))  # fmt: skip

        self.env.timeout(command.until.timestamp() - self.env.now).callbacks.append(end)

    def _describe(self, command: Command, actor: Actor, done: Done, key: str, due: float) -> Wanted:
        resource = RESOURCES[done.stream.partition(":")[0]]
        body = command.model_dump(mode="json", exclude_none=True)
        makes = resource.creates == command.ACTION
        if resource.key is not None and not makes:
            del body[resource.key]
        if isinstance(command, AppointDeputy):
            body |= self._begin_now(command)
        state = getattr(done.state, "state", None)
        touched = {done.stream, *(row.stream for row in done.events)}
        if actor.on_behalf_of is not None:  # before the appointment ends, on which it rests
            touched.add(f"staff:{actor.on_behalf_of}")
        return Wanted(
            command.ACTION, resource.name if makes else done.stream, body, self._get_bearer(actor), actor.on_behalf_of,
            key, frozenset(touched),
            state if isinstance(state, str) else None, due,
        )  # fmt: skip

    def open(self, teams: Any) -> None:
        self._admin = str(self._requests.ask("GET", "/me")["user"])
        super().open(teams)

    def _decide(self, command: Command, actor: Actor, stream: str, command_id: str) -> Done:
        done = self.engine.handle(command, actor, stream, command_id=command_id)
        self.commands += 1
        return done

    def _enter(self, command: Register, actor: Actor, stream: str) -> Done:
        """A token of the person enters them on the server too."""
        asked = {
            "user": command.user, "roles": [role.value for role in command.roles], "authority": command.authority,
            "days": LONGEST_DAYS,
        }  # fmt: skip
        made = self._requests.ask("POST", "/tokens", asked, self._make_key())
        if made["user"] != command.user:
            told = in_language("heißt auf dem Server schon jemand anderes", "is somebody else's name on the server")
            raise DriveError(f"{command.user} {told}")
        self._bearers[command.user] = made["token"]
        self._requests.issued.append(made["id"])
        return self._decide(command, actor, stream, f"enter:{self._name}:{command.user}")

    def _make_key(self) -> str:
        self._sent += 1
        return f"drive-{self._name}-{self._sent}"

    def _get_bearer(self, actor: Actor) -> str:
        return self._bearers.get(actor.user) or self._requests.owner

    def _begin_now(self, command: AppointDeputy) -> dict[str, str]:
        """The server's clock is that on the wall, where the absence begins now and ends no earlier."""
        now = datetime.now(UTC)
        until = max(command.until, now + (command.until - command.since))
        return {"since": now.isoformat(), "until": until.isoformat()}

    def _wait(self) -> float:
        """Until it is time by the clock on the wall; when that was to be."""
        due = self._pace(self._hours.count(self._begins, self.env.now))
        time.sleep(max(0.0, due - time.monotonic()))
        self._on_day((self.env.now - self._begins) / 86_400)
        return due
