"""The application: which operations there are, what comes before and after each, and what is opened and closed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager, closing

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from api.application.resources import RESOURCES
from api.server.background.maintenance import MaintenanceLoop, plan_maintenance
from api.server.background.timers import TimerLoop
from api.server.dependencies.services import Services, open_services
from api.server.http import error_handlers
from api.server.http.middleware import RequestMiddleware
from api.server.jobs.runner import Runner
from api.server.observability.metrics import Metrics
from api.server.observability.tracing import Tracing
from api.server.openapi import docs_page
from api.server.routes import (
    events,
    health,
    overview,
    resources,
    runs,
    sandbox_requests,
    sandbox_timers,
    sandboxes,
    scan_content,
    scenarios,
    state_machines,
)
from api.server.routes import metrics as metrics_page
from api.server.sandboxes.mount import mount
from api.server.sandboxes.registry import Sandboxes
from api.settings import Settings
from scanning.handover import POLICIES
from workflow.errors import EvaError


def routers() -> list[APIRouter]:
    return [
        *(resources.router(resource) for resource in RESOURCES.values()),
        overview.router,
        events.router,
        state_machines.router,
    ]


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
        version="1",
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
    app.router.redirect_slashes = False
    _add_routes(app, pages)
    app.add_middleware(RequestMiddleware, settings=settings, metrics=metrics, tracing=tracing)
    return app


def _add_routes(app: FastAPI, pages: Sequence[APIRouter]) -> None:
    of_sandboxes = (sandboxes.router, sandbox_timers.router, sandbox_requests.router)
    only_here = (scan_content.router, runs.router, scenarios.router, *of_sandboxes, *pages)
    for router in (*routers(), *only_here):
        app.include_router(router)
    app.router.routes.append(mount([route for router in routers() for route in router.routes]))
    for router in (health.router, docs_page.router, metrics_page.router):
        app.include_router(router)


def _start_background(app: FastAPI, at_end: ExitStack) -> None:
    """Start what runs beside requests; `at_end` ends it in the opposite order."""
    services, settings, metrics = app.state.services, app.state.settings, app.state.metrics
    app.state.sandboxes = Sandboxes(services, open_services)
    app.state.sandboxes.start()
    at_end.callback(app.state.sandboxes.close)
    app.state.runner = Runner(services.engine, settings.data / "runs")
    app.state.runner.start()
    at_end.callback(app.state.runner.stop)
    if services.files is not None:
        maintenance = MaintenanceLoop(services.engine, settings.data, plan_maintenance(settings), metrics)
        maintenance.start()
        at_end.callback(maintenance.close)
    if settings.timer_seconds:
        timers = TimerLoop(services.engine, POLICIES, settings.timer_seconds, metrics)
        timers.start()
        at_end.callback(timers.close)
