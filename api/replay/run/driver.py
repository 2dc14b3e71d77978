"""The interface that a replay is run against: actions, reads and the passing of time, in process or over HTTP."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from api.replay.file.format import Person
from workflow.text import NOTHING, Text

Shown = dict[str, Any]


class Who(NamedTuple):
    user: str
    absent: str | None = None

    def __str__(self) -> str:
        return f"{self.user} i. V. {self.absent}" if self.absent else self.user


@dataclass(frozen=True)
class Outcome:
    """The result of a step: the resource as it now is and what was recorded, or why it was refused."""

    status: int
    key: str = ""
    resource: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[Shown, ...] = ()
    """As the feed shows them, those that the person may know of."""
    problem: Mapping[str, Any] = field(default_factory=dict)
    """RFC 9457 details."""
    detail: Text = NOTHING
    """Of the problem."""

    @property
    def refused(self) -> bool:
        return self.status >= 400

    @property
    def refusal(self) -> Text:
        """The status and why."""
        return Text(f"{self.status} {self.detail.de}".strip(), f"{self.status} {self.detail.en}".strip())

    @property
    def event_types(self) -> list[str]:
        return [event["type"] for event in self.events]


def describe_passing(events: Iterable[Shown], refused: Iterable[tuple[str, str, Text]]) -> Outcome:
    """What came of the passing of time; 409 with (stream, timer, why) of each timer that was refused."""
    found = list(refused)
    lines = ([f"{stream} {timer}: {no.get(told)}" for stream, timer, no in found] for told in ("de", "en"))
    why = Text(*map("; ".join, lines))
    return Outcome(409 if found else 200, events=tuple(events), detail=why)


class TimerSet(NamedTuple):
    name: str
    at: datetime


class ReplayError(Exception):
    """The replay itself cannot go on: the server does not answer, or its answer is not that of any release."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return self.text.en


class ServerGone(ReplayError):
    """No server answers, so that no other case can go on either."""


class Driver(Protocol):
    """Drives one case from its start; used once and closed."""

    now: datetime

    def enter(self, name: str, person: Person) -> str:
        """A person who takes part: entered as staff, and able to act; the id, which is the normal form of the name.
        `ReplayError` where that is refused.
        """

    def appoint_deputy(self, name: str, deputy: str, since: datetime, until: datetime) -> None:
        """`ReplayError` where that is refused."""

    def create(self, who: Who, resource: str, body: Mapping[str, Any]) -> Outcome: ...

    def act(self, who: Who, resource: str, key: str, action: str, body: Mapping[str, Any]) -> Outcome: ...

    def show(self, who: Who, resource: str, key: str) -> Outcome: ...

    def allowed(self, who: Who, resource: str, key: str, part: str | None) -> list[str]:
        """Actions that the person may do now."""

    def timers(self, resource: str, key: str) -> list[TimerSet]:
        """What time will do to a resource, soonest first."""

    def advance(self, until: datetime) -> Outcome:
        """Let time pass; 409 where a timer was refused."""

    def back_up(self, run: str) -> Outcome:
        """Let the system record a backup run that holds every product."""

    def close(self) -> None: ...
