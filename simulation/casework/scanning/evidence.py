"""What scanner, signing and disks would hand over: the machine is told what there would be, and keeps all its rules.

There is no paper here and no file; hashes are made of the item's key.
"""

from datetime import datetime
from hashlib import sha256

from scanning.batches.scan_batch import Batch, ScanItem
from scanning.batches.values import BackupReading, DestructionEvidence, Stored, Verification
from scanning.requirements.scan_product import MediaType, Product, RawScan, Seal, SealKind, TransferNote

BYTES_OF_PAGE = 60_000
SCANNER = "Simulierter Scanner, Duplex"


def make_digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def make_raw(item: ScanItem) -> RawScan:
    """A file with two pages for each sheet."""
    pages = 2 * item.sheets
    key = make_digest(f"{item.id}/{len(item.scans)}")
    return RawScan(
        sha256=key, size=pages * BYTES_OF_PAGE, media_type=MediaType.PDF, file_name=f"{key[:12]}.pdf", pages=pages
    )


def make_product(batch: Batch, item: ScanItem, now: datetime) -> tuple[Product, Stored]:
    """The sealed product of a checked scan, and that it was stored; raises `ValueError` where nothing was checked."""
    scan, check = item.scan, item.check
    if scan is None or check is None:
        raise ValueError(f"{item.id} was not checked")
    note = TransferNote(
        created_by=scan.by, organisation=batch.centre, environment=scan.environment, anomalies=(),
        captured_at=scan.captured_at, qa_by=check.by, qa_result=check.result,
        identity="Bild und Inhalt stimmen mit dem Papier überein", raw_sha256=scan.raw.sha256,
        content_sha256=make_digest(f"PDF/A {scan.raw.sha256}"),
    )  # fmt: skip
    made = make_digest(f"product {scan.raw.sha256}")
    seal = Seal(
        kind=SealKind.ADVANCED, signer=batch.centre, certificate_sha256=make_digest(batch.centre), sealed_at=now,
        timestamp_by="Zeitstempel", timestamp_at=now,
    )  # fmt: skip
    product = Product(
        sha256=made, size=scan.raw.size, pages=scan.raw.kept_pages, note=note, note_sha256=make_digest(f"note {made}"),
        seal=seal,
    )  # fmt: skip
    return product, Stored(sha256=made, file_synced=True, folder_synced=True, read_back_sha256=made, at=now)


def read_for_destruction(batch: Batch, item: ScanItem, now: datetime) -> DestructionEvidence:
    """Product and latest backup as they would be read; raises `ValueError` where there is no product."""
    if item.product is None:
        raise ValueError(f"{item.id} has no product")
    made = item.product.sha256
    runs = batch.backups.get(made, ())
    copy = (
        BackupReading(run=runs[-1], manifest_sha256=batch.manifests[runs[-1]], read_back_sha256=made) if runs else None
    )
    verified = Verification(read_back_sha256=made, note_valid=True, seal_valid=True, at=now)
    return DestructionEvidence(verification=verified, backup=copy)
