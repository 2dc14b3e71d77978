"""The angle of a page is found to a tenth of a degree, and where there are no lines none is made up."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from scanning.postprocessing.skew import LEAST, find_skew
from tests.scanning import papers


def turned(page: Image.Image, degrees: float) -> Image.Image:
    """Clockwise, as a feeder turns it."""
    return page.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=255)


@pytest.mark.parametrize("lines", [6, 40])
@pytest.mark.parametrize("degrees", [-4.3, -1.7, -0.5, 0.4, 1.2, 2.5, 4.6])
def test_the_angle_is_found(degrees: float, lines: int) -> None:
    page = papers.page("Antrag", "L", dpi=100, lines=lines)
    assert find_skew(turned(page, degrees)) == pytest.approx(degrees, abs=0.12)


@pytest.mark.parametrize("degrees", [-0.2, 0.0, 0.15])
def test_what_nobody_sees_is_left(degrees: float) -> None:
    assert abs(degrees) < LEAST
    assert find_skew(turned(papers.page("Antrag", "L", dpi=100), degrees)) == 0


def stamp() -> Image.Image:
    page = papers.blank("L", 100)
    ImageDraw.Draw(page).ellipse((300, 300, 420, 420), outline=0, width=4)
    return page


def noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (1169, 827), dtype=np.uint8))


@pytest.mark.parametrize("page", [papers.blank("L", 100), papers.black("L", 100), stamp(), noise()])
def test_a_page_without_lines_has_no_angle(page: Image.Image) -> None:
    assert find_skew(page) == 0


def test_what_lies_across_or_is_turned_further_is_meant_so() -> None:
    page = papers.page("Antrag", "L", dpi=100)
    assert find_skew(turned(page, 8)) == 0
    assert find_skew(page.transpose(Image.Transpose.ROTATE_90)) == 0
