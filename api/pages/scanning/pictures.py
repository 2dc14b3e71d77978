"""Pages that look different in the PDF/A, or are not in it: as scanned and as they are there, side by side."""

from typing import Annotated, Literal

from fastapi import Path
from starlette.responses import FileResponse, Response

from api.pages.base.acting import Key
from api.pages.base.render import create_page_router
from api.pages.base.visitor import LoggedIn
from api.pages.clerk.contents import POLICY, get_state
from scanning.batches.scan_batch import Batch
from workflow.errors import NotFound

router = create_page_router()
Number = Annotated[int, Path(ge=1, le=100_000)]


@router.get("/pages/scanning/batches/{id}/items/{number}/pages/{page}/{of}")
def read_picture(
    who: LoggedIn, key: Key, number: Number, page: Number, of: Literal["before", "converted", "after"]
) -> Response:
    """The picture of a page of an item's latest scan, PNG; `NotFound` where there is none."""
    batch, files = get_state(who, "scan-batch", key, who.holder), who.services.files
    items = batch.items.values() if isinstance(batch, Batch) else ()
    scan = next((item.scan for item in items if item.number == number), None)
    found = next((one for one in scan.raw.differences if one.page == page), None) if scan else None
    sha256 = getattr(found, of, None)
    if sha256 is None or files is None:
        raise NotFound("picture", f"{number}, {page}")
    headers = {"content-security-policy": POLICY}
    return FileResponse(files.store.path(sha256), media_type="image/png", headers=headers)
