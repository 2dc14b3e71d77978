"""The loop that has webhooks delivered: who is due gets a turn, several at once, none twice at once.

A receiver that is slow holds one thread of a few; the others go on.
"""

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor

from api.application.visibility import Visibility
from api.application.webhooks.webhook import CATEGORY, Webhook, stream
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
            self._follow(head)
        if not self._active:
            return
        self._busy = {name: turn for name, turn in self._busy.items() if not turn.done()}
        for receiver in self._engine.deliveries.list_due(stamp(self._engine.clock()), head):
            webhook = self._active.get(receiver.name)
            if webhook is not None and receiver.name not in self._busy:
                self._busy[receiver.name] = self._pool.submit(self._take_turn, webhook, receiver)

    def close(self) -> None:
        """Wait for the requests under way, and stop."""
        super().close()
        self._pool.shutdown()

    def _follow(self, head: int) -> None:
        """Know the webhooks that the log tells of since it was looked at last, at first all of them, and have them in
        the table of receivers, or not.
        """
        changed = [name.partition(":")[2] for name in self._engine.log.streams(CATEGORY, changed_since=self._read_at)]
        deliveries = self._engine.deliveries
        known = {one.name for one in deliveries.list_receivers(changed)}
        for name in changed:
            webhook = self._engine.find(stream(name), Webhook)
            there = webhook is not None and webhook.state != "deleted"
            if there and name not in known:
                created = self._engine.log.read(stream(name), most=1)[0]
                deliveries.enter(Receiver(name, created.position, created.time))
            if not there and name in known:
                deliveries.remove(name)
            self._active.pop(name, None)
            if webhook is not None and webhook.state == "active":
                self._active[name] = webhook
        self._read_at = head

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
