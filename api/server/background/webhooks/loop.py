"""The loop that has webhooks delivered: who is due gets a turn, several at once, none twice at once.

A receiver that is slow holds one thread of a few; the others go on.
"""

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor

from api.application.feed.owner import read_webhooks
from api.application.visibility import Visibility
from api.application.webhooks.webhook import Webhook, stream
from api.server.background.loop import Loop
from api.server.background.webhooks.delivery import Delivery, Terms
from api.server.observability.metrics import Metrics
from workflow.engine.engine import Engine
from workflow.engine.pending import stamp
from workflow.engine.store.deliveries import Receiver
from workflow.errors import EvaError

LOG = logging.getLogger("eva.webhooks")
THREADS = 8
SECONDS_AT_ONCE = 10.0
"""Of one turn, after which others have theirs."""


class WebhookLoop(Loop):
    def __init__(
        self, engine: Engine, visibility: Visibility, terms: Terms, seconds: float, metrics: Metrics
    ) -> None:  # fmt: skip
        super().__init__("eva-webhooks", LOG, seconds)
        self._engine = engine
        self._visibility = visibility
        self._terms = terms
        self._metrics = metrics
        self._pool = ThreadPoolExecutor(THREADS, "eva-webhook")
        self._busy: dict[str, Future[None]] = {}
        self._read_at = -1
        self._active: dict[str, Webhook] = {}

    def once(self) -> None:
        """Give a turn to each webhook that is due and has something to deliver."""
        head = self._engine.log.head().position
        if head != self._read_at:
            self._read_webhooks()
            self._read_at = head
        if not self._active:
            return
        self._busy = {name: turn for name, turn in self._busy.items() if not turn.done()}
        now, asked = stamp(self._engine.clock()), self._engine.deliveries.count_dead(again=True)
        for receiver in self._engine.deliveries.list_receivers(*self._active):
            waiting = receiver.position < head or receiver.name in asked
            if waiting and receiver.at <= now and receiver.name not in self._busy:
                webhook = self._active[receiver.name]
                self._busy[receiver.name] = self._pool.submit(self._take_turn, webhook, receiver)

    def close(self) -> None:
        """Wait for the requests under way, and stop."""
        super().close()
        self._pool.shutdown()

    def _read_webhooks(self) -> None:
        """Know each webhook by what the log says of it, and have it in the table of receivers, or not."""
        deliveries, webhooks = self._engine.deliveries, {one.id: one for one in read_webhooks(self._engine)}
        known = {one.name for one in deliveries.list_receivers()}
        for name in known - set(webhooks):
            deliveries.remove(name)
        for name in set(webhooks) - known:
            created = self._engine.log.read(stream(name), most=1)[0]
            deliveries.enter(Receiver(name, created.position, created.time))
        self._active = {name: one for name, one in webhooks.items() if one.state == "active"}

    def _take_turn(self, webhook: Webhook, receiver: Receiver) -> None:
        until = time.monotonic() + SECONDS_AT_ONCE
        delivery = Delivery(
            self._engine, self._visibility, self._terms, lambda outcome: self._metrics.deliveries.labels(outcome).inc(),
            lambda: time.monotonic() < until and not self._stop.is_set(),
        )  # fmt: skip
        try:
            delivery.take_turn(webhook, receiver)
        except EvaError as wrong:  # the database is away; the claim runs out, and it is tried again
            LOG.warning("not now", extra={"webhook": webhook.id, "why": str(wrong)})
        except Exception:
            LOG.exception("fault", extra={"webhook": webhook.id})
