"""A page of a PDF drawn as a picture, as a viewer shows it, in the resolution of what is on it."""

from math import ceil
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import pypdfium2 as pdfium
from PIL import Image

from scanning.inspection.pdf_drawing import find_finest
from scanning.limits import Limits
from scanning.pdfa.page_size import PageSize
from scanning.rejection import FileRejected, RejectionReason

_LEAST_DPI, _MOST_DPI = 300, 1200
_COLOURED = 9
"""Saturation of 255 beyond which a pixel counts as coloured."""


class DrawnPage(NamedTuple):
    picture: Image.Image
    """Mode `L` where it has no colour, otherwise `RGB`."""
    size: PageSize
    dpi: int
    finest: int
    """Dots per inch of the finest image on the page; more than `dpi` where the limits did not allow as many."""


class PageDrawer:
    """An open PDF whose pages are drawn."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        try:
            self._document = pdfium.PdfDocument(path)
            self._document.init_forms()
        except pdfium.PdfiumError as error:
            raise FileRejected(RejectionReason.DAMAGED, str(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._document.close()

    def draw(self, index: int, unit: float) -> DrawnPage:
        """The page, whose units are `unit` times 1/72 inch; raises `FileRejected` where it cannot be drawn."""
        try:
            page = self._document[index]
            width, height = (float(edge) * unit for edge in page.get_size())
            finest = ceil(find_finest(page) / unit)
            most = (self._limits.page_bytes / 4 / (width * height)) ** 0.5 * 72
            dpi = int(min(max(finest, _LEAST_DPI), _MOST_DPI, most))
            if dpi < 1:
                raise FileRejected(RejectionReason.HUGE_DIMENSIONS, f"page {index + 1}: {width:.0f} x {height:.0f}")
            bitmap = page.render(scale=dpi / 72 * unit, rev_byteorder=True)
            picture = bitmap.to_pil().convert("RGB")
            bitmap.close()
            page.close()
        except pdfium.PdfiumError as error:
            raise FileRejected(RejectionReason.DAMAGED, f"page {index + 1}: {error}") from error
        if not _has_colour(picture):
            picture = picture.convert("L")
        return DrawnPage(picture, PageSize(width, height, believed=True), dpi, finest)


def _has_colour(picture: Image.Image) -> bool:
    small = picture.resize((max(picture.width // 4, 1), max(picture.height // 4, 1)), Image.Resampling.BOX)
    return max(small.convert("HSV").getchannel("S").histogram()[_COLOURED:]) > 0
