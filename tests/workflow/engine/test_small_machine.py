"""The table of a machine decides: which row is taken, what is refused and why, what is shown as allowed."""

from typing import Any

import pytest

from tests.workflow.engine import small
from tests.workflow.engine.small import ANNA, BERT, MACHINE, START, Door, Open, Question, Rules, ShutDoor
from workflow.engine.access import SYSTEM, Actor, Confidentiality, Protection, Role, highest
from workflow.engine.aggregate import Context, Evolver
from workflow.engine.commands import Command, by_action, parse
from workflow.engine.fields import Code, Day, Line, Name
from workflow.engine.fields import line as one_line
from workflow.engine.machine import observed
from workflow.errors import Forbidden, GuardFailed, InvalidCommand, NotAllowed

AUDITOR = Actor("rita", frozenset({Role.AUDITOR}))


def ask(door: Door | None, command: Command | None, actor: Actor) -> Question:
    return Question(door, command, Context("door:x", actor, START, Rules(), lambda _: None, lambda: ""))


def step(state: str, command: Command, actor: Actor, locked_by: str | None = None) -> Any:
    return MACHINE.step(state, command.ACTION, actor.roles, ask(Door(state, None, locked_by), command, actor))


@pytest.mark.parametrize(
    ("state", "command", "actor", "target"),
    [
        ("shut", Open(), ANNA, "open"),
        ("shut", Open(), BERT, "open"),
        ("open", ShutDoor(), ANNA, "shut"),
        ("open", ShutDoor(), SYSTEM, "shut"),
        ("shut", small.Lock(), BERT, "locked"),
    ],
)
def test_the_row_of_state_action_and_role_is_taken(state: str, command: Command, actor: Actor, target: str) -> None:
    row = step(state, command, actor)
    assert (row.source, row.target) == (state, target)


def test_a_state_without_the_action_names_what_may_be_done_instead() -> None:
    with pytest.raises(NotAllowed) as refused:
        step("open", small.Lock(), BERT)
    assert (refused.value.machine, refused.value.state, refused.value.action) == ("door", "open", "lock")
    assert refused.value.allowed_actions == ("shut",)
    assert str(refused.value) == "“Lock” is not possible in state open"
    assert refused.value.de == "„Abschließen“ ist im Zustand offen nicht möglich"


def test_what_may_be_done_instead_depends_on_who_asks() -> None:
    for actor, allowed in ((ANNA, ("open",)), (BERT, ("open", "lock")), (AUDITOR, ())):
        with pytest.raises(NotAllowed) as refused:
            step("shut", ShutDoor(), actor)
        assert refused.value.allowed_actions == allowed


def test_a_role_that_no_row_names_is_forbidden_and_told_whose_it_is() -> None:
    with pytest.raises(Forbidden, match="“Lock” is for approver"):
        step("shut", small.Lock(), ANNA)
    with pytest.raises(Forbidden, match="case worker, approver"):
        step("shut", Open(), AUDITOR)


def test_a_guard_about_the_thing_names_itself_and_one_about_the_person_forbids() -> None:
    with pytest.raises(GuardFailed) as unmet:
        step("open", ShutDoor(reason="because"), ANNA)
    assert (unmet.value.guard, str(unmet.value), unmet.value.de) == ("reasoned", "say why", "Eine Begründung fehlt")
    with pytest.raises(Forbidden, match="who locked it") as personal:
        step("locked", Open(), BERT, locked_by="carl")
    assert not isinstance(personal.value, GuardFailed)
    assert step("locked", Open(), BERT, locked_by="bert").target == "open"


@pytest.mark.parametrize(
    ("state", "locked_by", "actor", "allowed"),
    [
        ("shut", None, ANNA, ["open"]),
        ("shut", None, BERT, ["open", "lock"]),
        ("open", None, ANNA, ["shut"]),
        ("locked", "bert", BERT, ["open"]),
        ("locked", "carl", BERT, []),
        ("locked", "bert", AUDITOR, []),
    ],
)
def test_every_action_is_listed_and_what_is_not_allowed_says_why(
    state: str, locked_by: str | None, actor: Actor, allowed: list[str]
) -> None:
    options = MACHINE.allowed(state, actor.roles, ask(Door(state, None, locked_by), None, actor))
    assert [option.action for option in options] == ["open", "shut", "lock"]
    assert [option.action for option in options if option.allowed] == allowed
    for option in options:
        assert (option.why_not_en is None, option.why_not_de is None) == (option.allowed, option.allowed)


def test_the_state_after_an_event_is_that_of_its_row_and_unknown_events_change_nothing() -> None:
    assert MACHINE.state_after("shut", small.Opened(until=START)) == "open"
    assert MACHINE.state_after("locked", small.Opened(until=START)) == "open"
    assert MACHINE.state_after("open", small.Locked(by="bert")) == "open"


def test_the_table_of_the_door_is_sound_and_drawn() -> None:
    assert MACHINE.faults() == []
    drawn = MACHINE.mermaid().splitlines()
    assert drawn[:2] == ["stateDiagram-v2", "    [*] --> shut"]
    assert {line.strip() for line in drawn[2:]} == {
        "shut --> open: open", "open --> shut: shut", "shut --> locked: lock", "locked --> open: open", "locked --> [*]"
    }  # fmt: skip


def test_commands_know_who_may_ever_and_why() -> None:
    assert set(by_action(MACHINE.commands)) == {"open", "shut", "lock"}
    assert ShutDoor.open_to() == {Role.CASE_WORKER, Role.APPROVER}, "the lapse of time is nobody's role"
    assert Open.sources() == "house rule 1; house rule 2"
    assert (Open.LABEL.get("de"), Open.LABEL.get("en"), Open.LABEL.get("fr")) == ("Öffnen", "Open", "Open")


def test_an_observer_sees_decisions_and_no_mere_questions_and_only_while_it_looks() -> None:
    seen: list[tuple[str, str, bool]] = []

    class Watch:
        def taken(self, _machine: Any, row: Any, _roles: Any, _question: Any) -> None:
            seen.append((row.source, row.action, True))

        def refused(self, _machine: Any, state: str, action: str, _roles: Any, _question: Any, _no: Any) -> None:
            seen.append((state, action, False))

    with observed([MACHINE], Watch()):
        step("shut", Open(), ANNA)
        MACHINE.allowed("shut", ANNA.roles, ask(None, None, ANNA))
        with pytest.raises(Forbidden):
            step("shut", small.Lock(), ANNA)
    step("shut", Open(), ANNA)
    assert seen == [("shut", "open", True), ("shut", "lock", False)]


def test_levels_grow_in_their_order_and_the_highest_counts() -> None:
    for levels in (Protection, Confidentiality):
        ranks = [level.rank for level in levels]
        assert ranks == list(range(len(ranks)))
    assert highest([Protection.HIGH, Protection.NORMAL]) is Protection.HIGH
    assert Protection.HIGH.covers(Protection.HIGH)
    assert not Protection.HIGH.covers(Protection.VERY_HIGH)


@pytest.mark.parametrize(
    ("authority", "clearance", "knows"),
    [("mwide", "high", True), ("mwide", "normal", False), (None, "high", True), ("jm", "very_high", False)],
)
def test_who_may_know_of_a_thing(authority: str | None, clearance: str, knows: bool) -> None:
    actor = Actor("anna", frozenset(), authority, Protection(clearance))
    assert actor.may_know("mwide", Protection.HIGH) is knows


def test_whose_desk_it_is() -> None:
    assert ANNA.acts_as == "anna"
    assert Actor("anna", frozenset(), on_behalf_of="bert").acts_as == "bert"


class Form(Command, action="test_form"):
    title: Line = "Titel"
    name: Name = "anna"
    code: Code = "43.21"
    day: Day | None = None
    parts: tuple[dict[str, int], ...] = ()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"title": ""}, "/title"), ({"title": " \t\u00a0"}, "/title"), ({"title": "x" * 501}, "/title"),
        ({"title": "a\x07b"}, "/title"), ({"name": "a:b"}, "/name"), ({"name": " a"}, "/name"),
        ({"name": "x" * 121}, "/name"), ({"code": "43."}, "/code"), ({"code": "12345"}, "/code"),
        ({"day": "1799-12-31"}, "/day"), ({"day": "9000-13-01"}, "/day"), ({"a/b~c": 1}, "/a~1b~0c"),
        ({"parts": [{"x": 1}, {"x": "y"}]}, "/parts/1/x"), ([], ""), ("{", ""), (b"\xff", ""),
        ('{"title": "a", "title": "b"}', ""), ({"title": object()}, ""), ({"title": float("nan")}, ""),
    ],
)  # fmt: skip
def test_a_malformed_command_is_refused_with_the_place_of_its_fault(body: Any, pointer: str) -> None:
    with pytest.raises(InvalidCommand) as refused:
        parse(Form, body)
    assert [place for place, _ in refused.value.faults] == [pointer]


@pytest.mark.parametrize(
    "body",
    [{"title": "x" * 500}, {"title": " a "}, {"name": "x" * 120}, {"code": "1.2.3.4.5.6.7.8"}, {"day": "1800-01-01"}],
)
def test_what_just_fits_is_taken(body: dict[str, str]) -> None:
    taken = parse(Form, body)
    assert {name: str(taken.get(name)) for name in body} == body
    assert taken.get("nothing_of_the_kind") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\n\tb  c", "a b c"), ("\x00", "-"), ("", "-"), ("u\u0308ber", "über"), ("x" * 500, "x" * 400), ("\ud800", "?")],
)
def test_text_of_others_is_brought_onto_one_line(text: str, expected: str) -> None:
    assert one_line(text) == expected


def test_an_event_that_was_just_looked_at_is_folded_once_and_no_other_is_taken_for_it() -> None:
    evolve, folded = Evolver[small.Counter](), list[int]()

    @evolve.on(small.Added)
    def add(counter: small.Counter, event: small.Added) -> small.Counter:
        folded.append(event.by)
        return small.Counter(counter.total + event.by, counter.steps + 1)

    start, event = small.Counter(), small.Added(by=3)
    assert evolve.fold([event], start) is evolve(start, event)
    assert folded == [3]
    assert evolve(small.Counter(1, 1), event) == small.Counter(4, 2)
    assert evolve(start, small.Added(by=3)) == small.Counter(3, 1)
    assert evolve(evolve(start, event), event) == small.Counter(6, 2)
