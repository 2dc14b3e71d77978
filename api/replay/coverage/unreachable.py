"""Rows, guards and roles of the machines that no replay can reach, each with the reason; all others count as coverage.

They repeat what timers, builders or another table have ensured already. A test keeps the list exact: what a shipped
replay file does reach must not be listed.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from api.replay.coverage.keys import Answer, Opened, Refused, RowKey
from workflow.engine.access import Role


class Unreachable(NamedTuple):
    """A pattern over what cannot be reached."""

    machine: str
    why: str
    matches: Callable[[str, Any], bool]
    """(kind, key) -> whether the entry applies."""


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


def _of_an_authority(kind: str, key: Any) -> bool:
    if kind == "error":
        return isinstance(key, Refused) and key.by == "guard"
    return kind == "guard" and isinstance(key, Answer) and not key.yes


HIDDEN = {"exclude", "doubt", "scan", "rework", "recount", "reject", "reject_seal", "report_defect", "hold"}
"""Actions on scanned items whose only guards that refuse cannot be reached."""


def _not_known(kind: str, key: Any) -> bool:
    if kind == "error":
        return isinstance(key, Refused) and key.by == "guard" and key.action in HIDDEN
    return kind == "guard" and isinstance(key, Answer) and not key.yes and key.guard == "cleared"


def _not_entered(kind: str, key: Any) -> bool:
    return kind == "error" and isinstance(key, Refused) and key.by == "state"


def _acknowledged_by_itself(kind: str, key: Any) -> bool:
    return (
        kind == "role" and isinstance(key, Opened) and key.row.action == "acknowledge"
        and key.role != Role.SYSTEM.value
    )  # fmt: skip


UNREACHABLE = (
    Unreachable("record", "timers are set for the first moment at which these say yes, and removed before they say no",
         lambda k, key: _no("to_registry", "transfer_over", "cases_in_registry")(k, key)
         or _no("fall_due", "no_hold", "due_reached", "cases_due")(k, key)),
    Unreachable("record", "a record falls due only after its cases, and nothing leads a case back before it",
         _no("offer", "cases_due")),
    Unreachable("record", "only scanning and mail file documents by themselves, and they do so as a person",
         lambda k, key: _system(k, key) and key.row.action == "add_document"),
    Unreachable("routing-slip", "a slip is created with stations, and a plan has at least one",
         _no("start", "route_planned")),
    Unreachable("routing-slip", "once completed, only acknowledgements are still active",
         _no("acknowledge", "kind_fits", sources="completed filed")),
    Unreachable("routing-slip", "timers name the station and kind they were set for",
         lambda k, key: any(_no(action, "active", "kind_fits")(k, key)
                            for action in ("elapse", "remind", "escalate", "skip_unread"))),
    Unreachable("routing-slip", "the guard `approver` lets no other role approve",
         lambda k, key: k == "role" and isinstance(key, Opened) and key.row.action == "approve"
         and key.role != "approver"),
    Unreachable("station", "the slip's own table speaks first", _slip_first),
    Unreachable("templates", "replays reach templates under the authority of whoever acts", _of_an_authority),
    Unreachable("mail-folder", "distribution by a rule has no caller yet", _by_rule),
    Unreachable("mail-folder", "only persons assign and file", _system),
    Unreachable("scan-batch", "whoever lacks the clearance does not know of the batch", _not_known),
    Unreachable("scan-batch", "what must not be scanned is never prepared, and what was prepared stays what it is",
         lambda k, key: any(_no(action, "eligible")(k, key) for action in ("scan", "release_destruction", "destroy"))),
    Unreachable("scan-batch", "what is scanned, checked or rejected has a scan", _no("rework", "has_scan")),
    Unreachable("scan-batch", "the timer is set for the day after the period", _no("fall_due", "period_over")),
    Unreachable("scan-batch", "what is due was delivered, so stored, and its period is over",
         lambda k, key: any(_no(a, "stored", "period_over")(k, key) for a in ("release_destruction", "destroy"))),
    Unreachable("scan-batch", "what would change these takes the release back, and a backup is never taken back",
         _no("destroy", "qa_passed", "backed_up", "no_hold", "no_defect")),
    Unreachable("scan-batch", "what was forgotten sets nothing off any more", _no("forget", "not_forgotten")),
    Unreachable("scan-batch", "the system only acknowledges and forgets",
         lambda k, key: _system(k, key) and key.row.action in {"seal", "reject_seal", "verify", "deliver"}),
    Unreachable("scan-batch", "what is filed is acknowledged by itself, before a person could",
         _acknowledged_by_itself),
    Unreachable("scan-centre", "a centre that was not entered is not found", _not_entered),
)  # fmt: skip


def find_unreachable(machine: str, kind: str, key: Any) -> Unreachable | None:
    """The entry for something that cannot be reached; None where it can."""
    return next((one for one in UNREACHABLE if one.machine == machine and one.matches(kind, key)), None)


def select_reachable(machine: str, kind: str, keys: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Those of (text, key) that can be reached."""
    return [(text, key) for text, key in keys if find_unreachable(machine, kind, key) is None]
