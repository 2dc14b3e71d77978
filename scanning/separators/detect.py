"""Separator sheets (Trennblätter): a batch scanned in one go is split at pages with our barcode.

Sheets are numbered, so that a sheet which was not recognised is noticed by its number; its pages are then too many in
the item before (TR-03138 A.DV.2, A.NB.3). Each sheet carries its code twice, in two symbologies.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import zxingcpp
from PIL import Image

from scanning.inspection import images
from scanning.inspection.pdf import open_pdf
from scanning.inspection.results import Part, Parts
from scanning.limits import Limits
from scanning.requirements.scan_product import MediaType
from scanning.separators.sheet import PREFIX
from workflow.engine.fields import line

_FORMATS = zxingcpp.BarcodeFormat.QRCode | zxingcpp.BarcodeFormat.Code128
_EDGE = 1700
"""Longest side in pixels at which codes are looked for: A4 at some 145 dpi."""


def split(path: Path, kind: MediaType, folder: Path, limits: Limits) -> Parts:
    """Write each run of pages between separator sheets to `folder`, in the type of the file."""
    labels = [_read_label(picture) for picture in _render_pages(path, kind, limits)]
    runs, sheets = _group_pages(labels)
    parts = []
    writer = _write_pdf if kind is MediaType.PDF else _write_tiff
    for number, (label, pages) in enumerate(runs, 1):
        target = folder / f"{number:04}{'.pdf' if kind is MediaType.PDF else '.tif'}"
        writer(path, pages, target)
        parts.append(Part(label=label, first_page=pages[0] + 1, pages=len(pages), path=str(target)))
    taken = sum(part.pages for part in parts)
    return Parts(parts=tuple(parts), sheets=tuple(sheets), pages=len(labels), separator_pages=len(labels) - taken)


def _group_pages(labels: list[str | None]) -> tuple[list[tuple[str | None, list[int]]], list[str]]:
    """Pages by the sheet before them, and the sheets; a sheet with nothing behind it makes no run."""
    runs: list[tuple[str | None, list[int]]] = [(None, [])]
    sheets: list[str] = []
    before: str | None = None
    for index, label in enumerate(labels):
        if label is None:
            runs[-1][1].append(index)
        elif label != before:
            sheets.append(label)
            runs.append((label, []))
        before = label
    return [run for run in runs if run[1]], sheets


def _read_label(picture: Image.Image) -> str | None:
    """The text of the code on a separator sheet; None for any other page."""
    found = {code.text for code in zxingcpp.read_barcodes(picture, formats=_FORMATS) if code.text.startswith(PREFIX)}
    return line(found.pop().removeprefix(PREFIX)) if len(found) == 1 else None


def _render_pages(path: Path, kind: MediaType, limits: Limits) -> Iterator[Image.Image]:
    if kind is not MediaType.PDF:
        for page in images.read_pages(path, kind, limits):
            small = page.convert("L")
            small.thumbnail((_EDGE, _EDGE), Image.Resampling.BOX)
            yield small
        return
    document = pdfium.PdfDocument(path)
    try:
        for page in document:
            yield page.render(scale=_EDGE / max(page.get_size()), grayscale=True).to_pil()
            page.close()
    finally:
        document.close()


def _write_pdf(path: Path, pages: list[int], target: Path) -> None:
    with open_pdf(path) as source, pikepdf.new() as made:
        for index in pages:
            made.pages.append(source.pages[index])
        made.save(target, deterministic_id=True)


def _write_tiff(path: Path, pages: list[int], target: Path) -> None:
    with Image.open(path) as image:
        frames = []
        for index in pages:
            if getattr(image, "n_frames", 1) > 1:
                image.seek(index)
            frames.append(image.copy())
            frames[-1].info = dict(image.info)
    kept: dict[str, Any] = {"dpi": frames[0].info["dpi"]} if "dpi" in frames[0].info else {}
    pack = "group4" if all(frame.mode == "1" for frame in frames) else "tiff_adobe_deflate"
    frames[0].save(target, "TIFF", save_all=True, append_images=frames[1:], compression=pack, **kept)
