"""What is told of a scan: findings that a person looks at, and field c of the transfer note (TR-03138 A.NB.4)."""

from pathlib import Path

from scanning.batches.scan_batch import Scan
from scanning.inspection.results import Part
from scanning.requirements.scan_product import RawScan
from workflow.engine.fields import line

_NUMBERS = line(
    "Seitenzahlen in diesem Vermerk sind die des Scans; im Scanprodukt ist jede um die vor ihr weggelassenen kleiner"
)


def mark_pages(scan: RawScan, pages: tuple[int, ...]) -> RawScan:
    """The scan with a finding for pages that bear a separator's code and are none."""
    if not pages:
        return scan
    told = f"separator_code: page {', '.join(map(str, pages[:20]))} bears the code of a separator sheet; it was kept"
    return scan.model_copy(update={"findings": (*scan.findings, line(told))})


def name_part(name: str, part: Part) -> str:
    last = part.first_page + part.pages - 1
    return f"{name[:300]}, {part.first_page}-{last}{Path(part.path).suffix}"


def list_anomalies(scan: Scan, batch: str) -> tuple[str, ...]:
    """Field c of the transfer note: what checks and rework found.

    Who reads the note need not know of other batches, so that these are counted and not named.
    """
    raw = scan.raw
    anomalies = [*(f for f in raw.findings if not f.startswith("converted: ")), *raw.treatment]
    blank = [page for page in raw.blank_pages if page not in raw.dropped_pages]
    if raw.dropped_pages:
        anomalies.append(_NUMBERS)
    for what, pages in (("Seiten ohne Inhalt", blank), ("schwer lesbare Seiten", raw.unreadable_pages)):
        if pages:
            anomalies.append(line(f"{what}: {', '.join(map(str, pages))}"))
    if scan.reworked_by:
        anomalies.append(line(f"nachbearbeitet durch {', '.join(scan.reworked_by)}"))
    here = [twin for twin in scan.duplicate_of if twin.startswith(f"{batch}#")]
    if here:
        anomalies.append(line(f"gleiche Datei wie {', '.join(here)}"))
    if elsewhere := len(scan.duplicate_of) - len(here):
        anomalies.append(line(f"gleiche Datei in anderen Stapeln: {elsewhere}"))
    return tuple(anomalies)
