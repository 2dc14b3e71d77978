"""One request to a receiver: signed, to an allowed address, without redirects, within so many seconds."""

import ssl
import time
from collections.abc import Sequence
from enum import Enum
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

import httpcore

from api.application.webhooks.secret import sign
from api.server.background.webhooks.destination import CheckedNetwork, Network

SECONDS = 10.0
"""For a whole request: looking up the name aside, which the system bounds."""
MEDIA_TYPE = "application/cloudevents+json"
LATER = {408, 425, 429}
"""Statuses of the 4xx that say nothing about the event."""
GONE = 410


class Outcome(Enum):
    DELIVERED = "delivered"
    REFUSED = "refused"
    """The receiver does not take this event, or wants it elsewhere."""
    UNREACHABLE = "unreachable"
    """The receiver is not there, or not able to now."""
    GONE = "gone"
    """It wants nothing more."""


class Reply(NamedTuple):
    outcome: Outcome
    why: str
    """What happened, for the administration; empty where all is well."""


class Destination(NamedTuple):
    url: str
    secret: str
    networks: Sequence[Network] = ()


def post(to: Destination, message: str, body: bytes, now: float, seconds: float = SECONDS) -> Reply:
    """Send a body under a message id, at `now` (seconds since 1970)."""
    timestamp = int(now)
    headers = [
        ("content-type", MEDIA_TYPE), ("user-agent", "eva-webhook/1"), ("accept", "*/*"), ("webhook-id", message),
        ("webhook-timestamp", str(timestamp)), ("webhook-signature", sign(to.secret, message, timestamp, body)),
        ("content-length", str(len(body))),
    ]  # fmt: skip
    url, limits = httpcore.URL(to.url), dict.fromkeys(("connect", "read", "write", "pool"), seconds)
    encrypted = url.scheme == b"https"
    network = CheckedNetwork(to.networks, encrypted, time.monotonic() + seconds)
    headers = [("host", urlsplit(to.url).netloc), *headers]
    try:
        with (
            httpcore.ConnectionPool(_trust() if encrypted else None, network_backend=network) as pool,
            pool.stream("POST", url, headers=headers, content=body, extensions={"timeout": limits}) as response,
        ):
            return _judge(response.status)
    except httpcore.TimeoutException:
        return Reply(Outcome.UNREACHABLE, f"no answer within {seconds:g} s")
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as wrong:
        return Reply(Outcome.UNREACHABLE, " ".join(f"{type(wrong).__name__}: {wrong}".split())[:300])


def _judge(status: int) -> Reply:
    if 200 <= status < 300:
        return Reply(Outcome.DELIVERED, "")
    why = f"answered {status}"
    if status == GONE:
        return Reply(Outcome.GONE, why)
    refused = 300 <= status < 500 and status not in LATER
    return Reply(Outcome.REFUSED if refused else Outcome.UNREACHABLE, why)


@cache
def _trust() -> ssl.SSLContext:
    """Certificates that the system trusts (`SSL_CERT_FILE` names others)."""
    return ssl.create_default_context()
