"""The application: which operations there are, what comes before and after each, and what is opened and closed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api import faults, resources
from api.house import House, open_house
from api.nouns import NOUNS
from api.settings import Settings
from workflow.errors import EvaError


def routers() -> list[APIRouter]:
    """Every group of operations that a house answers, a sandbox's too."""
    return [
        *(resources.router(noun) for noun in NOUNS.values()),
    ]


def create_app(settings: Settings, house: House | None = None) -> FastAPI:
    """The application; it opens a house by its settings, or works with one that is there already."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        own = house or open_house(settings)
        app.state.house = own
        try:
            yield
        finally:
            if house is None:
                own.close()

    app = FastAPI(title="eva", version="1", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    app.router.redirect_slashes = False
    if house is not None:
        app.state.house = house
    for router in routers():
        app.include_router(router)
    app.add_exception_handler(EvaError, faults.of_engine)
    app.add_exception_handler(RequestValidationError, faults.of_validation)
    app.add_exception_handler(HTTPException, faults.of_http)
    return app
