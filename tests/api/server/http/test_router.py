"""Passing on what no path of a router begins like changes no answer."""

import pytest
from fastapi import APIRouter, FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import Match

from api import pages
from api.server.app import create_app
from api.server.http.router import Router
from api.settings import from_environment

APP = create_app(from_environment({"EVA_DATABASE_URL": "sqlite://"}), pages.ROUTERS)
PATHS = sorted(APP.openapi()["paths"])
PARTS = sorted(
    {part for path in PATHS for part in path.split("/")} | {"pages", "inbox", "sandboxes", "static", "", "x"}
)


def find(path: str, method: str) -> list[tuple[int, Match]]:
    """The places among all routers that would take it, with how well."""
    scope = {"type": "http", "method": method, "path": path, "headers": [], "root_path": "", "query_string": b""}
    matches = [route.matches({**scope, "app": APP})[0] for route in APP.router.routes]
    return [(place, match) for place, match in enumerate(matches) if match is not Match.NONE]


def find_one_by_one(path: str, method: str) -> list[tuple[int, Match]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Router, "matches", APIRouter.matches)
        return find(path, method)


@pytest.mark.parametrize("path", PATHS)
def test_every_described_path_is_taken_by_the_same_router(path: str) -> None:
    for method in ("GET", "POST"):
        found = find(path, method)
        assert found
        assert found == find_one_by_one(path, method)


@given(st.lists(st.sampled_from(PARTS), max_size=4).map("/".join), st.sampled_from(["", "/"]))
def test_so_is_every_other_path(path: str, begun: str) -> None:
    assert find(begun + path, "GET") == find_one_by_one(begun + path, "GET")


def test_a_router_of_paths_that_begin_anyhow_is_always_asked_and_later_routes_count() -> None:
    app, router = FastAPI(), Router()
    app.include_router(router)
    scope = {"type": "http", "method": "GET", "path": "/late", "headers": [], "root_path": "", "app": app}
    router.get("/early")(lambda: None)
    assert app.router.routes[-1].matches(scope)[0] is Match.NONE
    router.get("/{any}")(lambda: None)
    assert app.router.routes[-1].matches(scope)[0] is Match.FULL
