"""Whether a back is surely blank: nothing on it that enhancing would bring out, not even pencil.

Stricter than the check that marks pages as blank for the inspector, because such a page is left out.
"""

import numpy as np
from PIL import Image

_EDGE = 500
"""Longest side in pixels, up to twice that, at which a page is looked at: single grains of noise are averaged out."""
_MARGIN = 0.03
_FAINTEST = 14
"""Grey levels by which a reduced pixel of faint pencil differs from the paper around it."""
_SPECKS = 2
"""Pixels that are still dust."""
_PAPER = 150
"""Anything darker is no white paper."""


def is_surely_blank(picture: Image.Image) -> bool:
    """For a picture of mode `L`."""
    small = picture.reduce(max(max(picture.size) // _EDGE, 1))
    levels = np.asarray(small, dtype=np.int16)
    high, wide = (round(edge * _MARGIN) for edge in levels.shape)
    inner = levels[high : levels.shape[0] - high, wide : levels.shape[1] - wide]
    if not inner.size or np.median(inner) < _PAPER:
        return False
    different = np.abs(inner - np.median(inner)) > _FAINTEST
    return int(different.sum()) <= _SPECKS
