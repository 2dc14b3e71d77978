"""The text of documents into the index of words: each PDF and each plain text that the log names is read, once; PDFs by
a reader process.

What cannot be read is left out, and told in the log of the server; the next document has its turn.
"""

import logging
import re
from collections.abc import Iterable, Sequence
from unicodedata import normalize

from api.application.scan_evidence import ScanFiles
from api.server.background.loop import Loop, Stopping
from scanning.inspection.plain_text import PLAIN_TEXT, read_text_pages
from scanning.inspection.results import MOST_CHARACTERS
from scanning.readers.process_pool import CONFINED
from scanning.readers.tasks import READ_TEXT
from scanning.rejection import FileRejected
from scanning.requirements.scan_product import MediaType
from workflow.engine.engine import Engine
from workflow.engine.events import decode
from workflow.engine.store.hash_chain import Recorded
from workflow.errors import Corrupted, NotFound
from workflow.records.events import Deleted, DocumentAdded, VersionAdded
from workflow.records.files import Version
from workflow.records.record import Record
from workflow.views.projection import words
from workflow.views.texts.document_words import DocumentWords

LOG = logging.getLogger("eva.texts")
PAGE = 500
"""Events read at once."""
MOST_WORDS = 20_000
"""Different ones of a document."""
LONGEST = 100
"""Letters of a word that are kept, as in the index of titles."""
_HYPHEN = re.compile("[-\u00ad\u0002\ufffe]\\s*\n\\s*")
"""A word divided at the end of a line."""
__all__ = ["CONFINED", "DocumentTextLoop", "index_words"]


def index_words(pages: Iterable[str]) -> dict[str, int]:
    """Words with the first page on which each stands; those divided at the end of a line as a whole too."""
    found: dict[str, int] = {}
    for number, text in enumerate(pages, 1):
        clean = normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
        for word in sorted(words(clean) | words(_HYPHEN.sub("", clean))):
            if len(found) == MOST_WORDS:
                return found
            found.setdefault(word[:LONGEST], number)
    return found


class DocumentTextLoop(Loop):
    def __init__(self, engine: Engine, files: ScanFiles, seconds: float) -> None:
        super().__init__("eva-texts", LOG, seconds, first=0.0)
        self._engine = engine
        self._files = files
        self._words = DocumentWords(engine)

    def once(self) -> None:
        """Read what the log names up to its head."""
        while rows := list(self._engine.log.read_all(position := self._words.position(), PAGE)):
            self._follow(position, rows)

    def _follow(self, position: int, rows: Sequence[Recorded]) -> None:
        for row in rows:
            if self._stop.is_set():
                raise Stopping
            if row.type in {DocumentAdded.TYPE, VersionAdded.TYPE, Deleted.TYPE} and row.payload is not None:
                if not self._take(position, row):
                    return  # another process was quicker
                position = row.position
        if position < rows[-1].position:
            self._words.skip(position, rows[-1].position)

    def _take(self, position: int, row: Recorded) -> bool:
        event = decode(row.type, row.schema_version, row.payload or "", row.position)
        if isinstance(event, Deleted):
            record = self._engine.find(row.stream, Record)
            kept = [document.id for document in record.documents()] if record is not None else []
            return self._words.drop(position, row.position, row.stream, kept)
        if isinstance(event, DocumentAdded | VersionAdded) and event.version.stored:
            pages = self._read(event.version, row.stream)
            return self._words.put(position, row.position, row.stream, event.document, index_words(pages))
        return self._words.skip(position, row.position)

    def _read(self, version: Version, stream: str) -> Sequence[str]:
        try:
            path = self._files.store.path(version.sha256)
            if version.media_type == PLAIN_TEXT:
                return read_text_pages(path, MOST_CHARACTERS)
            if version.media_type == MediaType.PDF.value:
                return self._files.services.reader_pool.run(READ_TEXT, path=str(path)).pages
        except (FileRejected, NotFound, Corrupted) as wrong:
            LOG.warning("not read", extra={"stream": stream, "sha256": version.sha256, "why": str(wrong)})
        return ()
