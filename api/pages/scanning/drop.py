"""A folder of files dropped on a batch: each becomes the scan of the item it is called after, or of a new one."""

from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.application.problems import get_status
from api.application.scan_evidence import ScanFiles
from api.pages.base.acting import Key
from api.pages.base.render import create_page_router, explain
from api.pages.base.visitor import LoggedIn, Visitor
from api.pages.clerk.uploads import NAME, check_own
from api.server.dependencies.uploads import receive_draft
from api.server.dependencies.work import get_work
from api.server.http.request import json_response
from scanning.batches.events import ItemReceived
from scanning.batches.scan_batch import SCAN_STAFF, Batch
from scanning.capture.item_access import is_to_take, match_item
from scanning.requirements.scan_product import RawScan
from scanning.text_recognition.postprocess import Handling
from workflow.errors import EvaError, Forbidden, InvalidCommand, NotFound
from workflow.text import Text

router = create_page_router()
UNNAMED = "Scanner nicht angegeben"


@router.post("/pages/scanning/batches/{id}/drop")
async def drop(request: Request, who: LoggedIn, key: Key) -> Response:
    """Take one file in, and say where to go on; or what was wrong, in the visitor's language."""
    files, name = who.services.files, request.query_params.get("file_name", "")
    try:
        check_own(request, who)
        if files is None:
            raise NotFound("store of files", "sandbox")
        if not NAME.fullmatch(name):
            raise InvalidCommand(
                [("/file_name", Text("1 bis 200 Zeichen ohne Schrägstriche", "1 to 200 characters without slashes"))]
            )
        await run_in_threadpool(_get_batch, who, key)
        await _take(request, who, key, files, name)
    except EvaError as wrong:
        return json_response({"wrong": f"{name}: {explain(wrong, who.language)}"}, get_status(wrong))
    return json_response({"path": f"/pages/scanning/batches/{key}"})


async def _take(request: Request, who: Visitor, key: str, files: ScanFiles, name: str) -> None:
    environment = request.query_params.get("environment", "").strip() or UNNAMED
    duplex, as_it_is = (request.query_params.get(field) == "yes" for field in ("duplex", "as_it_is"))
    terms = (await run_in_threadpool(_get_batch, who, key)).terms
    how = Handling(terms.postprocessing, duplex, as_it_is)
    draft = await receive_draft(request, who.holder, files)
    raw = await get_work(request).files.run(request, who.holder, lambda _: files.store_draft(draft, name, how))
    await run_in_threadpool(take_scan, who, key, raw, environment, duplex=duplex, as_it_is=as_it_is)


def _get_batch(who: Visitor, key: str) -> Batch:
    """The batch; `NotFound` where the visitor may not know of it, `Forbidden` where they take in no paper."""
    service = who.services.resources
    batch: Batch = service.get_entry(service.get_resource("scan-batch"), key, who.holder).state
    if not who.holder.roles & SCAN_STAFF:
        raise Forbidden("this role takes in no paper", "Diese Rolle nimmt kein Papier entgegen")
    return batch


def take_scan(
    who: Visitor, key: str, raw: RawScan, environment: str, *, duplex: bool = False, as_it_is: bool = False
) -> None:
    """Record a checked file as the scan of its item, received and prepared before where it has to be."""
    batch, service = _get_batch(who, key), who.services.resources
    item = match_item(batch, raw)
    number = item.number if item else _receive(who, key, raw, (raw.pages + 1) // 2 if duplex else raw.pages)
    if item is None or item.state == "received":
        service.act("scan-batch", key, "prepare", {"item": number}, who.holder)
    if item is None or is_to_take(item, raw, as_it_is=as_it_is):
        body = {"item": number, "raw": raw.model_dump(mode="json"), "environment": environment, "duplex": duplex}
        service.act("scan-batch", key, "scan", body, who.holder)


def _receive(who: Visitor, key: str, raw: RawScan, sheets: int) -> int:
    """The number of a new item for a file; others may be receiving items into the batch at the same time."""
    new = {"title": Path(raw.file_name).stem, "sheets": sheets}
    answer = who.services.resources.act("scan-batch", key, "receive", {"new": new}, who.holder)
    return next(int(event["data"]["number"]) for event in answer.events if event["type"] == ItemReceived.TYPE)
