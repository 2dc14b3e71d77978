"""Specialist systems (Fachverfahren): admin gives one a secret, and its signed events become ordinary commands."""

from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from api.application.resources import RESOURCES
from api.application.resources.resource import Resource
from api.application.tokens import Holder
from api.server.auth.signed_webhooks import identify_system, make_secret, read_message_id
from api.server.dependencies.caller import Caller, note_caller
from api.server.dependencies.services import get_services
from api.server.http.body import JSON, read_body
from api.server.http.describe import describe_operation, describe_signature, json_body, path_parameter
from api.server.http.query import refuse_undeclared
from api.server.http.request import change_response, json_response, locate, read_command_id
from api.server.http.router import Router
from api.server.routes.resources import Change, change_one
from api.server.routes.tokens import EXAMPLE, ID, AskForToken, TokenRow, describe_token, issue_token
from scanning.digital_intake import ReceiveMail, receive_mail
from workflow.engine.access import Role
from workflow.engine.commands import Command, parse
from workflow.engine.fields import Line
from workflow.errors import Forbidden, InvalidCommand, NotFound
from workflow.mail_folders.channels import Channel
from workflow.text import Text

router = Router(tags=["specialist systems"])
LARGEST = 200_000
"""Bytes of one event."""
MEDIA = ("application/cloudevents+json", *JSON)
MAIL = "mail.receive"
"""The type of an event that brings mail, as by the channel `specialist_system`."""
BODY_EXAMPLE = {"user": "osip", "roles": ["case_worker"], "authority": "mwide", "days": 365, "changes": ["record"]}
EVENT_EXAMPLE = {"specversion": "1.0", "id": "4711", "source": "/osip", "type": "record.create",
         "data": {"title": "Zuverlässigkeitsüberprüfung 4711", "file_plan_code": "43.21"}}  # fmt: skip


class SpecialistSystem(TokenRow):
    """A specialist system; it is listed and ended as the token that it is. `secret` is null where an earlier answer is
    repeated: it is told once only.
    """

    secret: str | None
    address: str


class EventDone(TypedDict):
    """The resource as it is after the event, with all that it has besides, and what has happened to it."""

    kind: str
    id: str
    version: int
    events: list[dict[str, Any]]


class InboundEvent(Command, action="event"):
    """A CloudEvent (1.0, JSON). `type` is a resource and an action, such as `record.create` or `routing-slip.sign`, or
    `mail.receive`; `subject` the id of what it is done to; `data` the body that the same change has in this API.
    """

    type: Annotated[str, Field(pattern=r"^[a-z-]{1,40}\.[a-z_]{1,40}$")]
    subject: Line | None = None
    data: dict[str, Any] = Field(default_factory=dict)
    specversion: Literal["1.0"] = "1.0"
    id: Line | None = None
    source: Line | None = None
    time: Line | None = None
    datacontenttype: Literal["application/json"] = "application/json"


_CONTENT = json_body(InboundEvent, EVENT_EXAMPLE)["content"][JSON[0]]
BODY = {"required": True, "content": dict.fromkeys(MEDIA, _CONTENT)}
SIGNED = describe_signature("names the message; the same id and body again answers the first result")


@router.post(
    "/specialist-systems",
    response_model=SpecialistSystem,
    **describe_operation(
        "create_specialist_system", tag="specialist systems", status=201, key=True,
        body=json_body(AskForToken, BODY_EXAMPLE),
        example={**EXAMPLE, "user": "osip", "secret": "whsec_…", "address": f"/specialist-systems/{ID}/events"},
    ),
)  # fmt: skip
async def create_specialist_system(request: Request, caller: Caller) -> Response:
    """Enter a specialist system, as admin: its rights are those of a token, and its secret signs what it sends."""
    if Role.ADMIN not in caller.roles:
        raise Forbidden("specialist systems are entered by admin", "Fachverfahren trägt die Administration ein")
    services = get_services(request)
    body = parse(AskForToken, await read_body(request) or b"{}")
    key = read_command_id(request, caller.user)
    token, bearer = await run_in_threadpool(issue_token, services, caller, body, key)
    secret = await run_in_threadpool(make_secret, services.settings.data, token) if bearer else None
    row = {**describe_token(services, token), "secret": secret, "address": f"/specialist-systems/{token.id}/events"}
    return json_response(row, 201, {} if secret else {"idempotency-replayed": "true"})


@router.post(
    "/specialist-systems/{id}/events",
    response_model=EventDone,
    **describe_operation(
        "receive_event", tag="specialist systems", body=BODY,
        example={"kind": "record", "id": ID, "version": 1, "events": []},
        parameters=[path_parameter("id", "Id of the specialist system.", ID), *SIGNED], security=[{"signature": []}],
    ),
)  # fmt: skip
async def receive_event(request: Request) -> Response:
    """Do what a signed event says, with the rights of its system; 200, or 201 with the address of what was made.

    Signed as Standard Webhooks has it, with the secret of the system; no bearer token is needed.
    """
    services, system = get_services(request), request.path_params["id"]
    body = await read_body(request, LARGEST, MEDIA)
    holder = await run_in_threadpool(
        identify_system, services.engine, services.authenticator, services.settings.data, system, request.headers, body
    )
    note_caller(request, services, holder)
    refuse_undeclared(request)
    resource, key, action, data = _read_command(parse(InboundEvent, body or b"{}"), holder)
    message = f"webhook:{holder.token}:{read_message_id(request.headers)}"
    done = await change_one(request, services, resource, holder, Change(key, action, data, None, message))
    if key is None:
        return change_response(done, 201, locate(request, resource.plural, done.id))
    return change_response(done)


def _read_command(event: InboundEvent, holder: Holder) -> tuple[Resource, str | None, str | None, bytes]:
    """The resource, its id, the action (None to make a new one) and the body that an event means."""
    if event.type == MAIL:
        told = parse(ReceiveMail, to_json(event.data))
        folder = receive_mail(Channel.SPECIALIST_SYSTEM, told, holder)
        return RESOURCES["mail-folder"], None, None, to_json(folder.model_dump(mode="json"))
    name, _, action = event.type.partition(".")
    resource = RESOURCES.get(name)
    if resource is None or action not in resource.commands:
        raise NotFound("type", event.type)
    if event.subject is not None:
        return resource, event.subject, action, to_json(event.data)
    if action != resource.creates:
        raise InvalidCommand([("/subject", Text("sagt, woran es geschieht", "says what it is done to"))])
    return resource, None, None, to_json(event.data)
