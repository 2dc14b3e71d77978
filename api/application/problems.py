"""Errors as HTTP tells them: RFC 9457 problem details, one status for each kind of error."""

from http import HTTPStatus
from typing import Any

from api.application.errors import (
    BadRequest,
    NotAcceptable,
    TooLarge,
    TooOften,
    Unauthorised,
    UnsupportedMedia,
    UnusableScenario,
)
from scanning.rejection import Reason, Refused
from workflow import errors as e

Problem = dict[str, Any]
MEDIA_TYPE = "application/problem+json"

STATUS: dict[type[Exception], int] = {
    e.NotAllowed: 409,
    e.Forbidden: 403,
    e.NotFound: 404,
    e.StaleVersion: 412,
    e.DuplicateCommand: 422,
    e.InvalidCommand: 422,
    e.Corrupted: 500,
    e.StoreFull: 507,
    e.StoreUnavailable: 503,
    BadRequest: 400,
    Unauthorised: 401,
    NotAcceptable: 406,
    TooLarge: 413,
    UnsupportedMedia: 415,
    TooOften: 429,
    Refused: 422,
}
"""Error -> status; what is not listed has that of its nearest base."""

TITLES = {
    400: ("The request is malformed", "Die Anfrage ist fehlerhaft"),
    401: ("A valid token is needed", "Ein gültiges Token ist nötig"),
    403: ("Not permitted", "Nicht gestattet"),
    404: ("Not found", "Nicht gefunden"),
    405: ("Method not allowed", "Methode nicht vorgesehen"),
    406: ("Not acceptable", "Format nicht lieferbar"),
    408: ("The request took too long", "Die Anfrage dauerte zu lange"),
    409: ("The state does not allow this", "Der Zustand lässt das nicht zu"),
    412: ("It has changed meanwhile", "Inzwischen geändert"),
    413: ("The body is too large", "Der Inhalt ist zu groß"),
    415: ("Unsupported media type", "Format nicht unterstützt"),
    422: ("The input is not valid", "Die Eingabe ist ungültig"),
    429: ("Too many requests", "Zu viele Anfragen"),
    500: ("The log does not verify", "Das Protokoll ist beschädigt"),
    503: ("Not available now", "Zurzeit nicht verfügbar"),
    507: ("No space is left", "Kein Speicherplatz mehr"),
}
"""Status -> what it means, English and German."""


def get_status(error: Exception) -> int:
    """The HTTP status of an error of the engine."""
    if isinstance(error, Refused) and error.reason is Reason.TOO_BIG:
        return 413
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def problem(error: Exception, language: str = "en") -> Problem:
    """Problem details of an error of the engine."""
    told = error.de if language == "de" and isinstance(error, e.EvaError) else str(error)
    found = plain(get_status(error), told, language)
    if isinstance(error, e.NotAllowed):
        found |= {"type": "/problems/not-allowed", "state": error.state, "action": error.action,
                  "allowed_actions": list(error.allowed_actions)}  # fmt: skip
    if isinstance(error, e.GuardFailed):
        found |= {"type": "/problems/guard-failed", "guard": error.guard}
    if isinstance(error, e.InvalidCommand):
        found["errors"] = [{"pointer": pointer, "detail": wrong} for pointer, wrong in error.faults]
    if isinstance(error, UnusableScenario):
        found |= {"type": "/problems/unusable-scenario", "errors": error.places}
    if isinstance(error, e.DuplicateCommand):
        found |= {"type": "/problems/idempotency-key-reused", "errors": []}
    if isinstance(error, Refused):
        found |= {"type": "/problems/file-refused", "reason": error.reason.value, "sha256": error.sha256}
    if isinstance(error, e.StaleVersion):
        found["version"] = error.actual
    return found


def plain(status: int, detail: str, language: str = "en") -> Problem:
    """Problem details of a status."""
    known = TITLES.get(status)
    title = known[language == "de"] if known else HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}
