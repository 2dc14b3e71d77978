"""Letters as a scanner makes them, and drafts, for a demonstration that has no real paper."""

import io
from collections.abc import Sequence

import pikepdf
import pypdfium2
from PIL import Image, features

DPI = 100
WIDTH, HEIGHT = 595, 842
"""Of a page in points."""
MARGIN, LINE = 72, 15
NORMAL, LARGE, SMALL = 11, 13, 9
"""Sizes of text in points."""
OFFICE = "Landesamt Muster"
RECEIVED = (
    "Sehr geehrte Damen und Herren,",
    "",
    "zu dem oben genannten Vorgang übersenden wir die Unterlagen, um die Sie",
    "gebeten haben. Für Rückfragen stehen wir gern zur Verfügung.",
    "",
    "Mit freundlichen Grüßen",
    "",
)
DRAFTED = (
    "Sehr geehrte Damen und Herren,",
    "",
    "Ihr Anliegen haben wir geprüft. Die Entscheidung und ihre Gründe entnehmen",
    "Sie bitte der Anlage. Für Rückfragen stehen wir Ihnen gern zur Verfügung.",
    "",
    "Mit freundlichen Grüßen",
    "Im Auftrag",
)
SENDERS = (
    "Stadtwerke Soest", "Windpark Borchen GmbH", "Gemeinde Ahlen", "Kanzlei Brandt und Partner", "Familie Öztürk",
    "Gründerzentrum Siegen", "Verbraucherverein Lüdenscheid", "Kreis Paderborn",
)  # fmt: skip


def write_letter(title: str, sender: str, pages: int = 1) -> bytes:
    """A PDF of black-and-white pages, as they come from a scanner."""
    lines = (sender, "", f"An das {OFFICE}", "", "", title, "", *RECEIVED, sender)
    sheets = [_scan(lines, title, f"{number} / {pages}") for number in range(1, pages + 1)]
    out = io.BytesIO()
    sheets[0].save(out, "PDF", resolution=DPI, save_all=True, append_images=sheets[1:])
    return out.getvalue()


def write_draft(title: str, name: str) -> bytes:
    """A PDF of one page that the office has written itself, under the name of the draft."""
    return _write((OFFICE, "", "", name.capitalize(), "", title, "", *DRAFTED), title, "1 / 1")


def choose_sender(title: str) -> str:
    """Somebody who may have written of this; the same again for the same title."""
    return SENDERS[sum(title.encode()) % len(SENDERS)]


def _scan(lines: Sequence[str], title: str, foot: str) -> Image.Image:
    page = pypdfium2.PdfDocument(_write(lines, title, foot))[0]
    sheet: Image.Image = page.render(scale=DPI / 72, grayscale=True).to_pil()
    return sheet.convert("1", dither=Image.Dither.NONE) if features.check("libtiff") else sheet


def _write(lines: Sequence[str], title: str, foot: str) -> bytes:
    """A page in one of the fonts that every reader of PDF has."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(WIDTH, HEIGHT))
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica,
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )  # fmt: skip
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
    shown = [
        _show(line, HEIGHT - MARGIN - place * LINE, LARGE if line == title else NORMAL)
        for place, line in enumerate(lines)
    ]
    page.Contents = pdf.make_stream(b"\n".join([*shown, _show(foot, MARGIN, SMALL)]))
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def _show(line: str, height: int, size: int) -> bytes:
    text = pikepdf.String(line.encode("cp1252", "replace")).unparse()
    return b"BT /F %d Tf %d %d Td %s Tj ET" % (size, MARGIN, height, text)
