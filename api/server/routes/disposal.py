"""Disposal with an archive over HTTP: the packages of a record's processes, and what the archive answers."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, get_args
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.application.disposal import LAV, steps
from api.application.disposal.receive import read_answer
from api.application.resources.records import RESOURCE, RecordRepresentation
from api.application.service import PreparedCommand
from api.application.tokens import Holder
from api.server.dependencies.caller import authenticate
from api.server.dependencies.services import Services, get_services
from api.server.http.body import read_body
from api.server.http.describe import DEPUTY, IF_MATCH, describe_operation, path_parameter, query_parameter
from api.server.http.request import change_response, parse_version, read_command_id
from api.server.http.router import Router
from simulation.inputs.faults import Fault, UnusableInput
from workflow.disposal.xdomea.codes import UUID, Version
from workflow.disposal.xdomea.writing import file_name
from workflow.errors import InvalidCommand, NotFound
from workflow.records.record import Record, stream
from workflow.routing_slips.routing_slip import RoutingSlip, protection_of
from workflow.routing_slips.routing_slip import stream as slip_stream
from workflow.text import Text

router = Router()
ZIP = "application/zip"
MEDIA = ("application/xml", "text/xml", ZIP)
MOST_BYTES = 20 * 2**20
"""Of a message that comes in: an appraisal of 100,000 objects has about 15 MB as XML."""
WRITTEN = ("0501", "0503", "0505")
ID = "6f1e6a1c-3a52-4d6e-9a55-0d4fd0a6f0a1"
EXAMPLE = '<xdomea:Aussonderung.Bewertungsverzeichnis.0502 xmlns:xdomea="urn:xoev-de:xdomea:schema:3.0.0">…'
PACKAGE = {"schema": {"type": "string", "format": "binary"}, "example": "PK…"}
FILES = {media: PACKAGE if media == ZIP else {**PACKAGE, "example": EXAMPLE} for media in MEDIA}


class RecordChanged(RecordRepresentation):
    """The record after the message was taken in, and the events of it."""

    kind: str
    id: str
    version: int
    events: list[dict[str, Any]]


@router.post(
    "/disposal/messages",
    response_model=RecordChanged,
    **describe_operation(
        "post_disposal_message", tag=RESOURCE.plural, key=True, body={"required": True, "content": FILES},
        parameters=[IF_MATCH, DEPUTY], also=(412,),
    ),
)  # fmt: skip
async def post_disposal_message(request: Request) -> Response:
    """Take in a message of the archive (xdomea 0502, 0504, 0506, 0507) as XML or zip.

    The record that it is about is found by its process. 422 names line and column of what does not fit, and nothing is
    recorded. Where the archive asks for a receipt, `0505` of the process is ready to be fetched.
    """
    services = get_services(request)
    holder = await authenticate(request, services, fresh=True)
    key = read_command_id(request, holder.user)
    data = await read_body(request, MOST_BYTES, MEDIA)
    prepared = await run_in_threadpool(_prepare, services, holder, data, key, parse_version(request))
    done = await services.resources.execute_soon(prepared)
    return change_response(await run_in_threadpool(services.resources.answer, prepared, done))


def _prepare(services: Services, holder: Holder, data: bytes, key: str, version: int | None) -> PreparedCommand:
    earlier = services.engine.log.read_command(key)

    def load(stream: str) -> Record:
        """As it was for the same request before, so that it means the same command."""
        if earlier and earlier[0].stream == stream:
            found: Record = services.resources.visibility.get_state_at(stream, earlier[0].version - 1)
            return found
        state: Record = services.engine.load(stream).state
        return state

    with TemporaryDirectory() as folder:
        file = Path(folder, "message")
        file.write_bytes(data)
        try:
            answer = read_answer(services.engine, holder, file, load=load)
        except UnusableInput as no:
            raise InvalidCommand(
                [("", Text(*(_say(fault, language) for language in Text._fields))) for fault in no.faults]
            ) from no
    return PreparedCommand(RESOURCE, answer.command, holder, f"{RESOURCE.name}:{answer.record}", version, key)


def _say(fault: Fault, language: str) -> str:
    """The fault without the name of the file, which is that of a temporary one."""
    return fault.tell(language).removeprefix(f"{fault.place.file}:")


@router.get(
    "/records/{id}/disposal/{process}/{message}",
    response_class=Response,
    **describe_operation(
        "get_disposal_message", tag=RESOURCE.plural,
        contents={ZIP: PACKAGE},
        parameters=[
            path_parameter("id", "Id of the record.", ID), path_parameter("process", "Id of the process.", ID),
            path_parameter("message", "Which message.", WRITTEN[0], enum=[*WRITTEN]), DEPUTY,
            query_parameter("version", "Version of xdomea.", enum=[*get_args(Version)], default="3.0.0"),
            query_parameter("archive", "The archive's name.", minLength=1, maxLength=200),
            query_parameter("sender", "The office's name; its authority, if none is said.", minLength=1, maxLength=200),
            query_parameter("archive_code", "The archive's Behördenschlüssel.", minLength=1, maxLength=100),
            query_parameter("sender_code", "The office's Behördenschlüssel.", minLength=1, maxLength=100),
            query_parameter("receipt", "Ask for a receipt.", type="boolean", default=False),
        ],
    ),
)  # fmt: skip
async def get_disposal_message(request: Request) -> Response:
    """The package of an offer (0501), a transfer with its primary files (0503), or the receipt of an appraisal (0505).

    The same bytes for the same process and parameters, whenever it is fetched. A transfer holds the whole route of
    every routing slip, so it is for those only who are cleared for all of them.
    """
    services = get_services(request)
    holder = await authenticate(request, services, fresh=True)
    path, head = request.path_params, _parse_letterhead(request)
    if path["message"] not in WRITTEN or not UUID.fullmatch(path["process"]):
        raise NotFound("message", f"{path['process']}/{path['message']}")
    entry = await run_in_threadpool(services.resources.get_entry, RESOURCE, path["id"], holder)
    if path["message"] == "0503":
        await run_in_threadpool(_check_protocols, services, holder, entry.state)
    package = await run_in_threadpool(_write, services, entry.state, path["process"], path["message"], head)
    name = file_name(path["process"], path["message"], "zip")
    return Response(package, media_type=ZIP, headers={"content-disposition": f'attachment; filename="{quote(name)}"'})


def _check_protocols(services: Services, holder: Holder, record: Record) -> None:
    """Raise `NotFound` where the person is not cleared for a slip whose protocol is in the record, or it is unknown."""
    context = services.resources.visibility.context(stream(record.id), holder)
    for one in steps.list_slips_of_protocols(services.engine, record):
        slip = context.find(slip_stream(one), RoutingSlip)
        if slip is None or not holder.clearance.covers(protection_of(slip, context)):
            raise NotFound("message", f"{record.id}/0503")


def _write(services: Services, record: Record, process: str, message: str, head: steps.Letterhead) -> bytes:
    writers: dict[str, Callable[[Path], Path]] = {
        "0501": lambda folder: steps.write_offer(services.engine, record, process, folder, head),
        "0503": lambda folder: steps.write_transfer(
            services.engine, services.files.store if services.files else None, record, process, folder, head
        ),
        "0505": lambda folder: steps.write_receipt(services.engine, record, process, folder, head),
    }
    with TemporaryDirectory() as folder:
        return writers[message](Path(folder)).read_bytes()


def _parse_letterhead(request: Request) -> steps.Letterhead:
    query = request.query_params
    version = query.get("version", "3.0.0")
    if version not in get_args(Version):
        raise InvalidCommand(
            [("/version", Text(f"eines von {', '.join(get_args(Version))}", f"one of {', '.join(get_args(Version))}"))]
        )
    for name, most in (("archive", 200), ("sender", 200), ("archive_code", 100), ("sender_code", 100)):
        if not (query.get(name) or "x").isprintable() or len(query.get(name, "x")) not in range(1, most + 1):
            raise InvalidCommand(
                [(f"/{name}", Text(f"1 bis {most} druckbare Zeichen", f"1 to {most} characters that print"))]
            )
    if query.get("receipt", "false") not in {"true", "false"}:
        raise InvalidCommand([("/receipt", Text("true oder false", "true or false"))])
    return steps.Letterhead(
        query.get("archive", LAV),
        query.get("sender"),
        _get_version(version),
        query.get("sender_code"),
        query.get("archive_code"),
        query.get("receipt") == "true",
    )


def _get_version(text: str) -> Literal["3.0.0", "3.1.0"]:
    return "3.1.0" if text == "3.1.0" else "3.0.0"
