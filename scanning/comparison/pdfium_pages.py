"""Pages of a PDF drawn by PDFium: the first of the two renderers."""

from pathlib import Path
from types import TracebackType
from typing import Self

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from scanning.inspection.pdf_drawing import draw_exactly
from scanning.rejection import FileRejected, RejectionReason

_LONGEST = 6_000
"""Pixels of the longest edge of a picture whose size is computed: A3 at 300 dpi has 4,961."""


class PdfiumPages:
    """An open PDF; filled form fields and annotations are drawn as a viewer shows them."""

    def __init__(self, path: Path) -> None:
        try:
            self._document = pdfium.PdfDocument(path)
            self._document.init_forms()
        except pdfium.PdfiumError as error:
            raise FileRejected(RejectionReason.DAMAGED, str(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._document.close()

    def __len__(self) -> int:
        return len(self._document)

    def measure(self, index: int) -> tuple[float, float]:
        """Width and height of a page as shown, in its units."""
        page = self._document[index]
        try:
            width, height = page.get_size()
            return float(width), float(height)
        finally:
            page.close()

    def read_text(self, index: int) -> str:
        """The text of a page, visible or not."""
        page = self._get_page(index)
        text = page.get_textpage()
        try:
            return str(text.get_text_bounded())
        finally:
            text.close()
            page.close()

    def find_size(self, index: int, dpi: float, longest: int = _LONGEST) -> tuple[int, int]:
        """Pixels across and down of a page at `dpi`, or less where an edge would be longer than `longest`."""
        width, height = self.measure(index)
        scale = min(dpi / 72, longest / max(width, height, 1))
        return max(round(width * scale), 1), max(round(height * scale), 1)

    def draw_exactly(self, index: int, size: tuple[float, float], *, grey: bool = False) -> Image.Image:
        """As the function of this name draws it."""
        page = self._get_page(index)
        try:
            return draw_exactly(page, size, grey=grey)
        finally:
            page.close()

    def draw(self, index: int, size: tuple[int, int], *, grey: bool = False) -> Image.Image:
        """The page in exactly so many pixels, mode `L` or `RGB`, so that pixels of a scan fall on whole pixels.

        Raises `FileRejected` where it cannot be drawn.
        """
        page = self._get_page(index)
        kind, flags = (
            (pdfium_c.FPDFBitmap_Gray, pdfium_c.FPDF_GRAYSCALE)
            if grey else (pdfium_c.FPDFBitmap_BGR, pdfium_c.FPDF_REVERSE_BYTE_ORDER)
        )  # fmt: skip
        bitmap = pdfium.PdfBitmap.new_native(*size, kind, rev_byteorder=not grey)
        try:
            bitmap.fill_rect((255, 255, 255, 255), 0, 0, *size)
            place = (0, 0, *size, 0, flags | pdfium_c.FPDF_ANNOT)
            pdfium_c.FPDF_RenderPageBitmap(bitmap, page, *place)
            if page.formenv:
                pdfium_c.FPDF_FFLDraw(page.formenv, bitmap, page, *place)
            picture: Image.Image = bitmap.to_pil().copy()
        finally:
            bitmap.close()
            page.close()
        return picture if picture.mode in {"L", "RGB"} else picture.convert("RGB")

    def _get_page(self, index: int) -> pdfium.PdfPage:
        try:
            return self._document[index]
        except pdfium.PdfiumError as error:
            raise FileRejected(RejectionReason.DAMAGED, f"page {index + 1}: {error}") from error
