"""Rows, guards and roles of the machines that no replay can reach, each with the reason; all others count as coverage.

They repeat what timers, builders or another table have ensured already. A test keeps the list exact: what a shipped
replay file does reach must not be listed.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from api.replay.coverage.keys import RowKey
from workflow.text import Text

Matches = Callable[[str, Any], bool]
"""(kind, key) -> whether that cannot be reached."""


class Unreachable(NamedTuple):
    machine: str
    why: Text
    matches: tuple[Matches, ...]


def _cannot(machine: str, why: Text, *matches: Matches) -> Unreachable:
    return Unreachable(machine, why, matches)


def _within(names: str, name: str) -> bool:
    """Whether a name stands in a text with blanks between names; an empty text stands for all."""
    return not names or name in names.split()


def _no(actions: str = "", guards: str = "", sources: str = "") -> Matches:
    """Guards that never say no."""
    return lambda kind, key: (
        kind == "guard" and not key.yes and _within(actions, key.row.action) and _within(guards, key.guard)
        and _within(sources, key.row.source)
    )  # fmt: skip


def _role(actions: str = "", only: str = "", but: str = "") -> Matches:
    """Roles that never open a row alone: `only` these, or all `but` these."""
    return lambda kind, key: (
        kind == "role" and _within(actions, key.row.action) and _within(only, key.role) and key.role not in but.split()
    )


def _error(actions: str = "", by: str = "") -> Matches:
    return lambda kind, key: kind == "error" and _within(actions, key.action) and _within(by, key.by)


def _row(source: str, action: str) -> Matches:
    """A row, its guards and its roles."""

    def match(kind: str, key: Any) -> bool:
        row = key if kind == "row" else getattr(key, "row", None)
        return isinstance(row, RowKey) and (row.source, row.action) == (source, action)

    return match


def _action(name: str) -> Matches:
    """All rows of an action, their guards and their roles."""

    def match(kind: str, key: Any) -> bool:
        row = key if kind == "row" else getattr(key, "row", None)
        return isinstance(row, RowKey) and row.action == name

    return match


ASKED_BEFORE = Text("die Tabelle der Laufmappe selbst wird vorher gefragt", "the slip's own table is asked before")
UNREACHABLE = (
    _cannot(
        "record",
        Text(
            "Zeitgeber stehen auf dem ersten Augenblick, in dem diese Ja sagen, und gehen, bevor sie Nein sagen",
            "timers are set for the first moment at which these say yes, and removed before they say no",
        ),
        _no("to_registry", "transfer_over cases_in_registry"),
        _no("fall_due", "no_hold due_reached cases_due"),
    ),
    _cannot(
        "record",
        Text(
            "eine E-Akte wird erst nach ihren Vorgängen fällig, und kein Vorgang kommt davor zurück",
            "a record falls due only after its cases, and nothing leads a case back before it",
        ),
        _no("offer", "cases_due"),
    ),
    _cannot(
        "record",
        Text(
            "von selbst verakten nur Scannen und Posteingang, und sie tun es als Person",
            "only scanning and mail file documents by themselves, and they do so as a person",
        ),
        _role("add_document", only="system"),
    ),
    _cannot(
        "routing-slip",
        Text(
            "eine Laufmappe entsteht mit Stationen, und ein Plan hat mindestens eine",
            "a slip is created with stations, and a plan has at least one",
        ),
        _no("start", "route_planned"),
    ),
    _cannot(
        "routing-slip",
        Text(
            "nach dem Abschluss sind nur noch Kenntnisnahmen offen",
            "once completed, only acknowledgements are still active",
        ),
        _no("acknowledge", "kind_fits", sources="completed filed"),
    ),
    _cannot(
        "routing-slip",
        Text(
            "Zeitgeber nennen Station und Art, für die sie gestellt wurden",
            "timers name the station and kind they were set for",
        ),
        _no("elapse remind escalate skip_unread consent_by_silence end_provision", "active kind_fits provided"),
    ),
    _cannot(
        "routing-slip",
        Text(
            "die Bedingung `approver` lässt keine andere Rolle freigeben",
            "the guard `approver` lets no other role approve",
        ),
        _role("approve", but="approver"),
    ),
    _cannot(
        "routing-slip",
        Text(
            "wer nicht ermächtigt ist, weiß von der Laufmappe nichts",
            "whoever lacks the clearance does not know of the slip",
        ),
        _no(guards="cleared"),
    ),
    _cannot(
        "station",
        ASKED_BEFORE,
        _error(),
        _role("sign dispatch report_retrieval close", but="case_worker approver registrar system"),
        _role("approve", but="approver system"),
        _role("skip", but="case_worker approver registrar admin archivist auditor system"),
    ),
    _cannot(
        "delivery",
        ASKED_BEFORE,
        _error(),
    ),
    _cannot(
        "staff",
        Text(
            "die Administration einer anderen Behörde weiß von der Person nichts",
            "an admin of another authority does not know of the person",
        ),
        _error("leave", by="guard"),
        _no("leave appoint_deputy revoke_deputy", "own_authority"),
    ),
    _cannot(
        "templates",
        Text(
            "Prüfläufe erreichen Vorlagen nur unter der Behörde dessen, der handelt",
            "replays reach templates under the authority of whoever acts",
        ),
        _error(by="guard"),
        _no(),
    ),
    _cannot(
        "mail-folder",
        Text(
            "das Verteilen nach einer Regel ruft noch niemand auf",
            "distribution by a rule has no caller yet",
        ),
        _row("received", "assign"),
    ),
    _cannot(
        "mail-folder",
        Text(
            "wer nicht ermächtigt ist, weiß von der Sendung nichts",
            "whoever lacks the clearance does not know of the item",
        ),
        _error("sight", by="guard"),
        _no(guards="cleared"),
    ),
    _cannot(
        "mail-folder",
        Text(
            "zuweisen und verakten nur Personen",
            "only persons assign and file",
        ),
        _role(only="system"),
    ),
    _cannot(
        "scan-batch",
        Text(
            "wer nicht ermächtigt ist, weiß vom Stapel nichts",
            "whoever lacks the clearance does not know of the batch",
        ),
        _error("exclude doubt scan rework recount reject reject_seal report_defect hold", by="guard"),
        _no(guards="cleared"),
    ),
    _cannot(
        "scan-batch",
        Text(
            "was nicht gescannt werden darf, wird nie vorbereitet, und was vorbereitet ist, bleibt, was es ist",
            "what must not be scanned is never prepared, and what was prepared stays what it is",
        ),
        _no("scan release_destruction destroy", "eligible"),
    ),
    _cannot(
        "scan-batch",
        Text(
            "was gescannt, geprüft oder abgelehnt ist, hat einen Scan",
            "what is scanned, checked or rejected has a scan",
        ),
        _no("rework", "has_scan"),
    ),
    _cannot(
        "scan-batch",
        Text(
            "der Zeitgeber steht auf dem Tag nach der Frist",
            "the timer is set for the day after the period",
        ),
        _no("fall_due", "period_over"),
    ),
    _cannot(
        "scan-batch",
        Text(
            "was fällig ist, wurde übergeben, also abgelegt, und seine Frist ist um",
            "what is due was delivered, so stored, and its period is over",
        ),
        _no("release_destruction destroy", "stored period_over"),
    ),
    _cannot(
        "scan-batch",
        Text(
            "was diese ändern würde, nimmt die Freigabe zurück",
            "what would change these takes the release back",
        ),
        _no("destroy", "qa_passed no_hold no_defect"),
    ),
    _cannot(
        "scan-batch",
        Text(
            "ein Prüflauf hat keine Dateien, die beschädigt sein könnten",
            "a replay has no files that could be damaged",
        ),
        _action("report_damage"),
        _no(guards="files_intact"),
    ),
    _cannot(
        "scan-batch",
        Text(
            "was vergessen ist, löst nichts mehr aus",
            "what was forgotten sets nothing off any more",
        ),
        _no("forget", "not_forgotten"),
    ),
    _cannot(
        "scan-batch",
        Text(
            "das System bestätigt und vergisst nur",
            "the system only acknowledges and forgets",
        ),
        _role("seal reject_seal verify deliver", only="system"),
    ),
    _cannot(
        "scan-batch",
        Text(
            "was veraktet ist, wird von selbst bestätigt, bevor eine Person es könnte",
            "what is filed is acknowledged by itself, before a person could",
        ),
        _role("acknowledge", but="system"),
    ),
    _cannot(
        "scan-centre",
        Text(
            "eine Scanstelle, die nicht eingetragen ist, wird nicht gefunden",
            "a centre that was not entered is not found",
        ),
        _error(by="state"),
    ),
)


def find_unreachable(machine: str, kind: str, key: Any) -> Unreachable | None:
    return next((one for one in UNREACHABLE if one.machine == machine and any(m(kind, key) for m in one.matches)), None)


def select_reachable(machine: str, kind: str, keys: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [(text, key) for text, key in keys if find_unreachable(machine, kind, key) is None]
