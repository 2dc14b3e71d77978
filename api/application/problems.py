"""Errors as HTTP tells them: RFC 9457 problem details, one status for each kind of error."""

from typing import Any, NamedTuple

from api.application.errors import MalformedRequest, TooOften, Unauthorised, UnusableScenario
from scanning.rejection import FileRejected, RejectionReason
from workflow import errors as e
from workflow.text import Text

Problem = dict[str, Any]
BASE = "/problems"
"""Below which every `type` leads to a page."""
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
    431: Text("Der Kopf der Anfrage ist zu groß", "The head of the request is too large"),
    500: Text("Ein Fehler des Servers", "A fault of the server"),
    503: Text("Zurzeit nicht verfügbar", "Not available now"),
    507: Text("Kein Speicherplatz mehr", "No space is left"),
}
"""Status -> what it means."""
UNKNOWN = Text("Das hat nicht geklappt", "It did not work")
LOG_DAMAGED = Text("Das Protokoll ist beschädigt", "The log does not verify")
FILE_DAMAGED = Text("Gespeichertes ist beschädigt", "What was stored is damaged")


class Kind(NamedTuple):
    """A kind of problem: its status, and what a client may do about it."""

    status: int
    about: Text


KINDS = {
    "malformed": Kind(400, Text(
        "Ein Kopf der Anfrage fehlt oder ist unlesbar, etwa der Idempotency-Key.",
        "A header is missing or cannot be read, such as the Idempotency-Key. Correct it and send again.")),
    "unauthorised": Kind(401, Text(
        "Kein Token, oder eines, das nicht gilt: abgelaufen, widerrufen, oder die Person ist ausgeschieden.",
        "No token, or one that is not in force: expired, revoked, or the person has left. Get a new one.")),
    "forbidden": Kind(403, Text(
        "Diese Person darf das nicht; `guard` nennt die Bedingung, wenn es an einer lag. Erneut senden hilft nicht.",
        "This person may not; `guard` names the condition where it was one. Sending again does not help.")),
    "not-found": Kind(404, Text(
        "Das gibt es nicht, oder es ist dieser Person verborgen; beides wird gleich beantwortet.",
        "There is no such thing, or it is hidden from this person; both are answered alike.")),
    "method-not-allowed": Kind(405, Text(
        "Der Pfad kennt diese Methode nicht; `Allow` nennt die bekannten.",
        "The path does not know this method; `Allow` names those that it does.")),
    "not-acceptable": Kind(406, Text(
        "In keiner Form lieferbar, die `Accept` nennt.", "There is no form of it that `Accept` names.")),
    "timeout": Kind(408, Text(
        "Die Anfrage kam nicht rechtzeitig an oder dauerte zu lange. Mit demselben Idempotency-Key erneut senden.",
        "The request did not arrive in time, or took too long. Send it again with the same Idempotency-Key.")),
    "not-allowed": Kind(409, Text(
        "Der Zustand (`state`) lässt die Aktion nicht zu; `allowed_actions` nennt, was er zulässt.",
        "The state (`state`) does not allow the action; `allowed_actions` names what it does.")),
    "guard-failed": Kind(409, Text(
        "Der Zustand ließe es zu, aber die Bedingung `guard` ist nicht erfüllt; `detail` sagt, was fehlt.",
        "The state would allow it, but the condition `guard` is not met; `detail` says what is missing.")),
    "stale-version": Kind(412, Text(
        "`If-Match` stimmt nicht mehr: jemand war schneller. Neu lesen; `version` nennt die jetzige.",
        "`If-Match` is no longer true: somebody was quicker. Read again; `version` names the one that counts.")),
    "too-large": Kind(413, Text("Der Inhalt ist größer als erlaubt.", "The body is larger than is taken here.")),
    "unsupported-media": Kind(415, Text(
        "Der Inhalt ist laut Content-Type von anderer Art als verlangt.",
        "The body is, by its Content-Type, of another kind than is taken here.")),
    "invalid": Kind(422, Text(
        "Inhalt oder Abfrage ist ungültig; `errors` nennt jeden Fehler mit JSON-Pointer.",
        "Body or query is not valid; `errors` names each fault by its JSON Pointer.")),
    "idempotency-key-reused": Kind(422, Text(
        "Derselbe Idempotency-Key wurde schon für etwas anderes verwendet. Einen neuen nehmen.",
        "The same Idempotency-Key was used for something else before. Take a new one.")),
    "unusable-scenario": Kind(422, Text(
        "Das Szenario hat Fehler; `errors` nennt sie mit Zeile und Spalte.",
        "The scenario has faults; `errors` names them by line and column.")),
    "file-refused": Kind(422, Text(
        "Die Datei genügt nicht; `reason` sagt, warum. Sie liegt in Quarantäne.",
        "The file will not do; `reason` says why. It is kept in quarantine.")),
    "too-many-requests": Kind(429, Text(
        "Zu viele Anfragen mit diesem Token; `Retry-After` sagt, wann es weitergeht.",
        "Too many requests with this token; `Retry-After` says when to go on.")),
    "head-too-large": Kind(431, Text(
        "Zeile oder Köpfe der Anfrage sind zu lang.", "Line or headers of the request are too long.")),
    "fault": Kind(500, Text(
        "Ein Fehler des Servers; er steht im Protokoll des Betriebs unter `request_id`.",
        "A fault of the server; it is logged under `request_id`.")),
    "log-damaged": Kind(500, Text(
        "Das Ereignisprotokoll ist nicht das geschriebene. Der Betrieb muss handeln.",
        "The log is not what was written. Operators have to act.")),
    "file-damaged": Kind(500, Text(
        "Eine gespeicherte Datei ist nicht die geschriebene. Der Betrieb muss handeln.",
        "A stored file is not what was written. Operators have to act.")),
    "unavailable": Kind(503, Text(
        "Die Datenbank antwortet nicht, oder zu viel ist im Gang; nichts wurde geändert. Später erneut senden.",
        "The database does not answer, or too much is under way; nothing was changed. Send again later.")),
    "store-full": Kind(507, Text(
        "Der Datenträger ist voll; nichts wurde geändert.", "The disk is full; nothing was changed.")),
}  # fmt: skip
"""By the last part of `type`, which leads to a page that says this."""
OF_STATUS = {kind.status: name for name, kind in reversed(KINDS.items())}
"""The kind of a problem of which nothing but its status is known: the first that has it."""


def get_status(error: Exception) -> int:
    if isinstance(error, FileRejected) and error.reason is RejectionReason.TOO_BIG:
        return 413
    if isinstance(error, MalformedRequest):
        return error.status
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def get_title(error: Exception) -> Text:
    """What has happened; only where the log itself does not verify does it say so."""
    if isinstance(error, e.Corrupted):
        return LOG_DAMAGED if error.position else FILE_DAMAGED
    return TITLES.get(get_status(error), UNKNOWN)


def describe_problem(error: Exception, language: str = "en") -> Problem:
    language = choose_language(error, language)
    text = error.text.get(language) if isinstance(error, e.EvaError) else str(error)
    found = describe_status(get_status(error), text, language) | {"title": get_title(error).get(language)}
    if isinstance(error, e.NotAllowed):
        found |= {"type": to_type("not-allowed"), "state": error.state, "action": error.action,
                  "allowed_actions": list(error.allowed_actions)}  # fmt: skip
    if isinstance(error, e.GuardFailed):
        found |= {"type": to_type("guard-failed"), "guard": error.guard}
    if isinstance(error, e.Forbidden) and error.guard:
        found["guard"] = error.guard
    if isinstance(error, e.InvalidCommand):
        found["errors"] = [{"pointer": pointer, "detail": wrong.get(language)} for pointer, wrong in error.texts]
    if isinstance(error, UnusableScenario):
        found |= {"type": to_type("unusable-scenario"), "errors": error.describe(language)}
    if isinstance(error, e.DuplicateCommand):
        found |= {"type": to_type("idempotency-key-reused"), "errors": []}
    if isinstance(error, FileRejected):
        found |= {"type": to_type("file-refused"), "reason": error.reason.value, "sha256": error.sha256}
    if isinstance(error, e.StaleVersion):
        found["version"] = error.actual
    if isinstance(error, e.Corrupted):
        found["type"] = to_type("log-damaged" if error.position else "file-damaged")
    return found


def choose_language(error: Exception, language: str) -> str:
    """The language of the whole answer: German only where everything that it says is."""
    return language if isinstance(error, e.EvaError) and error.translated else "en"


def to_type(kind: str) -> str:
    return f"{BASE}/{kind}"


def describe_status(status: int, detail: str, language: str = "en") -> Problem:
    title = TITLES.get(status, UNKNOWN).get(language)
    kind = to_type(OF_STATUS[status]) if status in OF_STATUS else "about:blank"
    return {
        "type": kind,
        "title": title,
        "status": status,
        "detail": detail,
    }
