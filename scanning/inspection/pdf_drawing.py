"""Pages of a PDF drawn by PDFium so that the pixels of a scan on them fall where they belong."""

from math import ceil

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

_HAIR = 0.02
"""Pixels."""


def draw_exactly(page: pdfium.PdfPage, size: tuple[float, float], *, grey: bool = False) -> Image.Image:
    """The page laid on exactly so many pixels, of which the last may be a part; mode `L` or `RGB`.

    PDFium lays a picture on whole pixels, the outermost ones that it touches: a page drawn a hair smaller keeps it from
    taking one more, and every pixel of a scan falls where it belongs. Form fields are not drawn.
    """
    width, height = ceil(size[0]), ceil(size[1])
    kind, flags, channels = (
        (pdfium_c.FPDFBitmap_Gray, pdfium_c.FPDF_GRAYSCALE, 1)
        if grey else (pdfium_c.FPDFBitmap_BGR, pdfium_c.FPDF_REVERSE_BYTE_ORDER, 3)
    )  # fmt: skip
    levels = np.full((height, width, channels), 255, np.uint8)
    bitmap = pdfium_c.FPDFBitmap_CreateEx(width, height, kind, levels.ctypes.data, width * channels)
    if not bitmap:  # else the page would come out white, as if it were blank
        raise pdfium.PdfiumError("no room to draw the page")
    try:
        across, down = page.get_size()
        matrix = pdfium_c.FS_MATRIX((size[0] - 2 * _HAIR) / across, 0, 0, (size[1] - 2 * _HAIR) / down, _HAIR, _HAIR)
        clip = pdfium_c.FS_RECTF(0, 0, width, height)
        pdfium_c.FPDF_RenderPageBitmapWithMatrix(bitmap, page, matrix, clip, flags | pdfium_c.FPDF_ANNOT)
    finally:
        pdfium_c.FPDFBitmap_Destroy(bitmap)
    return Image.fromarray(levels[:, :, 0] if grey else levels)


def draw_near(page: pdfium.PdfPage, edge: int) -> Image.Image:
    """The page, mode `L`, its longest side of `edge` pixels, or near that where a scan on it then has whole pixels.

    PDFium reduces by two in half the time that any other size takes.
    """
    width, height = (float(side) for side in page.get_size())
    longest = max(width, height)
    finest = find_finest(page) / 72 * longest
    half = finest / 2
    scale = (half if 0.8 * edge < half < 1.25 * edge else edge) / longest
    return draw_exactly(page, (max(width * scale, 1.0), max(height * scale, 1.0)), grey=True)


def find_finest(page: pdfium.PdfPage) -> float:
    """Dots per inch of the finest image, by the page's own units; 0 without images."""
    finest = 0.0
    for found in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=5):
        data = found.get_metadata()
        finest = max(finest, data.horizontal_dpi, data.vertical_dpi)
    return finest if finest < 1e5 else 0.0
