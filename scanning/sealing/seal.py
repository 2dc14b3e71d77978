"""The electronic seal: note and PAdES signature appended to the PDF/A in one go (TR-03138 A.IS.1, A.AM.IN.H.1 to H.4).

A product is the PDF/A as it was, byte for byte, with an addition behind it (ISO 32000-1, 7.5.6): the first part of the
file still has the `content_sha256` of the note, and anybody can check that without our software.

Parameters (TR-02102, ETSI TS 119 312): digest SHA-256; PAdES baseline B-B, with a timestamp B-T; the key's own
algorithm (ECDSA P-256 for the test seal). What must be provable longer than algorithms last goes to a preservation
service (TR-03125); this makes no B-LT or B-LTA.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from io import BytesIO

from asn1crypto import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.extensions import DeveloperExtension
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from scanning.pdfa import xmp
from scanning.requirements.scan_product import Seal, SealKind, TransferNote
from scanning.sealing import transfer_note
from workflow.errors import StoreUnavailable

SignerSource = Callable[[], AbstractAsyncContextManager[signers.Signer]]
"""Gives a signer for one seal: with a key on this machine, or of a remote service."""

FIELD = "eva-seal"
DIGEST = "sha256"


@dataclass(frozen=True)
class Sealer:
    kind: SealKind
    signer: SignerSource
    trust: tuple[x509.Certificate, ...]
    """Roots by which its seals are validated."""
    timestamper: Callable[[datetime], TimeStamper] | None = None
    timestamp_name: str | None = None
    """Name of the timestamp authority for the record of the seal."""
    sizes: dict[tuple[bytes, bool], int] = field(default_factory=dict, compare=False)
    """Certificate, with a timestamp or not -> bytes to leave for a seal. Finding out takes a seal, and a timestamp, on
    trial."""


class _Addition(IncrementalPdfFileWriter):
    """Appends to a PDF, and leaves its metadata as they are set here: the library would put the clock in."""

    def _update_meta(self) -> None:
        pass

    def ensure_output_version(self, version: tuple[int, int]) -> None:
        """Stays PDF 1.7, as PDF/A-2 asks; the form of signature is marked by its own extension."""

    def register_extension(self, ext: DeveloperExtension) -> None:
        """Marks PAdES only: an extension of PDF 2.0 has no place in PDF/A-2."""
        if ext.prefix_name == "/ESIC":
            super().register_extension(ext)


def append_note_and_seal(
    content: bytes, note: TransferNote, now: datetime, sealer: Sealer | None, timestamp: bool = False
) -> tuple[bytes, Seal | None]:
    """The product: a PDF/A with its note appended, and sealed unless `sealer` is None; and the seal.

    Raises `StoreUnavailable` where the seal or timestamp service does not respond; then nothing was made.
    """
    now = now.replace(microsecond=0)  # a PDF tells times in seconds, and the log must say the same
    writer = _Addition(BytesIO(content))
    metadata = generic.StreamObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Metadata"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/XML"),
        },
        stream_data=xmp.write_packet(now, transfer_note.to_properties(note)),
    )
    writer.root["/Metadata"] = writer.add_object(metadata)
    writer.update_root()
    if sealer is None:
        out = BytesIO()
        writer.write(out)
        return out.getvalue(), None
    if timestamp and sealer.timestamper is None:
        raise StoreUnavailable("no timestamp service is set up", "Es ist kein Zeitstempeldienst eingerichtet")
    try:
        data, certificate = asyncio.run(_seal(writer, sealer, now, timestamp))
    except (SigningError, TimestampRequestError, OSError, TimeoutError) as error:
        raise StoreUnavailable(f"sealing failed ({error})", f"Das Siegeln ist gescheitert ({error})") from error
    return data, Seal(
        kind=sealer.kind,
        signer=certificate.subject.human_friendly[:500],
        certificate_sha256=sha256(certificate.dump()).hexdigest(),
        sealed_at=now,
        timestamp_by=sealer.timestamp_name if timestamp else None,
        timestamp_at=now if timestamp else None,
    )


def use_local_signer(signer: signers.Signer) -> SignerSource:
    """The source of a `Sealer` whose key is on this machine."""

    @asynccontextmanager
    async def provide() -> AsyncIterator[signers.Signer]:
        yield signer

    return provide


async def _seal(
    writer: IncrementalPdfFileWriter, sealer: Sealer, now: datetime, timestamp: bool
) -> tuple[bytes, x509.Certificate]:
    async with sealer.signer() as signer:
        data = await _sign(writer, signer, sealer, now, timestamp)
        assert signer.signing_cert is not None  # noqa: S101 - a signer without one cannot have signed
        return data, signer.signing_cert


async def _sign(
    writer: IncrementalPdfFileWriter, signer: signers.Signer, sealer: Sealer, now: datetime, timestamp: bool
) -> bytes:
    pdf_signer = signers.PdfSigner(
        signers.PdfSignatureMetadata(field_name=FIELD, md_algorithm=DIGEST, subfilter=SigSeedSubFilter.PADES),
        signer=signer,
        timestamper=sealer.timestamper(now) if timestamp and sealer.timestamper else None,
        new_field_spec=SigFieldSpec(FIELD),
    )
    session = pdf_signer.init_signing_session(writer)
    session.system_time = now  # the time is handed in; the library would take the clock
    ready = await session.perform_presign_validation(writer)
    assert signer.signing_cert is not None  # noqa: S101 - nobody signs without
    sort = signer.signing_cert.sha256, timestamp
    size = sealer.sizes.pop(sort, 0) or await session.estimate_signature_container_size(ready, tight=False)
    document = session.prepare_tbs_document(ready, bytes_reserved=size, appearance_text_params=None)
    prepared, out = document.digest_tbs_document(output=BytesIO())
    signed = await document.perform_signature(prepared.document_digest, PdfCMSSignedAttributes(signing_time=now))
    await signed.post_signature_processing(out)
    sealer.sizes[sort] = size  # not where it was too small: then the next seal finds out anew
    assert isinstance(out, BytesIO)  # noqa: S101 - as handed in
    return out.getvalue()
