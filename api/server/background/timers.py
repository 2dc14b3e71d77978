"""What happens by itself: timers that are due, and policies that answer events. One thread a process.

Several processes may do so side by side: each timer fires once and each reaction is done once, by their command ids.
"""

import logging
import time
from collections.abc import Callable, Sequence

from api.server.background.loop import Loop
from api.server.observability.metrics import Metrics
from workflow.engine.engine import Engine
from workflow.engine.subscribers import Policy, follow

LOG = logging.getLogger("eva.timers")
AT_ONCE = 200
SECONDS_AT_ONCE = 2.0
"""That one policy may follow the log for before others have their turn."""
SET_BACK = 1.0
"""Seconds; less is how clocks are kept in step."""


class TimerLoop(Loop):
    def __init__(self, engine: Engine, policies: Sequence[Policy], seconds: float, metrics: Metrics) -> None:
        super().__init__("eva-timers", LOG, seconds)
        self._engine = engine
        self._policies = policies
        self._metrics = metrics
        self._behind = 0.0

    def once(self) -> None:
        fired = self._engine.fire(limit=AT_ONCE)
        for stream, timer, why in fired.refused:
            self._metrics.refused_timers.inc()
            LOG.warning("timer refused", extra={"stream": stream, "timer": timer, "why": why.en})
        for policy in self._policies:
            for refused in follow(policy, self._engine, self._has_time(), bounded=True):
                LOG.warning(
                    "reaction refused",
                    extra={"policy": policy.name, "position": refused.position, "why": str(refused.why)},
                )
        self._metrics.position.set(self._engine.log.head().position)
        self._look_at_clock()

    def _has_time(self) -> Callable[[], bool]:
        """Whether a policy that is far behind may go on; timers and the other policies have their turns."""
        until = time.monotonic() + SECONDS_AT_ONCE
        return lambda: time.monotonic() < until and not self._stop.is_set()

    def _look_at_clock(self) -> None:
        """Tell once that the machine's clock was set back: time in the log stands still until it has caught up."""
        behind = self._engine.clock.behind().total_seconds()
        if behind >= SET_BACK > self._behind:
            LOG.error("the clock was set back", extra={"seconds": round(behind, 1)})
        self._behind = behind
        self._metrics.clock_behind.set(behind)
