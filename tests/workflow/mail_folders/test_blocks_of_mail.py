"""What the blocks of a mail folder say holds: examples, roles, refusals in both languages, erased items."""

from collections.abc import Callable

import pytest

from tests.workflow.conftest import Office, person
from tests.workflow.mail_folders.test_mail_folder import arrived, send
from workflow.engine.access import Role
from workflow.engine.commands import parse
from workflow.engine.events import ContentErased
from workflow.errors import Forbidden, InvalidCommand, NotAllowed
from workflow.mail_folders.actions import COMMANDS, RECEIVING
from workflow.mail_folders.events import ItemSighted
from workflow.mail_folders.evolve import evolve
from workflow.mail_folders.machine import MACHINE

PERSONS = [role for role in Role if role is not Role.SYSTEM]


def sighted(office: Office) -> str:
    folder = arrived(office)
    send(office, "weber", "sight", folder)
    return folder


def assigned(office: Office) -> str:
    folder = sighted(office)
    send(office, "weber", "assign", folder, to="mueller")
    return folder


WHERE: dict[str, tuple[Callable[[Office], str], str, str]] = {
    "receive": (arrived, "registrar", "received"),
    "sight": (arrived, "weber", "sighted"),
    "assign": (sighted, "weber", "assigned"),
    "accept": (assigned, "mueller", "assigned"),
    "misdirect": (assigned, "mueller", "misdirected"),
}
"""Action -> a folder in which its example is accepted, by whom, and the state that follows."""


@pytest.mark.parametrize("action", WHERE)
def test_the_example_is_accepted(office: Office, action: str) -> None:
    make, who, after = WHERE[action]
    assert send(office, who, action, make(office), **COMMANDS[action].EXAMPLE).state.state == after


def test_the_example_of_a_new_folder_is_accepted(office: Office) -> None:
    opened = send(office, "registrar", "create", **COMMANDS["create"].EXAMPLE)
    assert [row.type for row in opened.events] == ["mail.folder_opened", "mail.item_received"]
    assert (opened.state.title, opened.state.unit, opened.state.state) == (
        "Posteingang 1. Juni", "poststelle", "received",
    )  # fmt: skip


def test_the_example_of_filing_fits_once_its_record_is_there(office: Office) -> None:
    folder, record = assigned(office), office.record()
    with pytest.raises(InvalidCommand, match="there is no record"):
        send(office, "mueller", "file", folder, **COMMANDS["file"].EXAMPLE)
    there = {"record": record[7:], "case": office.case(record)}
    assert set(there) == set(COMMANDS["file"].EXAMPLE)
    assert send(office, "mueller", "file", folder, **there).state.state == "filed"


@pytest.mark.parametrize("role", PERSONS)
@pytest.mark.parametrize("action", ["create", "receive"])
def test_mail_is_taken_in_by_whom_the_block_names(office: Office, action: str, role: Role) -> None:
    where = "mail-folder" if action == "create" else arrived(office)
    body, who = COMMANDS[action].EXAMPLE, person("jemand", role)
    if role in RECEIVING.roles:
        assert send(office, who, action, where, **body).state.items
        return
    with pytest.raises(Forbidden) as no:
        send(office, who, action, where, **body)
    assert (str(no.value), no.value.de) == ("this role receives no mail", "Diese Rolle nimmt keine Post entgegen")


@pytest.mark.parametrize("role", PERSONS)
@pytest.mark.parametrize("action", ["sight", "assign"])
def test_mail_is_distributed_by_whom_the_rows_name(office: Office, action: str, role: Role) -> None:
    folder = arrived(office) if action == "sight" else sighted(office)
    who, body = person("jemand", role), COMMANDS[action].EXAMPLE
    if role in COMMANDS[action].open_to():
        send(office, who, action, folder, **body)
        return
    with pytest.raises(Forbidden) as no:
        send(office, who, action, folder, **body)
    assert no.value.de.endswith("vorbehalten")


def test_a_folder_needs_an_authority_that_is_one_s_own(office: Office) -> None:
    anywhere = person("springer", Role.REGISTRAR, authority=None)
    with pytest.raises(InvalidCommand, match="say for which authority"):
        send(office, anywhere, "create")
    assert send(office, anywhere, "create", authority="jm").state.authority == "jm"
    with pytest.raises(Forbidden, match="another authority"):
        send(office, "registrar", "create", authority="jm")


def test_a_thousand_items_and_no_more(office: Office) -> None:
    assert len(send(office, "registrar", "create", items=[{"title": "x"}] * 1000).state.items) == 1000
    with pytest.raises(InvalidCommand, match="/items"):
        parse(COMMANDS["create"], {"items": [{"title": "x"}] * 1001})


@pytest.mark.parametrize(("action", "state"), [
    ("sight", "sighted"), ("accept", "received"), ("misdirect", "sighted"), ("file", "received"),
])  # fmt: skip
def test_what_the_state_does_not_allow_names_what_it_does(office: Office, action: str, state: str) -> None:
    folder = sighted(office) if state == "sighted" else arrived(office)
    with pytest.raises(NotAllowed) as no:
        send(office, "weber", action, folder, **COMMANDS[action].EXAMPLE)
    assert no.value.state == state
    assert no.value.allowed_actions == {"received": ("sight",), "sighted": ("assign",)}[state]
    assert MACHINE.states[state] in no.value.de


def test_an_erased_item_is_gone_and_later_events_of_it_change_nothing(office: Office) -> None:
    folder = office.state(assigned(office))
    (item,) = folder.items
    erased = evolve(folder, ContentErased(id=folder.id, item=item, authority="mwide", with_file="43.21-0001"))
    assert erased.items == {}
    assert evolve(erased, ItemSighted(item=item, by="weber", note="")) == erased


def test_accepting_twice_is_refused_in_both_languages(office: Office) -> None:
    folder = assigned(office)
    send(office, "mueller", "accept", folder)
    with pytest.raises(NotAllowed) as no:
        send(office, "mueller", "accept", folder)
    assert (str(no.value), no.value.de) == ("already accepted", "bereits angenommen")
    send(office, "weber", "assign", folder, to="klein")
    assert next(iter(send(office, "klein", "accept", folder).state.items.values())).accepted
