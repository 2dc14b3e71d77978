"""Whether a page with our code is a separator sheet, or a page of a letter that happens to bear the code.

Such a page is no sheet: dropping it would lose it, and its paper is destroyed. A sheet shows what was printed on it and
next to nothing else.
"""

from functools import lru_cache
from math import hypot
from typing import Any, NamedTuple

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from scanning.separators.sheet import BACK, PREFIX, draw_sheet
from workflow.engine.fields import line

_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128])
_SMALL = 4
"""The printed sheet is looked at in a quarter of its size."""
_BLOCK = 4
"""Pixels of a block's edge there: 2 mm."""
_NEAR = 3
"""Blocks around what is printed that may be inked too: a sheet is never scanned quite straight."""
_INK = 0.12
"""Share of a block that is ink beyond that of most blocks, which is dirt."""
_MOST_BLOCKS = 12
"""So many inked blocks elsewhere are still a stamp's edge or a fold."""
_SMALLEST = 0.6
"""Size of a sheet on the page, where it is not as large as the page."""
_MARGIN = 0.04
"""Share at each edge that is left out, because of shadows of the feeder."""

Blocks = NDArray[np.float32]
Line = tuple[tuple[float, float], tuple[float, float]]


class PageMark(NamedTuple):
    text: str | None
    """Text of a separator code on the page, None where there is none."""
    is_sheet: bool
    """Whether the page is a separator sheet."""


NO_MARK = PageMark(None, is_sheet=False)


def read_mark(picture: Image.Image) -> PageMark:
    """What separator code a page bears, mode `L`, and whether it is a sheet."""
    found = [code for code in zxingcpp.read_barcodes(picture, formats=_FORMATS) if code.text.startswith(PREFIX)]
    if not found:
        return NO_MARK
    texts = sorted({code.text for code in found})
    text = line(texts[0].removeprefix(PREFIX))
    if len(texts) > 1:
        return PageMark(text, is_sheet=False)
    code = max(found, key=lambda one: _length(_find_line(one)))
    return PageMark(text, is_sheet=_count_other_ink(picture, code) <= _MOST_BLOCKS)


def _count_other_ink(picture: Image.Image, code: Any) -> int:
    """Blocks with ink where the printed sheet has none."""
    printed = _find_printed(code.text, str(code.format))
    if printed is None or not _is_full_size(picture, code, printed):
        return _MOST_BLOCKS + 1  # not as we print it
    upright = _lay_over(picture, _find_line(code), printed.line, printed.size)
    ink = _measure_ink(upright)
    other = (ink - float(np.median(ink)) > _INK) & ~printed.near
    edge_y, edge_x = (max(round(side * _MARGIN), 1) for side in other.shape)
    return int(other[edge_y:-edge_y, edge_x:-edge_x].sum())


def _is_full_size(picture: Image.Image, code: Any, printed: "_Printed") -> bool:
    """Whether the code takes as much of the page as it does on a sheet, which may lie on a larger page."""
    share = _length(_find_line(code)) / max(picture.size)
    return _SMALLEST < share / (_length(printed.line) / max(printed.size)) < 1 / _SMALLEST


class _Printed(NamedTuple):
    line: Line
    """Where the code lies on the sheet as it is printed, reduced."""
    size: tuple[int, int]
    near: NDArray[np.bool_]
    """Blocks with print in or near them."""


@lru_cache(maxsize=64)
def _find_printed(text: str, kind: str) -> _Printed | None:
    sheet = draw_sheet(text.removeprefix(PREFIX)).convert("L")
    codes = [code for code in zxingcpp.read_barcodes(sheet, formats=_FORMATS) if str(code.format) == kind]
    if not codes:
        return None
    (left, right), small = _find_line(codes[0]), sheet.reduce(_SMALL)
    scaled = ((left[0] / _SMALL, left[1] / _SMALL), (right[0] / _SMALL, right[1] / _SMALL))
    back = draw_sheet(text.removeprefix(PREFIX), BACK).convert("L").reduce(_SMALL)
    inked = (_measure_ink(small) > 0.01) | (_measure_ink(back) > 0.01)
    near = inked.copy()
    for down in range(-_NEAR, _NEAR + 1):
        for across in range(-_NEAR, _NEAR + 1):
            near |= np.roll(inked, (down, across), axis=(0, 1))
    return _Printed(scaled, small.size, near)


def _find_line(code: Any) -> Line:
    """The middle of a code's left and right edge as it is read."""
    at = code.position
    return (
        ((at.top_left.x + at.bottom_left.x) / 2, (at.top_left.y + at.bottom_left.y) / 2),
        ((at.top_right.x + at.bottom_right.x) / 2, (at.top_right.y + at.bottom_right.y) / 2),
    )


def _length(span: Line) -> float:
    return hypot(span[1][0] - span[0][0], span[1][1] - span[0][1])


def _lay_over(picture: Image.Image, found: Line, printed: Line, size: tuple[int, int]) -> Image.Image:
    """The page turned and scaled so that its code lies where the printed one does."""
    factor = max(round(_length(found) / _length(printed)), 1)
    small = picture.reduce(factor) if factor > 1 else picture
    scaled = [complex(*point) / factor for point in found]
    wanted = [complex(*point) for point in printed]
    turn = (scaled[1] - scaled[0]) / (wanted[1] - wanted[0])
    shift = scaled[0] - turn * wanted[0]
    data = (turn.real, -turn.imag, shift.real, turn.imag, turn.real, shift.imag)
    return small.transform(size, Image.Transform.AFFINE, data, Image.Resampling.BILINEAR, fillcolor=255)


def _measure_ink(picture: Image.Image) -> Blocks:
    """Share of ink in each block."""
    levels = np.asarray(picture, dtype=np.float32)
    high, wide = (edge // _BLOCK for edge in levels.shape)
    blocks = levels[: high * _BLOCK, : wide * _BLOCK].reshape(high, _BLOCK, wide, _BLOCK)
    return np.asarray(1 - blocks.mean(axis=(1, 3)) / 255, dtype=np.float32)
