"""Delivering to one webhook: event after event in the order of the log, each at least once, with pauses after failures.

An event that the receiver refuses is tried a few times, one that it is not there for much longer; each is counted by
itself, so that a receiver that comes back may still refuse. What is given up becomes a dead letter and the next event
has its turn, unless there are too many dead letters: then events wait.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

from pydantic_core import to_json

from api.application.feed.cloud_events import Read, describe_cloud_event, read_feed
from api.application.feed.owner import find_owner
from api.application.visibility import Visibility
from api.application.webhooks.reasons import NOT_ALLOWED, OTHER_KEY
from api.application.webhooks.secret import derive_secret, digest_secret
from api.application.webhooks.webhook import EndWebhook, Webhook, stream
from api.server.background.webhooks.destination import Network
from api.server.background.webhooks.request import Destination, Outcome, Reply, post
from workflow.engine.access import SYSTEM, Actor
from workflow.engine.engine import Engine
from workflow.engine.pending import stamp
from workflow.engine.store.deliveries import DeadLetter, Receiver
from workflow.engine.store.hash_chain import Recorded

LOG = logging.getLogger("eva.webhooks")
LEASE = timedelta(seconds=20)
"""How long a claim holds where its process is lost; it begins anew with each event delivered."""
AT_ONCE = 50
"""Events of one turn."""
MOST_REFUSALS = 5
"""After so many refusals an event becomes a dead letter."""
MOST_DEAD = 1000
"""Dead letters of one webhook."""
LONGEST_PAUSE = timedelta(hours=1)
AT_REST = timedelta(minutes=1)
"""Until a webhook that may not deliver now is looked at again."""


def pause_after(attempts: int) -> timedelta:
    """A second after the first failure, then twice as long each time, an hour at most."""
    return min(timedelta(seconds=2 ** min(attempts - 1, 20)), LONGEST_PAUSE)


def _pass(receiver: Receiver, position: int, at: str) -> Receiver:
    """The receiver behind an event, or behind what it does not ask for; what failed before counts no more."""
    return receiver._replace(position=position, at=at, attempts=0, refusals=0, why=None)


class Terms(NamedTuple):
    """What operators settle: the key of secrets, where requests may go, and how often an event is tried."""

    key: bytes
    networks: Sequence[Network]
    attempts: int


class Delivery:
    """Delivers with one engine; `count` is told what became of each request, `go_on` whether there is time."""

    def __init__(
        self, engine: Engine, visibility: Visibility, terms: Terms, count: Callable[[str], None],
        go_on: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._engine = engine
        self._visibility = visibility
        self._terms = terms
        self._count = count
        self._go_on = go_on

    def take_turn(self, webhook: Webhook, receiver: Receiver) -> None:
        """Deliver what there is to a webhook that is due, as far as a turn goes; nothing where another process does."""
        deliveries, now = self._engine.deliveries, self._engine.clock()
        owner = find_owner(self._engine, webhook)
        secret = derive_secret(self._terms.key, webhook.id)
        if owner is None or digest_secret(secret) != webhook.digest:
            why = NOT_ALLOWED if owner is None else OTHER_KEY
            deliveries.put(receiver, receiver._replace(at=stamp(now + AT_REST), why=why))
            return
        letters = deliveries.list_dead(webhook.id, most=AT_ONCE, again=True)
        found = read_feed(self._engine.log, self._visibility, owner, receiver.position, AT_ONCE, webhook.selection)
        if not letters and not found.rows:  # nothing is sent, so nobody else needs to be kept from it
            deliveries.put(receiver, _pass(receiver, max(receiver.position, found.position), stamp(now)))
            return
        mine = receiver._replace(at=stamp(now + LEASE))
        if not deliveries.put(receiver, mine):
            return
        to = Destination(webhook.url, secret, self._terms.networks)
        if self._redeliver(webhook, owner, to, letters) and found.rows:
            self._deliver(webhook, owner, to, mine, found)
        else:
            deliveries.put(mine, mine._replace(at=stamp(self._engine.clock())))

    def _deliver(self, webhook: Webhook, owner: Actor, to: Destination, mine: Receiver, found: Read) -> None:
        """Event after event; with the last one the claim is given up, so that the next turn may come at once."""
        last = found.rows[-1].position
        for row in found.rows:
            reply = self._send(webhook, owner, to, row)
            if reply.outcome is not Outcome.DELIVERED:
                self._fail(webhook, mine, row.position, reply)
                return
            now = self._engine.clock()
            if row.position == last:
                passed = _pass(mine, found.position, stamp(now))
            else:
                passed = _pass(mine, row.position, stamp(now + LEASE if self._go_on() else now))
            if not self._engine.deliveries.put(mine, passed) or passed.at <= stamp(now):
                return  # where somebody else goes on, what was sent comes a second time
            mine = passed

    def _fail(self, webhook: Webhook, mine: Receiver, position: int, reply: Reply) -> None:
        """Try again later, or give the event up as a dead letter and go on."""
        deliveries, now = self._engine.deliveries, self._engine.clock()
        if reply.outcome is Outcome.GONE:
            self._end(webhook)
            deliveries.put(mine, mine._replace(why=reply.why))
            return
        if reply.outcome is Outcome.REFUSED:
            failed, most = mine.refusals + 1, min(MOST_REFUSALS, self._terms.attempts)
            counted = mine._replace(refusals=failed, why=reply.why)
        else:
            failed, most = mine.attempts + 1, self._terms.attempts
            counted = mine._replace(attempts=failed, why=reply.why)
        full = deliveries.count_dead([webhook.id]).get(webhook.id, 0) >= MOST_DEAD
        if failed < most or full:
            later = now + (LONGEST_PAUSE if full else pause_after(failed))
            deliveries.put(mine, counted._replace(at=stamp(later)))
            return
        letter = DeadLetter(webhook.id, position, counted.attempts + counted.refusals, stamp(now), reply.why)
        deliveries.put(mine, _pass(mine, position, stamp(now))._replace(why=reply.why), letter)
        self._count("dead")
        LOG.error("a delivery was given up", extra={"webhook": webhook.id, "position": position, "why": reply.why})

    def _redeliver(self, webhook: Webhook, owner: Actor, to: Destination, letters: Sequence[DeadLetter]) -> bool:
        """Try dead letters that are asked for, each once; whether there is time for more."""
        deliveries = self._engine.deliveries
        for letter in letters:
            if not self._go_on():
                return False
            rows = self._engine.log.read_all(letter.position - 1, 1)
            row = next(self._visibility.events(rows, owner), None)
            if row is None:  # not theirs to know any more
                deliveries.drop_dead(letter)
                continue
            reply = self._send(webhook, owner, to, row)
            if reply.outcome is Outcome.DELIVERED:
                deliveries.drop_dead(letter)
                continue
            tried = letter._replace(attempts=letter.attempts + 1, failed=stamp(self._engine.clock()), why=reply.why)
            deliveries.keep_dead(tried._replace(again=False))
            if reply.outcome is Outcome.GONE:
                self._end(webhook)
                return False
        return self._go_on()

    def _send(self, webhook: Webhook, owner: Actor, to: Destination, row: Recorded) -> Reply:
        body = to_json(describe_cloud_event(row, owner))
        reply = post(to, f"{webhook.id}.{row.position}", body, self._engine.clock().timestamp())
        self._count("delivered" if reply.outcome is Outcome.DELIVERED else "failed")
        return reply

    def _end(self, webhook: Webhook) -> None:
        LOG.warning("a webhook was ended by its receiver", extra={"webhook": webhook.id})
        name = stream(webhook.id)
        self._engine.handle(EndWebhook(), SYSTEM, name, command_id=f"{name}:gone")
