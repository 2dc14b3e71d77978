"""The check of a PDF: structure without repair, pages counted three ways, every object checked, sizes bounded.

Nothing is repaired: a repaired file may have lost pages unnoticed, and its paper will be destroyed.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium
from PIL import Image

from scanning.inspection.jbig2 import has_symbol_coding
from scanning.inspection.page_quality import EDGE, PageQuality, assess_page
from scanning.inspection.pdf_drawing import draw_near
from scanning.inspection.pdf_streams import check_stream, read_filters
from scanning.limits import Limits, Turn, ignore_page
from scanning.rejection import FileRejected, RejectionReason

_ACTIVE = {"/JS", "/JavaScript", "/AA", "/RichMedia", "/Rendition", "/Movie", "/Sound", "/3D", "/XFA"}
"""Keys and subtypes of content that runs or plays."""
_ACTIONS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/ResetForm", "/Rendition", "/Movie", "/Sound",
            "/Trans", "/SetOCGState", "/GoTo3DView", "/RichMediaExecute"}  # fmt: skip
_ELSEWHERE = {"/GoToR", "/GoToE", "/Thread"}
LOOKED_AT = 1700
"""Longest side in pixels at which codes are looked for: A4 at some 145 dpi."""
_DEEPEST = 60
_LARGEST_EDGE = 14_400
"""Of a page in units of 1/72 inch (ISO 32000-1, Annex C; PDF/A-2 6.1.13)."""


def inspect(
    path: Path, limits: Limits, on_page: Turn = ignore_page, look: Callable[[Image.Image], object] | None = None
) -> tuple[list[PageQuality], list[str]]:
    """Quality of each page, and findings; raises `FileRejected`.

    `look` is called with a picture of each page, mode `L`, in which codes can be found.
    """
    with open_pdf(path) as pdf:
        count = _count_pages(pdf, limits)
        findings = _check_objects(pdf, limits)
        for number, page in enumerate(pdf.pages, 1):
            _check_page_size(page, number)
        if warnings := pdf.get_warnings():
            raise FileRejected(RejectionReason.DAMAGED, _describe(warnings[0]))
    return list(_assess_pages(path, count, on_page, look)), findings


@contextmanager
def open_pdf(path: Path) -> Iterator[pikepdf.Pdf]:
    """A PDF opened without repair; raises `FileRejected` as `encrypted`, `damaged` or `loop`, also while it is read."""
    try:
        with pikepdf.open(path, attempt_recovery=False, suppress_warnings=True) as pdf:
            _check_encryption(pdf)
            yield pdf
    except FileRejected:
        raise
    except Exception as error:
        raise _as_rejection(error) from error


def _check_encryption(pdf: pikepdf.Pdf) -> None:
    if pdf.is_encrypted:
        raise FileRejected(RejectionReason.ENCRYPTED, "opens without a password but restricts its use")


def _describe(error: object) -> str:
    """The library's message without the path of the file, at most 200 characters."""
    return " ".join(re.sub(r"^/\S+", "", str(error)).split())[-200:].lstrip(": ")


def _as_rejection(error: Exception) -> Exception:
    """The library's exception as `FileRejected`; unchanged where it is not about the file."""
    message = _describe(error)
    if isinstance(error, MemoryError):
        return error
    if isinstance(error, pikepdf.PasswordError):
        return FileRejected(RejectionReason.ENCRYPTED)
    if re.search("loop", message, re.IGNORECASE):
        return FileRejected(RejectionReason.LOOP, "page tree")
    known = (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, OverflowError, IndexError)
    return FileRejected(RejectionReason.DAMAGED, message) if isinstance(error, known) else error


def _count_pages(pdf: pikepdf.Pdf, limits: Limits) -> int:
    """Number of pages; what the file states, what the tree has and what `pdfium` sees must agree."""
    stated = int(pdf.Root.Pages.get("/Count", -1))
    count = len(pdf.pages)
    if not count:
        raise FileRejected(
            RejectionReason.PAGE_COUNT_LIE if stated > 0 else RejectionReason.NO_PAGES,
            f"states {stated}" if stated else "",
        )
    if stated != count:
        raise FileRejected(RejectionReason.PAGE_COUNT_LIE, f"states {stated}, has {count}")
    if count > limits.pages:
        raise FileRejected(RejectionReason.TOO_MANY_PAGES, f"{count}")
    return count


def _check_objects(pdf: pikepdf.Pdf, limits: Limits) -> list[str]:
    """Every object of the file, used or not."""
    findings: set[str] = set()
    total = 0
    for number, pdf_object in enumerate(pdf.objects):
        if number > limits.objects:
            raise FileRejected(RejectionReason.DECOMPRESSION_BOMB, f"> {limits.objects} objects")
        for part in _list_dictionaries(pdf_object, 0):
            _check_dictionary(part, findings)
        if isinstance(pdf_object, pikepdf.Stream):
            total += check_stream(pdf_object, limits)
            if total > limits.total_bytes:
                raise FileRejected(RejectionReason.DECOMPRESSION_BOMB, f"> {limits.total_bytes} bytes in all")
            if "/JBIG2Decode" in read_filters(pdf_object) and has_symbol_coding(pdf_object):
                raise FileRejected(RejectionReason.SYMBOL_CODING, "JBIG2")
    for part in _list_dictionaries(pdf.trailer, 0):
        _check_dictionary(part, findings)
    if "/XFA" in pdf.Root.get("/AcroForm", {}):
        raise FileRejected(RejectionReason.ACTIVE_CONTENT, "XFA")
    return sorted(findings)


def _list_dictionaries(pdf_object: Any, depth: int) -> Iterator[Any]:
    """Dictionaries within an object, without following references."""
    if depth > _DEEPEST:
        raise FileRejected(RejectionReason.DECOMPRESSION_BOMB, "nested too deep")
    if isinstance(pdf_object, pikepdf.Dictionary | pikepdf.Stream):
        yield pdf_object
        for key in pdf_object.keys():  # noqa: SIM118 - a stream is no mapping
            inner = pdf_object.get(key)
            if isinstance(inner, pikepdf.Dictionary | pikepdf.Array) and not inner.is_indirect:
                yield from _list_dictionaries(inner, depth + 1)
    elif isinstance(pdf_object, pikepdf.Array):
        for inner in pdf_object:
            if isinstance(inner, pikepdf.Dictionary | pikepdf.Array) and not inner.is_indirect:
                yield from _list_dictionaries(inner, depth + 1)


def _check_dictionary(part: Any, findings: set[str]) -> None:
    keys = set(part.keys())
    action, kind = _get_name(part, "/S"), _get_name(part, "/Subtype")
    if found := (keys & _ACTIVE) | ({action} & _ACTIONS) | ({kind} & _ACTIVE):
        raise FileRejected(RejectionReason.ACTIVE_CONTENT, ", ".join(sorted(found)))
    if "/OpenAction" in keys and not isinstance(part.get("/OpenAction"), pikepdf.Array) and (
        _get_name(part.OpenAction, "/S") != "/GoTo"
    ):  # fmt: skip
        raise FileRejected(RejectionReason.ACTIVE_CONTENT, "/OpenAction")
    if keys & {"/EmbeddedFiles", "/EmbeddedFile", "/EF", "/Collection"} or _get_name(part, "/Type") == "/EmbeddedFile":
        raise FileRejected(RejectionReason.EMBEDDED_FILES)
    if kind == "/FileAttachment":
        raise FileRejected(RejectionReason.EMBEDDED_FILES, kind)
    outside = isinstance(part, pikepdf.Stream) and ("/F" in keys or (kind == "/Form" and "/Ref" in keys))
    if outside or action in _ELSEWHERE:
        raise FileRejected(RejectionReason.EXTERNAL_CONTENT, action or "/F")
    if _get_name(part, "/FT") == "/Sig" and "/V" in keys:
        findings.add("signed: a signature in the file is not carried over")


def _get_name(pdf_object: Any, key: str) -> str:
    found = pdf_object.get(key) if isinstance(pdf_object, pikepdf.Dictionary | pikepdf.Stream) else None
    return str(found) if isinstance(found, pikepdf.Name) else ""


def _check_page_size(page: pikepdf.Page, number: int) -> None:
    left, low, right, high = (float(edge) for edge in page.mediabox)
    width, height = abs(right - left), abs(high - low)
    if not (0 < width <= _LARGEST_EDGE and 0 < height <= _LARGEST_EDGE):
        raise FileRejected(RejectionReason.HUGE_DIMENSIONS, f"page {number}: {width:.0f} x {height:.0f} points")


def _assess_pages(
    path: Path, count: int, on_page: Turn, look: Callable[[Image.Image], object] | None
) -> Iterator[PageQuality]:
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        raise FileRejected(RejectionReason.DAMAGED, str(error)) from error
    try:
        if len(document) != count:
            raise FileRejected(RejectionReason.PAGE_COUNT_LIE, f"{count} or {len(document)}")
        for page in document:
            on_page()
            picture = draw_near(page, LOOKED_AT if look is not None else EDGE)
            page.close()
            if look is not None:
                look(picture)
            yield assess_page(picture)
    except pdfium.PdfiumError as error:
        raise FileRejected(RejectionReason.DAMAGED, str(error)) from error
    finally:
        document.close()
