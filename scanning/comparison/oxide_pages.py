"""Pages of a PDF drawn by pdf_oxide, a renderer in Rust that shares no code with PDFium: the second of the two."""

from pathlib import Path

import pdf_oxide
from PIL import Image

from scanning.rejection import FileRejected, RejectionReason


class OxidePages:
    """An open PDF."""

    def __init__(self, path: Path) -> None:
        try:
            self._document = pdf_oxide.PdfDocument(str(path))
        except (RuntimeError, OSError, ValueError) as error:
            raise FileRejected(RejectionReason.DAMAGED, f"second renderer: {error}"[:200]) from error

    def draw(self, index: int, dpi: int) -> Image.Image | None:
        """The page, mode `RGB`; None where this renderer cannot draw it."""
        try:
            drawn = self._document.render_pixmap(index, dpi)
        except (RuntimeError, OSError, ValueError):
            return None
        picture = Image.frombuffer("RGBa", (drawn.width, drawn.height), drawn.data, "raw", "RGBa", 0, 1)
        paper = Image.new("RGB", picture.size, (255, 255, 255))
        colours = picture.convert("RGBA")
        paper.paste(colours, mask=colours.getchannel("A"))
        return paper
