"""What requests work with: engine, views, application service, authenticator; opened and closed once.

A sandbox has services of its own, with the authenticator of the main ones.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from starlette.requests import HTTPConnection

from api.application.catalogue import SERVED
from api.application.scan_evidence import ScanFiles
from api.application.service import ResourceService
from api.server.auth.authenticator import Authenticator
from api.server.background.append_signal import AppendSignal, Streams
from api.server.dependencies.readiness import Readiness
from api.settings import Settings
from scanning.requirements.terms import ScanRules
from workflow.engine.engine import Engine
from workflow.errors import StoreBusy
from workflow.views.queries import Views

if TYPE_CHECKING:
    from api.server.auth.oidc import Oidc

KEY = "eva.services"
"""Where a request's scope names services other than the server's own."""


@dataclass(frozen=True)
class Services:
    settings: Settings
    engine: Engine
    views: Views
    resources: ResourceService
    authenticator: Authenticator
    readiness: Readiness
    files: ScanFiles | None = None
    """Scanned files; a sandbox has none, and takes the word of whoever plays with it."""
    append_signal: AppendSignal = field(default_factory=AppendSignal)
    streams: Streams = field(default_factory=Streams)

    def check_streams(self) -> None:
        """Raise `StoreBusy` where too many event streams are open."""
        if self.streams.open >= self.settings.most_streams:
            raise StoreBusy("too many event streams are open", "Zu viele Ereignisströme sind offen")

    def close(self) -> None:
        if self.files is not None:
            self.files.close()
        self.engine.close()


def open_services(
    settings: Settings, engine: Engine | None = None, authenticator: Authenticator | None = None
) -> Services:
    """Services on the database of the settings, or around an engine that is there already."""
    files = None
    if engine is None:
        rules = ScanRules(test_seals_count=settings.test_seals_count)
        engine = Engine(settings.database_url, catalogue=SERVED, rules=rules)
        files = ScanFiles(engine, settings.data)
    views = Views(engine)
    authenticator = authenticator or Authenticator(engine, _oidc(settings), settings.rate, settings.burst)
    append_signal = AppendSignal()
    engine.when_appended(append_signal.notify)
    return Services(
        settings,
        engine,
        views,
        ResourceService(engine, views),
        authenticator,
        Readiness(engine),
        files,
        append_signal,
    )


def _oidc(settings: Settings) -> "Oidc | None":
    if settings.oidc is None:
        return None
    from api.server.auth.oidc import Oidc  # noqa: PLC0415 - its libraries are for those who sign on elsewhere only

    return Oidc(settings.oidc)


def get_services(request: HTTPConnection) -> Services:
    return cast("Services", request.scope.get(KEY) or request.app.state.services)
