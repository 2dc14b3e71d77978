"""The transfer note (Transfervermerk, TR-03138 A.NB.4): its canonical form, its hash, and how a product holds it.

It names the raw scan and the PDF/A by hash; the log names the hashes of note and product. So none of them can be
exchanged alone (rule 23).
"""

import json
from hashlib import sha256
from io import BytesIO

import pikepdf
from pydantic import ValidationError

from scanning.pdfa import xmp
from scanning.requirements.scan_product import TransferNote
from workflow.errors import Corrupted

IDENTITY = "Das Scanprodukt stimmt bildlich und inhaltlich mit dem Papieroriginal überein."
"""Statement f in its usual words: the scan product is the same as the paper in image and content."""


def to_json(note: TransferNote) -> str:
    """The note as JSON in one way only: keys in order, no blanks, UTF-8 as it is."""
    return json.dumps(note.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_note(note: TransferNote) -> str:
    """SHA-256 of the canonical form."""
    return sha256(to_json(note).encode()).hexdigest()


def to_properties(note: TransferNote) -> dict[str, str]:
    """The note as metadata: once for machines, and field by field for anybody with a PDF viewer."""
    return {
        "json": to_json(note),
        "a_created_by": f"{note.created_by}, {note.organisation}",
        "b_environment": note.environment,
        "c_anomalies": "; ".join(note.anomalies) or "keine",
        "d_captured_at": note.captured_at.isoformat(),
        "e_quality_assurance": f"{note.qa_result} ({note.qa_by})",
        "f_identity": note.identity,
    }


def read_note(product: bytes) -> tuple[TransferNote, str]:
    """The note in a product, and its PDF/A claim such as `2B`.

    Raises `Corrupted` where the note is missing or contradicts itself.
    """
    try:
        with pikepdf.open(BytesIO(product), attempt_recovery=False, suppress_warnings=True) as pdf:
            found, claim = xmp.read_packet(pdf.Root.Metadata.read_bytes())
        note = TransferNote.model_validate_json(found["json"])
    except (pikepdf.PdfError, ValueError, KeyError, AttributeError, ValidationError) as error:
        raise Corrupted(
            0, f"no transfer note in the product: {error}", f"kein Transfervermerk im Produkt: {error}"
        ) from error
    if found != to_properties(note):
        raise Corrupted(
            0, "the fields of the note differ from each other", "die Felder des Vermerks widersprechen einander"
        )
    return note, claim
