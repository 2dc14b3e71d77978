"""The visitor of a page: who is logged in, in which language, and the forms that are theirs.

The secret of a session, not the bearer token, is in a cookie that no script can read and no other site can send. Every
form carries a CSRF token derived from it, so that no other site can send a form in the visitor's name.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.application.errors import Unauthorised
from api.application.service import format_command_id
from api.application.tokens import Holder
from api.server.auth.sessions import find_session
from api.server.dependencies.services import Services, get_services
from api.server.http.body import read_body
from api.server.http.request import KEY as KEY_FORM
from api.server.http.request import get_language
from workflow.engine.access import Role
from workflow.errors import EvaError, Forbidden, InvalidCommand
from workflow.text import Text

COOKIE, LANGUAGE_COOKIE = "eva_session", "eva_lang"
CSRF_FIELD, KEY = "_mark", "_key"
"""Names of hidden fields: the CSRF token, and the idempotency key of what the form does."""
LARGEST_FORM = 400_000
"""Bytes."""
MOST_FIELDS = 3_000
"""Room for a route of 200 stations with all their fields."""


class LoginNeeded(EvaError):
    """Nobody is logged in; the page opens after the login."""


@dataclass(frozen=True)
class Visitor:
    request: Request
    services: Services
    holder: Holder
    language: str
    csrf_token: str

    def say(self, de: str, en: str) -> str:
        return de if self.language == "de" else en

    @property
    def plans(self) -> bool:
        return bool(self.holder.roles & {Role.PLANNER, Role.ADMIN})


Form = Mapping[str, str]


async def require_visitor(request: Request) -> Visitor:
    """The visitor; raises `LoginNeeded`."""
    found = await run_in_threadpool(find_visitor, request)
    if found is None:
        raise LoginNeeded("log in first", "Bitte zuerst anmelden")
    request.scope["eva.user"] = found.holder.user
    return found


def find_visitor(request: Request) -> Visitor | None:
    """The visitor, if anybody is logged in; programs may send the token as a header, as everywhere."""
    services = get_services(request)
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    secret = credentials.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE)
    if not secret:
        return None
    try:
        if scheme.lower() == "bearer":
            holder = services.authenticator.authenticate(f"Bearer {secret}", fresh=True)
        else:
            holder = find_session(services.engine, services.authenticator, secret).holder
    except Unauthorised:
        return None
    return Visitor(request, services, holder, page_language(request), derive_csrf_token(secret))


async def check_logged_in(request: Request) -> None:
    """Raise `Unauthorised` where nobody is logged in any more: what is streamed to a page is asked again and again."""
    if await run_in_threadpool(find_visitor, request) is None:
        raise Unauthorised


def derive_csrf_token(secret: str) -> str:
    """The CSRF token of a session; only who knows its secret can compute it (HMAC-SHA-256)."""
    return hmac.new(secret.encode(), b"eva form", sha256).hexdigest()


async def read_own_form(request: Request, who: Annotated[Visitor, Depends(require_visitor)]) -> Form:
    """The fields of a form of this server and this visitor; raises `Forbidden` for any other."""
    fields = await read_form(request)
    genuine = hmac.compare_digest(fields.get(CSRF_FIELD, "").encode(), who.csrf_token.encode())
    if not (genuine and is_same_site(request)):
        raise Forbidden("this form is not from here, or too old", "Das Formular ist nicht von hier oder veraltet")
    return fields


async def read_form(request: Request) -> dict[str, str]:
    body = await read_body(request, LARGEST_FORM, ("application/x-www-form-urlencoded",))
    try:
        found = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as wrong:
        raise InvalidCommand([("", Text("das ist kein Formular", "this is no form"))]) from wrong
    return {name: values[-1].replace("\r\n", "\n") for name, values in found.items()}


def is_same_site(request: Request) -> bool:
    """Whether the browser says that the request comes from a page of ours."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def get_command_id(holder: Holder, form: Form) -> str:
    """The idempotency key that the form brought; raises `InvalidCommand` where it brought none."""
    sent = form.get(KEY, "")
    if not KEY_FORM.fullmatch(sent):
        raise InvalidCommand([("", Text("dieses Formular ist nicht von hier", "this form is not from here"))])
    return format_command_id(holder.user, sent)


LoggedIn = Annotated[Visitor, Depends(require_visitor)]
"""Parameter of a page for those logged in."""
Cursor = Annotated[str, Query(max_length=2000)]
"""Parameter of a page with a list; where the list goes on."""
OwnForm = Annotated[Form, Depends(read_own_form)]
"""Parameter of a route that a form is sent to."""


def page_language(request: Request) -> str:
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return chosen if chosen in {"de", "en"} else get_language(request)
