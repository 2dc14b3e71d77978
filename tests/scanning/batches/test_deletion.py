"""Rule 12: when a file is deleted for good, what the scan centre knew of its content goes too; the protocol stays."""

import pytest

from scanning.batches.sheet_count import count_sheets
from tests.scanning import conftest
from tests.scanning.conftest import VH, ScanOffice, run_policies
from tests.workflow.conftest import person
from workflow.engine.access import Role

ARCHIVIST = person("archivist", Role.ARCHIVIST, authority="lav", clearance=VH)


def deleted(office):
    """The case that documents were filed into, appraised as worthless and deleted by two."""
    record, case = office.target()
    office.do("clerk", "close", record, case=case)
    office.later(days=365 * 13)
    office.do("head", "offer", record, case=case)
    office.do(ARCHIVIST, "appraise", record, case=case, decision="V")
    office.do("head", "delete", record, case=case)
    office.do("second", "delete", record, case=case)


def test_rule_12_the_batch_forgets_what_was_deleted(scans: ScanOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(conftest.PEOPLE, "second", person("second", Role.REGISTRAR, clearance=VH))
    batch = scans.batch({"title": "Kanarie", "sheets": 3}, {"title": "bleibt", "sheets": 2}, {"title": "Kanarie 3"})
    scans.walk(batch, "destroyed", 1)
    scans.walk(batch, "acknowledged", 3)
    before = count_sheets(scans.state(batch))
    deleted(scans)
    assert run_policies(scans.engine) == []
    stone, kept = scans.item(batch, 1), scans.item(batch, 3)
    assert (stone.state, stone.sheets, stone.new.title, stone.destroyed_by) == ("destroyed", 3, "gelöscht", "otto")
    assert kept.new.title == "Kanarie 3", "its paper is still there, and has to be found"
    scans.scan("head", "exclude", batch, item=3, reason="original_needed", onward="paper")
    assert run_policies(scans.engine) == []
    assert scans.item(batch, 3).new.title == "gelöscht"
    assert not any("Kanarie" in (row.payload or "") for row in scans.engine.log.read_all())
    assert scans.item(batch, 2).new.title == "bleibt"
    assert (count_sheets(scans.state(batch)).sheets_in, count_sheets(scans.state(batch)).difference) == (
        before.sheets_in,
        0,
    )
    files = [event.files for _, event in scans.engine.history(batch) if event and event.TYPE == "scan.item_forgotten"]
    assert [len(some) for some in files] == [2, 2]
    decider = scans.engine._decider
    again = decider.fold(decider.catalogue.kind(batch), scans.engine.log.read(batch)).state
    assert [item.number for item in again.items.values()] == [1, 2, 3], "in order, also for a process that starts now"
