"""Recognised text laid invisibly behind the pages of a PDF/A, so that it can be searched and copied.

The picture of a page never changes: every page with text is drawn by both renderers before and after, and where one
pixel differs no text is added at all.
"""

from collections.abc import Sequence
from pathlib import Path

import pikepdf
from PIL import Image, ImageChops

from scanning.comparison.oxide_pages import OxidePages
from scanning.comparison.pdfium_pages import PdfiumPages
from scanning.inspection.results import TextAdded, TextPictures
from scanning.limits import Limits, Turn, ignore_page
from scanning.pdfa.claim import save_pdfa
from scanning.pdfa.rules import find_violations

_COMPARED_DPI = 100


def draw_for_recognition(
    path: Path, first: int, most: int, dpi: int, folder: Path, on_page: Turn = ignore_page
) -> TextPictures:
    """Draw `most` pages from number `first` on to files in `folder`; those that have text already are only named."""
    pages, pictures, with_text = [], [], []
    with PdfiumPages(path) as drawn:
        for index in range(first - 1, min(first - 1 + most, len(drawn))):
            on_page()
            if _has_text(drawn, index):
                with_text.append(index + 1)
                continue
            place = folder / f"{index + 1}.pgm"
            drawn.draw(index, drawn.find_size(index, dpi), grey=True).save(place, "PPM")
            pages.append(index + 1)
            pictures.append(str(place))
    return TextPictures(pages=tuple(pages), pictures=tuple(pictures), with_text=tuple(with_text))


def add_text(
    path: Path, texts: Sequence[tuple[int, Path, int]], out: Path, limits: Limits, on_page: Turn = ignore_page
) -> TextAdded:
    """Write the PDF/A with text to `out`.

    `texts` says for each page its number, and file and index of the page of a PDF that has nothing but its text. The
    result names the pages that got some.
    """
    written: list[int] = []
    with pikepdf.open(path) as pdf:
        for number, file, index in texts:
            on_page()
            with pikepdf.open(file) as text:
                if _says_something(text.pages[index], limits):
                    page = pdf.pages[number - 1]
                    page.add_overlay(text.pages[index], pikepdf.Rectangle(*(float(edge) for edge in page.cropbox)))
                    written.append(number)
        if not written:
            return TextAdded(pages=())
        save_pdfa(pdf, out, frozenset(pdf.Root.keys()))
    if find_violations(out):
        return TextAdded(pages=(), refused="das Ergebnis wäre kein PDF/A")
    if refused := _find_change(path, out, written, on_page):
        return TextAdded(pages=(), refused=refused)
    return TextAdded(pages=tuple(written))


def _has_text(drawn: PdfiumPages, index: int) -> bool:
    return bool(drawn.read_text(index).strip())


def _says_something(page: pikepdf.Page, limits: Limits) -> bool:
    """Whether the page shows text, and nothing else: what recognition writes is not trusted either."""
    found = False
    for instruction in pikepdf.parse_content_stream(page):
        name = str(instruction.operator)
        found = found or name in {"Tj", "TJ"}
        if name not in _ALLOWED or (name == "Tr" and int(instruction.operands[0]) != _INVISIBLE):
            return False
    return found and len(page.Contents.read_bytes()) <= limits.stream_bytes


_ALLOWED = {"q", "Q", "cm", "BT", "ET", "Tr", "Tm", "Tf", "Tz", "Td", "TJ", "Tj"}
_INVISIBLE = 3


def _find_change(path: Path, out: Path, numbers: Sequence[int], on_page: Turn) -> str:
    """Why the pages are not known to look as before, in German; empty where each does."""
    second = OxidePages(path), OxidePages(out)
    with PdfiumPages(path) as one, PdfiumPages(out) as other:
        if len(one) != len(other):
            return "die Seiten wären andere"
        for number in numbers:
            on_page()
            size = one.find_size(number - 1, _COMPARED_DPI)
            if _differ(one.draw(number - 1, size), other.draw(number - 1, size)):
                return "die Seiten sähen anders aus"
            before, after = (pages.draw(number - 1, _COMPARED_DPI) for pages in second)
            if before is None or after is None:
                return "ob die Seiten aussehen wie zuvor, lässt sich nicht prüfen"
            if _differ(before, after):
                return "die Seiten sähen anders aus"
    return ""


def _differ(one: Image.Image, other: Image.Image) -> bool:
    return one.size != other.size or ImageChops.difference(one, other).getbbox() is not None
