"""What is left when a file is deleted: each stream folds to the same without the erased events as it did with them."""

from datetime import date
from typing import Any

import pytest

from tests.workflow.conftest import PEOPLE, Office
from workflow.engine.commands import parse
from workflow.mail_folders.actions import COMMANDS as MAIL


def delete(office: Office, record: str, *cases: str) -> None:
    """Both persons delete these cases, which the archive does not want."""
    office.later(until=date(office.now.year + 12, 2, 1))
    for case in cases:
        office.do("registrar", "offer", record, case=case)
        office.do("archivist", "appraise", record, case=case, decision="V")
        office.do("registrar", "delete", record, case=case)
        office.do("registrar2", "delete", record, case=case)


def read_again(office: Office, stream: str) -> Any:
    """The state as a process that starts now finds it."""
    decider = office.engine._decider
    return decider.fold(decider.catalogue.kind(stream), office.engine.log.read(stream)).state


def mail(office: Office, action: str, folder: str, **body: object) -> object:
    return office.engine.handle(parse(MAIL[action], body), PEOPLE["registrar"], folder).state


def test_a_slip_erased_with_its_case_is_deleted_whether_its_events_are_read_or_not(office: Office) -> None:
    record = office.record()
    case = office.case(record)
    slip = office.slip("co_sign schmidt", record=record[7:], case=case)
    office.do("mueller", "start", slip)
    office.do("schmidt", "sign", slip)
    office.do("mueller", "file", slip)
    office.do("mueller", "close", record, case=case)
    delete(office, record, case)
    found = office.state(slip)
    assert (found.state, found.stations, found.title) == ("deleted", {}, "")
    assert read_again(office, slip) == found


def test_of_a_folder_the_filed_item_goes_and_the_others_stay_as_they_are(office: Office) -> None:
    office.enter_people()
    record = office.record()
    case = office.case(record)
    items = [
        {"title": f"Antrag {number}", "file": {"sha256": "ab" * 32, "file_name": "antrag.pdf"}} for number in range(2)
    ]
    opened = office.engine.handle(parse(MAIL["create"], {"items": items}), PEOPLE["registrar"], "mail-folder").state
    folder, (first, second) = f"mail-folder:{opened.id}", opened.items
    for item in (first, second):
        mail(office, "sight", folder, item=item)
        mail(office, "assign", folder, item=item, to="registrar")
    mail(office, "file", folder, item=first, record=record[7:], case=case)
    office.do("mueller", "close", record, case=case)
    delete(office, record, case)
    found = office.state(folder)
    assert {key: item.state for key, item in found.items.items()} == {second: "assigned"}
    assert (found.state, read_again(office, folder)) == ("assigned", found)


@pytest.mark.parametrize("work", ["add_case", "work", "set_resubmission"])
def test_a_record_worked_on_in_a_deleted_case_only_stays_in_work(office: Office, work: str) -> None:
    record = office.record()
    case = office.case(record)
    bodies = {"work": {"note": "geprüft"}, "set_resubmission": {"due": "2021-07-01"}}
    if work in bodies:
        state = office.do("mueller", work, record, case=case, **bodies[work])
        for note in state.cases[case].life.resubmissions:
            office.do("mueller", "settle_resubmission", record, case=case, resubmission=note)
    office.do("mueller", "work", record, case=case)
    office.do("mueller", "close", record, case=case)
    delete(office, record, case)
    found = office.state(record)
    assert (found.state, found.cases[case].life.state) == ("in_work", "deleted")
    assert read_again(office, record) == found


def test_cases_keep_their_order_when_one_of_them_is_deleted(office: Office) -> None:
    record = office.record()
    cases = [office.case(record) for _ in range(3)]
    office.do("mueller", "work", record, case=cases[0])
    office.do("mueller", "close", record, case=cases[0])
    delete(office, record, cases[0])
    assert list(office.state(record).cases) == cases
    assert list(read_again(office, record).cases) == cases


def test_what_another_process_erased_is_not_remembered(durable_url: str) -> None:
    """Known before, and erased by somebody else since: only the event that says so comes after what was known."""
    office, other = Office(durable_url), Office(durable_url)
    record = office.record()
    case = office.case(record, title="Streng vertraulich")
    office.document(record, case)
    office.do("mueller", "close", record, case=case)
    office.later(until=date(office.now.year + 12, 2, 1))
    office.do("registrar", "offer", record, case=case)
    office.do("archivist", "appraise", record, case=case, decision="V")
    office.do("registrar", "delete", record, case=case)
    assert "Streng vertraulich" in repr(other.engine.load(record).state)
    office.do("registrar2", "delete", record, case=case)
    found = other.engine.load(record).state
    assert "Streng vertraulich" not in repr(found)
    assert found == read_again(other, record)
    office.engine.close()
    other.engine.close()
