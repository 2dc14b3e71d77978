"""A login link: opens a session once, within the hour, as long as its token is in force, and leads nowhere else."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from api.application.sessions import LINK_LIFE
from api.application.tokens import Holder
from api.server.auth.authenticator import issue, parse_token_id, revoke
from api.server.auth.sessions import find_session, make_link
from tests.api.server_in_thread import Served, serving
from tests.patience import PATIENT
from workflow.engine.access import Protection, Role

Follow = Callable[..., httpx.Response]


@pytest.fixture
def link(served: Served) -> tuple[str, str]:
    """The secret of a link for petra, and the token behind it."""
    token = issue(served.services.engine, "petra", (Role.PLANNER,), "mwide", Protection.NORMAL, 1)
    holder = Holder("petra", frozenset({Role.PLANNER}), "mwide", Protection.NORMAL, token=token.id)
    return make_link(served.services.engine, holder), token.bearer


def follow(served: Served, secret: str, then: str = "/") -> httpx.Response:
    return httpx.get(f"{served.url}/login/link/{secret}", params={"next": then}, timeout=PATIENT)


def test_a_link_opens_one_session_and_then_nothing(served: Served, link: tuple[str, str]) -> None:
    first = follow(served, link[0], "/pages/inbox")
    assert (first.status_code, first.headers["location"]) == (303, "/pages/inbox")
    cookie = first.cookies["eva_session"]
    assert cookie != link[0], "who saw the link cannot go on with it"
    page = httpx.get(f"{served.url}/pages/inbox", cookies={"eva_session": cookie}, timeout=PATIENT)
    assert "petra" in page.text
    again = follow(served, link[0])
    assert (again.status_code, "eva_session" in again.cookies) == (401, False)
    assert "only" in again.text


def test_the_secret_of_a_link_is_no_session(served: Served, link: tuple[str, str]) -> None:
    told = httpx.get(f"{served.url}/pages/inbox", cookies={"eva_session": link[0]}, timeout=PATIENT)
    assert told.status_code == 303
    assert told.headers["location"].startswith("/login")
    assert follow(served, link[0]).status_code == 303, "and trying it so does not use it up"


def test_a_link_ends_with_its_token(served: Served, link: tuple[str, str]) -> None:
    revoke(served.services.engine, parse_token_id(link[1]), "lost")
    assert follow(served, link[0]).status_code == 401


@pytest.mark.parametrize("secret", ["x", "evas_" + "0" * 32 + "_" + "x" * 43, "%00", "evas_"])
def test_what_is_no_link_opens_nothing(served: Served, secret: str) -> None:
    assert follow(served, secret).status_code == 401


@pytest.mark.parametrize("then", ["//evil.example", "https://evil.example", "/\\evil"])
def test_a_link_leads_nowhere_else(served: Served, link: tuple[str, str], then: str) -> None:
    assert follow(served, link[0], then).headers["location"] == "/"


def test_a_link_is_good_for_an_hour_and_its_session_for_longer(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        engine, authenticator = served.services.engine, served.services.authenticator
        token = issue(engine, "petra", (Role.PLANNER,), "mwide", Protection.NORMAL, 1)
        holder = Holder("petra", frozenset({Role.PLANNER}), "mwide", Protection.NORMAL, token=token.id)
        used, late = make_link(engine, holder), make_link(engine, holder)
        cookie = follow(served, used).cookies["eva_session"]
        engine.clock.not_before(engine.clock() + LINK_LIFE + timedelta(seconds=1))
        assert follow(served, late).status_code == 401
        assert find_session(engine, authenticator, cookie).holder.user == "petra"
