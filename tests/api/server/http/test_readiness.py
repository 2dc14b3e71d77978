"""Whether the server says that it is ready when it is, and that it is not when others would wait or be refused."""

import asyncio
import threading

from anyio import to_thread

from api.application.catalogue import ALL
from api.server.dependencies.readiness import Readiness
from api.server.http.admission import Admission
from workflow.engine.engine import Engine
from workflow.errors import StoreFull


def ask(readiness: Readiness, admission: Admission) -> str | None:
    return asyncio.run(readiness.why_not_now(admission))


def test_it_is_ready_where_there_is_room_and_the_database_can_be_written_to() -> None:
    engine = Engine("sqlite://", catalogue=ALL)
    assert ask(Readiness(engine), Admission(4)) is None
    engine.close()


def test_it_is_not_where_an_ordinary_request_would_be_refused() -> None:
    engine, admission = Engine("sqlite://", catalogue=ALL), Admission(2)
    readiness = Readiness(engine)
    for _ in range(2):
        admission.enter(b"other")
    assert ask(readiness, admission) is None
    admission.enter(b"probe")
    assert ask(readiness, admission) == "Busy"
    admission.leave(b"other")
    assert ask(readiness, admission) is None
    engine.close()


def test_it_is_not_where_every_thread_that_serves_is_held_and_it_says_so_all_the_same() -> None:
    engine = Engine("sqlite://", catalogue=ALL)
    let_go = threading.Event()

    async def run() -> tuple[str | None, str | None]:
        readiness, admission = Readiness(engine), Admission(4)
        threads = to_thread.current_default_thread_limiter()
        threads.total_tokens = 2
        holding = [asyncio.create_task(to_thread.run_sync(let_go.wait, 60)) for _ in range(2)]
        await asyncio.sleep(0)
        busy = await readiness.why_not_now(admission)
        let_go.set()
        await asyncio.gather(*holding)
        return busy, await readiness.why_not_now(admission)

    assert asyncio.run(run()) == ("Busy", None)
    engine.close()


def test_a_database_that_is_full_is_the_reason_that_is_told() -> None:
    engine = Engine("sqlite://", catalogue=ALL)

    def full() -> None:
        raise StoreFull("full", "voll")

    engine.log.check_writable = full  # type: ignore[method-assign]
    assert ask(Readiness(engine), Admission(4)) == "StoreFull"
    engine.close()
