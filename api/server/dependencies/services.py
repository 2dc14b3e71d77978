"""The house: an engine with its views, its desk, its gate and the thread that gathers commands; opened and closed once.

A sandbox has a house of its own, with the gate of the main one.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from starlette.requests import HTTPConnection

from api.application.catalogue import SERVED
from api.application.scan_evidence import ScanFiles
from api.application.service import Desk
from api.server.auth.authenticator import Gate
from api.server.background.append_signal import News, Streams
from api.server.background.command_queue import Gathering
from api.server.dependencies.readiness import Readiness
from api.settings import Settings
from scanning.requirements.terms import ScanRules
from workflow.engine.engine import Engine
from workflow.views.queries import Views

if TYPE_CHECKING:
    from api.server.auth.oidc import Oidc

KEY = "eva.house"
"""Where a request's scope names a house other than the server's own."""


@dataclass(frozen=True)
class House:
    """What requests work with."""

    settings: Settings
    engine: Engine
    views: Views
    desk: Desk
    gate: Gate
    gathering: Gathering
    readiness: Readiness
    files: ScanFiles | None = None
    """Scanned files; a sandbox has none, and takes the word of whoever plays with it."""
    news: News = field(default_factory=News)
    streams: Streams = field(default_factory=Streams)

    def close(self) -> None:
        """Finish commands under way, then give connections back."""
        self.gathering.close()
        if self.files is not None:
            self.files.close()
        self.engine.close()


def open_house(settings: Settings, engine: Engine | None = None, gate: Gate | None = None) -> House:
    """A house on the database of the settings, or around an engine that is there already."""
    files = None
    if engine is None:
        rules = ScanRules(test_seals_count=settings.test_seals_count)
        engine = Engine(settings.database_url, catalogue=SERVED, rules=rules)
        files = ScanFiles(engine, settings.data)
    views = Views(engine)
    gate = gate or Gate(engine, _oidc(settings), settings.rate, settings.burst)
    news = News()
    gathering = Gathering(engine, news.tell)
    return House(settings, engine, views, Desk(engine, views), gate, gathering, Readiness(engine), files, news)


def _oidc(settings: Settings) -> "Oidc | None":
    if settings.oidc is None:
        return None
    from api.server.auth.oidc import Oidc  # noqa: PLC0415 - its libraries are for those who sign on elsewhere only

    return Oidc(settings.oidc)


def house_of(request: HTTPConnection) -> House:
    """The house a request is for."""
    return cast("House", request.scope.get(KEY) or request.app.state.house)
