"""What files exercise is counted rightly, and what is said to be out of reach is so."""

from pathlib import Path

import pytest

from api.replay.coverage import coverage as c
from workflow.engine.access import Role
from workflow.engine.commands import Row
from workflow.engine.machine import Guard, Machine, observed
from workflow.errors import GuardFailed, NotAllowed

REPLAYS = Path(__file__).parents[3] / "scenarios" / "replays"


class Question:
    def __init__(self, answer: bool) -> None:
        self.answer = answer

    def asking(self, _action: str) -> "Question":
        return self


def small() -> Machine:
    table = [Row("a", "go", "b", frozenset({Role.ADMIN, Role.AUDITOR}), "x.gone", ("may",), en="", de="", basis="")]
    return Machine(
        "small", {"a": "", "b": ""}, "a", frozenset({"b"}), {"may": Guard(lambda q: q.answer, "", "")}, table=table
    )


def test_rows_guards_roles_and_refusals_are_counted() -> None:
    machine, seen = small(), c.Coverage()
    with observed([machine], seen):
        machine.step("a", "go", frozenset({Role.ADMIN}), Question(True))
        machine.step("a", "go", frozenset({Role.ADMIN, Role.AUDITOR}), Question(True))
        with pytest.raises(GuardFailed):
            machine.step("a", "go", frozenset({Role.ADMIN}), Question(False))
        with pytest.raises(NotAllowed):
            machine.step("b", "go", frozenset({Role.ADMIN}), Question(True))
        machine.allowed("a", frozenset({Role.ADMIN}), Question(True))  # asking what may be done is not doing it
    key = c.RowKey("small", "a", "go", "b", "x.gone")
    assert seen.rows == {key: 2}
    assert seen.opened == {c.Opened(key, "admin"): 1}
    assert {(one.guard, one.yes) for one in seen.answers} == {("may", True), ("may", False)}
    assert {one.by for one in seen.refusals} == {"guard", "state"}
    assert machine.observer is None
    assert {one.kind for one in c.list_missing(machine, seen)} == {"role", "error"}
