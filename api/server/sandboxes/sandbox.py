"""A sandbox: a throw-away engine in memory with a clock of its own, and who may act in it.

It shares nothing with the real log but the code. It ends by itself, and what it may hold is bounded, so that one that
is forgotten costs little and not for long.
"""

import hmac
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from typing_extensions import TypedDict

from api.application.catalogue import ALL
from api.application.errors import TooMany, Unauthorised
from api.application.tokens import Holder, add_check
from api.application.visibility import describe_event
from api.replay.file.scan_stand_ins import hash_manifest
from api.server.auth.authenticator import Authenticator
from api.server.auth.rate_limit import Rate
from api.server.dependencies.services import Services
from api.server.sandboxes.request_recorder import RequestRecorder
from api.settings import Settings
from scanning.backup_runs import record_backup_run
from scanning.handover import POLICIES
from scanning.requirements.terms import scan_rules
from simulation.inputs.durations import parse_duration
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.engine import Engine, Fired
from workflow.engine.subscribers import follow
from workflow.errors import Forbidden, InvalidCommand, NotFound, StoreFull
from workflow.organisation.house_rules import Context
from workflow.organisation.staff.actions import AppointDeputy, Register
from workflow.organisation.staff.member import Appointment, StaffMember
from workflow.organisation.staff.member import stream as staff_stream
from workflow.organisation.staff.persons import find_person, identify
from workflow.text import Text, get_text

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2800, 1, 1, tzinfo=UTC)
FARTHEST = timedelta(days=366 * 200)
SECONDS_AT_ONCE = 10.0
"""Of real time that one request may spend on letting virtual time pass."""
MOST_EVENTS_TOLD = 1000

OpenServices = Callable[[Settings, Engine, Authenticator], Services]
"""Opens services around an engine; handed in, since what serves sandboxes is served by them."""


@dataclass(frozen=True)
class Bounds:
    of_one: int = 8
    of_all: int = 64
    life: timedelta = timedelta(hours=2)
    idle: timedelta = timedelta(minutes=30)
    events: int = 20_000
    persons: int = 1000
    size: int = 32 * 2**20
    """Bytes that its database may have."""
    size_of_all: int = 256 * 2**20
    """Bytes that the databases and recorded requests of all may have together."""


class TimerRefused(TypedDict):
    """A timer whose action the state did not allow."""

    stream: str
    timer: str
    why: str


class TimePassed(TypedDict):
    """What passing time has led to; `reached` is false where one request was too short for it."""

    now: datetime
    reached: bool
    fired: int
    events: list[dict[str, Any]]
    refused: list[TimerRefused]


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class SandboxAuthenticator(Authenticator):
    """Lets in whom the sandbox has given a token, and its owner with theirs."""

    def __init__(self, sandbox: str, owner: str, main: Authenticator) -> None:
        self._sandbox = sandbox
        self._owner = owner
        self._main = main
        self._holders: dict[str, Holder] = {}

    def authenticate(self, authorization: str | None, fresh: bool = True) -> Holder:
        """The person of an `Authorization` header; others than the owner learn nothing."""
        return self._own_person(authorization) or self._check_owner(self._main.authenticate(authorization, fresh))

    def identify(self, authorization: str | None, fresh: bool = True) -> Holder:
        return self._own_person(authorization) or self._check_owner(self._main.identify(authorization, fresh))

    def get_rate(self, holder: Holder) -> Rate | None:
        """Of the owner's token; people of the sandbox are not counted."""
        return None if holder.token is None else self._main.get_rate(holder)

    def _own_person(self, authorization: str | None) -> Holder | None:
        scheme, _, credentials = (authorization or "").partition(" ")
        bearer = credentials.strip()
        if scheme.lower() != "bearer" or not bearer.startswith("evasand_"):
            return None
        known = self._holders.get(sha256(bearer.encode("utf-8", "replace")).hexdigest())
        if known is None:
            raise Unauthorised
        return known

    def _check_owner(self, holder: Holder) -> Holder:
        if not hmac.compare_digest(holder.user.encode(), self._owner.encode()):
            raise NotFound("sandbox", self._sandbox)
        return holder

    def issue_token(self, holder: Holder, most: int) -> str:
        if len(self._holders) >= most:
            raise StoreFull(f"a sandbox gives out at most {most} tokens", f"Höchstens {most} Token je Sandkasten")
        bearer = f"evasand_{self._sandbox}_{secrets.token_urlsafe(32)}"
        self._holders[sha256(bearer.encode()).hexdigest()] = holder
        return bearer


class Entered(NamedTuple):
    user: str
    token: str


class Sandbox:
    def __init__(
        self,
        owner: str,
        title: str,
        start: datetime,
        main: Services,
        bounds: Bounds,
        now: float,
        open_services: OpenServices,
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        self._has_room = has_room
        self.held = 0
        """Bytes of its database and its recorded requests, as the last command found them."""
        self.id = secrets.token_hex(16)
        self.owner = owner
        self.title = title
        self.start = start
        self.bounds = bounds
        self.created = datetime.now(UTC)
        self.expires = self.created + bounds.life
        self.used = self._born = now
        self._moving, self._reacting = threading.Lock(), threading.Lock()
        self.clock = Clock(start)
        self.recorder = RequestRecorder()
        catalogue = add_check(ALL, self._check_size)
        rules = replace(scan_rules(main.engine.rules), sample_by_number=True)
        self.engine = Engine("sqlite://", clock=self.clock, rules=rules, catalogue=catalogue, most_bytes=bounds.size)
        self.authenticator = SandboxAuthenticator(self.id, owner, main.authenticator)
        self.services = open_services(main.settings, self.engine, self.authenticator)

    @property
    def events(self) -> int:
        return self.engine.log.head().position

    def is_over(self, now: float) -> bool:
        """Whether its time is up at a reading of the monotonic clock."""
        life, idle = self.bounds.life.total_seconds(), self.bounds.idle.total_seconds()
        return now - self._born > life or now - self.used > idle

    def find_person(self, user: str) -> StaffMember | None:
        return self.engine.find(staff_stream(user), StaffMember)

    def enter_person(self, user: str, roles: tuple[Role, ...], authority: str | None, clearance: Protection) -> Entered:
        """The id under which they act, and a token to act with."""
        user = identify(user, authority, self.find_person)
        register = Register(user=user, roles=roles, authority=authority, clearance=clearance)
        self.engine.handle(register, _HOUSEKEEPER, staff_stream(user))
        holder = Holder(user, frozenset(roles), authority, clearance)
        return Entered(user, self.authenticator.issue_token(holder, self.bounds.persons))

    def appoint_deputy(self, user: str, deputy: str, since: datetime, until: datetime, actor: Actor) -> Appointment:
        """Appoint a deputy, by the owner or in the person's own name."""
        user = find_person(user, actor.authority, self.find_person)
        if actor.user not in {user, self.owner}:
            raise Forbidden(f"only {user} or the sandbox's owner may", f"Nur {user} oder wem der Sandkasten gehört")
        appoint = AppointDeputy(user=user, deputy=deputy, since=since, until=until)
        member: StaffMember = self.engine.handle(appoint, _HOUSEKEEPER, staff_stream(user)).state
        return member.deputies[-1]

    def parse_goal(self, advance: str | None, until: datetime | None) -> datetime:
        """Where the clock is sent; `InvalidCommand` for what is no way ahead."""
        try:
            goal = until if until is not None else parse_duration(advance or "").after(self.clock.now)
        except (ValueError, OverflowError) as wrong:
            raise InvalidCommand([("/advance", get_text(wrong))]) from wrong
        field = "/until" if until is not None else "/advance"
        if goal < self.clock.now:
            says = Text(
                f"Die Uhr steht auf {self.clock.now.isoformat()} und geht nicht zurück",
                f"the clock stands at {self.clock.now.isoformat()} and does not go back",
            )
            raise InvalidCommand([(field, says)])
        if goal - self.clock.now > FARTHEST or goal > LATEST:
            says = Text(
                f"höchstens 200 Jahre auf einmal, und nicht über {LATEST.year} hinaus",
                f"at most 200 years at once, and not beyond {LATEST.year}",
            )
            raise InvalidCommand([(field, says)])
        return goal

    def advance_clock(
        self, advance: str | None, until: datetime | None, language: str, given_up: threading.Event | None = None
    ) -> TimePassed:
        """Let time pass: every timer fires at its own time, for as long as one request may take, or is not given up;
        `TooMany` while another request does so. Why timers were refused is told in the language.
        """
        if not self._moving.acquire(blocking=False):
            raise TooMany("the clock is moving already", "Die Uhr wird schon gestellt", 1.0)
        try:
            goal, begun = self.parse_goal(advance, until), time.monotonic()
            before, fired = self.events, Fired([], [])
            while (due := self.engine.next_timer()) is not None and due <= goal:
                if time.monotonic() - begun > SECONDS_AT_ONCE or (given_up is not None and given_up.is_set()):
                    return self._passed(False, before, fired, language)
                self.clock.now = max(self.clock.now, due)
                some = self.engine.advance(due)
                fired.done.extend(some.done)
                fired.refused.extend(some.refused)
                self.react()
            self.clock.now = goal
            return self._passed(True, before, fired, language)
        finally:
            self._moving.release()

    def back_up(self, run: str) -> list[dict[str, Any]]:
        """Let the system record a backup run that holds every product; the events."""
        rows = record_backup_run(self.engine, run, self.clock.now, hash_manifest(run), lambda _: True)
        events = [describe_event(row) for row in rows]
        self.recorder.note_backup(self.clock.now, run, events)
        return events

    def _passed(self, reached: bool, before: int, fired: Fired, language: str) -> TimePassed:
        events = [describe_event(row) for row in self.engine.log.read_all(before, MOST_EVENTS_TOLD)]
        refused = [
            TimerRefused(stream=stream, timer=timer, why=why.get(language))
            for stream, timer, why in fired.refused[:MOST_EVENTS_TOLD]
        ]
        return {
            "now": self.clock.now, "reached": reached, "fired": len(fired.done), "events": events, "refused": refused,
        }  # fmt: skip

    def react(self) -> None:
        """Let every policy answer what has happened; elsewhere a thread does so now and then."""
        with self._reacting, suppress(StoreFull):  # what was done stays done; the next command is told
            for policy in POLICIES:
                follow(policy, self.engine)

    def close(self) -> None:
        self.services.close()

    def _check_size(self, _context: Context) -> None:
        self.held = self._measure() + self.recorder.bytes
        if not self._has_room():
            raise StoreFull(
                "all sandboxes of this server together are full; throw one away or wait until one ends",
                "Alle Sandkästen dieses Servers zusammen sind voll; einen wegwerfen oder warten, bis einer endet",
            )
        most = self.bounds.events
        if self.events >= most:
            raise StoreFull(f"a sandbox holds {most:,} events", f"Ein Sandkasten fasst {most} Ereignisse")

    def _measure(self) -> int:
        """Bytes of its database."""
        with self.engine.projection("size").reading() as connection:
            pages, size = (connection.exec_driver_sql(f"PRAGMA page_{name}").scalar_one() for name in ("count", "size"))
        return int(pages * size)


_HOUSEKEEPER = Actor("sandbox", frozenset({Role.ADMIN}), None, Protection.VERY_HIGH)
"""Who enters persons where the owner asks for it."""
