"""Sandboxes over HTTP: made, looked at, wound on and thrown away; below each, the whole API on its own engine.

docs/reference/sandbox.md tells the exact requests and answers.
"""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends
from pydantic import ConfigDict, Field, model_validator
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from api.application.errors import Unauthorised
from api.application.resources.representation import From, Representation
from api.server.dependencies.caller import Caller, authenticate
from api.server.dependencies.work import get_work
from api.server.http.body import read_body
from api.server.http.describe import describe_operation, json_body, location, path_parameter
from api.server.http.request import get_language, json_response, locate
from api.server.http.router import Router
from api.server.sandboxes.registry import get_sandboxes
from api.server.sandboxes.sandbox import Sandbox, TimePassed
from workflow.engine.access import Protection, Role
from workflow.engine.commands import Command, parse
from workflow.engine.fields import Line, Name, Time
from workflow.errors import NotFound
from workflow.text import InvalidValue

router = Router()

KEY_OF_ALL = "6b9f0c1d5a5e4f0e8f3a9f6f0c1d2e3f"
ID = path_parameter("id", "Its id.", KEY_OF_ALL)
EXAMPLE: dict[str, Any] = {
    "id": KEY_OF_ALL, "title": "Zweite Mitzeichnung", "owner": "mueller",
    "start": "2021-06-01T06:00:00Z", "now": "2021-06-03T06:00:00Z", "events": 7, "event_limit": 20000,
    "created_at": "2027-03-01T08:00:00Z", "expires_at": "2027-03-01T10:00:00Z", "idle_seconds": 1800,
}  # fmt: skip
PASSED: dict[str, Any] = {"now": "2021-06-03T06:00:00Z", "reached": True, "fired": 0, "events": [], "refused": []}
PERSON = {"user": "schmidt", "roles": ["approver"], "authority": "mwide", "clearance": "normal"}
DEPUTY = {
    "user": "schmidt", "deputy": "weber", "since": "2021-06-01T00:00:00+02:00", "until": "2021-06-15T00:00:00+02:00",
}  # fmt: skip


class MakeSandbox(Command):
    """Body of `POST /sandboxes`."""

    start: Time | None = None
    title: Line = "Sandkasten"


class MoveClock(Command):
    """Body of `POST /sandboxes/{id}/clock`."""

    advance: Line | None = None
    until: Time | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": [one], "properties": {one: {"type": "string"}, other: {"type": "null"}}}
                for one, other in (("advance", "until"), ("until", "advance"))
            ]
        }
    )

    @model_validator(mode="after")
    def _one_way(self) -> "MoveClock":
        if (self.advance is None) == (self.until is None):
            raise InvalidValue(
                "entweder `advance`, eine Dauer, oder `until`, ein Zeitpunkt",
                "give either `advance`, a duration, or `until`, a time",
            )
        return self


class MakeBackup(Command):
    """Body of `POST /sandboxes/{id}/backups`."""

    run: Line


class EnterPerson(Command):
    """Body of `POST /sandboxes/{id}/tokens`."""

    user: Name
    roles: tuple[Role, ...] = Field(min_length=1)
    authority: Name | None = None
    clearance: Protection = Protection.NORMAL


class NameDeputy(Command):
    """Body of `POST /sandboxes/{id}/deputies`."""

    user: Name
    deputy: Name
    since: Time
    until: Time


class SandboxRepresentation(Representation):
    """A sandbox."""

    id: str
    title: str
    owner: str
    start: datetime
    now: Annotated[datetime, From("clock.now")]
    events: int
    event_limit: Annotated[int, From("bounds.events")]
    created_at: Annotated[datetime, From("created")]
    expires_at: Annotated[datetime, From("expires")]
    idle_seconds: Annotated[int, From("bounds.idle", lambda idle: int(idle.total_seconds()))]


class SandboxList(TypedDict):
    """The caller's sandboxes."""

    items: list[SandboxRepresentation]


class BackedUp(TypedDict):
    """What the run was recorded with, batch by batch."""

    run: str
    events: list[dict[str, Any]]


class PersonEntered(TypedDict):
    """A person of the sandbox's own, with the token to act as them."""

    token: str
    user: str
    roles: list[Role]
    authority: str | None
    clearance: Protection


class DeputyNamed(TypedDict):
    """An appointment."""

    appointment: str
    user: str
    deputy: str
    since: datetime
    until: datetime


async def get_own_sandbox(request: Request, caller: Caller) -> Sandbox:
    """The sandbox of the path; raises `NotFound` for others than its owner."""
    found = get_sandboxes(request).get(request.path_params["id"])
    if found.owner != caller.user:
        raise NotFound("sandbox", found.id)
    return found


OwnSandbox = Annotated[Sandbox, Depends(get_own_sandbox)]


@router.post(
    "/sandboxes",
    response_model=SandboxRepresentation,
    **describe_operation(
        "make_sandbox", tag="sandboxes", status=201, example=EXAMPLE, headers=location("the sandbox"),
        body=json_body(MakeSandbox, {"start": "2021-06-01T08:00:00+02:00", "title": "Zweite Mitzeichnung"}, False),
    ),
)  # fmt: skip
async def make(request: Request, caller: Caller) -> Response:
    """A new sandbox of the caller's."""
    body = parse(MakeSandbox, await read_body(request) or b"{}")
    made = await get_work(request).sandboxes.run(
        request, caller, lambda _: get_sandboxes(request).create(caller.user, body.title, body.start)
    )
    return json_response(SandboxRepresentation.read(made), 201, locate(request, "sandboxes", made.id))


@router.get(
    "/sandboxes", response_model=SandboxList,
    **describe_operation("list_sandbox", tag="sandboxes", example={"items": [EXAMPLE]}),
)  # fmt: skip
async def list_all(request: Request, caller: Caller) -> Response:
    """The caller's own."""
    found = await run_in_threadpool(get_sandboxes(request).list_for, caller.user)
    return json_response({"items": [SandboxRepresentation.read(one) for one in found]})


@router.get(
    "/sandboxes/{id}", response_model=SandboxRepresentation,
    **describe_operation("show_sandbox", tag="sandboxes", example=EXAMPLE, parameters=[ID]),
)  # fmt: skip
async def show(request: Request) -> Response:
    """One sandbox, for its owner and whom it has given a token."""
    found = await _enter(request)
    return json_response(SandboxRepresentation.read(found))


@router.delete(
    "/sandboxes/{id}", response_model=None,
    **describe_operation("drop_sandbox", tag="sandboxes", status=204, parameters=[ID]),
)  # fmt: skip
async def drop(request: Request, found: OwnSandbox) -> Response:
    """Thrown away with all that is in it."""
    await run_in_threadpool(get_sandboxes(request).drop, found.id)
    return Response(status_code=204)


@router.post(
    "/sandboxes/{id}/clock",
    response_model=TimePassed,
    **describe_operation(
        "move_clock", tag="sandboxes", example=PASSED, parameters=[ID], body=json_body(MoveClock, {"advance": "P2D"})
    ),
)
async def move_clock(request: Request, found: OwnSandbox, caller: Caller) -> Response:
    """Time passes, and every timer fires at its own time."""
    body = parse(MoveClock, await read_body(request) or b"{}")
    language = get_language(request)
    passed = await get_work(request).clocks.run(
        request, caller, lambda given_up: found.advance_clock(body.advance, body.until, language, given_up)
    )
    return json_response(passed, headers={"content-language": language})


@router.post(
    "/sandboxes/{id}/backups",
    response_model=BackedUp,
    **describe_operation(
        "make_backup", tag="sandboxes", example={"run": "nachts", "events": []}, parameters=[ID],
        body=json_body(MakeBackup, {"run": "nachts"}),
    ),
)  # fmt: skip
async def back_up(request: Request, found: OwnSandbox) -> Response:
    """A backup runs that holds every product, as the system would record one; nobody enters one by hand."""
    body = parse(MakeBackup, await read_body(request) or b"{}")
    events = await run_in_threadpool(found.back_up, body.run)
    return json_response({"run": body.run, "events": events})


@router.post(
    "/sandboxes/{id}/tokens",
    response_model=PersonEntered,
    **describe_operation(
        "enter_person", tag="sandboxes", status=201, parameters=[ID], body=json_body(EnterPerson, PERSON),
        example={"token": "evasand_6b9f…", **PERSON},
    ),
)  # fmt: skip
async def enter(request: Request, found: OwnSandbox) -> Response:
    """A person of the sandbox's own, and a token to act as them."""
    body = parse(EnterPerson, await read_body(request) or b"{}")
    made = await run_in_threadpool(found.enter_person, body.user, body.roles, body.authority, body.clearance)
    return json_response({**body.model_dump(), **made._asdict()}, 201)


@router.post(
    "/sandboxes/{id}/deputies",
    response_model=DeputyNamed,
    **describe_operation(
        "name_deputy", tag="sandboxes", status=201, parameters=[ID], body=json_body(NameDeputy, DEPUTY),
        example={"appointment": "6f2d6b2e-7a55-5c2a-9d0e-0d7f7a1f4b11", **DEPUTY},
    ),
)  # fmt: skip
async def name_deputy(request: Request) -> Response:
    """Somebody acts for somebody for a time."""
    found = await _enter(request)
    holder = await authenticate(request, found.services, fresh=True)
    body = parse(NameDeputy, await read_body(request) or b"{}")
    made = await run_in_threadpool(found.appoint_deputy, body.user, body.deputy, body.since, body.until, holder)
    return json_response({"appointment": made.id, **body.model_dump()}, 201)


async def _enter(request: Request) -> Sandbox:
    if "authorization" not in request.headers:
        raise Unauthorised("a bearer token is needed", "Ein Bearer-Token ist nötig")
    found = get_sandboxes(request).get(request.path_params["id"])
    await authenticate(request, found.services, fresh=True)
    return found
