"""The annex: what a server has besides its house, in one process: the runner of forecasts, and the sandboxes."""

from dataclasses import dataclass
from typing import cast

from starlette.requests import HTTPConnection

from api.house import House
from api.runner import Limits, Runner
from api.sandbox import Bounds, Sandboxes


@dataclass(frozen=True)
class Annex:
    """What requests work with that the house does not have."""

    runner: Runner
    sandboxes: Sandboxes

    def close(self) -> None:
        """End workers, throw sandboxes away; before the house is closed, whose log the runner writes."""
        self.runner.stop()
        self.sandboxes.close()


def open_annex(house: House, limits: Limits | None = None, bounds: Bounds | None = None) -> Annex:
    """The annex of a house; its runner begins to work."""
    runner = Runner(house.engine, house.settings.data / "runs", limits)
    runner.start()
    return Annex(runner, Sandboxes(house, bounds))


def annex_of(request: HTTPConnection) -> Annex:
    """The annex of the server that a request is for."""
    return cast("Annex", request.app.state.annex)
