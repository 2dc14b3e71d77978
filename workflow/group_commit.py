"""Group commit: calls from many threads are handled together by whichever of them comes first.

The first caller leads: it takes what has gathered, runs it as one batch, wakes the others with their results and hands
the lead to one that is still waiting. A single caller never waits for another thread, and there is no thread to start,
stop or lose. The queue is bounded; whoever finds it full is told so at once.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from workflow.errors import StoreBusy

A = TypeVar("A")
R = TypeVar("R")


class Call(Generic[A, R]):
    """One caller's request, and what became of it."""

    __slots__ = ("argument", "error", "leads", "result", "wake")

    def __init__(self, argument: A) -> None:
        self.argument = argument
        self.result: R | None = None
        self.error: BaseException | None = None
        self.leads = False
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
        if not call.leads:
            call.wake.acquire()
        if call.leads:
            self._lead()
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
        for call in calls:  # in the order of the queue, so whoever is waited for here leads all behind it
            if not call.leads:
                call.wake.acquire()
            if call.leads:
                with suppress(Exception):  # every call of the batch has it as its error
                    self._lead()
        return [call.error or call.result for call in calls]  # type: ignore[misc]  # one of the two is set

    def _lead(self) -> None:
        """Run one batch, with one's own call in it, then pass the lead on."""
        with self._mutex:
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), self._largest))]
        try:
            self._run(batch)
        except BaseException as error:
            for call in batch:
                call.error = call.error or error
            raise
        finally:
            with self._mutex:
                heir = self._queue[0] if self._queue else None
                self._led = heir is not None
                if heir is not None:
                    heir.leads = True
            for call in batch:
                if not call.leads:
                    call.wake.release()
            if heir is not None:
                heir.wake.release()
