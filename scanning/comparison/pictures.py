"""Whether two pictures of a page show the same: ink and structure, block by block, tolerant to one pixel.

A page that looks different is a page lost, because its paper will be destroyed (TR-03138 A.SC.8, A.NB.4 f). The
tolerance covers what two ways of drawing differ in: the edge of a stroke, not whether there is one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

Levels = NDArray[np.uint8]
Blocks = NDArray[np.bool_]
BLOCK = 8
"""Pixels of a block's edge: 2 mm at 100 dpi."""


class Tolerance(NamedTuple):
    """What may differ, in grey levels of 256."""

    stroke: int
    """A pixel may lie so far outside of what its neighbourhood has in the other picture."""
    pixels: int
    """So many pixels of a block may lie further outside."""
    ink: float
    """The mean of a block may lie so far outside of what it can be where every pixel is shifted by one."""
    colour: float
    """The same for each difference of colours."""


SAME = Tolerance(stroke=56, pixels=3, ink=16.0, colour=20.0)
"""For two pictures by the same renderer, or of the same pixels."""
REDRAWN = Tolerance(stroke=80, pixels=6, ink=20.0, colour=24.0)
"""For a page and the picture that the same renderer drew of it in another size."""
ACROSS = Tolerance(stroke=112, pixels=5, ink=40.0, colour=56.0)
"""For a picture of what another renderer has drawn: strokes are heavier or lighter, colours a little different."""


class Difference(NamedTuple):
    blocks: int
    """How many blocks differ."""
    of: int
    box: tuple[int, int, int, int]
    """Around them, in pixels: left, top, right, bottom."""

    def __str__(self) -> str:
        left, top, right, bottom = self.box
        return f"{self.blocks / self.of:.1%} der Fläche weichen ab, bei {left},{top} bis {right},{bottom}"


def find_difference(before: Image.Image, after: Image.Image, tolerance: Tolerance) -> Difference | None:
    """Where two pictures of the same page differ; None where they show the same. Both have the same mode."""
    after = _crop(after, before.size)
    if _find_most(before, after) <= min(tolerance.ink, tolerance.colour):
        return None
    wrong = _compare_levels(before.convert("L"), after.convert("L"), tolerance)
    if before.mode == "RGB":
        wrong = wrong | _compare_colours(before, after, tolerance, wrong.shape)
    if not wrong.any():
        return None
    rows, columns = np.nonzero(wrong)
    box = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    return Difference(int(wrong.sum()), wrong.size, (box[0] * BLOCK, box[1] * BLOCK, box[2] * BLOCK, box[3] * BLOCK))


def _crop(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture in this size: a pixel more or less at the edge comes of rounding."""
    if picture.size == size:
        return picture
    if max(abs(picture.width - size[0]), abs(picture.height - size[1])) > 2:
        return picture.resize(size, Image.Resampling.BOX)
    made = picture.resize(size, box=(0, 0, min(picture.width, size[0]), min(picture.height, size[1])))
    made.paste(picture, (0, 0))
    return made


def _to_levels(picture: Image.Image, block: int = BLOCK) -> Levels:
    """Levels, those at the edge repeated up to whole blocks."""
    found = np.asarray(picture)
    more = [(0, -edge % block) for edge in found.shape]
    return np.pad(found, more, mode="edge") if any(right for _, right in more) else found


def _compare_levels(before: Image.Image, after: Image.Image, tolerance: Tolerance) -> Blocks:
    """Blocks whose pixels, or whose mean, the other picture does not explain, either way."""
    difference = ImageChops.difference(before, after)
    if _is_near(before, after, difference, tolerance):
        return np.zeros((-(-before.height // BLOCK), -(-before.width // BLOCK)), dtype=np.bool_)
    most = _find_level(difference)
    one, other = _to_levels(before), _to_levels(after)
    return _exceed(one, other, tolerance, most) | _exceed(other, one, tolerance, most)


def _is_near(before: Image.Image, after: Image.Image, difference: Image.Image, tolerance: Tolerance) -> bool:
    """Whether no block can exceed the tolerance, since not even pixel against pixel does: the usual case."""
    means = ImageChops.difference(before.reduce(BLOCK), after.reduce(BLOCK))
    if _find_level(means) > tolerance.ink - 1:
        return False
    outside = difference.point([255 if level > tolerance.stroke else 0 for level in range(256)])
    return _find_level(outside.reduce(BLOCK)) * (BLOCK * BLOCK / 255) <= tolerance.pixels


def _find_most(one: Image.Image, other: Image.Image) -> int:
    """By how much two pictures differ at most, in any channel; no mean of colours differs by more."""
    return _find_level(ImageChops.difference(one, other))


def _find_level(picture: Image.Image) -> int:
    """The highest level in any channel; NumPy finds it in a tenth of the time that Pillow takes."""
    return int(np.asarray(picture).max())


def _exceed(one: Levels, other: Levels, tolerance: Tolerance, most: int) -> Blocks:
    """Blocks of `one` that lie outside of what the neighbourhood of each pixel has in `other`."""
    low, high = _spread(other, np.minimum), _spread(other, np.maximum)
    mean = _mean_blocks(one, BLOCK)
    wrong = (mean < _mean_blocks(low, BLOCK) - tolerance.ink) | (mean > _mean_blocks(high, BLOCK) + tolerance.ink)
    if most > tolerance.stroke:
        allowed = np.uint8(tolerance.stroke)
        lighter = one > np.minimum(high, 255 - allowed) + allowed
        darker = one < np.maximum(low, allowed) - allowed
        outside = np.where(lighter | darker, np.uint8(255), np.uint8(0))
        wrong |= _mean_blocks(outside, BLOCK) * (BLOCK * BLOCK / 255) > tolerance.pixels + 0.5
    return np.asarray(wrong)


def _compare_colours(before: Image.Image, after: Image.Image, tolerance: Tolerance, shape: tuple[int, ...]) -> Blocks:
    """Blocks whose colours differ, whatever their grey; at half the size, since colours of a scan are blurred."""
    found = np.zeros(shape, dtype=np.bool_)
    half = BLOCK // 2
    pictures = [picture.reduce(2).convert("YCbCr") for picture in (before, after)]
    for channel in (1, 2):
        channels = [picture.getchannel(channel) for picture in pictures]
        if _find_most(*channels) <= tolerance.colour:
            continue
        one, other = (_to_levels(picture, half) for picture in channels)
        wrong = np.zeros((one.shape[0] // half, one.shape[1] // half), dtype=np.bool_)
        for this, that in ((one, other), (other, one)):
            mean = _mean_blocks(this, half)
            wrong |= mean < _mean_blocks(_spread(that, np.minimum), half) - tolerance.colour
            wrong |= mean > _mean_blocks(_spread(that, np.maximum), half) + tolerance.colour
        high, wide = min(shape[0], wrong.shape[0]), min(shape[1], wrong.shape[1])
        found[:high, :wide] |= wrong[:high, :wide]
    return found


def _spread(levels: Levels, pick: np.ufunc) -> Levels:
    """The least or greatest level of the three by three pixels around each."""
    found = levels.copy()
    pick(found[1:], levels[:-1], out=found[1:])
    pick(found[:-1], levels[1:], out=found[:-1])
    wide = found.copy()
    pick(wide[:, 1:], found[:, :-1], out=wide[:, 1:])
    pick(wide[:, :-1], found[:, 1:], out=wide[:, :-1])
    return wide


def _mean_blocks(levels: Levels, block: int) -> NDArray[np.float32]:
    return np.asarray(Image.fromarray(levels).reduce(block), dtype=np.float32)
