"""Turning a page of a PDF straight: by a matrix before its content, so that no pixel of the scan is computed anew.

The page becomes a little larger, so that nothing of it is cut off.
"""

from math import cos, radians, sin

import pikepdf

_LARGEST_EDGE = 14_400
"""Of a page in units of 1/72 inch (ISO 19005-2, 6.1.13)."""


class NotTurned(Exception):
    """Why a page stays as it is, in German."""


def turn_page(pdf: pikepdf.Pdf, page: pikepdf.Page, degrees: float) -> None:
    """Turn what the page shows anticlockwise around its middle; raises `NotTurned` where that is not certain to do."""
    if "/Annots" in page and len(page.Annots):
        raise NotTurned("hat Verweise")
    if not _is_balanced(page):
        raise NotTurned("ihr Inhalt ist nicht abgeschlossen")
    left, low, right, high = (float(edge) for edge in page.cropbox)
    width, height, angle = right - left, high - low, radians(degrees)
    wide = width * cos(angle) + height * abs(sin(angle))
    tall = width * abs(sin(angle)) + height * cos(angle)
    if max(wide, tall) > _LARGEST_EDGE:
        raise NotTurned("sie würde zu groß")
    middle = (left + width / 2, low + height / 2)
    matrix = _turn_around(middle, angle)
    shown = f"{left:.4f} {low:.4f} {width:.4f} {height:.4f} re W n"  # what the page did not show must not appear
    page.contents_add(f"q {matrix} cm {shown}\n".encode(), prepend=True)
    page.contents_add(b"\nQ")
    page.contents_coalesce()
    box = [middle[0] - wide / 2, middle[1] - tall / 2, middle[0] + wide / 2, middle[1] + tall / 2]
    for key in ("/CropBox", "/TrimBox", "/BleedBox", "/ArtBox"):
        if key in page:
            del page[key]
    page.MediaBox = pikepdf.Array([round(edge, 4) for edge in box])
    page.Contents = pdf.make_indirect(page.Contents)


def _turn_around(middle: tuple[float, float], angle: float) -> str:
    """The matrix in the syntax of PDF, whose y goes upwards."""
    across, down, (x, y) = cos(angle), sin(angle), middle
    to_x, to_y = x - x * across + y * down, y - x * down - y * across
    return f"{across:.8f} {down:.8f} {-down:.8f} {across:.8f} {to_x:.6f} {to_y:.6f}"


def _is_balanced(page: pikepdf.Page) -> bool:
    """Whether each graphics state that is saved is restored, so that what stands around the content holds for all."""
    depth = 0
    for instruction in pikepdf.parse_content_stream(page):
        name = str(instruction.operator)
        depth += {"q": 1, "Q": -1}.get(name, 0)
        if depth < 0:
            return False
    return depth == 0
