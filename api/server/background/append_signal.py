"""Who waits for something new in the log."""

import asyncio
from contextlib import suppress


class AppendSignal:
    """Wakes streams when this process has appended; others are noticed by looking again after a while."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    async def wait(self, seconds: float) -> None:
        event = asyncio.Event()
        self._waiting[event] = asyncio.get_running_loop()
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), seconds)
        finally:
            del self._waiting[event]

    def notify(self) -> None:
        """Something was appended; called in any thread."""
        for event, loop in list(self._waiting.items()):
            with suppress(RuntimeError):  # the loop has closed meanwhile
                loop.call_soon_threadsafe(event.set)
