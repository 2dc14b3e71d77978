"""A clock that does not go back: where the machine's clock was set back, time stands still until it has caught up.

Times in the log are then in the order of positions, and what has expired stays expired.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from workflow.engine.fields import utc

EARLIEST = datetime.min.replace(tzinfo=UTC)


class SteadyClock:
    """Gives the time of another clock, or the latest time known where that stands before it."""

    def __init__(self, source: Callable[[], datetime]) -> None:
        self._source = source
        self._latest = EARLIEST

    def __call__(self) -> datetime:
        """The time in UTC; `ValueError` where the other clock has no time zone."""
        now = self._source()
        if now.tzinfo is not UTC:
            now = utc(now)
        self.not_before(now)
        return self._latest

    def not_before(self, time: datetime) -> None:
        """Take note that it is no earlier than this."""
        self._latest = max(self._latest, time)

    def behind(self) -> timedelta:
        """By how much the other clock stands before the latest time known; zero where it does not."""
        return max(self._latest - utc(self._source()), timedelta(0))
