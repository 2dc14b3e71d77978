"""Backup of log and contents to another folder, read back and compared; the release gate requires one (rule 24).

Order: first the log up to a head, then every content it names. Contents are never overwritten, so each event of the
copied log has its file. The log is the only truth: views and timers follow from it.

    log.jsonl       one event a line, as `eva log export` writes it
    objects/…       as in the store
    seal/, seal.json   the test authority and the settings of a real seal, without which no seal can be verified
    roots/…         trust anchors of a real seal; its key and passphrase are kept elsewhere
    runs/<id>.json  what a run copied, written last, when all of it was verified
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from operator import itemgetter
from pathlib import Path
from typing import IO, NamedTuple

from scanning.storage.content_store import ContentStore
from scanning.storage.file_io import BLOCK, drop_cache, hash_rest, read_blocks, storage_errors
from workflow.engine.events import Model
from workflow.engine.fields import Count, Line, Sha256, Time
from workflow.engine.store import hash_chain
from workflow.engine.store.durable_files import make_folder, replacing, write_atomically
from workflow.engine.store.hash_chain import Head, Recorded
from workflow.engine.store.log import Log
from workflow.errors import Corrupted, InvalidCommand, StoreReplaced
from workflow.text import Text

LOG = "log.jsonl"


class BackupRun(Model):
    """A verified backup; its id goes into the event that lets paper go."""

    id: Line
    taken_at: Time
    position: Count
    head: Sha256
    """Hash of the log's head: position and hash together are a checkpoint."""
    files: Count
    bytes: Count

    def to_manifest(self) -> str:
        """What is written into the backup's folder of it; its hash is recorded with each batch."""
        return self.model_dump_json(indent=1)

    @property
    def manifest_sha256(self) -> str:
        return sha256(self.to_manifest().encode()).hexdigest()


class Copy(NamedTuple):
    """What was read in a backup's folder: of what it says of a run, and of the copy of a file."""

    manifest_sha256: str
    sha256: str


class BackupFolders:
    """The folders that backups were made to, kept in a file: where a copy is to be looked for."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def list(self) -> list[Path]:
        """None where the file cannot be read: then no copy is found, until the next backup writes it anew."""
        try:
            return [Path(folder) for folder in json.loads(self._file.read_text(encoding="utf-8"))]
        except (OSError, ValueError, TypeError):
            return []

    def add(self, folder: Path) -> None:
        known = self.list()
        if (whole := folder.resolve()) not in known:
            with storage_errors():
                write_atomically(self._file, json.dumps([*map(str, known), str(whole)], indent=1))


def copy_log_and_files(
    log: Log, store: ContentStore, target: Path, now: datetime, list_needed: Callable[[], Iterable[str]],
    progress: Callable[[int], None] = lambda _: None,
) -> BackupRun:  # fmt: skip
    """Copy and verify; `list_needed` is called once the log is copied and gives the hashes of the contents it needs.

    Raises `Corrupted` where the log does not verify or a file it names is missing or changed, `InvalidCommand`
    for a target inside the store, `StoreReplaced` where the log does not go on from the one backed up there before,
    `StoreFull`, `StoreUnavailable`; then there is no run, and the backup before is still there.
    """
    if target.resolve().is_relative_to(store.root.resolve()):  # it would find every file there already
        says = Text(
            "Eine Sicherung liegt in einem Ordner außerhalb des Speichers",
            "a backup goes to a folder outside of the store",
        )
        raise InvalidCommand([("/target", says)])
    copy = ContentStore(target)
    with storage_errors():
        head = _copy_log(log, target)
        _copy_seal(store.root.parent, target)
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
        write_atomically(target / "runs" / f"{run.id}.json", run.to_manifest())
    return run


def read_log(folder: Path) -> Iterator[Recorded]:
    """Events of a backup, oldest first; for `Log.restore`."""
    return _read(folder / LOG)


def read_head(folder: Path) -> Head | None:
    """Head of the log that a folder of backups holds; None where it holds none."""
    try:
        with (folder / LOG).open("rb") as file:
            last = _read_last_line(file)
        return Head(*itemgetter("position", "hash")(json.loads(last))) if last else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise StoreReplaced(
            f"{folder / LOG} cannot be read; look at it, or use another folder",
            f"{folder / LOG} ist nicht lesbar; nachsehen, oder einen anderen Ordner nehmen",
        ) from wrong


def _copy_log(log: Log, target: Path) -> Head:
    """Write the log event by event, verified on the way and read back; it takes the place of the copy before only
    where it goes on from it.
    """
    before = read_head(target)
    with replacing(target / LOG) as file:
        goes_on = before is None

        def write() -> Iterator[Recorded]:
            nonlocal goes_on
            for row in log.read_all():
                file.write(_to_json(row).encode() + b"\n")
                goes_on = goes_on or before == (row.position, row.hash)
                yield row

        head = hash_chain.verify(write())
        if before is not None and not goes_on:
            raise StoreReplaced(
                f"the backup in {target} goes up to position {before.position} of a log that this one does not go on "
                f"from (it ends at {head.position}); it is kept, use another folder",
                f"Die Sicherung in {target} reicht bis Position {before.position} eines Protokolls, das dieses nicht "
                f"fortsetzt (es endet bei {head.position}); sie bleibt, einen anderen Ordner nehmen",
            )
        file.flush()
        if hash_chain.verify(_read(Path(file.name))) != head:
            raise Corrupted(
                head.position,
                "the copy of the log reads back otherwise",
                "die Kopie des Protokolls liest sich anders zurück",
            )
    return head


def _copy_seal(data: Path, target: Path) -> None:
    """Copy what seals are verified with, as far as the data folder has it; files may be read by their owner only."""
    settings = data / "seal.json"
    copies = {path: target / "seal" / path.name for path in sorted((data / "seal").glob("*")) if path.is_file()}
    if settings.is_file():
        copies[settings] = target / settings.name
        roots = map(Path, json.loads(settings.read_bytes()).get("roots", ()))
        copies |= {root: target / "roots" / root.name for root in roots}
    for source, place in copies.items():
        make_folder(place.parent)
        write_atomically(place, source.read_bytes())


def _read(path: Path) -> Iterator[Recorded]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield Recorded(**json.loads(line))


def _read_last_line(file: IO[bytes]) -> bytes:
    """The last line, without reading the whole file."""
    end, found = file.seek(0, os.SEEK_END), b""
    while end and b"\n" not in found.rstrip(b"\n"):
        size = min(BLOCK, end)
        end = file.seek(end - size)
        found = file.read(size) + found
    return found.rstrip(b"\n").rpartition(b"\n")[2]


def read_copy(folder: Path, run: str, original: Path, digest: str) -> Copy | None:
    """Read what a backup's folder has of a run and of a file, from the disk; None where one of them is not there.

    A copy that is the very file of the store, by a link, is none.
    """
    copy, manifest = folder / "objects" / digest[:2] / digest[2:4] / digest, folder / "runs" / f"{run}.json"
    if manifest.parent != folder / "runs":
        return None
    try:
        if original.exists() and copy.samefile(original):
            return None
        return Copy(_hash_from_disk(manifest), _hash_from_disk(copy))
    except (OSError, ValueError):
        return None


def _hash_from_disk(path: Path) -> str:
    with path.open("rb") as file:
        drop_cache(file)
        return hash_rest(file)[0]


def _copy_content(store: ContentStore, copy: ContentStore, digest: str) -> int:
    """Copy a content unless it is there, and read it back either way; its size."""
    if copy.has(digest):
        return len(copy.read(digest))
    incoming = copy.receive(read_blocks(store.path(digest)), 1 << 62)
    if incoming.sha256 != digest:
        copy.discard(incoming)
        raise Corrupted(
            0, f"file {digest} is not what was written", f"die Datei {digest} ist nicht, was geschrieben wurde"
        )
    return copy.keep(incoming).size


def _to_json(row: Recorded) -> str:
    return json.dumps(row._asdict(), ensure_ascii=False, separators=(",", ":"))


def _make_run_id(head: Head, now: datetime) -> str:
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    return f"{stamp}-{head.position}-{sha256(f'{head.hash}{stamp}'.encode()).hexdigest()[:12]}"
