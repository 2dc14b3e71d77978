"""The application: which operations there are, what comes before and after each, and what is opened and closed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager, closing, suppress
from ipaddress import ip_network

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.application.earlier_log import Traces
from api.application.notices.notices import Notices
from api.application.resources import RESOURCES
from api.application.webhooks.secret import read_key
from api.server.background.consistency import ConsistencyLoop
from api.server.background.digest.loop import DigestLoop
from api.server.background.document_texts import CONFINED, DocumentTextLoop
from api.server.background.head_loop import HeadLoop
from api.server.background.maintenance import MaintenanceLoop, plan_maintenance
from api.server.background.timers import TimerLoop
from api.server.background.views import ViewLoop
from api.server.background.webhooks.delivery import Terms
from api.server.background.webhooks.loop import WebhookLoop
from api.server.dependencies.services import Services, open_services
from api.server.dependencies.streams import open_line, open_line_of_pages
from api.server.dependencies.work import Work
from api.server.http import error_handlers
from api.server.http.admission import Admission
from api.server.http.describe import API_VERSION
from api.server.http.middleware import RequestMiddleware
from api.server.jobs.runner import Runner
from api.server.observability.metrics import Metrics
from api.server.observability.tracing import Tracing
from api.server.openapi import delivered, docs_page, problems_page
from api.server.routes import (
    disposal,
    events,
    health,
    intake,
    overview,
    resources,
    runs,
    scan_content,
    scenarios,
    state_machines,
    tokens,
)
from api.server.routes import metrics as metrics_page
from api.server.routes.bulk import bulk
from api.server.routes.sandboxes import requests as sandbox_requests
from api.server.routes.sandboxes import sandboxes
from api.server.routes.sandboxes import timers as sandbox_timers
from api.server.routes.webhooks import dead_letters, specialist_systems, webhooks
from api.server.sandboxes.mount import mount
from api.server.sandboxes.registry import Sandboxes
from api.settings import Settings, Smtp
from scanning.handover import POLICIES
from workflow.errors import EvaError

_OF_ALL = (overview.router, events.router, state_machines.router)


def routers() -> list[APIRouter]:
    return [*(resources.router(resource) for resource in RESOURCES.values()), *_OF_ALL]


def _operation_id(route: APIRoute) -> str:
    return f"{route.name}_{route.endpoint.__module__.rpartition('.')[2]}"


def create_app(settings: Settings, pages: Sequence[APIRouter], services: Services | None = None) -> FastAPI:
    """The application with its pages; it opens services by its settings, or works with one that is there already."""
    metrics, tracing = Metrics(), Tracing(settings.telemetry)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with ExitStack() as at_end:
            app.state.services = services or at_end.enter_context(closing(open_services(settings)))
            at_end.callback(tracing.close)
            _start_background(app, at_end)
            yield

    app = FastAPI(
        title="eva",
        version=API_VERSION,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        exception_handlers={
            EvaError: error_handlers.handle_eva_error,
            RequestValidationError: error_handlers.handle_validation_error,
            HTTPException: error_handlers.handle_http_exception,
        },
    )
    app.state.metrics, app.state.settings, app.state.services = metrics, settings, services
    app.state.admission, app.state.streams = Admission(settings.most_requests), open_line(settings.most_streams)
    app.state.page_streams = open_line_of_pages(settings.most_connections)
    app.router.redirect_slashes = False
    app.webhooks.include_router(delivered.router)
    _add_routes(app, pages)
    app.add_middleware(
        RequestMiddleware, settings=settings, metrics=metrics, tracing=tracing, admission=app.state.admission
    )
    if settings.trusted_proxies:  # last, so that it comes first
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))
    return app


def _add_routes(app: FastAPI, pages: Sequence[APIRouter]) -> None:
    of_sandboxes = (sandboxes.router, sandbox_timers.router, sandbox_requests.router)
    only_here = (
        disposal.router,
        intake.router,
        scan_content.router,
        runs.router,
        scenarios.router,
        specialist_systems.router,
        tokens.router,
        webhooks.router,
        dead_letters.router,
        *of_sandboxes,
        *pages,
    )
    for resource in RESOURCES.values():
        app.include_router(bulk.router(resource))  # first: `/{id}` would take its path
        app.include_router(resources.router(resource))
    for router in (*_OF_ALL, *only_here):
        app.include_router(router)
    app.router.routes.append(mount([route for router in routers() for route in router.routes]))
    for router in (health.router, docs_page.router, problems_page.router, metrics_page.router):
        app.include_router(router)


def _start_background(app: FastAPI, at_end: ExitStack) -> None:
    """Start what runs beside requests; `at_end` ends it in the opposite order."""
    services, settings, metrics = app.state.services, app.state.settings, app.state.metrics
    app.state.work = Work()
    at_end.callback(app.state.work.close)
    app.state.sandboxes = Sandboxes(services, open_services)
    app.state.sandboxes.start()
    at_end.callback(app.state.sandboxes.close)
    app.state.runner = Runner(
        services.engine, settings.data / "runs", cache=settings.cache or settings.data / "computed"
    )
    app.state.runner.start()
    at_end.callback(app.state.runner.stop)
    if services.files is not None:
        # There from the start, for whoever backs up beside the server; where it cannot be, the loops say so.
        with suppress(OSError):
            settings.data.mkdir(parents=True, exist_ok=True)
        maintenance = MaintenanceLoop(services.engine, settings.data, plan_maintenance(settings), metrics)
        maintenance.start()
        at_end.callback(maintenance.close)
    if services.files is not None:
        traces = Traces(settings.database_url, settings.data, settings.backup_dir)
        head = HeadLoop(services.engine, traces)
        services.readiness.add(head.why_not)
        head.start()
        at_end.callback(head.close)
    if settings.timer_seconds and services.files is not None and CONFINED:
        texts = DocumentTextLoop(services.engine, services.files, settings.timer_seconds)
        texts.start()
        at_end.callback(texts.close)
    if settings.timer_seconds:
        views = ViewLoop(services.views, settings.timer_seconds)
        views.start()
        at_end.callback(views.close)
        timers = TimerLoop(services.engine, POLICIES, settings.timer_seconds, metrics)
        timers.start()
        at_end.callback(timers.close)
        if services.files is not None:
            _start_webhooks(services, settings, metrics, at_end)
        if settings.smtp is not None:
            _start_digest(services, settings.smtp, settings.language, at_end)
        consistency = ConsistencyLoop(services.engine, POLICIES, metrics)
        services.readiness.add(consistency.why_not)
        consistency.start()
        at_end.callback(consistency.close)


def _start_webhooks(services: Services, settings: Settings, metrics: Metrics, at_end: ExitStack) -> None:
    networks = [ip_network(text) for text in settings.webhook_networks]
    terms = Terms(read_key(settings.data), networks, settings.webhook_attempts)
    webhook_loop = WebhookLoop(
        services.engine, services.resources.visibility, terms, settings.timer_seconds, metrics
    )  # fmt: skip
    webhook_loop.start()
    at_end.callback(webhook_loop.close)


def _start_digest(services: Services, smtp: Smtp, language: str, at_end: ExitStack) -> None:
    notices = Notices(services.engine, services.views, services.resources.visibility)
    digest_loop = DigestLoop(services.engine, notices, smtp, language)
    digest_loop.start()
    at_end.callback(digest_loop.close)
