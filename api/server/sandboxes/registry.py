"""All sandboxes of a server: made, found, and thrown away when their time is up."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast

from starlette.requests import HTTPConnection

from api.application.errors import TooMany
from api.server.dependencies.services import Services
from api.server.sandboxes.sandbox import EARLIEST, LATEST, Bounds, OpenServices, Sandbox
from workflow.errors import InvalidCommand, NotFound, StoreUnavailable
from workflow.text import Text

SECONDS_BETWEEN_SWEEPS = 60


class Sandboxes:
    """All sandboxes of a server; safe to call from any thread."""

    def __init__(
        self,
        main: Services,
        open_services: OpenServices,
        bounds: Bounds | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_services = open_services
        self._closing = threading.Event()
        self.bounds = bounds or Bounds()
        self._main = main
        self._clock = clock
        self._lock = threading.Lock()
        self._all: dict[str, Sandbox] = {}
        self._being_made: Counter[str] = Counter()

    def create(self, owner: str, title: str, start: datetime | None) -> Sandbox:
        """A new one; `TooMany` where there are enough."""
        if self._main.settings.workers > 1:
            raise StoreUnavailable(
                "sandboxes live in one process; this server has several",
                "Sandkästen brauchen einen Server mit einem Prozess",
            )
        begins = start or datetime.now(UTC)
        if not EARLIEST <= begins <= LATEST - timedelta(days=366 * 600):
            raise InvalidCommand([("/start", Text("von 1900 bis 2200", "from 1900 to 2200"))])
        self.sweep()
        with self._lock:
            self._check_room(owner)
            self._being_made[owner] += 1
        try:  # takes its time, and others look theirs up meanwhile
            made = Sandbox(
                owner, title, begins, self._main, self.bounds, self._clock(), self._open_services, self._has_room
            )
            with self._lock:
                self._all[made.id] = made
        finally:
            with self._lock:
                self._being_made[owner] -= 1
        return made

    def _check_room(self, owner: str) -> None:
        if sum(one.owner == owner for one in self._all.values()) + self._being_made[owner] >= self.bounds.of_one:
            raise TooMany(f"you have {self.bounds.of_one} sandboxes", f"Sie haben {self.bounds.of_one} Sandkästen")
        if len(self._all) + self._being_made.total() >= self.bounds.of_all or not self._has_room():
            raise TooMany("there are too many sandboxes now", "Zurzeit gibt es zu viele Sandkästen")

    def _has_room(self) -> bool:
        """Whether all together are smaller than they may be."""
        return sum(one.held for one in list(self._all.values())) < self.bounds.size_of_all

    def get(self, key: str) -> Sandbox:
        """A sandbox; quick enough for an event loop."""
        now = self._clock()
        with self._lock:
            found = self._all.get(key)
            if found is None or found.is_over(now):
                raise NotFound("sandbox", key[:64])
            found.used = now
            return found

    def list_for(self, owner: str) -> list[Sandbox]:
        now = self._clock()
        with self._lock:
            return [one for one in self._all.values() if one.owner == owner and not one.is_over(now)]

    def drop(self, key: str) -> None:
        with self._lock:
            found = self._all.pop(key, None)
        if found is not None:
            found.close()

    def sweep(self) -> None:
        """Throw those away whose time is up."""
        now = self._clock()
        with self._lock:
            over = [self._all.pop(key) for key, one in list(self._all.items()) if one.is_over(now)]
        for one in over:
            one.close()

    def start(self) -> None:
        """Throw those away whose time is up, every minute until all is closed; also when nobody asks for any."""
        threading.Thread(target=self._tidy, name="sandboxes", daemon=True).start()

    def _tidy(self) -> None:
        while not self._closing.wait(SECONDS_BETWEEN_SWEEPS):
            self.sweep()

    def close(self) -> None:
        self._closing.set()
        with self._lock:
            everything, self._all = list(self._all.values()), {}
        for one in everything:
            one.close()


def get_sandboxes(request: HTTPConnection) -> Sandboxes:
    return cast("Sandboxes", request.app.state.sandboxes)
