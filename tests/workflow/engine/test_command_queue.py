"""One queue for callers that block and callers that await: batches, order, errors, bounds, shutdown."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.workflow.engine.small import ANNA, Add, House
from workflow.engine.command_queue import Call, CommandQueue
from workflow.errors import Forbidden, StoreBusy, StoreUnavailable

Calls = list[Call[int, int]]
PATIENCE = 20
"""Seconds after which a test gives up; none takes a tenth of one."""


class Batches:
    """Doubles numbers; holds a batch up until `go`, and keeps what came together."""

    def __init__(self) -> None:
        self.seen: list[list[int]] = []
        self.threads: set[str] = set()
        self.running = threading.Event()
        self.go = threading.Event()
        self.go.set()

    def __call__(self, calls: Calls) -> None:
        self.seen.append([call.argument for call in calls])
        self.threads.add(threading.current_thread().name)
        self.running.set()
        assert self.go.wait(PATIENCE)
        for call in calls:
            if call.argument < 0:
                call.error = Forbidden(f"{call.argument}", "nein")
            else:
                call.result = 2 * call.argument

    def hold(self) -> None:
        """From now on a batch waits for `go`."""
        self.running.clear()
        self.go.clear()


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


def in_thread(function: Callable[..., Any], *arguments: Any) -> threading.Thread:
    thread = threading.Thread(target=function, args=arguments, daemon=True)
    thread.start()
    return thread


def join(*threads: threading.Thread) -> None:
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


async def held_up(queue: CommandQueue[int, int], batches: Batches, *numbers: int) -> list["asyncio.Task[int]"]:
    """A batch of the first number that is held up, and tasks for the others behind it in the queue."""
    batches.hold()
    tasks = [asyncio.create_task(queue.run_soon(numbers[0]))]
    await asyncio.to_thread(batches.running.wait, PATIENCE)
    tasks += [asyncio.create_task(queue.run_soon(number)) for number in numbers[1:]]
    await asyncio.sleep(0)
    return tasks


def test_a_single_caller_runs_its_own_command_in_its_own_thread() -> None:
    batches = Batches()
    queue = CommandQueue(batches)
    assert [queue.run(n) for n in (1, 2)] == [2, 4]
    assert (batches.seen, batches.threads) == ([[1], [2]], {threading.current_thread().name})


def test_a_caller_that_awaits_is_answered_and_the_event_loop_goes_on() -> None:
    batches = Batches()
    queue = CommandQueue(batches)

    async def main() -> list[int]:
        tasks = await held_up(queue, batches, 1, 2, 3)
        assert not any(task.done() for task in tasks), "held up, and yet the loop runs"
        batches.go.set()
        return await asyncio.gather(*tasks)

    assert asyncio.run(main()) == [2, 4, 6]
    assert batches.seen == [[1], [2, 3]]
    assert threading.current_thread().name not in batches.threads
    queue.close()


@pytest.mark.parametrize("awaits", [False, True])
def test_an_error_reaches_its_own_caller_and_no_other(awaits: bool) -> None:
    batches = Batches()
    queue = CommandQueue(batches)

    async def main() -> list[int | BaseException]:
        tasks = await held_up(queue, batches, 1, -2, 3)
        batches.go.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    if awaits:
        first, second, third = asyncio.run(main())
        assert (first, third) == (2, 6)
        assert isinstance(second, Forbidden)
    else:
        with pytest.raises(Forbidden, match="-2"):
            queue.run(-2)
        assert queue.run(3) == 6
    queue.close()


@pytest.mark.parametrize("awaits", [False, True])
def test_a_batch_that_fails_as_a_whole_fails_for_each_and_the_queue_goes_on(awaits: bool) -> None:
    failing = iter([True, False])

    def batch(calls: Calls) -> None:
        if next(failing):
            raise OSError("gone")
        for call in calls:
            call.result = call.argument

    queue = CommandQueue(batch)
    if awaits:
        with pytest.raises(OSError, match="gone"):
            asyncio.run(queue.run_soon(1))
        assert asyncio.run(queue.run_soon(2)) == 2
    else:
        with pytest.raises(OSError, match="gone"):
            queue.run(1)
        assert queue.run(2) == 2
    queue.close()


def test_batches_are_no_larger_than_said_and_keep_the_order_of_arrival() -> None:
    batches = Batches()
    queue = CommandQueue(batches, largest=3)

    async def main() -> list[int]:
        tasks = await held_up(queue, batches, *range(8))
        batches.go.set()
        return await asyncio.gather(*tasks)

    assert asyncio.run(main()) == [2 * n for n in range(8)]
    assert batches.seen == [[0], [1, 2, 3], [4, 5, 6], [7]]
    queue.close()


def test_blocked_and_awaiting_callers_share_batches_in_the_order_of_arrival() -> None:
    batches = Batches()
    queue = CommandQueue(batches)
    answers: dict[int, int] = {}

    def block(number: int) -> None:
        answers[number] = queue.run(number)

    async def main() -> None:
        tasks = await held_up(queue, batches, 0, 1)
        threads = [in_thread(block, 2)]
        await asyncio.to_thread(wait_until, lambda: len(queue._queue) == 2)
        tasks.append(asyncio.create_task(queue.run_soon(3)))
        await asyncio.sleep(0)
        batches.go.set()
        assert await asyncio.gather(*tasks) == [0, 2, 6]
        await asyncio.to_thread(join, *threads)

    asyncio.run(main())
    assert (batches.seen, answers) == ([[0], [1, 2, 3]], {2: 4})
    queue.close()


def test_a_blocked_caller_leads_for_those_who_await_behind_it() -> None:
    batches = Batches()
    queue = CommandQueue(batches, largest=2)
    batches.hold()
    first = in_thread(queue.run, 0)
    assert batches.running.wait(PATIENCE)
    second = in_thread(queue.run, 1)
    wait_until(lambda: len(queue._queue) == 1)

    async def main() -> list[int]:
        tasks = [asyncio.create_task(queue.run_soon(n)) for n in (2, 3, 4)]
        await asyncio.sleep(0)
        batches.go.set()
        return await asyncio.gather(*tasks)

    assert asyncio.run(main()) == [4, 6, 8]
    join(first, second)
    assert batches.seen == [[0], [1, 2], [3, 4]]
    queue.close()


def test_callers_of_several_event_loops_are_answered_each_in_its_own() -> None:
    batches = Batches()
    queue = CommandQueue(batches)
    answers: list[int] = []

    def loop(start: int) -> None:
        async def main() -> None:
            answers.extend([await queue.run_soon(n) for n in range(start, start + 20)])

        asyncio.run(main())

    join(*(in_thread(loop, start) for start in (0, 100, 200)))
    assert sorted(answers) == [2 * (start + n) for start in (0, 100, 200) for n in range(20)]
    queue.close()


def test_a_caller_that_goes_away_does_not_take_its_command_along() -> None:
    batches = Batches()
    queue = CommandQueue(batches)

    async def main() -> int:
        tasks = await held_up(queue, batches, 1, 2, 3)
        tasks[1].cancel()
        await asyncio.sleep(0)
        batches.go.set()
        assert tasks[1].cancelled()
        return await tasks[2]

    assert asyncio.run(main()) == 6
    assert batches.seen == [[1], [2, 3]]
    queue.close()


def test_an_event_loop_that_has_closed_does_not_stop_the_queue() -> None:
    batches = Batches()
    queue = CommandQueue(batches)

    async def give_up() -> None:
        batches.hold()
        task = asyncio.create_task(queue.run_soon(1))
        await asyncio.to_thread(batches.running.wait, PATIENCE)
        task.cancel()

    asyncio.run(give_up())
    batches.go.set()
    assert asyncio.run(queue.run_soon(2)) == 4
    assert queue.run(3) == 6
    queue.close()


def test_a_full_queue_refuses_those_who_await_at_once_and_lets_those_who_block_in() -> None:
    batches = Batches()
    queue = CommandQueue(batches, most_awaited=2, most_blocked=3)

    async def main() -> None:
        tasks = await held_up(queue, batches, 0, 1, 2)
        with pytest.raises(StoreBusy, match="too many"):
            await queue.run_soon(3)
        blocked = in_thread(queue.run, 4)
        await asyncio.to_thread(wait_until, lambda: len(queue._queue) == 3)
        with pytest.raises(StoreBusy) as full:
            queue.run(5)
        assert full.value.de == "Zu viele Kommandos warten"
        batches.go.set()
        assert await asyncio.gather(*tasks) == [0, 2, 4]
        await asyncio.to_thread(join, blocked)

    asyncio.run(main())
    assert queue.run(6) == 12, "and it is empty again"
    queue.close()


def test_closing_finishes_what_waits_and_refuses_what_comes() -> None:
    batches = Batches()
    queue = CommandQueue(batches)

    async def main() -> list[int]:
        tasks = await held_up(queue, batches, 1, 2)
        closing = in_thread(queue.close)
        await asyncio.to_thread(wait_until, lambda: queue._closed)
        with pytest.raises(StoreUnavailable, match="stopping"):
            await queue.run_soon(3)
        batches.go.set()
        found = await asyncio.gather(*tasks)
        await asyncio.to_thread(join, closing)
        return found

    assert asyncio.run(main()) == [2, 4]
    with pytest.raises(StoreUnavailable):
        queue.run(4)
    queue.close()  # once more does no harm


def test_closing_a_queue_that_nobody_awaited_starts_no_thread() -> None:
    before = threading.active_count()
    queue = CommandQueue(Batches())
    queue.run(1)
    queue.close()
    assert threading.active_count() == before


def test_closing_while_a_blocked_caller_leads_waits_for_those_behind_it() -> None:
    batches = Batches()
    queue = CommandQueue(batches, largest=1)

    async def main() -> None:
        assert await queue.run_soon(0) == 0
        batches.hold()
        leading = in_thread(queue.run, 1)
        await asyncio.to_thread(batches.running.wait, PATIENCE)
        task = asyncio.create_task(queue.run_soon(2))
        await asyncio.sleep(0)
        closing = in_thread(queue.close)
        await asyncio.to_thread(wait_until, lambda: queue._closed)
        batches.go.set()
        assert await task == 4
        await asyncio.to_thread(join, leading, closing)

    asyncio.run(main())
    assert batches.seen == [[0], [1], [2]]


def test_many_callers_of_both_kinds_lose_no_wake_up() -> None:
    queue = CommandQueue(Batches(), largest=5)
    answers: list[int] = []

    def block(start: int) -> None:
        answers.extend(queue.run(n) for n in range(start, start + 25))

    def await_all(start: int) -> None:
        async def one(number: int) -> None:
            answers.append(await queue.run_soon(number))

        async def main() -> None:
            for n in range(start, start + 25, 5):
                await asyncio.gather(*(one(n + k) for k in range(5)))

        asyncio.run(main())

    join(*(in_thread(await_all if start % 50 else block, start) for start in range(0, 200, 25)))
    assert sorted(answers) == [2 * n for n in range(200)]
    queue.close()


def test_the_engine_has_both_fronts_on_one_queue() -> None:
    house = House()

    async def main() -> list[Any]:
        calls = [house.engine.handle_soon(Add(by=1), ANNA, "counter:a", command_id=f"{n}") for n in range(10)]
        return await asyncio.gather(*calls)

    done = asyncio.run(main())
    house.add(by=5)
    assert sorted(one.version for one in done) == list(range(1, 11))
    assert house.total() == 15
    house.engine.close()
    with pytest.raises(StoreUnavailable):
        asyncio.run(main())
