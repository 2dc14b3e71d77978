"""What does not go through replacing scanning: named reasons, and the kinds of document that have one from the start.

Rule 22; Anwendungshinweis V 2.4; e-Akten-VO Justiz NRW § 3; domain 3.3. An excluded item leaves the way to destruction
for good: it goes on as paper, or its file is hybrid.
"""

from enum import StrEnum
from typing import NamedTuple


class Exclusion(StrEnum):
    """Why an item is not scanned, or its paper not destroyed (Ausschlussgrund)."""

    NOTARIAL_DEED = "notarial_deed"
    SEALED_ATTESTATION = "sealed_attestation"
    OPENING_BALANCE = "opening_balance"
    SECURITIES = "securities"
    CUSTOMS = "customs"
    SIGNED_CONTRACT = "signed_contract"
    RETURN_OBLIGED = "return_obliged"
    CONFIDENTIAL_POST = "confidential_post"
    SEALED_TENDER = "sealed_tender"
    COURT_DELIVERY = "court_delivery"
    CLASSIFIED = "classified"
    FORMAT = "format"
    BOUND = "bound"
    DISPROPORTIONATE = "disproportionate"
    NOT_AUTHENTIC = "not_authentic"
    DUPLICATE = "duplicate"
    ORIGINAL_NEEDED = "original_needed"


class Reason(NamedTuple):
    en: str
    de: str
    basis: str


REASONS: dict[Exclusion, Reason] = {
    Exclusion.NOTARIAL_DEED: Reason("notarial deed", "notarielle Urkunde", "Anw. V 2.4"),
    Exclusion.SEALED_ATTESTATION: Reason(
        "attestation with an affixed seal", "gesiegelte Beglaubigung", "Anw. V 2.4"
    ),
    Exclusion.OPENING_BALANCE: Reason("opening balance sheet", "Eröffnungsbilanz", "Anw. V 2.4"),
    Exclusion.SECURITIES: Reason("securities", "Wertpapier", "Anw. V 2.4"),
    Exclusion.CUSTOMS: Reason("customs paper with original stamp", "Zollpapier mit Originalstempel", "Anw. V 2.4"),
    Exclusion.SIGNED_CONTRACT: Reason(
        "signed contract, deed or proof of payment", "unterschriebener Vertrag, Urkunde, Zahlungsnachweis",
        "domain 3.3: Hybridakte",
    ),
    Exclusion.RETURN_OBLIGED: Reason("has to be returned", "rückgabepflichtig", "e-Akten-VO Justiz NRW § 3"),
    Exclusion.CONFIDENTIAL_POST: Reason(
        "personal or confidential, forwarded unopened", "persönlich oder vertraulich, ungeöffnet weiter", "domain 3.3"
    ),
    Exclusion.SEALED_TENDER: Reason("sealed tender", "verschlossenes Angebot", "domain 3.3"),
    Exclusion.COURT_DELIVERY: Reason(
        "formal delivery with a time limit", "förmliche Zustellung mit Frist", "domain 3.3"
    ),
    Exclusion.CLASSIFIED: Reason("classified (VS)", "Verschlusssache", "domain 1.5; VSA"),
    Exclusion.FORMAT: Reason("too large for the scanner (A3 and more)", "Format ab A3", "domain 3.3"),
    Exclusion.BOUND: Reason("bound", "gebunden", "domain 3.3"),
    Exclusion.DISPROPORTIONATE: Reason("out of proportion", "unverhältnismäßig", "e-Akten-VO Justiz NRW § 3"),
    Exclusion.NOT_AUTHENTIC: Reason(
        "doubt about authenticity remains", "Zweifel an der Echtheit bleiben", "Anw. V 2.5.2.1"
    ),
    Exclusion.DUPLICATE: Reason("the same sheet was scanned before", "Blatt bereits gescannt", "Anw. V: duplicates"),
    Exclusion.ORIGINAL_NEEDED: Reason("the original is needed", "das Original wird benötigt", "domain 3.3"),
}  # fmt: skip


class DocumentKind(StrEnum):
    """What an item is, as seen when it is opened, or that it may not be opened."""

    LETTER = "letter"
    FORM = "form"
    INVOICE = "invoice"
    PLAN = "plan"
    FILE = "file"
    """From an existing paper file (Bestandsakte)."""
    OTHER = "other"
    NOTARIAL_DEED = "notarial_deed"
    SEALED_ATTESTATION = "sealed_attestation"
    OPENING_BALANCE = "opening_balance"
    SECURITIES = "securities"
    CUSTOMS = "customs"
    SIGNED_CONTRACT = "signed_contract"
    CONFIDENTIAL_POST = "confidential_post"
    SEALED_TENDER = "sealed_tender"
    COURT_DELIVERY = "court_delivery"
    CLASSIFIED = "classified"
    LARGE_FORMAT = "large_format"
    BOUND = "bound"


_EXCLUDED = {kind: Exclusion(kind.value) for kind in DocumentKind if kind.value in set(Exclusion)} | {
    DocumentKind.LARGE_FORMAT: Exclusion.FORMAT
}


def excluded_by(kind: DocumentKind, *, return_obliged: bool) -> Exclusion | None:
    """Why such an item must not be scanned and destroyed; None where it may."""
    return Exclusion.RETURN_OBLIGED if return_obliged else _EXCLUDED.get(kind)


class Onward(StrEnum):
    PAPER = "paper"
    """To the addressee as it is."""
    HYBRID = "hybrid"
    """The file is hybrid: the paper is kept beside it."""
    RETURNED = "returned"
    """Back to the sender."""
