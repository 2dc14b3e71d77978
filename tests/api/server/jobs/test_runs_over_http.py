"""A planner's forecasts and scenarios over HTTP."""

import json
import re
import time
from typing import Any

import pytest
from httpx import Client

from api.server.jobs.shipped_files import MOST_BYTES, shipped
from tests.api.server_in_thread import COMPUTED_BEFORE, QUICK, Served

LONG = {"text": QUICK, "replications": 1000, "mode": "plan"}
"""A run that is not done before a test has ended it."""


@pytest.fixture(scope="module")
def planner(served: Served) -> Client:
    return served.client("petra", "planner", authority="mwide")


@pytest.fixture(scope="module")
def done(planner: Client) -> str:
    """A finished run's path."""
    asked = planner.post("/runs", json={"text": QUICK, **COMPUTED_BEFORE, "title": "wenig Post"})
    assert asked.status_code == 202, asked.text
    at = asked.headers["location"]
    assert at == f"/runs/{asked.json()['id']}"
    assert asked.json()["state"] == "queued"
    assert ended(planner, at)["state"] == "finished"
    return at


@pytest.fixture(scope="module")
def followed(planner: Client) -> tuple[str, list[tuple[str | None, dict[str, Any]]]]:
    """A run that nobody has computed before, followed to its end: its path, and the names and data of what was told."""
    asked = {"text": QUICK, "replications": 3, "scan_replications": 1}
    at, name, told = planner.post("/runs", json=asked).headers["location"], None, []
    with planner.stream("GET", f"{at}/progress") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("event:"):
                name = line.partition(":")[2].strip()
            elif line.startswith("data:"):
                told.append((name, json.loads(line.partition(":")[2])))
    return at, told


def ended(client, at, seconds=240):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        run = client.get(at).json()
        if run["state"] not in {"queued", "running"}:
            return run
        time.sleep(0.1)
    raise AssertionError(run)


def test_so_many_runs_as_wanted_have_every_item(planner: Client, followed: tuple[str, Any]) -> None:
    """Items are simulated in the first runs only; the rollout is played through as often as was asked for."""
    at, _ = followed
    run = planner.get(at).json()
    assert (run["state"], run["replications"], run["scan_replications"]) == ("finished", 3, 1)
    summary = planner.get(f"{at}/summary").json()
    assert (summary["replications"], summary["scan_replications"]) == (3, 1)


def test_tables_as_json_and_csv(planner: Client, done: str) -> None:
    run = planner.get(done).json()
    assert run["progress"]["done"] == run["replications"] == 2
    assert run["items_simulated"] > 100_000
    for table in ("users", "authorities", "projects", "scan_centres", "workload"):
        text = planner.get(f"{done}/{table}", headers={"accept": "text/csv"})
        rows = planner.get(f"{done}/{table}").json()["items"]
        assert text.headers["content-type"].startswith("text/csv")
        assert text.text.splitlines()[0].split(",") == list(rows[0])
        assert len(text.text.splitlines()) == len(rows) + 1
    assert len(planner.get(f"{done}/authorities").json()["items"]) == 258
    users = planner.get(f"{done}/users", headers={"accept": "application/json;q=0.9, text/*;q=0.1"}).json()["items"]
    assert {row["product"] for row in users} == {"e_akte", "e_laufmappe"}
    assert isinstance(users[-1]["p50"], float)
    summary = planner.get(f"{done}/summary").json()
    assert summary["seed"] == 7
    assert summary["scenario_hash"] == run["scenario_hash"]


def test_the_report_is_a_page_apart(planner: Client, done: str) -> None:
    page = planner.get(f"{done}/report.html")
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "sandbox allow-scripts" in policy
    assert "script-src 'sha256-" in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    ("table", "accept"), [("users", "image/png"), ("summary", "text/csv"), ("users", "text/csv;q=0")]
)
def test_other_forms_are_not_to_be_had(planner: Client, done: str, table: str, accept: str) -> None:
    assert planner.get(f"{done}/{table}", headers={"accept": accept}).status_code == 406


def test_progress_as_it_happens(followed: tuple[str, list[tuple[str | None, dict[str, Any]]]]) -> None:
    _, told = followed
    assert told[-1][0] == "end"
    assert told[-1][1]["state"] == "finished"
    assert [t["done"] for _, t in told] == sorted(t["done"] for _, t in told)
    assert {t["state"] for _, t in told} >= {"running", "finished"}


def test_cancelled_and_then_not_again(planner: Client) -> None:
    at = planner.post("/runs", json=LONG).headers["location"]
    early = planner.get(f"{at}/users")
    assert early.status_code == 409
    assert early.json()["allowed_actions"] == ["cancel"]
    assert planner.delete(at).json()["state"] == "cancelled"
    again = planner.delete(at)
    assert again.status_code == 409
    assert (again.json()["state"], again.json()["allowed_actions"]) == ("cancelled", [])
    assert planner.get(f"{at}/users").json()["state"] == "cancelled"


def test_the_same_key_asks_once(planner: Client) -> None:
    key, body = {"idempotency-key": "once"}, LONG
    first, second = (planner.post("/runs", json=body, headers=key) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert second.headers["idempotency-replayed"] == "true"
    assert planner.post("/runs", json=body | {"seed": 1}, headers=key).status_code == 422
    planner.delete(first.headers["location"])


def test_who_may_and_who_may_know(served: Served, planner: Client, done: str) -> None:
    worker = served.client("klaus", "case_worker", authority="mwide")
    elsewhere = served.client("erna", "planner", authority="mhkbg")
    colleague = served.client("carla", "admin", authority="mwide")
    for path in (done, f"{done}/users", f"{done}/progress", "/runs"):
        assert worker.get(path).status_code == 403
    for path in (done, f"{done}/users", f"{done}/progress"):
        assert elsewhere.get(path).status_code == 404
        assert colleague.get(path).status_code == 200
    assert elsewhere.delete(done).status_code == 404
    assert elsewhere.get("/runs").json()["items"] == []
    assert done.rpartition("/")[2] in {run["id"] for run in colleague.get("/runs").json()["items"]}
    assert worker.post("/runs", json={"scenario": "nrw-plan-2021"}).status_code == 403
    everywhere = served.client("alma", "planner")
    at = everywhere.post("/runs", json=LONG).headers["location"]
    assert planner.get(at).status_code == 404
    everywhere.delete(at)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"scenario": "nrw-plan-2021", "text": "kind: rollout"}, ""),
        ({"scenario": "../../etc/passwd"}, "/scenario"),
        ({"scenario": "no-such"}, "/scenario"),
        ({"scenario": "nrw-plan-2021", "replications": 0}, "/replications"),
        ({"scenario": "nrw-plan-2021", "replications": 1001}, "/replications"),
        ({"scenario": "nrw-plan-2021", "replications": True}, "/replications"),
        ({"scenario": "nrw-plan-2021", "scan_replications": 0}, "/scan_replications"),
        ({"scenario": "nrw-plan-2021", "seed": -1}, "/seed"),
        ({"scenario": "nrw-plan-2021", "seed": 2**60}, "/seed"),
        ({"scenario": "nrw-plan-2021", "mode": "hope"}, "/mode"),
        ({"scenario": "nrw-plan-2021", "workers": 64}, "/workers"),
        ({"text": "kind: [rollout"}, "/text"),
        ({"text": QUICK + "\nhorizon: {start: 1}"}, "/text"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_told_with_its_place(
    planner: Client, body: dict[Any, Any] | dict[str, Any] | dict[str, str], pointer: str
) -> None:
    told = planner.post("/runs", json=body)
    assert told.status_code == 422, told.text
    assert told.json()["errors"][0]["pointer"] == pointer


def test_a_question_says_the_forecasts_that_it_comes_from_truly(served: Served, planner: Client, done: str) -> None:
    """Pages tell by them that a question was asked before; who asks must not attach it to what it is not about."""
    run, other = done.rpartition("/")[2], served.client("oskar", "planner", authority="jm")
    at = other.post("/runs", json=LONG).headers["location"]
    other.delete(at)
    theirs, more = at.rpartition("/")[2], QUICK + "\nchanges: [{lever: rollout.teams, factor: 2, from: 2022-01-01}]\n"
    for body, runs, place in (
        ({"text": QUICK}, ["00000000-0000-5000-8000-000000000000"], 0), ({"text": QUICK}, [run, theirs], 1),
        ({"text": more}, [run], 0), ({"text": QUICK}, [run, run, run], 1), ({"scenario": "nrw-plan-2021"}, [run], 0),
    ):  # fmt: skip
        question = {"kind": "compare", "others": [{"text": more}], "runs": runs}
        told = planner.post("/runs", json=body | {"question": question})
        assert told.status_code == 422, told.text
        assert told.json()["errors"][0]["pointer"] == f"/question/runs/{place}"
    told = planner.post("/runs", json={"text": QUICK, "question": {"kind": "sensitivity", "runs": [run]}})
    assert (told.status_code, told.json()["replications"]) == (202, 4)
    planner.delete(told.headers["location"])


def test_a_run_that_failed_says_why_in_both_languages(planner: Client) -> None:
    question = {"kind": "reach", "deadline": "never", "percent": 50}
    at = planner.post("/runs", json={"text": QUICK, "question": question}).headers["location"]
    failed = ended(planner, at)
    assert failed["state"] == "failed"
    assert failed["reason"].startswith("unknown deadline `never`; one of ")
    assert failed["reason_de"].startswith("unbekannte Frist „never“; eine von ")


def test_the_queue_is_bounded(planner: Client) -> None:
    runs = []
    for number in range(40):  # some may have ended where requests take long; none has what another has computed
        told = planner.post("/runs", json=LONG | {"seed": 5000 + number, "mode": "risk"})
        if told.status_code == 429:
            break
        runs.append(told.headers["location"])
    assert told.status_code == 429
    assert int(told.headers["retry-after"]) > 0
    assert len(runs) >= 5
    waiting = planner.get(runs[-1]).json()["progress"]
    assert waiting["state"] == "queued"
    assert waiting["ahead"] >= 3
    for at in runs:
        planner.delete(at)


def test_shipped_scenarios(planner: Client) -> None:
    listed = planner.get("/scenarios").json()["items"]
    assert {"name": "nrw-plan-2021", "kind": "rollout", "file": "nrw/plan-2021.yaml"} in listed
    one = planner.get("/scenarios/nrw-plan-2021")
    assert one.json()["text"] == shipped()["nrw-plan-2021"].text()
    as_yaml = planner.get("/scenarios/nrw-plan-2021", headers={"accept": "application/yaml"})
    assert as_yaml.text == one.json()["text"]


@pytest.mark.parametrize("name", ["%2e%2e%2f%2e%2e%2fetc%2fpasswd", "nrw%2Fplan-2021.yaml", "x" * 5000, "%00", "ä"])
def test_no_path_leads_out(planner: Client, name: str) -> None:
    assert planner.get(f"/scenarios/{name}").status_code == 404


def checked(client, text, language="de", media="application/yaml"):
    data = text if isinstance(text, bytes) else text.encode()
    headers = {"content-type": media, "accept-language": language}
    return client.post("/scenarios/check", content=data, headers=headers)


def test_a_good_scenario(planner: Client) -> None:
    told = checked(planner, QUICK)
    assert told.status_code == 200, told.text
    assert told.json()["name"] == "little-mail"
    assert told.json()["authorities"] == 258
    changed = checked(planner, "extends: nrw/plan-2021.yaml\nplan:\n  - year: 2021\n" + PLAN)
    assert changed.status_code == 422


PLAN = "    e_akte: {value: 1, basis: assumed, source: test, low: 1, high: 1}\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("kind: rollout\nhorizon: {start: 2021-01-01, end: 1}\n", ("/horizon/end", 2, 35)),
        ("extends: nrw/plan-2021.yaml\nmail:\n  paper_share_year: 1\n", ("/mail/paper_share_year", 3, 21)),
        ("extends: nrw/plan-2021.yaml\nmial: {}\n", ("/mial", 2, 1)),
        ("kind: rollout\nkind: rollout\n", ("/kind", 2, 1)),
        ("a: [1, 2\n", ("", 2, 1)),
        ("a: &x {b: *x}\n", ("/a", 1, 4)),
        ("a: !!python/object:os.system x\n", ("/a", 1, 4)),
        ("[" * 5000, ("/0" * 0, 1, 1)),
        ("", ("", 1, 1)),
        ("extends: ../../../etc/passwd\n", ("/extends", 1, 10)),
        ("extends: /etc/passwd\n", ("/extends", 1, 10)),
        ("a: .nan\n", ("/a", 1, 4)),
        ("a: \u202e\n", ("", 1, 4)),
    ],
)  # fmt: skip
def test_faults_have_pointer_line_and_column(planner: Client, text: str, place: tuple[str, int, int]) -> None:
    told = checked(planner, text)
    assert told.status_code == 422, told.text
    assert told.headers["content-type"].startswith("application/problem+json")
    found = [(e["pointer"], e["line"], e["column"]) for e in told.json()["errors"]]
    assert place in found or text.startswith("[["), found
    assert "/work" not in told.text
    assert "/home" not in told.text


REPLAY = """kind: replay
title: Eine Akte
start: 2021-06-01T08:00:00+02:00
actors:
  mueller: {roles: [case_worker], authority: mwide}
steps:
  - create: record
    as: mueller
    with: {title: Windpark, file_plan_code: "43.21"}
"""


def test_a_replay_is_checked_too(planner: Client) -> None:
    told = checked(planner, REPLAY)
    assert told.status_code == 200, told.text
    assert (told.json()["kind"], told.json()["cases"], told.json()["steps"]) == ("replay", 1, 1)
    wrong = checked(planner, REPLAY.replace("file_plan_code", "fileplan_code")).json()["errors"]
    assert ("/steps/0/with", 9) in {(fault["pointer"], fault["line"]) for fault in wrong}
    for name in ("../../../etc/passwd", "/etc/passwd"):
        told = checked(planner, REPLAY + f"  - use: {name}\n")
        assert "die Datei gibt es nicht" in told.json()["errors"][0]["detail"], told.text
    many = "each:\n" + "  - {a: 1}\n" * 2001
    assert checked(planner, REPLAY + many).json()["errors"][0]["expected"] == "höchstens 2.000"


@pytest.mark.parametrize(
    ("language", "wrong", "remark"),
    [("de", ("unbekannter Schlüssel `titel`", "`title`?"), "id `akte` wird nicht benutzt"),
     ("en", ("unknown key `titel`", "`title`?"), "id `akte` is not used")],
)  # fmt: skip
def test_faults_and_remarks_are_told_in_the_language_of_the_reader(
    planner: Client, language: str, wrong: tuple[str, str], remark: str
) -> None:
    told = checked(planner, REPLAY.replace("title: Eine", "titel: Eine"), language)
    assert told.headers["content-language"] == language
    assert wrong in {(one["detail"], one["expected"]) for one in told.json()["errors"]}
    right = checked(planner, REPLAY + "    id: akte\n", language)
    assert right.headers["content-language"] == language
    assert [one["detail"] for one in right.json()["warnings"]] == [remark]


def test_every_shipped_file_is_in_order(planner: Client) -> None:
    items = planner.get("/scenarios").json()["items"]
    assert {item["kind"] for item in items} == {"rollout", "replay"}
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", item["name"]) for item in items)
    for item in items[:: len(items) // 8]:
        assert planner.get(f"/scenarios/{item['name']}").json()["file"] == item["file"]


def test_large_wrong_and_no_text(planner: Client) -> None:
    assert checked(planner, b"a: " + b"x" * MOST_BYTES).status_code == 413
    assert checked(planner, "{}", media="application/json").status_code == 415
    assert checked(planner, b"a: \xff").status_code == 415
    assert checked(planner, b"a: \x00").status_code == 422
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"b{n}: &b{n} [*a,*a,*a,*a]\n" for n in range(20))
    assert checked(planner, bomb).status_code == 422
