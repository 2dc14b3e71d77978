"""Signed webhooks coming in: whether a request is a specialist system's own, as Standard Webhooks has it.

A specialist system is a token whose secret signs requests and never travels with them. The secret follows from the
token's digest and this server's own key, so it is written down nowhere.
"""

import hmac
import re
from collections.abc import Mapping
from pathlib import Path

from api.application.errors import Unauthorised
from api.application.resources.resource import UUID
from api.application.tokens import Holder, Token, stream
from api.application.webhooks.secret import derive_secret, read_key, sign
from api.server.auth.authenticator import Authenticator
from workflow.engine.engine import Engine

PATIENCE = 300
"""Seconds by which the time of a request may be off, as Standard Webhooks asks for."""
MOST_SIGNATURES = 10
"""Of one request; a sender that changes its secret signs with both."""
MESSAGE = re.compile(r"[!-~]{1,64}")
SECONDS = re.compile(r"[0-9]{1,12}")


def make_secret(folder: Path, token: Token) -> str:
    """The secret that a system signs with: `whsec_` and 32 bytes in Base64. `folder` keeps the server's key."""
    return derive_secret(read_key(folder), f"in {token.digest}")


def read_message_id(headers: Mapping[str, str]) -> str:
    """What names this message, however often it is sent; empty where nothing does."""
    return headers.get("webhook-id", "")


def identify_system(
    engine: Engine, authenticator: Authenticator, folder: Path, system: str, headers: Mapping[str, str], body: bytes
) -> Holder:
    """Whom a signed request stands for; `Unauthorised` where its signature, its id, its time or the system is not good,
    `TooOften`.
    """
    message, timestamp = read_message_id(headers), headers.get("webhook-timestamp", "")
    token = engine.find(stream(system), Token) if UUID.fullmatch(system) else None
    if token is None or not MESSAGE.fullmatch(message) or not SECONDS.fullmatch(timestamp):
        raise _refuse()
    expected = sign(make_secret(folder, token), message, int(timestamp), body)
    given = headers.get("webhook-signature", "").split()[:MOST_SIGNATURES]
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in given):
        raise _refuse()
    if abs(engine.clock().timestamp() - int(timestamp)) > PATIENCE:
        raise Unauthorised(
            "the time of the signed message is more than five minutes off",
            "Die Zeit der signierten Nachricht weicht um mehr als fünf Minuten ab",
        )
    holder = Holder(token.user, token.roles, token.authority, token.clearance, None, token.id)
    authenticator.admit(holder)
    return holder


def _refuse() -> Unauthorised:
    return Unauthorised(
        "the message is not signed by this system", "Die Nachricht ist nicht von diesem System signiert"
    )
