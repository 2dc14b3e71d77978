"""Pages from templates, in the visitor's language; errors as pages.

The content security policy allows only files of this server: no script in the page, nothing from elsewhere.
"""

import secrets
from base64 import b64encode
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.application.errors import Unauthorised
from api.application.problems import get_status, get_title
from api.application.run import MACHINE as RUN
from api.pages.base import labels
from api.pages.base.help import find_help
from api.pages.base.notices import count_unseen
from api.pages.base.numbers import FILTERS
from api.pages.base.visitor import LoginNeeded, Visitor, find_visitor, page_language
from api.server.http.router import Router
from scanning.catalogue import MACHINES
from workflow.errors import EvaError, GuardFailed, InvalidCommand, NotAllowed, NotFound, StaleVersion
from workflow.text import Text

FOLDER = Path(__file__).parents[1]
"""With the pages, each kind beside its own `templates` and `static`."""
LONGEST_NEXT = 2000
"""Characters of a page that somebody is led back to with all that was asked of it."""
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class PageRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        handle = super().get_route_handler()

        async def handle_errors(request: Request) -> Response:
            try:
                return await handle(request)
            except (LoginNeeded, Unauthorised):
                after = _name_page(request) if request.method == "GET" else "/"
                after = after if len(after) <= LONGEST_NEXT else request.url.path
                return RedirectResponse(f"/login?next={quote(after)}", 303)
            except EvaError as error:
                return await run_in_threadpool(_render_error, request, error)

        return handle_errors


def create_page_router() -> Router:
    """A router for pages, which are not part of the OpenAPI document."""
    return Router(route_class=PageRoute, include_in_schema=False)


@cache
def _environment(tongue: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(sorted(FOLDER.glob("**/templates"))), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {name: _bind(tongue, write) for name, write in FILTERS.items()}
    environment.filters["base64"] = lambda text: b64encode(text.encode()).decode()
    environment.globals |= {
        "t": lambda de, en: de if tongue == "de" else en,
        "label": lambda words, key: labels.label(getattr(labels, words), key, tongue),
        "action_label": lambda commands, action: labels.action_label(commands, action, tongue),
        "state": lambda machine, name: labels.state(machine, name, tongue),
        "state_in": lambda machine, name: labels.state(MACHINES[machine], name, tongue),
        "lang": tongue,
        "new_key": lambda: secrets.token_hex(16),
    }
    return environment


def _bind(tongue: str, write: Callable[[Any, str], str]) -> Callable[[Any], str]:
    return lambda value: write(value, tongue)


def render_page(who: Visitor, template: str, status: int = 200, **about: Any) -> HTMLResponse:
    """A page for somebody who is logged in, with how much is new for them."""
    return render(who.request, template, status, who=who, unseen=count_unseen(who), **about)


def render(
    request: Request, template: str, status: int = 200, who: Visitor | None = None, unseen: int | None = None,
    **about: Any,
) -> HTMLResponse:  # fmt: skip
    """A page with the security policy; `unseen` is None where nobody counts it, as on pages that tell faults."""
    here = _name_page(request) if request.method == "GET" else request.url.path
    shared = {"who": who, "here": here, "unseen": unseen, "help": find_help(template)}
    text = _environment(page_language(request)).get_template(template).render(**shared, **about)
    return HTMLResponse(text, status, {"content-security-policy": POLICY})


def _name_page(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def redirect(path: str) -> RedirectResponse:
    """Show another page after a form (303)."""
    return RedirectResponse(path, 303)


def _render_error(request: Request, error: EvaError) -> HTMLResponse:
    tongue, status = page_language(request), get_status(error)
    return render(
        request, "error.html.j2", status, find_visitor(request), code=status,
        title=get_title(error).get(tongue),
        message=explain(error, tongue),
    )  # fmt: skip


def explain(error: EvaError, tongue: str) -> str:
    if isinstance(error, StaleVersion):
        de, en = "Inzwischen hat jemand anders hier etwas geändert.", "Somebody else has changed something meanwhile."
        return de if tongue == "de" else en
    if isinstance(error, NotFound):
        de, en = "Das gibt es nicht, oder es ist nicht für Sie bestimmt.", "There is no such thing for you."
        return de if tongue == "de" else en
    if isinstance(error, InvalidCommand):
        return "; ".join(_describe_fault(pointer, wrong, tongue) for pointer, wrong in error.texts)
    text = error.de if tongue == "de" else str(error)
    if isinstance(error, NotAllowed) and not isinstance(error, GuardFailed) and error.allowed_actions:
        machine = {**MACHINES, RUN.name: RUN}.get(error.machine)
        commands = {command.ACTION: command for command in machine.commands} if machine else {}
        names = ", ".join(labels.action_label(commands, action, tongue) for action in error.allowed_actions)
        text += f". {'Möglich ist' if tongue == 'de' else 'Possible now'}: {names}"
    return text


def _describe_fault(pointer: str, wrong: Text, tongue: str) -> str:
    name, said = pointer.strip("/").partition("/")[0], labels.FAULTS.get(wrong.en)
    told = wrong.get(tongue) if said is None else said[tongue != "de"]
    return f"{labels.label(labels.FIELDS, name, tongue)}: {told}" if name else told
