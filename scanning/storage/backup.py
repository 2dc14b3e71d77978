"""Backup of log and contents to another folder, read back and compared; the release gate requires one (rule 24).

Order: first the log up to a head, then every content it names. Contents are never overwritten, so each event of the
copied log has its file. The log is the only truth: views and timers follow from it.

    log.jsonl       one event a line, as `eva log export` writes it
    objects/…       as in the store
    runs/<id>.json  what a run copied, written last, when all of it was verified
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from scanning.storage.content_store import ContentStore
from scanning.storage.file_io import read_blocks, storage_errors
from workflow.engine.events import Model
from workflow.engine.fields import Count, Line, Sha256, Time
from workflow.engine.store import hash_chain
from workflow.engine.store.durable_files import make_folder, write_atomically
from workflow.engine.store.hash_chain import Head, Recorded
from workflow.engine.store.log import Log
from workflow.errors import Corrupted, InvalidCommand


class BackupRun(Model):
    """A verified backup; its id goes into the event that lets paper go."""

    id: Line
    taken_at: Time
    position: Count
    head: Sha256
    """Hash of the log's head: position and hash together are a checkpoint."""
    files: Count
    bytes: Count


def copy_log_and_files(
    log: Log, store: ContentStore, target: Path, now: datetime, list_needed: Callable[[], Iterable[str]],
    progress: Callable[[int], None] = lambda _: None,
) -> BackupRun:  # fmt: skip
    """Copy and verify; `list_needed` is called once the log is copied and gives the hashes of the contents it needs.

    Raises `Corrupted` where the log does not verify or a file it names is missing or changed, `InvalidCommand`
    for a target inside the store, `StoreFull`, `StoreUnavailable`; then there is no run.
    """
    if target.resolve().is_relative_to(store.root.resolve()):  # it would find every file there already
        raise InvalidCommand([("/target", "a backup goes to a folder outside of the store")])
    copy = ContentStore(target)
    rows = list(log.read_all())
    head = hash_chain.verify(rows)
    with storage_errors():
        write_atomically(target / "log.jsonl", "".join(f"{_to_json(row)}\n" for row in rows))
    if hash_chain.verify(read_log(target)) != head:
        raise Corrupted(head.position, "the copy of the log reads back otherwise")
    files = total = 0
    for digest in sorted(set(list_needed())):
        total += _copy_content(store, copy, digest)
        files += 1
        progress(files)
    run = BackupRun(
        id=_make_run_id(head, now), taken_at=now, position=head.position, head=head.hash, files=files, bytes=total
    )
    with storage_errors():
        make_folder(target / "runs")
        write_atomically(target / "runs" / f"{run.id}.json", run.model_dump_json(indent=1))
    return run


def read_log(folder: Path) -> Iterable[Recorded]:
    """Events of a backup, oldest first; for `Log.restore`."""
    with (folder / "log.jsonl").open(encoding="utf-8") as file:
        for line in file:
            yield Recorded(**json.loads(line))


def _copy_content(store: ContentStore, copy: ContentStore, digest: str) -> int:
    """Copy a content unless it is there, and read it back either way; its size."""
    if copy.has(digest):
        return len(copy.read(digest))
    incoming = copy.receive(read_blocks(store.path(digest)), 1 << 62)
    if incoming.sha256 != digest:
        copy.discard(incoming)
        raise Corrupted(0, f"file {digest} is not what was written")
    return copy.keep(incoming).size


def _to_json(row: Recorded) -> str:
    return json.dumps(row._asdict(), ensure_ascii=False, separators=(",", ":"))


def _make_run_id(head: Head, now: datetime) -> str:
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    return f"{stamp}-{head.position}-{sha256(f'{head.hash}{stamp}'.encode()).hexdigest()[:12]}"
