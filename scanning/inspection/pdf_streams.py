"""Size of a PDF stream when unpacked, counted without keeping the bytes; the file is rejected beyond the limits."""

import zlib
from typing import Any

import pikepdf

from scanning.limits import Limits
from scanning.rejection import FileRejected, RejectionReason

_FLATE = {"/FlateDecode", "/Fl"}
_IMAGES = {"/DCTDecode", "/DCT", "/JPXDecode", "/CCITTFaxDecode", "/CCF", "/JBIG2Decode"}
_FACTOR = {"/LZWDecode": 1365, "/LZW": 1365, "/RunLengthDecode": 64, "/RL": 64, "/ASCIIHexDecode": 1, "/AHx": 1,
           "/ASCII85Decode": 4, "/A85": 4}  # fmt: skip
"""Most bytes that one byte can become."""
_BLOCK = 1 << 16


def read_filters(stream: pikepdf.Stream) -> list[str]:
    """Names of a stream's filters in the order of decoding, such as `/FlateDecode`."""
    found: Any = stream.get("/Filter")
    if found is None:
        return []
    return [str(name) for name in found] if isinstance(found, pikepdf.Array) else [str(found)]


def check_stream(stream: pikepdf.Stream, limits: Limits) -> int:
    """Unpacked size in bytes (an upper bound for rare filters); raises `FileRejected` beyond the limits."""
    allowed = limits.stream_bytes
    if str(stream.get("/Subtype", "")) == "/Image":
        allowed = limits.page_bytes
        _check_image_size(stream, limits)
    filters = read_filters(stream)
    if len(filters) > 2:
        raise FileRejected(RejectionReason.DECOMPRESSION_BOMB, f"{len(filters)} filters in a row")
    if filters and filters[0] in _IMAGES:
        return int(stream.get("/Length", 0))
    if filters and filters[0] in _FLATE:
        size = _inflate(stream.read_raw_bytes(), allowed)
        rest = filters[1:]
    else:
        size, rest = len(stream.read_raw_bytes()), filters
    for name in rest:
        factor = 1032 if name in _FLATE else _FACTOR.get(name, 1)
        if size * factor > allowed:
            size = _decode(stream, filters, allowed)
            break
        size *= factor
    if size > allowed:
        raise FileRejected(RejectionReason.DECOMPRESSION_BOMB, f"{size} bytes")
    return size


def _decode(stream: pikepdf.Stream, filters: list[str], allowed: int) -> int:
    """Size after decoding, where the upper bound exceeds the limit; the memory limit of the process protects it."""
    if any(name in _IMAGES for name in filters):
        return 0  # an image behind another filter: bounded by its dimensions
    size = len(stream.read_bytes())
    if size > allowed:
        raise FileRejected(RejectionReason.DECOMPRESSION_BOMB, f"{size} bytes")
    return size


def _inflate(packed: bytes, allowed: int) -> int:
    engine, size, rest = zlib.decompressobj(), 0, packed
    try:
        while rest and not engine.eof:
            size += len(engine.decompress(rest, _BLOCK))
            rest = engine.unconsumed_tail
            if size > allowed:
                raise FileRejected(RejectionReason.DECOMPRESSION_BOMB, f"> {allowed} bytes")
    except zlib.error as error:
        raise FileRejected(RejectionReason.DAMAGED, f"a stream does not unpack: {error}") from error
    if packed.strip() and not engine.eof and not _is_whole(packed, allowed):
        raise FileRejected(RejectionReason.DAMAGED, "a stream ends too early")
    return size


def _is_whole(packed: bytes, allowed: int) -> bool:
    """Whether only the check sum is missing, or the mark of the last block after a flush (RFC 1950, 1951)."""
    engine, rest = zlib.decompressobj(-zlib.MAX_WBITS), packed[2:]
    size = 0
    while rest and not engine.eof and size <= allowed:
        size += len(engine.decompress(rest, _BLOCK))
        rest = engine.unconsumed_tail
    return engine.eof or packed.endswith(b"\0\0\xff\xff")


def _check_image_size(image: pikepdf.Stream, limits: Limits) -> None:
    width, height = int(image.get("/Width", 0)), int(image.get("/Height", 0))
    bits = int(image.get("/BitsPerComponent", 1))
    if width < 1 or height < 1 or width * height * max(bits, 1) * _count_components(image) // 8 > limits.page_bytes:
        raise FileRejected(RejectionReason.HUGE_DIMENSIONS, f"{width} x {height}")


def _count_components(image: pikepdf.Stream) -> int:
    """Components of a pixel; at most 4 where the colour space does not say."""
    space: Any = image.get("/ColorSpace")
    if isinstance(space, pikepdf.Array) and str(space[0]) in {"/Indexed", "/CalGray"}:
        return 1
    return {"/DeviceGray": 1, "/G": 1, "None": 1, "/DeviceRGB": 3, "/RGB": 3}.get(str(space), 4)
