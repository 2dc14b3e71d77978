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
    NOT_ARCHIVABLE = "not_archivable"
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
    _R.NOT_ARCHIVABLE: Text(
        "Die Datei lässt sich nicht als PDF/A-2b schreiben", "the file cannot be written as PDF/A-2b"
    ),
    _R.READER_FAILED: Text("Das Leseprogramm ist an der Datei gescheitert", "the reader crashed on this file"),
}  # fmt: skip


_AGAIN = Text("neu scannen", "scan it again")
_SAVE = Text("im Programm, aus dem sie stammt, als PDF/A speichern, oder drucken und scannen",
             "save it as PDF/A where it comes from, or print and scan it")  # fmt: skip
_SPLIT = Text("in kleinere Dateien teilen", "split it into smaller files")
REMEDIES: dict[RejectionReason, Text] = {
    **dict.fromkeys(_R, _AGAIN),
    **dict.fromkeys((_R.ACTIVE_CONTENT, _R.EMBEDDED_FILES, _R.EXTERNAL_CONTENT, _R.NOT_ARCHIVABLE), _SAVE),
    **dict.fromkeys((_R.TOO_BIG, _R.TOO_MANY_PAGES, _R.TOO_SLOW), _SPLIT),
    _R.UNKNOWN_TYPE: Text("als PDF, TIFF, JPEG oder PNG speichern", "save it as PDF, TIFF, JPEG or PNG"),
    _R.ENCRYPTED: Text("ohne Kennwort und ohne Beschränkungen speichern", "save it without password and restrictions"),
    _R.POLYGLOT: Text("neu speichern; bleibt es dabei, der IT-Sicherheit melden",
                      "save it anew; if that does not help, tell IT security"),
    _R.SYMBOL_CODING: Text("JBIG2 am Scanner abschalten, neu scannen", "switch JBIG2 off at the scanner, scan again"),
    _R.HUGE_DIMENSIONS: Text("mit geringerer Auflösung scannen", "scan it with a lower resolution"),
    _R.INTERRUPTED: Text("noch einmal senden", "send it again"),
    _R.READER_FAILED: Text("neu scannen; bleibt es dabei, den Betrieb rufen",
                           "scan it again; if that does not help, call the operators"),
}  # fmt: skip
"""What to do about each reason."""


class FileRejected(EvaError):
    """The file is not taken; `reason` is the code, `detail` what was found."""

    def __init__(self, reason: RejectionReason, detail: str = "") -> None:
        de, en = SENTENCES[reason]
        more = f" ({detail})" if detail else ""
        what = REMEDIES[reason]
        super().__init__(f"{en}{more}; {what.en}", f"{de}{more}; {what.de}")
        self.reason = reason
        self.detail = detail
        self.sha256: str | None = None
        """Of the bytes in quarantine, once they are there."""
