"""Pages as a scanner makes them, for tests: text, blank, black, in every kind of file that is taken in."""

import io
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import img2pdf
import pikepdf
from PIL import Image, ImageDraw, ImageFont

DPI = 150


@lru_cache(maxsize=64)
def page(text: str = "Antrag", mode: str = "1", dpi: int = DPI, lines: int = 40) -> Image.Image:
    """A letter."""
    sheet = Image.new("L", (round(8.27 * dpi), round(11.69 * dpi)), 255)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(dpi // 7)
    for number in range(lines):
        place = (dpi // 2, dpi // 2 + number * dpi // 4)
        draw.text(place, f"{text}, Zeile {number}: hiermit beantrage ich die Förderung", 0, font=font)
    return sheet.convert(mode)


def blank(mode: str = "1", dpi: int = DPI) -> Image.Image:
    return Image.new("L", (round(8.27 * dpi), round(11.69 * dpi)), 255).convert(mode)


def black(mode: str = "1", dpi: int = DPI) -> Image.Image:
    return Image.new("L", (round(8.27 * dpi), round(11.69 * dpi)), 0).convert(mode)


def saved(image: Image.Image, kind: str, dpi: int = DPI, **more: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, dpi=(dpi, dpi), **more)
    return out.getvalue()


@lru_cache(maxsize=64)
def png_file(text: str = "Antrag", mode: str = "L") -> bytes:
    return saved(page(text, mode), "PNG")


@lru_cache(maxsize=64)
def jpeg_file(text: str = "Antrag", mode: str = "RGB") -> bytes:
    return saved(page(text, mode), "JPEG", quality=80)


def filters(stream: Any) -> list[str]:
    """Filters of a stream of a PDF."""
    found = stream.get("/Filter", [])
    return [str(found)] if isinstance(found, pikepdf.Name) else [str(name) for name in found]


def tiff_of(images: Iterable[Image.Image]) -> bytes:
    first, *others = images
    return saved(first, "TIFF", save_all=True, append_images=others, compression="group4")


@lru_cache(maxsize=64)
def tiff_file(pages: int = 2, text: str = "Antrag") -> bytes:
    return tiff_of(page(f"{text} {number}") for number in range(1, pages + 1))


def pdf_of(images: Iterable[Image.Image]) -> bytes:
    files = [saved(image, "TIFF" if image.mode == "1" else "PNG") for image in images]
    made = img2pdf.convert(files, engine=img2pdf.Engine.internal, nodate=True)
    assert made is not None
    return made


@lru_cache(maxsize=64)
def pdf_file(pages: int = 2, text: str = "Antrag") -> bytes:
    return pdf_of(page(f"{text} {number}") for number in range(1, pages + 1))


def born_digital(text: str = "Bescheid") -> bytes:
    """A PDF with a font that is not embedded, as office software used to write it."""
    content = f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET".encode("latin-1")
    from tests.scanning.inspection.hostile import raw_pdf, stream

    sheet = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>"
    )
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", sheet, stream(content))
