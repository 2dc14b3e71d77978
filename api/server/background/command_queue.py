"""Between the event loop and the engine: commands that come in together are decided and made durable together.

One thread takes what has gathered, hands it to the engine as one call and gives each waiting request its outcome. The
event loop never waits for a disk, and no thread per request fights for the interpreter.
"""

import asyncio
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import NamedTuple

from api.application.service import PreparedCommand
from workflow.engine.engine import Done, Engine
from workflow.errors import EvaError, StoreBusy, StoreUnavailable

LARGEST = 256
MOST_WAITING = 2000


class _Waiting(NamedTuple):
    prepared: PreparedCommand
    future: "asyncio.Future[Done]"
    loop: asyncio.AbstractEventLoop


class CommandQueue:
    """Hands commands of many requests to one engine."""

    def __init__(self, engine: Engine, appended: Callable[[], None] = lambda: None) -> None:
        self._engine = engine
        self._appended = appended
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="eva-commands", daemon=True)
        self._closed = False
        self._thread.start()

    async def handle(self, prepared: PreparedCommand) -> Done:
        """What a command led to, once it is durable; raises what `workflow.errors` lists.

        A request that goes away meanwhile does not take its command along: the outcome is asked for with the same id.
        """
        if self._closed:
            raise StoreUnavailable("the server is stopping", "Der Server hält an")
        if self._queue.qsize() > MOST_WAITING:
            raise StoreBusy("too many commands are waiting", "Zu viele Kommandos warten")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Done] = loop.create_future()
        self._queue.put(_Waiting(prepared, future, loop))
        return await future

    def close(self) -> None:
        """Finish what is waiting, then stop."""
        self._closed = True
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            gathered, last = self._gather(first)
            outcomes = self._outcomes(gathered)
            by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Done], Done | BaseException]]] = {}
            for waiting, outcome in zip(gathered, outcomes, strict=True):
                by_loop.setdefault(waiting.loop, []).append((waiting.future, outcome))
            for loop, settled in by_loop.items():
                if not loop.is_closed():
                    loop.call_soon_threadsafe(self._settle, settled)
            if last:
                return

    def _gather(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        gathered = [first]
        while len(gathered) < LARGEST:
            try:
                waiting = self._queue.get_nowait()
            except Empty:
                break
            if waiting is None:
                return gathered, True
            gathered.append(waiting)
        return gathered, False

    def _outcomes(self, gathered: list[_Waiting]) -> list[Done | BaseException]:
        prepared = [(a.command, a.actor, a.stream, a.expected_version, str(a.command_id)) for a, _, _ in gathered]
        try:
            return self._engine.handle_many(prepared)
        except EvaError as wrong:
            return [wrong] * len(gathered)

    def _settle(self, settled: "list[tuple[asyncio.Future[Done], Done | BaseException]]") -> None:
        for future, outcome in settled:
            if future.done():
                continue  # the request is gone
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
        self._appended()
