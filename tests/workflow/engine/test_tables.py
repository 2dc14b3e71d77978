"""The tables themselves: sound as graphs, complete in words, and each row has an event that something records."""

import pytest

from api.application.resources.scan_batches import RESOURCE as SCAN_BATCHES
from scanning.catalogue import MACHINES
from workflow.engine.access import Role
from workflow.engine.commands import Command, Row, parse
from workflow.engine.events import types
from workflow.engine.machine import Machine
from workflow.errors import InvalidCommand

NAMED = {
    "record": {
        "states": "created in_work closed registry due offered appraised transferred confirmed deleted",
        "actions": "work close reopen hold release_hold offer appraise transfer confirm delete to_registry fall_due",
    },
    "routing-slip": {
        "states": "draft circulating paused returned completed filed withdrawn cancelled",
        "actions": "start sign refuse acknowledge comment approve forward insert skip delegate recall pause resume "
        "withdraw cancel file",
    },
    "mail-folder": {
        "states": "received sighted assigned misdirected filed",
        "actions": "sight assign accept misdirect file",
    },
    "scan-batch": {
        "states": "received excluded in_doubt prepared scanned checked rejected sealed delivered acknowledged "
        "destruction_due destroyed",
        "actions": "prepare exclude doubt clear scan check reject seal deliver acknowledge report_defect "
        "release_destruction destroy",
    },
    "scan-centre": {"states": "provisional entered", "actions": "enter connect audit"},
    "staff": {"states": "registered left", "actions": "register leave appoint_deputy revoke_deputy"},
    "file-plan": {"states": "in_force", "actions": "import"},
    "templates": {"states": "kept", "actions": "save remove"},
    "station": {"states": "planned active done skipped", "actions": ""},
    "delivery": {"states": "issued provided retrieved", "actions": "issue provide report_retrieval dispatch"},
}


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_every_state_is_reached_and_can_end(machine: Machine) -> None:
    assert machine.faults() == []


def test_the_proof_finds_what_is_wrong() -> None:
    table = [
        Row("a", "go", "b", frozenset({Role.ADMIN}), "x", ("never_defined",), en="", de="", basis=""),
        Row("c", "go", "nowhere", frozenset({Role.ADMIN}), "x", (), en="", de="", basis=""),
    ]
    broken = Machine("broken", {"a": "", "b": "", "c": ""}, "a", frozenset({"c"}), {}, table=table)
    assert set(broken.faults()) == {
        "c cannot be reached", "a cannot end", "b cannot end",
        "c go: unknown state nowhere", "unknown guard never_defined",
    }  # fmt: skip


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_every_row_is_told_in_both_languages_with_its_basis(machine: Machine) -> None:
    for row in machine.table:
        assert all((row.en, row.de, row.basis)), row
        assert row.event in types(), row
    for name, guard in machine.guards.items():
        assert all((guard.en, guard.de)), name
    assert all(machine.states.values())


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_the_names_of_the_contract_are_there(machine: Machine) -> None:
    named = NAMED[machine.name]
    assert set(named["states"].split()) <= set(machine.states)
    assert set(named["actions"].split()) <= set(machine.actions)


@pytest.mark.parametrize(
    "command", [command for machine in MACHINES.values() for command in machine.commands], ids=lambda c: c.__name__
)
def test_every_action_of_people_has_a_label_in_both_languages_and_an_example_that_it_takes(
    command: type[Command],
) -> None:
    assert command.__doc__
    if command.open_to():
        assert all(command.LABEL)
        made = SCAN_BATCHES.evidence.get(command.ACTION, frozenset()) & set(command.model_fields)
        try:
            assert parse(command, command.EXAMPLE).ACTION == command.ACTION
        except InvalidCommand as wanting:  # the server adds what only it may say
            assert {pointer.removeprefix("/") for pointer, _ in wanting.faults} <= made  # noqa: PT017
        assert command.sources()
    else:
        assert all(row.by_time for row in command.ROWS)


def test_every_event_type_is_folded_by_some_aggregate() -> None:
    from api.application.catalogue import ALL  # everything there is, whichever tests have loaded it

    folded = {event.TYPE for kind in ALL.kinds.values() for event in kind.evolve.handled}
    assert folded == {name for name in types() if not name.startswith(("log.", "test."))}


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_the_diagram_shows_every_state_and_change(machine: Machine) -> None:
    drawn = machine.mermaid()
    assert drawn.startswith("stateDiagram-v2\n    [*] --> ")
    for row in machine.table:
        if row.source != row.target:
            assert f"{row.source} --> {row.target}: " in drawn
