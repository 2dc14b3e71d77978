"""A black and white page of a TIFF as it was scanned: its one strip of CCITT G4 data, not encoded again (A.SC.12)."""

import struct
from typing import Any, BinaryIO

from PIL import Image

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER = 256, 257, 258, 259, 262, 266
_OFFSETS, _ORIENTATION, _ROWS, _COUNTS, _X, _Y, _OPTIONS, _UNIT = 273, 274, 278, 279, 282, 283, 293, 296
_G4, _SHORT, _LONG, _RATIONAL = 4, 3, 4, 5
_DPI = 72


def copy_strip(page: Image.Image, file: BinaryIO) -> bytes | None:
    """A TIFF of this one page with the very data of `file`; None where it has another form and is encoded anew."""
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
    return _build_tiff(page, int(tags.get(_PHOTOMETRIC, 0)), data)


def _build_tiff(page: Image.Image, photometric: int, data: bytes) -> bytes:
    across, down = (float(dpi) if dpi and dpi > 1 else _DPI for dpi in page.info.get("dpi", (0, 0)))
    entries = (
        (_WIDTH, _LONG, page.width), (_HEIGHT, _LONG, page.height), (_BITS, _SHORT, 1), (_COMPRESSION, _SHORT, _G4),
        (_PHOTOMETRIC, _SHORT, photometric), (_OFFSETS, _LONG, 0), (_ROWS, _LONG, page.height),
        (_COUNTS, _LONG, len(data)), (_X, _RATIONAL, 0), (_Y, _RATIONAL, 0), (_UNIT, _SHORT, 2),
    )  # fmt: skip
    behind = 8 + 2 + 12 * len(entries) + 4
    places = {_X: behind, _Y: behind + 8, _OFFSETS: behind + 16}
    table = b"".join(struct.pack("<HHII", tag, kind, 1, places.get(tag, value)) for tag, kind, value in entries)
    ratios = struct.pack("<IIII", round(across * 1000), 1000, round(down * 1000), 1000)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + table + bytes(4) + ratios + data
