"""Work that may take long: each kind has a few threads or processes of its own, a line of bounded length before them,
and each caller their share of both.

Who waits in the line waits on the event loop and holds no thread. Work whose request has ended, because it took too
long or its client went away, is told so or killed, and holds its place until it has really ended.
"""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar, TypeVarTuple, cast

from anyio import BrokenWorkerProcess, CapacityLimiter, to_process
from starlette.requests import ClientDisconnect, HTTPConnection, Request

from api.application.errors import TooMany
from api.application.tokens import Holder
from workflow.errors import StoreBusy, StoreUnavailable

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

GivenUp = threading.Event
"""Set when nobody waits any more for what is being done."""


class Line:
    """How many of a kind are waiting or under way, in all and of each caller; safe to use in any thread."""

    def __init__(self, most: int, share: int) -> None:
        self._most = most
        self._share = share
        self._lock = threading.Lock()
        self.length = 0
        self.by_caller: dict[str, int] = {}

    def enter(self, caller: str) -> None:
        """Raise `TooMany` where the caller has their share, `StoreBusy` where the line is full."""
        with self._lock:
            if self.by_caller.get(caller, 0) >= self._share:
                raise TooMany("so much of yours is under way already", "So viel von Ihnen ist schon in Arbeit", 1.0)
            if self.length >= self._most:
                raise StoreBusy("too many are waiting for this now", "Zurzeit warten zu viele darauf")
            self.length += 1
            self.by_caller[caller] = self.by_caller.get(caller, 0) + 1

    def leave(self, caller: str) -> None:
        with self._lock:
            self.length -= 1
            self.by_caller[caller] -= 1
            if not self.by_caller[caller]:
                del self.by_caller[caller]

    @contextmanager
    def place(self, caller: str) -> Iterator[None]:
        self.enter(caller)
        try:
            yield
        finally:
            self.leave(caller)


class Threads:
    """One kind of work, in threads of its own."""

    def __init__(self, kind: str, at_once: int, waiting: int, share: int) -> None:
        self.line = Line(at_once + waiting, share)
        self._threads = ThreadPoolExecutor(at_once, f"eva-{kind}")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def run(self, request: Request, holder: Holder, work: Callable[[GivenUp], T]) -> T:
        """The result of `work`, which has to look now and then whether it was given up; raises as `Line.enter`."""
        caller = holder.name
        self.line.enter(caller)
        given_up = GivenUp()
        future: Future[T] = self._threads.submit(work, given_up)
        future.add_done_callback(lambda _: self.line.leave(caller))
        try:
            return await unless_gone(request, asyncio.wrap_future(future))
        finally:
            given_up.set()


NICE = 5
"""How far work in processes of its own stands behind the server, which answers everybody else: somebody waits for it,
so that it stands before computed runs (`api.server.jobs.worker.NICENESS`)."""


def _do_behind_others(work: Callable[[*Ts], T], *args: *Ts) -> T:
    if hasattr(os, "setpriority"):  # POSIX only; elsewhere such work shares the processor with the server
        os.setpriority(os.PRIO_PROCESS, 0, NICE)
    return work(*args)


class Processes:
    """One kind of work, in processes of its own, which are killed where it is given up."""

    def __init__(self, at_once: int, waiting: int, share: int) -> None:
        self.line = Line(at_once + waiting, share)
        self._at_once = at_once
        self._limiter: CapacityLimiter | None = None

    async def run(self, request: Request, holder: Holder, work: Callable[[*Ts], T], *args: *Ts) -> T:
        """The result of `work`, a function of a module; it, arguments and result can be pickled. As `Line.enter`."""
        with self.line.place(holder.name):
            if self._limiter is None:
                self._limiter = CapacityLimiter(self._at_once)  # belongs to the event loop
            doing = to_process.run_sync(_do_behind_others, work, *args, cancellable=True, limiter=self._limiter)
            try:
                return await unless_gone(request, doing)
            except BrokenWorkerProcess as broken:
                raise StoreUnavailable(
                    "the process ended before it was done", "Der Prozess ist abgebrochen"
                ) from broken


@dataclass(frozen=True)
class Work:
    """Every kind of work that may take long. The sizes are those of docs/reference/api.md."""

    scenarios: Processes = field(default_factory=lambda: Processes(2, 8, 2))
    questions: Threads = field(default_factory=lambda: Threads("questions", 2, 256, 64))
    """What may be done with a thing, for which every rule of its machine is looked at."""
    counts: Threads = field(default_factory=lambda: Threads("counts", 1, 16, 4))
    """Over every scan batch."""
    clocks: Threads = field(default_factory=lambda: Threads("clocks", 2, 16, 4))
    sandboxes: Threads = field(default_factory=lambda: Threads("sandboxes", 2, 16, 8))
    uploads: Line = field(default_factory=lambda: Line(16, 4))
    """Files on their way to the disk, which hold no thread."""
    files: Threads = field(default_factory=lambda: Threads("files", 2, 32, 16))
    tables: Threads = field(default_factory=lambda: Threads("tables", 2, 32, 8))
    bodies: Threads = field(default_factory=lambda: Threads("bodies", 2, 64, 16))

    def close(self) -> None:
        for kind in vars(self).values():
            if isinstance(kind, Threads):
                kind.close()


async def unless_gone(request: Request, result: Awaitable[T]) -> T:
    """The result; cancelled with whoever waits for it, and with `ClientDisconnect` where the client goes away."""
    working = asyncio.ensure_future(result)
    watching = asyncio.create_task(_wait_until_gone(request))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        watching.cancel()
        if not working.done():
            working.cancel()


async def _wait_until_gone(request: Request) -> None:
    """Ends when the client has gone; what is left of a body is not wanted any more."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def get_work(request: HTTPConnection) -> Work:
    return cast("Work", request.app.state.work)
