"""The check of a PDF: structure without repair, pages counted three ways, every object looked at, sizes bounded.

Nothing is repaired: a repaired file may have lost pages without a word, and its paper will be destroyed.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium

from scanning.inspection.jbig2 import swaps_symbols
from scanning.inspection.page_quality import EDGE, Look, judge
from scanning.inspection.pdf_streams import check_stream
from scanning.limits import Limits
from scanning.rejection import Reason, Refused

_ACTIVE = {"/JS", "/JavaScript", "/AA", "/RichMedia", "/Rendition", "/Movie", "/Sound", "/3D", "/XFA"}
"""Keys and kinds of what runs, plays or asks."""
_ACTIONS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/ResetForm", "/Rendition", "/Movie", "/Sound",
            "/Trans", "/SetOCGState", "/GoTo3DView", "/RichMediaExecute"}  # fmt: skip
_ELSEWHERE = {"/GoToR", "/GoToE", "/Thread"}
_DEEPEST = 60
_LARGEST_EDGE = 14_400
"""Of a page in units of 1/72 inch (ISO 32000-1, Annex C; PDF/A-2 6.1.13)."""


def inspect(path: Path, limits: Limits) -> tuple[list[Look], list[str]]:
    """Looks of all pages and what was remarked; `Refused`."""
    with opened(path) as pdf:
        count = _count(pdf, limits)
        findings = _walk(pdf, limits)
        for number, page in enumerate(pdf.pages, 1):
            _measure(page, number)
        if warnings := pdf.get_warnings():
            raise Refused(Reason.DAMAGED, _told(warnings[0]))
    return list(_looks(path, count)), findings


class opened:  # noqa: N801 - reads as a word in a with statement
    """A PDF opened as it stands; `Refused` as `encrypted`, `damaged`, `loop`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> pikepdf.Pdf:
        try:
            self.pdf = pikepdf.open(self.path, attempt_recovery=False, suppress_warnings=True)
        except Exception as wrong:
            raise _refused(wrong) from wrong
        if self.pdf.is_encrypted:
            self.pdf.close()
            raise Refused(Reason.ENCRYPTED, "opens without a password but forbids things")
        return self.pdf

    def __exit__(self, _kind: object, wrong: BaseException | None, _trace: object) -> None:
        self.pdf.close()
        if isinstance(wrong, Exception) and not isinstance(wrong, Refused):
            raise _refused(wrong) from wrong


def _told(wrong: object) -> str:
    """What the library says, without the path of the file."""
    return " ".join(re.sub(r"^/\S+", "", str(wrong)).split())[-200:].lstrip(": ")


def _refused(wrong: Exception) -> Exception:
    """What the library says, as a refusal."""
    told = _told(wrong)
    if isinstance(wrong, MemoryError):
        return wrong
    if isinstance(wrong, pikepdf.PasswordError):
        return Refused(Reason.ENCRYPTED)
    if re.search("loop", told, re.IGNORECASE):
        return Refused(Reason.LOOP, "page tree")
    known = (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, OverflowError, IndexError)
    return Refused(Reason.DAMAGED, told) if isinstance(wrong, known) else wrong


def _count(pdf: pikepdf.Pdf, limits: Limits) -> int:
    """Number of pages; what the file states, what the tree has and what `pdfium` sees must agree."""
    stated = int(pdf.Root.Pages.get("/Count", -1))
    count = len(pdf.pages)
    if not count:
        raise Refused(Reason.PAGE_COUNT_LIE if stated > 0 else Reason.NO_PAGES, f"states {stated}" if stated else "")
    if stated != count:
        raise Refused(Reason.PAGE_COUNT_LIE, f"states {stated}, has {count}")
    if count > limits.pages:
        raise Refused(Reason.TOO_MANY_PAGES, f"{count}")
    return count


def _walk(pdf: pikepdf.Pdf, limits: Limits) -> list[str]:
    """Every object of the file, used or not."""
    findings: set[str] = set()
    total = 0
    for number, thing in enumerate(pdf.objects):
        if number > limits.objects:
            raise Refused(Reason.DECOMPRESSION_BOMB, f"> {limits.objects} objects")
        for part in _parts(thing, 0):
            _look_at(part, findings)
        if isinstance(thing, pikepdf.Stream):
            total += check_stream(thing, limits)
            if total > limits.total_bytes:
                raise Refused(Reason.DECOMPRESSION_BOMB, f"> {limits.total_bytes} bytes in all")
            if "/JBIG2Decode" in _filters(thing) and swaps_symbols(thing):
                raise Refused(Reason.SYMBOL_CODING, "JBIG2")
    for part in _parts(pdf.trailer, 0):
        _look_at(part, findings)
    if "/XFA" in pdf.Root.get("/AcroForm", {}):
        raise Refused(Reason.ACTIVE_CONTENT, "XFA")
    return sorted(findings)


def _parts(thing: Any, depth: int) -> Iterator[Any]:
    """Dictionaries within an object, without following references."""
    if depth > _DEEPEST:
        raise Refused(Reason.DECOMPRESSION_BOMB, "nested too deep")
    if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        yield thing
        for key in thing.keys():  # noqa: SIM118 - a stream is no mapping
            inner = thing.get(key)
            if isinstance(inner, pikepdf.Dictionary | pikepdf.Array) and not inner.is_indirect:
                yield from _parts(inner, depth + 1)
    elif isinstance(thing, pikepdf.Array):
        for inner in thing:
            if isinstance(inner, pikepdf.Dictionary | pikepdf.Array) and not inner.is_indirect:
                yield from _parts(inner, depth + 1)


def _look_at(part: Any, findings: set[str]) -> None:
    keys = set(part.keys())
    action, kind = _name(part, "/S"), _name(part, "/Subtype")
    if found := (keys & _ACTIVE) | ({action} & _ACTIONS) | ({kind} & _ACTIVE):
        raise Refused(Reason.ACTIVE_CONTENT, ", ".join(sorted(found)))
    if "/OpenAction" in keys and not isinstance(part.get("/OpenAction"), pikepdf.Array) and (
        _name(part.OpenAction, "/S") != "/GoTo"
    ):  # fmt: skip
        raise Refused(Reason.ACTIVE_CONTENT, "/OpenAction")
    if keys & {"/EmbeddedFiles", "/EmbeddedFile", "/EF", "/Collection"} or _name(part, "/Type") == "/EmbeddedFile":
        raise Refused(Reason.EMBEDDED_FILES)
    if kind == "/FileAttachment":
        raise Refused(Reason.EMBEDDED_FILES, kind)
    outside = isinstance(part, pikepdf.Stream) and ("/F" in keys or (kind == "/Form" and "/Ref" in keys))
    if outside or action in _ELSEWHERE:
        raise Refused(Reason.EXTERNAL_CONTENT, action or "/F")
    if _name(part, "/FT") == "/Sig" and "/V" in keys:
        findings.add("signed: a signature in the file is not carried over")


def _name(thing: Any, key: str) -> str:
    found = thing.get(key) if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream) else None
    return str(found) if isinstance(found, pikepdf.Name) else ""


def _filters(stream: pikepdf.Stream) -> list[str]:
    found: Any = stream.get("/Filter", [])
    return [str(name) for name in found] if isinstance(found, pikepdf.Array) else [str(found)]


def _measure(page: pikepdf.Page, number: int) -> None:
    left, low, right, high = (float(edge) for edge in page.mediabox)
    width, height = abs(right - left), abs(high - low)
    if not (0 < width <= _LARGEST_EDGE and 0 < height <= _LARGEST_EDGE):
        raise Refused(Reason.HUGE_DIMENSIONS, f"page {number}: {width:.0f} x {height:.0f} points")


def _looks(path: Path, count: int) -> Iterator[Look]:
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as wrong:
        raise Refused(Reason.DAMAGED, str(wrong)) from wrong
    try:
        if len(document) != count:
            raise Refused(Reason.PAGE_COUNT_LIE, f"{count} or {len(document)}")
        for page in document:
            bitmap = page.render(scale=EDGE / max(page.get_size()), grayscale=True)
            yield judge(bitmap.to_pil())
            bitmap.close()
            page.close()
    except pdfium.PdfiumError as wrong:
        raise Refused(Reason.DAMAGED, str(wrong)) from wrong
    finally:
        document.close()
