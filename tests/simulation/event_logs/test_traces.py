"""Steps of a trace, from events written by hand."""

from typing import Any

import pytest

from simulation.event_logs.table import COLUMNS, write_csv
from simulation.event_logs.traces import Step, Trace, describe_route, make_trace
from simulation.event_logs.xes import write_xes
from tests.simulation.event_logs.test_objects import SLIP, record


def follow(*events: tuple[str, dict[str, Any] | None]) -> Trace:
    rows = [record("routing-slip:s1", "slip.created", SLIP, 1)]
    rows += [record("routing-slip:s1", kind, payload, n) for n, (kind, payload) in enumerate(events, 2)]
    return make_trace("routing-slip:s1", rows)


def test_the_kind_of_a_station_is_its_activity_and_its_addressee_is_told() -> None:
    trace = follow(
        ("slip.started", {"run": 1}),
        ("slip.station_activated", {"station": "a"}),
        ("slip.station_opened", {"station": "a", "by": "bert"}),
        ("slip.station_delegated", {"station": "a", "old": "bert", "new": "cora", "reason": "x"}),
        ("slip.station_done", {"station": "a", "result": "signed", "by": "cora", "on_behalf_of": None}),
        ("slip.station_skipped", {"station": "b", "by": "anna", "reason": "x"}),
    )
    told = [(step.activity, step.transition, step.instance, step.to) for step in trace.steps]
    assert told == [
        ("slip.created", "complete", None, None),
        ("slip.started", "complete", None, None),
        ("co_sign", "schedule", "a", "bert"),
        ("co_sign", "start", "a", "bert"),
        ("co_sign", "reassign", "a", "cora"),
        ("co_sign", "complete", "a", "cora"),
        ("comment", "manualskip", "b", "cora"),
    ]
    assert [step.result for step in trace.steps][5] == "signed"
    assert trace.attributes == {
        "authority": "mwide", "owner": "anna", "record": "r1", "case": "c1", "protection": "high",
        "route": "co_sign comment+final_sign",
    }  # fmt: skip


def test_a_station_put_in_later_is_known_from_then_on() -> None:
    plan = {"id": "d", "kind": "comment", "actor": "fritz"}
    trace = follow(
        ("slip.stations_inserted", {"after": "a", "stations": [plan], "parts": [], "by": "bert"}),
        ("slip.station_activated", {"station": "d"}),
        ("slip.station_recalled", {"station": "d", "again": {**plan, "id": "e"}, "waiting": []}),
        ("slip.station_activated", {"station": "e"}),
    )
    told = [(step.activity, step.transition, step.instance) for step in trace.steps[2:]]
    assert told == [("comment", "schedule", "d"), ("comment", "withdraw", "d"), ("comment", "schedule", "e")]


def test_without_its_plan_a_station_is_called_by_its_event() -> None:
    """The contents of the slip were erased, its later events were not."""
    rows = [record("routing-slip:s1", "slip.created", None, 1)]
    rows.append(record("routing-slip:s1", "slip.station_activated", {"station": "a"}))
    trace = make_trace("routing-slip:s1", rows)
    assert [(step.activity, step.transition, step.instance) for step in trace.steps] == [
        ("slip.created", "complete", None), ("slip.station_activated", "complete", "a"),
    ]  # fmt: skip
    assert trace.attributes == {}


def test_a_route_planned_anew_is_the_route() -> None:
    anew = {"route": {"order": "sequence", "parts": [{"station": "z"}]},
            "stations": [{"id": "z", "kind": "approve", "actor": "dora"}]}  # fmt: skip
    assert follow(("slip.route_planned", anew)).attributes["route"] == "approve"


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ({"station": "a"}, "co_sign"),
        ({"order": "parallel", "parts": [{"station": "a"}, {"station": "b"}]}, "co_sign+comment"),
        ({"order": "parallel", "parts": [
            {"order": "sequence", "parts": [{"station": "a"}, {"station": "b"}]}, {"station": "c"}]},
         "co_sign+comment+final_sign"),
        ({"order": "sequence", "parts": [{"station": "c"}, {"station": "a"}]}, "final_sign co_sign"),
    ],
)  # fmt: skip
def test_a_route_is_written_as_its_kinds(route: dict[str, Any], expected: str) -> None:
    assert describe_route({"route": route, "stations": SLIP["stations"]}) == expected


def test_what_xml_and_csv_cannot_hold_as_it_is_does_not_break_them() -> None:
    step = Step(1, 'a<b>&"', "c\x00d", "complete", "2021-06-01T06:00:00Z", 'müller, "Ä"\n', None, None, None, None)
    trace = Trace("record", "r<1>", {"authority": "a&b"}, [step])
    from csv import DictReader
    from xml.etree import ElementTree as ET

    root = ET.fromstring("".join(write_xes([trace])))  # noqa: S314 - our own
    values = {one.get("key"): one.get("value") for one in root.iter() if one.get("key")}
    assert (values["event"], values["org:resource"]) == ('a<b>&"', 'müller, "Ä"\n')
    assert values["concept:name"] == "c\ufffdd"
    import io

    text = "".join(write_csv([trace]))
    (row,) = DictReader(io.StringIO(text, newline=""))
    assert tuple(row) == COLUMNS
    assert (row["event"], row["resource"], row["case_authority"]) == ('a<b>&"', 'müller, "Ä"\n', "a&b")


def test_a_log_without_cases_is_still_a_log() -> None:
    from xml.etree import ElementTree as ET

    root = ET.fromstring("".join(write_xes([])))  # noqa: S314 - our own
    assert [one for one in root if one.tag.endswith("trace")] == []
    assert "".join(write_csv([])) == ",".join(COLUMNS) + "\r\n"
