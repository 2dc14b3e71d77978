"""Replications on several processes: this machine's, a Dask cluster's or a Ray cluster's. Order never matters.

Each engine yields results as they come; the caller puts them in order, so any number of workers and any engine give
the same bytes.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from functools import partial
from typing import Any

from simulation.programme import Scenario
from simulation.replication import Replication, replicate

Numbered = tuple[int, Replication]


class EngineUnavailable(RuntimeError):
    """The library of an engine is not installed; the message says how to install it."""


def run(scenario: Scenario, mode: str, seed: int, replications: int, workers: int, engine: str) -> Iterator[Numbered]:
    """Yield (number, replication) as they finish."""
    task = partial(_numbered, scenario, mode, seed)
    return ENGINES[engine](task, replications, min(workers, replications))


def _numbered(scenario: Scenario, mode: str, seed: int, number: int) -> Numbered:
    return number, replicate(scenario, mode, seed, number)


def _local(task: Callable[[int], Numbered], replications: int, workers: int) -> Iterator[Numbered]:
    if workers == 1:
        yield from map(task, range(replications))
        return
    # A fresh interpreter per worker: forking a process that runs threads (progress bar, table library) is not safe.
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = [pool.submit(task, number) for number in range(replications)]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _dask(task: Callable[[int], Numbered], replications: int, workers: int) -> Iterator[Numbered]:
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


def _ray(task: Callable[[int], Numbered], replications: int, workers: int) -> Iterator[Numbered]:
    """On the cluster named by RAY_ADDRESS, else on one of this machine's."""
    try:
        import ray  # noqa: PLC0415  # an optional extra
    except ImportError as missing:
        raise EngineUnavailable("engine ray needs the extra `ray`: pip install 'eva[ray]'") from missing
    with suppress(RuntimeError):
        ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False, ignore_reinit_error=True)
    remote = ray.remote(task)
    waiting = [remote.remote(number) for number in range(replications)]
    try:
        while waiting:
            done, waiting = ray.wait(waiting, num_returns=1)
            yield ray.get(done[0])
    finally:
        ray.shutdown()


ENGINES: dict[str, Callable[[Callable[[int], Numbered], int, int], Iterator[Numbered]]] = {
    "local": _local,
    "dask": _dask,
    "ray": _ray,
}
