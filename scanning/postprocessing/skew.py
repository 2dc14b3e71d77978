"""By how much a page was fed askew: the angle at which its lines of text are sharpest (projection profile, Postl 1986).

Ink is projected along lines of each angle; where these run along the lines of text, full and empty rows alternate.
"""

from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MOST = 5.0
"""Degrees; a feeder does not turn a page further, and what is turned further is meant so."""
LEAST = 0.3
"""Degrees that nobody sees."""
_COARSE, _FINE = 0.25, 0.05
_DARKER = 48
"""Grey levels by which ink differs from paper."""
_MARGIN = 0.04
"""Share at each side that is left out, because of shadows of the feeder."""
_FEWEST, _MOST_POINTS = 400, 60_000
"""Pixels of ink: fewer say nothing of lines, more say no more."""
_SHARPER = 1.25
"""How much sharper rows have to be at the angle than as the page lies, and than at most angles."""

Points = NDArray[np.float64]


def find_skew(picture: Image.Image) -> float:
    """Degrees by which the page, mode `L` at some 100 dpi, is turned clockwise; 0 where it is straight or not known."""
    down, across = _find_ink(picture)
    if len(down) < _FEWEST:
        return 0.0
    angles = np.arange(-MOST, MOST + _COARSE / 2, _COARSE)
    scores = [_measure_sharpness(down, across, angle) for angle in angles]
    best = int(np.argmax(scores))
    if best in {0, len(angles) - 1} or scores[best] < _SHARPER * float(np.median(scores)):
        return 0.0
    near = np.arange(angles[best] - _COARSE, angles[best] + _COARSE + _FINE / 2, _FINE)
    found = max(near, key=lambda angle: _measure_sharpness(down, across, angle))
    straight = _measure_sharpness(down, across, 0.0)
    if abs(found) < LEAST or _measure_sharpness(down, across, found) < _SHARPER * straight:
        return 0.0
    return round(float(found), 2)


def _find_ink(picture: Image.Image) -> tuple[Points, Points]:
    """Rows and columns of the pixels of ink."""
    levels = np.asarray(picture)
    high, wide = (round(edge * _MARGIN) for edge in levels.shape)
    inner = levels[high : levels.shape[0] - high, wide : levels.shape[1] - wide]
    paper = int(np.median(inner)) if inner.size else 255
    down, across = np.nonzero(inner < paper - _DARKER)
    step = len(down) // _MOST_POINTS + 1
    return down[::step].astype(np.float64), across[::step].astype(np.float64)


def _measure_sharpness(down: Points, across: Points, degrees: float) -> float:
    """Sum of the squared steps from row to row, of the ink along lines of this angle."""
    angle = radians(degrees)
    rows = down * cos(angle) - across * sin(angle)
    ink = np.bincount((rows - rows.min()).astype(np.int64))
    return float((np.diff(ink.astype(np.float64)) ** 2).sum())
