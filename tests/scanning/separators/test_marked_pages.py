"""A page of a letter that bears a separator's code is kept and pointed out; sheets that do not add up are told."""

import io
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from scanning.capture.bulk import check_files
from scanning.capture.capture import ScanCapture
from scanning.inspection.results import Part
from scanning.limits import LIMITS
from scanning.requirements.scan_product import MediaType
from scanning.separators.copy_tiff import copy_tiff_pages
from scanning.separators.detect import split
from scanning.separators.sheet import PREFIX, draw_sheet, find_faults, make_label
from scanning.separators.sheet_page import read_mark
from scanning.storage.content_store import ContentStore
from tests.scanning import papers
from tests.scanning.file_fixtures import NOW


class Clock:
    def clock(self):
        return NOW


def letter_with_code(label: str) -> Image.Image:
    """A letter that quotes a separator sheet: its code is in a corner."""
    page = papers.page("Anlage", "L").copy()
    code = zxingcpp.create_barcode(PREFIX + label, zxingcpp.BarcodeFormat.QRCode)
    page.paste(Image.fromarray(code.to_image(scale=6)), (900, 1500))
    return page.convert("1")


def sheet(number: int, of: int = 2, batch: str = "stapel") -> Image.Image:
    return draw_sheet(make_label(batch, number, of))


def test_a_sheet_is_one_and_a_letter_is_none() -> None:
    assert read_mark(sheet(1).convert("L").reduce(2)) == ("stapel 1/2", True)
    assert read_mark(letter_with_code("stapel 1/2").convert("L")) == ("stapel 1/2", False)
    assert read_mark(papers.page("a", "L")) == (None, False)


def test_a_sheet_with_a_letter_glued_to_it_is_none() -> None:
    page = sheet(1).convert("L").reduce(2)
    page.paste(papers.page("Brief", "L").crop((60, 60, 700, 200)), (100, 980))
    assert read_mark(page) == ("stapel 1/2", False)


@pytest.mark.parametrize("kind", ["tif", "pdf"])
def test_a_letter_page_with_a_code_stays_in_its_item(kind: str, tmp_path: Path, reader_pool: Any) -> None:
    pages = [sheet(1), papers.page("a"), letter_with_code("stapel 2/2"), sheet(2), papers.page("b")]
    path = tmp_path / f"stapel.{kind}"
    path.write_bytes(papers.tiff_of(pages) if kind == "tif" else papers.pdf_of(pages))
    capture = ScanCapture(Clock(), ContentStore(tmp_path / "store"), reader_pool, None)  # type: ignore[arg-type]
    cut = capture.split(path, path.name)
    assert [scan.pages for scan in cut.scans] == [2, 1]
    assert sum(scan.pages for scan in cut.scans) + len(cut.sheets) == cut.pages == 5
    told = "separator_code: page 2 bears the code of a separator sheet; it was kept"
    assert told in cut.scans[0].findings
    assert told not in cut.scans[1].findings


def test_a_letter_with_a_code_and_no_sheet_is_one_scan(tmp_path: Path, reader_pool: Any) -> None:
    path = tmp_path / "brief.tif"
    path.write_bytes(papers.tiff_of([letter_with_code("stapel 2/2")]))
    cut = ScanCapture(Clock(), ContentStore(tmp_path / "store"), reader_pool, None).split(path, path.name)  # type: ignore[arg-type]
    assert cut.sheets == ()
    assert any(finding.startswith("separator_code") for finding in cut.scans[0].findings)


def test_a_third_page_with_the_same_code_is_another_sheet(tmp_path: Path) -> None:
    path = tmp_path / "stapel.tif"
    path.write_bytes(papers.tiff_of([sheet(1)] * 3 + [papers.page("a")]))
    parts = split(path, MediaType.TIFF, tmp_path, LIMITS)
    assert parts.sheets == ("stapel 1/2", "stapel 1/2")
    assert parts.pages == sum(part.pages for part in parts.parts) + parts.separator_pages


@pytest.mark.parametrize(
    ("sheets", "told"),
    [
        (["a 1/3", "a 2/3", "a 3/3"], []),
        (["a 1/2", "b 2/2", "a 2/2"], ["sheet b 2/2 is of another batch"]),
        (["a 1/2", "a 2/2", "a 1/2"], ["sheet a 1/2 is there twice"]),
        (["a 3/3", "a 2/3", "a 1/3"], ["sheet a 2/3 lies behind 3", "sheet a 1/3 lies behind 3"]),
        (["a 1/2", "a 2/3"], ["sheets tell other totals: 2, 3"]),
        ([], []),
    ],
)
def test_sheets_that_do_not_add_up_are_told(sheets: list[str], told: list[str]) -> None:
    faults = find_faults(sheets)
    assert [fault.en for fault in faults] == told
    assert all(fault.de != fault.en for fault in faults)


def test_faults_of_sheets_reach_whoever_takes_files_in(tmp_path: Path, reader_pool: Any) -> None:
    path = tmp_path / "stapel.tif"
    path.write_bytes(papers.tiff_of([sheet(2), papers.page("a"), sheet(1), papers.page("b")]))
    capture = ScanCapture(Clock(), ContentStore(tmp_path / "store"), reader_pool, None)  # type: ignore[arg-type]
    (fault,) = check_files(capture, [path], lambda *_: None).sheet_faults
    assert (fault[0], fault[1].en) == ("stapel.tif", "sheet stapel 1/2 lies behind 2")


def test_each_page_behind_a_sheet_keeps_its_own_resolution(tmp_path: Path) -> None:
    """Fax has pages of different resolution in one file."""
    frames = []
    for image, dpi in ((sheet(1), (200, 200)), (papers.page("fein"), (204, 196)), (papers.page("grob"), (204, 98))):
        frame = image.copy()
        frame.encoderinfo = {"dpi": dpi}  # type: ignore[attr-defined]
        frames.append(frame)
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:], compression="group4", dpi=(200, 200))
    path = tmp_path / "fax.tif"
    path.write_bytes(out.getvalue())
    (part,) = split(path, MediaType.TIFF, tmp_path, LIMITS).parts
    assert isinstance(part, Part)
    with Image.open(part.path) as cut, Image.open(path) as whole:
        assert cut.n_frames == 2  # type: ignore[attr-defined]
        for index in range(2):
            cut.seek(index)
            whole.seek(index + 1)
            assert [round(d) for d in cut.info["dpi"]] == [round(d) for d in whole.info["dpi"]]
            assert cut.tobytes() == whole.tobytes()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("packing", ["raw", "group4", "tiff_lzw", "jpeg"])
def test_pages_are_moved_without_encoding(order: str, packing: str, tmp_path: Path) -> None:
    mode = "RGB" if packing == "jpeg" else "1" if packing == "group4" else "L"
    frames = [papers.page(text, mode) for text in ("a", "b", "c")]
    more = {"big_endian": True} if order == ">" else {}
    path, target = tmp_path / "whole.tif", tmp_path / "part.tif"
    path.write_bytes(
        papers.saved(frames[0], "TIFF", save_all=True, append_images=frames[1:], compression=packing, **more)
    )
    copy_tiff_pages(path, [2, 0], target)
    with Image.open(target) as cut, Image.open(path) as whole:
        assert cut.n_frames == 2  # type: ignore[attr-defined]
        for place, index in enumerate((2, 0)):
            cut.seek(place)
            whole.seek(index)
            assert cut.tobytes() == whole.tobytes()
