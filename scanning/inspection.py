"""The check of a scanned file: what it is, how many pages, and nothing in it that a scan has no need of.

Runs in a child process with limits only (`workers.py`); TR-03138 A.T.3 (malware), A.NB.3 (page count), A.SC.12.
"""

from pathlib import Path, PurePath

from scanning.answers import Inspection
from scanning.file_type import SUFFIXES, media_type
from scanning.limits import Limits
from scanning.looks import Look
from scanning.product import MediaType
from workflow.engine.fields import line


def inspect(path: Path, name: str, limits: Limits) -> Inspection:
    """Check a file; `Refused` with the first reason found."""
    kind = media_type(path)
    if kind is MediaType.PDF:
        from scanning import pdf_inspection  # noqa: PLC0415  # a worker for images need not load PDF libraries

        looks, findings = pdf_inspection.inspect(path, limits)
    else:
        from scanning import image_inspection  # noqa: PLC0415

        looks, findings = image_inspection.inspect(path, kind, limits)
    suffix = PurePath(name).suffix.lower()
    if suffix not in SUFFIXES[kind]:
        findings = [f"wrong_extension: {suffix or '-'} holds {kind}", *findings]
    return Inspection(
        media_type=kind,
        pages=len(looks),
        blank_pages=_numbers(looks, "blank"),
        unreadable_pages=_numbers(looks, "unreadable"),
        findings=tuple(line(finding) for finding in findings),
    )


def _numbers(looks: list[Look], which: str) -> tuple[int, ...]:
    return tuple(number for number, look in enumerate(looks, 1) if getattr(look, which))
