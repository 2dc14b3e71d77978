"""Compares what a step expects with its outcome; returns what is not met."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from pydantic_core import to_jsonable_python

from api.replay.file.format import Expect, Some, Timer
from api.replay.file.names import NothingThere, Target, find_part, get_at_path
from api.replay.run.driver import Outcome, TimerSet
from api.replay.run.verdict import Unmet
from workflow.engine.machine import Machine
from workflow.organisation.working_days import local_day
from workflow.text import Text

MISSING = Text("nichts an dieser Stelle", "nothing there")


def compare_refusal(expect: Expect | None, outcome: Outcome, machine: Machine[Any] | None) -> list[Unmet]:
    wanted = expect.refusal if expect else None
    if wanted is None:
        return [Unmet(("error",), None, outcome.refusal)] if outcome.refused else []
    if not outcome.refused:
        return [Unmet(("error",), wanted.status, None)]
    if outcome.status != wanted.status:
        return [Unmet(("error",), wanted.status, outcome.refusal)]
    found = []
    reason = wanted.reason
    if reason is not None and not any(reason.casefold() in told.casefold() for told in outcome.detail):
        found.append(Unmet(("error", "reason"), reason, outcome.detail))
    if wanted.guard is not None:
        said = find_guard(outcome, machine)
        if said != wanted.guard:
            found.append(Unmet(("error", "guard"), wanted.guard, said or outcome.detail))
    return found


def find_guard(outcome: Outcome, machine: Machine[Any] | None) -> str | None:
    """The guard that refused; a personal one is known by its sentence."""
    named = outcome.problem.get("guard")
    if named is not None or machine is None:
        return None if named is None else str(named)
    return next((name for name, guard in machine.guards.items() if outcome.detail == (guard.de, guard.en)), None)


def compare_list(key: str, expected: tuple[str, ...] | Some | None, got: Iterable[str], ordered: bool) -> list[Unmet]:
    found = list(got)
    if expected is None:
        return []
    if not isinstance(expected, Some):
        same = found == list(expected) if ordered else sorted(found) == sorted(expected)
        return [] if same else [Unmet((key,), list(expected), found)]
    unmet = []
    rest = iter(found)  # one iterator for all names, so that they must come in their order
    if not all(name in (rest if ordered else found) for name in expected.includes):
        unmet.append(Unmet((key, "includes"), list(expected.includes), found))
    if set(expected.excludes) & set(found):
        unmet.append(Unmet((key, "excludes"), list(expected.excludes), found))
    return unmet


def get_state(resource: Mapping[str, Any], target: Target) -> str | None:
    """State of the resource; of a case, item or station where it is one, of a document's case else."""
    for part in ("station", "item", "case"):
        if part in target.parts:
            shown = find_part(resource, target.parts[part])
            return None if shown is None else str(shown.get("state", shown.get("status")))
    state = resource.get("state")
    return None if state is None else str(state)


def compare_fields(expected: Mapping[str, Any], shown: Any, id_of: Callable[[str], str | None]) -> list[Unmet]:
    """Values at paths; a name of the file stands for its id."""
    found = []
    plainly = to_jsonable_python(shown) if expected else None
    for path, wanted in expected.items():
        try:
            got = get_at_path(plainly, path.split("/"))
        except NothingThere as missing:
            got = Text(f"{MISSING.de}: {missing.says.de}", f"{MISSING.en}: {missing.says.en}")
        plain = to_jsonable_python(wanted)
        if not _same(plain, got, id_of):
            found.append(Unmet(("fields", path), plain, got))
    return found


def _same(wanted: Any, got: Any, id_of: Callable[[str], str | None]) -> bool:
    if isinstance(wanted, dict) and isinstance(got, dict):
        return all(key in got and _same(value, got[key], id_of) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(got, list):
        return len(wanted) == len(got) and all(_same(a, b, id_of) for a, b in zip(wanted, got, strict=True))
    same = bool(wanted == got) and isinstance(wanted, bool) is isinstance(got, bool)
    return same or (isinstance(wanted, str) and isinstance(got, str) and id_of(wanted) == got)


def compare_timers(expected: tuple[Timer, ...] | None, got: list[TimerSet]) -> list[Unmet]:
    """Exactly these timers, soonest first; by name alone where no day is said."""
    if expected is None:
        return []
    there = [(timer.name.partition(":")[0], local_day(timer.at)) for timer in got]
    same = len(there) == len(expected) and all(
        wanted.timer == name and wanted.due in {None, day} for wanted, (name, day) in zip(expected, there, strict=True)
    )
    if same:
        return []
    return [Unmet(("timers",), [_timer(t.timer, t.due) for t in expected], [_timer(*one) for one in there])]


def _timer(name: str, day: date | None) -> dict[str, Any]:
    return {"timer": name} if day is None else {"timer": name, "due": day}
