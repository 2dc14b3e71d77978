"""One turn after the other, on a clock of the test's own: what counts as what, and when an event is given up."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from api.application.catalogue import ALL
from api.application.resources import RESOURCES
from api.application.visibility import Visibility
from api.application.webhooks.secret import derive_secret, digest_secret
from api.application.webhooks.webhook import CreateWebhook, DeleteWebhook, Webhook, stream
from api.server.background.webhooks.delivery import LONGEST_PAUSE, MOST_DEAD, Delivery, Terms
from api.server.background.webhooks.loop import WebhookLoop
from api.server.observability.metrics import Metrics
from tests.api.server.webhooks.receiver import Receiver, receiving
from tests.api.server.webhooks.test_requests import LOCAL
from tests.workflow.conftest import PEOPLE, Office
from workflow.engine.pending import stamp
from workflow.engine.store import deliveries as store

KEY = b"k" * 32
IDS = tuple(f"0c7c2f5e-5a52-4f0e-9d5b-{number:012d}" for number in range(30))


class Turns:
    """A webhook for new records, and turns that are given to it."""

    def __init__(self, office: Office, url: str) -> None:
        self.office, self.engine = office, office.engine
        self.visibility = Visibility(office.engine, RESOURCES)
        self.counted: list[str] = []
        created = self.create(IDS[0], url)
        self.engine.deliveries.enter(store.Receiver(IDS[0], created.events[0].position, created.events[0].time))

    def create(self, name: str, url: str, *types: str) -> Any:
        digest = digest_secret(derive_secret(KEY, name))
        command = CreateWebhook(url=url, types=types or ("record.created",), webhook=name, digest=digest)
        return self.engine.handle(command, PEOPLE["admin"], "webhook")

    @property
    def receiver(self) -> store.Receiver:
        (found,) = self.engine.deliveries.list_receivers([IDS[0]])
        return found

    def take(self, number: int = 1, key: bytes = KEY, attempts: int = 30) -> store.Receiver:
        """So many turns, each when it is due; the receiver after the last."""
        for _ in range(number):
            self.office.now = max(self.office.now, datetime.fromisoformat(self.receiver.at))
            webhook = self.engine.find(stream(IDS[0]), Webhook)
            assert webhook is not None
            terms = Terms(key, LOCAL, attempts)
            Delivery(self.engine, self.visibility, terms, self.counted.append, lambda: True).take_turn(
                webhook, self.receiver
            )
        return self.receiver

    def pause(self) -> float:
        """Seconds until it is due."""
        return (datetime.fromisoformat(self.receiver.at) - self.office.now).total_seconds()

    def list_dead(self) -> list[tuple[int, str]]:
        return [(one.attempts, one.why) for one in self.engine.deliveries.list_dead(IDS[0], most=2000)]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(Receiver()) as one:
        yield one


@pytest.fixture
def office() -> Iterator[Office]:
    opened = Office("sqlite://", catalogue=ALL)
    yield opened
    opened.engine.close()


def test_a_receiver_that_was_away_may_still_refuse(office: Office) -> None:
    """Refusals do not count the absences before them, nor these the refusals."""
    receiver = Receiver()
    with receiving(receiver):
        pass  # it has a port now, at which nobody listens
    turns = Turns(office, receiver.url)
    office.record()
    away = turns.take(20)
    assert (away.attempts, away.refusals, turns.pause()) == (20, 0, LONGEST_PAUSE.total_seconds())
    assert "ConnectError" in str(away.why)
    with receiving(receiver):
        receiver.answers = [400, 400, 503, 400, 400, 204]
        back = turns.take()
        assert (back.attempts, back.refusals, back.why, turns.pause()) == (20, 1, "answered 400", 1)
        turns.take()
        unable = turns.take()
        assert (unable.attempts, unable.refusals, turns.pause()) == (21, 2, LONGEST_PAUSE.total_seconds())
        last = turns.take(2)
        assert (last.attempts, last.refusals, turns.pause(), turns.list_dead()) == (21, 4, 8, [])
        taken = turns.take()
        assert (taken.attempts, taken.refusals, taken.why, turns.list_dead()) == (0, 0, None, [])
    assert turns.counted == ["failed"] * 25 + ["delivered"]


@pytest.mark.parametrize(
    ("status", "allowed", "requests"), [(400, 30, 5), (301, 30, 5), (404, 3, 3), (503, 7, 7), (429, 7, 7)]
)
def test_an_event_is_given_up_after_so_many_requests(
    office: Office, receiver: Receiver, status: int, allowed: int, requests: int
) -> None:
    turns = Turns(office, receiver.url)
    office.record()
    receiver.usual = status
    turns.take(requests - 1, attempts=allowed)
    assert turns.list_dead() == []
    given_up = turns.take(attempts=allowed)
    assert turns.list_dead() == [(requests, f"answered {status}")]
    assert (given_up.attempts, given_up.refusals, given_up.position) == (0, 0, receiver.got[0].event["position"])
    assert len(receiver.got) == requests
    receiver.usual = 204
    office.record()
    turns.take(attempts=allowed)
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 2, "the next event has its turn"


def test_beyond_a_thousand_dead_letters_events_wait(office: Office, receiver: Receiver) -> None:
    turns = Turns(office, receiver.url)
    mine = turns.receiver
    for number in range(1, MOST_DEAD + 1):
        after = mine._replace(at=stamp(office.now + timedelta(microseconds=number)))
        assert office.engine.deliveries.put(
            mine, after, store.DeadLetter(IDS[0], 100 + number, 5, mine.at, "answered 400")
        )
        mine = after
    office.record()
    receiver.usual = 400
    waiting = turns.take(7)
    assert (len(turns.list_dead()), waiting.refusals, waiting.position) == (1000, 7, 1)
    assert turns.pause() == LONGEST_PAUSE.total_seconds()
    office.engine.deliveries.drop_dead(office.engine.deliveries.list_dead(IDS[0], most=1)[0])
    assert (turns.take().refusals, turns.list_dead()[0]) == (0, (8, "answered 400"))


def test_nothing_is_sent_that_would_be_signed_with_another_key(office: Office, receiver: Receiver) -> None:
    turns = Turns(office, receiver.url)
    office.record()
    waiting = turns.take(3, key=b"another key")
    assert (waiting.why, waiting.position, waiting.attempts) == ("the key of secrets is another one", 1, 0)
    assert (receiver.got, turns.counted, turns.pause()) == ([], [], 60)
    assert turns.take().why is None
    assert len(receiver.got) == 1


@pytest.mark.parametrize("asked_for", [0, 1, 3])
def test_a_turn_is_written_down_once_and_once_more_for_each_event(
    office: Office, receiver: Receiver, asked_for: int
) -> None:
    turns = Turns(office, receiver.url)
    for _ in range(asked_for):
        office.record()
    turns.create(IDS[1], receiver.url)  # what it does not ask for
    written = count_calls(office.engine.deliveries, "put")
    passed = turns.take()
    assert len(written) == 1 + asked_for
    assert (passed.position, passed.at) == (office.engine.log.head().position, stamp(office.now))
    assert len(receiver.got) == asked_for


def test_the_loop_reads_only_webhooks_that_something_happened_to(office: Office, receiver: Receiver) -> None:
    turns = Turns(office, receiver.url)
    for name in IDS[1:]:
        turns.create(name, receiver.url, "record.deleted")
    loop = WebhookLoop(office.engine, turns.visibility, Terms(KEY, LOCAL, 30), 60, Metrics())
    try:
        loop.once()
        assert {one.name for one in office.engine.deliveries.list_receivers(IDS)} == set(IDS)
        read = count_calls(office.engine, "find", "load")
        office.record()
        loop.once()
        assert [name for name in read if name.startswith("webhook:")] == []
        office.engine.handle(DeleteWebhook(), PEOPLE["admin"], stream(IDS[7]))
        loop.once()
        assert [name for name in read if name.startswith("webhook:")] == [stream(IDS[7])]
        assert [one.name for one in office.engine.deliveries.list_receivers([IDS[7]])] == []
    finally:
        loop.close()


def count_calls(of: Any, *names: str) -> list[Any]:
    """First arguments of the calls of some methods, from now on."""
    found: list[Any] = []

    def count(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(first: Any, *more: Any, **how: Any) -> Any:
            found.append(first)
            return real(first, *more, **how)

        return call

    for name in names:
        setattr(of, name, count(getattr(of, name)))
    return found
