"""Formats of primary files as xdomea names them (code list Dateiformat): by media type, and of a PDF by what it is."""

from collections.abc import Mapping
from typing import NamedTuple

from workflow.disposal.xdomea.codes import OTHER_FORMAT

PDF = "application/pdf"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
CODES: Mapping[str, str] = {
    "application/msword": "003",
    "application/rtf": "022",
    "application/vnd.ms-excel": "028",
    "application/vnd.ms-outlook": "012",
    "application/vnd.ms-powerpoint": "020",
    "application/xml": "030",
    "image/bmp": "001",
    "image/jpeg": "010",
    "image/png": "019",
    "image/tiff": "024",
    "message/rfc822": "006",
    "text/csv": "002",
    "text/html": "008",
    "text/plain": "045",
    "text/xml": "030",
    PDF: "018",
    f"{_OFFICE}presentationml.presentation": "037",
    f"{_OFFICE}spreadsheetml.sheet": "036",
    f"{_OFFICE}wordprocessingml.document": "035",
    f"{_OPEN}presentation": "013",
    f"{_OPEN}spreadsheet": "014",
    f"{_OPEN}text": "015",
}
"""Media type -> code; what the list does not have goes by name."""
PDFA = "044"
"""PDF for archives."""


class Format(NamedTuple):
    """A format with its code, its version where the file says one, and its name where the code list has none."""

    code: str
    version: str = ""
    name: str | None = None


def find_format(media_type: str, pdf_version: str | None = None, pdfa: str | None = None) -> Format:
    """The format of a media type; of a PDF with its version (`1.7`) and, where it is one, its PDF/A level (`2B`)."""
    if media_type == PDF:
        return Format(PDFA, f"PDF/A-{pdfa.lower()}") if pdfa else Format(CODES[PDF], pdf_version or "")
    code = CODES.get(media_type)
    return Format(code) if code else Format(OTHER_FORMAT, name=media_type)
