"""Whether a back is surely blank: nothing on it, up to its edges, that could be ink, however faint or thin.

Far stricter than the check that marks pages as blank for the inspector, because such a page is left out. In doubt it
stays: a shadow of the feeder or print that shines through keep a page that has nothing on it, which does no harm.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

DPI = 200
_SHAPES = ((2, 2), (4, 4), (8, 8), (16, 16), (1, 48), (48, 1))
"""Pixels across and down whose mean is looked at: what is fainter than the grain of the paper shows in the mean, spots
in squares and lines in strips."""
_FAINTEST_PIXEL, _FAINTEST_MEAN = 12.0, 3.0
"""Levels by which ink differs from the paper at least."""
_SURE = 6.0
"""How many times the grain something has to differ by to be no grain."""
_WHOLE = 0.7
"""Levels of grain that do not show, because levels of pixels are whole."""
_GRAINIEST = 10.0
"""Standard deviation of the paper's levels; in more than that ink could hide."""
_SPECKS, _INK = 9, 2.0
"""Pixels that are still dust, and as how many black ones: a dot a fifth of a millimetre across, blurred."""
_PAPER = 150
"""Anything darker is no white paper."""

Levels = NDArray[np.float32]


def is_surely_blank(picture: Image.Image) -> bool:
    """For a picture of mode `L` or `RGB` at `DPI`: pale colours show in one channel, and hardly in grey."""
    first, *others = picture.split()
    coloured = (channel for channel in others if ImageChops.difference(first, channel).getbbox() is not None)
    return _is_even(first) and all(map(_is_even, coloured))


def _is_even(channel: Image.Image) -> bool:
    levels: Levels = np.asarray(channel, dtype=np.float32)
    paper = float(np.median(levels))
    grain = _measure_grain(levels, paper) + _WHOLE
    if paper < _PAPER or grain > _GRAINIEST:
        return False
    apart = np.abs(levels - paper)
    specks = apart > max(_FAINTEST_PIXEL, _SURE * grain)
    if np.count_nonzero(specks) > _SPECKS or apart[specks].sum() > _INK * 255:
        return False
    without = Image.fromarray(np.where(specks, np.float32(paper), levels))
    return all(_has_even_means(without.reduce(shape, box)) for shape in _SHAPES for box in _list_boxes(channel, shape))


def _list_boxes(channel: Image.Image, shape: tuple[int, int]) -> set[tuple[int, int, int, int]]:
    """The picture in whole shapes, from its upper left and from its lower right corner, so that none is left out."""
    (wide, high), (across, down) = channel.size, (min(pair) for pair in zip(shape, channel.size, strict=True))
    left, top = wide % across, high % down
    return {(0, 0, wide - left, high - top), (left, top, wide, high)}


def _has_even_means(reduced: Image.Image) -> bool:
    means: Levels = np.asarray(reduced)
    paper = float(np.median(means))
    return bool(np.abs(means - paper).max() <= max(_FAINTEST_MEAN, _SURE * _measure_grain(means, paper)))


def _measure_grain(levels: Levels, paper: float) -> float:
    """Standard deviation, of what most of the page has."""
    return 1.4826 * float(np.median(np.abs(levels - paper)))
