"""What the primary files of a transfer are: read from the files themselves, not from what somebody said they were."""

from collections.abc import Mapping
from pathlib import Path

from workflow.disposal.formats import PDF, Format, find_format


def find_formats(files: Mapping[str, Path], media_types: Mapping[str, str]) -> dict[str, Format]:
    """SHA-256 -> format; of a PDF with the version and the PDF/A level that it says itself."""
    return {digest: _find(path, media_types[digest]) for digest, path in files.items()}


def _find(path: Path, media_type: str) -> Format:
    if media_type != PDF:
        return find_format(media_type)
    import pikepdf  # noqa: PLC0415 - the server begins without what reads files

    try:
        with pikepdf.open(path) as pdf, pdf.open_metadata() as metadata:
            return find_format(media_type, pdf.pdf_version, metadata.pdfa_status)
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, KeyError):
        return find_format(media_type)  # it goes as it was filed; its version is not known
