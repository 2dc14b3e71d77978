"""A pile scanned in one go is taken apart at its separator sheets; one that was not recognised is missed by number."""

import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from scanning.capture.bulk import check_files
from scanning.capture.capture import ScanCapture
from scanning.separators.sheet import draw_sheet, find_missing, make_label, parse_number, parse_total, print_sheets
from scanning.storage.content_store import ContentStore
from tests.scanning import papers
from tests.scanning.file_fixtures import NOW


class Clock:
    def clock(self):
        return NOW


@pytest.fixture
def capture(store: ContentStore, reader_pool: Any) -> ScanCapture:
    return ScanCapture(Clock(), store, reader_pool, None)


def pile(*parts, kind="tif", of=None, skip=(), both_sides=False):
    """Separator sheet, pages, separator sheet, pages; `skip` sheets are unreadable."""
    images = []
    for place, part in enumerate(parts, 1):
        mark = draw_sheet(make_label("stapel", place, of or len(parts)))
        if place in skip:
            mark = papers.page("kein Trennblatt")
        images += [mark.rotate(180)] * (2 if both_sides else 1) + list(part)
    return papers.tiff_of(images) if kind == "tif" else papers.pdf_of(images)


def pages(*texts):
    return [papers.page(text) for text in texts]


@pytest.mark.parametrize("kind", ["tif", "pdf"])
@pytest.mark.parametrize("both_sides", [False, True])
def test_each_item_is_a_file_of_its_own(capture: ScanCapture, store: ContentStore, kind: str, both_sides: bool) -> None:
    data = pile(pages("a", "b"), pages("c"), pages("d", "e", "f"), kind=kind, both_sides=both_sides)
    cut = capture.split((data,), f"stapel.{kind}")
    assert [scan.pages for scan in cut.scans] == [2, 1, 3]
    assert cut.sheets == cut.labels == ("stapel 1/3", "stapel 2/3", "stapel 3/3")
    assert cut.pages == 6 + (6 if both_sides else 3)
    first = 3 if both_sides else 2
    assert cut.scans[0].file_name == f"stapel.{kind}, {first}-{first + 1}.{kind}"
    assert {scan.cut_from for scan in cut.scans} == {store.put(data).sha256}
    assert not list((store.root / "incoming").iterdir())
    pixels = content_pixels(store, cut.scans[1])
    assert pixels == [papers.page("c").tobytes()]


def content_pixels(store, scan):
    with pikepdf.open(io.BytesIO(store.read(scan.content_sha256))) as pdf:
        images = [next(iter(page.Resources.XObject.values())) for page in pdf.pages]
        return [pikepdf.PdfImage(image).as_pil_image().convert("1").tobytes() for image in images]


def test_a_file_without_sheets_is_one_scan_as_it_is(capture: ScanCapture, store: ContentStore) -> None:
    data = papers.jpeg_file()
    cut = capture.split((data,), "brief.jpg")
    assert len(cut.scans) == 1
    assert store.read(cut.scans[0].sha256) == data
    assert cut.scans[0].cut_from is None
    assert not list((store.root / "incoming").iterdir())


@pytest.mark.parametrize("skip", [1, 2, 3])
def test_a_sheet_that_was_not_recognised_is_missed(capture: ScanCapture, tmp_path: Path, skip: int) -> None:
    file = tmp_path / "stapel.tif"
    file.write_bytes(pile(pages("a"), pages("b"), pages("c"), skip=(skip,)))
    found = check_files(capture, [file], lambda *_: None)
    assert ("stapel.tif", skip) in found.missing_sheets
    assert (("stapel.tif", 0) in found.missing_sheets) == (skip == 1)


def test_a_sheet_is_read_however_it_lies_and_when_it_is_dirty(capture: ScanCapture) -> None:
    mark = draw_sheet(make_label("stapel", 1, 2)).convert("L")
    for turn in (0, 90, 180, 270, 3, -4):
        turned = mark.rotate(turn, expand=True, fillcolor=255)
        dirt = Image.effect_noise(turned.size, 60).point(lambda level: 255 if level > 60 else 0)
        dirty = Image.composite(turned, Image.new("L", turned.size, 120), dirt)
        data = papers.pdf_of([dirty.convert("1"), papers.page("a")])
        assert capture.split((data,), "x.pdf").sheets == ("stapel 1/2",), turn


def test_other_codes_on_a_page_do_not_separate(capture: ScanCapture) -> None:
    import zxingcpp

    page = papers.page("Rechnung").convert("L")
    code = zxingcpp.create_barcode("RF18539007547034", zxingcpp.BarcodeFormat.QRCode)
    page.paste(Image.fromarray(code.to_image(scale=8)), (100, 900))
    cut = capture.split((papers.pdf_of([page]),), "x.pdf")
    assert cut.sheets == ()


def test_sheets_to_print_are_read_back(capture: ScanCapture) -> None:
    made = print_sheets([make_label("1a2b3c4d-0000", n, 12) for n in range(1, 13)])
    cut = capture.split((made,), "trennblaetter.pdf")
    assert cut.sheets == tuple(f"1a2b3c4d {n}/12" for n in range(1, 13))
    assert (cut.scans, cut.pages) == ((), 24)
    with pytest.raises(ValueError, match="no sheets"):
        print_sheets([])


def test_numbers_on_sheets() -> None:
    assert (parse_number("stapel 3/12"), parse_total("stapel 3/12")) == (3, 12)
    assert [parse_number(text) for text in ("stapel", "x y/2", "", "1/2/3", "a ³/4", "a 12345678/9")] == [
        None, None, None, 1, None, None,
    ]  # fmt: skip
    assert find_missing(["a 1/4", "a 4/4"], 4) == (2, 3)
    assert find_missing([], 0) == ()
