"""Whether JBIG2 data use symbol coding, which may replace a character by a similar one (forbidden by TR-03138 A.SC.12).

Segment headers of ITU-T T.88, 7.2, as PDF embeds them: header and data in turns, no file header.
"""

from typing import Any

import pikepdf

_SYMBOLS = {0, 4, 6, 7}
"""Segment types: symbol dictionary; text regions, which paint symbols."""


def has_symbol_coding(image: pikepdf.Stream) -> bool:
    """Whether the image or its globals hold symbols, or cannot be parsed to their end."""
    shared: Any = image.get("/DecodeParms", {})
    parameters = list(shared) if isinstance(shared, pikepdf.Array) else [shared]
    common = [p.get("/JBIG2Globals") for p in parameters if isinstance(p, pikepdf.Dictionary)]
    parts = [image.read_raw_bytes(), *(g.read_bytes() for g in common if isinstance(g, pikepdf.Stream))]
    return any(not kinds or kinds & _SYMBOLS for kinds in map(read_segment_types, parts))


def read_segment_types(data: bytes) -> set[int]:
    """Types of all segments; empty where the data cannot be parsed to their end."""
    found: set[int] = set()
    at = 0
    while at < len(data):
        if at + 11 > len(data):
            return set()
        number = int.from_bytes(data[at : at + 4], "big")
        flags = data[at + 4]
        count, at = _read_references(data, at + 5)
        at += count * (1 if number <= 256 else 2 if number <= 65536 else 4)
        at += 4 if flags & 0x40 else 1  # page association
        length = int.from_bytes(data[at : at + 4], "big")
        at += 4
        found.add(flags & 63)
        if length == 0xFFFFFFFF:  # only an immediate generic region may leave its length open; then it is the last
            return found if flags & 63 in {36, 38, 39} else set()
        at += length
    return found if at == len(data) else set()


def _read_references(data: bytes, at: int) -> tuple[int, int]:
    """Number of segments referred to, and where their numbers begin."""
    count = data[at] >> 5
    if count < 7:
        return count, at + 1
    count = int.from_bytes(data[at : at + 4], "big") & 0x1FFFFFFF
    return count, at + 4 + (count + 8) // 8
