"""Single sign-on: tokens signed by an issuer named in the settings (OpenID Connect).

Only algorithms with a public key are taken and the key must be one of the issuer's, so that neither `alg: none` nor a
public key misused as a shared secret gets through. What the issuer says of roles, authority and clearance holds.
"""

import hmac
from datetime import UTC, datetime
from typing import Any

import jwt

from api.application.errors import Unauthorised
from api.application.tokens import Holder
from api.server.auth.signing_keys import SigningKeys
from api.settings import Oidc as Settings
from workflow.engine.access import Protection, Role
from workflow.engine.fields import clean, is_name

LONGEST = 16_384
"""Characters of a token that are looked at."""
LEEWAY = 30
"""Seconds by which clocks may differ."""

UNREADABLE = (jwt.PyJWTError, ValueError, TypeError, KeyError, OverflowError)


class Oidc:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keys = SigningKeys(settings.jwks)

    def authenticate(self, token: str, now: datetime) -> Holder:
        """Whom a token stands for; `Unauthorised` where it is not the issuer's, not for us, or not in force.

        `now` is a time that does not go back: a token that has expired stays so when the machine's clock is set back.
        """
        try:
            return self._holder(self._claims(token, now, self._settings.audience))
        except UNREADABLE as wrong:
            raise Unauthorised from wrong

    def read_answer(self, token: str, now: datetime, client: str, nonce: str) -> Holder:
        """Whom an ID token stands for that `client` has asked for with a nonce; `Unauthorised` as `authenticate`."""
        try:
            claims = self._claims(token, now, client)
            _check_asked_for(claims, client, nonce)
            return self._holder(claims)
        except UNREADABLE as wrong:
            raise Unauthorised(
                "the answer of the issuer is not valid", "Die Antwort der Anmeldestelle ist nicht gültig"
            ) from wrong

    def _claims(self, token: str, now: datetime, audience: str) -> dict[str, Any]:
        if len(token) > LONGEST:
            raise jwt.InvalidTokenError("too long")
        settings = self._settings
        claims = jwt.decode(
            token, self._key(token), algorithms=list(settings.algorithms), audience=audience, issuer=settings.issuer,
            leeway=LEEWAY, options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )  # fmt: skip
        if now.timestamp() > claims["exp"] + LEEWAY:
            raise jwt.ExpiredSignatureError
        return claims

    def _key(self, token: str) -> Any:
        kid = jwt.get_unverified_header(token).get("kid")
        key = self._keys.get(kid) if isinstance(kid, str) else None
        if key is None:
            raise jwt.InvalidKeyError(f"the issuer has no key {kid!r}")
        return key

    def _holder(self, claims: dict[str, Any]) -> Holder:
        settings = self._settings
        user, authority = _read_name(claims.get(settings.user_claim)), claims.get(settings.authority_claim)
        authority = None if authority is None else _read_name(authority)
        named = claims.get(settings.roles_claim, [])
        if not isinstance(named, list):
            raise Unauthorised
        people = set(Role) - {Role.SYSTEM}
        roles = frozenset(role for role in people if role.value in named)
        if not roles or (authority is None and Role.ADMIN not in roles):
            raise Unauthorised("the token says no role, or no authority", "Das Token nennt keine Rolle oder Behörde")
        clearance = Protection(claims.get(settings.clearance_claim, "normal"))
        expires = datetime.fromtimestamp(int(claims["exp"]), UTC)
        return Holder(user, roles, authority, clearance, expires=expires)


def _check_asked_for(claims: dict[str, Any], client: str, nonce: str) -> None:
    """Raise where an ID token was made for another sign-on, or for another client that we share it with."""
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise jwt.InvalidTokenError("another nonce")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else client) != client:
        raise jwt.InvalidAudienceError("issued to another client")


def _read_name(claim: object) -> str:
    """A user or authority, spelled as in commands; streams and paths are made of both."""
    if not isinstance(claim, str) or not is_name(claim) or clean(claim) != claim:
        raise Unauthorised("the token names a user or authority that can be none", "Das Token enthält keinen Namen")
    return claim
