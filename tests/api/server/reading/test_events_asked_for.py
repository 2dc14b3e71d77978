"""The feed by type and subject, and positions that the log has not reached."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api import server_in_thread
from tests.api.server_in_thread import Served
from tests.patience import PATIENT


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with server_in_thread.serving(tmp_path_factory.mktemp("served"), timer_seconds=0) as found:
        yield found


@pytest.fixture(scope="module")
def mueller(served: Served) -> httpx.Client:
    client = served.client("mueller", "case_worker", authority="mwide")
    for title in ("Deich", "Brücke"):
        made = client.post("/records", json={"title": title, "file_plan_code": "43.21"}).raise_for_status().json()
        client.post(f"/records/{made['id']}/actions/add_case", json={"title": "Bau"}).raise_for_status()
    return client


def ask(client: httpx.Client, query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(f"/events?{query}").raise_for_status().json()["items"]
    return items


def test_events_of_a_type_or_of_two(mueller: httpx.Client) -> None:
    everything = ask(mueller, "")
    for wanted in (["record.created"], ["record.created", "record.case_added"], ["no.such"]):
        found = ask(mueller, "&".join(f"type={one}" for one in wanted))
        assert found == [event for event in everything if event["type"] in wanted]
    assert {event["type"] for event in everything} >= {"record.created"}


def test_events_of_a_subject(mueller: httpx.Client) -> None:
    subject = ask(mueller, "type=record.created")[-1]["subject"]
    found = ask(mueller, f"subject={subject}")
    assert {event["subject"] for event in found} == {subject}
    assert len(found) == len(mueller.get(f"/records/{subject.partition(':')[2]}/history").json()["events"])


def test_events_of_a_kind_of_subject(mueller: httpx.Client) -> None:
    everything = ask(mueller, "")
    one = ask(mueller, "type=record.created")[0]["subject"]
    for wanted in (["record"], ["mail-folder", one], ["recor"]):
        found = ask(mueller, "&".join(f"subject={subject}" for subject in wanted))
        assert found == [e for e in everything if {e["subject"], e["subject"].partition(":")[0]} & set(wanted)]
    assert len(ask(mueller, "subject=record")) >= 4


def test_next_goes_on_to_the_head_where_nothing_fits(mueller: httpx.Client) -> None:
    page = mueller.get("/events?type=no.such").json()
    assert (page["items"], page["next"]) == ([], page["head"])


def test_a_filter_shows_nobody_what_they_may_not_know(served: Served, mueller: httpx.Client) -> None:
    subject = ask(mueller, "type=record.created")[0]["subject"]
    assert ask(served.client("fremd", "case_worker", authority="polizei"), f"subject={subject}") == []


def test_a_position_beyond_the_head_is_told_and_not_waited_for(mueller: httpx.Client) -> None:
    """Who has seen more than there is has seen another log, as before a restore, and would wait for ever."""
    head = mueller.get("/events").json()["head"]
    assert mueller.get(f"/events?after={head}").json()["items"] == []
    beyond = [
        mueller.get(f"/events?after={head + 1}", headers={"accept-language": "en"}),
        mueller.get("/events/stream", headers={"last-event-id": str(head + 1), "accept-language": "en"}),
    ]
    for answer in beyond:
        assert answer.status_code == 422
        assert f"the head of this log, which is {head}" in answer.json()["errors"][0]["detail"]


def test_the_stream_takes_the_filters_too(mueller: httpx.Client) -> None:
    with mueller.stream("GET", "/events/stream?type=record.created", timeout=PATIENT) as answer:
        seen: list[str] = []
        for line in answer.iter_lines():
            seen += [line.partition(": ")[2]] if line.startswith("event: ") else []
            if len(seen) == 2:
                break
    assert seen == ["record.created"] * 2
