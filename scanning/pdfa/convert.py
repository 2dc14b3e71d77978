"""Any accepted scan as PDF/A-2b (ISO 19005-2): the same pixels in a file that a reader decades from now can show.

Nothing depends on clock or chance, so equal scans give equal bytes.
"""

from pathlib import Path

from scanning.inspection import images
from scanning.inspection.results import Converted
from scanning.limits import Limits, Turn, ignore_page
from scanning.pdfa.claim import save_pdfa
from scanning.pdfa.convert_images import ImageConverter
from scanning.pdfa.treatment import Treatment
from scanning.requirements.scan_product import MediaType


def convert(path: Path, kind: MediaType, out: Path, limits: Limits, on_page: Turn = ignore_page) -> Converted:
    """Write a checked scan as PDF/A-2b to `out`: the same bytes for the same scan.

    Raises `FileRejected` where a page cannot be read after all.
    """
    if kind is MediaType.PDF:
        from scanning.pdfa.convert_pdf import convert_pdf  # noqa: PLC0415 - a reader of images need not load the rules

        return convert_pdf(path, out, limits, on_page)
    with ImageConverter(path, kind, out) as converter, path.open("rb") as file:
        for page in images.read_pages(path, kind, limits, on_page):
            converter.add(page, file)
        save_pdfa(converter.finish(), out)
        return describe(converter.pages, converter.treatment)


def describe(pages: int, treatment: Treatment) -> Converted:
    return Converted(pages=pages, anomalies=treatment.findings, treatment=treatment.lines)
