"""Why a scanned file is rejected: a code, and a sentence in German and English.

The bytes of a rejected file are kept in quarantine with their hash, because paper may pass the scanner only once.
"""

from enum import StrEnum

from workflow.errors import EvaError


class RejectionReason(StrEnum):
    """Codes of rejection."""

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


SENTENCES: dict[RejectionReason, tuple[str, str]] = {
    RejectionReason.EMPTY: ("the file is empty", "Die Datei ist leer"),
    RejectionReason.TOO_BIG: ("the file is bigger than allowed", "Die Datei ist größer als zulässig"),
    RejectionReason.UNKNOWN_TYPE: (
        "the content is neither PDF, TIFF, JPEG nor PNG",
        "Der Inhalt ist weder PDF noch TIFF, JPEG oder PNG",
    ),
    RejectionReason.DAMAGED: ("the file is damaged or incomplete", "Die Datei ist beschädigt oder unvollständig"),
    RejectionReason.ENCRYPTED: ("the file is encrypted", "Die Datei ist verschlüsselt"),
    RejectionReason.ACTIVE_CONTENT: ("the file can run something when opened", "Die Datei kann beim Öffnen etwas ausführen"),
    RejectionReason.EMBEDDED_FILES: ("the file carries other files", "Die Datei enthält weitere Dateien"),
    RejectionReason.EXTERNAL_CONTENT: ("part of the content lies elsewhere", "Ein Teil des Inhalts liegt außerhalb der Datei"),
    RejectionReason.DECOMPRESSION_BOMB: (
        "the content unpacks to more than allowed",
        "Entpackt ist der Inhalt größer als zulässig",
    ),
    RejectionReason.TOO_MANY_PAGES: ("the file has more pages than allowed", "Die Datei hat mehr Seiten als zulässig"),
    RejectionReason.NO_PAGES: ("the file has no page", "Die Datei hat keine Seite"),
    RejectionReason.PAGE_COUNT_LIE: (
        "the file states another number of pages than it has",
        "Die Datei nennt eine andere Seitenzahl, als sie hat",
    ),
    RejectionReason.LOOP: ("the pages of the file lead back to themselves", "Die Seiten der Datei verweisen im Kreis"),
    RejectionReason.HUGE_DIMENSIONS: ("a page is larger than allowed", "Eine Seite ist größer als zulässig"),
    RejectionReason.POLYGLOT: ("the file is two kinds of file in one", "Die Datei ist zweierlei Datei in einer"),
    RejectionReason.SYMBOL_CODING: (
        "an image is compressed by symbol coding, which may swap characters",
        "Ein Bild ist mit Symbolkodierung verdichtet, die Zeichen vertauschen kann",
    ),
    RejectionReason.TOO_SLOW: ("reading the file takes longer than allowed", "Das Lesen der Datei dauert länger als zulässig"),
    RejectionReason.INTERRUPTED: ("the file did not arrive whole", "Die Datei ist nicht vollständig angekommen"),
    RejectionReason.READER_FAILED: ("the reader broke down on this file", "Das Leseprogramm ist an der Datei gescheitert"),
}  # fmt: skip


class FileRejected(EvaError):
    """The file is not taken; `reason` is the code, `detail` what was found."""

    def __init__(self, reason: RejectionReason, detail: str = "") -> None:
        en, de = SENTENCES[reason]
        more = f" ({detail})" if detail else ""
        super().__init__(en + more, de + more)
        self.reason = reason
        self.detail = detail
        self.sha256: str | None = None
        """Of the bytes in quarantine, once they are there."""
