"""The check of TIFF, JPEG and PNG: every page decoded once within its limits.

Loops and lies in the chain of a TIFF's pages are found beforehand, without decoding.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from scanning.inspection.page_quality import EDGE, PageQuality, assess_page
from scanning.limits import Limits
from scanning.rejection import FileRejected, RejectionReason
from scanning.requirements.scan_product import MediaType

_FORMAT = {MediaType.TIFF: "TIFF", MediaType.JPEG: "JPEG", MediaType.PNG: "PNG"}
_DECODER_ERRORS = (
    OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, struct.error, EOFError, OverflowError,
    ZeroDivisionError, AttributeError, UnidentifiedImageError,
)  # fmt: skip
COARSE_DPI = 150
"""A scan with fewer dots per inch is a finding (A.SC.6; 300 dpi is usual)."""


def inspect(path: Path, kind: MediaType, limits: Limits) -> tuple[list[PageQuality], list[str]]:
    """Quality of each page, and findings; raises `FileRejected`."""
    if kind is MediaType.TIFF:
        _check_directories(path, limits)
    qualities, coarse = [], []
    for number, page in enumerate(read_pages(path, kind, limits, small=True), 1):
        dpi = float(min(page.info.get("dpi", (0, 0))))
        if 1 < dpi < COARSE_DPI:
            coarse.append((number, dpi))
        qualities.append(assess_page(page.convert("L")))
    if not coarse:
        return qualities, []
    number, dpi = coarse[0]
    return qualities, [f"coarse: {len(coarse)} pages below {COARSE_DPI} dpi; page {number} has {dpi:.0f}"]


def read_pages(path: Path, kind: MediaType, limits: Limits, *, small: bool = False) -> Iterator[Image.Image]:
    """Each page, decoded; `small` where a reduced picture is enough. Raises `FileRejected`."""
    Image.MAX_IMAGE_PIXELS = None  # bounded by `_check_size`, which knows the depth too
    with _decoder_errors(), Image.open(path, formats=[_FORMAT[kind]]) as image:
        count = getattr(image, "n_frames", 1)
        if count > 1 and kind is not MediaType.TIFF:
            raise FileRejected(RejectionReason.ACTIVE_CONTENT, "animated")
        if count > limits.pages:
            raise FileRejected(RejectionReason.TOO_MANY_PAGES, f"{count}")
        for number in range(count):
            if count > 1:
                image.seek(number)
            _check_size(image, limits)
            if small:
                image.draft("L", (EDGE, EDGE))
            image.load()
            yield image


def _check_size(image: Image.Image, limits: Limits) -> None:
    size = image.width * image.height * len(image.getbands())
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
