"""Single sign-on: tokens signed by an issuer named in the settings (OpenID Connect).

Only algorithms with a public key are taken and the key must be one of the issuer's, so that neither `alg: none` nor a
public key misused as a shared secret gets through. What the issuer says of roles, authority and clearance holds.
"""

import json
from pathlib import Path
from typing import Any

import jwt

from api.application.errors import Unauthorised
from api.application.tokens import Holder
from api.settings import Oidc as Settings
from workflow.engine.access import Protection, Role
from workflow.engine.fields import clean

LONGEST = 16_384
"""Characters of a token that are looked at."""
LEEWAY = 30
"""Seconds by which clocks may differ."""


class Oidc:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._remote: jwt.PyJWKClient | None = None
        self._keys: dict[str, Any] = {}
        if settings.jwks.startswith("https://"):
            self._remote = jwt.PyJWKClient(settings.jwks, cache_keys=True, timeout=5)
        else:
            found = json.loads(Path(settings.jwks).read_text(encoding="utf-8"))
            self._keys = {key.key_id: key.key for key in jwt.PyJWKSet.from_dict(found).keys if key.key_id}

    def authenticate(self, token: str) -> Holder:
        """Whom a token stands for; `Unauthorised` where it is not the issuer's, not for us, or not in force."""
        if len(token) > LONGEST:
            raise Unauthorised
        try:
            claims = self._claims(token)
            return self._holder(claims)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError) as wrong:
            raise Unauthorised from wrong

    def _claims(self, token: str) -> dict[str, Any]:
        settings = self._settings
        key = self._key(token)
        return jwt.decode(
            token, key, algorithms=list(settings.algorithms), audience=settings.audience, issuer=settings.issuer,
            leeway=LEEWAY, options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )  # fmt: skip

    def _key(self, token: str) -> Any:
        kid = jwt.get_unverified_header(token).get("kid")
        if not isinstance(kid, str):
            raise Unauthorised
        if self._remote is not None:
            return self._remote.get_signing_key(kid).key
        return self._keys[kid]

    def _holder(self, claims: dict[str, Any]) -> Holder:
        settings = self._settings
        user, authority = claims[settings.user_claim], claims.get(settings.authority_claim)
        named = claims.get(settings.roles_claim, [])
        if not isinstance(user, str) or not isinstance(named, list) or not isinstance(authority, str | None):
            raise Unauthorised
        if not user or {":", "/"} & set(user) or clean(user) != user:
            raise Unauthorised
        people = set(Role) - {Role.SYSTEM}
        roles = frozenset(role for role in people if role.value in named)
        if not roles or (authority is None and Role.ADMIN not in roles):
            raise Unauthorised("the token says no role, or no authority", "Das Token nennt keine Rolle oder Behörde")
        clearance = Protection(claims.get(settings.clearance_claim, "normal"))
        return Holder(user, roles, authority, clearance)
