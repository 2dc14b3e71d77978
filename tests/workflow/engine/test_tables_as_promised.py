"""Every machine there is, against a plain reading of its table: rows in order, roles first, then guards."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanning.catalogue import MACHINES
from workflow.engine.access import ROLE_NAMES, Role
from workflow.engine.machine import Guard, Machine, Row
from workflow.errors import Forbidden, GuardFailed, NotAllowed

each = pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
ROLES = st.frozensets(st.sampled_from(list(Role)), max_size=3)


@dataclass(frozen=True)
class Unmet:
    """A question to which the guards named say no."""

    guards: frozenset[str] = frozenset()

    def asking(self, _action: str) -> "Unmet":
        return self


def bare(machine: Machine[Any]) -> Machine[Unmet]:
    """The same table, its guards answering as a test wants."""

    def answer(name: str) -> Guard[Unmet]:
        real = machine.guards[name]
        return Guard(lambda question: name not in question.guards, real.en, real.de, real.personal)

    guards = {name: answer(name) for name in machine.guards}
    return Machine(machine.name, machine.states, machine.initial, machine.ends, guards, table=machine.table)


BARE = {name: bare(machine) for name, machine in MACHINES.items()}


def expected(
    table: Sequence[Row], state: str, action: str, roles: frozenset[Role], unmet: frozenset[str]
) -> Row | None:
    """The first row of the table that fits."""
    fitting = (row for row in table if (row.source, row.action) == (state, action) and row.roles & roles)
    return next((row for row in fitting if not unmet & set(row.guards)), None)


def outcome(
    machine: Machine[Unmet], state: str, action: str, roles: frozenset[Role], unmet: frozenset[str]
) -> Row | NotAllowed | Forbidden:
    """The row taken, or the refusal."""
    try:
        return machine.step(state, action, roles, Unmet(unmet))
    except (NotAllowed, Forbidden) as refused:
        return refused


@each
@settings(max_examples=60)
@given(data=st.data())
def test_the_first_row_that_fits_is_taken_and_else_the_refusal_says_why(machine: Machine[Any], data: Any) -> None:
    state, action = data.draw(st.sampled_from(list(machine.states))), data.draw(st.sampled_from(machine.actions))
    roles = data.draw(ROLES)
    unmet = data.draw(st.frozensets(st.sampled_from(sorted(machine.guards)))) if machine.guards else frozenset()
    wanted = expected(machine.table, state, action, roles, unmet)
    candidates = [row for row in machine.table if (row.source, row.action) == (state, action)]
    found = outcome(BARE[machine.name], state, action, roles, unmet)
    match found:
        case Row():
            assert found is wanted
        case GuardFailed():
            assert found.guard in unmet
            assert not machine.guards[found.guard].personal
        case NotAllowed():
            assert not candidates
        case Forbidden():
            asked = {name for row in candidates if row.roles & roles for name in row.guards}
            assert not any(row.roles & roles for row in candidates) or any(
                machine.guards[name].personal for name in asked & unmet
            )
    assert isinstance(found, Row) is (wanted is not None)


@each
def test_every_row_can_be_taken_by_each_of_its_roles(machine: Machine[Any]) -> None:
    plain = BARE[machine.name]
    for row in machine.table:
        earlier = [r for r in machine.table if (r.source, r.action) == (row.source, row.action)]
        earlier = earlier[: earlier.index(row)]
        for role in row.roles:
            # A row before it for the same role must have a guard of its own, which then says no.
            unmet = {name for other in earlier if role in other.roles for name in set(other.guards) - set(row.guards)}
            taken = plain.step(row.source, row.action, frozenset({role}), Unmet(frozenset(unmet)))
            assert taken is row, (row, role)


@each
def test_each_guard_of_each_row_refuses_or_leaves_it_to_the_next_row(machine: Machine[Any]) -> None:
    for row in machine.table:
        for name in row.guards:
            for role in row.roles:
                roles, unmet = frozenset({role}), frozenset({name})
                found = outcome(BARE[machine.name], row.source, row.action, roles, unmet)
                if isinstance(found, Row):
                    assert name not in found.guards
                else:
                    assert (found.args[0], found.de) == machine.guards[name][1:3]


@each
def test_the_actions_a_refusal_names_can_be_done(machine: Machine[Any]) -> None:
    plain = BARE[machine.name]
    for state in machine.states:
        with pytest.raises(NotAllowed) as refused:
            plain.step(state, "no_such_action", frozenset(Role), Unmet())
        for action in refused.value.allowed_actions:
            assert plain.step(state, action, frozenset(Role), Unmet()).source == state


@each
def test_menus_and_steps_agree_in_every_state_for_every_role(machine: Machine[Any]) -> None:
    plain = BARE[machine.name]
    for state in machine.states:
        for role in Role:
            roles = frozenset({role})
            for option in plain.allowed(state, roles, Unmet()):
                wanted = expected(machine.table, state, option.action, roles, frozenset())
                assert option.allowed is (wanted is not None)
                assert (option.why_not_de is None) is option.allowed


@each
def test_what_time_does_is_in_no_menu(machine: Machine[Any]) -> None:
    shown = {option.action for option in BARE[machine.name].allowed(machine.initial, frozenset(Role), Unmet())}
    timed = {action for action in machine.actions if all(r.by_time for r in machine.table if r.action == action)}
    assert shown == set(machine.actions) - timed


@each
def test_labels_of_a_machine_are_distinct_and_german_is_not_english(machine: Machine[Any]) -> None:
    labels = [command.LABEL for command in machine.commands if command.open_to()]
    for language in ("de", "en"):
        words = [label.get(language) for label in labels]
        assert len(set(words)) == len(words)
    assert all(label.de != label.en for label in labels)


@each
def test_sentences_are_distinct_where_rows_differ_in_what_they_record(machine: Machine[Any]) -> None:
    for row in machine.table:
        assert row.en != row.de, row
        assert row.de == row.de.strip() != ""


def test_every_role_has_a_name_in_both_languages() -> None:
    assert set(ROLE_NAMES) == set(Role)
    for language in ("de", "en"):
        assert len({name.get(language) for name in ROLE_NAMES.values()}) == len(Role)
