"""How much a stream of a PDF unpacks to, counted without keeping it, and refused before it becomes too much."""

import zlib
from typing import Any

import pikepdf

from scanning.limits import Limits
from scanning.rejection import Reason, Refused

_FLATE = {"/FlateDecode", "/Fl"}
_IMAGES = {"/DCTDecode", "/DCT", "/JPXDecode", "/CCITTFaxDecode", "/CCF", "/JBIG2Decode"}
_FACTOR = {"/LZWDecode": 1365, "/LZW": 1365, "/RunLengthDecode": 64, "/RL": 64, "/ASCIIHexDecode": 1, "/AHx": 1,
           "/ASCII85Decode": 4, "/A85": 4}  # fmt: skip
"""Most bytes that one byte can become."""
_BLOCK = 1 << 16


def check_stream(stream: pikepdf.Stream, limits: Limits) -> int:
    """Unpacked size in bytes (an upper bound for rare filters); `Refused` beyond the limits."""
    allowed = limits.stream_bytes
    if str(stream.get("/Subtype", "")) == "/Image":
        allowed = limits.page_bytes
        _measure(stream, limits)
    filters = _filters(stream)
    if len(filters) > 2:
        raise Refused(Reason.DECOMPRESSION_BOMB, f"{len(filters)} filters in a row")
    packed = filters and filters[0] not in _IMAGES
    if not packed:
        return int(stream.get("/Length", 0))
    if filters[0] in _FLATE:
        size = _inflated(stream.read_raw_bytes(), allowed)
        rest = filters[1:]
    else:
        size, rest = len(stream.read_raw_bytes()), filters
    for name in rest:
        factor = 1032 if name in _FLATE else _FACTOR.get(name, 1)
        if size * factor > allowed:
            size = _decoded(stream, filters, allowed)
            break
        size *= factor
    return size


def _decoded(stream: pikepdf.Stream, filters: list[str], allowed: int) -> int:
    """Decoded in fact, where a bound alone will not do; the process's own memory limit is the guard."""
    if any(name in _IMAGES for name in filters):
        return 0  # an image behind another filter: bounded by its dimensions
    size = len(stream.read_bytes())
    if size > allowed:
        raise Refused(Reason.DECOMPRESSION_BOMB, f"{size} bytes")
    return size


def _inflated(packed: bytes, allowed: int) -> int:
    engine, size, rest = zlib.decompressobj(), 0, packed
    try:
        while rest and not engine.eof:
            size += len(engine.decompress(rest, _BLOCK))
            rest = engine.unconsumed_tail
            if size > allowed:
                raise Refused(Reason.DECOMPRESSION_BOMB, f"> {allowed} bytes")
    except zlib.error as wrong:
        raise Refused(Reason.DAMAGED, f"a stream does not unpack: {wrong}") from wrong
    if not engine.eof:
        raise Refused(Reason.DAMAGED, "a stream ends too early")
    return size


def _measure(image: pikepdf.Stream, limits: Limits) -> None:
    width, height = int(image.get("/Width", 0)), int(image.get("/Height", 0))
    bits = int(image.get("/BitsPerComponent", 1))
    if width < 1 or height < 1 or width * height * max(bits, 1) * _components(image) // 8 > limits.page_bytes:
        raise Refused(Reason.HUGE_DIMENSIONS, f"{width} x {height}")


def _components(image: pikepdf.Stream) -> int:
    space: Any = image.get("/ColorSpace")
    return {"/DeviceGray": 1, "/G": 1, "None": 1, "/DeviceRGB": 3, "/RGB": 3}.get(str(space), 4 if _deep(space) else 1)


def _deep(space: Any) -> bool:
    return not (isinstance(space, pikepdf.Array) and str(space[0]) in {"/Indexed", "/CalGray"})


def _filters(stream: pikepdf.Stream) -> list[str]:
    found: Any = stream.get("/Filter", [])
    return [str(name) for name in found] if isinstance(found, pikepdf.Array) else [str(found)]
