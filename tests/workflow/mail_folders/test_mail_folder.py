"""Incoming mail: from any channel, sighted, assigned, misdirected, filed into a case as a document."""

import pytest

from tests.workflow.conftest import PEOPLE, Office, person
from workflow.engine.access import SYSTEM, Role
from workflow.engine.commands import parse
from workflow.errors import Forbidden, GuardFailed, InvalidCommand, NotAllowed, NotFound
from workflow.mail_folders.actions import COMMANDS
from workflow.mail_folders.events import Channel
from workflow.views.queries import Views

FILE = {"sha256": "12" * 32, "file_name": "antrag.pdf"}


def send(office, who, action, folder="mail-folder", **body):
    actor = PEOPLE[who] if isinstance(who, str) else who
    if action == "assign":
        office.enter_people()
    return office.engine.handle(parse(COMMANDS[action], body), actor, folder)


def arrived(office, *items, who="registrar"):
    return send(office, who, "create", items=list(items) or [{"title": "Antrag", "file": FILE}]).stream


def test_an_item_becomes_a_document_of_a_case_in_one_transaction(office: Office) -> None:
    record = office.record()
    case = office.case(record)
    folder = arrived(office)
    send(office, "weber", "sight", folder, note="eilt")
    send(office, "weber", "assign", folder, to="mueller")
    send(office, "mueller", "accept", folder)
    assert [row["title"] for row in Views(office.engine).inbox(PEOPLE["mueller"])] == ["Antrag"]
    done = send(office, "mueller", "file", folder, record=record[7:], case=case, title="Antrag vom 1. Juni")
    assert [row.type for row in done.events] == ["mail.item_filed", "record.document_added"]
    (document,) = office.state(record).documents()
    item = next(iter(done.state.items))
    assert (document.title, document.source, document.final) == ("Antrag vom 1. Juni", f"{folder}#{item}", True)
    assert Views(office.engine).inbox(PEOPLE["mueller"]) == []


@pytest.mark.parametrize("channel", list(Channel))
def test_every_channel_enters_the_same_folder(office: Office, channel: Channel) -> None:
    folder = arrived(office, {"title": "x", "channel": channel.value, "file": FILE})
    (listed,) = Views(office.engine).mail(PEOPLE["mueller"], "received")
    assert (listed["channel"], listed["unit"]) == (channel, "poststelle")
    assert send(office, "mueller", "sight", folder).state.state == "sighted"


def test_nothing_is_filed_where_the_case_cannot_take_it(office: Office) -> None:
    record = office.record()
    case = office.case(record)
    folder = arrived(office)
    send(office, "weber", "sight", folder)
    send(office, "weber", "assign", folder, to="mueller")
    strange = office.record(who="stranger")
    for body, error in (
        ({"record": strange[7:], "case": case}, InvalidCommand),
        ({"record": record[7:], "case": strange[7:]}, InvalidCommand),
    ):
        with pytest.raises(error):
            send(office, "mueller", "file", folder, **body)
    office.do("mueller", "work", record, case=case)
    office.do("mueller", "close", record, case=case)
    with pytest.raises(NotAllowed):
        send(office, "mueller", "file", folder, record=record[7:], case=case)
    assert office.state(folder).state == "assigned"
    assert list(office.state(record).documents()) == []


def test_a_letter_without_a_file_is_not_filed(office: Office) -> None:
    record = office.record()
    folder = arrived(office, {"title": "nur angekündigt"})
    send(office, "weber", "sight", folder)
    send(office, "weber", "assign", folder, to="mueller")
    with pytest.raises(GuardFailed) as no:
        send(office, "mueller", "file", folder, record=record[7:], case=office.case(record))
    assert no.value.guard == "has_file"


def test_misdirected_mail_is_assigned_anew(office: Office) -> None:
    folder = arrived(office)
    send(office, "weber", "sight", folder)
    send(office, "weber", "assign", folder, to="klein")
    with pytest.raises(Forbidden):
        send(office, "mueller", "misdirect", folder, reason="nicht meins")
    with pytest.raises(InvalidCommand, match="/reason"):
        send(office, "klein", "misdirect", folder)
    assert send(office, "klein", "misdirect", folder, reason="andere Abteilung").state.state == "misdirected"
    item = next(iter(send(office, "weber", "assign", folder, to="mueller").state.items.values()))
    assert (item.assigned_to, item.accepted) == ("mueller", False)


def test_several_items_are_named_and_the_folder_is_as_far_as_its_last(office: Office) -> None:
    folder = arrived(office, {"title": "a"}, {"title": "b"})
    with pytest.raises(InvalidCommand, match="2 items"):
        send(office, "weber", "sight", folder)
    one, other = office.state(folder).items
    assert send(office, "weber", "sight", folder, item=one).state.state == "received"
    assert send(office, "weber", "sight", folder, item=other).state.state == "sighted"
    send(office, "registrar", "receive", folder, incoming={"title": "c"})
    assert office.state(folder).state == "received"
    empty = send(office, "registrar", "create").stream
    with pytest.raises(InvalidCommand, match="0 items"):
        send(office, "weber", "sight", empty)


def test_who_may_and_who_may_not_even_know(office: Office) -> None:
    folder = arrived(office)
    with pytest.raises(NotFound):
        send(office, "stranger", "sight", folder)
    with pytest.raises(Forbidden):
        send(office, person("planer", Role.PLANNER), "sight", folder)
    with pytest.raises(Forbidden):
        send(office, person("planer", Role.PLANNER), "create")
    with pytest.raises(NotFound):
        send(office, "mueller", "sight", "mail-folder:00000000-0000-4000-8000-000000000000")


def test_protection_keeps_the_uncleared_out(office: Office) -> None:
    cleared = person("chef", Role.APPROVER, clearance="high")
    folder = arrived(office, {"title": "Personalsache", "protection": "high"}, who="registrar")
    with pytest.raises(NotFound):
        send(office, "mueller", "sight", folder)
    send(office, cleared, "sight", folder)
    with pytest.raises(GuardFailed) as no:
        send(office, cleared, "assign", folder, to="mueller")
    assert no.value.guard == "addressee_fits"
    office.register("secret", clearance="high")
    send(office, cleared, "assign", folder, to="secret")
    assert [row["stream"] for row in Views(office.engine).mail(cleared, "assigned")] == [folder]
    assert Views(office.engine).mail(PEOPLE["mueller"], "assigned") == []


def test_a_deputy_takes_the_mail(office: Office) -> None:
    office.deputy("mueller", "klein")
    folder = arrived(office)
    send(office, "weber", "sight", folder)
    send(office, "weber", "assign", folder, to="mueller")
    assert next(iter(send(office, "klein", "accept", folder).state.items.values())).accepted


def test_a_rule_may_go_straight_through_without_a_person(office: Office) -> None:
    record = office.record()
    case = office.case(record)
    created = send(office, SYSTEM, "create", authority="mwide", items=[{"title": "Abfrage", "file": FILE}])
    send(office, SYSTEM, "assign", created.stream, to="mueller")
    assert send(office, SYSTEM, "file", created.stream, record=record[7:], case=case).state.state == "filed"


def test_mail_goes_with_its_deleted_case(office: Office) -> None:
    record = office.record(retention={"years": 1, "disposal": "B"})
    case = office.case(record)
    folder = arrived(office, {"title": "Kanarie", "file": FILE}, {"title": "bleibt", "file": FILE})
    first = next(iter(office.state(folder).items))
    send(office, "weber", "sight", folder, item=first)
    send(office, "weber", "assign", folder, item=first, to="mueller")
    send(office, "mueller", "file", folder, item=first, record=record[7:], case=case)
    office.do("mueller", "close", record, case=case)
    office.later(days=900)
    office.do("registrar", "offer", record, case=case)
    office.do("archivist", "appraise", record, case=case, decision="V")
    office.do("registrar", "delete", record, case=case)
    office.do("registrar2", "delete", record, case=case)
    assert [item.incoming.title for item in office.state(folder).items.values()] == ["bleibt"]
    assert not any("Kanarie" in (row.payload or "") for row in office.engine.log.read_all())
