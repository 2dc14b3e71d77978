"""Letters as a scanner makes them, for a demonstration that has no real paper."""

import io
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont, features

DPI = 100
WIDTH, HEIGHT = round(8.27 * DPI), round(11.69 * DPI)
MARGIN, LINE = DPI, DPI // 5
TEXT = (
    "Sehr geehrte Damen und Herren,",
    "",
    "zu dem oben genannten Vorgang übersenden wir die Unterlagen, um die Sie",
    "gebeten haben. Für Rückfragen stehen wir gern zur Verfügung.",
    "",
    "Mit freundlichen Grüßen",
)


def write_letter(title: str, sender: str, pages: int = 1) -> bytes:
    """A PDF of black-and-white pages."""
    sheets = [_draw(title, sender, number, pages) for number in range(1, pages + 1)]
    out = io.BytesIO()
    sheets[0].save(out, "PDF", resolution=DPI, save_all=True, append_images=sheets[1:])
    return out.getvalue()


def _draw(title: str, sender: str, number: int, pages: int) -> Image.Image:
    sheet = Image.new("L", (WIDTH, HEIGHT), 255)
    draw = ImageDraw.Draw(sheet)
    lines: Sequence[str] = (sender, "", "An das Landesamt Muster", "", "", title, "", *TEXT, "", sender)
    for place, line in enumerate(lines):
        draw.text((MARGIN, MARGIN + place * LINE), line, 0, font=_font(15 if line != title else 18))
    draw.text((MARGIN, HEIGHT - MARGIN), f"{number} / {pages}", 0, font=_font(12))
    return sheet.convert("1", dither=Image.Dither.NONE) if features.check("libtiff") else sheet


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
