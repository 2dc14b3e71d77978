"""Pages are turned straight and blank backs left out without a pixel of the scan being lost or computed anew."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageDraw

from scanning.inspection.inspect import inspect
from scanning.inspection.results import Postprocessed
from scanning.limits import LIMITS
from scanning.pdfa.convert import convert
from scanning.pdfa.rules import find_violations
from scanning.postprocessing import process_pages as module
from scanning.postprocessing.process_pages import process_pages
from scanning.postprocessing.skew import find_skew
from scanning.postprocessing.turn_page import NotTurned, turn_page
from scanning.readers.process_pool import ReaderPool
from scanning.readers.tasks import PROCESS_PAGES
from scanning.requirements.scan_product import MediaType
from scanning.requirements.terms import Postprocessing
from tests.scanning import papers

DESKEW, DROP = Postprocessing(deskew=True), Postprocessing(drop_blank_backs=True)


def askew(degrees: float, mode: str = "1") -> Image.Image:
    """A letter with a mark in each corner, fed askew."""
    page = papers.page("Antrag", "L").copy()
    draw = ImageDraw.Draw(page)
    for x in (4, page.width - 24):
        for y in (4, page.height - 24):
            draw.rectangle((x, y, x + 20, y + 20), fill=0)
    return page.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=255).convert(mode)


def process(file: bytes, kind: MediaType, how: Postprocessing, folder: Path) -> tuple[Postprocessed, Path, Path]:
    """What was done, the PDF/A before and after; the same where nothing was done."""
    scan, content, out, pictures = (folder / name for name in ("scan", "content.pdf", "out.pdf", "pictures"))
    scan.write_bytes(file)
    pictures.mkdir()
    convert(scan, kind, content, LIMITS)
    blank = inspect(scan, f"scan.{kind.name.lower()}", LIMITS).blank_pages
    done = process_pages(content, blank, how, out, pictures, LIMITS)
    return done, content, out if out.exists() else content


def draw(path: Path, index: int = 0, scale: float = 100 / 72) -> Image.Image:
    document = pdfium.PdfDocument(path)
    try:
        return document[index].render(scale=scale).to_pil().convert("L")
    finally:
        document.close()


def read_images(path: Path) -> list[bytes]:
    with pikepdf.open(path) as pdf:
        return [
            image.read_raw_bytes()
            for page in pdf.pages
            for image in page.Resources.XObject.values()
            if str(image.Subtype) == "/Image"
        ]


@pytest.mark.parametrize("degrees", [-2.0, 0.7, 3.1])
@pytest.mark.parametrize(("kind", "mode"), [(MediaType.TIFF, "1"), (MediaType.JPEG, "RGB")])
def test_a_page_is_turned_straight_and_its_data_stay(
    degrees: float, kind: MediaType, mode: str, tmp_path: Path
) -> None:
    more: dict[str, Any] = {"compression": "group4"} if kind is MediaType.TIFF else {"quality": 85}
    file = papers.saved(askew(degrees, mode), kind.name, **more)
    done, before, after = process(file, kind, DESKEW, tmp_path)
    (difference,) = done.differences
    assert difference.page == 1
    assert "Grad gerade gerichtet" in difference.detail
    assert done.treatment == (difference.detail,)
    assert find_violations(after) == ()
    assert read_images(after) == read_images(before)
    straight = draw(after)
    assert find_skew(straight) == 0
    flat = draw(before)
    assert straight.width > flat.width  # so nothing is cut off
    assert straight.height > flat.height
    ink = [np.count_nonzero(np.asarray(draw(path, scale=3)) < 128) for path in (before, after)]
    assert ink[1] == pytest.approx(ink[0], rel=0.02)
    for path in (difference.before, difference.after):
        assert path
        with Image.open(path) as picture:
            assert picture.mode == "L"


def test_a_straight_page_is_left_as_it_is(tmp_path: Path) -> None:
    done, before, after = process(papers.tiff_file(2), MediaType.TIFF, DESKEW, tmp_path)
    assert (done.pages, done.treatment, done.differences) == (2, (), ())
    assert after == before


def test_a_page_with_links_is_not_turned(tmp_path: Path) -> None:
    content, out = tmp_path / "content.pdf", tmp_path / "out.pdf"
    (tmp_path / "scan.tif").write_bytes(papers.tiff_of([askew(2.0), askew(1.0)]))
    convert(tmp_path / "scan.tif", MediaType.TIFF, content, LIMITS)
    with pikepdf.open(content, allow_overwriting_input=True) as pdf:
        link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], F=4)
        pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(link)])
        pdf.save(content)
    done = process_pages(content, (), DESKEW, out, tmp_path, LIMITS)
    assert [one.page for one in done.differences] == [2]
    assert done.treatment[0] == "Seite 1: nicht gerade gerichtet: hat Verweise"


def test_a_page_whose_content_is_not_finished_is_not_turned(tmp_path: Path) -> None:
    (tmp_path / "scan.tif").write_bytes(papers.tiff_file(1))
    convert(tmp_path / "scan.tif", MediaType.TIFF, tmp_path / "content.pdf", LIMITS)
    for more in (b"q", b"Q q"):
        with pikepdf.open(tmp_path / "content.pdf") as pdf:
            pdf.pages[0].contents_add(more, prepend=True)
            with pytest.raises(NotTurned, match="nicht abgeschlossen"):
                turn_page(pdf, pdf.pages[0], 1.0)


def test_a_turned_and_cropped_page_shows_what_it_showed(tmp_path: Path) -> None:
    content, out = tmp_path / "content.pdf", tmp_path / "out.pdf"
    page = askew(2.0).transpose(Image.Transpose.ROTATE_90)
    (tmp_path / "scan.tif").write_bytes(papers.tiff_of([page]))
    convert(tmp_path / "scan.tif", MediaType.TIFF, content, LIMITS)
    with pikepdf.open(content, allow_overwriting_input=True) as pdf:
        pdf.pages[0].Rotate = 90
        left, low, right, high = (float(edge) for edge in pdf.pages[0].MediaBox)
        pdf.pages[0].CropBox = pikepdf.Array([left + 30, low + 30, right - 30, high - 30])
        pdf.save(content)
    done = process_pages(content, (), DESKEW, out, tmp_path, LIMITS)
    assert len(done.differences) == 1
    assert find_skew(draw(out)) == 0
    corner = np.asarray(draw(out))[:25, :25]
    assert corner.min() > 200  # the mark in the corner was cropped, and stays so


def test_where_the_proof_fails_the_page_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def turn_wrongly(_pdf: pikepdf.Pdf, page: pikepdf.Page, _degrees: float) -> None:
        page.contents_add(b"1 0 0 1 90 0 cm", prepend=True)

    monkeypatch.setattr(module, "turn_page", turn_wrongly)
    file = papers.tiff_of([askew(2.0), askew(-1.0)])
    done, _, _ = process(file, MediaType.TIFF, DESKEW, tmp_path)
    assert done.differences == ()
    assert done.treatment == ("Seiten 1-2: nicht gerade gerichtet: sähe anders aus",)


def grainy(page: Image.Image) -> Image.Image:
    """Paper as a scanner sees it."""
    noise = np.random.default_rng(7).normal(0, 5, (page.height, page.width))
    return Image.fromarray(np.clip(np.asarray(page, dtype=float) - 12 + noise, 0, 255).astype(np.uint8))


def pencilled() -> Image.Image:
    """A word in pencil so faint that the usual check takes the page for blank."""
    page = papers.blank("L").copy()
    for y in range(600, 640, 10):
        ImageDraw.Draw(page).line((300, y, 700, y + 8), fill=212, width=5)
    return page


def pile(*pages: Image.Image) -> bytes:
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw", dpi=(150, 150))
    return out.getvalue()


def test_blank_backs_are_left_out_and_nothing_else(tmp_path: Path) -> None:
    text, blank = papers.page("Antrag", "L"), papers.blank("L")
    sheets = [text, blank, text, text, blank, blank, text, grainy(blank), text, grainy(pencilled())]
    done, before, after = process(pile(*sheets), MediaType.TIFF, DROP, tmp_path)
    assert done.dropped == (2, 6, 8)
    assert done.pages == 7
    assert [(one.page, one.after) for one in done.differences] == [(2, None), (6, None), (8, None)]
    assert done.treatment == ("Seiten 2, 6, 8: leere Rückseite weggelassen",)
    assert find_violations(after) == ()
    kept = [image for number, image in enumerate(read_images(before), 1) if number not in done.dropped]
    assert read_images(after) == kept


def test_the_usual_check_takes_the_pencil_for_nothing(tmp_path: Path) -> None:
    """So the test above shows that leaving out is stricter."""
    scan = tmp_path / "scan"
    scan.write_bytes(pile(grainy(pencilled()), papers.page("Antrag", "L")))
    assert inspect(scan, "scan.tif", LIMITS).blank_pages == (1,)


def ruled(x: int, level: int = 190) -> Image.Image:
    """A printed line down the page, x pixels from its left edge at 150 dpi."""
    page = papers.blank("L").copy()
    ImageDraw.Draw(page).line((x, 0, x, page.height), fill=level, width=2)
    return page


def tinted() -> Image.Image:
    """A mark in a yellow that has nearly the grey of the paper."""
    page = papers.blank("RGB").copy()
    ImageDraw.Draw(page).rectangle((400, 400, 700, 430), fill=(255, 255, 205))
    return page


def spotted(size: int) -> Image.Image:
    page = papers.blank("L").copy()
    ImageDraw.Draw(page).rectangle((900, 1000, 900 + size - 1, 1000 + size - 1), fill=0)
    return page


@pytest.mark.parametrize(
    ("back", "why"),
    [
        (ruled(12), "a line near the edge"),
        (ruled(0), "a line at the edge"),
        (ruled(600, 249), "a line that is hardly darker"),
        (grainy(ruled(600, 236)), "a line that is fainter than the grain"),
        (tinted(), "a colour that is hardly grey"),
        (spotted(6), "a full stop"),
    ],
)
def test_a_back_on_which_anything_may_be_ink_stays(back: Image.Image, why: str, tmp_path: Path) -> None:
    (tmp_path / "scan").write_bytes(pile(papers.page("Antrag", back.mode), back))
    convert(tmp_path / "scan", MediaType.TIFF, tmp_path / "content.pdf", LIMITS)
    done = process_pages(tmp_path / "content.pdf", (2,), DROP, tmp_path / "out.pdf", tmp_path, LIMITS)
    assert (done.dropped, done.treatment) == ((), ()), why


def test_a_speck_of_dust_is_no_ink(tmp_path: Path) -> None:
    done, _, _ = process(pile(papers.page("Antrag", "L"), spotted(1)), MediaType.TIFF, DROP, tmp_path)
    assert done.dropped == (2,)


def test_a_back_with_text_that_does_not_show_stays(tmp_path: Path) -> None:
    (tmp_path / "scan").write_bytes(pile(papers.page("Antrag", "L"), papers.blank("L")))
    content = tmp_path / "content.pdf"
    convert(tmp_path / "scan", MediaType.TIFF, content, LIMITS)
    with pikepdf.open(content, allow_overwriting_input=True) as pdf:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        pdf.pages[1].Resources.Font = pikepdf.Dictionary(F1=font)
        pdf.pages[1].contents_add(b"BT 3 Tr /F1 12 Tf 72 700 Td (Aktenzeichen) Tj ET")
        pdf.save(content)
    done = process_pages(content, (2,), DROP, tmp_path / "out.pdf", tmp_path, LIMITS)
    assert done.dropped == ()


def test_a_huge_page_is_drawn_in_a_picture_that_is_not(tmp_path: Path) -> None:
    """Five metres across: 20,000 pixels at 100 dpi, and 60,000 at 300."""
    content = tmp_path / "content.pdf"
    (tmp_path / "scan").write_bytes(papers.tiff_of([askew(1.5)]))
    convert(tmp_path / "scan", MediaType.TIFF, content, LIMITS)
    with pikepdf.open(content, allow_overwriting_input=True) as pdf:
        page = pdf.pages[0]
        by = 14_000 / float(page.MediaBox[3])
        page.contents_add(f"{by} 0 0 {by} 0 0 cm".encode(), prepend=True)
        page.MediaBox = pikepdf.Array([0, 0, float(page.MediaBox[2]) * by, 14_000])
        pdf.save(content)
    with ReaderPool(1) as pool:
        done = pool.run(
            PROCESS_PAGES, path=str(content), blank="[]", how=DESKEW.model_dump_json(), out=str(tmp_path / "out.pdf"),
            pictures=str(tmp_path),
        )  # fmt: skip
    assert "gerade gerichtet" in done.treatment[0]
    for difference in done.differences:
        with Image.open(difference.before) as picture:
            assert picture.width * picture.height <= 40 * 2**20


def test_both_at_once(tmp_path: Path) -> None:
    file = pile(askew(1.5, "L"), papers.blank("L"), askew(-2.0, "L"), papers.page("Antrag", "L"))
    how = Postprocessing(deskew=True, drop_blank_backs=True)
    done, _, after = process(file, MediaType.TIFF, how, tmp_path)
    assert (done.pages, done.dropped) == (3, (2,))
    assert [one.page for one in done.differences] == [1, 2, 3]
    assert [find_skew(draw(after, index)) for index in range(3)] == [0, 0, 0]
