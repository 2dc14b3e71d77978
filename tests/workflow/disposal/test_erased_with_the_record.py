"""What goes with a deleted record or case, and what does not: drafts, and mail that was really filed (rule 12)."""

from typing import Any

import pytest

from tests.workflow.conftest import PEOPLE, Office
from workflow.engine.commands import parse
from workflow.errors import InvalidCommand, NotAllowed
from workflow.mail_folders.actions import COMMANDS as MAIL
from workflow.records.actions import COMMANDS as RECORD
from workflow.records.events import DocumentAdded


def mail(office: Office, action: str, on: str = "mail-folder", **body: Any) -> Any:
    return office.engine.handle(parse(MAIL[action], body), PEOPLE["registrar"], on).state


def delete(office: Office, record: str, **about: str) -> list[str]:
    """Offered, appraised V, deleted by two; what the last one recorded."""
    office.do("registrar", "offer", record, **about)
    office.do("archivist", "appraise", record, decision="V", **about)
    office.do("registrar", "delete", record, **about)
    office.do("registrar2", "delete", record, **about)
    return office.events


@pytest.mark.parametrize("ended", [(), ("cancel",), ("start", "recall", "cancel"), ("start", "withdraw")])
def test_no_slip_drafted_for_a_case_survives_its_deletion(office: Office, ended: tuple[str, ...]) -> None:
    record = office.record(retention={"years": 1, "disposal": "B"})
    case = office.case(record)
    slip = office.slip("co_sign schmidt", title="Geheim", note="Notiz", record=record[7:], case=case)
    other = office.slip("co_sign schmidt", title="Zur Akte", record=record[7:])
    for action in ended:
        office.do("mueller", action, slip, **({"reason": "x"} if action == "withdraw" else {}))
    office.do("mueller", "work", record, case=case)
    office.do("mueller", "close", record, case=case)
    office.do("mueller", "close", record)
    office.later(days=800)
    delete(office, record, case=case)
    erased = office.state(slip)
    assert (erased.state, erased.title, erased.note, erased.owner) == ("deleted", "", "", "")
    assert all(row.payload is None for row in office.engine.log.read(slip)[:-2])
    assert office.state(other).title == "Zur Akte"
    delete(office, record)
    assert office.state(other).title == ""


def test_nothing_is_drafted_for_what_was_deleted(office: Office) -> None:
    record, case = office.due(years=1)
    delete(office, record, case=case)
    delete(office, record)
    for body in ({"record": record[7:]}, {"record": record[7:], "case": case}):
        with pytest.raises((InvalidCommand, NotAllowed)):
            office.slip("co_sign schmidt", **body)


@pytest.mark.parametrize("source", ["mail-folder:foo", "mail-folder:", "mail-folder:x#y"])
def test_nobody_says_of_a_document_that_it_was_mail(office: Office, source: str) -> None:
    record = office.record()
    case = office.case(record)
    with pytest.raises(InvalidCommand, match="/source"):
        office.document(record, case, source=source)
    office.document(record, case, source="vergabe.NRW")


def forge(office: Office, monkeypatch: pytest.MonkeyPatch, record: str, case: str, source: str) -> None:
    """A document as earlier releases took it, with any source."""
    monkeypatch.setattr("workflow.records.work_actions.MAIL", "nothing begins so")
    office.document(record, case, source=source)
    monkeypatch.undo()


def test_a_source_that_is_no_mail_of_this_document_erases_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = mail(office, "create", items=[{"title": "Brief", "file": {"sha256": "ab" * 32, "file_name": "a.pdf"}}])
    key = next(iter(folder.items))
    record = office.record(retention={"years": 1, "disposal": "B"})
    case = office.case(record)
    for source in ("mail-folder:foo", "mail-folder:a:b#c", f"mail-folder:{folder.id}#{key}", "mail-folder:"):
        forge(office, monkeypatch, record, case, source)
    office.do("mueller", "close", record, case=case)
    office.do("mueller", "close", record)
    office.later(days=800)
    assert delete(office, record, case=case) == ["record.deleted", "log.payloads_erased"]
    assert office.state(f"mail-folder:{folder.id}").items[key].incoming.title == "Brief"


def test_a_filed_item_names_its_folder_and_goes_with_its_document(office: Office) -> None:
    folder = mail(office, "create", items=[{"title": "Brief", "file": {"sha256": "ab" * 32, "file_name": "a.pdf"}}])
    home, key = f"mail-folder:{folder.id}", next(iter(folder.items))
    record = office.record(retention={"years": 1, "disposal": "B"})
    case = office.case(record)
    office.enter_people()
    mail(office, "sight", home)
    mail(office, "assign", home, to="registrar")
    mail(office, "file", home, record=record[7:], case=case)
    (added,) = [event for _, event in office.engine.history(record) if isinstance(event, DocumentAdded)]
    assert added.source == f"{home}#{key}"
    office.do("mueller", "close", record, case=case)
    office.do("mueller", "close", record)
    office.later(days=800)
    assert "content.erased" in delete(office, record, case=case)
    assert office.state(home).items == {}


def test_a_mail_item_does_not_say_that_a_scan_centre_delivered_it(office: Office) -> None:
    with pytest.raises(InvalidCommand, match="/incoming/reference"):
        mail(office, "create", items=[{"title": "Brief", "reference": "scan-batch:x#y"}])


def test_a_case_is_closed_over_no_open_slip_whatever_the_body_says(office: Office) -> None:
    record = office.record()
    case = office.case(record)
    slip = office.slip("co_sign schmidt", record=record[7:], case=case)
    office.do("mueller", "start", slip)
    with pytest.raises(InvalidCommand, match="/slip"):
        parse(RECORD["close"], {"case": case, "slip": slip.partition(":")[2]})
