"""Sandboxes over HTTP: made, looked at, wound on and thrown away; below each, the whole API on its own engine.

docs/reference/sandbox.md tells the exact requests and answers.
"""

from datetime import datetime

from fastapi import APIRouter
from pydantic import model_validator
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Router
from starlette.types import Message, Receive, Scope, Send

from api.annex import annex_of
from api.caller import Caller, holder_of
from api.house import KEY
from api.sandbox import Passed, Sandbox
from api.wire import answer, body_of
from workflow.access import Protection, Role
from workflow.commands import Command, parse
from workflow.errors import NotFound
from workflow.text import Line, Name, Time

router = APIRouter()


class MakeSandbox(Command):
    """Body of `POST /sandboxes`."""

    start: Time | None = None
    title: Line = "Sandkasten"


class MoveClock(Command):
    """Body of `POST /sandboxes/{id}/clock`."""

    advance: Line | None = None
    until: Time | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "MoveClock":
        if (self.advance is None) == (self.until is None):
            raise ValueError("give either `advance`, a duration, or `until`, a time")
        return self


class EnterPerson(Command):
    """Body of `POST /sandboxes/{id}/tokens`."""

    user: Name
    roles: tuple[Role, ...]
    authority: Name | None = None
    clearance: Protection = Protection.NORMAL


class NameDeputy(Command):
    """Body of `POST /sandboxes/{id}/deputies`."""

    user: Name
    deputy: Name
    since: Time
    until: Time


@router.post("/sandboxes")
async def make(request: Request, caller: Caller) -> Response:
    """A new sandbox of the caller's."""
    body = parse(MakeSandbox, await body_of(request) or b"{}")
    made = await run_in_threadpool(annex_of(request).sandboxes.make, caller.user, body.title, body.start)
    return answer(_shown(made), 201, {"location": f"{request.scope.get('root_path', '')}/sandboxes/{made.id}"})


@router.get("/sandboxes")
async def listed(request: Request, caller: Caller) -> Response:
    """The caller's own."""
    found = await run_in_threadpool(annex_of(request).sandboxes.of, caller.user)
    return answer({"items": [_shown(one) for one in found]})


@router.get("/sandboxes/{id}")
async def show(request: Request) -> Response:
    """One sandbox, for its owner and whom it has given a token."""
    found = await _entered(request)
    return answer(_shown(found))


@router.delete("/sandboxes/{id}")
async def drop(request: Request, caller: Caller) -> Response:
    """Thrown away with all that is in it."""
    found = await _own(request, caller.user)
    await run_in_threadpool(annex_of(request).sandboxes.drop, found.id)
    return Response(status_code=204)


@router.post("/sandboxes/{id}/clock")
async def move_clock(request: Request, caller: Caller) -> Response:
    """Time passes, and every timer fires at its own time."""
    found = await _own(request, caller.user)
    body = parse(MoveClock, await body_of(request) or b"{}")
    passed: Passed = await run_in_threadpool(found.pass_time, body.advance, body.until)
    return answer(passed._asdict())


@router.post("/sandboxes/{id}/tokens")
async def enter(request: Request, caller: Caller) -> Response:
    """A person of the sandbox's own, and a token to act as them."""
    found = await _own(request, caller.user)
    body = parse(EnterPerson, await body_of(request) or b"{}")
    bearer = await run_in_threadpool(found.enter, body.user, body.roles, body.authority, body.clearance)
    return answer({"token": bearer, **body.model_dump()}, 201)


@router.post("/sandboxes/{id}/deputies")
async def name_deputy(request: Request) -> Response:
    """Somebody acts for somebody for a time."""
    found = await _entered(request)
    holder = await holder_of(request, found.house, fresh=True)
    body = parse(NameDeputy, await body_of(request) or b"{}")
    made = await run_in_threadpool(found.deputise, body.user, body.deputy, body.since, body.until, holder)
    return answer({"appointment": made.id, **body.model_dump()}, 201)


async def _entered(request: Request) -> Sandbox:
    """The sandbox of the path, if the caller may be in it."""
    found = annex_of(request).sandboxes.get(request.path_params["id"])
    await holder_of(request, found.house, fresh=True)
    return found


async def _own(request: Request, user: str) -> Sandbox:
    found = annex_of(request).sandboxes.get(request.path_params["id"])
    if found.owner != user:
        raise NotFound("sandbox", found.id)
    return found


def _shown(one: Sandbox) -> dict[str, str | int | datetime]:
    return {
        "id": one.id, "title": one.title, "owner": one.owner, "start": one.start, "now": one.clock.now,
        "events": one.events, "event_limit": one.bounds.events, "created_at": one.created, "expires_at": one.expires,
        "idle_seconds": int(one.bounds.idle.total_seconds()),
    }  # fmt: skip


def mount(routes: list[BaseRoute]) -> Mount:
    """The same operations once more below `/sandboxes/{id}`, each request with the house of that sandbox."""
    inner = Router(routes, redirect_slashes=False)

    async def enter_house(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        sandbox = annex_of(request).sandboxes.get(scope["path_params"]["sandbox"])
        scope[KEY] = sandbox.house
        if request.method in {"GET", "HEAD"}:
            await inner(scope, receive, send)
            return
        held: list[Message] = []
        noting = sandbox.diary.note(request, sandbox.gate, sandbox.clock.now)

        async def hold(message: Message) -> None:
            held.append(message)

        await inner(scope, noting.listening(receive), hold)
        noting.end(held)
        await run_in_threadpool(sandbox.react)  # so that who is answered sees what followed
        for message in held:
            await send(message)

    return Mount("/sandboxes/{sandbox}", app=enter_house)
