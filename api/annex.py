"""The annex: what a server has besides its house, in one process: the runner of forecasts, and the sandboxes."""

import threading
from dataclasses import dataclass, field
from typing import cast

from starlette.requests import HTTPConnection

from api.house import House
from api.runner import Limits, Runner
from api.sandbox import Bounds, Sandboxes

SECONDS_BETWEEN_SWEEPS = 60


@dataclass(frozen=True)
class Annex:
    """What requests work with that the house does not have."""

    runner: Runner
    sandboxes: Sandboxes
    _closing: threading.Event = field(default_factory=threading.Event)

    def tidy(self) -> None:
        """Throw sandboxes away whose time is up, every minute until all is closed; also when nobody asks for any."""
        while not self._closing.wait(SECONDS_BETWEEN_SWEEPS):
            self.sandboxes.sweep()

    def close(self) -> None:
        """End workers, throw sandboxes away; before the house is closed, whose log the runner writes."""
        self._closing.set()
        self.runner.stop()
        self.sandboxes.close()


def open_annex(house: House, limits: Limits | None = None, bounds: Bounds | None = None) -> Annex:
    """The annex of a house; its runner begins to work."""
    runner = Runner(house.engine, house.settings.data / "runs", limits)
    runner.start()
    annex = Annex(runner, Sandboxes(house, bounds))
    threading.Thread(target=annex.tidy, name="sandboxes", daemon=True).start()
    return annex


def annex_of(request: HTTPConnection) -> Annex:
    """The annex of the server that a request is for."""
    return cast("Annex", request.app.state.annex)
