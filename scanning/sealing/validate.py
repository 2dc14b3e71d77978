"""Validating a product's seal: intact, over the whole file, by a certificate that leads to a trusted root."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

from asn1crypto import x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from workflow.errors import Corrupted


@dataclass(frozen=True, slots=True)
class ValidSeal:
    certificate_sha256: str
    subject: str
    sealed_at: datetime | None
    timestamp_at: datetime | None


def validate_seal(product: bytes, trust: Sequence[x509.Certificate], moment: datetime) -> ValidSeal:
    """Validate the product's only seal as of a moment; raises `Corrupted` with what does not hold.

    Nothing is fetched: revocation is checked only where the certificate's status is embedded.
    """
    try:
        return asyncio.run(_validate(product, trust, moment))
    except (PdfError, SigningError, SignatureValidationError, ValueError, KeyError, TypeError) as error:
        raise Corrupted(
            0, f"the seal cannot be validated: {error}", f"das Siegel lässt sich nicht prüfen: {error}"
        ) from error


async def _validate(product: bytes, trust: Sequence[x509.Certificate], moment: datetime) -> ValidSeal:
    reader = PdfFileReader(BytesIO(product), strict=True)
    seals = reader.embedded_signatures
    if len(seals) != 1:
        raise Corrupted(0, f"the product has {len(seals)} seals", f"das Produkt hat {len(seals)} Siegel")
    usage = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)
    status: Any = await async_validate_pdf_signature(
        seals[0], _context(trust, moment), ts_validation_context=_context(trust, moment), key_usage_settings=usage
    )
    if status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        raise Corrupted(0, "the seal does not cover the whole file", "das Siegel umfasst nicht die ganze Datei")
    if not status.bottom_line:
        raise Corrupted(
            0, f"the seal is not valid: {status.summary()}", f"das Siegel ist nicht gültig: {status.summary()}"
        )
    stamp = status.timestamp_validity
    return ValidSeal(
        sha256(status.signing_cert.dump()).hexdigest(),
        status.signing_cert.subject.human_friendly,
        status.signer_reported_dt,
        stamp.timestamp if stamp is not None else None,
    )


def _context(trust: Sequence[x509.Certificate], moment: datetime) -> ValidationContext:
    return ValidationContext(trust_roots=list(trust), moment=moment, best_signature_time=moment, allow_fetching=False)
