"""Data of a page that go from the source into the PDF as they are, not encoded again (TR-03138 A.SC.12).

One strip of CCITT G4 of a TIFF, and the first picture of a JPEG file: phones put a second one, a preview or a film
behind it (CIPA DC-007).
"""

import re
from typing import Any, BinaryIO

from PIL import Image

from scanning.pdfa.embed_image import ImageData, from_g4

_STANDALONE = {0x01, *range(0xD0, 0xD9)}
_START_OF_SCAN, _END = 0xDA, 0xD9
_MARK = re.compile(rb"\xff[^\x00\xd0-\xd7]", re.DOTALL)
_PHOTOMETRIC, _FILL_ORDER, _OFFSETS, _ORIENTATION, _COUNTS, _OPTIONS = 262, 266, 273, 274, 279, 293


def copy_strip(page: Image.Image, file: BinaryIO) -> ImageData | None:
    """The very data of this page in `file`; None where it has another form and is encoded anew."""
    tags: Any = getattr(page, "tag_v2", None)
    if tags is None or page.mode != "1" or page.info.get("compression") != "group4":
        return None
    offsets, counts = tags.get(_OFFSETS, ()), tags.get(_COUNTS, ())
    usual = (tags.get(_FILL_ORDER, 1), tags.get(_OPTIONS, 0), tags.get(_ORIENTATION, 1)) == (1, 0, 1)
    if len(offsets) != 1 or len(counts) != 1 or not usual:
        return None
    file.seek(offsets[0])
    data = file.read(counts[0])
    if len(data) != counts[0]:
        return None
    return from_g4(data, page.size, inverted=tags.get(_PHOTOMETRIC, 0) == 1)


def cut_first_picture(data: bytes) -> bytes:
    """From the start mark to the first end mark outside of a segment; all where there is no end mark."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            at = _find_mark(data, at)
            continue
        mark = data[at + 1]
        if mark == _END:
            return data[: at + 2]
        if mark == 0xFF:
            at += 1
        elif mark in _STANDALONE or mark == 0:
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
            if mark == _START_OF_SCAN:
                at = _find_mark(data, at)
    return data


def _find_mark(data: bytes, at: int) -> int:
    """Place of the next mark in packed samples, where `FF 00` is none."""
    found = _MARK.search(data, at)
    return found.start() if found else len(data)
