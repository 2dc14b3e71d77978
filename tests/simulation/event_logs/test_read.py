"""Logs as other tools write them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulation.event_logs.read import EventLog, read_event_log
from simulation.event_logs.traces import Step
from simulation.inputs.faults import UnusableInput

TIME = "2021-06-01T08:00:00+02:00"


def read(tmp_path: Path, content: str | bytes) -> EventLog:
    path = tmp_path / "log"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_event_log(path)


def told(log: EventLog) -> dict[str, list[tuple[Any, ...]]]:
    return {one.case: [(s.activity, s.resource, s.transition, s.time) for s in one.steps] for one in log.traces}


def test_csv_columns_have_the_names_of_other_tools(tmp_path: Path) -> None:
    text = f"Case ID,concept:name,org:resource,time:timestamp\n1,check,anna,{TIME}\n2,check,,{TIME}\n"
    found = read(tmp_path, "\ufeff" + text)  # as a spreadsheet writes it
    assert found.form == "CSV"
    assert told(found) == {"1": [("check", "anna", "complete", TIME)], "2": [("check", "", "complete", TIME)]}


def test_csv_rows_of_another_system_are_put_in_order_of_time(tmp_path: Path) -> None:
    rows = [f"1,{name},2021-06-01T{hour:02d}:00:00" for name, hour in (("late", 12), ("early", 8), ("noon", 11))]
    found = read(tmp_path, "case,activity,timestamp\n" + "\n".join(rows))
    assert [step.activity for step in found.traces[0].steps] == ["early", "noon", "late"]


def test_a_quoted_line_break_is_part_of_a_value(tmp_path: Path) -> None:
    found = read(tmp_path, f'case,activity,timestamp\n1,"check\nand sign",{TIME}\n')
    assert [step.activity for step in found.traces[0].steps] == ["check\nand sign"]


@pytest.mark.parametrize("namespace", ["", ' xmlns="http://www.xes-standard.org/"'])
def test_xes_with_or_without_its_namespace(namespace: str, tmp_path: Path) -> None:
    event = (
        f'<event><string key="concept:name" value="check"/><date key="time:timestamp" value="{TIME}"/>'
        '<string key="org:resource" value="anna"/><string key="lifecycle:transition" value="START"/></event>'
    )
    trace = f'<trace><string key="concept:name" value="17"/>{event}</trace><trace>{event}</trace>'
    found = read(tmp_path, f"<?xml version='1.0'?>\n<log{namespace}>{trace}</log>")
    assert found.form == "XES"
    assert told(found) == {"17": [("check", "anna", "start", TIME)], "2": [("check", "anna", "start", TIME)]}


def test_an_event_of_xes_without_a_time_is_named(tmp_path: Path) -> None:
    event = '<event><string key="concept:name" value="check"/></event>'
    with pytest.raises(UnusableInput, match="trace 2 has an event without concept:name or time:timestamp"):
        read(tmp_path, f"<log><trace/><trace>{event}</trace></log>")


def make_ocel() -> dict[str, Any]:
    """Two orders with three items, as a shop would write them."""
    objects = [{"id": f"o{n}", "type": "order"} for n in (1, 2)]
    objects += [{"id": f"i{n}", "type": "item"} for n in (1, 2, 3)] + [{"id": "anna", "type": "resource"}]

    def event(name: str, kind: str, hour: int, *related: str) -> dict[str, Any]:
        relations = [{"objectId": one, "qualifier": "of"} for one in related]
        return {"id": name, "type": kind, "time": f"2021-06-01T{hour:02d}:00:00Z", "relationships": relations}

    return {
        "objectTypes": [], "eventTypes": [], "objects": objects,
        "events": [event("e3", "ship", 12, "i1"), event("e1", "place", 8, "o1", "i1", "i2", "anna"),
                   event("e2", "place", 9, "o2", "i3"), event("e4", "ship", 13, "i2", "anna")],
    }  # fmt: skip


def test_ocel_of_another_system_is_read_by_the_objects_that_most_take_part(tmp_path: Path) -> None:
    found = read(tmp_path, json.dumps(make_ocel()))
    assert found.form == "OCEL 2.0"
    assert {one.case: [step.activity for step in one.steps] for one in found.traces} == {
        "i1": ["place", "ship"], "i2": ["place", "ship"], "i3": ["place"],
    }  # fmt: skip
    assert [step.resource for step in found.traces[1].steps] == ["anna", "anna"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d["events"][0].pop("time"), "/events/0/time: is missing"),
        (lambda d: d["events"][0].update(type=1.5), "/events/0/type: a text"),
        (
            lambda d: d["events"][0]["relationships"].append({"objectId": "nobody", "qualifier": "x"}),
            "/events/0/relationships/1/objectId: there is no object 'nobody'",
        ),
        (lambda d: d.update(objects=None), "/objects: a list"),
        (lambda d: d["objects"][0].pop("id"), "/objects/0/id: is missing"),
    ],
)
def test_what_is_no_ocel_is_told(change: Any, says: str, tmp_path: Path) -> None:
    document = make_ocel()
    change(document)
    with pytest.raises(UnusableInput, match=says):
        read(tmp_path, json.dumps(document))


OWN = (Path(__file__).parents[2] / "histories" / "0.1.0.jsonl").read_text(encoding="utf-8").splitlines()
SLIP = next(n for n, line in enumerate(OWN) if '"slip.created"' in line)


def spoil(change: Callable[[dict[str, Any]], object]) -> str:
    """Our own log with a change of the line of a routing slip's first event."""
    row = json.loads(OWN[SLIP])
    change(row)
    return "\n".join([*OWN[:SLIP], json.dumps(row), *OWN[SLIP + 1 :]])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda row: row.pop("actor"), "actor: is missing"),
        (lambda row: row.update(actor=5), "actor: a text"),
        (lambda row: row.update(payload='{"stations": []}'), "slip.created does not validate"),
        (lambda row: row.update(payload="[]"), "slip.created does not validate"),
        (lambda row: row.update(type="slip.invented"), "unknown event type 'slip.invented'"),
    ],
)
def test_an_event_that_no_release_wrote_is_named_with_its_line(
    change: Callable[[dict[str, Any]], object], says: str, tmp_path: Path
) -> None:
    with pytest.raises(UnusableInput) as wrong:
        read(tmp_path, spoil(change))
    assert f":{SLIP + 1}:1: " in str(wrong.value)
    assert says in str(wrong.value)


def test_a_line_ends_only_where_a_line_of_json_ends(tmp_path: Path) -> None:
    """Other separators may stand in a title."""
    text = spoil(lambda row: row.update(payload=row["payload"].replace('"title":"', '"title":"a\u2028b')))
    text = text.replace("\\u2028", "\u2028")
    assert read(tmp_path, text).form == "JSON Lines"


@pytest.mark.parametrize("text", ["\n".join(OWN), f"case,activity,timestamp\n1,check,{TIME}\n"], ids=["own", "CSV"])
def test_a_mistake_of_ours_is_not_told_as_one_of_the_file(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AttributeError("ours")

    monkeypatch.setattr("simulation.event_logs.read.make_trace", fail)
    monkeypatch.setattr("simulation.event_logs.read.make_foreign_step", fail)
    with pytest.raises(AttributeError, match="ours"):
        read(tmp_path, text)


def test_a_cell_that_csv_cannot_hold_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match=":3:1: no CSV: field larger than field limit"):
        read(tmp_path, f"case,activity,timestamp\n1,check,{TIME}\n1,{'x' * 200_000},{TIME}\n")


def test_json_that_breaks_off_is_named_with_line_and_column(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput) as wrong:
        read(tmp_path, '{"objects": [],\n"events": [}')
    assert ":2:12: " in str(wrong.value)


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="byte 4 is no UTF-8"):
        read(tmp_path, b"case\xff\xfe")


def test_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    text = f"case,activity,timestamp\n1,check,{TIME}\n"
    found = read(tmp_path, text)
    from hashlib import sha256

    assert found.sha256 == sha256(text.encode()).hexdigest()
    assert found.traces[0].steps == [Step(1, "", "check", "complete", TIME, "", None, None, None, None)]
