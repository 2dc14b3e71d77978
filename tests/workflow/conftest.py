"""Fixtures: an office with its people, its clock and its engine, in memory, on SQLite files and on PostgreSQL."""

import itertools
import random
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.postgresql import serving_postgresql
from workflow.catalogue import WORKFLOW
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.aggregate import Catalogue
from workflow.engine.commands import parse
from workflow.engine.engine import Engine
from workflow.organisation.house_rules import Rules
from workflow.organisation.staff.actions import AppointDeputy, Register
from workflow.records.actions import COMMANDS as RECORD
from workflow.routing_slips.machine import COMMANDS as SLIP

START = datetime(2021, 6, 1, 6, 0, tzinfo=UTC)


def person(user: str, *roles: Role, authority: str | None = "mwide", clearance: str = "normal") -> Actor:
    return Actor(user, frozenset(roles), authority, Protection(clearance))


PEOPLE = {
    "mueller": person("mueller", Role.CASE_WORKER),
    "schmidt": person("schmidt", Role.APPROVER),
    "weber": person("weber", Role.APPROVER),
    "klein": person("klein", Role.CASE_WORKER),
    "registrar": person("registrar", Role.REGISTRAR),
    "registrar2": person("registrar2", Role.REGISTRAR),
    "archivist": person("archivist", Role.ARCHIVIST, authority="lav"),
    "admin": person("admin", Role.ADMIN, clearance="very_high"),
    "secret": person("secret", Role.CASE_WORKER, Role.APPROVER, clearance="high"),
    "stranger": person("stranger", Role.CASE_WORKER, authority="jm"),
}


HEAD = person("leitung", Role.ADMIN, authority=None, clearance="very_high")
"""Enters staff of all authorities."""
SENDING = {"start", "insert", "forward", "delegate", "hand_over"}
"""Actions for which those who are to take part have to be entered as staff."""


class Office:
    """Does what a test says, as whom it says, on the day it says; `self.engine` may be looked into."""

    def __init__(
        self, url: str, rules: Rules | None = None, seed: int = 1, catalogue: Catalogue[Any] = WORKFLOW
    ) -> None:
        self.url = url
        self.now = START
        draw = random.Random(seed)
        self.engine = Engine(url, clock=lambda: self.now, rules=rules, catalogue=catalogue, entropy=draw.randbytes)
        self.events: list[str] = []
        self.entered = False

    def do(self, who: str | Actor, action: str, on: str, **body: Any) -> Any:
        """The state after an action, the types of its events in `self.events`."""
        actor = PEOPLE[who] if isinstance(who, str) else who
        if action in SENDING:
            self.enter_people()
        commands = {"record": RECORD, "routing-slip": SLIP}[on.partition(":")[0]]
        done = self.engine.handle(parse(commands[action], body), actor, on)
        self.events = [row.type for row in done.events]
        return done.state

    def record(self, who: str = "mueller", **body: Any) -> str:
        """A new record; its stream."""
        body = {"title": "Förderantrag Windpark", "file_plan_code": "43.21", **body}
        return f"record:{self.do(who, 'create', 'record', **body).id}"

    def case(self, record: str, who: str = "mueller", **body: Any) -> str:
        """A new case; its id."""
        before = set(self.state(record).cases)
        (new,) = set(self.do(who, "add_case", record, **{"title": "Bewilligung", **body}).cases) - before
        return new

    def document(self, record: str, case: str, who: str = "mueller", **body: Any) -> str:
        """A new document; its id."""
        body = {"title": "Bescheid", "file": {"sha256": "ab" * 32, "file_name": "bescheid.pdf"}, **body}
        before = {d.id for d in self.state(record).documents()}
        (new,) = {d.id for d in self.do(who, "add_document", record, case=case, **body).documents()} - before
        return new

    def slip(self, *stations: Any, who: str = "mueller", **body: Any) -> str:
        """A new routing slip; its stream. A station is a dict, or "kind actor"."""
        body = {"title": "Bescheid zur Mitzeichnung", "stations": [spec(s) for s in stations], **body}
        return f"routing-slip:{self.do(who, 'create', 'routing-slip', **body).id}"

    def state(self, stream: str) -> Any:
        return self.engine.load(stream).state

    def later(self, days: float = 0, until: date | None = None) -> list[str]:
        """Let time pass; types of the events that it brought."""
        to = datetime(until.year, until.month, until.day, 12, tzinfo=UTC) if until else self.now + timedelta(days=days)
        fired = self.engine.advance(to)
        assert not fired.refused
        self.now = to
        return [row.type for done in fired.done for row in done.events]

    def types(self, stream: str) -> list[str]:
        return [row.type for row in self.engine.log.read(stream)]

    def enter_people(self) -> None:
        """Everybody who is not entered yet, as they act."""
        for user, actor in () if self.entered else PEOPLE.items():
            if self.engine.log.versions(f"staff:{user}") == [0]:
                roles, of = tuple(actor.roles), actor.authority
                command = Register(user=user, roles=roles, authority=of, clearance=actor.clearance)
                self.engine.handle(command, HEAD, f"staff:{user}")
        self.entered = True

    def register(self, user: str, clearance: str = "normal", authority: str = "mwide") -> None:
        command = parse(Register, {"user": user, "roles": ["approver"], "authority": authority, "clearance": clearance})
        self.engine.handle(command, HEAD, f"staff:{user}")

    def deputy(self, user: str, deputy: str, days: float = 10) -> None:
        for one in (user, deputy):
            if self.engine.log.versions(f"staff:{one}") == [0]:
                self.register(one)
        command = AppointDeputy(user=user, deputy=deputy, since=self.now, until=self.now + timedelta(days=days))
        self.engine.handle(command, HEAD, f"staff:{user}")

    def closed(self, years: int | None = 10, disposal: str = "B", who: str = "mueller") -> tuple[str, str]:
        """A record with one case and a document, both z.d.A."""
        record = self.record(who=who, retention={"years": years, "disposal": disposal})
        case = self.case(record, who=who)
        self.document(record, case, who=who)
        self.do(who, "close", record, case=case)
        self.do(who, "close", record)
        return record, case

    def due(self, **kind: Any) -> tuple[str, str]:
        """A record whose retention is over."""
        record, case = self.closed(**kind)
        self.later(until=date(self.now.year + (kind.get("years") or 10) + 1, 2, 1))
        assert self.state(record).state == "due"
        return record, case


def spec(station: Any) -> Any:
    if isinstance(station, str):
        kind, _, actor = station.partition(" ")
        return {"kind": kind, "actor": actor}
    return station


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Any]:
    with serving_postgresql() as server:
        yield server


_numbers = itertools.count()


@pytest.fixture
def postgresql(postgresql_server: Any) -> str:
    """URL of an empty database of its own."""
    name = f"eva{next(_numbers)}"
    for left in reversed(range(60)):
        try:
            postgresql_server.psql(f"CREATE DATABASE {name};")
            break
        except subprocess.CalledProcessError as no:  # a busy machine: it has just begun, or others still disconnect
            if not left:
                raise AssertionError(no.stderr) from no
            time.sleep(1)
    return postgresql_server.get_uri().replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database: in memory, a file, PostgreSQL."""
    if request.param == "memory":
        return "sqlite://"
    return f"sqlite:///{tmp_path}/eva.db" if request.param == "sqlite" else request.getfixturevalue("postgresql")


@pytest.fixture(params=["sqlite", "postgresql"])
def durable_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database on disk."""
    return f"sqlite:///{tmp_path}/eva.db" if request.param == "sqlite" else request.getfixturevalue("postgresql")


@pytest.fixture
def office() -> Iterator[Office]:
    """An office in memory, checked on leaving: the log verifies, what is remembered equals a new fold."""
    opened = Office("sqlite://")
    yield opened
    check(opened)
    opened.engine.close()


def check(office: Office) -> None:
    """State = fold(events), timers = those of the states, views followed = views rebuilt, log verifies."""
    from workflow.views.queries import Views

    engine = office.engine
    engine.log.verify()
    decider, timers = engine._decider, set()
    for stream in engine.log.streams():
        entry = engine.load(stream)
        kind = decider.catalogue.kind(stream)
        folded = decider.fold(kind, engine.log.read(stream, kind.latest_only))
        assert folded == entry, stream
        timers |= {(stream, key, at) for key, at in entry.timers.items()}
    with engine.projection("check").reading() as connection:
        stored = {tuple(row) for row in connection.execute(sa.text("SELECT stream, key, at FROM timers"))}
    assert stored == timers
    views = Views(engine)
    views.catch_up()
    followed = views.everything()
    views.rebuild()
    assert views.everything() == followed
