"""Writes down, every few seconds, how far the log goes, so that another or a shorter one is noticed."""

import logging
import time

from api.application.earlier_log import Traces
from api.server.background.loop import Loop
from workflow.engine.engine import Engine
from workflow.errors import EvaError, StoreReplaced

LOG = logging.getLogger("eva.head")
SECONDS = 5.0
AT_LEAST_EVERY = 60.0
"""Seconds after which the time alone is written: what has expired stays so over a restart with a clock set back."""


class HeadLoop(Loop):
    def __init__(self, engine: Engine, traces: Traces) -> None:
        super().__init__("eva-head", LOG, SECONDS, first=0.0)
        self._engine = engine
        self._traces = traces
        self._kept = 0
        self._at = -AT_LEAST_EVERY
        self._why: str | None = None

    def why_not(self) -> str | None:
        """Why the log is not to be trusted; None where it goes on from what was seen."""
        return self._why

    def once(self) -> None:
        """Write the head where it has moved; what cannot be written is told and tried again.

        A log that no longer holds what it held is told, and the head before is kept.
        """
        head = self._engine.log.head().position
        if head == self._kept and time.monotonic() - self._at < AT_LEAST_EVERY:
            return
        try:
            self._traces.check(self._engine.log)
        except StoreReplaced as wrong:
            self._why = type(wrong).__name__
            LOG.error("the log was replaced or cut", extra={"why": str(wrong)})  # noqa: TRY400 - the message says it all
            return
        self._why = None
        try:
            self._traces.keep(self._engine.log, self._engine.clock())
        except OSError as wrong:
            LOG.warning("the head could not be kept", extra={"why": str(wrong)})
            return
        self._kept, self._at = head, time.monotonic()

    def close(self) -> None:
        """Stop, and write the last head."""
        super().close()
        try:
            self.once()
        except EvaError as wrong:  # the database is away; the head before holds
            LOG.warning("the last head could not be kept", extra={"why": str(wrong)})
