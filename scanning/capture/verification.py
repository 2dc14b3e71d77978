"""End-to-end verification of a stored product: hash, PDF/A, note, seal, and its place in a verified log.

Each check has a name and is made in any case, so the report says what holds and what does not. A flipped bit is found
by the hash in the log; the seal finds it without the log.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import NamedTuple

import pikepdf

from scanning.pdfa.rules import find_violations
from scanning.requirements.scan_product import Product
from scanning.sealing import transfer_note
from scanning.sealing.seal import Sealer
from scanning.sealing.validate import ValidSeal, validate_seal
from scanning.storage.content_store import ContentStore
from scanning.storage.file_io import read_from_disk
from workflow.errors import Corrupted, EvaError, NotFound
from workflow.text import Text, same

SHA_256, BYTES = same("SHA-256"), Text("Bytes", "bytes")


class Finding(NamedTuple):
    name: str
    ok: bool
    detail: Text


@dataclass(frozen=True)
class Report:
    sha256: str
    findings: tuple[Finding, ...]
    read_back_sha256: str | None
    """Of the bytes as read; None where they could not be."""

    @property
    def ok(self) -> bool:
        return all(finding.ok for finding in self.findings)

    def holds(self, name: str) -> bool:
        return any(finding.ok for finding in self.findings if finding.name == name)


def verify(product: Product, store: ContentStore, sealer: Sealer | None, locate: Callable[[], Text]) -> Report:
    """Check a product as the log records it; `locate` verifies the log and gives the place of its event, or raises.

    `sealer` gives the trusted roots; without one a seal counts as not valid.
    """
    try:
        data = read_from_disk(store.path(product.sha256))
    except (NotFound, OSError) as error:
        failed = [Finding("hash", ok=False, detail=error.text if isinstance(error, EvaError) else same(error))]
        return Report(product.sha256, (*failed, _run_check("log", locate)), None)
    digest = sha256(data).hexdigest()
    checks: dict[str, Callable[[], Text]] = {
        "hash": lambda: _compare(digest, product.sha256, SHA_256),
        "size": lambda: _compare(len(data), product.size, BYTES),
        "pdf": lambda: _pdf_a(data, product),
        "note": lambda: _note(data, product),
        "content": lambda: _content(data, product.note.content_sha256),
        "seal": lambda: _seal(data, product, sealer),
        "raw": lambda: _raw(store, product.note.raw_sha256),
        "log": locate,
    }
    return Report(product.sha256, tuple(_run_check(name, check) for name, check in checks.items()), digest)


def _run_check(name: str, check: Callable[[], Text]) -> Finding:
    try:
        return Finding(name, ok=True, detail=check())
    except (Corrupted, NotFound) as error:
        return Finding(name, ok=False, detail=error.wrong if isinstance(error, Corrupted) else error.text)


def _compare(found: object, recorded: object, what: Text) -> Text:
    if found != recorded:
        raise Corrupted(0, f"{what.en} {found}, recorded {recorded}", f"{what.de} {found}, verzeichnet {recorded}")
    return Text(f"{what.de} {found}", f"{what.en} {found}")


def _pdf_a(data: bytes, product: Product) -> Text:
    _, claim = transfer_note.read_note(data)
    if claim != "2B" or product.profile != "PDF/A-2b":
        raise Corrupted(
            0,
            f"claims PDF/A {claim or '-'}, recorded {product.profile}",
            f"gibt sich als PDF/A {claim or '-'} aus, verzeichnet ist {product.profile}",
        )
    with pikepdf.open(BytesIO(data), attempt_recovery=False, suppress_warnings=True) as pdf:
        if "/OutputIntents" not in pdf.Root or pdf.is_encrypted:
            raise Corrupted(0, "no output intent, or encrypted", "ohne Ausgabebedingung, oder verschlüsselt")
        pages = _compare(len(pdf.pages), product.pages, Text("Seiten", "pages"))
        return Text(*(f"PDF/A-{claim.lower()}, {count}" for count in pages))


def _note(data: bytes, product: Product) -> Text:
    note, _ = transfer_note.read_note(data)
    if note != product.note:
        raise Corrupted(
            0, "the embedded note is not the one in the log", "der eingebettete Vermerk ist nicht der im Protokoll"
        )
    _compare(transfer_note.hash_note(note), product.note_sha256, Text("SHA-256 des Vermerks", "note SHA-256"))
    return same(f"{note.created_by}, {note.organisation}, {note.captured_at:%Y-%m-%d %H:%M} UTC")


def _content(data: bytes, digest: str) -> Text:
    """The product begins with the very PDF/A that the inspector saw; note and seal lie behind it."""
    end = 0
    while (end := data.find(b"%%EOF", end)) >= 0:
        end += 5
        for more in (data[end : end + 1], data[end : end + 2], b""):
            if sha256(data[: end + len(more)]).hexdigest() == digest:
                kept = end + len(more)
                _check_rules(data[:kept])
                return Text(
                    f"{kept} Bytes unverändert, PDF/A-2b nach den Regeln",
                    f"{kept} bytes unchanged, PDF/A-2b by the rules",
                )
    raise Corrupted(
        0,
        "the product does not begin with the content that the note names",
        "das Produkt beginnt nicht mit dem Inhalt, den der Vermerk nennt",
    )


def _check_rules(content: bytes) -> None:
    """The PDF/A without note and seal keeps the rules; the library that knows them knows no extension schemas."""
    if violations := find_violations(content):
        raise Corrupted(0, f"not PDF/A-2b: {violations[0]}"[:400], f"kein PDF/A-2b: {violations[0]}"[:400])


def _seal(data: bytes, product: Product, sealer: Sealer | None) -> Text:
    if product.seal is None:
        if b"/ByteRange" in data:
            raise Corrupted(0, "a seal that the log does not know", "ein Siegel, das das Protokoll nicht kennt")
        return Text("kein Siegel verzeichnet", "no seal recorded")
    if sealer is None:
        raise Corrupted(
            0,
            "no trusted roots to validate the seal with",
            "keine vertrauenswürdigen Zertifikate, um das Siegel zu prüfen",
        )
    found: ValidSeal = validate_seal(data, sealer.trust, product.seal.sealed_at)
    _compare(found.certificate_sha256, product.seal.certificate_sha256, Text("Zertifikat", "certificate"))
    _compare(found.sealed_at, product.seal.sealed_at, Text("gesiegelt", "sealed"))
    if (found.timestamp_at is None) != (product.seal.timestamp_at is None):
        raise Corrupted(0, "timestamp and log differ", "Zeitstempel und Protokoll widersprechen einander")
    return same(f"{product.seal.kind}: {found.subject}")


def _raw(store: ContentStore, digest: str) -> Text:
    """The raw scan is as it was, or was deleted (A.AM.VT.H.3)."""
    if not store.has(digest):
        return Text("Rohscan gelöscht", "raw scan deleted")
    _compare(sha256(store.path(digest).read_bytes()).hexdigest(), digest, Text("Rohscan", "raw scan"))
    return Text("Rohscan unverändert", "raw scan unchanged")
