"""What becomes of a file that its reader rejects."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from scanning.rejection import FileRejected, RejectionReason
from scanning.storage.content_store import ContentStore, Incoming
from workflow.errors import StoreFull

SPARE = 64 * 2**20
"""With fewer bytes free on the disk, a reader that crashed may have done so because the disk was full."""


@contextmanager
def quarantining(store: ContentStore, incoming: Incoming, name: str, now: datetime) -> Iterator[None]:
    """A file that is rejected in the block goes to quarantine; `StoreFull` where perhaps only the disk is full."""
    try:
        yield
    except FileRejected as rejected:
        if rejected.reason is RejectionReason.READER_FAILED and store.free() < SPARE:
            raise StoreFull(
                "the content store has no room left", "Im Dateispeicher ist kein Platz mehr"
            ) from rejected  # a good file must not be rejected because the disk is full
        store.quarantine(incoming, name, rejected, now)
        raise
