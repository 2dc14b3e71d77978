"""A scanned file read in one go: checked, searched for separator sheets, turned into PDF/A, and compared with it.

Each page of a TIFF, JPEG or PNG is decoded once for all of these.
"""

from pathlib import Path

from scanning.comparison.compare_scan import ScanComparison
from scanning.comparison.differences import Differences
from scanning.inspection import images, pdf
from scanning.inspection.inspect import describe_inspection, detect_media_type
from scanning.inspection.results import Converted, ScanRead
from scanning.limits import Limits, Turn
from scanning.pdfa.claim import save_pdfa
from scanning.pdfa.convert import convert, describe
from scanning.pdfa.convert_images import ImageConverter
from scanning.pdfa.treatment import describe_pages
from scanning.requirements.scan_product import MediaType
from scanning.separators.detect import SheetSearch, write_parts
from workflow.engine.fields import line


def read_scan(
    path: Path, name: str, out: Path, pictures: Path, parts: Path | None, limits: Limits, on_page: Turn
) -> ScanRead:
    """Check a file and write its PDF/A to `out`, or where there are separator sheets its parts to the folder `parts`.

    Without `parts` sheets are not looked for. Pictures of pages that look different go to the folder `pictures`.
    Raises `FileRejected`.
    """
    kind = detect_media_type(path)
    search = SheetSearch() if parts is not None else None
    differences = Differences(pictures)
    if kind is MediaType.PDF:
        found = _read_pdf(path, name, out, search, differences, limits, on_page)
    else:
        found = _read_images(path, name, kind, out, search, differences, limits, on_page)
    if search is None or parts is None:
        return found
    if search.sheets:
        return ScanRead(inspection=found.inspection, parts=write_parts(path, kind, search, parts))
    marked = tuple(number for number, mark in enumerate(search.marks, 1) if mark.text is not None)
    return found.model_copy(update={"marked_pages": marked})


def _read_images(
    path: Path, name: str, kind: MediaType, out: Path, search: SheetSearch | None, differences: Differences,
    limits: Limits, on_page: Turn,
) -> ScanRead:  # fmt: skip
    checks, comparison = images.PageChecks(), ScanComparison()
    with ImageConverter(path, kind, out) as converter, path.open("rb") as file:
        for page in images.read_pages(path, kind, limits, on_page):
            grey = images.GreyPage(page)
            if search is not None:
                search.add(grey)
            if search is None or not search.sheets:
                checks.add(page, comparison.keep(page, grey, converter.add(page, file)).convert("L"))
            else:
                checks.add(page, grey.image)
        inspection = describe_inspection(kind, name, checks.qualities, checks.findings)
        if search is not None and search.sheets:
            return ScanRead(inspection=inspection)
        save_pdfa(converter.finish(), out)
        comparison.compare(out, differences, on_page)
        converted = describe(converter.pages, converter.treatment)
        return ScanRead(inspection=inspection, converted=_describe(converted, differences), content=str(out))


def _read_pdf(
    path: Path, name: str, out: Path, search: SheetSearch | None, differences: Differences, limits: Limits,
    on_page: Turn,
) -> ScanRead:  # fmt: skip
    qualities, findings = pdf.inspect(path, limits, on_page, search.add_picture if search is not None else None)
    inspection = describe_inspection(MediaType.PDF, name, qualities, findings)
    if search is not None and search.sheets:
        return ScanRead(inspection=inspection)
    converted = convert(path, MediaType.PDF, out, limits, on_page)
    from scanning.comparison.compare_pdf import compare_pdf  # noqa: PLC0415 - a reader of images need not load it

    if pages := compare_pdf(path, out, converted.redrawn, differences, on_page):
        told = line(f"{describe_pages(pages)}: vom zweiten Darstellungsprogramm nicht gezeichnet")
        converted = converted.model_copy(update={"anomalies": (*converted.anomalies, told)})
    return ScanRead(inspection=inspection, converted=_describe(converted, differences), content=str(out))


def _describe(converted: Converted, differences: Differences) -> Converted:
    return converted.model_copy(update={"differences": differences.pages, "other_differences": differences.others})
