"""The type of a file by its content, symbol coding, and how much a stream of a PDF may unpack to."""

import zlib
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanning.inspection.inspect import HEAD, TAIL, detect_media_type
from scanning.inspection.jbig2 import read_segment_types
from scanning.inspection.pdf_streams import check_stream, read_filters
from scanning.limits import Limits
from scanning.rejection import REMEDIES, SENTENCES, FileRejected, RejectionReason
from scanning.requirements.scan_product import MediaType

PDF = b"%PDF-1.7\n" + b"x" * 50 + b"\n%%EOF\n"
ZIP_END = b"PK\x05\x06" + bytes(18)


def reason(path: Path, data: bytes) -> RejectionReason | MediaType:
    """The type, or why the file is rejected."""
    path.write_bytes(data)
    try:
        return detect_media_type(path)
    except FileRejected as rejected:
        return rejected.reason


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", RejectionReason.EMPTY),
        (PDF, MediaType.PDF),
        (b"II*\x00rest", MediaType.TIFF),
        (b"MM\x00*rest", MediaType.TIFF),
        (b"\xff\xd8\xffrest", MediaType.JPEG),
        (b"\x89PNG\r\n\x1a\nrest", MediaType.PNG),
        (b"\x89PNG\r\n\x1a", RejectionReason.UNKNOWN_TYPE),
        (b"\xff\xd8", RejectionReason.UNKNOWN_TYPE),
        (b"GIF89a", RejectionReason.UNKNOWN_TYPE),
        (b"II+\x00", RejectionReason.UNKNOWN_TYPE),
        (b"<?xml version='1.0'?><Invoice/>", RejectionReason.UNKNOWN_TYPE),
        (b"MZ" + PDF, RejectionReason.POLYGLOT),
        (b" " * (HEAD - 5) + PDF, RejectionReason.POLYGLOT),
        (b" " * HEAD + PDF, RejectionReason.UNKNOWN_TYPE),
        (b"\xff\xd8\xff" + PDF, RejectionReason.POLYGLOT),
        (PDF + ZIP_END, RejectionReason.POLYGLOT),
        (b"II*\x00" + ZIP_END, RejectionReason.POLYGLOT),
        (b"II*\x00" + ZIP_END[:-1], MediaType.TIFF),
        (b"II*\x00" + b"PK\x05\x06" + b"\x01" + bytes(17), MediaType.TIFF),
        (b"II*\x00" + b"PK\x05\x06" + bytes(8) + b"\xff" * 4 + bytes(6), MediaType.TIFF),
        (b"II*\x00" + ZIP_END + bytes(TAIL), MediaType.TIFF),
        (b"II*\x00" + ZIP_END + bytes(TAIL - 22), RejectionReason.POLYGLOT),
        (b"%PDF-1.7\n", RejectionReason.DAMAGED),
        (PDF + b"\x00\t\n\x0c\r ", MediaType.PDF),
        (PDF + b"a", RejectionReason.POLYGLOT),
        (PDF + b"a\n%%EOF", MediaType.PDF),
    ],
)
def test_a_file_is_what_its_content_says(tmp_path: Path, data: bytes, found: RejectionReason | MediaType) -> None:
    assert reason(tmp_path / "datei.xyz", data) is found


def test_an_unknown_type_is_named_where_it_is_a_common_one(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    for data, name in ((b"PK\x03\x04", "ZIP"), (b"{\\rtf1", "RTF"), (b"\x7fELF", "ELF"), (b"RIFF", "RIFF")):
        path.write_bytes(data)
        with pytest.raises(FileRejected, match=rf"\({name}\)"):
            detect_media_type(path)


@pytest.mark.parametrize("one", list(RejectionReason))
def test_every_rejection_is_a_sentence_in_both_languages_with_its_detail(one: RejectionReason) -> None:
    (de, en), remedy = SENTENCES[one], REMEDIES[one]
    assert de != en
    assert remedy.de != remedy.en
    rejected = FileRejected(one, "Seite 3")
    assert (str(rejected), rejected.de) == (
        f"{en} (Seite 3); {remedy.en}",
        f"{de} (Seite 3); {remedy.de}",
    )
    assert (str(FileRejected(one)), FileRejected(one).de) == (f"{en}; {remedy.en}", f"{de}; {remedy.de}")
    assert rejected.sha256 is None


def segment(kind: int, data: bytes = b"", number: int = 0, refers: int = 0, wide: bool = False) -> bytes:
    """A JBIG2 segment with its header (ITU-T T.88, 7.2)."""
    size = 1 if number <= 256 else 2 if number <= 65536 else 4
    header = number.to_bytes(4, "big") + bytes([kind | (0x40 if wide else 0), refers << 5])
    return header + bytes(size * refers) + bytes(4 if wide else 1) + len(data).to_bytes(4, "big") + data


kinds = st.sampled_from([0, 4, 6, 7, 36, 38, 39, 48, 49, 51])
segments = st.lists(
    st.tuples(kinds, st.binary(max_size=20), st.sampled_from([0, 256, 257, 65536, 65537]), st.integers(0, 4),
              st.booleans()), min_size=1, max_size=5,
)  # fmt: skip


@given(segments)
def test_every_segment_of_jbig2_is_read(parts: list[tuple[int, bytes, int, int, bool]]) -> None:
    data = b"".join(segment(*part) for part in parts)
    assert read_segment_types(data) == {part[0] for part in parts}


@given(segments, st.integers(1, 10))
def test_jbig2_that_ends_too_early_is_not_trusted(parts: list[tuple[int, bytes, int, int, bool]], missing: int) -> None:
    data = b"".join(segment(*part) for part in parts)
    assert read_segment_types(data[:-missing]) in (set(), {part[0] for part in parts[:-1]})


def test_an_open_length_ends_a_generic_region_only() -> None:
    for kind, found in ((36, {36}), (38, {38}), (39, {39}), (6, set()), (0, set())):
        whole = segment(kind, b"")
        assert read_segment_types(whole[:-4] + b"\xff" * 4 + b"data") == found


@pytest.fixture(scope="module")
def pdf() -> Iterator[pikepdf.Pdf]:
    with pikepdf.new() as made:
        yield made


SMALL = Limits(stream_bytes=1000, page_bytes=4000)


def stream(pdf: pikepdf.Pdf, data: bytes, *filters: str, **more: object) -> pikepdf.Stream:
    """A stream whose bytes are these; the filters are only named."""
    made = pikepdf.Stream(pdf, data)
    for key, value in more.items():
        made[f"/{key}"] = value
    names = [pikepdf.Name(name) for name in filters]
    made.write(data, filter=names or None)
    return made


def test_filters_are_read_in_order(pdf: pikepdf.Pdf) -> None:
    assert read_filters(stream(pdf, b"x")) == []
    assert read_filters(stream(pdf, b"x", "/FlateDecode")) == ["/FlateDecode"]
    assert read_filters(stream(pdf, b"x", "/ASCII85Decode", "/FlateDecode")) == ["/ASCII85Decode", "/FlateDecode"]


@pytest.mark.parametrize(("size", "fits"), [(0, True), (999, True), (1000, True), (1001, False), (300_000, False)])
def test_a_stream_unpacks_to_the_limit_and_no_further(pdf: pikepdf.Pdf, size: int, fits: bool) -> None:
    packed = stream(pdf, zlib.compress(bytes(size)), "/FlateDecode")
    if fits:
        assert check_stream(packed, SMALL) == size
    else:
        with pytest.raises(FileRejected) as rejected:
            check_stream(packed, SMALL)
        assert rejected.value.reason is RejectionReason.DECOMPRESSION_BOMB


def test_a_stream_is_whole_without_its_check_sum_after_a_flush_and_empty(pdf: pikepdf.Pdf) -> None:
    """As some programs write them; a stream cut within its data is not."""
    engine = zlib.compressobj()
    flushed = engine.compress(bytes(500)) + engine.flush(zlib.Z_SYNC_FLUSH)
    for data, size in ((zlib.compress(bytes(500))[:-4], 500), (flushed, 500), (b"", 0)):
        assert check_stream(stream(pdf, data, "/FlateDecode"), SMALL) == size


@pytest.mark.parametrize("data", [b"no zlib data", zlib.compress(bytes(500))[:-6], zlib.compress(bytes(500))[:5]])
def test_a_stream_that_does_not_unpack_is_damaged(pdf: pikepdf.Pdf, data: bytes) -> None:
    with pytest.raises(FileRejected) as rejected:
        check_stream(stream(pdf, data, "/FlateDecode"), SMALL)
    assert rejected.value.reason is RejectionReason.DAMAGED


@pytest.mark.parametrize("size", [1000, 1001])
def test_a_stream_without_filter_is_as_large_as_it_is(pdf: pikepdf.Pdf, size: int) -> None:
    plain = stream(pdf, bytes(size))
    if size <= SMALL.stream_bytes:
        assert check_stream(plain, SMALL) == size
    else:
        with pytest.raises(FileRejected, match="1001 bytes"):
            check_stream(plain, SMALL)


def test_three_filters_in_a_row_are_rejected(pdf: pikepdf.Pdf) -> None:
    with pytest.raises(FileRejected, match="3 filters"):
        check_stream(stream(pdf, b"x", "/ASCIIHexDecode", "/ASCII85Decode", "/FlateDecode"), SMALL)


def test_a_bomb_within_a_bomb_is_found(pdf: pikepdf.Pdf) -> None:
    inner = zlib.compress(bytes(5_000_000))
    twice = stream(pdf, zlib.compress(inner), "/FlateDecode", "/FlateDecode")
    with pytest.raises(FileRejected) as rejected:
        check_stream(twice, Limits(stream_bytes=100_000))
    assert rejected.value.reason is RejectionReason.DECOMPRESSION_BOMB


@pytest.mark.parametrize(
    ("width", "height", "bits", "space", "fits"),
    [
        (80, 50, 8, "/DeviceGray", True),
        (80, 51, 8, "/DeviceGray", False),
        (80, 400, 1, "/DeviceGray", True),
        (80, 401, 1, "/DeviceGray", False),
        (40, 33, 8, "/DeviceRGB", True),
        (40, 34, 8, "/DeviceRGB", False),
        (40, 25, 8, "/DeviceCMYK", True),
        (40, 26, 8, "/DeviceCMYK", False),
        (0, 50, 8, "/DeviceGray", False),
        (50, -1, 8, "/DeviceGray", False),
    ],
)
def test_an_image_is_bounded_by_its_dimensions_before_it_is_decoded(
    pdf: pikepdf.Pdf, width: int, height: int, bits: int, space: str, fits: bool
) -> None:
    image = stream(
        pdf, b"jpeg", "/DCTDecode", Subtype=pikepdf.Name.Image, Width=width, Height=height, BitsPerComponent=bits,
        ColorSpace=pikepdf.Name(space),
    )  # fmt: skip
    if fits:
        assert check_stream(image, SMALL) == 4
    else:
        with pytest.raises(FileRejected) as rejected:
            check_stream(image, SMALL)
        assert rejected.value.reason is RejectionReason.HUGE_DIMENSIONS
