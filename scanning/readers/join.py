"""Pages that were scanned into files of their own, put together as one PDF: each as its conversion makes it."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf

from scanning.inspection.results import Converted
from scanning.limits import Limits, Turn, ignore_page
from scanning.pdfa.convert import convert
from scanning.requirements.scan_product import MediaType


def join(pages: Sequence[tuple[Path, MediaType]], out: Path, limits: Limits, on_page: Turn = ignore_page) -> Converted:
    """Write checked files to `out` in their order; the anomalies of each conversion are kept."""
    anomalies: list[str] = []
    treatment: list[str] = []
    with TemporaryDirectory(dir=out.parent) as folder, pikepdf.new() as whole:
        for number, (page, kind) in enumerate(pages, 1):
            made = Path(folder) / f"{number}.pdf"
            done = convert(page, kind, made, limits, on_page)
            anomalies += done.anomalies
            treatment += done.treatment
            with pikepdf.open(made) as one:
                whole.pages.extend(one.pages)
        whole.save(out, deterministic_id=True)
        told, noted = (tuple(dict.fromkeys(lines)) for lines in (anomalies, treatment))
        return Converted(pages=len(whole.pages), anomalies=told, treatment=noted)
