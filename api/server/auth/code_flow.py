"""Sign-on in the browser: the code flow of OpenID Connect with PKCE (RFC 7636, S256), as far as the issuer sees it.

A browser that begins gets a random secret in a cookie, and state, nonce and code verifier are made of that secret. So
an answer is taken only from the browser that asked for it, and nothing is kept here of those who never come back.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from api.application.errors import TooMany, Unauthorised
from api.settings import BrowserSignOn
from workflow.errors import StoreUnavailable

CALLBACK = "/login/callback"
TIMEOUT = 5.0
"""Seconds that the issuer may take to answer."""
AT_ONCE = 32
"""Codes exchanged at the same time: nobody makes this server ask the issuer more often than that."""
_under_way: set[object] = set()


def draw_secret() -> str:
    return secrets.token_urlsafe(32)


def derive(secret: str, use: str) -> str:
    """State, nonce or verifier: who sees one of them, in an address or a token, learns nothing of the others."""
    return _encode(hmac.new(secret.encode(), use.encode(), sha256).digest())


def build_request(settings: BrowserSignOn, secret: str) -> str:
    """Where a browser is sent to sign on."""
    asked = {
        "response_type": "code", "client_id": settings.client, "redirect_uri": settings.url + CALLBACK,
        "scope": settings.scope, "state": derive(secret, "state"), "nonce": derive(secret, "nonce"),
        "code_challenge": _encode(sha256(derive(secret, "verifier").encode()).digest()),
        "code_challenge_method": "S256",
    }  # fmt: skip
    return f"{settings.authorization}{'&' if '?' in settings.authorization else '?'}{urlencode(asked)}"


def is_answer(secret: str, state: str) -> bool:
    """Whether an answer with this state was asked for by the browser that has this secret."""
    return bool(secret) and hmac.compare_digest(derive(secret, "state").encode(), state.encode())


async def exchange(settings: BrowserSignOn, secret: str, code: str) -> str:
    """The ID token for a code; `Unauthorised` where the issuer gives none, `StoreUnavailable` where it is away."""
    if len(_under_way) >= AT_ONCE:
        raise TooMany("too many are signing on at once", "Zu viele melden sich gleichzeitig an", 5.0)
    mine = object()
    _under_way.add(mine)
    try:
        return _read_answer(await _ask(settings, secret, code))
    finally:
        _under_way.discard(mine)


async def _ask(settings: BrowserSignOn, secret: str, code: str) -> httpx.Response:
    fields = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": settings.url + CALLBACK,
        "client_id": settings.client, "code_verifier": derive(secret, "verifier"),
    }  # fmt: skip
    known = None
    if settings.client_secret is not None:
        known = httpx.BasicAuth(quote(settings.client, safe=""), quote(settings.client_secret, safe=""))
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT, auth=known) as client:
            return await client.post(settings.token, data=fields, headers={"accept": "application/json"})
    except httpx.HTTPError as away:
        raise _away() from away


def _read_answer(answer: httpx.Response) -> str:
    if answer.status_code >= 500:
        raise _away()
    try:
        told: Any = answer.json()
    except ValueError:
        told = None
    token = told.get("id_token") if answer.status_code == 200 and isinstance(told, dict) else None
    if not isinstance(token, str):
        said = "no ID token" if answer.status_code == 200 else answer.text[:300]  # of a good one nothing is logged
        why = RuntimeError(f"{answer.status_code} {said}")
        raise Unauthorised(
            "the issuer has confirmed nobody; begin anew",
            "Die Anmeldestelle hat niemanden bestätigt; bitte neu beginnen",
        ) from why
    return token


def _away() -> StoreUnavailable:
    return StoreUnavailable("the issuer does not answer", "Die Anmeldestelle antwortet nicht")


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
