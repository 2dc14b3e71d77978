"""Forecasts as jobs: the log says what happens, processes do it, and neither is lost with the other."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.application.run import KIND, MACHINE, CancelRun, FinishRun, RequestRun, Run, StartRun, options, stream
from api.application.run_events import Mode
from api.pages.base.render import _environment
from api.server.jobs.lock import Busy, Lock
from api.server.jobs.process import read_progress
from api.server.jobs.runner import Limits, Runner
from api.server.jobs.shipped_files import FOLDER
from tests.api.server_in_thread import COMPUTED_BEFORE, QUICK
from tests.patience import PATIENT
from workflow.catalogue import WORKFLOW
from workflow.engine.access import SYSTEM, Actor, Role
from workflow.engine.aggregate import Context
from workflow.engine.engine import Engine
from workflow.errors import Forbidden, NotAllowed, NotFound

PLANNER = Actor("petra", frozenset({Role.PLANNER}), "mwide")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine(
        f"sqlite:///{tmp_path / 'eva.db'}", catalogue=replace(WORKFLOW, kinds={**WORKFLOW.kinds, "run": KIND})
    )
    yield made
    made.close()


@pytest.fixture
def runner(engine: Engine, tmp_path: Path) -> Iterator[Runner]:
    made = Runner(engine, tmp_path / "runs", pause=0.05, cache=tmp_path / "computed")
    yield made
    for worker in made._workers.values():
        worker.end()


LONG = {"scenario": None, "text": QUICK, "replications": 1000, "mode": Mode.PLAN}
"""A run that begins soon and is not done before a test has ended it."""


@pytest.fixture
def recalling(engine: Engine, tmp_path: Path) -> Iterator[Runner]:
    """A runner that finds what other tests have computed."""
    made = Runner(engine, tmp_path / "runs", pause=0.05, cache=Path(os.environ["EVA_CACHE"]))
    yield made
    for worker in made._workers.values():
        worker.end()


def ask(engine, actor=PLANNER, **what):
    what = {"scenario": "nrw-plan-2021", "replications": 1} | what
    return engine.handle(RequestRun(**what), actor, "run").state.id


def state(engine, run) -> Run:
    return engine.load(stream(run)).state


def until(runner, run, *states, seconds=240):
    """Turn until the run is in one of the states."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        runner.run_once()
        if state(runner.engine, run).state in states:
            return state(runner.engine, run)
        time.sleep(0.05)
    raise AssertionError(f"still {state(runner.engine, run)}; {log(runner, run)}")


def log(runner, run):
    path = runner.get_folder(run) / "worker.log"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def forget(runner):
    """As a server that is killed knows nothing any more."""
    for worker in runner._workers.values():
        worker.end()
    runner._workers.clear()


def working(runner, run):
    """Turn until the worker has a replication behind it; the worker."""
    until(runner, run, "running")
    end = time.monotonic() + 240
    while read_progress(runner.get_folder(run)) is None and time.monotonic() < end:
        time.sleep(0.05)
    assert read_progress(runner.get_folder(run)), log(runner, run)
    return runner._workers[run]


def test_the_table_is_sound() -> None:
    assert MACHINE.faults() == []


def test_a_run_gives_the_bytes_of_the_command(
    engine: Engine, runner: Runner, tmp_path: Path, eva: Callable[..., Any]
) -> None:
    run = ask(engine, scenario=None, text=QUICK, replications=2, seed=7)
    done = until(runner, run, "finished", "failed")
    assert done.state == "finished", done.reason
    what_if = tmp_path / "what-if.yaml"
    what_if.write_text(QUICK.replace("nrw/", f"{os.path.relpath(FOLDER, tmp_path)}/nrw/"), encoding="utf-8")
    command = (
        "forecast",
        what_if,
        "--replications",
        2,
        "--seed",
        7,
        "--out",
        tmp_path / "out",
        "--quiet",
        "--no-cache",
        "--workers",
        1,
    )
    assert eva(*command).status == 0
    for table in ("users", "authorities", "projects", "scan_centres", "workload"):
        mine, theirs = (folder / f"{table}.csv" for folder in (runner.get_folder(run) / "out", tmp_path / "out"))
        assert mine.read_bytes() == theirs.read_bytes(), table
    assert {"users.de.svg", "users.en.svg", "report.html", "summary.json"} <= set(done.tables)
    assert done.items > 100_000
    assert read_progress(runner.get_folder(run))["done"] == 2
    kept = {path: path.read_bytes() for path in (tmp_path / "computed").rglob("*") if path.is_file()}
    assert kept
    again = ask(engine, scenario=None, text=QUICK, replications=2, seed=7)
    assert until(runner, again, "finished", "failed").tables.keys() == done.tables.keys()
    one, two = (runner.get_folder(run) / "out" / "users.csv", runner.get_folder(again) / "out" / "users.csv")
    assert one.read_bytes() == two.read_bytes()
    left = {path: path.read_bytes() for path in (tmp_path / "computed").rglob("*") if path.is_file()}
    assert left == kept, "what was computed before is not computed again"


def test_a_cancelled_run_leaves_no_process_and_no_folder(engine: Engine, runner: Runner) -> None:
    run = ask(engine, **LONG)
    worker = working(runner, run)
    engine.handle(CancelRun(), PLANNER, stream(run))
    runner.run_once()
    assert gone(worker.pid)
    assert not runner.get_folder(run).exists()
    assert state(engine, run).state == "cancelled"
    with pytest.raises(NotAllowed) as no:
        engine.handle(CancelRun(), PLANNER, stream(run))
    assert no.value.allowed_actions == ()


def test_a_killed_worker_is_started_again_but_not_for_ever(engine: Engine, runner: Runner) -> None:
    run = ask(engine, **LONG)
    for _ in range(2):
        os.killpg(working(runner, run).pid, signal.SIGKILL)
        runner._workers[run]._process.wait()
        runner.run_once()
    assert state(engine, run).crashes == 2
    assert state(engine, run).reason_de is None, "it runs again, and that is told no longer"
    os.killpg(working(runner, run).pid, signal.SIGKILL)
    failed = until(runner, run, "failed")
    assert "signal 9, 3 times" in failed.reason
    assert failed.reason_de == "Signal 9 beendete den Rechenprozess, 3 Mal"


def test_what_a_killed_server_was_computing_is_computed_by_the_next(
    engine: Engine, runner: Runner, tmp_path: Path
) -> None:
    """The worker ends with its server, and only then does another one take the run up."""
    run = ask(engine, **LONG)
    worker = working(runner, run)
    other = Runner(engine, tmp_path / "runs")
    other.run_once()
    assert state(engine, run).state == "running"
    with pytest.raises(Busy):
        Lock(runner.get_folder(run))
    worker._process.stdin.close()  # as the kernel does for a server that was killed
    worker._process.wait(PATIENT)
    forget(runner)
    again = working(other, run)
    assert again.pid != worker.pid
    assert state(engine, run).crashes == 0
    other._leave()
    assert gone(again.pid)
    waiting = state(engine, run)
    assert waiting.state == "queued"
    why = "der Server wurde angehalten, während sie lief", "the server was stopped while it was running"
    assert (waiting.reason_de, waiting.reason) == why
    for language, says in zip(("de", "en"), why, strict=True):
        told = _environment(language).get_template("run_parts.html.j2").module.say_requeued(waiting)
        assert says in told


def test_tables_that_were_written_before_the_server_died_are_not_computed_twice(
    engine: Engine, recalling: Runner, tmp_path: Path
) -> None:
    run = ask(engine, scenario=None, text=QUICK, **COMPUTED_BEFORE)
    until(recalling, run, "running")
    recalling._workers[run]._process.wait(PATIENT)
    forget(recalling)  # the server dies before it writes the event
    other = Runner(engine, tmp_path / "runs")
    other.run_once()
    assert state(engine, run).state == "finished"
    assert other._workers == {}


def test_a_scenario_handed_in_builds_on_a_shipped_one(engine: Engine, recalling: Runner) -> None:
    run = ask(engine, scenario=None, text=QUICK, **COMPUTED_BEFORE)
    done = until(recalling, run, "finished", "failed")
    assert done.state == "failed" or done.tables, done
    assert done.state == "finished", done.reason


def test_a_scenario_that_cannot_be_used_fails_at_once_with_its_fault(engine: Engine, runner: Runner) -> None:
    run = ask(engine, scenario=None, text="kind: rollout\nname: 7\n")
    failed = until(runner, run, "finished", "failed")
    assert failed.state == "failed"
    assert "scenario.yaml:1:1: `adoption` is missing" in failed.reason
    assert "scenario.yaml:1:1: `adoption` fehlt" in failed.reason_de
    assert failed.crashes == 0


@pytest.mark.parametrize(
    ("limits", "told"),
    [({"longest": timedelta(seconds=0.1)}, ("dauerte länger als", "took more than")),
     ({"memory": 1_000_000}, ("brauchte mehr als 0 MB", "needed more than 0 MB"))],
)  # fmt: skip
def test_a_run_that_needs_too_much_is_ended(
    engine: Engine, tmp_path: Path, limits: dict[str, int] | dict[str, timedelta], told: tuple[str, str]
) -> None:
    runner = Runner(engine, tmp_path / "runs", replace(Limits(), **limits))
    run = ask(engine, **LONG)
    until(runner, run, "running")
    pid = runner._workers[run].pid
    failed = until(runner, run, "failed")
    assert told[1] in failed.reason
    assert told[0] in failed.reason_de
    assert gone(pid)


def test_only_so_many_run_at_once_and_the_first_come_first(engine: Engine, tmp_path: Path) -> None:
    runner = Runner(engine, tmp_path / "runs", Limits(at_once=1))
    first, second = (ask(engine, **LONG) for _ in range(2))
    until(runner, first, "running")
    runner.run_once()
    assert state(engine, second).state == "queued"
    engine.handle(CancelRun(), PLANNER, stream(first))
    until(runner, second, "running")
    runner._leave()


def test_old_tables_make_room(engine: Engine, tmp_path: Path) -> None:
    runner = Runner(engine, tmp_path / "runs", Limits(kept=1, at_once=1))
    first, second = ask(engine), ask(engine)
    for run in (first, second):
        (tmp_path / "runs" / run / "out").mkdir(parents=True)
        engine.handle(StartRun(), SYSTEM, stream(run))
        engine.handle(FinishRun(scenario_hash="ab" * 32, items=1, tables={}), SYSTEM, stream(run))
    runner.run_once()
    runner.run_once()
    assert state(engine, first).state == "discarded"
    assert state(engine, second).state == "finished"
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [second]


def test_who_may_ask_and_who_may_know(engine: Engine) -> None:
    with pytest.raises(Forbidden):
        ask(engine, replace(PLANNER, roles=frozenset({Role.CASE_WORKER})))
    run = ask(engine)
    for stranger in (replace(PLANNER, authority="mhkbg"), replace(PLANNER, roles=frozenset({Role.AUDITOR}))):
        assert not state(engine, run).known_to(stranger)
        with pytest.raises(NotFound):
            engine.handle(CancelRun(), stranger, stream(run))
    everywhere = replace(PLANNER, authority=None, roles=frozenset({Role.ADMIN}))
    assert state(engine, run).known_to(everywhere)
    context = Context(stream(run), everywhere, engine.clock(), engine.rules, lambda _: None, str)
    assert [option.action for option in options(state(engine, run), context) if option.allowed] == ["cancel"]
    assert not state(engine, ask(engine, everywhere)).known_to(PLANNER)


def test_two_servers_on_one_database_share_the_work(postgresql: str, tmp_path: Path) -> None:
    """Each run is started once, whoever is quicker; one cancelled at the one server ends at the other."""
    engines = [Engine(postgresql, catalogue=replace(WORKFLOW, kinds={**WORKFLOW.kinds, "run": KIND})) for _ in range(2)]
    runners = [Runner(engine, tmp_path / "runs", Limits(at_once=2)) for engine in engines]
    try:
        asked = [ask(engines[number % 2], **LONG) for number in range(4)]
        end = time.monotonic() + 120
        while sum(len(runner._workers) for runner in runners) < 4 and time.monotonic() < end:
            together(runners)
        assert [len(runner._workers) for runner in runners] == [2, 2]
        assert {run for runner in runners for run in runner._workers} == set(asked)
        for run in asked:
            assert [row.type for row in engines[0].log.read(stream(run))] == ["run.requested", "run.started"]
        pids = [worker.pid for runner in runners for worker in runner._workers.values()]
        for run in asked:
            engines[0].handle(CancelRun(), PLANNER, stream(run))
        together(runners)
        assert all(gone(pid) for pid in pids)
    finally:
        for runner in runners:
            runner._leave()
        for engine in engines:
            engine.close()


def together(runners):
    """One turn of each at the same time."""
    threads = [threading.Thread(target=runner.run_once) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
