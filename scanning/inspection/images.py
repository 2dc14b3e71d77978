"""The check of TIFF, JPEG and PNG: every page decoded once within its limits.

Loops and lies in the chain of a TIFF's pages are found beforehand, without decoding.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, UnidentifiedImageError

from scanning.inspection.page_quality import PageQuality, assess_page
from scanning.limits import Limits, Turn, ignore_page
from scanning.rejection import FileRejected, RejectionReason
from scanning.requirements.scan_product import MediaType

_FORMAT = {MediaType.TIFF: "TIFF", MediaType.JPEG: "JPEG", MediaType.PNG: "PNG"}
_DECODER_ERRORS = (
    OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, struct.error, EOFError, OverflowError,
    ZeroDivisionError, AttributeError, UnidentifiedImageError,
)  # fmt: skip
COARSE_DPI = 150
"""A scan with fewer dots per inch is a finding (A.SC.6; 300 dpi is usual)."""
_REDUCED_EDGE = 1100
"""Shortest side in pixels that is enough to compare, to assess and to find codes."""
_BITS, _MEANING, _SAMPLE_FORMAT, _UNSIGNED = 258, 262, 339, 1
"""Tags of TIFF 6.0: BitsPerSample, PhotometricInterpretation, SampleFormat."""
_SAMPLE_BYTES = {"I": 4, "F": 4, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2}


class DecodedPage(NamedTuple):
    image: Image.Image
    """Decoded, in the orientation of the file; a JPEG of grey or RGB perhaps in reduced size."""
    size: tuple[int, int]
    """Pixels of the page in the file."""


class GreyPage:
    """The levels of a page, and the smaller pictures made of them: each is made once, whoever needs it."""

    def __init__(self, page: DecodedPage) -> None:
        self.image = make_grey(page.image)
        self._reduced: dict[int, Image.Image] = {1: self.image}

    def reduce(self, factor: int) -> Image.Image:
        """Mode `L`."""
        if factor not in self._reduced:
            self._reduced[factor] = self.image.reduce(factor)
        return self._reduced[factor]


class PageChecks:
    """Gathers the quality of pages, and findings, as pages are decoded."""

    def __init__(self) -> None:
        self.qualities: list[PageQuality] = []
        self._coarse: list[tuple[int, float]] = []
        self._more: list[str] = []

    def add(self, page: DecodedPage, grey: Image.Image) -> None:
        dpi = float(min(page.image.info.get("dpi", (0, 0))))
        if 1 < dpi < COARSE_DPI:
            self._coarse.append((len(self.qualities) + 1, dpi))
        if getattr(page.image, "n_frames", 1) > 1 and page.image.format != "TIFF":
            self._more = ["second_picture: only the first picture of the file was taken"]
        self.qualities.append(assess_page(grey))

    @property
    def findings(self) -> list[str]:
        if not self._coarse:
            return self._more
        number, dpi = self._coarse[0]
        return [f"coarse: {len(self._coarse)} pages below {COARSE_DPI} dpi; page {number} has {dpi:.0f}", *self._more]


def inspect(
    path: Path, kind: MediaType, limits: Limits, on_page: Turn = ignore_page
) -> tuple[list[PageQuality], list[str]]:
    """Quality of each page, and findings; raises `FileRejected`."""
    checks = PageChecks()
    for page in read_pages(path, kind, limits, on_page):
        checks.add(page, make_grey(page.image))
    return checks.qualities, checks.findings


def read_levels(image: Image.Image) -> NDArray[np.float64]:
    """The levels of a page of deep grey; 32 bits without sign are read by Pillow as if they had one."""
    levels = np.asarray(image)
    tags = getattr(image, "tag_v2", {})
    if image.mode == "I" and tags.get(_BITS) == (32,) and tags.get(_SAMPLE_FORMAT, (1,)) == (_UNSIGNED,):
        levels = levels.view(np.uint32)
    return levels.astype(np.float64)


def is_white_zero(image: Image.Image) -> bool:
    """Whether 0 is white, in deep grey: Pillow turns other pictures by itself."""
    return getattr(image, "tag_v2", {}).get(_MEANING) == 0


def make_grey(image: Image.Image) -> Image.Image:
    """The levels of a page as mode `L`; deep grey is brought into 256 levels."""
    if image.mode in _SAMPLE_BYTES:
        levels = np.nan_to_num(read_levels(image))
        low, high = float(levels.min()), float(levels.max())
        grey = Image.fromarray(((levels - low) * (255 / (high - low) if high > low else 0.0)).astype(np.uint8))
        return ImageChops.invert(grey) if is_white_zero(image) else grey
    if image.mode == "LAB":
        return image.getchannel(0)
    if image.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info:
        colours = image.convert("RGBA")
        paper = Image.new("L", image.size, 255)
        paper.paste(colours.convert("L"), mask=colours.getchannel("A"))
        return paper
    return image if image.mode == "L" else image.convert("L")


def read_pages(path: Path, kind: MediaType, limits: Limits, on_page: Turn = ignore_page) -> Iterator[DecodedPage]:
    """Each page, decoded; `on_page` is called before each. Raises `FileRejected`."""
    if kind is MediaType.TIFF:
        _check_directories(path, limits)
    Image.MAX_IMAGE_PIXELS = None  # bounded by `_check_size`, which knows the depth too
    # From an open file: by its path Pillow maps a TIFF into memory, and does not turn it upright.
    with _decoder_errors(), path.open("rb") as file, Image.open(file, formats=[_FORMAT[kind]]) as image:
        count = getattr(image, "n_frames", 1)
        if count > 1 and kind is MediaType.PNG:
            raise FileRejected(RejectionReason.ACTIVE_CONTENT, "animated")
        if count > limits.pages:
            raise FileRejected(RejectionReason.TOO_MANY_PAGES, f"{count}")
        for number in range(1 if kind is MediaType.JPEG else count):
            on_page()
            if count > 1:
                image.seek(number)
            _check_size(image, limits)
            size = image.size
            if kind is MediaType.JPEG and image.mode in {"L", "RGB"}:
                shrink = max(min(size) // _REDUCED_EDGE, 1)
                image.draft(image.mode, (size[0] // shrink, size[1] // shrink))
                image.load()
            else:
                image.load()
                size = image.size  # of a TIFF, which is turned upright on loading
            yield DecodedPage(image, size)


def _check_size(image: Image.Image, limits: Limits) -> None:
    size = image.width * image.height * len(image.getbands()) * _SAMPLE_BYTES.get(image.mode, 1)
    if size > limits.page_bytes or min(image.size) < 1:
        raise FileRejected(RejectionReason.HUGE_DIMENSIONS, f"{image.width} x {image.height}")


@contextmanager
def _decoder_errors() -> Iterator[None]:
    try:
        yield
    except _DECODER_ERRORS as error:
        if isinstance(error, ValueError) and "too large" in str(error):
            raise FileRejected(RejectionReason.DECOMPRESSION_BOMB, str(error)) from error
        raise FileRejected(RejectionReason.DAMAGED, " ".join(str(error).split())[:200]) from error


def _check_directories(path: Path, limits: Limits) -> None:
    """Follow the chain of a TIFF's directories: `loop`, `too_many_pages`, `damaged` where one lies outside."""
    size = path.stat().st_size
    with path.open("rb") as file:
        order = "<" if file.read(2) == b"II" else ">"
        file.seek(4)
        (offset,) = struct.unpack(f"{order}I", file.read(4).ljust(4, b"\0"))
        seen: set[int] = set()
        while offset:
            if offset in seen:
                raise FileRejected(RejectionReason.LOOP, "TIFF directories")
            if offset + 6 > size:
                raise FileRejected(RejectionReason.DAMAGED, "a page lies outside the file")
            seen.add(offset)
            if len(seen) > limits.pages:
                raise FileRejected(RejectionReason.TOO_MANY_PAGES, f"> {limits.pages}")
            file.seek(offset)
            (entries,) = struct.unpack(f"{order}H", file.read(2))
            file.seek(offset + 2 + 12 * entries)
            link = file.read(4)
            if len(link) < 4:
                raise FileRejected(RejectionReason.DAMAGED, "a page lies outside the file")
            (offset,) = struct.unpack(f"{order}I", link)
    if not seen:
        raise FileRejected(RejectionReason.NO_PAGES)
