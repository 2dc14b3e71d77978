"""Some pages of a TIFF as a file of their own: data and entries as they are, only moved (TIFF 6.0, section 2).

Nothing is encoded again, and each page keeps its own resolution: fax has pages of different resolution in one file.
"""

import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

from scanning.rejection import FileRejected, RejectionReason

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
"""Bytes of a value of each type."""
_PLACES = {273: 279, 324: 325}
"""Tag with the places of strips or tiles -> tag with their sizes."""
_LEFT_OUT = {254, 330, 34665, 34853, 40965, 513, 514, 519, 520, 521}
"""Kind of page, directories within, and places of the old JPEG form."""
_OLD_JPEG = 6
_COMPRESSION = 259


class _Entry(NamedTuple):
    tag: int
    kind: int
    values: int
    value: bytes


def copy_tiff_pages(path: Path, pages: list[int], target: Path) -> None:
    """Write the pages with these indices to `target`; raises `FileRejected` where a page cannot be moved."""
    with path.open("rb") as source, target.open("wb") as out:
        order = "<" if source.read(2) == b"II" else ">"
        places = _list_directories(source, order)
        out.write((b"II*\0" if order == "<" else b"MM\0*") + bytes(4))
        link = 4
        for index in pages:
            link = _copy_page(source, order, places[index], out, link)


def _list_directories(source: BinaryIO, order: str) -> list[int]:
    """Places of the directories, one for each page; the chain was checked before."""
    source.seek(4)
    (at,) = struct.unpack(f"{order}I", source.read(4))
    found = []
    while at:
        found.append(at)
        source.seek(at)
        (count,) = struct.unpack(f"{order}H", source.read(2))
        source.seek(at + 2 + 12 * count)
        (at,) = struct.unpack(f"{order}I", source.read(4))
    return found


def _copy_page(source: BinaryIO, order: str, at: int, out: BinaryIO, link: int) -> int:
    """Copy data, then the directory; gives the place of its link to the next."""
    entries = {entry.tag: entry for entry in _read_entries(source, order, at)}
    compression = entries.get(_COMPRESSION)
    if compression is not None and struct.unpack(f"{order}H", compression.value[:2])[0] == _OLD_JPEG:
        raise FileRejected(RejectionReason.DAMAGED, "JPEG in the old form of TIFF behind a separator sheet")
    for tag, sizes in _PLACES.items():
        if tag in entries and sizes in entries:
            moved = _copy_data(source, order, entries[tag], entries[sizes], out)
            entries[tag] = _Entry(tag, 4, len(moved), struct.pack(f"{order}{len(moved)}I", *moved))
    kept = [entry for tag, entry in sorted(entries.items()) if tag not in _LEFT_OUT]
    table = b""
    for entry in kept:
        value = entry.value
        if len(value) > 4:
            place = _append(out, value)
            value = struct.pack(f"{order}I", place)
        table += struct.pack(f"{order}HHI", entry.tag, entry.kind, entry.values) + value.ljust(4, b"\0")
    directory = _append(out, struct.pack(f"{order}H", len(kept)) + table + bytes(4))
    out.seek(link)
    out.write(struct.pack(f"{order}I", directory))
    return directory + 2 + len(table)


def _read_entries(source: BinaryIO, order: str, at: int) -> list[_Entry]:
    source.seek(at)
    (count,) = struct.unpack(f"{order}H", source.read(2))
    table = source.read(12 * count)
    found = []
    for number in range(count):
        tag, kind, values = struct.unpack(f"{order}HHI", table[12 * number : 12 * number + 8])
        size = _SIZES.get(kind, 0) * values
        value = table[12 * number + 8 : 12 * number + 12]
        if size > 4:
            source.seek(struct.unpack(f"{order}I", value)[0])
            value = source.read(size)
        if kind in _SIZES:
            found.append(_Entry(tag, kind, values, value[:size]))
    return found


def _copy_data(source: BinaryIO, order: str, places: _Entry, sizes: _Entry, out: BinaryIO) -> list[int]:
    moved = []
    for place, size in zip(_read_numbers(order, places), _read_numbers(order, sizes), strict=True):
        source.seek(place)
        data = source.read(size)
        if len(data) != size:
            raise FileRejected(RejectionReason.DAMAGED, "data of a page lie outside the file")
        moved.append(_append(out, data))
    return moved


def _read_numbers(order: str, entry: _Entry) -> tuple[int, ...]:
    kind = {3: "H", 4: "I"}.get(entry.kind)
    if kind is None:
        raise FileRejected(RejectionReason.DAMAGED, f"tag {entry.tag} is no number")
    return struct.unpack(f"{order}{entry.values}{kind}", entry.value)


def _append(out: BinaryIO, data: bytes) -> int:
    """Write at the end of the file, at an even place; that place."""
    at = out.seek(0, 2)
    if at % 2:
        out.write(b"\0")
        at += 1
    out.write(data)
    return at
