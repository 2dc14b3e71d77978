"""Drives a fresh engine in this process, with a virtual clock, for each case."""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from api.application.catalogue import ALL
from api.application.problems import describe_problem, get_status
from api.application.service import Answer, ResourceService
from api.application.visibility import describe_event
from api.replay.coverage.keys import RowKey
from api.replay.coverage.row_contract import find_broken_row
from api.replay.file import scan_stand_ins
from api.replay.file.format import Person
from api.replay.run.driver import Outcome, ReplayError, TimerSet, Who, describe_passing
from scanning.backup_runs import record_backup_run
from scanning.handover import POLICIES
from scanning.requirements.terms import ScanRules
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.engine import Engine
from workflow.engine.subscribers import follow
from workflow.errors import EvaError
from workflow.organisation.house_rules import Rules
from workflow.text import Text
from workflow.views.queries import Views

SET_OFF_BY = {"mail-folder", "scan-batch"}
"""Kinds of resource whose events policies answer, besides deletions; asking every time would cost a quarter of it."""
CLERK_OF_STAFF = Actor("personalstelle", frozenset({Role.ADMIN}), None, Protection.VERY_HIGH)


class InProcess:
    """Implements `driver.Driver`; equal seeds give equal ids and hashes."""

    def __init__(
        self,
        start: datetime,
        *,
        seed: str = "",
        url: str = "sqlite://",
        rules: Rules | None = None,
        taken: list[tuple[RowKey, Any]] | None = None,
    ) -> None:
        self.now = start
        self._taken = [] if taken is None else taken
        draw = random.Random(sha256(seed.encode()).digest())  # noqa: S311 - repeatable on purpose
        self.engine = Engine(
            url,
            clock=lambda: self.now,
            rules=rules or ScanRules(sample_by_number=True),
            catalogue=ALL,
            entropy=draw.randbytes,
            group=False,
        )
        if self.engine.log.head().position:
            self.engine.close()
            raise ReplayError(
                Text(
                    f"{url} enthält schon ein Protokoll; jeder Fall braucht eine leere Datenbank (`{{}}` in der URL)",
                    f"{url} holds a log already; each case needs an empty database (`{{}}` in the URL)",
                )
            )

        self.resources = ResourceService(self.engine, Views(self.engine))
        self._people: dict[str, Actor] = {}

    def enter(self, name: str, person: Person) -> str:
        body = {"user": name, "roles": list(person.roles), "authority": person.authority, "clearance": person.clearance}
        with _must_succeed():
            user = self.resources.create("staff", body, CLERK_OF_STAFF).id
        self._people[name] = Actor(user, frozenset(person.roles), person.authority, person.clearance)
        return user

    def appoint_deputy(self, name: str, deputy: str, since: datetime, until: datetime) -> None:
        body = {"deputy": deputy, "since": since, "until": until}
        with _must_succeed():
            self.resources.act("staff", self._people[name].user, "appoint_deputy", body, CLERK_OF_STAFF)

    def create(self, who: Who, resource: str, body: Mapping[str, Any]) -> Outcome:
        return self._run(201, self.resources.create, resource, body, self._actor(who))

    def act(self, who: Who, resource: str, key: str, action: str, body: Mapping[str, Any]) -> Outcome:
        return self._run(200, self.resources.act, resource, key, action, body, self._actor(who))

    def show(self, who: Who, resource: str, key: str) -> Outcome:
        try:
            answer = self.resources.show(resource, key, self._actor(who))
        except EvaError as no:
            return _refused(no)
        return Outcome(200, answer.id, answer.resource)

    def allowed(self, who: Who, resource: str, key: str, part: str | None) -> list[str]:
        options = self.resources.actions(resource, key, self._actor(who), part)
        return [option.action for option in options if option.allowed]

    def timers(self, resource: str, key: str) -> list[TimerSet]:
        found = self.engine.load(f"{resource}:{key}").timers
        return sorted((TimerSet(name, datetime.fromisoformat(at)) for name, at in found.items()), key=lambda t: t[::-1])

    def advance(self, until: datetime) -> Outcome:
        self._taken.clear()
        fired = self.engine.advance(until)
        self.now = until
        recorded = [row for done in fired.done for row in done.events]
        self._check_row_contract({row.type for row in recorded})
        return describe_passing(map(describe_event, recorded), fired.refused)

    def back_up(self, run: str) -> Outcome:
        manifest = scan_stand_ins.hash_manifest(run)
        rows = record_backup_run(self.engine, run, self.now, manifest, lambda _: True)
        return Outcome(200, events=tuple(map(describe_event, rows)))

    def close(self) -> None:
        self.engine.close()

    def _run(self, status: int, send: Callable[..., Answer], *about: Any) -> Outcome:
        self._taken.clear()
        try:
            answer = send(*about)
        except EvaError as no:
            return _refused(no)
        if self._taken:
            rows = self.engine.log.read_all(answer.events[0]["position"] - 1 if answer.events else 0)
            self._check_row_contract({row.type for row in rows})
        if answer.kind in SET_OFF_BY or any(event["type"] == "record.deleted" for event in answer.events):
            for policy in POLICIES:
                follow(policy, self.engine)
        return Outcome(status, answer.id, answer.resource, tuple(answer.events))

    def _check_row_contract(self, recorded: set[str]) -> None:
        """Raise `ReplayError` where a row that was taken did not record its event or reach its target state."""
        wrong = find_broken_row(self._taken, recorded, self.engine)
        self._taken.clear()
        if wrong is not None:
            raise ReplayError(wrong)

    def _actor(self, who: Who) -> Actor:
        absent = self._people[who.absent].user if who.absent in self._people else who.absent
        return replace(self._people[who.user], on_behalf_of=absent)


@contextmanager
def _must_succeed() -> Iterator[None]:
    """`ReplayError` where what a case begins with is refused."""
    try:
        yield
    except EvaError as no:
        raise ReplayError(no.text) from no


def _refused(no: EvaError) -> Outcome:
    return Outcome(get_status(no), problem=describe_problem(no), detail=no.text)
