"""Files that come as the body of a request: brought to the disk as they come; a slow client holds no thread."""

from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.application.scan_evidence import ScanFiles
from api.application.tokens import Holder
from api.server.dependencies.work import get_work
from scanning.storage.file_io import storage_errors

PIECE = 2**20
"""Bytes that are gathered before they are written."""


async def receive_draft(request: Request, holder: Holder, files: ScanFiles) -> Path:
    """The body as a draft of the store; of one that is too long so much and a little more."""
    with get_work(request).uploads.place(holder.name):
        draft = await run_in_threadpool(files.new_draft)
        size, most, pieces = 0, files.most_bytes, bytearray()
        async for block in request.stream():
            pieces += block
            size += len(block)
            if len(pieces) >= PIECE or size > most:
                await run_in_threadpool(_append, draft, bytes(pieces))
                pieces.clear()
            if size > most:
                break
        await run_in_threadpool(_append, draft, bytes(pieces))
    return draft


def _append(draft: Path, pieces: bytes) -> None:
    with storage_errors(), draft.open("ab") as file:
        file.write(pieces)
