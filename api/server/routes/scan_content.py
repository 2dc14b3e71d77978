"""`…/scan-batches/{id}/items/{n}/content`: takes the scanned file, and gives back scan or product.

The file is streamed to disk, checked in a child process, stored and read back; then the command `scan` is decided. A
file that will not do is refused with its reason, and its bytes are kept in quarantine: paper passes the scanner once.
"""

import asyncio
import re
from collections.abc import Iterator
from queue import Full, Queue
from typing import Any, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response

from api.application.errors import UnsupportedMedia
from api.application.resources.scan_batches import RESOURCE
from api.application.scan_evidence import ScanFiles, find_item
from api.application.tokens import Holder
from api.server.dependencies.caller import authenticate
from api.server.dependencies.services import Services, get_services
from api.server.http.request import answer, command_id, etag, expected_version
from scanning.batches.commands import Rework, Scan
from scanning.batches.guards import Ask
from scanning.batches.machine import MACHINE
from scanning.requirements.scan_product import RawScan
from workflow.engine.commands import parse
from workflow.errors import InvalidCommand, NotFound

router = APIRouter()
PATH = "/scan-batches/{id}/items/{n}/content"
MEDIA = {"application/pdf", "image/tiff", "image/jpeg", "image/png", "application/octet-stream"}
OF = ("product", "content", "raw")
"""Which file of an item: the sealed product, the PDF/A to inspect before the seal, the scan as it came."""
NAME = re.compile(r"[^\x00-\x1f\x7f/\\]{1,200}")


class Wanted(NamedTuple):
    """What is said about a file beside its bytes."""

    name: str
    body: dict[str, Any]


async def content(request: Request) -> Response:
    """`PUT`: the scanned file of an item. `GET`: its product, or what `?of=` says.

    `raw` is the scan as it came, `content` the PDF/A to inspect before the seal: what the product begins with.
    """
    request.scope["eva.route"] = PATH
    services = get_services(request)
    if request.method == "PUT":
        return await _put(request, services)
    return await _get(request, services)


async def _put(request: Request, services: Services) -> Response:
    holder = await authenticate(request, services, fresh=True)
    key = command_id(request, holder.user)
    files, wanted = _files(services), _wanted(request)
    action = "rework" if "reason" in wanted.body else "scan"
    await run_in_threadpool(_may, request, services, holder, action, key)
    raw = await _taken(request, files, wanted.name)
    body = {"item": _number(request), "raw": raw.model_dump(mode="json"), **wanted.body}
    parse(Rework if action == "rework" else Scan, body)
    prepared = services.resources.prepare(
        RESOURCE.name, request.path_params["id"], action, body, holder, expected_version(request), key
    )
    done = await services.resources.execute_soon(prepared)
    told = await run_in_threadpool(services.resources.answer, prepared, done)
    return answer({**told.resource, "events": told.events}, headers={"etag": etag(told.version)})


def _files(services: Services) -> ScanFiles:
    if services.files is None:
        raise NotFound("store of files", "sandbox")
    return services.files


def _wanted(request: Request) -> Wanted:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in MEDIA:
        kinds = ", ".join(sorted(MEDIA))
        raise UnsupportedMedia(f"a scan is one of {kinds}", f"Ein Scan ist eines von {kinds}")
    query = request.query_params
    name = query.get("file_name", "scan")
    if not NAME.fullmatch(name):
        raise InvalidCommand([("/file_name", "1 to 200 characters without slashes")])
    body: dict[str, Any] = {field: query[field] for field in ("environment", "reason") if field in query}
    if "sheets" in query:
        if not re.fullmatch("[0-9]{1,6}", query["sheets"]):
            raise InvalidCommand([("/sheets", "a number of sheets")])
        body["sheets"] = int(query["sheets"])
    if "duplex" in query:
        if query["duplex"] not in {"true", "false"}:
            raise InvalidCommand([("/duplex", "true or false")])
        body["duplex"] = query["duplex"] == "true"
    return Wanted(name, body)


def _number(request: Request) -> int | str:
    number: str = request.path_params["n"]
    return int(number) if number.isdecimal() and len(number) < 7 else number


def _may(request: Request, services: Services, holder: Holder, action: str, change: str) -> None:
    """Refuse early what would be refused after the upload; the decision has the last word, also on a repeated one."""
    key = request.path_params["id"]
    batch = services.resources.get_entry(RESOURCE, key, holder).state
    item = find_item(batch, request.path_params["n"])
    ask = Ask(batch, item, None, services.resources.visibility.context(f"{RESOURCE.name}:{key}", holder))
    if not services.engine.log.read_command(change):
        MACHINE.step(item.state, action, holder.roles, ask)


async def _taken(request: Request, files: ScanFiles, name: str) -> RawScan:
    """Stream the body to disk in a thread, then have it checked there."""
    queue: Queue[bytes | Exception | None] = Queue(maxsize=8)
    taking = asyncio.ensure_future(run_in_threadpool(files.take, _blocks(queue), name))
    try:
        async for block in request.stream():
            await _hand_over(queue, block, taking)
        await _hand_over(queue, None, taking)
    except ClientDisconnect as gone:
        await _hand_over(queue, gone, taking)
        await asyncio.gather(taking, return_exceptions=True)
        raise
    return await taking


def _blocks(queue: "Queue[bytes | Exception | None]") -> Iterator[bytes]:
    while (block := queue.get()) is not None:
        if isinstance(block, Exception):
            raise block
        yield block


async def _hand_over(queue: "Queue[Any]", block: Any, taking: "asyncio.Future[RawScan]") -> None:
    while not taking.done():
        try:
            queue.put_nowait(block)
        except Full:
            await asyncio.sleep(0.005)
        else:
            return


async def _get(request: Request, services: Services) -> Response:
    holder = await authenticate(request, services, fresh=True)
    of = request.query_params.get("of", "product")
    if of not in OF:
        raise InvalidCommand([("/of", f"one of {', '.join(OF)}")])
    entry = await run_in_threadpool(services.resources.get_entry, RESOURCE, request.path_params["id"], holder)
    item = find_item(entry.state, request.path_params["n"])
    files = _files(services)
    if of == "product" and item.product is not None:
        path, name, media = files.store.path(item.product.sha256), f"{item.id}.pdf", "application/pdf"
    elif of == "content" and item.scan is not None and item.scan.raw.content_sha256 is not None:
        path, name, media = files.store.path(item.scan.raw.content_sha256), f"{item.id}.pdf", "application/pdf"
    elif of == "raw" and item.scan is not None:
        raw = item.scan.raw
        path, name, media = files.store.path(raw.sha256), raw.file_name, raw.media_type.value
    else:
        raise NotFound(of, request.path_params["n"])
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "content-security-policy": "sandbox; default-src 'none'",
    }
    return FileResponse(path, media_type=media, headers=headers)


router.add_route(PATH, content, methods=["PUT", "GET"])
