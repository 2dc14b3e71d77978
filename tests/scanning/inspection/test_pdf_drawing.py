"""A page of a PDF is drawn so that the pixels of a scan on it fall where they belong, whatever its resolution."""

import io
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageChops

from scanning.inspection.pdf_drawing import draw_near, find_finest
from tests.scanning import papers

EDGE = 1700


def draw(data: bytes, path: Path, edge: int = EDGE) -> tuple[Image.Image, float]:
    """The page, and dots per inch of what is on it."""
    path.write_bytes(data)
    document = pdfium.PdfDocument(path)
    try:
        page = document[0]
        return draw_near(page, edge), find_finest(page)
    finally:
        document.close()


@pytest.mark.parametrize(("dpi", "height"), [(300, 1753), (200, EDGE), (600, EDGE), (150, EDGE)])
def test_a_scan_near_twice_the_size_is_drawn_in_half_of_it(dpi: int, height: int, tmp_path: Path) -> None:
    page = papers.page(dpi=dpi)
    scan = page.crop((0, 0, page.width // 2 * 2, page.height // 2 * 2))
    out = io.BytesIO()
    scan.convert("L").save(out, "PDF", resolution=dpi, quality=100)
    drawn, finest = draw(out.getvalue(), tmp_path / "a.pdf")
    assert finest == pytest.approx(dpi, rel=0.01)
    assert abs(drawn.height - height) <= 1
    if dpi == 300:
        assert ImageChops.difference(drawn, scan.convert("L").reduce(2)).getextrema()[1] <= 4  # type: ignore[operator]


def test_a_page_without_pictures_has_the_size_asked_for(tmp_path: Path) -> None:
    drawn, finest = draw(papers.born_digital(), tmp_path / "a.pdf", 800)
    assert (finest, max(drawn.size), drawn.mode) == (0, 800, "L")
    assert drawn.getextrema()[0] < 128  # type: ignore[operator]  # one channel
