"""The application: which operations there are, what comes before and after each, and what is opened and closed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

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

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        own = services or open_services(settings)
        app.state.services = own
        app.state.runner, app.state.sandboxes = (
            Runner(own.engine, settings.data / "runs"),
            Sandboxes(own, open_services),
        )
        app.state.runner.start()
        app.state.sandboxes.start()
        timers = TimerLoop(own.engine, POLICIES, settings.timer_seconds, metrics)
        maintenance = None
        if own.files is not None:
            maintenance = MaintenanceLoop(own.engine, settings.data, plan_maintenance(settings), metrics)
            maintenance.start()
        if settings.timer_seconds:
            timers.start()
        try:
            yield
        finally:
            if settings.timer_seconds:
                timers.close()
            if maintenance is not None:
                maintenance.close()
            app.state.runner.stop()
            app.state.sandboxes.close()
            tracing.close()
            if services is None:
                own.close()

    metrics, tracing = Metrics(), Tracing(settings.telemetry)
    app = FastAPI(
        title="eva",
        version="1",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    app.router.redirect_slashes = False
    if services is not None:
        app.state.services = services
    for router in routers():
        app.include_router(router)
    of_sandboxes = (sandboxes.router, sandbox_timers.router, sandbox_requests.router)
    for only_here in (scan_content.router, runs.router, scenarios.router, *of_sandboxes, *pages):
        app.include_router(only_here)
    app.router.routes.append(mount([route for router in routers() for route in router.routes]))
    app.include_router(health.router)
    app.include_router(docs_page.router)
    app.include_router(metrics_page.router)
    app.state.metrics, app.state.settings = metrics, settings
    app.add_middleware(RequestMiddleware, settings=settings, metrics=metrics, tracing=tracing)
    app.add_exception_handler(EvaError, error_handlers.handle_eva_error)
    app.add_exception_handler(RequestValidationError, error_handlers.handle_validation_error)
    app.add_exception_handler(HTTPException, error_handlers.handle_http_exception)
    return app
