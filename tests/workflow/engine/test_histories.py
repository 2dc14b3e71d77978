"""Yesterday's logs must still fold: every recorded history, byte for byte verified, shows what it showed then."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from api.application.catalogue import ALL
from tests.histories.record import lives, more
from tests.histories.record_api import serves, shown
from tests.histories.record_deliveries import delivers
from tests.histories.record_links import makes_links
from tests.histories.record_scans import scans
from tests.histories.record_sessions import hears_of_receipts, opens_sessions
from tests.histories.record_tokens import asks_for_another
from tests.histories.record_webhooks import sets_up_webhooks
from tests.scanning.conftest import ScanOffice
from tests.workflow.conftest import Office, check
from workflow.engine import events
from workflow.engine.events import Event, decode, types, upcaster
from workflow.engine.store.hash_chain import Recorded
from workflow.errors import Corrupted

HISTORIES = sorted((Path(__file__).parents[2] / "histories").glob("*.jsonl"))


SINCE = {"view_slip_people", "view_deputies"}
"""Views made since that show what old events already said."""


LISTED_SINCE = {"mail-folder"}
"""Categories that the list has come to hold since."""


BEFORE_NEED = 3
"""Columns of the counts of slips before they came to be by need."""


def in_old_columns(name: str, now: list[Any], then: list[Any]) -> list[Any]:
    """Rows with the columns of then: those made since stand behind them, and counts have come to be by need."""
    if name == "view_slip_counts" and {len(row) for row in then} <= {BEFORE_NEED}:
        sums: Counter[tuple[str, str]] = Counter()
        for authority, state, _, count, *_ in now:
            sums[authority, state] += count
        return [[*key, count] for key, count in sums.items()]
    if name == "view_list":
        now = [row for row in now if row[1] not in LISTED_SINCE]
    return [row[: len(then[0])] for row in now]


def rows_of(path: Path) -> list[Recorded]:
    return [Recorded(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("path", HISTORIES, ids=lambda p: p.stem)
def test_a_recorded_history_still_folds_to_what_it_showed(path: Path, url: str) -> None:
    office = Office(url, seed=99, catalogue=ALL)
    rows = rows_of(path)
    assert office.engine.restore(rows).hash == rows[-1].hash
    assert list(office.engine.log.read_all()) == rows
    then = json.loads((path.parent / f"{path.stem}.views.json").read_text(encoding="utf-8"))
    now = shown(office)
    assert {name: in_old_columns(name, now[name], rows) for name, rows in then.items()} == then
    assert not any(now[name] for name in set(now) - set(then) - SINCE), "a view made since shows something"
    check(office)
    office.engine.close()


def test_the_histories_hold_every_event_type() -> None:
    """Every one that the rooms know, `api` included: this module imports its aggregates, so no other has to."""
    seen = {row.type for path in HISTORIES for row in rows_of(path)}
    assert {name for name in types() if not name.startswith("test.")} <= seen


def test_the_recording_itself_still_works() -> None:
    office = Office("sqlite://")
    lives(office)
    more(office)
    check(office)
    office.engine.close()
    sending = Office("sqlite://")
    delivers(sending)
    check(sending)
    sending.engine.close()
    scanning = ScanOffice("sqlite://")
    scans(scanning)
    check(scanning)
    scanning.engine.close()
    server = Office("sqlite://", catalogue=ALL)
    serves(server)
    opens_sessions(server)
    hears_of_receipts(server)
    makes_links(server)
    asks_for_another(server)
    sets_up_webhooks(server)
    check(server)
    server.engine.close()


def test_an_old_payload_is_read_through_its_upcasters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_TYPES", dict(events._TYPES))
    monkeypatch.setattr(events, "_UPCASTERS", dict(events._UPCASTERS))

    class Renamed(Event, type="test.renamed", schema=3):
        title: str
        pages: int

    upcaster("test.renamed", 1)(lambda old: {"title": old["name"]})
    upcaster("test.renamed", 2)(lambda old: {**old, "pages": 0})
    assert decode("test.renamed", 1, '{"name": "a"}') == Renamed(title="a", pages=0)
    assert decode("test.renamed", 3, '{"title": "a", "pages": 2}') == Renamed(title="a", pages=2)
    for payload in ("{}", "[]", "5", "{"):
        with pytest.raises(Corrupted, match="schema 1 does not validate"):
            decode("test.renamed", 1, payload)


@pytest.mark.parametrize(
    ("type_", "schema", "payload", "wrong"),
    [
        ("no.such", 1, "{}", "unknown event type"),
        ("record.worked", 2, "{}", "newer than this release"),
        ("record.worked", 0, "{}", "no upcaster"),
        ("record.worked", 1, '{"object_id": 1}', "does not validate"),
    ],
)
def test_what_no_release_wrote_is_corrupted(type_: str, schema: int, payload: str, wrong: str) -> None:
    with pytest.raises(Corrupted, match=wrong) as found:
        decode(type_, schema, payload, 17)
    assert found.value.position == 17
