"""Workers that stay: they yield everything once, are replaced when they are lost, and unpack a scenario once."""

import os
import signal
import subprocess
import sys
import time
from collections import OrderedDict
from functools import partial
from pathlib import Path
from pickle import dumps
from tempfile import TemporaryDirectory

import pytest

from simulation import workers
from simulation.questions.runs import Runs, Setting
from simulation.workers import MOST_LOST, EngineUnavailable, open_workers
from tests.conftest import load_small
from tests.patience import PATIENT

SCENARIO = load_small()


def make_fatal(mark: Path) -> str:
    """Work that ends its worker the first time that it is done; workers evaluate what they are given."""
    kill = "__import__('os').kill(__import__('os').getpid(), 9)"
    return f"49 if __import__('pathlib').Path({str(mark)!r}).exists() else (open({str(mark)!r}, 'w'), {kill})"


def test_one_worker_is_this_process() -> None:
    with open_workers(1) as work:
        assert sorted(work(eval, ["1 + 1", "2 * 2"])) == [2, 4]
        assert list(work(eval, [])) == []


def test_everything_is_done_once_and_a_lost_worker_is_replaced(tmp_path: Path) -> None:
    squares = [f"{n} * {n}" for n in range(7)]
    with open_workers(2) as work:
        assert sorted(work(eval, squares)) == [n * n for n in range(7)]
        assert sorted(work(eval, ["5 * 5"])) == [25], "the same workers, another time"
        assert sorted(work(eval, [*squares, make_fatal(tmp_path / "died")])) == [n * n for n in range(8)]
        assert (tmp_path / "died").exists(), "no worker was lost: the test shows nothing"
        with pytest.raises(ZeroDivisionError):  # a fault of the work is not tried again
            list(work(eval, ["1 / 0"]))


BEGIN = """
import os, pathlib, time
folder = pathlib.Path({folder!r})
(folder / str(os.getpid())).touch()
for _ in range({most}):  # each waits for the other, so that none does it twice
    if len(list(folder.iterdir())) == 2:
        break
    time.sleep(0.01)
"""


def test_each_worker_prepares_itself_before_any_work_is_there(tmp_path: Path) -> None:
    with open_workers(2, prepare=partial(exec, BEGIN.format(folder=str(tmp_path), most=int(100 * PATIENT)))) as work:
        deadline = time.monotonic() + PATIENT
        while len(list(tmp_path.iterdir())) < 2:
            assert time.monotonic() < deadline, "nobody prepares"
            time.sleep(0.01)
        assert set(work(eval, ["__import__('os').getpid()"])) <= {int(path.name) for path in tmp_path.iterdir()}
    with open_workers(2, prepare=partial(eval, "1 / 0")) as work:
        assert sorted(work(eval, ["1", "2"])) == [1, 2], "what cannot be prepared is done when it is needed"


def test_workers_that_are_always_lost_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "MOST_LOST", 0)
    assert MOST_LOST > 0

    def be_lost() -> None:
        with open_workers(2) as work:
            list(work(eval, ["__import__('os')._exit(1)"]))

    with pytest.raises(workers.BrokenProcessPool):
        be_lost()


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals are not blocked on Windows")
def test_workers_leave_an_interrupt_to_the_main_process_from_their_first_moment_on() -> None:
    code = """
import signal
from simulation.workers import open_workers
def is_blocked(_):
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
if __name__ == "__main__":
    with open_workers(2) as work:
        print(list(work(is_blocked, [1, 2, 3, 4])))
    print(is_blocked(0))
"""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "blocked.py"
        file.write_text(code, encoding="utf-8")
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
        done = subprocess.run([sys.executable, file], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.splitlines() == ["[True, True, True, True]", "False"]


def test_an_interrupt_ends_the_workers() -> None:
    import multiprocessing

    before = set(multiprocessing.active_children())

    def be_interrupted() -> None:
        with open_workers(2) as work:
            next(iter(work(eval, ["1", "2"])))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        be_interrupted()
    end = time.monotonic() + PATIENT
    while set(multiprocessing.active_children()) - before and time.monotonic() < end:
        time.sleep(0.05)
    assert not set(multiprocessing.active_children()) - before


class Counter:
    """A function that remembers how often it was unpacked in this process."""

    unpacked = 0

    def __init__(self, more: int) -> None:
        self.more = more

    def __setstate__(self, state: dict[str, int]) -> None:
        Counter.unpacked += 1
        self.__dict__ = state

    def __call__(self, item: int) -> int:
        return item + self.more


def test_a_function_comes_with_what_it_holds() -> None:
    with open_workers(2) as work:
        assert sorted(work(partial(pow, 2), range(6))) == [1, 2, 4, 8, 16, 32]
        assert sorted(work(partial(pow, 3), range(3))) == [1, 3, 9]


def test_a_function_is_unpacked_once_in_a_process_and_few_are_remembered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(workers, "MOST_REMEMBERED", 2)
    monkeypatch.setattr(workers, "_KNOWN", OrderedDict())
    files = [tmp_path / str(more) for more in range(3)]
    for more, file in enumerate(files):
        file.write_bytes(dumps(Counter(more)))

    def count_unpacked(more: int) -> int:
        before = Counter.unpacked
        assert workers._do_from_file(str(files[more]), 1) == more + 1
        return Counter.unpacked - before

    assert [count_unpacked(more) for more in (0, 0, 1, 0, 2, 0, 1)] == [1, 0, 1, 0, 1, 0, 1]
    assert list(workers._KNOWN) == [str(files[0]), str(files[1])]


def test_runs_are_the_same_on_a_cluster() -> None:
    """Which comes with a scheduler and workers of its own."""

    def run(name: str) -> list[float]:
        with open_workers(1, name) as work:
            return [float(run.delay[0]) for run in Runs(work, Setting(7)).get([SCENARIO], range(12))[0]]

    assert run("dask") == run("local")


def test_an_engine_that_is_not_installed_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(EngineUnavailable, match=r"eva\[ray\]"), open_workers(2, "ray"):
        pass
