"""Replications on several processes: this machine's, a Dask cluster's or a Ray cluster's. Order never matters.

Each engine yields results as they come; the caller puts them in order, so any number of workers and any engine give
the same bytes.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from simulation.scenario.programme import Scenario

if TYPE_CHECKING:
    from simulation.forecast.replication import Replication

Numbered = tuple[int, "Replication"]
Results = Generator[Numbered, None, None]


class EngineUnavailable(RuntimeError):
    """The library of an engine is not installed; the message says how to install it."""


def run(scenario: Scenario, mode: str, seed: int, replications: int, workers: int, engine: str) -> Results:
    task = partial(_replicate, scenario, mode, seed)
    return ENGINES[engine](task, replications, min(workers, replications))


def _replicate(scenario: Scenario, mode: str, seed: int, number: int) -> Numbered:
    from simulation.forecast.replication import replicate  # noqa: PLC0415  # the compiler is loaded where the work is done

    return number, replicate(scenario, mode, seed, number)


def _run_local(task: Callable[[int], Numbered], replications: int, workers: int) -> Results:
    if workers == 1:
        yield from map(task, range(replications))
        return
    others = set(multiprocessing.active_children())
    # A fresh interpreter per worker: forking a process that runs threads (progress bar, table library) is not safe.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with_parent)
    try:
        with _block_interrupts():
            futures = [pool.submit(task, number) for number in range(replications)]
        for future in as_completed(futures):
            yield future.result()
    except BaseException:  # an interrupt too: the remaining replications are no longer wanted
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in set(multiprocessing.active_children()) - others:
            worker.terminate()
        raise
    pool.shutdown()


def _end_with_parent() -> None:
    """End this worker when its main process was killed; it would wait for work forever."""

    def wait_and_end() -> None:
        parent = multiprocessing.parent_process()
        if parent:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait_and_end, daemon=True).start()


@contextmanager
def _block_interrupts() -> Iterator[None]:
    """Start processes here that ignore Ctrl-C: the main process receives it too and ends them itself."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _run_dask(task: Callable[[int], Numbered], replications: int, workers: int) -> Results:
    """On the cluster named by DASK_SCHEDULER_ADDRESS, else on one of this machine's."""
    try:
        import dask  # noqa: PLC0415  # an optional extra
        import distributed  # noqa: PLC0415
    except ImportError as missing:
        raise EngineUnavailable("engine dask needs the extra `cluster`: pip install 'eva[cluster]'") from missing
    local: dict[str, Any] = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.Client(**({} if dask.config.get("scheduler-address", None) else local)) as client:
        futures = client.map(task, range(replications), pure=False)
        for future in distributed.as_completed(futures):
            yield future.result()
            future.release()


def _run_ray(task: Callable[[int], Numbered], replications: int, workers: int) -> Results:
    """On the cluster named by RAY_ADDRESS, else on one of this machine's."""
    try:
        import ray  # noqa: PLC0415  # an optional extra
    except ImportError as missing:
        raise EngineUnavailable("engine ray needs the extra `ray`: pip install 'eva[ray]'") from missing
    local: dict[str, Any] = {"num_cpus": workers, "include_dashboard": False}
    ray.init(log_to_driver=False, **({} if os.environ.get("RAY_ADDRESS") else local))
    remote, shared = ray.remote(_call), ray.put(task)
    waiting = [remote.remote(shared, number) for number in range(replications)]
    try:
        while waiting:
            done, waiting = ray.wait(waiting, num_returns=1)
            yield ray.get(done[0])
    finally:
        ray.shutdown()


def _call(task: Callable[[int], Numbered], number: int) -> Numbered:
    return task(number)


ENGINES: dict[str, Callable[[Callable[[int], Numbered], int, int], Results]] = {
    "local": _run_local,
    "dask": _run_dask,
    "ray": _run_ray,
}
