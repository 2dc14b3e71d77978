"""Two pictures show the same, or a person is asked: what must be found, and what must not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from scanning.comparison.pdfium_pages import PdfiumPages
from scanning.comparison.pictures import ACROSS, SAME, _exceed, _is_near, find_difference
from scanning.limits import LIMITS
from scanning.pdfa.convert import convert
from scanning.requirements.scan_product import MediaType
from tests.scanning import papers

PAGE = papers.page("Bescheid", "L", dpi=100)


def changed(change: Callable[[ImageDraw.ImageDraw], object], page: Image.Image = PAGE) -> Image.Image:
    made = page.copy()
    change(ImageDraw.Draw(made))
    return made


@pytest.mark.parametrize(
    "change",
    [
        lambda draw: draw.rectangle((400, 1100, 402, 1104), fill=0),  # a comma
        lambda draw: draw.line((100, 1120, 700, 1120), fill=0),  # a stroke
        lambda draw: draw.rectangle((300, 1050, 420, 1110), fill=225),  # a faint stamp
        lambda draw: draw.rectangle((40, 40, 760, 70), fill=255),  # a line of text is gone
        lambda draw: draw.rectangle((0, 0, 827, 1169), fill=255),
    ],
    ids=["comma", "stroke", "stamp", "line", "all"],
)
def test_what_comes_or_goes_is_found_either_way(change: Callable[[ImageDraw.ImageDraw], object]) -> None:
    other = changed(change)
    for one, two in ((PAGE, other), (other, PAGE)):
        found = find_difference(one, two, SAME)
        assert found is not None
        assert found.blocks > 0
        assert "weichen ab" in str(found)


def test_where_it_differs_is_told() -> None:
    found = find_difference(PAGE, changed(lambda draw: draw.rectangle((400, 1104, 440, 1140), fill=0)), SAME)
    assert found is not None
    left, top, right, bottom = found.box
    assert left <= 400 < right
    assert top <= 1104 < bottom


def test_a_colour_that_becomes_another_of_the_same_grey_is_found() -> None:
    red = Image.new("RGB", (200, 200), (200, 60, 60))
    level = red.convert("L").getpixel((0, 0))
    assert isinstance(level, int)
    assert find_difference(red, Image.new("RGB", (200, 200), (level, level, level)), SAME) is not None


@given(st.integers(-1, 1), st.integers(-1, 1))
@settings(max_examples=9, deadline=None)
def test_a_shift_by_one_pixel_is_none(across: int, down: int) -> None:
    assert find_difference(PAGE, ImageChops.offset(PAGE, across, down), SAME) is None


def test_heavier_strokes_of_another_renderer_are_none() -> None:
    blurred = PAGE.filter(ImageFilter.GaussianBlur(0.7))
    bolder = blurred.point(lambda level: max(level - 20, 0) if level < 240 else level)
    assert find_difference(PAGE, bolder, ACROSS) is None
    assert find_difference(PAGE, changed(lambda draw: draw.rectangle((40, 40, 760, 70), fill=255)), ACROSS) is not None


def test_a_page_a_pixel_larger_is_the_same() -> None:
    wider = Image.new("L", (PAGE.width + 1, PAGE.height + 1), 255)
    wider.paste(PAGE, (0, 0))
    assert find_difference(PAGE, wider, SAME) is None


@given(st.integers(0, 2**32 - 1), st.integers(0, 255), st.integers(0, 20))
@settings(max_examples=200, deadline=None)
def test_the_quick_answer_is_yes_only_where_the_thorough_one_is(seed: int, change: int, pixels: int) -> None:
    draw = np.random.default_rng(seed)
    one = np.full((32, 40), draw.choice([0, 120, 255]))
    one[4:14, 20:30] = draw.integers(256)
    other = one + draw.integers(-14, 15, one.shape)
    for _ in range(pixels):  # in one block, where they count
        other[draw.integers(8, 16), draw.integers(16, 24)] += draw.choice([-change, change])
    before, after = (Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)) for levels in (one, other))
    near = _is_near(before, after, ImageChops.difference(before, after), SAME)
    levels = np.asarray(before), np.asarray(after)
    differs = bool((_exceed(*levels, SAME, 255) | _exceed(*levels[::-1], SAME, 255)).any())
    assert not (near and differs)
    event(f"near {near}, differs {differs}")


@pytest.mark.parametrize("size", [(1240, 1754), (1239, 1753), (333, 777)])
@pytest.mark.parametrize("mode", ["1", "RGB"])
def test_pdfium_lays_a_scan_on_its_own_pixels(size: tuple[int, int], mode: str, tmp_path: Path) -> None:
    noise = Image.effect_noise(size, 90).convert(mode)
    path, out = tmp_path / "scan.png", tmp_path / "out.pdf"
    noise.save(path, dpi=(300, 300))
    convert(path, MediaType.PNG, out, LIMITS)
    with PdfiumPages(out) as pages:
        drawn = pages.draw_exactly(0, size, grey=mode == "1")
    assert ImageChops.difference(drawn, noise.convert(drawn.mode)).getbbox() is None
