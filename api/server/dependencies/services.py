"""What requests work with: engine, views, application service, authenticator; opened and closed once.

A sandbox has services of its own, with the authenticator of the main ones.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from starlette.requests import HTTPConnection

from api.application.catalogue import SERVED
from api.application.earlier_log import Traces
from api.application.resources.resource import Resource
from api.application.scan_evidence import ScanFiles
from api.application.service import ResourceService
from api.application.tokens import Holder
from api.server.auth.authenticator import Authenticator
from api.server.background.append_signal import AppendSignal
from api.server.dependencies.readiness import Readiness
from api.settings import Settings
from scanning.requirements.terms import ScanRules
from workflow.engine.engine import Engine
from workflow.views.queries import Views

if TYPE_CHECKING:
    from api.server.auth.oidc import Oidc

PATIENCE = 2.0
"""Seconds that a request waits, in its thread, for another one that lets the views follow the log."""
LONGEST_WAIT = 10.0
"""Seconds that it waits outside of any thread for views that are far behind."""
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

    async def wait_for_views(self) -> None:
        """Wait, holding no thread, while the views are far behind; for so long and no longer."""
        until = time.monotonic() + LONGEST_WAIT
        while self.views.behind is not None and time.monotonic() < until:
            await asyncio.sleep(0.05)

    def view_headers(self) -> dict[str, str]:
        """Where views that are far behind stand; nothing where they show what there is."""
        behind = self.views.behind
        return {} if behind is None else {"eva-view-position": str(behind)}

    def complete_body(
        self, resource: Resource, key: str, action: str, data: dict[str, Any], holder: Holder, command_id: str
    ) -> dict[str, Any]:
        """The body of an action with the evidence on files that only the server gives; as it is where it needs none."""
        if self.files is None or action not in resource.evidence:
            return data
        state = self.resources.get_entry(resource, key, holder).state
        context = self.resources.visibility.context(f"{resource.name}:{key}", holder)
        return self.files.complete_body(context, state, action, data, command_id)

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
        engine = _open_engine(settings, rules)
        files = ScanFiles(engine, settings.data)
    views = Views(engine, PATIENCE)
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


def _open_engine(settings: Settings, rules: ScanRules) -> Engine:
    """The engine on the database of the settings; `StoreReplaced` where its log is not the one that was here."""
    engine = Engine(settings.database_url, catalogue=SERVED, rules=rules)
    traces = Traces(settings.database_url, settings.data, settings.backup_dir)
    try:
        traces.check(engine.log)
        seen = traces.read_seen()
    except BaseException:
        engine.close()
        raise
    if seen is not None:
        engine.clock.not_before(seen.time)
    return engine


def _oidc(settings: Settings) -> "Oidc | None":
    if settings.oidc is None:
        return None
    from api.server.auth.oidc import Oidc  # noqa: PLC0415 - its libraries are for those who sign on elsewhere only

    return Oidc(settings.oidc)


def get_services(request: HTTPConnection) -> Services:
    return cast("Services", request.scope.get(KEY) or request.app.state.services)
