"""Errors as HTTP tells them: RFC 9457 problem details, one status for each kind of error."""

from typing import Any

from api.application.errors import MalformedRequest, TooOften, Unauthorised, UnusableScenario
from scanning.rejection import FileRejected, RejectionReason
from workflow import errors as e
from workflow.text import Text

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
    Unauthorised: 401,
    TooOften: 429,
    FileRejected: 422,
}
"""Error -> status; what is not listed has that of its nearest base."""

TITLES = {
    400: Text("Die Anfrage ist fehlerhaft", "The request is malformed"),
    401: Text("Ein gültiges Token ist nötig", "A valid token is needed"),
    403: Text("Nicht gestattet", "Not permitted"),
    404: Text("Nicht gefunden", "Not found"),
    405: Text("Methode nicht vorgesehen", "Method not allowed"),
    406: Text("Format nicht lieferbar", "Not acceptable"),
    408: Text("Die Anfrage dauerte zu lange", "The request took too long"),
    409: Text("Der Zustand lässt das nicht zu", "The state does not allow this"),
    412: Text("Inzwischen geändert", "It has changed meanwhile"),
    413: Text("Der Inhalt ist zu groß", "The body is too large"),
    415: Text("Format nicht unterstützt", "Unsupported media type"),
    422: Text("Die Eingabe ist ungültig", "The input is not valid"),
    429: Text("Zu viele Anfragen", "Too many requests"),
    500: Text("Das Protokoll ist beschädigt", "The log does not verify"),
    503: Text("Zurzeit nicht verfügbar", "Not available now"),
    507: Text("Kein Speicherplatz mehr", "No space is left"),
}
"""Status -> what it means."""
UNKNOWN = Text("Das hat nicht geklappt", "It did not work")


def get_status(error: Exception) -> int:
    if isinstance(error, FileRejected) and error.reason is RejectionReason.TOO_BIG:
        return 413
    if isinstance(error, MalformedRequest):
        return error.status
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def describe_problem(error: Exception, language: str = "en") -> Problem:
    text = error.text.get(language) if isinstance(error, e.EvaError) else str(error)
    found = describe_status(get_status(error), text, language)
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
    if isinstance(error, FileRejected):
        found |= {"type": "/problems/file-refused", "reason": error.reason.value, "sha256": error.sha256}
    if isinstance(error, e.StaleVersion):
        found["version"] = error.actual
    return found


def describe_status(status: int, detail: str, language: str = "en") -> Problem:
    title = TITLES.get(status, UNKNOWN).get(language)
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}
