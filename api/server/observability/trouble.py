"""What keeps a thread from its work: logged when it begins, when it changes, now and then while it lasts, and when it
is over. A database that is away for a weekend must not fill the disk with one sentence.
"""

import logging
import time

EVERY = 60.0
"""Seconds after which the same trouble is logged again."""


class Trouble:
    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._why = ""
        self._again_at = 0.0
        self._unsaid = 0

    def tell(self, why: str) -> None:
        now = time.monotonic()
        if why == self._why and now < self._again_at:
            self._unsaid += 1
            return
        self._log.warning("not now", extra={"why": why, "unsaid": self._unsaid})
        self._why, self._again_at, self._unsaid = why, now + EVERY, 0

    def end(self) -> None:
        if self._why:
            self._log.info("goes on", extra={"after": self._why})
            self._why, self._unsaid = "", 0
