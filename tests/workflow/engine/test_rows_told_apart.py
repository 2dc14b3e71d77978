"""Rows of one state that record the same event: `when` says which of them an event belongs to."""

from dataclasses import dataclass

from workflow.engine.access import Role
from workflow.engine.commands import Built, Command, rows
from workflow.engine.events import Event
from workflow.engine.machine import Guard, Machine


class Opened(Event, type="test.opened"):
    """With `far`, it goes to another state."""

    far: bool


@dataclass(frozen=True)
class Question:
    """Whether the far row is allowed."""

    near: bool

    def asking(self, action: str) -> "Question":  # noqa: ARG002 - one action only
        return self


class Open(Command, action="open"):
    """Opens."""

    far: bool

    ROWS = rows(
        "shut", None, {Role.ADMIN}, Opened, "near", en="looked", de="nachgesehen", basis="-",
    ) + rows(
        "shut", "open", {Role.ADMIN}, Opened, en="opened", de="geöffnet", basis="-", when=lambda event: event.far,
    )  # fmt: skip

    def build(self, question: Question) -> Built:  # noqa: ARG002 - the event says it all
        return Opened(far=self.far)


def door(table: tuple[type[Command], ...] = (Open,)) -> Machine[Question]:
    near = Guard[Question](lambda question: question.near, "far", "weit")
    states = {"shut": "zu", "open": "offen"}
    return Machine("door", states, "shut", frozenset({"open"}), {"near": near}, commands=table)


def test_the_state_after_an_event_is_that_of_its_row() -> None:
    assert door().state_after("shut", Opened(far=True)) == "open"
    assert door().state_after("shut", Opened(far=False)) == "shut"
    assert door().state_after("open", Opened(far=True)) == "open"


def test_the_decision_and_the_fold_agree() -> None:
    for near in (False, True):
        row = door().step("shut", "open", frozenset({Role.ADMIN}), Question(near))
        ((_, event),) = row.emit("door:1", Open(far=not near), Question(near))
        assert door().state_after("shut", event) == row.target


def test_without_a_condition_two_targets_are_a_fault() -> None:
    assert door().faults() == []

    class Ambiguous(Command, action="open"):
        """Two rows that nothing tells apart."""

        ROWS = rows("shut", None, {Role.ADMIN}, Opened, "near", en="a", de="a", basis="-") + rows(
            "shut", "open", {Role.ADMIN}, Opened, en="b", de="b", basis="-"
        )

    assert door((Ambiguous,)).faults() == ["shut test.opened: leads to two states"]
