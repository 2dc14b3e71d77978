"""The check of a scanned file: its type by content, never by name, then its pages.

A file that is of two types at once (polyglot) is rejected.
"""

import re
from pathlib import Path, PurePath

from scanning.inspection.page_quality import PageQuality
from scanning.inspection.results import Inspection
from scanning.limits import Limits, Turn, ignore_page
from scanning.rejection import FileRejected, RejectionReason
from scanning.requirements.scan_product import MediaType
from workflow.engine.fields import line


def inspect(path: Path, name: str, limits: Limits, on_page: Turn = ignore_page) -> Inspection:
    """Check a file; raises `FileRejected` with the first reason found."""
    kind = detect_media_type(path)
    if kind is MediaType.PDF:
        from scanning.inspection import pdf  # noqa: PLC0415  # a reader of images need not load PDF libraries

        qualities, findings = pdf.inspect(path, limits, on_page)
    else:
        from scanning.inspection import images  # noqa: PLC0415

        qualities, findings = images.inspect(path, kind, limits, on_page)
    return describe_inspection(kind, name, qualities, findings)


def describe_inspection(kind: MediaType, name: str, qualities: list[PageQuality], findings: list[str]) -> Inspection:
    """The result of a check; a name that tells another type is a finding."""
    suffix = PurePath(name).suffix.lower()
    if suffix not in SUFFIXES[kind]:
        findings = [f"wrong_extension: {suffix or '-'} holds {kind}", *findings]
    return Inspection(
        media_type=kind,
        pages=len(qualities),
        blank_pages=_list_pages(qualities, "blank"),
        unreadable_pages=_list_pages(qualities, "unreadable"),
        findings=tuple(line(finding) for finding in findings),
    )


def _list_pages(qualities: list[PageQuality], which: str) -> tuple[int, ...]:
    return tuple(number for number, quality in enumerate(qualities, 1) if getattr(quality, which))


_MAGIC = (
    (b"%PDF-", MediaType.PDF),
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
)
_OTHERS = (
    (b"PK\x03\x04", "ZIP"), (b"MZ", "EXE"), (b"\x7fELF", "ELF"), (b"GIF8", "GIF"), (b"\x00" * 16, "zeros"),
    (b"II+\x00", "BigTIFF"), (b"MM\x00+", "BigTIFF"), (b"<", "XML/HTML"), (b"\xd0\xcf\x11\xe0", "OLE"), (b"BM", "BMP"),
    (b"\x00\x00\x00\x0cjP", "JPEG 2000"), (b"RIFF", "RIFF"), (b"{\\rtf", "RTF"), (b"%!PS", "PostScript"),
)  # fmt: skip
SUFFIXES = {
    MediaType.PDF: {".pdf"},
    MediaType.TIFF: {".tif", ".tiff"},
    MediaType.JPEG: {".jpg", ".jpeg"},
    MediaType.PNG: {".png"},
}
HEAD, TAIL = 1024, 65_557
"""Where viewers look for a PDF's beginning, and unpackers for a ZIP's end."""


_PRINTER_LINES = re.compile(rb"\x1b%-12345X(?:@PJL[\x20-\x7e\t]*\r?\n)+")
_PRINTER_END = re.compile(rb"\x1b%-12345X(?:@PJL[\x20-\x7e\t]*\r?\n)*(?:\x1b%-12345X)?\s*\Z")
"""Lines of the printer's job language, before and behind a PDF that was printed to a file (HP PJL, chapter 2)."""


def detect_media_type(path: Path) -> MediaType:
    """Type of a file; raises `FileRejected` as `empty`, `unknown_type` or `polyglot`."""
    size = path.stat().st_size
    if not size:
        raise FileRejected(RejectionReason.EMPTY)
    with path.open("rb") as file:
        head = file.read(HEAD)
        file.seek(max(size - TAIL, 0))
        tail = file.read()
    begin = _PRINTER_LINES.match(head)
    found = next((kind for magic, kind in _MAGIC if head.startswith(magic, begin.end() if begin else 0)), None)
    if found is None:
        if b"%PDF-" in head:
            raise FileRejected(RejectionReason.POLYGLOT, "PDF behind something else")
        raise FileRejected(
            RejectionReason.UNKNOWN_TYPE, next((name for magic, name in _OTHERS if head.startswith(magic)), "")
        )
    if found is not MediaType.PDF and b"%PDF-" in head:
        raise FileRejected(RejectionReason.POLYGLOT, f"{found} and PDF")
    if _ends_as_zip(tail, size):
        raise FileRejected(RejectionReason.POLYGLOT, f"{found} and ZIP")
    if found is MediaType.PDF:
        _check_end(_PRINTER_END.sub(b"", tail))
    return found


def _ends_as_zip(tail: bytes, size: int) -> bool:
    """Whether an unpacker would find a ZIP's directory: its end record, with a directory that fits before it."""
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        record = tail[at : at + 22]
        if len(record) == 22:
            length = int.from_bytes(record[12:16], "little")
            offset = int.from_bytes(record[16:20], "little")
            if length + offset <= size - len(tail) + at and record[4:8] == bytes(4):
                return True
        at = tail.rfind(b"PK\x05\x06", 0, at)
    return False


def _check_end(tail: bytes) -> None:
    """Only blanks may follow the last end mark of a PDF."""
    at = tail.rfind(b"%%EOF")
    if at < 0:
        raise FileRejected(RejectionReason.DAMAGED, "no end mark")
    if tail[at + 5 :].strip(b"\x00\t\n\x0c\r "):
        raise FileRejected(RejectionReason.POLYGLOT, "bytes behind the end mark")
