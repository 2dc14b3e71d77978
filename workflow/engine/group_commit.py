"""Group commit: calls from many threads are handled together by whichever of them comes first.

The first caller leads: it takes what has gathered, runs it as one batch, wakes the next of them with its result and
hands the lead to one that is still waiting. Each that wakes up wakes the next: woken all at once, they would only
queue for the interpreter, at twice the switches between threads. A single caller never waits for another thread, and
there is no thread to start, stop or lose. The queue is bounded; whoever finds it full is told so at once.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Generic, TypeVar

from workflow.errors import StoreBusy

A = TypeVar("A")
R = TypeVar("R")


class Call(Generic[A, R]):
    """One caller's request, and what became of it."""

    __slots__ = ("argument", "done", "error", "leads", "next", "result", "wake")

    def __init__(self, argument: A) -> None:
        self.argument = argument
        self.result: R | None = None
        self.error: BaseException | None = None
        self.leads = False
        self.done = False
        self.next: Call[A, R] | None = None
        """Whom to wake after oneself."""
        self.wake = threading.Lock()
        self.wake.acquire()


class GroupCommit(Generic[A, R]):
    """`run` gets up to `largest` calls at once and sets `result` or `error` of each."""

    def __init__(self, run: Callable[[list[Call[A, R]]], None], largest: int = 256, waiting: int = 10_000) -> None:
        self._run = run
        self._largest = largest
        self._waiting = waiting
        self._queue: deque[Call[A, R]] = deque()
        self._mutex = threading.Lock()
        self._led = False

    def __call__(self, argument: A) -> R:
        """The result, once its whole batch is done; raises what `run` set as error."""
        call: Call[A, R] = Call(argument)
        with self._mutex:
            if len(self._queue) >= self._waiting:
                raise StoreBusy("too many commands are waiting", "Zu viele Kommandos warten")
            self._queue.append(call)
            call.leads = not self._led
            self._led = True
        self._wait([call])
        if call.error is not None:
            raise call.error
        return call.result  # type: ignore[return-value]

    def many(self, arguments: Sequence[A]) -> list[R | BaseException]:
        """As many calls from one thread: they queue together, and each has its result or its error."""
        calls: list[Call[A, R]] = [Call(argument) for argument in arguments]
        with self._mutex:
            if len(self._queue) + len(calls) > self._waiting:
                return [StoreBusy("too many commands are waiting", "Zu viele Kommandos warten") for _ in calls]
            self._queue.extend(calls)
            if calls and not self._led:
                self._led = calls[0].leads = True
        self._wait(calls)
        return [call.error or call.result for call in calls]  # type: ignore[misc]  # one of the two is set

    def _wait(self, calls: list[Call[A, R]]) -> None:
        """For each in the order of the queue, so that whoever is waited for here leads all behind it."""
        for at, call in enumerate(calls):
            left = calls[at:]
            try:
                if not call.leads:
                    call.wake.acquire()
                left = calls[at + 1 :]
                self._go_on(call)
            except BaseException:  # interrupted, as by Ctrl-C; others still wait for what was to be done here
                if left:
                    threading.Thread(target=self._stand_in, args=(left,)).start()
                raise

    def _stand_in(self, calls: list[Call[A, R]]) -> None:
        for call in calls:
            while not (call.leads or call.done):  # not by the lock alone: the caller may have had it when interrupted
                call.wake.acquire(timeout=0.05)
            self._go_on(call)

    def _go_on(self, call: Call[A, R]) -> None:
        """What whoever is awake does for those who are not: lead, or wake the next."""
        if call.leads:
            self._lead()
        elif call.next is not None:
            call.next.wake.release()

    def _lead(self) -> None:
        """Run one batch, with one's own call in it, then pass the lead on."""
        with self._mutex:
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), self._largest))]
        try:
            self._run(batch)
        except BaseException as error:
            for call in batch:
                call.error = call.error or error
            if not isinstance(error, Exception):
                raise
        finally:
            with self._mutex:
                heir = self._queue[0] if self._queue else None
                self._led = heir is not None
                if heir is not None:
                    heir.leads = True
            followers = [call for call in batch if not call.leads]
            for call, following in pairwise(followers):
                call.next = following
            for call in followers:
                call.done = True
            if followers:
                followers[0].wake.release()
            if heir is not None:
                heir.wake.release()
