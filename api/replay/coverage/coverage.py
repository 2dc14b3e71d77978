"""What the files have exercised: rows taken, guards with both answers, roles that opened a row, ways of being refused.

A row counts as opened by a role when that role alone fitted, so that the table is seen to grant it to that role.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from api.replay.coverage.keys import Answer, Opened, Refused, RowKey, describe_row, get_row_key
from api.replay.coverage.unreachable import select_reachable
from workflow.engine.access import Role
from workflow.engine.machine import Machine, Row
from workflow.errors import Forbidden, GuardFailed, NotAllowed


@dataclass
class Coverage:
    """An observer of machines that counts; what processes have counted can be added up."""

    rows: Counter[RowKey] = field(default_factory=Counter)
    answers: Counter[Answer] = field(default_factory=Counter)
    opened: Counter[Opened] = field(default_factory=Counter)
    refusals: Counter[Refused] = field(default_factory=Counter)
    taken_rows: list[tuple[RowKey, Any]] = field(default_factory=list)
    """Rows taken since the list was last cleared, each with its question."""

    def taken(self, machine: Machine[Any], row: Row, roles: frozenset[Role], question: Any) -> None:
        key = get_row_key(machine, row)
        self.rows[key] += 1
        self.taken_rows.append((key, question))
        fitting = row.roles & roles
        if len(fitting) == 1:
            self.opened[Opened(key, next(iter(fitting)))] += 1
        self._ask(machine, row.source, row.action, roles, question)

    def refused(
        self, machine: Machine[Any], state: str, action: str, roles: frozenset[Role], question: Any,
        no: NotAllowed | Forbidden,
    ) -> None:  # fmt: skip
        known = [row for row in machine.table if row.source == state and row.action == action]
        permitted = any(row.roles & roles for row in known)
        by = "guard" if permitted or isinstance(no, GuardFailed) else "role" if known else "state"
        self.refusals[Refused(machine.name, action, by)] += 1
        self._ask(machine, state, action, roles, question)

    def _ask(self, machine: Machine[Any], state: str, action: str, roles: frozenset[Role], question: Any) -> None:
        """The guards' answers once more: they look at nothing but what they are given."""
        for row in machine.table:
            if row.source != state or row.action != action or not row.roles & roles:
                continue
            key = get_row_key(machine, row)
            for name in row.guards:
                yes = machine.guards[name].test(question)
                self.answers[Answer(key, name, yes)] += 1
                if not yes:
                    break

    def add(self, other: "Coverage") -> None:
        self.rows.update(other.rows)
        self.answers.update(other.answers)
        self.opened.update(other.opened)
        self.refusals.update(other.refusals)


class Missing(NamedTuple):
    machine: str
    kind: str
    """`row`, `guard`, `role` or `error`."""
    what: str


class Score(NamedTuple):
    done: int
    of: int

    @property
    def share(self) -> float:
        """From 0 to 1; of nothing, all."""
        return self.done / self.of if self.of else 1.0


KINDS = ("row", "guard", "role", "error")


def list_all(machine: Machine[Any]) -> dict[str, list[tuple[str, Any]]]:
    """All of a machine: kind -> (text, key)."""
    rows = [(row, get_row_key(machine, row)) for row in machine.table]
    answers = [Answer(key, guard, yes) for row, key in rows for guard in row.guards for yes in (True, False)]
    opened = [Opened(key, str(role)) for row, key in rows for role in sorted(row.roles)]
    return {
        "row": [(describe_row(key), key) for _, key in rows],
        "guard": [(f"{describe_row(a.row)}: {a.guard} {'yes' if a.yes else 'no'}", a) for a in answers],
        "role": [(f"{describe_row(o.row)}: {o.role}", o) for o in opened],
        "error": [(f"{r.action} refused by {r.by}", r) for r in _errors(machine)],
    }


def list_reachable(machine: Machine[Any]) -> dict[str, list[tuple[str, Any]]]:
    return {kind: select_reachable(machine.name, kind, keys) for kind, keys in list_all(machine).items()}


def _errors(machine: Machine[Any]) -> list[Refused]:
    """Ways in which people can be refused; `role` where some human role is not among those of every row."""
    found: list[Refused] = []
    humans = {role for role in Role if role is not Role.SYSTEM}
    for action in machine.actions:
        rows = [row for row in machine.table if row.action == action]
        if all(row.by_time for row in rows):
            continue
        sources = {row.source for row in rows}
        if sources != set(machine.states):
            found.append(Refused(machine.name, action, "state"))
        if any(
            not humans <= {role for row in rows if row.source == source for role in row.roles} for source in sources
        ):
            found.append(Refused(machine.name, action, "role"))
        if any(row.guards for row in rows):
            found.append(Refused(machine.name, action, "guard"))
    return found


def compute_scores(machine: Machine[Any], coverage: Coverage) -> dict[str, Score]:
    return {
        kind: Score(sum(is_covered(coverage, kind, key) for _, key in all_of), len(all_of))
        for kind, all_of in list_reachable(machine).items()
    }


def list_missing(machine: Machine[Any], coverage: Coverage) -> list[Missing]:
    return [
        Missing(machine.name, kind, text)
        for kind, all_of in list_reachable(machine).items()
        for text, key in all_of
        if not is_covered(coverage, kind, key)
    ]


def is_covered(coverage: Coverage, kind: str, key: Any) -> bool:
    counted: dict[str, Any] = {
        "row": coverage.rows, "guard": coverage.answers, "role": coverage.opened, "error": coverage.refusals,
    }  # fmt: skip
    return bool(counted[kind][key])
