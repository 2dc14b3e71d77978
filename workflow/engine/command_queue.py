"""The command queue: commands of many callers are run together as one batch, and each caller has its own answer.

Callers either block their thread (`run`) or await (`run_soon`, on an event loop). A blocking caller that comes first
leads: it takes what has gathered, runs it as one batch, wakes the next of them with its result and hands the lead to
the first that still waits. Each that wakes up wakes the next: woken all at once, they would only queue for the
interpreter, at twice the switches between threads. Those who await have no thread to lead with; a worker, started with
the first of them, leads where one of them is first. The queue is bounded; whoever finds it full is told so at once.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from itertools import pairwise
from typing import Any, Generic, TypeVar

from workflow.errors import StoreBusy, StoreUnavailable

A = TypeVar("A")
R = TypeVar("R")

LARGEST = 256
"""Commands in one batch."""
MOST_BLOCKED = 10_000
MOST_AWAITED = 2_000
"""Commands in the queue from which on a further one is refused; on an event loop they come from outside."""


class Call(Generic[A, R]):
    __slots__ = ("argument", "done", "error", "future", "leads", "next", "result", "wake")

    def __init__(self, argument: A, future: "asyncio.Future[R] | None" = None) -> None:
        self.argument = argument
        self.future = future
        """Of a caller that awaits; the others have `wake`."""
        self.result: R | None = None
        self.error: BaseException | None = None
        self.leads = False
        self.done = False
        self.next: Call[A, R] | None = None
        """Whom to wake after oneself."""
        self.wake: threading.Lock | None = None
        """Held until it is one's turn, by callers that block and do not lead at once."""


class CommandQueue(Generic[A, R]):
    """`batch` gets up to `largest` calls at once and sets `result` or `error` of each."""

    def __init__(
        self,
        batch: Callable[[list[Call[A, R]]], None],
        *,
        largest: int = LARGEST,
        most_blocked: int = MOST_BLOCKED,
        most_awaited: int = MOST_AWAITED,
    ) -> None:
        self._batch = batch
        self._largest = largest
        self._most_blocked = most_blocked
        self._most_awaited = most_awaited
        self._queue: deque[Call[A, R]] = deque()
        self._mutex = threading.Lock()
        self._led = False
        self._closed = False
        self._worker: threading.Thread | None = None
        self._wake_worker = threading.Semaphore(0)

    def run(self, argument: A) -> R:
        """The result, once its whole batch is done; raises what `batch` set as error."""
        call: Call[A, R] = Call(argument)
        with self._mutex:
            self._add(call, self._most_blocked)
            if self._led:
                call.wake = threading.Lock()
                call.wake.acquire()
            else:
                call.leads = self._led = True
        self._wait(call)
        if call.error is not None:
            raise call.error
        return call.result  # type: ignore[return-value]

    async def run_soon(self, argument: A) -> R:
        """As `run`, without blocking the event loop.

        A caller that goes away meanwhile does not take its command along.
        """
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        with self._mutex:
            self._add(Call(argument, future), self._most_awaited)
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="eva-commands", daemon=True)
                self._worker.start()
            if not self._led:
                self._led = True
                self._wake_worker.release()
        return await future

    def close(self) -> None:
        with self._mutex:
            self._closed = True
            if not self._led:
                self._wake_worker.release()
        if self._worker is not None:
            self._worker.join()

    def _add(self, call: Call[A, R], most: int) -> None:
        if self._closed:
            raise StoreUnavailable("the server is stopping", "Der Server hält an")
        if len(self._queue) >= most:
            raise StoreBusy("too many commands are waiting", "Zu viele Kommandos warten")
        self._queue.append(call)

    def _work(self) -> None:
        """Lead whenever one that awaits is first, until closed and nothing waits."""
        while True:
            self._wake_worker.acquire()
            with self._mutex:
                if self._closed and not self._queue:
                    self._led = False
                    return
            self._lead()

    def _wait(self, call: Call[A, R]) -> None:
        called = False
        try:
            if call.wake is not None:
                call.wake.acquire()
            called = True
            self._go_on(call)
        except BaseException:  # interrupted, as by Ctrl-C; others still wait for what was to be done here
            if not called:
                threading.Thread(target=self._stand_in, args=(call,)).start()
            raise

    def _stand_in(self, call: Call[A, R]) -> None:
        while call.wake is not None and not (call.leads or call.done):
            call.wake.acquire(timeout=0.05)  # not by the lock alone: the caller may have had it when interrupted
        self._go_on(call)

    def _go_on(self, call: Call[A, R]) -> None:
        """What whoever is awake does for those who are not: lead, or wake the next."""
        if call.leads:
            self._lead()
        elif call.next is not None:
            call.next.wake.release()  # type: ignore[union-attr]  # who follows blocks

    def _lead(self) -> None:
        """Run one batch, with one's own call in it, then pass the lead on."""
        with self._mutex:
            calls = [self._queue.popleft() for _ in range(min(len(self._queue), self._largest))]
        try:
            self._batch(calls)
        except BaseException as error:
            for call in calls:
                call.error = call.error or error
            if not isinstance(error, Exception):
                raise
        finally:
            heir = self._pass_on()
            if len(calls) != 1 or not calls[0].leads:  # a caller all alone has nobody to tell
                _wake_followers([call for call in calls if not call.leads and call.future is None])
            if heir is not None:
                heir.release()
            if self._worker is not None:
                _settle([call for call in calls if call.future is not None])

    def _pass_on(self) -> "threading.Lock | threading.Semaphore | None":
        """Name who leads next, if anybody waits; what wakes them."""
        with self._mutex:
            heir = self._queue[0] if self._queue else None
            self._led = heir is not None or (self._closed and self._worker is not None)
            if heir is not None and heir.future is None:
                heir.leads = True
                return heir.wake
            return self._wake_worker if self._led else None


def _wake_followers(calls: list[Call[Any, Any]]) -> None:
    """Wake the first of those who block; it wakes the next."""
    for call, following in pairwise(calls):
        call.next = following
    for call in calls:
        call.done = True
    if calls:
        calls[0].wake.release()  # type: ignore[union-attr]


def _settle(calls: list[Call[Any, Any]]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[Call[Any, Any]]] = {}
    for call in calls:
        by_loop.setdefault(call.future.get_loop(), []).append(call)  # type: ignore[union-attr]
    for loop, some in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_give, some)


def _give(calls: list[Call[Any, Any]]) -> None:
    for call in calls:
        if call.future is None or call.future.done():
            continue  # the caller has gone
        if call.error is not None:
            call.future.set_exception(call.error)
        else:
            call.future.set_result(call.result)
