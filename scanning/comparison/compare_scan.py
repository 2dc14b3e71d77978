"""The pages of a scanned TIFF, JPEG or PNG compared with the PDF/A made of it.

The source is decoded by Pillow. The PDF/A is drawn by PDFium, and its data are read by Pillow, which shares no code
with PDFium; where they are the very data of the source, the hash of both is compared instead, which says more.
"""

import zlib
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pikepdf
from PIL import Image

from scanning.comparison.differences import Differences
from scanning.comparison.pdfium_pages import PdfiumPages
from scanning.comparison.pictures import SAME, find_difference
from scanning.comparison.source_picture import (
    draw_source_page,
    find_extent,
    fit_to_page,
    reduce_picture,
    stretch,
)
from scanning.inspection.images import DecodedPage, GreyPage
from scanning.limits import Turn, ignore_page
from scanning.pdfa.convert_images import ConvertedPage
from scanning.pdfa.page_size import PageSize
from scanning.rejection import FileRejected, RejectionReason

_MOST_UNEVEN = 0.015
"""Share by which the ratio of a page's edges may differ."""
_MOST_BYTES = 32 * 2**20
"""Of pictures kept as they are; further ones are packed, which takes as long as comparing them."""


class _Kept(NamedTuple):
    """What a page of the source looks like; packed where a long scan has many."""

    picture: Image.Image | None
    packed: bytes
    mode: str
    size: tuple[int, int]
    extent: tuple[float, float]
    """Pixels of the picture that the page takes up: of the last one across or down perhaps a part."""
    deep: bool
    """Its levels were stretched, so those of the result are."""
    same_data: bytes | None
    """SHA-256 of the data that must be in the result; None where pixels are packed anew."""

    def restore(self) -> Image.Image:
        return self.picture or Image.frombytes(self.mode, self.size, zlib.decompress(self.packed))


class ScanComparison:
    """Keeps a picture of each page as it is decoded, and compares all with the result in the end."""

    def __init__(self) -> None:
        self._kept: list[_Kept] = []
        self._bytes = 0

    def keep(self, page: DecodedPage, grey: GreyPage, made: ConvertedPage) -> Image.Image:
        """The picture of the page, upright; its next use is `compare`."""
        drawn = draw_source_page(page, grey)
        picture = fit_to_page(drawn, made.size)
        extent = find_extent(page, drawn.size) if picture is drawn else picture.size
        digest = sha256(made.data.data).digest() if made.unchanged else None
        self._bytes += picture.width * picture.height * len(picture.getbands())
        plain = self._bytes <= _MOST_BYTES
        packed = b"" if plain else zlib.compress(picture.tobytes(), 1)
        deep = page.image.mode.startswith(("I", "F"))
        known = picture if plain else None
        self._kept.append(_Kept(known, packed, picture.mode, picture.size, extent, deep, digest))
        return picture

    def compare(self, product: Path, differences: Differences, on_page: Turn = ignore_page) -> None:
        """Add what differs to `differences`; raises `FileRejected` where the number of pages does."""
        with PdfiumPages(product) as drawn, pikepdf.open(product) as pdf:
            if not len(drawn) == len(pdf.pages) == len(self._kept):
                raise FileRejected(RejectionReason.PAGE_COUNT_LIE, f"{len(self._kept)}, converted {len(pdf.pages)}")
            for index, kept in enumerate(self._kept):
                on_page()
                before = kept.restore()
                if found := _compare_drawn(drawn, index, kept, before) or _compare_data(
                    pdf, drawn, index, kept, before
                ):
                    differences.add(index, found.told, before, found.after)


class _Found(NamedTuple):
    told: str
    after: Image.Image


def _compare_drawn(drawn: PdfiumPages, index: int, kept: _Kept, before: Image.Image) -> _Found | None:
    """What differs in the page as PDFium draws it: of the page's own shape, then with its pixels where they belong."""
    width, height = drawn.measure(index)
    shaped = (kept.size[0], round(kept.size[0] * height / width))
    if found := _compare_shapes(before.size, shaped):
        return _Found(f"{found} (PDFium)", drawn.draw(index, shaped, grey=kept.mode == "L"))
    after = _draw(drawn, index, kept)
    found = _compare_page(before, after) and _compare_page(before, _draw(drawn, index, kept, finer=3))
    return _Found(f"{found} (PDFium)", after) if found else None


def _draw(drawn: PdfiumPages, index: int, kept: _Kept, finer: int = 1) -> Image.Image:
    """The page by PDFium; `finer` and reduced, where edges of pixels fell beside each other."""
    size = (kept.extent[0] * finer, kept.extent[1] * finer)
    picture = drawn.draw_exactly(index, size, grey=kept.mode == "L")
    picture = picture.reduce(finer) if finer > 1 else picture
    return stretch(picture) if kept.deep else picture


def _compare_data(pdf: pikepdf.Pdf, drawn: PdfiumPages, index: int, kept: _Kept, before: Image.Image) -> _Found | None:
    """What differs in the data on the page: their hash where they must be those of the source, else as Pillow reads
    them.
    """
    (image,) = pdf.pages[index].Resources.XObject.values()
    assert isinstance(image, pikepdf.Stream)  # noqa: S101 - the conversion puts one picture on each page
    if kept.same_data is not None:
        if sha256(image.read_raw_bytes()).digest() == kept.same_data:
            return None
        return _Found("andere Daten als in der Vorlage (Pillow)", Image.new(kept.mode, kept.size))
    decoded = pikepdf.PdfImage(image).as_pil_image()
    if decoded.mode in {"P", "1"}:
        decoded = decoded.convert(kept.mode)
    size = PageSize(*drawn.measure(index), believed=True)
    small = fit_to_page(reduce_picture(decoded), size).convert(kept.mode)
    after = stretch(small) if kept.deep else small
    found = _compare_shapes(before.size, after.size) or _compare_page(before, after)
    return _Found(f"{found} (Pillow)", after) if found else None


def _compare_shapes(before: tuple[int, int], after: tuple[int, int]) -> str:
    uneven = abs(before[0] * after[1] / (before[1] * after[0]) - 1)
    if uneven > _MOST_UNEVEN and abs(before[1] - after[1]) > 2:
        return f"Maße {before[0]} x {before[1]}, im Ergebnis {after[0]} x {after[1]} Bildpunkte"
    return ""


def _compare_page(before: Image.Image, after: Image.Image) -> str:
    """What differs, in German; empty where nothing does."""
    found = find_difference(before, after, SAME)
    return str(found) if found else ""
