"""Separator sheets to print: one for each item of a batch, numbered, with the code as QR and as Code 128."""

from collections import Counter
from collections.abc import Iterable, Sequence
from io import BytesIO

import img2pdf
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from workflow.text import Text

PREFIX = "EVA-T:"
"""Prefix of the text of every separator code."""
BACK = "(Rückseite)"
DPI = 200
_A4 = (1654, 2339)


def make_label(batch: str, number: int, of: int) -> str:
    """The text on sheet `number` of a batch, such as `1a2b3c4d 3/12`."""
    return f"{batch[:8]} {number}/{of}"


def parse_number(text: str) -> int | None:
    """The number on a sheet, None where it has none."""
    digits = text.rpartition(" ")[2].partition("/")[0]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 7 else None


def parse_total(text: str) -> int:
    """How many sheets there should be, by the text on a sheet; 0 where it has no such number."""
    digits = text.rpartition("/")[2]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 7 else 0


def find_missing(sheets: Iterable[str], of: int) -> tuple[int, ...]:
    return tuple(sorted(set(range(1, of + 1)) - {parse_number(sheet) for sheet in sheets}))


def find_faults(sheets: Sequence[str]) -> list[Text]:
    """What is wrong with the sheets of a file: foreign, repeated, in another order, of other totals."""
    batches = Counter(map(parse_batch, sheets))
    most = batches.most_common(1)[0][0] if batches else ""
    faults, before = [], 0
    for place, label in enumerate(sheets):
        number = parse_number(label) or 0
        if parse_batch(label) != most:
            faults.append(
                Text(f"Trennblatt {label} gehört zu einem anderen Stapel", f"sheet {label} is of another batch")
            )
            continue
        if label in sheets[:place]:
            faults.append(Text(f"Trennblatt {label} kommt zweimal vor", f"sheet {label} is there twice"))
        elif number < before:
            faults.append(Text(f"Trennblatt {label} liegt hinter {before}", f"sheet {label} lies behind {before}"))
        before = max(before, number)
    totals = {parse_total(label) for label in sheets if parse_batch(label) == most}
    if len(totals) > 1:
        told = ", ".join(map(str, sorted(totals)))
        faults.append(
            Text(f"Trennblätter nennen verschiedene Gesamtzahlen: {told}", f"sheets tell other totals: {told}")
        )
    return faults


def parse_batch(text: str) -> str:
    """What a sheet says before its number."""
    return text.rpartition(" ")[0]


def draw_sheet(text: str, side: str = "") -> Image.Image:
    """One side of a separator sheet for A4, black and white."""
    page = Image.new("1", _A4, 1)
    draw = ImageDraw.Draw(page)
    for size, top, words in (
        (90, 150, "TRENNBLATT"),
        (60, 280, text),
        (40, 2150, f"bitte mitscannen, wiederverwendbar {side}"),
    ):
        draw.text((_A4[0] // 2, top), words, 0, font=ImageFont.load_default(size), anchor="mt")
    square = _draw_code(text, zxingcpp.BarcodeFormat.QRCode, 700, 700)
    page.paste(square, ((_A4[0] - square.width) // 2, 450))
    bars = _draw_code(text, zxingcpp.BarcodeFormat.Code128, 1300, 400)
    page.paste(bars, ((_A4[0] - bars.width) // 2, 1500))
    return page


def print_sheets(texts: Iterable[str]) -> bytes:
    """A PDF to print on both sides, so that it does not matter how a sheet lies in the feeder."""
    images = []
    for text in texts:
        for side in ("", BACK):
            file = BytesIO()
            draw_sheet(text, side).save(file, "TIFF", compression="group4", dpi=(DPI, DPI))
            images.append(file.getvalue())
    if not images:
        raise ValueError("no sheets to print")
    made = img2pdf.convert(images, engine=img2pdf.Engine.internal, nodate=True)
    assert isinstance(made, bytes)  # noqa: S101 - without an output file it returns bytes
    return made


def _draw_code(text: str, kind: zxingcpp.BarcodeFormat, width: int, height: int) -> Image.Image:
    made = zxingcpp.create_barcode(PREFIX + text, kind)
    picture = Image.fromarray(made.to_image(scale=1))
    factor = max(width // picture.width, 1)
    tall = picture.height * factor if kind == zxingcpp.BarcodeFormat.QRCode else height
    return picture.convert("L").resize((picture.width * factor, tall), Image.Resampling.NEAREST).convert("1")
