"""What a faulty conversion would lose is found by the comparison: each fault is planted in a finished PDF/A."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageDraw

from scanning.comparison.compare_pdf import compare_pdf
from scanning.comparison.compare_scan import ScanComparison
from scanning.comparison.differences import MOST, Differences
from scanning.inspection.images import GreyPage, read_pages
from scanning.limits import LIMITS, ignore_page
from scanning.pdfa.claim import save_pdfa
from scanning.pdfa.convert import convert
from scanning.pdfa.convert_images import ImageConverter
from scanning.rejection import FileRejected, RejectionReason
from scanning.requirements.scan_product import MediaType
from tests.scanning import papers

Spoil = Callable[[pikepdf.Pdf], object]


def spoil(out: Path, how: Spoil) -> None:
    with pikepdf.open(out, allow_overwriting_input=True) as pdf:
        how(pdf)
        pdf.save(out)


def invert(pdf: pikepdf.Pdf) -> None:
    image = next(iter(pdf.pages[0].Resources.XObject.values()))
    image.Decode = pikepdf.Array([1, 0])


def mirror(pdf: pikepdf.Pdf) -> None:
    content = pdf.pages[0].Contents.read_bytes()
    pdf.pages[0].Contents = pdf.make_stream(b"-1 0 0 1 595 0 cm " + content)


def cover(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].contents_add(b"1 g 50 700 400 20 re f", prepend=False)


def stretch_page(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].MediaBox = pikepdf.Array([0, 0, 595, 1190])


def swap_pages(pdf: pikepdf.Pdf) -> None:
    pdf.pages.reverse()


FAULTS: dict[str, Spoil] = {
    "inverted": invert, "mirrored": mirror, "covered": cover, "stretched": stretch_page, "swapped": swap_pages,
}  # fmt: skip


def compare_tiff(data: bytes, folder: Path, how: Spoil) -> Differences:
    path, out = folder / "scan.tif", folder / "out.pdf"
    path.write_bytes(data)
    comparison, differences = ScanComparison(), Differences(folder)
    with ImageConverter(path, MediaType.TIFF, out) as converter, path.open("rb") as file:
        for page in read_pages(path, MediaType.TIFF, LIMITS):
            comparison.keep(page, GreyPage(page), converter.add(page, file))
        save_pdfa(converter.finish(), out)
    spoil(out, how)
    comparison.compare(out, differences)
    return differences


def compare_file(data: bytes, folder: Path, how: Spoil) -> Differences:
    path, out, differences = folder / "scan.pdf", folder / "out.pdf", Differences(folder)
    path.write_bytes(data)
    made = convert(path, MediaType.PDF, out, LIMITS, ignore_page)
    spoil(out, how)
    compare_pdf(path, out, made.redrawn, differences)
    return differences


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("compare", [compare_tiff, compare_file])
def test_a_planted_fault_is_found(fault: str, compare: Any, tmp_path: Path) -> None:
    data = papers.tiff_file(2) if compare is compare_tiff else papers.pdf_file(2)
    assert compare(data, tmp_path, lambda _: None).pages == ()
    found = compare(data, tmp_path, FAULTS[fault]).pages
    assert found
    assert found[0].page == 1
    for path in (found[0].before, found[0].after):
        with Image.open(path) as picture:
            assert picture.width > 300


def test_another_number_of_pages_is_refused(tmp_path: Path) -> None:
    for compare, data in ((compare_tiff, papers.tiff_file(2)), (compare_file, papers.pdf_file(2))):
        with pytest.raises(FileRejected) as rejected:
            compare(data, tmp_path, lambda pdf: pdf.pages.__delitem__(1))
        assert rejected.value.reason is RejectionReason.PAGE_COUNT_LIE


def test_exchanged_data_are_found_though_they_look_alike(tmp_path: Path) -> None:
    def exchange(pdf: pikepdf.Pdf) -> None:
        image: Any = next(iter(pdf.pages[0].Resources.XObject.values()))
        sheet = papers.page("Antrag 1").copy()
        ImageDraw.Draw(sheet).point((5, 5), 0)
        out = io.BytesIO()
        sheet.save(out, "TIFF", compression="group4", tiffinfo={278: sheet.height})
        with Image.open(out) as made:
            at, size = made.tag_v2[273][0], made.tag_v2[279][0]  # type: ignore[attr-defined]
        image.write(out.getvalue()[at : at + size], filter=image.Filter, decode_parms=image.DecodeParms)

    strip = papers.saved(papers.page("Antrag 1"), "TIFF", compression="group4", tiffinfo={278: papers.page().height})
    (found,) = compare_tiff(strip, tmp_path, exchange).pages
    assert "Pillow" in found.detail


def test_pictures_of_many_pages_are_not_kept_without_end(tmp_path: Path) -> None:
    differences = Differences(tmp_path)
    for index in range(MOST + 3):
        differences.add(index, "anders", Image.new("L", (9, 9)), Image.new("L", (9, 9)))
        differences.add(index, "noch einmal", Image.new("L", (9, 9)), Image.new("L", (9, 9)))
    assert len(differences.pages) == MOST
    assert differences.others == ("3 weitere Seiten unterscheiden sich",)
