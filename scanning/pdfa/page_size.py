"""How large a scanned page is on paper: by the resolution that the file states, where that can be true.

A resolution that is missing, not a number or makes a page larger than A0 is not believed; the page is then fitted into
A4, and that is remarked. ISO 19005-2, 6.1.13: edges between 3 and 14,400 units of 1/72 inch.
"""

from math import isfinite
from typing import NamedTuple

from scanning.rejection import FileRejected, RejectionReason

A4 = (595.28, 841.89)
"""Points."""
_A0_EDGE, _A3_EDGE = 1189 / 25.4 * 72 * 1.1, 420 / 25.4 * 72 * 1.05
_DEFAULTS = {72, 96}
"""What cameras and programs write where they know of no paper."""
_SHORTEST, _LONGEST = 3.0, 14_400.0
_COARSEST, _FINEST, _MOST_UNEVEN = 20.0, 9_600.0, 5.0


class PageSize(NamedTuple):
    width: float
    """Points of 1/72 inch."""
    height: float
    believed: bool
    """Whether the file's resolution was taken; otherwise the page is fitted into A4."""


def find_page_size(pixels: tuple[int, int], dpi: tuple[float, float] | None) -> PageSize:
    """Size of a page of so many pixels across and down; raises `FileRejected` where PDF/A has no such page."""
    width, height = pixels
    if dpi is not None and _is_possible(dpi):
        size = PageSize(width / dpi[0] * 72, height / dpi[1] * 72, believed=True)
        edge = max(size.width, size.height)
        usual = round(dpi[0]) in _DEFAULTS and round(dpi[1]) in _DEFAULTS
        if min(size.width, size.height) >= _SHORTEST and edge <= (_A3_EDGE if usual else _A0_EDGE):
            return size
    short, long = sorted(pixels)
    scale = min(A4[0] / short, A4[1] / long, 1.0)  # at most one point a pixel: a tiny picture is not blown up
    scale = max(scale, _SHORTEST / short)
    if long * scale > _LONGEST:
        raise FileRejected(RejectionReason.HUGE_DIMENSIONS, f"{width} x {height}")
    return PageSize(width * scale, height * scale, believed=False)


def _is_possible(dpi: tuple[float, float]) -> bool:
    return all(isfinite(d) and _COARSEST <= d <= _FINEST for d in dpi) and max(dpi) <= _MOST_UNEVEN * min(dpi)
