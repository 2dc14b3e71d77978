"""Every sheet exactly once: counts of arrival, preparation and scanner, per item, batch, centre and day."""

from typing import Any

from scanning.batches.sheet_count import SheetCount, count_sheets, find_mismatches, read_batches, sum_by_centre_and_day
from tests.scanning.conftest import raw
from workflow.organisation.working_days import local_day


def test_count_in_is_count_out_and_excluded(scans: Any) -> None:
    batch = scans.batch({"sheets": 3}, {"sheets": 2}, {"sheets": 4, "kind": "securities"}, envelopes=3, sheets=9)
    assert count_sheets(scans.state(batch)) == SheetCount(3, 3, 9, 0, 0, 9)
    scans.scan("otto", "exclude", batch, item=3, reason="securities")
    scans.walk(batch, "sealed", 1)
    assert count_sheets(scans.state(batch)) == SheetCount(3, 3, 9, 3, 4, 2)
    assert not count_sheets(scans.state(batch)).closed
    scans.walk(batch, "destroyed", 1)
    scans.walk(batch, "acknowledged", 2)
    assert count_sheets(scans.state(batch)) == SheetCount(3, 3, 9, 5, 4, 0)
    assert count_sheets(scans.state(batch)).closed
    assert find_mismatches(scans.state(batch)) == []


def test_a_separator_that_was_not_recognised_shows_up_in_the_count(scans: Any) -> None:
    """Two letters of two sheets were split as one of four pages, and the third envelope has no item."""
    batch = scans.batch({"sheets": 2}, {"sheets": 3}, envelopes=3, sheets=7)
    scans.walk(batch, "scanned", 1, raw=raw("two in one", 4))
    scans.walk(batch, "scanned", 2)
    found = {(m.item, m.expected, m.found) for m in find_mismatches(scans.state(batch))}
    assert found == {(1, 2, 4), (None, 7, 5), (None, 3, 2)}
    assert count_sheets(scans.state(batch)).difference == 2


def test_a_scan_that_lost_a_page_shows_up(scans: Any) -> None:
    batch = scans.batch({"sheets": 3})
    scans.walk(batch, "prepared")
    scans.scan("otto", "scan", batch, raw=raw("short", 2), sheets=3)
    assert [(m.text.en, m.expected, m.found) for m in find_mismatches(scans.state(batch))] == [
        ("sheets scanned / pages", 3, 2)
    ]


def test_without_a_count_on_arrival_the_declared_sheets_are_the_count(scans: Any) -> None:
    batch = scans.batch({"sheets": 2})
    scans.scan("otto", "receive", batch, new={"title": "Nachzügler", "sheets": 5})
    assert count_sheets(scans.state(batch)) == SheetCount(2, 2, 7, 0, 0, 7)
    scans.scan("otto", "prepare", batch, item=1, sheets=3)
    assert count_sheets(scans.state(batch)).difference == -1


def test_per_centre_and_day(scans: Any) -> None:
    first, second = scans.batch({"sheets": 2}), scans.batch({"sheets": 5})
    day = local_day(scans.now)
    scans.later(days=1)
    third = scans.batch({"sheets": 1}, centre="detmold")
    found = sum_by_centre_and_day(read_batches(scans.engine))
    assert found == {
        ("detmold", local_day(scans.now)): SheetCount(1, 1, 1, 0, 0, 1),
        ("scanstelle", day): SheetCount(2, 2, 7, 0, 0, 7),
    }
    assert {batch.id for batch in read_batches(scans.engine)} == {s[11:] for s in (first, second, third)}
