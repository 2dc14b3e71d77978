"""`…/scan-batches/{id}/items/{n}/content`: upload of the scanned file, download of scan or product.

The file is streamed to disk, checked in a child process, stored and read back; then the command `scan` is decided. A
rejected file gets a response with the reason, and its bytes are kept in quarantine.
"""

import re
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from api.application.resources.scan_batches import ITEM as ID
from api.application.resources.scan_batches import RESOURCE, ScanBatchRepresentation
from api.application.scan_evidence import ScanFiles, get_item
from api.application.tokens import Holder
from api.server.dependencies.caller import authenticate
from api.server.dependencies.services import Services, get_services
from api.server.dependencies.uploads import receive_draft
from api.server.dependencies.work import get_work
from api.server.http.body import read_media
from api.server.http.describe import DEPUTY, IF_MATCH, describe_operation, path_parameter, query_parameter
from api.server.http.errors import UnsupportedMedia
from api.server.http.request import change_response, read_command_id
from api.server.http.router import Router
from api.server.routes.resources import find_expected
from scanning.batch_actions.capture import Rework, Scan
from scanning.batches.handling import handle_image
from scanning.batches.scan_batch import ScanItem
from scanning.requirements.scan_product import RawScan
from scanning.text_recognition.postprocess import Handling
from workflow.engine.commands import parse
from workflow.errors import InvalidCommand, NotFound
from workflow.text import Text

router = Router()
PATH = "/scan-batches/{id}/items/{n}/content"
MEDIA = ("application/octet-stream", "application/pdf", "image/jpeg", "image/png", "image/tiff")
PICTURES = ("before", "converted", "after")
OF = ("product", "content", "raw", *PICTURES)
"""Which file of an item: the sealed product, the PDF/A to inspect before the seal, the scan as it came; of a page that
looks different in the PDF/A, the picture of the scan, that after the conversion, and that of the PDF/A.
"""
NAME = re.compile(r"[^\x00-\x1f\x7f/\\]{1,200}")


class Upload(NamedTuple):
    """What the request says about the file beside its bytes."""

    name: str
    body: dict[str, Any]


class ScanBatchChanged(ScanBatchRepresentation):
    """The batch after the file was taken, and the events of it."""

    kind: str
    id: str
    version: int
    events: list[dict[str, Any]]


PARAMETERS = [
    path_parameter("id", "Id of the batch.", ID),
    path_parameter("n", "Number or id of the item.", "1", minLength=1, maxLength=36),
]
FILES = {media: {"schema": {"type": "string", "format": "binary"}, "example": "%PDF-1.7 ..."} for media in MEDIA}


@router.put(
    PATH,
    response_model=ScanBatchChanged,
    **describe_operation(
        "put_scan_content", tag=RESOURCE.plural, key=True, body={"required": True, "content": FILES},
        parameters=[
            *PARAMETERS, IF_MATCH, DEPUTY,
            query_parameter("file_name", pattern="^[A-Za-z0-9._-]{1,200}$"),
            query_parameter("sheets", type="integer", minimum=0, maximum=999_999),
            query_parameter("duplex", type="boolean"),
            query_parameter(
                "as_it_is", "nothing is done with its pages, whatever the terms of the batch want", type="boolean"
            ),
            query_parameter("environment", "scanner, software, procedure", minLength=1, maxLength=500),
            query_parameter("reason", "why the image was reworked; without, it is a scan", minLength=1, maxLength=500),
        ],
    ),
)  # fmt: skip
async def put_scan_content(request: Request) -> Response:
    """Take the scanned file of an item: stored, checked and read back; then the item is scanned.

    422 with a `reason` where the file will not do; its bytes are kept in quarantine.
    """
    services = get_services(request)
    holder = await authenticate(request, services, fresh=True)
    key = read_command_id(request, holder.user)
    files, upload = _get_files(services), _parse_upload(request)
    action = "rework" if "reason" in upload.body else "scan"
    how = await run_in_threadpool(_check_action, request, services, files, holder, action, key, upload.body)
    raw = await _receive(request, holder, files, upload.name, how)
    body = {"item": _parse_number(request), "raw": raw.model_dump(mode="json"), **upload.body}
    parse(Rework if action == "rework" else Scan, body)
    batch = request.path_params["id"]
    expected = await find_expected(request, services, RESOURCE, batch, holder)
    prepared = services.resources.prepare(RESOURCE.name, batch, action, body, holder, expected, key)
    done = await services.resources.execute_soon(prepared)
    result = await run_in_threadpool(services.resources.answer, prepared, done)
    return change_response(result)


def _get_files(services: Services) -> ScanFiles:
    if services.files is None:
        raise NotFound("store of files", "sandbox")
    return services.files


def _parse_upload(request: Request) -> Upload:
    media = read_media(request.headers)
    if media not in MEDIA:
        kinds = ", ".join(MEDIA)
        raise UnsupportedMedia(f"a scan is one of {kinds}", f"Ein Scan ist eines von {kinds}")
    query = request.query_params
    name = query.get("file_name", "scan")
    if not NAME.fullmatch(name):
        raise InvalidCommand(
            [("/file_name", Text("1 bis 200 Zeichen ohne Schrägstriche", "1 to 200 characters without slashes"))]
        )
    body: dict[str, Any] = {field: query[field] for field in ("environment", "reason") if field in query}
    if "sheets" in query:
        if not re.fullmatch("[0-9]{1,6}", query["sheets"]):
            raise InvalidCommand([("/sheets", Text("eine Zahl von Blättern", "a number of sheets"))])
        body["sheets"] = int(query["sheets"])
    for field in ("duplex", "as_it_is"):
        if field in query:
            if query[field] not in {"true", "false"}:
                raise InvalidCommand([(f"/{field}", Text("true oder false", "true or false"))])
            body[field] = query[field] == "true"
    return Upload(name, body)


def _parse_number(request: Request) -> int | str:
    number: str = request.path_params["n"]
    return int(number) if number.isdecimal() and len(number) < 7 else number


def _check_action(
    request: Request, services: Services, files: ScanFiles, holder: Holder, action: str, change: str,
    body: dict[str, Any],
) -> Handling:  # fmt: skip
    """Reject before the upload what would be rejected after it; how the file is to be handled."""
    key = request.path_params["id"]
    batch = services.resources.get_entry(RESOURCE, key, holder).state
    item = get_item(batch, request.path_params["n"])
    context = services.resources.visibility.context(f"{RESOURCE.name}:{key}", holder)
    files.check_allowed(context, batch, item, action, change)
    return handle_image(batch, item, action, **{name: body.get(name) is True for name in ("duplex", "as_it_is")})


async def _receive(request: Request, holder: Holder, files: ScanFiles, name: str, how: Handling) -> RawScan:
    draft = await receive_draft(request, holder, files)
    return await get_work(request).files.run(request, holder, lambda _: files.store_draft(draft, name, how))


@router.get(
    PATH,
    response_class=FileResponse,
    **describe_operation(
        "get_scan_content", tag=RESOURCE.plural, contents=FILES,
        parameters=[
            *PARAMETERS, DEPUTY,
            query_parameter(
                "of", "`product`: sealed, with its transfer note; `content`: the PDF/A before note and seal; "
                "`raw`: the scan as it came; `before`, `after`: pictures of a page that looks different; `converted`: "
                "the one in between, of a page that the conversion changed and that was turned straight then",
                enum=[*OF], default=OF[0],
            ),
            query_parameter("page", "for pictures; without, the first such page", type="integer",
                            minimum=0, maximum=999_999),
        ],
    ),
)  # fmt: skip
async def get_scan_content(request: Request) -> Response:
    """The product of an item, the PDF/A to inspect before the seal, or the scan as it came.

    The inspector looks at `content`: it is what replaces the paper, and the product begins with its bytes. 404 where
    there is no such file yet, or no more.
    """
    services = get_services(request)
    holder = await authenticate(request, services, fresh=True)
    of = request.query_params.get("of", "product")
    if of not in OF:
        raise InvalidCommand([("/of", Text(f"eines von {', '.join(OF)}", f"one of {', '.join(OF)}"))])
    entry = await run_in_threadpool(services.resources.get_entry, RESOURCE, request.path_params["id"], holder)
    item = get_item(entry.state, request.path_params["n"])
    path, name, media = await run_in_threadpool(_find_file, _get_files(services), item, of, _parse_page(request))
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "content-security-policy": "sandbox; default-src 'none'",
    }
    return FileResponse(path, media_type=media, headers=headers)


def _parse_page(request: Request) -> int:
    """The page that looks different; 0 where none is named, for the first."""
    page = request.query_params.get("page", "0")
    if not re.fullmatch("[0-9]{1,6}", page):
        raise InvalidCommand(
            [("/page", Text("Nummer einer Seite, die anders aussieht", "number of a page that looks different"))]
        )
    return int(page)


def _find_file(files: ScanFiles, item: ScanItem, of: str, page: int) -> tuple[Path, str, str]:
    """Path, name and media type; `NotFound` where there is no such file yet, or no more."""
    if of == "product" and item.product is not None:
        return files.store.path(item.product.sha256), f"{item.id}.pdf", "application/pdf"
    if of == "content" and item.scan is not None and item.scan.raw.content_sha256 is not None:
        return files.store.path(item.scan.raw.content_sha256), f"{item.id}.pdf", "application/pdf"
    if of == "raw" and item.scan is not None:
        raw = item.scan.raw
        return files.store.path(raw.sha256), raw.file_name, raw.media_type.value
    if of in PICTURES and item.scan is not None:
        found = [one for one in item.scan.raw.differences if page in {0, one.page}]
        sha256 = getattr(found[0], of) if found else None
        if sha256 is not None:
            return files.store.path(sha256), f"{item.id}-{found[0].page}-{of}.png", "image/png"
    raise NotFound(of, str(item.number))
