"""A thread that does the same thing again and again, until it is closed."""

import logging
import threading
from abc import ABC, abstractmethod

from api.server.observability.trouble import Trouble
from workflow.errors import EvaError


class Stopping(Exception):
    """The server stops; unfinished work counts as not done."""


class Loop(ABC):
    def __init__(self, name: str, log: logging.Logger, seconds: float, first: float | None = None) -> None:
        self._log = log
        self._seconds = seconds
        self._first = seconds if first is None else first
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def once(self) -> None:
        """One round; may raise `Stopping`. After any other error the next round tries again."""

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Wait for the round under way, and stop."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        pause, trouble = self._first, Trouble(self._log)
        while not self._stop.wait(pause):
            pause = self._seconds
            try:
                self.once()
                trouble.end()
            except Stopping:
                return
            except EvaError as wrong:  # the database is away; it is tried again
                trouble.tell(str(wrong))
            except Exception:  # noqa: BLE001 - it is logged, and the next round tries again
                self._log.exception("fault")
