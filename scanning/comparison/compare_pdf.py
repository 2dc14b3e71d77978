"""The pages of a PDF compared with the PDF/A made of it, each drawn by PDFium and by pdf_oxide.

Both are drawn by the same renderer, so its own faults cancel out; the other one shows what the first does not see in
both. Where a page has nothing but images, and content and images are the same bytes in both files, the second need not
draw it.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pikepdf
from PIL import Image

from scanning.comparison.differences import Differences
from scanning.comparison.oxide_pages import OxidePages
from scanning.comparison.pdfium_pages import PdfiumPages
from scanning.comparison.pictures import ACROSS, REDRAWN, SAME, Tolerance, find_difference
from scanning.limits import Turn, ignore_page
from scanning.rejection import FileRejected, RejectionReason

DPI = 100
_HYBRID = b"/XRefStm"
_LONGEST = 2400
"""Pixels of a picture's longest edge."""
_MOST_POINTS = 1.5
"""By which edges of a page may differ."""


def compare_pdf(
    path: Path, product: Path, redrawn: Collection[int], differences: Differences, on_page: Turn = ignore_page
) -> list[int]:
    """Add what differs to `differences`; the pages, from 1, that the second renderer could not draw.

    `redrawn` are the pages that became pictures. Raises `FileRejected` where the number of pages differs.
    """
    not_drawn = []
    with (
        _write_plainly(path, product) as plain, PdfiumPages(plain) as source, PdfiumPages(product) as made,
        pikepdf.open(path) as source_pdf, pikepdf.open(product) as made_pdf,
    ):  # fmt: skip
        if len(source) != len(made):
            raise FileRejected(RejectionReason.PAGE_COUNT_LIE, f"{len(source)}, converted {len(made)}")
        second = _SecondRenderer(path, product)
        for index in range(len(source)):
            on_page()
            one, other = source_pdf.pages[index], made_pdf.pages[index]
            unit = float(one.get("/UserUnit", 1)) / float(other.get("/UserUnit", 1))
            drawn = index + 1 in redrawn
            if _compare_with_pdfium(index, source, made, unit, REDRAWN if drawn else SAME, differences):
                continue
            if _is_same_scan(one, other):
                continue
            if not second.compare(index, ACROSS if drawn else SAME, unit, differences):
                not_drawn.append(index + 1)
    return not_drawn


@contextmanager
def _write_plainly(path: Path, product: Path) -> Iterator[Path]:
    """The file, or a copy with one table of objects where it has two: PDFium overlooks what only the second has."""
    with pikepdf.open(path) as pdf:
        hybrid = "/XRefStm" in pdf.trailer or _HYBRID in path.read_bytes()
        if not hybrid:
            yield path
            return
        plain = product.with_name(f"{product.name}.plain")
        pdf.save(plain, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    try:
        yield plain
    finally:
        plain.unlink(missing_ok=True)


def _compare_with_pdfium(
    index: int, source: PdfiumPages, made: PdfiumPages, unit: float, tolerance: Tolerance, differences: Differences
) -> bool:
    """Whether the page differs; `unit` is how many units of the result one of the source's has."""
    one, other = source.measure(index), made.measure(index)
    scale = min(DPI / 72, _LONGEST / max(one))
    size = (max(round(one[0] * scale), 1), max(round(one[1] * scale), 1))
    before, after = source.draw(index, size), made.draw(index, size)
    if max(abs(one[0] * unit - other[0]), abs(one[1] * unit - other[1])) > _MOST_POINTS:
        told = f"{one[0] * unit:.0f} x {one[1] * unit:.0f} Punkt, im Ergebnis {other[0]:.0f} x {other[1]:.0f}"
        differences.add(index, told, before, after)
        return True
    if found := find_difference(before, after, tolerance):
        differences.add(index, f"{found} (PDFium)", before, after)
        return True
    return False


class _SecondRenderer:
    """Opened only where a page is to be drawn by it."""

    def __init__(self, path: Path, product: Path) -> None:
        self._paths = path, product
        self._open: tuple[OxidePages, OxidePages] | None = None

    def compare(self, index: int, tolerance: Tolerance, unit: float, differences: Differences) -> bool:
        """Whether it could draw both pages."""
        if self._open is None:
            self._open = OxidePages(self._paths[0]), OxidePages(self._paths[1])
        before, after = (pages.draw(index, DPI) for pages in self._open)
        if before is None or after is None:
            return False
        if unit != 1 and abs(before.width - after.width) > 2:
            before = before.resize(after.size, Image.Resampling.BILINEAR)
        if found := find_difference(before, after, tolerance):
            differences.add(index, f"{found} (pdf_oxide)", before, after)
        return True


def _is_same_scan(one: pikepdf.Page, other: pikepdf.Page) -> bool:
    """Whether both pages have the same content, of images and lines alone, and the same data of images."""
    if _read(one) != _read(other):
        return False
    images, others = _hash_images(one), _hash_images(other)
    return images is not None and images == others


def _read(page: pikepdf.Page) -> bytes:
    content: Any = page.get("/Contents", [])
    parts = [content] if isinstance(content, pikepdf.Stream) else list(content)
    return b"\n".join(part.read_bytes().strip() for part in parts)


def _hash_images(page: pikepdf.Page) -> dict[str, bytes] | None:
    """SHA-256 of the data of each image; None where the page has more than images."""
    resources: Any = page.get("/Resources", {})
    if {"/Font", "/Properties", "/Shading", "/Pattern"} & set(resources.keys()) or "/Annots" in page:
        return None
    found = {}
    for name, image in resources.get("/XObject", {}).items():
        if str(image.get("/Subtype")) != "/Image":
            return None
        found[name] = sha256(image.read_raw_bytes()).digest()
    return found
