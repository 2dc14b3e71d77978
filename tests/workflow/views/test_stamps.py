"""Version and times of rows are never newer than what a row shows, and no row is lost by what others write."""

from typing import Any

from tests.workflow.conftest import PEOPLE, Office
from workflow.views.queries import Views


def test_rows_while_others_write() -> None:
    office = Office("sqlite://")
    views = Views(office.engine)
    first = office.record()
    office.do("mueller", "work", first)
    made: list[str] = []

    def ask() -> list[dict[str, Any]]:
        office.do("mueller", "work", first)
        made.append(office.record())
        return views.records(PEOPLE["mueller"])

    rows = {row["stream"]: row for row in views.stamped(ask)}
    assert rows.keys() == {first, *made}, "what began meanwhile is not left out, or a page would seem to be the last"
    assert (rows[first]["version"], rows[made[0]]["version"]) == (2, 1)
    again = {row["stream"]: row["version"] for row in views.stamped(lambda: views.records(PEOPLE["mueller"]))}
    assert again == {first: 3, made[0]: 1}
    assert rows[first]["created_at"] <= rows[first]["changed_at"]
    office.engine.close()
