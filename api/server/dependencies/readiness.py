"""Whether requests can be served now: the database can be written to, what is shown is so, and there is room."""

import threading
import time
from collections.abc import Callable

import anyio
from anyio import to_thread

from api.server.http.admission import Admission
from workflow.engine.engine import Engine
from workflow.errors import EvaError

FRESH = 0.5
"""Seconds for which an answer holds, so that asking often costs nothing."""
PATIENCE = 1.0
"""Seconds within which one of the threads that serve everybody has to be free."""


class Readiness:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._tried = -FRESH
        self._why: str | None = None
        self._alone: anyio.CapacityLimiter | None = None
        self._further: list[Callable[[], str | None]] = []

    def add(self, why_not: Callable[[], str | None]) -> None:
        """Have something else asked, too: it says why the server is not ready, or None."""
        self._further.append(why_not)

    def why_not(self) -> str | None:
        """Why requests cannot be served as they should; None where they can."""
        return self._why_not_writable() or next(filter(None, (ask() for ask in self._further)), None)

    def _why_not_writable(self) -> str | None:
        with self._lock:
            if time.monotonic() - self._tried >= FRESH:
                try:
                    self._engine.log.check_writable()
                    self._why = None
                except EvaError as wrong:
                    self._why = type(wrong).__name__
                self._tried = time.monotonic()
            return self._why

    async def why_not_now(self, admission: Admission) -> str | None:
        """As `why_not`, on a thread of its own; also `Busy` where an ordinary request would be refused or wait long."""
        if self._alone is None:
            self._alone = anyio.CapacityLimiter(1)  # belongs to the event loop
        why = await to_thread.run_sync(self.why_not, limiter=self._alone)
        if why is None and (admission.full or not await _has_free_thread()):
            return "Busy"
        return why


async def _has_free_thread() -> bool:
    with anyio.move_on_after(PATIENCE):
        await to_thread.run_sync(int)
        return True
    return False
