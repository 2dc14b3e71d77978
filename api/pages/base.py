"""What all web pages share: who looks, in which language, how a page is made, and how forms are kept from forgery.

A page works by the bearer token in a cookie that no script can read and no other site can send. Every form carries a
mark that follows from that token (CSRF), and the policy allows nothing but our own files: no script in the page,
nothing from anywhere else.
"""

import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs, quote, urlsplit

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.application.errors import TooLarge, Unauthorised
from api.application.problems import TITLES, get_status
from api.application.tokens import Holder
from api.pages import labels
from api.pages.numbers import FILTERS
from api.server.dependencies.services import Services, get_services
from api.server.http.request import get_language
from workflow.engine.access import Role
from workflow.errors import EvaError, Forbidden, GuardFailed, InvalidCommand, NotAllowed, NotFound, StaleVersion

FOLDER = Path(__file__).parent
COOKIE, LANGUAGE_COOKIE = "eva_session", "eva_lang"
MARK, KEY = "_mark", "_key"
LARGEST_FORM = 400_000
MOST_FIELDS = 100
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class LoginNeeded(EvaError):
    """Nobody is logged in; the page is shown after the login."""


@dataclass(frozen=True)
class Visitor:
    """Who looks at a page."""

    request: Request
    services: Services
    holder: Holder
    language: str
    mark: str
    """What every form of theirs carries."""

    def say(self, de: str, en: str) -> str:
        """The text in their language."""
        return de if self.language == "de" else en

    @property
    def plans(self) -> bool:
        """Whether forecasts are for them."""
        return bool(self.holder.roles & {Role.PLANNER, Role.ADMIN})


Form = Mapping[str, str]


class PageRoute(APIRoute):
    """A route that answers errors as pages."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """The handler, with errors told as a page, and those not logged in led to the login."""
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handle(request)
            except (LoginNeeded, Unauthorised):
                after = request.url.path if request.method == "GET" else "/"
                return RedirectResponse(f"/login?next={quote(after)}", 303)
            except EvaError as error:
                return await run_in_threadpool(_error_page, request, error)

        return told


def page_router() -> APIRouter:
    """A router for pages, which the description of the API leaves out."""
    return APIRouter(route_class=PageRoute, include_in_schema=False)


async def visitor(request: Request) -> Visitor:
    """Who looks; raises `LoginNeeded`."""
    found = await run_in_threadpool(visitor_of, request)
    if found is None:
        raise LoginNeeded("log in first", "Bitte zuerst anmelden")
    request.scope["eva.user"] = found.holder.user
    return found


def visitor_of(request: Request) -> Visitor | None:
    """Who looks, if anybody is logged in; programs may send the token as everywhere."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    bearer = credentials.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE)
    if not bearer:
        return None
    services = get_services(request)
    try:
        holder = services.authenticator.authenticate(f"Bearer {bearer}", fresh=True)
    except Unauthorised:
        return None
    return Visitor(request, services, holder, language(request), mark_of(bearer))


def mark_of(bearer: str) -> str:
    """The mark of forms; who knows the token only can make it."""
    return hmac.new(bearer.encode(), b"eva form", sha256).hexdigest()


async def filled_in(request: Request, who: Annotated[Visitor, Depends(visitor)]) -> Form:
    """The fields of a form that this visitor was given by us; raises `Forbidden` for any other."""
    fields = await fields_of(request)
    if not same_site(request) or not hmac.compare_digest(fields.get(MARK, "").encode(), who.mark.encode()):
        raise Forbidden("this form is not from here, or too old", "Das Formular ist nicht von hier oder veraltet")
    return fields


async def fields_of(request: Request) -> dict[str, str]:
    """The fields of a form as browsers send it."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise TooLarge("the form is too large", "Das Formular ist zu groß")
    try:
        found = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as wrong:
        raise InvalidCommand([("", "this is no form")]) from wrong
    return {name: values[-1].replace("\r\n", "\n") for name, values in found.items()}


def same_site(request: Request) -> bool:
    """Whether the browser says that the request comes from a page of ours."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


Looking = Annotated[Visitor, Depends(visitor)]
"""Parameter of a page for those logged in."""
FilledIn = Annotated[Form, Depends(filled_in)]
"""Parameter of what a form leads to."""


def language(request: Request) -> str:
    """The language chosen on the page, else that of the browser, else that of the settings."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return chosen if chosen in {"de", "en"} else get_language(request)


@cache
def _environment(tongue: str) -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {name: _in(tongue, make) for name, make in FILTERS.items()}
    made.globals |= {
        "t": lambda de, en: de if tongue == "de" else en,
        "word": lambda words, key: labels.word(getattr(labels, words), key, tongue),
        "state": lambda machine, name: labels.state(machine, name, tongue),
        "lang": tongue,
        "new_key": lambda: secrets.token_hex(16),
    }
    return made


def _in(tongue: str, make: Callable[[Any, str], str]) -> Callable[[Any], str]:
    return lambda value: make(value, tongue)


def page(who: Visitor, template: str, status: int = 200, **about: Any) -> HTMLResponse:
    """A page for somebody who is logged in."""
    return made(who.request, template, status, who=who, **about)


def made(request: Request, template: str, status: int = 200, who: Visitor | None = None, **about: Any) -> HTMLResponse:
    """A page, with the headers that all of them have."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query and request.method == "GET" else "")
    text = _environment(language(request)).get_template(template).render(who=who, here=here, **about)
    return HTMLResponse(text, status, {"content-security-policy": POLICY})


def back(path: str) -> RedirectResponse:
    """Go on to a page after a form."""
    return RedirectResponse(path, 303)


def _error_page(request: Request, error: EvaError) -> HTMLResponse:
    tongue, status = language(request), get_status(error)
    titles = TITLES.get(status, ("It did not work", "Das hat nicht geklappt"))
    return made(
        request, "error.html.j2", status, visitor_of(request), code=status, title=titles[tongue == "de"],
        told=explained(error, tongue),
    )  # fmt: skip


def explained(error: EvaError, tongue: str) -> str:
    """What went wrong, in words for the person in front of the page."""
    if isinstance(error, StaleVersion):
        de, en = "Inzwischen hat jemand anders hier etwas geändert.", "Somebody else has changed something meanwhile."
        return de if tongue == "de" else en
    if isinstance(error, NotFound):
        de, en = "Das gibt es nicht, oder es ist nicht für Sie bestimmt.", "There is no such thing for you."
        return de if tongue == "de" else en
    if isinstance(error, InvalidCommand):
        return "; ".join(_fault(pointer, wrong, tongue) for pointer, wrong in error.faults)
    text = error.de if tongue == "de" else str(error)
    if isinstance(error, NotAllowed) and not isinstance(error, GuardFailed) and error.allowed_actions:
        names = ", ".join(labels.word(labels.ACTIONS, a, tongue) for a in error.allowed_actions)
        text += f". {'Möglich ist' if tongue == 'de' else 'Possible now'}: {names}"
    return text


def _fault(pointer: str, wrong: str, tongue: str) -> str:
    """A fault with the label of its field."""
    name = pointer.strip("/").partition("/")[0]
    return f"{labels.word(labels.FIELDS, name, tongue)}: {wrong}" if name else wrong
