"""Why a scanned file is rejected: a code, and a sentence in German and English.

The bytes of a rejected file are kept in quarantine with their hash, because paper may pass the scanner only once.
"""

from enum import StrEnum

from workflow.errors import EvaError
from workflow.text import Text


class RejectionReason(StrEnum):
    EMPTY = "empty"
    TOO_BIG = "too_big"
    UNKNOWN_TYPE = "unknown_type"
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"
    ACTIVE_CONTENT = "active_content"
    EMBEDDED_FILES = "embedded_files"
    EXTERNAL_CONTENT = "external_content"
    DECOMPRESSION_BOMB = "decompression_bomb"
    TOO_MANY_PAGES = "too_many_pages"
    NO_PAGES = "no_pages"
    PAGE_COUNT_LIE = "page_count_lie"
    LOOP = "loop"
    HUGE_DIMENSIONS = "huge_dimensions"
    POLYGLOT = "polyglot"
    SYMBOL_CODING = "symbol_coding"
    TOO_SLOW = "too_slow"
    READER_FAILED = "reader_failed"
    INTERRUPTED = "interrupted"


_R = RejectionReason
SENTENCES: dict[RejectionReason, Text] = {
    _R.EMPTY: Text("Die Datei ist leer", "the file is empty"),
    _R.TOO_BIG: Text("Die Datei ist größer als zulässig", "the file is bigger than allowed"),
    _R.UNKNOWN_TYPE: Text(
        "Der Inhalt ist weder PDF noch TIFF, JPEG oder PNG", "the content is neither PDF, TIFF, JPEG nor PNG"
    ),
    _R.DAMAGED: Text("Die Datei ist beschädigt oder unvollständig", "the file is damaged or incomplete"),
    _R.ENCRYPTED: Text("Die Datei ist verschlüsselt", "the file is encrypted"),
    _R.ACTIVE_CONTENT: Text("Die Datei kann beim Öffnen etwas ausführen", "the file can run something when opened"),
    _R.EMBEDDED_FILES: Text("Die Datei enthält weitere Dateien", "the file contains other files"),
    _R.EXTERNAL_CONTENT: Text("Ein Teil des Inhalts liegt außerhalb der Datei", "part of the content lies elsewhere"),
    _R.DECOMPRESSION_BOMB: Text(
        "Entpackt ist der Inhalt größer als zulässig", "the content unpacks to more than allowed"
    ),
    _R.TOO_MANY_PAGES: Text("Die Datei hat mehr Seiten als zulässig", "the file has more pages than allowed"),
    _R.NO_PAGES: Text("Die Datei hat keine Seite", "the file has no page"),
    _R.PAGE_COUNT_LIE: Text(
        "Die Datei nennt eine andere Seitenzahl, als sie hat", "the file states another number of pages than it has"
    ),
    _R.LOOP: Text("Die Seiten der Datei verweisen im Kreis", "the pages of the file refer to each other in a loop"),
    _R.HUGE_DIMENSIONS: Text("Eine Seite ist größer als zulässig", "a page is larger than allowed"),
    _R.POLYGLOT: Text("Die Datei hat zwei Dateitypen zugleich", "the file is of two file types at once"),
    _R.SYMBOL_CODING: Text(
        "Ein Bild ist mit Symbolkodierung verdichtet, die Zeichen vertauschen kann",
        "an image is compressed by symbol coding, which may swap characters",
    ),
    _R.TOO_SLOW: Text("Das Lesen der Datei dauert länger als zulässig", "reading the file takes longer than allowed"),
    _R.INTERRUPTED: Text("Die Datei ist nicht vollständig angekommen", "the file did not arrive completely"),
    _R.READER_FAILED: Text("Das Leseprogramm ist an der Datei gescheitert", "the reader crashed on this file"),
}  # fmt: skip


class FileRejected(EvaError):
    """The file is not taken; `reason` is the code, `detail` what was found."""

    def __init__(self, reason: RejectionReason, detail: str = "") -> None:
        de, en = SENTENCES[reason]
        more = f" ({detail})" if detail else ""
        super().__init__(en + more, de + more)
        self.reason = reason
        self.detail = detail
        self.sha256: str | None = None
        """Of the bytes in quarantine, once they are there."""
