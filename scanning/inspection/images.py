"""The check of TIFF, JPEG and PNG: every page decoded once within its limits.

Loops and lies in the chain of a TIFF's pages are found beforehand, without decoding.
"""

import struct
import warnings
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from scanning.inspection.page_quality import EDGE, Look, judge
from scanning.limits import Limits
from scanning.rejection import Reason, Refused
from scanning.requirements.scan_product import MediaType

_FORMAT = {MediaType.TIFF: "TIFF", MediaType.JPEG: "JPEG", MediaType.PNG: "PNG"}
COARSE_DPI = 150
"""Below this a scan is pointed out (A.SC.6; 300 dpi is usual)."""


def inspect(path: Path, kind: MediaType, limits: Limits) -> tuple[list[Look], list[str]]:
    """Looks of all pages and what was remarked; `Refused`."""
    if kind is MediaType.TIFF:
        _walk(path, limits)
    looks, coarse = [], []
    for number, page in enumerate(pages(path, kind, limits, small=True), 1):
        dpi = float(min(page.info.get("dpi", (0, 0))))
        if 1 < dpi < COARSE_DPI:
            coarse.append((number, dpi))
        looks.append(judge(page.convert("L")))
    if not coarse:
        return looks, []
    number, dpi = coarse[0]
    return looks, [f"coarse: {len(coarse)} pages below {COARSE_DPI} dpi; page {number} has {dpi:.0f}"]


def pages(path: Path, kind: MediaType, limits: Limits, *, small: bool = False) -> Iterator[Image.Image]:
    """Each page, decoded; `small` where a picture to look at will do. Else `Refused`."""
    Image.MAX_IMAGE_PIXELS = None  # bounded by `_measure`, which knows the depth too
    with _refusing(), Image.open(path, formats=[_FORMAT[kind]]) as image:
        count = getattr(image, "n_frames", 1)
        if count > 1 and kind is not MediaType.TIFF:
            raise Refused(Reason.ACTIVE_CONTENT, "animated")
        if count > limits.pages:
            raise Refused(Reason.TOO_MANY_PAGES, f"{count}")
        for number in range(count):
            if count > 1:
                image.seek(number)
            _measure(image, limits)
            if small:
                image.draft("L", (EDGE, EDGE))
            image.load()
            yield image


def _measure(image: Image.Image, limits: Limits) -> None:
    size = image.width * image.height * len(image.getbands())
    if size > limits.page_bytes or min(image.size) < 1:
        raise Refused(Reason.HUGE_DIMENSIONS, f"{image.width} x {image.height}")


class _refusing:  # noqa: N801 - reads as a word in a with statement
    """What a decoder raises, as a refusal; a generator may be left in between."""

    def __enter__(self) -> None:
        warnings.simplefilter("error", Image.DecompressionBombWarning)

    def __exit__(self, kind: type[BaseException] | None, wrong: BaseException | None, _trace: object) -> None:
        if wrong is None or isinstance(wrong, Refused | GeneratorExit | MemoryError):
            return
        if isinstance(wrong, ValueError) and "too large" in str(wrong):
            raise Refused(Reason.DECOMPRESSION_BOMB, str(wrong)) from wrong
        wrongs = (OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, struct.error, EOFError,
                  OverflowError, ZeroDivisionError, AttributeError, UnidentifiedImageError)  # fmt: skip
        if isinstance(wrong, wrongs):
            raise Refused(Reason.DAMAGED, " ".join(str(wrong).split())[:200]) from wrong


def _walk(path: Path, limits: Limits) -> None:
    """Follow the chain of a TIFF's directories: `loop`, `too_many_pages`, `damaged` where one lies outside."""
    size = path.stat().st_size
    with path.open("rb") as file:
        order = "<" if file.read(2) == b"II" else ">"
        file.seek(4)
        (offset,) = struct.unpack(f"{order}I", file.read(4).ljust(4, b"\0"))
        seen: set[int] = set()
        while offset:
            if offset in seen:
                raise Refused(Reason.LOOP, "TIFF directories")
            if offset + 6 > size:
                raise Refused(Reason.DAMAGED, "a page lies outside the file")
            seen.add(offset)
            if len(seen) > limits.pages:
                raise Refused(Reason.TOO_MANY_PAGES, f"> {limits.pages}")
            file.seek(offset)
            (entries,) = struct.unpack(f"{order}H", file.read(2))
            file.seek(offset + 2 + 12 * entries)
            link = file.read(4)
            if len(link) < 4:
                raise Refused(Reason.DAMAGED, "a page lies outside the file")
            (offset,) = struct.unpack(f"{order}I", link)
    if not seen:
        raise Refused(Reason.NO_PAGES)
