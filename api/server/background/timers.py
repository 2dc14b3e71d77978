"""What happens by itself: timers that are due, and policies that answer events. One thread a process.

Several processes may do so side by side: each timer fires once and each reaction is done once, by their command ids.
"""

import logging
from collections.abc import Sequence

from api.server.background.loop import Loop
from api.server.observability.metrics import Metrics
from workflow.engine.engine import Engine
from workflow.engine.subscribers import Policy, run

LOG = logging.getLogger("eva.timers")
AT_ONCE = 200


class TimerLoop(Loop):
    def __init__(self, engine: Engine, policies: Sequence[Policy], seconds: float, metrics: Metrics) -> None:
        super().__init__("eva-timers", LOG, seconds)
        self._engine = engine
        self._policies = policies
        self._metrics = metrics

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
