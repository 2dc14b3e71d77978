"""Sign-on in the browser at the issuer of the settings: off to it, and back with an answer that opens a session."""

import logging
from urllib.parse import quote, unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.application.errors import TooOften, Unauthorised
from api.application.problems import get_status
from api.application.tokens import Holder
from api.pages.base.render import create_page_router, redirect, render
from api.pages.base.visitor import page_language
from api.pages.login import Next, keep_session, local_path, show_form
from api.server.auth.code_flow import CALLBACK, build_request, derive, draw_secret, exchange, is_answer
from api.server.auth.sessions import OpenedSession, open_session
from api.server.dependencies.services import Services, get_services
from api.settings import BrowserSignOn
from workflow.errors import EvaError, NotFound, StoreUnavailable

router = create_page_router()
LOG = logging.getLogger("eva.sign_on")
MINUTES = 10
"""That somebody may take at the issuer."""
LONGEST = 4000
"""Characters of a code."""
LONGEST_PAGE = 3000
"""Characters of the page first asked for, as a cookie has room for them."""


@router.get("/login/sign-on")
def begin(request: Request, next: Next = "/") -> Response:  # noqa: A002 - its name in the address
    settings, secret = _find_settings(request), draw_secret()
    after = quote(local_path(next), safe="")
    kept = f"{secret}.{after if len(after) <= LONGEST_PAGE else ''}"
    response = redirect(build_request(settings, secret))
    response.set_cookie(
        _name_cookie(settings), kept, max_age=60 * MINUTES, httponly=True,
        samesite="lax",  # the way back begins at the issuer
        secure=settings.is_encrypted,
    )  # fmt: skip
    return response


@router.get(CALLBACK)
async def finish(request: Request) -> Response:
    """The answer of the issuer. What the session's cookie opens is asked for by a page of ours only.

    The cookie does not go along when another site leads here, so the page that is shown leads on.
    """
    settings, told = _find_settings(request), request.query_params
    secret, _, after = request.cookies.get(_name_cookie(settings), "").partition(".")
    after = local_path(unquote(after))
    if not is_answer(secret, told.get("state", "")):
        return _refuse(request, "/", Unauthorised(
            "it was not begun in this browser, took too long, or is done already",
            "Sie wurde nicht in diesem Browser begonnen, hat zu lange gedauert oder ist schon erledigt",
        ))  # fmt: skip
    try:
        token = await exchange(settings, secret, _read_code(request))
        opened = await run_in_threadpool(_open, get_services(request), settings, token, derive(secret, "nonce"))
    except (Unauthorised, TooOften, StoreUnavailable) as no:
        response = _refuse(request, after, no)
    else:
        request.scope["eva.user"] = opened[0].user
        response = render(request, "signed_on.html.j2", after=after)
        keep_session(request, response, opened[1])
    response.delete_cookie(_name_cookie(settings), httponly=True, samesite="lax", secure=settings.is_encrypted)
    return response


def _find_settings(request: Request) -> BrowserSignOn:
    settings = get_services(request).settings.browser_sign_on
    if settings is None:
        raise NotFound("page", request.url.path)
    return settings


def _name_cookie(settings: BrowserSignOn) -> str:
    """With encryption a name that browsers take from this very host only, so that no neighbour brings one along."""
    return "__Host-eva_sign_on" if settings.is_encrypted else "eva_sign_on"


def _read_code(request: Request) -> str:
    told = request.query_params
    code, error = told.get("code", ""), told.get("error", "")
    if error or not 0 < len(code) <= LONGEST:
        raise Unauthorised(
            "the issuer has not signed you on", "Die Anmeldestelle hat Sie nicht angemeldet"
        ) from RuntimeError(f"error {error[:100]!r}: {told.get('error_description', '')[:300]!r}")
    return code


def _open(services: Services, settings: BrowserSignOn, token: str, nonce: str) -> tuple[Holder, OpenedSession]:
    holder = services.authenticator.sign_on(token, settings.client, nonce, settings.session_hours)
    return holder, open_session(services.engine, holder)


def _refuse(request: Request, after: str, no: EvaError) -> Response:
    LOG.warning("sign-on refused", extra={"why": f"{no}: {no.__cause__!r}"[:500]})
    german = f"Die Anmeldung hat nicht geklappt. {no.de}."
    english = f"Signing on did not work: {no}."
    return show_form(request, get_status(no), after, german if page_language(request) == "de" else english)
