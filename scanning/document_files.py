"""Files of documents and mail that the server itself stores: taken in with the checks of a scan, and which there are.

TR-03138 A.T.3 (protection against harmful files), A.T.4; rule 12: what is deleted with its record is deleted here too.
"""

from datetime import datetime
from typing import NamedTuple

from scanning.inspection.plain_text import PLAIN_TEXT, find_charset, is_named_text
from scanning.readers.process_pool import ReaderPool
from scanning.rejection import FileRejected, RejectionReason
from scanning.storage.content_store import ContentStore, Incoming
from scanning.storage.rejected import quarantining
from workflow.engine.events import decode
from workflow.engine.store.log import Log
from workflow.mail_folders.events import ItemReceived
from workflow.records.events import Deleted, DocumentAdded, VersionAdded
from workflow.records.files import File


class StoredFiles(NamedTuple):
    """SHA-256 of stored files: those that documents and mail items name, and those that are to be deleted."""

    named: frozenset[str]
    deleted: frozenset[str]


def store_document(incoming: Incoming, name: str, store: ContentStore, readers: ReaderPool, now: datetime) -> File:
    """Check a file that has arrived, one of the types of scans or plain text, and store it as it is; raises
    `FileRejected`, then its bytes are in quarantine.
    """
    with quarantining(store, incoming, name, now):
        if incoming.size > readers.limits.file_bytes:
            raise FileRejected(RejectionReason.TOO_BIG, f"> {readers.limits.file_bytes:,} bytes")
        if is_named_text(name):
            find_charset(incoming.path)
            media_type = PLAIN_TEXT
        else:
            media_type = readers.inspect(incoming.path, name).media_type.value
    kept = store.keep(incoming)
    return File(sha256=kept.sha256, file_name=name, media_type=media_type, size=kept.size, stored=True)


def list_stored(log: Log) -> StoredFiles:
    """Read from the whole log; of what was erased from it nothing is left but what its deletion says."""
    named: set[str] = set()
    deleted: set[str] = set()
    for row in log.read_types(DocumentAdded.TYPE, VersionAdded.TYPE, ItemReceived.TYPE, Deleted.TYPE):
        if row.payload is None:
            continue
        match decode(row.type, row.schema_version, row.payload, row.position):
            case DocumentAdded(version=version) | VersionAdded(version=version) if version.stored:
                named.add(version.sha256)
            case ItemReceived(incoming=incoming) if incoming.file is not None and incoming.file.stored:
                named.add(incoming.file.sha256)
            case Deleted(files=files):
                deleted.update(files)
    return StoredFiles(frozenset(named), frozenset(deleted - named))
