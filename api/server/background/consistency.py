"""Views, timers, subscribers and schema against the log, in the background and in bounded steps.

A round goes through everything once; the first begins with the server. What is found is logged as an error, shown as
metrics, and makes the server not ready: what it would show is not what has happened. A difference is no longer told
when a whole round no longer finds it.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence

from api.server.background.loop import Loop
from api.server.observability.metrics import Metrics
from workflow.engine.engine import Engine
from workflow.engine.subscribers import Policy
from workflow.views.check import Difference, ViewCheck

LOG = logging.getLogger("eva.consistency")
SHARE = 0.02
"""Of a processor's time that the check takes at most."""
LEAST_PAUSE = 0.5
MOST_NAMED = 20


class ConsistencyLoop(Loop):
    def __init__(self, engine: Engine, policies: Sequence[Policy], metrics: Metrics) -> None:
        super().__init__("eva-consistency", LOG, LEAST_PAUSE, first=0.0)
        self._check = ViewCheck(engine, policies)
        self._metrics = metrics
        self._streams: str | None = ""
        self._reactions: int | None = 0
        self._found: set[Difference] = set()
        """In this round."""
        self._known: set[Difference] = set()
        """In this and the last whole round."""

    def once(self) -> None:
        """One step; the pause after it keeps to the share of time."""
        began = time.monotonic()
        self._take(self._next())
        if self._streams is None and self._reactions is None:
            self._end_round()
        self._seconds = max(LEAST_PAUSE, (time.monotonic() - began) / SHARE)

    def why_not(self) -> str | None:
        """Why what the server shows is not to be trusted; None where nothing speaks against it.

        A reaction that a policy owes may have been refused, so it is told and no more.
        """
        counts = self._count()
        counts.pop("reactions", None)
        return ", ".join(f"{where}: {n} differences" for where, n in sorted(counts.items())) or None

    def _next(self) -> list[Difference]:
        if self._streams == "":
            found = [*self._check.check_schema(), *self._check.check_positions(), *self._check.check_counts()]
        else:
            found = []
        if self._streams is not None:
            more, self._streams = self._check.check_streams(self._streams)
        else:
            more, self._reactions = self._check.check_reactions(self._reactions or 0)
        return [*found, *more]

    def _take(self, found: list[Difference]) -> None:
        new = set(found) - self._known
        self._found.update(found)
        self._known.update(found)
        if new:
            named = [str(difference) for difference in sorted(new)[:MOST_NAMED]]
            LOG.error("differs from the log", extra={"count": len(new), "differences": named})
        self._show()

    def _end_round(self) -> None:
        if self._known - self._found:
            LOG.warning("agrees with the log again", extra={"count": len(self._known - self._found)})
        self._known, self._found = self._found, set()
        self._streams, self._reactions = "", 0
        self._metrics.consistency_age.set_function(_since(time.monotonic()))
        self._show()

    def _show(self) -> None:
        counts = self._count()
        self._metrics.differences.clear()
        for where in ("schema", "subscribers", "timers", *counts):
            self._metrics.differences.labels(where).set(counts[where])

    def _count(self) -> Counter[str]:
        return Counter(difference.where for difference in self._known)


def _since(began: float) -> Callable[[], float]:
    return lambda: time.monotonic() - began
