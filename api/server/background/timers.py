"""What happens by itself: timers that are due, and policies that answer events. One thread a process.

Several processes may do so side by side: each timer fires once and each reaction is done once, by their command ids.
"""

import logging
import threading
from collections.abc import Sequence

from api.server.observability.metrics import Metrics
from workflow.engine.engine import Engine
from workflow.engine.subscribers import Policy, run
from workflow.errors import EvaError

LOG = logging.getLogger("eva.timers")
AT_ONCE = 200


class TimerLoop:
    def __init__(self, engine: Engine, policies: Sequence[Policy], seconds: float, metrics: Metrics) -> None:
        self._engine = engine
        self._policies = policies
        self._seconds = seconds
        self._metrics = metrics
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="eva-timers", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def once(self) -> None:
        fired = self._engine.fire(limit=AT_ONCE)
        for stream, timer, why in fired.refused:
            self._metrics.refused_timers.inc()
            LOG.warning("timer refused", extra={"stream": stream, "timer": timer, "why": why})
        for policy in self._policies:
            for refused in run(policy, self._engine):
                LOG.warning(
                    "reaction refused",
                    extra={"policy": policy.name, "position": refused.position, "why": str(refused.why)},
                )
        self._metrics.position.set(self._engine.log.head().position)

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            try:
                self.once()
            except EvaError as wrong:  # the database is away; it is tried again
                LOG.warning("not now", extra={"why": str(wrong)})
            except Exception:
                LOG.exception("fault")
