"""Workers that stay for as long as they are needed: this machine's processes, a Dask cluster's or a Ray cluster's.

Results come in any order, and whoever asks puts them in order, so any number of workers and any engine give the same
bytes. A worker that is lost is replaced, and what it was doing is done again.
"""

import logging
import multiprocessing
import os
import signal
import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from hashlib import sha256
from multiprocessing import resource_tracker
from pathlib import Path
from pickle import dumps, loads
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from workflow.text import Text

I = TypeVar("I")  # noqa: E741  # an item of work
R = TypeVar("R")
Workers = Callable[[Callable[[Any], Any], Sequence[Any]], Generator[Any, None, None]]
"""Called with a function and items; gives the results as they come, in any order. The function may hold much, such as
a scenario: it is sent to each worker once, by its content.
"""
MOST_LOST = 5
"""Times that lost workers are replaced before the work is given up."""
MOST_REMEMBERED = 16
"""Functions that a worker keeps."""


class EngineUnavailable(RuntimeError):
    """The library of an engine is not installed, or its cluster was lost; the message says what to do."""

    def __init__(self, de: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(de, en)


@contextmanager
def open_workers(
    workers: int, engine: str = "local", prepare: Callable[[], object] | None = None
) -> Iterator[Workers]:  # fmt: skip
    """Workers for as long as the context lasts; raises `EngineUnavailable` where an engine is not installed.

    `prepare`: what processes of this machine do as soon as they are there, while whoever opened them does something
    else, such as loading what their work needs. It changes no result.
    """
    with ENGINES[engine](workers, prepare) as work:
        yield work


@contextmanager
def _open_local(workers: int, prepare: Callable[[], object] | None) -> Iterator[Workers]:
    if workers == 1:
        yield lambda do, items: (do(item) for item in items)
        return
    with TemporaryDirectory(prefix="eva-workers-") as folder:
        pool = _LocalPool(workers, Path(folder))
        try:
            if prepare:
                pool.prepare(prepare)
            yield pool.map
        except BaseException:  # an interrupt too: what is under way is no longer wanted
            pool.stop()
            raise
        pool.close()


class _LocalPool:
    """Processes of this machine, begun when they are prepared or the first work comes. `folder`: where functions lie
    for them.
    """

    def __init__(self, workers: int, folder: Path) -> None:
        self._workers, self._folder, self._lost = workers, folder, 0
        self._others = set(multiprocessing.active_children())
        self._pool: ProcessPoolExecutor | None = None

    def prepare(self, do: Callable[[], object]) -> None:
        """Begin the processes; one that fails here fails at its work too, and says so there."""
        with block_interrupts():
            for _ in range(self._workers):
                self._get_pool().submit(do)

    def map(self, do: Callable[[I], R], items: Sequence[I]) -> Generator[R, None, None]:
        file, left = self._write(do), list(items)
        while left:
            try:
                with block_interrupts():
                    futures = {self._get_pool().submit(_do_from_file, file, item): item for item in left}
                for future in as_completed(futures):
                    result = future.result()
                    left.remove(futures[future])
                    yield result
            except BrokenProcessPool:
                self._lost += 1
                if self._lost > MOST_LOST:
                    raise
                self._pool = None

    def _write(self, do: Callable[[I], R]) -> str:
        packed = dumps(do)
        file = self._folder / sha256(packed).hexdigest()
        if not file.exists():
            file.write_bytes(packed)
        return str(file)

    def _get_pool(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # A fresh interpreter per worker: forking a process that runs threads (progress bar, tables) is not safe.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._workers, mp_context=context, initializer=end_with_parent)
        return self._pool

    def stop(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        for worker in set(multiprocessing.active_children()) - self._others:
            worker.terminate()
            worker.join()

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()


_KNOWN: OrderedDict[str, Callable[[Any], Any]] = OrderedDict()
"""In a worker the functions it was sent, by file: unpacking a scenario takes as long as simulating it."""


def _do_from_file(file: str, item: Any) -> Any:
    if file not in _KNOWN:
        while len(_KNOWN) >= MOST_REMEMBERED:
            _KNOWN.popitem(last=False)
        _KNOWN[file] = loads(Path(file).read_bytes())  # noqa: S301  # from our own main process
    _KNOWN.move_to_end(file)
    return _KNOWN[file](item)


def end_with_parent() -> None:
    """End this worker when its main process was killed; it would wait for work forever.

    Where no signals can be blocked while it is started (Windows), it learns here to leave Ctrl-C to the main process.
    """
    if not hasattr(signal, "pthread_sigmask"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def wait_and_end() -> None:
        parent = multiprocessing.parent_process()
        if parent:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait_and_end, daemon=True).start()


@contextmanager
def block_interrupts() -> Iterator[None]:
    """Start processes here that ignore Ctrl-C: the main process receives it too and ends them itself."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # lifts the block when it starts, so that workers behind it would not have it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _open_dask(workers: int, _prepare: Callable[[], object] | None) -> Iterator[Workers]:
    """On the cluster named by DASK_SCHEDULER_ADDRESS, else on one of this machine's."""
    try:
        import dask  # noqa: PLC0415  # an optional extra
        import distributed  # noqa: PLC0415
    except ImportError as missing:
        raise EngineUnavailable(
            "engine dask braucht das Extra `cluster`: pip install 'eva[cluster]'",
            "engine dask needs the extra `cluster`: pip install 'eva[cluster]'",
        ) from missing
    local: dict[str, Any] = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.Client(**({} if dask.config.get("scheduler-address", None) else local)) as client:

        def work(do: Callable[[Any], Any], items: Sequence[Any]) -> Generator[Any, None, None]:
            # Unpacked by a task of its own, which the scheduler does again where all who had it are lost.
            shared = client.submit(loads, dumps(do), pure=False, retries=MOST_LOST)
            futures = [client.submit(_call, shared, item, pure=False, retries=MOST_LOST) for item in items]
            for future in distributed.as_completed(futures):
                try:
                    result = future.result()
                except (distributed.client.FutureCancelledError, OSError) as lost:
                    raise EngineUnavailable(
                        "der Verteiler des Verbunds ist weg; bitte noch einmal",
                        "the scheduler of the cluster was lost; ask again",
                    ) from lost
                yield result
                future.release()

        yield work


@contextmanager
def _open_ray(workers: int, _prepare: Callable[[], object] | None) -> Iterator[Workers]:
    """On the cluster named by RAY_ADDRESS, else on one of this machine's."""
    try:
        import ray  # noqa: PLC0415  # an optional extra
    except ImportError as missing:
        raise EngineUnavailable(
            "engine ray braucht das Extra `ray`: pip install 'eva[ray]'",
            "engine ray needs the extra `ray`: pip install 'eva[ray]'",
        ) from missing
    local: dict[str, Any] = {"num_cpus": workers, "include_dashboard": False}
    ray.init(log_to_driver=False, logging_level=logging.ERROR, **({} if os.environ.get("RAY_ADDRESS") else local))

    def work(do: Callable[[Any], Any], items: Sequence[Any]) -> Generator[Any, None, None]:
        shared, remote = ray.put(do), ray.remote(_call).options(max_retries=MOST_LOST)
        waiting = [remote.remote(shared, item) for item in items]
        while waiting:
            done, waiting = ray.wait(waiting, num_returns=1)
            yield ray.get(done[0])

    try:
        yield work
    finally:
        ray.shutdown()


def _call(do: Callable[[Any], Any], item: Any) -> Any:
    return do(item)


ENGINES = {"local": _open_local, "dask": _open_dask, "ray": _open_ray}
