"""An action as one block: what its class says is what the machine's table, menus and lists say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from workflow.engine.access import Actor, Role
from workflow.engine.aggregate import Evolver
from workflow.engine.commands import Built, Command, Option, Permission, by_action, parse, rows
from workflow.engine.events import Event
from workflow.engine.machine import Guard, Machine
from workflow.errors import Forbidden, GuardFailed, InvalidCommand, NotAllowed
from workflow.text import Text


class Lit(Event, type="test.lit"):
    colour: str


class PutOut(Event, type="test.put_out"):
    pass


class Watched(Event, type="test.watched"):
    pass


@dataclass(frozen=True)
class Question:
    """A lamp with so many hours left."""

    hours: int = 1
    mine: bool = True

    def asking(self, _action: str) -> "Question":
        return self


class Light(Command, action="light", en="Light", de="Anzünden", example={"colour": "red"}):
    """Light the lamp."""

    colour: str = "white"

    def watch(self, _question: Question) -> Built:
        return [("lamp:1", Watched()), ("log:1", Watched())]

    ROWS = rows(
        "dark dim", "bright", {Role.CASE_WORKER}, Lit, "oil", en="lit", de="angezündet", basis="rule 1"
    ) + rows(
        "bright", None, {Role.CASE_WORKER, Role.SYSTEM}, Watched, "mine",
        en="watched", de="beobachtet", basis="rule 2", build=watch,
    )  # fmt: skip

    def build(self, _question: Question) -> Built:
        return Lit(colour=self.colour)


class BurnOut(Command, action="burn_out", en="Burn out", de="Erlöschen"):
    """The oil is used up."""

    ROWS = rows("bright dim", "dark", {Role.SYSTEM}, PutOut, en="burnt out", de="erloschen", basis="rule 1")


class Fill(Command, action="fill", en="Fill", de="Füllen"):
    """Fill it up."""

    PERMISSION = Permission(
        frozenset({Role.ADMIN}), "admins fill", "Füllen ist der Administration vorbehalten", "rule 3"
    )


GUARDS: Mapping[str, Guard[Question]] = {
    "oil": Guard(lambda q: q.hours > 0, "no oil is left", "das Öl ist verbraucht"),
    "mine": Guard(lambda q: q.mine, "another person's lamp", "die Lampe gehört jemand anders", personal=True),
}
LAMP: Machine[Question] = Machine(
    name="lamp",
    states={"dark": "dunkel", "dim": "trüb", "bright": "hell"},
    initial="dark",
    ends=frozenset({"dark", "dim", "bright"}),
    guards=GUARDS,
    commands=(Fill, Light, BurnOut),
)
WORKER = frozenset({Role.CASE_WORKER})


def test_the_rows_of_a_block_carry_its_action_and_stand_in_the_order_of_the_blocks() -> None:
    assert [(row.source, row.action, row.target, row.event) for row in LAMP.table] == [
        ("dark", "light", "bright", "test.lit"),
        ("dim", "light", "bright", "test.lit"),
        ("bright", "light", "bright", "test.watched"),
        ("bright", "burn_out", "dark", "test.put_out"),
        ("dim", "burn_out", "dark", "test.put_out"),
    ]
    assert LAMP.actions == ["light", "burn_out"]


def test_a_block_without_rows_of_its_own_leaves_those_of_its_base_alone() -> None:
    class Kindle(Light, action="kindle", en="Kindle", de="Entfachen"):
        """Light it slowly."""

        def build(self, _question: Question) -> Built:
            return Lit(colour="amber")

    assert {row.action for row in Kindle.ROWS} == {"kindle"}
    assert {row.action for row in Light.ROWS} == {"light"}


@pytest.mark.parametrize(("state", "events"), [
    ("dark", [("lamp:1", Lit(colour="red"))]),
    ("dim", [("lamp:1", Lit(colour="red"))]),
    ("bright", [("lamp:1", Watched()), ("log:1", Watched())]),
])  # fmt: skip
def test_the_row_taken_says_what_is_recorded(state: str, events: list[Any]) -> None:
    row = LAMP.step(state, "light", WORKER, Question())
    assert row.emit("lamp:1", Light(colour="red"), Question()) == events


def test_what_records_nothing_by_itself_says_so() -> None:
    row = LAMP.step("bright", "burn_out", frozenset({Role.SYSTEM}), Question())
    with pytest.raises(TypeError, match="burn_out records nothing by itself"):
        row.emit("lamp:1", BurnOut(), Question())


@pytest.mark.parametrize(("state", "event", "after"), [
    ("dark", Lit(colour="red"), "bright"),
    ("dim", PutOut(), "dark"),
    ("bright", PutOut(), "dark"),
    ("bright", Watched(), "bright"),
    ("dark", PutOut(), "dark"),
    ("dark", Watched(), "dark"),
])  # fmt: skip
def test_the_state_after_an_event_is_the_target_of_its_row(state: str, event: Event, after: str) -> None:
    assert LAMP.state_after(state, event) == after


def test_rows_that_record_the_same_event_and_lead_apart_are_a_fault() -> None:
    class Dim(Command, action="dim", en="Dim", de="Dimmen"):
        """Less light."""

        ROWS = rows("dark", "dim", WORKER, Lit, en="dimmed", de="gedimmt", basis="rule 1")

    both = Machine("lamp", LAMP.states, "dark", LAMP.ends, GUARDS, commands=(Light, Dim))
    assert both.faults() == ["dark test.lit: leads to two states"]
    assert LAMP.faults() == ["dim cannot be reached"]


def test_a_command_is_found_by_its_action() -> None:
    assert LAMP.command("light") is Light
    assert LAMP.command("fill") is Fill
    assert LAMP.command("smash") is None


def test_people_are_offered_what_is_not_left_to_time() -> None:
    assert by_action(LAMP.commands) == {"fill": Fill, "light": Light}


@pytest.mark.parametrize(("command", "roles", "sources"), [
    (Light, {Role.CASE_WORKER}, "rule 1; rule 2"),
    (Fill, {Role.ADMIN}, "rule 3"),
    (BurnOut, set(), ""),
])  # fmt: skip
def test_a_block_says_who_may_and_why(command: type[Command], roles: set[Role], sources: str) -> None:
    assert command.open_to() == roles
    assert command.sources() == sources


def test_a_block_has_a_label_in_both_languages_and_an_example() -> None:
    assert Text(de="Anzünden", en="Light") == Light.LABEL
    assert [Light.LABEL.get(language) for language in ("de", "en")] == ["Anzünden", "Light"]
    assert parse(Light, Light.EXAMPLE) == Light(colour="red")
    assert parse(Fill, Fill.EXAMPLE) == Fill()


@pytest.mark.parametrize("role", list(Role))
def test_a_permission_lets_its_roles_pass_and_words_the_refusal_of_others(role: Role) -> None:
    permission, actor = (
        Permission(frozenset({Role.ADMIN}), "admins fill", "nur Admin", "rule 3"),
        Actor("a", frozenset({role})),
    )
    if role is Role.ADMIN:
        permission.check(actor)
        assert permission.option("fill", actor) == Option("fill", True, None, None)
        return
    with pytest.raises(Forbidden, match="admins fill") as refused:
        permission.check(actor)
    assert refused.value.de == "nur Admin"
    assert permission.option("fill", actor) == Option("fill", False, "admins fill", "nur Admin")


def test_menus_show_people_s_actions_with_the_reason_in_both_languages() -> None:
    assert LAMP.allowed("dark", WORKER, Question(hours=0)) == [
        Option("light", False, "no oil is left", "das Öl ist verbraucht")
    ]
    assert LAMP.allowed("bright", WORKER, Question(mine=False)) == [
        Option("light", False, "another person's lamp", "die Lampe gehört jemand anders")
    ]
    assert LAMP.allowed("dim", WORKER, Question()) == [Option("light", True, None, None)]


@pytest.mark.parametrize(("state", "question", "error"), [
    ("dark", Question(hours=0), GuardFailed),
    ("bright", Question(mine=False), Forbidden),
])  # fmt: skip
def test_a_personal_guard_forbids_and_another_refuses_for_now(
    state: str, question: Question, error: type[Exception]
) -> None:
    with pytest.raises(error):
        LAMP.step(state, "light", WORKER, question)


def test_a_state_without_the_action_names_what_it_has() -> None:
    with pytest.raises(NotAllowed, match="“Burn out” is not possible in state dark") as refused:
        LAMP.step("dark", "burn_out", WORKER, Question())
    assert refused.value.allowed_actions == ("light",)
    assert refused.value.de == "„Erlöschen“ ist im Zustand dunkel nicht möglich"


def test_the_role_comes_before_the_guards() -> None:
    with pytest.raises(Forbidden, match="“Light” is for case worker"):
        LAMP.step("dark", "light", frozenset({Role.AUDITOR}), Question(hours=0))


def test_a_field_that_the_command_has_not_is_none() -> None:
    assert Light(colour="red").get("colour") == "red"
    assert Light().get("to") is None


@pytest.mark.parametrize("body", ['{"colour": 1}', '{"color": "red"}', "[]", '{"colour": "a", "colour": "b"}', "{"])
def test_a_body_that_does_not_fit_is_refused_before_anything_else(body: str) -> None:
    with pytest.raises(InvalidCommand):
        parse(Light, body)


def test_one_function_may_fold_several_events() -> None:
    evolve: Evolver[list[str]] = Evolver()
    evolve.birth(Lit)(lambda event: [event.TYPE])

    @evolve.on(Watched, PutOut)
    def _noted(state: list[str], event: Event) -> list[str]:
        return [*state, event.TYPE]

    assert evolve.fold([Lit(colour="red"), Watched(), PutOut()]) == ["test.lit", "test.watched", "test.put_out"]
    assert evolve.handled == {Lit, Watched, PutOut}
