"""Whether a page shows anything, and whether it can be read at all: for the inspector's eye, never to drop a page.

Automatic checks of TR-03138 A.AM.IN.H.7 (blank page, quality); what they flag is always looked at by a person.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

EDGE = 800
"""Longest side in pixels at which a page is assessed, up to twice that: A4 at some 70 to 140 dpi."""
MARGIN = 0.02
"""Share at each side that is left out, because of shadows of the feeder."""
DARKER = 48
"""Grey levels by which ink differs from paper."""
SPECKS = 6
"""Pixels of ink that are still dust."""
CLEAREST = 24
"""A page whose grey levels all lie this close together shows nothing but is no white paper."""


class PageQuality(NamedTuple):
    blank: bool
    unreadable: bool


def assess_page(image: Image.Image) -> PageQuality:
    """Blank where there is no ink on light paper; unreadable where all is dark, or grey without contrast."""
    grey = image if image.mode == "L" else image.convert("L")
    small = grey.reduce(max(max(grey.size) // EDGE, 1))
    left, top = round(small.width * MARGIN), round(small.height * MARGIN)
    inner = small.crop((left, top, max(small.width - left, left + 1), max(small.height - top, top + 1)))
    counts = np.bincount(_take_median(np.asarray(inner)).ravel(), minlength=256).tolist()
    total, paper = sum(counts), _find_level(counts, 0.5)
    ink = sum(counts[: max(paper - DARKER, 0)])
    light = sum(counts[paper + DARKER :])
    if paper < 96:  # mostly dark: only light marks could be read, and a lid left open has hardly any
        return PageQuality(blank=False, unreadable=light < total * 0.01)
    if ink <= SPECKS:
        fogged = paper < 160 and _find_level(counts, 0.999) - _find_level(counts, 0.001) < CLEAREST
        return PageQuality(blank=not fogged, unreadable=fogged)
    return PageQuality(blank=False, unreadable=False)


def _take_median(levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The median of the three by three pixels around each: of the lowest, middle and highest of three columns."""
    padded = np.pad(levels, 1, mode="edge")
    low, middle, high = _sort(padded[:-2], padded[1:-1], padded[2:])
    lows = np.maximum(np.maximum(low[:, :-2], low[:, 1:-1]), low[:, 2:])
    highs = np.minimum(np.minimum(high[:, :-2], high[:, 1:-1]), high[:, 2:])
    _, middles, _ = _sort(middle[:, :-2], middle[:, 1:-1], middle[:, 2:])
    return np.asarray(_sort(lows, middles, highs)[1])


def _sort(one: NDArray[np.uint8], two: NDArray[np.uint8], three: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], ...]:
    """Three values at each place, the lowest first."""
    low, high = np.minimum(one, two), np.maximum(one, two)
    return np.minimum(low, three), np.maximum(low, np.minimum(high, three)), np.maximum(high, three)


def _find_level(counts: list[int], share: float) -> int:
    """Grey level below which a share of the pixels lies."""
    rest = sum(counts) * share
    for level, number in enumerate(counts):
        rest -= number
        if rest <= 0:
            return level
    return 255
