"""The text of a PDF page by page, the one laid behind a scan too, as far as it may go into an index."""

from pathlib import Path

from scanning.comparison.pdfium_pages import PdfiumPages
from scanning.inspection.results import MOST_CHARACTERS, DocumentText
from scanning.limits import Limits, Turn, ignore_page


def read_text(path: Path, limits: Limits, on_page: Turn = ignore_page) -> DocumentText:
    """Raises `FileRejected`."""
    pages, left = list[str](), MOST_CHARACTERS
    with PdfiumPages(path) as document:
        for index in range(min(len(document), limits.pages)):
            on_page()
            text = document.read_text(index)[:left]
            pages.append(text)
            left -= len(text)
            if not left:
                break
        return DocumentText(pages=tuple(pages), whole=left > 0)
