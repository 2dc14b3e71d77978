"""Login with a token, logout, choice of language, and the static files of the pages."""

from typing import Annotated

from fastapi import Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from api.application.errors import TooOften, Unauthorised
from api.pages.render import FOLDER, create_page_router, redirect, render
from api.pages.visitor import COOKIE, LANGUAGE_COOKIE, OwnForm, is_same_site, page_language, read_form
from api.server.dependencies.services import get_services
from workflow.errors import Forbidden, NotFound

router = create_page_router()
HALF_A_DAY = 12 * 3600
A_YEAR = 365 * 86400
FILES = {"eva.css": "text/css", "eva.js": "text/javascript", "eva.svg": "image/svg+xml"}
Next = Annotated[str, Query(max_length=500)]


@router.get("/login")
def show_login(request: Request, next: Next = "/") -> Response:  # noqa: A002 - its name in the address
    return render(request, "login.html.j2", after=_local_path(next), wrong=None)


@router.post("/login")
async def log_in(request: Request) -> Response:
    if not is_same_site(request):
        raise Forbidden("this form is not from here", "Das Formular ist nicht von hier")
    fields = await read_form(request)
    bearer, after = "".join(fields.get("token", "").split()), _local_path(fields.get("next", "/"))
    try:
        holder = await run_in_threadpool(get_services(request).authenticator.authenticate, f"Bearer {bearer}", True)
    except (Unauthorised, TooOften, UnicodeError) as no:
        german = "Dieses Token gilt nicht. Vielleicht ist es abgelaufen, oder es fehlt ein Zeichen."
        english = "This token is not valid. Perhaps it has expired, or a character is missing."
        wrong = german if page_language(request) == "de" else english
        return render(request, "login.html.j2", 429 if isinstance(no, TooOften) else 401, after=after, wrong=wrong)
    request.scope["eva.user"] = holder.user
    response = redirect(after)
    response.set_cookie(
        COOKIE, bearer, max_age=HALF_A_DAY, httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )  # fmt: skip
    return response


@router.post("/logout")
def log_out(_form: OwnForm) -> Response:
    response = redirect("/login")
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


@router.get("/pages/language/{tongue}")
def choose_language(request: Request, tongue: str, next: Next = "/") -> Response:  # noqa: A002 - as above
    response = redirect(_local_path(next))
    if tongue in {"de", "en"}:
        response.set_cookie(LANGUAGE_COOKIE, tongue, max_age=A_YEAR, samesite="strict", httponly=True,
                            secure=request.url.scheme == "https")  # fmt: skip
    return response


@router.get("/static/{name}")
def serve_static(name: str) -> Response:
    if name not in FILES:
        raise NotFound("file", name[:100])
    return FileResponse(FOLDER / "static" / name, media_type=FILES[name], headers={"cache-control": "max-age=300"})


def _local_path(path: str) -> str:
    """The path if it stays on this server, else the start page."""
    plain = path.isprintable() and path.isascii() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"
