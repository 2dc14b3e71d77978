"""What all web pages share: the visitor, the language, rendering, and the protection of forms against forgery (CSRF).

The bearer token is in a cookie that no script can read and no other site can send. Every form carries a CSRF token
derived from it. The content security policy allows only files of this server: no script in the page, nothing from
elsewhere.
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

from api.application.errors import Unauthorised
from api.application.problems import TITLES, UNKNOWN, get_status
from api.application.tokens import Holder
from api.pages import labels
from api.pages.numbers import FILTERS
from api.server.dependencies.services import Services, get_services
from api.server.http.body import read_body
from api.server.http.request import get_language
from scanning.catalogue import MACHINES
from workflow.engine.access import Role
from workflow.errors import EvaError, Forbidden, GuardFailed, InvalidCommand, NotAllowed, NotFound, StaleVersion

FOLDER = Path(__file__).parent
COOKIE, LANGUAGE_COOKIE = "eva_session", "eva_lang"
CSRF_FIELD, KEY = "_mark", "_key"
LARGEST_FORM = 400_000
MOST_FIELDS = 100
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class LoginNeeded(EvaError):
    """Nobody is logged in; the page opens after the login."""


@dataclass(frozen=True)
class Visitor:
    """The person who opened a page."""

    request: Request
    services: Services
    holder: Holder
    language: str
    csrf_token: str
    """Hidden field of every form."""

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
        """The handler; errors become pages, and whoever is not logged in is redirected to the login."""
        handle = super().get_route_handler()

        async def handle_errors(request: Request) -> Response:
            try:
                return await handle(request)
            except (LoginNeeded, Unauthorised):
                after = request.url.path if request.method == "GET" else "/"
                return RedirectResponse(f"/login?next={quote(after)}", 303)
            except EvaError as error:
                return await run_in_threadpool(_render_error, request, error)

        return handle_errors


def create_page_router() -> APIRouter:
    """A router for pages, which are not part of the OpenAPI document."""
    return APIRouter(route_class=PageRoute, include_in_schema=False)


async def require_visitor(request: Request) -> Visitor:
    """The visitor; raises `LoginNeeded`."""
    found = await run_in_threadpool(find_visitor, request)
    if found is None:
        raise LoginNeeded("log in first", "Bitte zuerst anmelden")
    request.scope["eva.user"] = found.holder.user
    return found


def find_visitor(request: Request) -> Visitor | None:
    """The visitor, if anybody is logged in; programs may send the token as a header, as everywhere."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    bearer = credentials.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE)
    if not bearer:
        return None
    services = get_services(request)
    try:
        holder = services.authenticator.authenticate(f"Bearer {bearer}", fresh=True)
    except Unauthorised:
        return None
    return Visitor(request, services, holder, page_language(request), derive_csrf_token(bearer))


def derive_csrf_token(bearer: str) -> str:
    """The CSRF token of a bearer token; only who knows the bearer token can compute it (HMAC-SHA-256)."""
    return hmac.new(bearer.encode(), b"eva form", sha256).hexdigest()


async def read_own_form(request: Request, who: Annotated[Visitor, Depends(require_visitor)]) -> Form:
    """The fields of a form of this server and this visitor; raises `Forbidden` for any other."""
    fields = await read_form(request)
    if not is_same_site(request) or not hmac.compare_digest(
        fields.get(CSRF_FIELD, "").encode(), who.csrf_token.encode()
    ):
        raise Forbidden("this form is not from here, or too old", "Das Formular ist nicht von hier oder veraltet")
    return fields


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form as browsers send it."""
    body = await read_body(request, LARGEST_FORM, ("application/x-www-form-urlencoded",))
    try:
        found = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as wrong:
        raise InvalidCommand([("", "this is no form")]) from wrong
    return {name: values[-1].replace("\r\n", "\n") for name, values in found.items()}


def is_same_site(request: Request) -> bool:
    """Whether the browser says that the request comes from a page of ours."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


LoggedIn = Annotated[Visitor, Depends(require_visitor)]
"""Parameter of a page for those logged in."""
OwnForm = Annotated[Form, Depends(read_own_form)]
"""Parameter of a route that a form is sent to."""


def page_language(request: Request) -> str:
    """The language chosen on the page, else that of the browser, else that of the settings."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return chosen if chosen in {"de", "en"} else get_language(request)


@cache
def _environment(tongue: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {name: _bind(tongue, write) for name, write in FILTERS.items()}
    environment.globals |= {
        "t": lambda de, en: de if tongue == "de" else en,
        "label": lambda words, key: labels.label(getattr(labels, words), key, tongue),
        "action_label": lambda commands, action: labels.action_label(commands, action, tongue),
        "state": lambda machine, name: labels.state(machine, name, tongue),
        "lang": tongue,
        "new_key": lambda: secrets.token_hex(16),
    }
    return environment


def _bind(tongue: str, write: Callable[[Any, str], str]) -> Callable[[Any], str]:
    return lambda value: write(value, tongue)


def render_page(who: Visitor, template: str, status: int = 200, **about: Any) -> HTMLResponse:
    """A page for somebody who is logged in."""
    return render(who.request, template, status, who=who, **about)


def render(
    request: Request, template: str, status: int = 200, who: Visitor | None = None, **about: Any
) -> HTMLResponse:
    """A page with the security policy."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query and request.method == "GET" else "")
    text = _environment(page_language(request)).get_template(template).render(who=who, here=here, **about)
    return HTMLResponse(text, status, {"content-security-policy": POLICY})


def redirect(path: str) -> RedirectResponse:
    """Show another page after a form (303)."""
    return RedirectResponse(path, 303)


def _render_error(request: Request, error: EvaError) -> HTMLResponse:
    tongue, status = page_language(request), get_status(error)
    return render(
        request, "error.html.j2", status, find_visitor(request), code=status,
        title=TITLES.get(status, UNKNOWN).get(tongue),
        message=explain(error, tongue),
    )  # fmt: skip


def explain(error: EvaError, tongue: str) -> str:
    """An error in the visitor's language."""
    if isinstance(error, StaleVersion):
        de, en = "Inzwischen hat jemand anders hier etwas geändert.", "Somebody else has changed something meanwhile."
        return de if tongue == "de" else en
    if isinstance(error, NotFound):
        de, en = "Das gibt es nicht, oder es ist nicht für Sie bestimmt.", "There is no such thing for you."
        return de if tongue == "de" else en
    if isinstance(error, InvalidCommand):
        return "; ".join(_describe_fault(pointer, wrong, tongue) for pointer, wrong in error.faults)
    text = error.de if tongue == "de" else str(error)
    if isinstance(error, NotAllowed) and not isinstance(error, GuardFailed) and error.allowed_actions:
        machine = MACHINES.get(error.machine)
        commands = {command.ACTION: command for command in machine.commands} if machine else {}
        names = ", ".join(labels.action_label(commands, action, tongue) for action in error.allowed_actions)
        text += f". {'Möglich ist' if tongue == 'de' else 'Possible now'}: {names}"
    return text


def _describe_fault(pointer: str, wrong: str, tongue: str) -> str:
    """A fault with the label of its field."""
    name = pointer.strip("/").partition("/")[0]
    return f"{labels.label(labels.FIELDS, name, tongue)}: {wrong}" if name else wrong
