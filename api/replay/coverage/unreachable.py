"""What of the machines no replay can exercise, each with its reason; everything else counts towards coverage.

These are belts beside braces: the table asks once more what timers, builders or another table have made sure of. A
test holds the list to be exact: what a file does exercise must not stand here.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from api.replay.coverage.keys import Answer, Opened, Refused, RowKey
from workflow.engine.access import Role


class Belt(NamedTuple):
    """A pattern over what cannot be exercised."""

    machine: str
    why: str
    matches: Callable[[str, Any], bool]
    """(kind, key) -> whether it is meant."""


def _no(action: str, *guards: str, sources: str = "") -> Callable[[str, Any], bool]:
    def match(kind: str, key: Any) -> bool:
        return (
            kind == "guard" and isinstance(key, Answer) and not key.yes and key.row.action == action
            and key.guard in guards and (not sources or key.row.source in sources.split())
        )  # fmt: skip

    return match


def _system(kind: str, key: Any) -> bool:
    return kind == "role" and isinstance(key, Opened) and key.role == Role.SYSTEM.value


def _by_rule(kind: str, key: Any) -> bool:
    row = key if kind == "row" else getattr(key, "row", None)
    return isinstance(row, RowKey) and (row.source, row.action) == ("received", "assign")


GRANTED = {
    "sign": {"case_worker", "approver", "registrar"}, "dispatch": {"case_worker", "approver", "registrar"},
    "close": {"case_worker", "approver", "registrar"}, "approve": {"approver"},
    "skip": {"case_worker", "approver", "registrar", "admin", "archivist", "auditor"},
}  # fmt: skip
"""Action at a station -> roles that the slip's own table lets through."""


def _slip_first(kind: str, key: Any) -> bool:
    if kind == "error":
        return isinstance(key, Refused)
    return (
        kind == "role" and isinstance(key, Opened) and key.row.action in GRANTED
        and key.role not in GRANTED[key.row.action] | {Role.SYSTEM.value}
    )  # fmt: skip


HIDDEN = {"exclude", "doubt", "scan", "rework", "recount", "reject", "reject_seal", "report_defect", "hold"}
"""Actions on scanned items whose only refusing guards are those that nobody gets to."""


def _not_known(kind: str, key: Any) -> bool:
    if kind == "error":
        return isinstance(key, Refused) and key.by == "guard" and key.action in HIDDEN
    return kind == "guard" and isinstance(key, Answer) and not key.yes and key.guard == "cleared"


def _acknowledged_by_itself(kind: str, key: Any) -> bool:
    return (
        kind == "role" and isinstance(key, Opened) and key.row.action == "acknowledge"
        and key.role != Role.SYSTEM.value
    )  # fmt: skip


BELTS = (
    Belt("record", "timers are set for the first moment at which these say yes, and taken away before they say no",
         lambda k, key: _no("to_registry", "transfer_over", "cases_in_registry")(k, key)
         or _no("fall_due", "no_hold", "due_reached", "cases_due")(k, key)),
    Belt("record", "a record falls due only after its cases, and nothing leads a case back before it",
         _no("offer", "cases_due")),
    Belt("record", "only scanning and mail file documents by themselves, and they do so as a person",
         lambda k, key: _system(k, key) and key.row.action == "add_document"),
    Belt("routing-slip", "a slip is created with stations, and a plan has at least one", _no("start", "route_planned")),
    Belt("routing-slip", "once completed, only acknowledgements are still active",
         _no("acknowledge", "kind_fits", sources="completed filed")),
    Belt("routing-slip", "timers name the station and kind they were set for",
         lambda k, key: any(_no(action, "active", "kind_fits")(k, key)
                            for action in ("elapse", "remind", "escalate", "skip_unread"))),
    Belt("routing-slip", "the guard `approver` lets no other role approve",
         lambda k, key: k == "role" and isinstance(key, Opened) and key.row.action == "approve"
         and key.role != "approver"),
    Belt("station", "the slip's own table speaks first", _slip_first),
    Belt("mail-folder", "distribution by a rule has no caller yet", _by_rule),
    Belt("mail-folder", "only persons assign and file", _system),
    Belt("scan-batch", "whoever lacks the clearance does not know of the batch", _not_known),
    Belt("scan-batch", "what must not be scanned is never prepared, and what was prepared stays what it is",
         lambda k, key: any(_no(action, "eligible")(k, key) for action in ("scan", "release_destruction", "destroy"))),
    Belt("scan-batch", "what is scanned, checked or rejected has a scan", _no("rework", "has_scan")),
    Belt("scan-batch", "the timer is set for the day after the period", _no("fall_due", "period_over")),
    Belt("scan-batch", "what is due was delivered, so stored, and its period is over",
         lambda k, key: any(_no(a, "stored", "period_over")(k, key) for a in ("release_destruction", "destroy"))),
    Belt("scan-batch", "what would change these takes the release back, and a backup is never taken back",
         _no("destroy", "qa_passed", "backed_up", "no_hold", "no_defect")),
    Belt("scan-batch", "what was forgotten sets nothing off any more", _no("forget", "not_forgotten")),
    Belt("scan-batch", "the system only acknowledges and forgets",
         lambda k, key: _system(k, key) and key.row.action in {"seal", "reject_seal", "verify", "deliver"}),
    Belt("scan-batch", "what is filed is acknowledged by itself, before a person could", _acknowledged_by_itself),
)  # fmt: skip


def belt(machine: str, kind: str, key: Any) -> Belt | None:
    """Why something of a machine cannot be exercised; None where it can."""
    return next((one for one in BELTS if one.machine == machine and one.matches(kind, key)), None)


def reachable(machine: str, kind: str, keys: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Those that can be exercised."""
    return [(text, key) for text, key in keys if belt(machine, kind, key) is None]
