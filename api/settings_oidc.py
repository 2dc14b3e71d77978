"""Settings of single sign-on by OpenID Connect."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflow.errors import InvalidCommand

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a public key only: with these, neither `none` nor a key used as a shared secret gets through."""


@dataclass(frozen=True)
class Oidc:
    """Whose tokens are taken, and which claim says what."""

    issuer: str
    audience: str
    jwks: str
    """URL (https) or file of the issuer's keys."""
    user_claim: str = "preferred_username"
    roles_claim: str = "roles"
    authority_claim: str = "authority"
    clearance_claim: str = "clearance"
    algorithms: tuple[str, ...] = ("RS256", "ES256")


def oidc_of(environment: Mapping[str, str]) -> Oidc | None:
    """Settings from `EVA_OIDC_*`; None where no issuer is named."""
    issuer = environment.get("EVA_OIDC_ISSUER")
    if not issuer:
        return None
    given = {name: environment.get(f"EVA_OIDC_{name.upper()}") for name in (
        "audience", "jwks", "user_claim", "roles_claim", "authority_claim", "clearance_claim",
    )}  # fmt: skip
    missing = [(f"EVA_OIDC_{name.upper()}", "is needed") for name in ("audience", "jwks") if not given[name]]
    named = environment.get("EVA_OIDC_ALGORITHMS", "RS256,ES256").split(",")
    missing += [("EVA_OIDC_ALGORITHMS", f"{a!r} is not one of {', '.join(ALGORITHMS)}") for a in named
                if a not in ALGORITHMS]  # fmt: skip
    if missing:
        raise InvalidCommand(missing)
    known = {name: value for name, value in given.items() if value}
    return Oidc(issuer=issuer, algorithms=tuple(named), **known)
