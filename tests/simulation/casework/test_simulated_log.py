"""What simulated staff leave behind: a log like any other, judged by models that know nothing of the simulation."""

import gc
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scanning.catalogue import SCANNING
from scanning.handover import POLICIES
from scenarios import FOLDER
from simulation.casework.casework import adapt
from simulation.casework.simulate import Outcome, Run, simulate
from simulation.loading.load_casework import load_casework
from tests.workflow.routing_slips import test_slip_model as slip_model
from workflow.engine.access import Actor, Role
from workflow.engine.engine import Engine
from workflow.engine.store.hash_chain import Recorded
from workflow.engine.store.log import Log
from workflow.organisation.staff.actions import Register
from workflow.views.check import ViewCheck

SMALL = FOLDER / "casework" / "small-office.yaml"
SPEC = adapt(load_casework(SMALL)[0], days=50).scenario


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, str]:
    """Seven weeks of the small office, the log in a file; summer time ends meanwhile."""
    url = f"sqlite:///{tmp_path_factory.mktemp('log')}/eva.db"
    return simulate(SPEC, 7, Run(1, url=url)), url


@pytest.fixture(scope="module")
def engine(simulated: tuple[Outcome, str]) -> Iterator[Engine]:
    opened = Engine(simulated[1], SCANNING)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def rows(engine: Engine) -> list[tuple[Recorded, dict[str, Any]]]:
    return [(row, json.loads(row.payload or "{}")) for row in engine.log.read_all()]


def test_it_verifies_and_timers_and_views_agree_with_it(simulated: tuple[Outcome, str], engine: Engine) -> None:
    assert engine.log.verify() == simulated[0].head
    assert list(ViewCheck(engine, POLICIES).everything()) == []


def test_the_same_seed_gives_the_same_log_in_memory_and_in_a_file(simulated: tuple[Outcome, str]) -> None:
    assert simulate(SPEC, 7, Run(1)).head == simulated[0].head


def test_the_garbage_collector_is_left_as_it_was() -> None:
    before = gc.get_threshold()
    simulate(adapt(load_casework(SMALL)[0], days=3).scenario, 7, Run(1))
    assert gc.get_threshold() == before


def test_nearly_everything_asked_is_allowed(simulated: tuple[Outcome, str]) -> None:
    """Staff ask for what the machines allow; only a delegation may come too late."""
    outcome, _ = simulated
    assert sum(outcome.refused.values()) < 0.01 * outcome.commands
    assert {why.partition(":")[0] for why in outcome.refused} <= {"delegate", "forward", "insert", "appoint_deputy"}


ACTIONS = {
    "signed": "sign", "approved": "approve", "acknowledged": "acknowledge", "dispatched": "dispatch",
    "commented": "comment", "refused": "refuse",
}  # fmt: skip
BEYOND = {"slip.stations_inserted", "slip.station_delegated", "slip.station_recalled"}
"""What the model of routes does not know."""


def test_the_model_of_routes_allows_every_step_of_every_slip(
    rows: list[tuple[Recorded, dict[str, Any]]], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    slips = defaultdict(list)
    for row, event in rows:
        if row.stream.startswith("routing-slip:"):
            slips[row.stream].append((row, event))
    approvers = {e["user"] for r, e in rows if r.type == "staff.registered" and "approver" in e["roles"]}
    monkeypatch.setattr(slip_model, "APPROVERS", approvers)
    judged = [_judge(events, engine) for events in slips.values() if BEYOND.isdisjoint(row.type for row, _ in events)]
    assert len(judged) > 20
    assert sum(judged) > 100


def _judge(events: list[tuple[Recorded, dict[str, Any]]], engine: Engine) -> int:
    """Steps that the independent model took along, the owner under the name that it knows."""
    created = events[0][1]
    plans = {plan["id"]: plan for plan in created["stations"]}
    model = slip_model.Model([_spec(part, plans) for part in created["route"]["parts"]])
    order, steps = list(plans), 0
    for row, event in events[1:]:
        action = _name(row.type, event)
        if action is None:
            continue
        one = model.stations[order.index(event["station"])] if "station" in event else None
        who = one["actor"] if one else "mueller"
        assert model.allows(action, who, one), (row.position, action)
        model.does(action, who, one)
        steps += 1
    state = engine.load(events[0][0].stream).state
    assert (state.state, state.run) == (model.state, model.run)
    assert [station.status for station in state.ordered()] == [one["status"] for one in model.stations]
    return steps


def _name(kind: str, event: dict[str, Any]) -> str | None:
    if kind == "slip.station_done":
        return ACTIONS[event["result"]]
    return {"slip.started": "start", "slip.revised": "revise", "slip.filed": "file", "slip.recalled": "recall"}.get(
        kind
    )


def _spec(part: dict[str, Any], plans: dict[str, Any]) -> dict[str, Any]:
    if "station" in part:
        plan = plans[part["station"]]
        return {"kind": plan["kind"].replace("final_sign", "co_sign"), "actor": plan["actor"]}
    return {part["order"]: [_spec(inner, plans) for inner in part["parts"]]}


def test_rules_of_deputies_refusals_and_final_signatures_hold(rows: list[tuple[Recorded, dict[str, Any]]]) -> None:
    """Rules 15 to 18 and 21, from the events alone."""
    actor: dict[str, str] = {}
    kind: dict[str, str] = {}
    deputies: list[tuple[str, str, str, str]] = []
    final: set[tuple[str, int]] = set()
    run: dict[str, int] = {}
    for row, event in rows:
        for plan in event.get("stations", ()) if row.type in {"slip.created", "slip.stations_inserted"} else ():
            actor[plan["id"]], kind[plan["id"]] = plan["actor"], plan["kind"]
        if row.type == "staff.deputy_appointed":
            deputies.append((event["user"], event["deputy"], event["since"], event["until"]))
        elif row.type == "slip.started":
            run[row.stream] = event["run"]
        elif row.type == "slip.station_delegated":
            actor[event["station"]] = event["new"]
        elif row.type == "slip.station_recalled":
            actor[event["again"]["id"]], kind[event["again"]["id"]] = event["again"]["actor"], event["again"]["kind"]
        elif row.type == "slip.station_done":
            absent = event["on_behalf_of"]
            assert event["by"] != "system"
            assert event["result"] != "refused" or event["note"].strip()
            assert absent == (None if event["by"] == actor[event["station"]] else actor[event["station"]])
            assert absent is None or _deputises(event["by"], absent, row.time, deputies)
            if kind[event["station"]] == "final_sign":
                assert (row.stream, run[row.stream]) not in final
                final.add((row.stream, run[row.stream]))
    assert any(event.get("on_behalf_of") for row, event in rows if row.type == "slip.station_done")
    times = [row.time for row, _ in rows]
    assert times == sorted(times)


def _deputises(user: str, absent: str, at: str, known: list[tuple[str, str, str, str]], steps: int = 5) -> bool:
    now = [deputy for one, deputy, since, until in known if one == absent and since[:19] <= at[:19] < until[:19]]
    return user in now or (steps > 0 and any(_deputises(user, one, at, known, steps - 1) for one in now))


def test_numbers_are_unique_and_nothing_is_closed_while_a_slip_is_open(
    rows: list[tuple[Recorded, dict[str, Any]]],
) -> None:
    """Rules 2 and 5."""
    numbers = [event["file_number"] for row, event in rows if row.type == "record.created"]
    numbers += [event["number"] for row, event in rows if row.type == "record.case_added"]
    assert len(numbers) == len(set(numbers)) > 60
    open_slips: dict[str, set[str]] = defaultdict(set)
    closed = 0
    for row, event in rows:
        if row.type == "record.slip_attached":
            open_slips[event["object_id"]].add(event["slip"])
        elif row.type == "record.slip_detached":
            open_slips[event["object_id"]].discard(event["slip"])
        elif row.type == "record.closed":
            closed += 1
            assert not open_slips[event["object_id"]]
    assert closed > 10


def test_reminders_and_escalations_come_by_themselves(rows: list[tuple[Recorded, dict[str, Any]]]) -> None:
    by_time = [row for row, _ in rows if row.type in {"slip.reminded", "slip.escalated"}]
    assert {row.type for row in by_time} == {"slip.reminded", "slip.escalated"}
    assert {row.actor for row in by_time} == {"system"}
    assert {row.time[13:19] for row in by_time} == {":00:00"}  # whenever the engine looks for timers
    assert {"22", "23"} <= {row.time[11:13] for row in by_time}  # midnight in Germany, in summer and in winter


def test_people_choose_as_often_as_the_scenario_says(simulated: tuple[Outcome, str]) -> None:
    outcome, _ = simulated
    choices = outcome.scenario.handling.choices
    deciding = [one for one in outcome.trace.stations if one.kind in {"co_sign", "approve", "final_sign"}]
    refused = sum(slip.refusals for slip in outcome.trace.slips)
    expected = choices.refuse.value * len(deciding)
    assert abs(refused - expected) < 4 * (expected * (1 - choices.refuse.value)) ** 0.5
    share = sum(one.by_deputy for one in outcome.trace.stations) / len(outcome.trace.stations)
    assert 0.03 < share < 0.25


def test_a_run_that_was_killed_leaves_a_log_that_verifies_and_goes_on(tmp_path: Path) -> None:
    """Ended by the system in the midst of work; then somebody else goes on with the same log."""
    file = tmp_path / "eva.db"
    command = [sys.executable, "-m", "api.cli.main", "casework", str(SMALL), "--no-paper", "--workers", "1"]
    process = subprocess.Popen([*command, "--replications", "1", "--log", str(file), "--quiet"])
    try:
        deadline = time.monotonic() + 120
        while _count(file) < 400 and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.02)
        assert process.poll() is None
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    log = Log(f"sqlite:///{file}")
    before = log.verify().position
    log.close()
    assert before >= 400
    engine = Engine(f"sqlite:///{file}", SCANNING)
    admin = Actor("leitung", frozenset({Role.ADMIN}), "musteramt")
    engine.handle(Register(user="neu", roles=(Role.CASE_WORKER,)), admin, "staff:neu")
    assert engine.log.verify().position == before + 1
    assert list(ViewCheck(engine, POLICIES).everything()) == []
    engine.close()


def _count(file: Path) -> int:
    try:
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        try:
            return int(connection.execute("SELECT max(position) FROM events").fetchone()[0] or 0)
        finally:
            connection.close()
    except sqlite3.Error:
        return 0
