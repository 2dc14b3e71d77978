"""Separator sheets (Trennblätter): a batch scanned in one go is split at pages with our barcode.

Sheets are numbered, so that a sheet which was not recognised is noticed by its number; its pages are then too many in
the item before (TR-03138 A.DV.2, A.NB.3). Each sheet carries its code twice, in two symbologies.
"""

from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
from PIL import Image

from scanning.inspection import images
from scanning.inspection.pdf import LOOKED_AT, open_pdf
from scanning.inspection.pdf_drawing import draw_near
from scanning.inspection.results import Part, Parts
from scanning.limits import Limits, Turn, ignore_page
from scanning.requirements.scan_product import MediaType
from scanning.separators.copy_tiff import copy_tiff_pages
from scanning.separators.sheet_page import PageMark, read_mark

_MOST_SIDES = 2
"""Pages that one sheet can make in a scan."""


class SheetSearch:
    """Gathers what separator codes the pages of a file bear."""

    def __init__(self) -> None:
        self.marks: list[PageMark] = []

    @property
    def sheets(self) -> bool:
        """Whether there is a sheet so far."""
        return any(mark.is_sheet for mark in self.marks)

    def add(self, grey: images.GreyPage) -> None:
        """Look at the next page."""
        self.marks.append(read_mark(grey.reduce(max(round(max(grey.image.size) / LOOKED_AT), 1))))

    def add_picture(self, picture: Image.Image) -> None:
        """Look at a picture of the next page, mode `L`."""
        self.marks.append(read_mark(picture))

    def add_pdf(self, path: Path, on_page: Turn = ignore_page) -> None:
        """Look at all pages of a PDF."""
        document = pdfium.PdfDocument(path)
        try:
            for page in document:
                on_page()
                self.add_picture(draw_near(page, LOOKED_AT))
                page.close()
        finally:
            document.close()


def split(path: Path, kind: MediaType, folder: Path, limits: Limits, on_page: Turn = ignore_page) -> Parts:
    """Write each run of pages between separator sheets to `folder`, in the type of the file."""
    search = SheetSearch()
    if kind is MediaType.PDF:
        search.add_pdf(path, on_page)
    else:
        for page in images.read_pages(path, kind, limits, on_page):
            search.add(images.GreyPage(page))
    return write_parts(path, kind, search, folder)


def write_parts(path: Path, kind: MediaType, search: SheetSearch, folder: Path) -> Parts:
    """Write the runs of pages between the sheets found; none where there is no sheet."""
    runs, sheets, separator_pages = _group_pages(search.marks)
    parts = []
    writer = _write_pdf if kind is MediaType.PDF else copy_tiff_pages
    for number, (label, pages) in enumerate(runs if sheets else [], 1):
        target = folder / f"{number:04}{'.pdf' if kind is MediaType.PDF else '.tif'}"
        writer(path, pages, target)
        marked = tuple(place for place, index in enumerate(pages, 1) if search.marks[index].text is not None)
        parts.append(
            Part(label=label, first_page=pages[0] + 1, pages=len(pages), path=str(target), marked_pages=marked)
        )
    return Parts(
        parts=tuple(parts), sheets=tuple(sheets), pages=len(search.marks), separator_pages=separator_pages,
        marked_pages=tuple(n for n, mark in enumerate(search.marks, 1) if mark.text is not None and not mark.is_sheet),
    )  # fmt: skip


def _group_pages(marks: list[PageMark]) -> tuple[list[tuple[str | None, list[int]]], list[str], int]:
    """Pages by the sheet before them, the sheets, and how many pages these have; a sheet with nothing behind it makes
    no run. Two pages in a row with the same code are the sides of one sheet, a third is another sheet.
    """
    runs: list[tuple[str | None, list[int]]] = [(None, [])]
    sheets: list[str] = []
    sides = separator_pages = 0
    for index, mark in enumerate(marks):
        if not mark.is_sheet or mark.text is None:
            runs[-1][1].append(index)
            sides = 0
            continue
        separator_pages += 1
        if sides and sheets[-1] == mark.text and sides < _MOST_SIDES:
            sides += 1
            continue
        sheets.append(mark.text)
        runs.append((mark.text, []))
        sides = 1
    return [run for run in runs if run[1]], sheets, separator_pages


def _write_pdf(path: Path, pages: list[int], target: Path) -> None:
    with open_pdf(path) as source, pikepdf.new() as made:
        for index in pages:
            made.pages.append(source.pages[index])
        made.save(target, deterministic_id=True)
