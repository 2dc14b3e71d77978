"""A cluster of a scheduler and workers, each a process of its own, some of which are killed during a run.

Starting Python six times takes a while, so this is part of `make soak` (EVA_SOAK).
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulation.questions.runs import Runs, Setting
from simulation.workers import EngineUnavailable, open_workers
from tests.conftest import load_small
from tests.patience import PATIENT

pytestmark = pytest.mark.skipif(not os.environ.get("EVA_SOAK"), reason="part of make soak (EVA_SOAK)")
SCENARIO = load_small()
RUNS = range(120)


class Cluster:
    """A scheduler and its workers on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
        self.workers = [self.add_worker(), self.add_worker()]

    def add_worker(self) -> "subprocess.Popen[bytes]":
        options = ("--nthreads", "1", "--nworkers", "1", "--no-dashboard", "--no-nanny", "--death-timeout", "60")
        return self._start("worker", self.address, *options, "--local-directory", str(self._folder))

    def _start(self, *words: str) -> "subprocess.Popen[bytes]":
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen([sys.executable, "-m", "dask", *words], stdout=log, stderr=log)

    def wait(self) -> None:
        import distributed

        with distributed.Client(self.address, timeout=PATIENT) as client:
            client.wait_for_workers(2, timeout=PATIENT)

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    import dask

    found = Cluster(tmp_path)
    try:
        found.wait()
        with dask.config.set({"scheduler-address": found.address}):
            yield found
    finally:
        found.close()


def test_runs_are_the_same_though_every_worker_is_killed_in_turn(cluster: Cluster) -> None:
    killed = 0

    def kill(done: int, _wanted: int) -> None:
        nonlocal killed
        if done >= 20 * (killed + 1) and killed < 2:
            cluster.workers.append(cluster.add_worker())
            os.kill(cluster.workers[killed].pid, signal.SIGKILL)
            killed += 1

    with open_workers(1, "dask") as work:
        found = Runs(work, Setting(7), kill).get([SCENARIO], RUNS)[0]
    with open_workers(1) as work:
        alone = Runs(work, Setting(7)).get([SCENARIO], RUNS)[0]
    assert killed == 2
    assert [run.delay[0] for run in found] == [run.delay[0] for run in alone]


def test_a_lost_scheduler_ends_the_question_in_a_line_and_what_was_computed_is_kept(
    cluster: Cluster, tmp_path: Path
) -> None:
    def kill(done: int, _wanted: int) -> None:
        if done >= 20:
            cluster.scheduler.kill()
            time.sleep(1)

    setting = Setting(7, kept=tmp_path / "kept")
    with pytest.raises(EngineUnavailable, match="cluster"), open_workers(1, "dask") as work:
        Runs(work, setting, kill).get([SCENARIO], RUNS)
    with open_workers(1) as work:
        again = Runs(work, setting)
        again.get([SCENARIO], RUNS)
    assert 0 < again.computed <= len(RUNS) - 20
