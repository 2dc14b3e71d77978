"""Login with a token, logout, choice of language, and the static files of the pages."""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Annotated

from fastapi import Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from api.application.errors import TooOften, Unauthorised
from api.application.tokens import Holder
from api.pages.base.render import FOLDER, create_page_router, redirect, render
from api.pages.base.visitor import COOKIE, LANGUAGE_COOKIE, OwnForm, is_same_site, page_language, read_form
from api.server.auth.sessions import OpenedSession, close_session, find_session, follow_link, open_session
from api.server.dependencies.services import Services, get_services
from workflow.errors import Forbidden, NotFound

router = create_page_router()
A_YEAR = 365 * 86400
MEDIA = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FILES = {path.name: path for path in FOLDER.glob("**/static/*")}
FORM_SECONDS = 10.0
MOST_AWAITED = 32
"""Forms of people not yet known that may be on their way at once."""
AWAITED: deque[asyncio.Timeout] = deque()
Next = Annotated[str, Query(max_length=4000)]


@router.get("/login")
def show_login(request: Request, next: Next = "/") -> Response:  # noqa: A002 - its name in the address
    return show_form(request, 200, local_path(next), None)


def show_form(request: Request, status: int, after: str, wrong: str | None) -> Response:
    """The form to log in, with what was wrong with the last try."""
    elsewhere = get_services(request).settings.browser_sign_on is not None
    return render(request, "login.html.j2", status, after=after, wrong=wrong, elsewhere=elsewhere)


@router.post("/login")
async def log_in(request: Request) -> Response:
    if not is_same_site(request):
        raise Forbidden("this form is not from here", "Das Formular ist nicht von hier")
    fields = await _read_form(request)
    bearer, after = "".join(fields.get("token", "").split()), local_path(fields.get("next", "/"))
    try:
        holder, session = await run_in_threadpool(_open, get_services(request), bearer)
    except (Unauthorised, TooOften, UnicodeError) as no:
        german = "Dieses Token gilt nicht. Vielleicht ist es abgelaufen, oder es fehlt ein Zeichen."
        english = "This token is not valid. Perhaps it has expired, or a character is missing."
        wrong = german if page_language(request) == "de" else english
        return show_form(request, 429 if isinstance(no, TooOften) else 401, after, wrong)
    return _enter(request, holder, session, after)


@router.get("/login/link/{secret}")
def follow(request: Request, secret: str, next: Next = "/") -> Response:  # noqa: A002 - as above
    """Open the session of a login link, which is good once, and lead on."""
    services = get_services(request)
    try:
        holder, session = follow_link(services.engine, services.authenticator, secret)
    except (Unauthorised, TooOften) as no:
        german = "Dieser Link gilt nicht mehr: Er öffnet die Seiten nur einmal und nur eine Stunde lang."
        english = "This link is not good any more: it opens the pages once, and for an hour only."
        wrong = german if page_language(request) == "de" else english
        return show_form(request, 429 if isinstance(no, TooOften) else 401, "/", wrong)
    return _enter(request, holder, session, local_path(next))


def _enter(request: Request, holder: Holder, session: OpenedSession, after: str) -> Response:
    request.scope["eva.user"] = holder.user
    response = redirect(after)
    keep_session(request, response, session)
    return response


def keep_session(request: Request, response: Response, session: OpenedSession) -> None:
    """Give the browser the session's cookie."""
    response.set_cookie(
        COOKIE, session.cookie, expires=session.expires, httponly=True, samesite="strict",
        secure=request.url.scheme == "https",
    )  # fmt: skip


def _open(services: Services, bearer: str) -> tuple[Holder, OpenedSession]:
    holder = services.authenticator.authenticate(f"Bearer {bearer}", fresh=True)
    return holder, open_session(services.engine, holder)


async def _read_form(request: Request) -> dict[str, str]:
    """The form of somebody not yet known: where too many are slow to come, the one awaited the longest is given up."""
    async with asyncio.timeout(FORM_SECONDS) as mine:
        AWAITED.append(mine)
        if len(AWAITED) > MOST_AWAITED:
            AWAITED.popleft().reschedule(asyncio.get_running_loop().time())
        try:
            return await read_form(request)
        finally:
            with suppress(ValueError):
                AWAITED.remove(mine)


@router.post("/logout")
def log_out(request: Request, _form: OwnForm) -> Response:
    services, response = get_services(request), redirect("/login")
    with suppress(Unauthorised):  # a program that sends its token as a header has no session
        session = find_session(services.engine, services.authenticator, request.cookies.get(COOKIE, ""))
        close_session(services.engine, session)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


@router.get("/pages/language/{tongue}")
def choose_language(request: Request, tongue: str, next: Next = "/") -> Response:  # noqa: A002 - as above
    response = redirect(local_path(next))
    if tongue in {"de", "en"}:
        response.set_cookie(LANGUAGE_COOKIE, tongue, max_age=A_YEAR, samesite="strict", httponly=True,
                            secure=request.url.scheme == "https")  # fmt: skip
    return response


@router.get("/static/{name}")
def serve_static(name: str) -> Response:
    if name not in FILES:
        raise NotFound("file", name[:100])
    media = MEDIA[FILES[name].suffix]
    return FileResponse(FILES[name], media_type=media, headers={"cache-control": "max-age=300"})


def local_path(path: str) -> str:
    """The path if it stays on this server, else the start page."""
    plain = path.isprintable() and path.isascii() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"
