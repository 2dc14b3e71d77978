"""Work that takes long: lines with a share for each, places held until it has ended, and that it is told to end."""

import asyncio
import os
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from api.application.errors import TooMany
from api.application.tokens import Holder
from api.server.dependencies.work import GivenUp, Line, Processes, Threads, Work, _do_behind_others
from tests.patience import PATIENT
from workflow.engine.access import Role
from workflow.errors import StoreBusy, StoreUnavailable

"""Seconds that no test waits for unless something is wrong."""


def holder(name: str) -> Holder:
    return Holder(name, frozenset({Role.PLANNER}), "mwide", token=f"token-{name}")


class Client:
    """A client that has sent everything, and may go away."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.request = Request({"type": "http", "headers": []}, self._receive)

    async def _receive(self) -> Any:
        await self.gone.wait()
        return {"type": "http.disconnect"}


async def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENT
    while not holds():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), PATIENT))  # type: ignore[arg-type]


def test_a_line_is_bounded_for_all_and_for_each() -> None:
    line = Line(most=3, share=2)
    line.enter("a")
    line.enter("a")
    with pytest.raises(TooMany):
        line.enter("a")
    line.enter("b")
    with pytest.raises(StoreBusy):
        line.enter("c")
    line.leave("a")
    line.enter("c")
    for caller in ("a", "b", "c"):
        line.leave(caller)
    assert (line.length, line.by_caller) == (0, {})


def test_the_result_and_the_error_of_work_are_those_of_the_function() -> None:
    def fail(_: GivenUp) -> None:
        raise StoreUnavailable("away", "weg")

    async def test() -> None:
        threads = Threads("test", 1, 1, 1)
        assert await threads.run(Client().request, holder("a"), lambda _: 7) == 7
        with pytest.raises(StoreUnavailable):
            await threads.run(Client().request, holder("a"), fail)
        await until(lambda: threads.line.length == 0)
        threads.close()

    run(test)


@pytest.mark.parametrize("how", ["time is up", "client gone"])
def test_work_that_nobody_waits_for_is_told_and_holds_its_place_until_it_ends(how: str) -> None:
    begun, told, end = threading.Event(), threading.Event(), threading.Event()

    def work(given_up: GivenUp) -> None:
        begun.set()
        given_up.wait(PATIENT)
        told.set()
        end.wait(PATIENT)

    async def test() -> None:
        threads, client = Threads("test", 1, 1, 1), Client()
        doing = asyncio.create_task(threads.run(client.request, holder("a"), work))
        await until(begun.is_set)
        if how == "client gone":
            client.gone.set()
        else:
            doing.cancel()
        with pytest.raises(ClientDisconnect if how == "client gone" else asyncio.CancelledError):
            await doing
        await until(told.is_set)
        with pytest.raises(TooMany):
            await threads.run(Client().request, holder("a"), lambda _: None)
        end.set()
        await until(lambda: threads.line.length == 0)
        threads.close()

    run(test)


def test_who_gives_up_in_the_line_is_never_begun() -> None:
    let_go, begun = threading.Event(), []

    async def test() -> None:
        threads = Threads("test", 1, 8, 8)
        first = asyncio.create_task(threads.run(Client().request, holder("a"), lambda _: let_go.wait(PATIENT)))
        await asyncio.sleep(0)
        waiting = [asyncio.create_task(threads.run(Client().request, holder("a"), begun.append)) for _ in range(4)]
        await until(lambda: threads.line.length == 5)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        let_go.set()
        await first
        await until(lambda: threads.line.length == 0)
        threads.close()

    run(test)
    assert not begun


def test_one_caller_leaves_room_for_another() -> None:
    let_go = threading.Event()

    async def test() -> None:
        threads = Threads("test", 2, 2, 1)
        greedy = asyncio.create_task(threads.run(Client().request, holder("a"), lambda _: let_go.wait(PATIENT)))
        await asyncio.sleep(0)
        for _ in range(50):
            with pytest.raises(TooMany):
                await threads.run(Client().request, holder("a"), lambda _: None)
        assert await threads.run(Client().request, holder("b"), lambda _: "served") == "served"
        let_go.set()
        await greedy
        threads.close()

    run(test)


def test_work_in_a_process_is_killed_when_it_is_given_up_and_the_next_is_done() -> None:
    async def test() -> None:
        processes, client = Processes(1, 2, 2), Client()
        doing = asyncio.create_task(processes.run(client.request, holder("a"), time.sleep, PATIENT * 10))
        other = asyncio.create_task(processes.run(Client().request, holder("b"), max, [3, 7]))
        await asyncio.sleep(0.2)
        client.gone.set()
        with pytest.raises(ClientDisconnect):
            await doing
        assert await other == 7, "it had to wait for the place of the first"
        with pytest.raises(StoreUnavailable):
            await processes.run(Client().request, holder("a"), os._exit, 3)
        assert processes.line.length == 0

    run(test)


def test_a_share_is_that_of_a_token_or_of_a_person_who_signed_on_elsewhere() -> None:
    assert holder("a").name == "token-a"
    assert Holder("a", frozenset(), None).name == "user a"


def test_every_kind_has_its_own_bounds_and_nobody_can_have_all_of_one() -> None:
    work = Work()
    for name, kind in vars(work).items():
        line = kind if isinstance(kind, Line) else kind.line
        assert 0 < line._share < line._most <= 300, name
    work.close()


def test_work_is_done_where_the_system_knows_no_priorities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "setpriority")
    assert _do_behind_others(len, "abc") == 3
