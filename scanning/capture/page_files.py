"""Files of one page each, as scanners write them: put together in their order, and taken in as one."""

import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from scanning.capture.capture import ScanCapture, SplitFile
from scanning.rejection import FileRejected
from scanning.requirements.scan_product import MediaType
from scanning.storage.content_store import Incoming
from scanning.storage.file_io import hash_rest, read_blocks
from scanning.text_recognition.postprocess import Handling
from workflow.engine.fields import line

PAGE_NUMBER = re.compile(r"^(.*?)[-_ .]*(\d+)$")


class Source(NamedTuple):
    """A file to take in, or the pages of one, each a file of its own."""

    name: str
    pages: tuple[Path, ...]

    def hash(self) -> str:
        """Tells it from every other: the SHA-256 of its bytes, of several files that of their hashes in order."""
        found = [_hash_file(path) for path in self.pages]
        return found[0] if len(found) == 1 else hash_text("\n".join(found))


def group_pages(files: Iterable[Path]) -> list[Source]:
    """Files of one page each, as scanners write them, put together: those of a folder whose names differ in the last
    number only, in the order of that number (`brief-1.tif`, `brief-2.tif`, …, `brief-10.tif`).
    """
    found: dict[tuple[Path, str], list[tuple[int, Path]]] = {}
    for path in files:
        match = PAGE_NUMBER.match(path.stem)
        prefix, number = (match[1], int(match[2])) if match else (path.stem, 0)
        found.setdefault((path.parent, prefix), []).append((number, path))
    return [
        Source(
            pages[0][1].name if len(pages) == 1 else f"{prefix or folder.name}.pdf", tuple(p for _, p in sorted(pages))
        )
        for (folder, prefix), pages in found.items()
    ]


def split_pages(capture: ScanCapture, source: Source, how: Handling) -> SplitFile:
    """As `ScanCapture.split`, of files that are a page each: put together as one PDF, which is the raw scan.

    Each is checked on its own; a rejected one is in quarantine under its own name.
    """
    now, store, pool = capture.engine.clock(), capture.store, capture.reader_pool
    checked: list[tuple[Incoming, MediaType]] = []
    out = store.new_draft()
    try:
        for page in source.pages:
            name = line(page.name)
            incoming = store.receive(read_blocks(page), pool.limits.file_bytes, name, now)
            try:
                checked.append((incoming, pool.inspect(incoming.path, name).media_type))
            except FileRejected as rejected:
                store.quarantine(incoming, name, rejected, now)
                raise
        pool.join([(incoming.path, kind) for incoming, kind in checked], out)
        return capture.split(out, source.name, how)
    finally:
        for path in (out, *(incoming.path for incoming, _ in checked)):
            path.unlink(missing_ok=True)


def hash_text(text: str) -> str:
    """SHA-256 of a text."""
    return sha256(text.encode()).hexdigest()


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hash_rest(file)[0]
