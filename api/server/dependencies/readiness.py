"""Whether the database can be written to now."""

import threading
import time

from workflow.engine.engine import Engine
from workflow.errors import EvaError

FRESH = 0.5
"""Seconds for which an answer holds, so that asking often costs nothing."""


class Readiness:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._tried = -FRESH
        self._why: str | None = None

    def why_not(self) -> str | None:
        """Why the database cannot be written to; None where it can."""
        with self._lock:
            if time.monotonic() - self._tried >= FRESH:
                try:
                    self._engine.log.check_writable()
                    self._why = None
                except EvaError as wrong:
                    self._why = type(wrong).__name__
                self._tried = time.monotonic()
            return self._why
