"""The release gate: paper is destroyed only where each of these conditions holds (rule 24; domain 3.4).

They are tested twice, when destruction is authorised and when it is done.
"""

from scanning.batches.question import Question, find_filed_document, is_bound
from scanning.requirements.exclusions import excluded_by
from scanning.requirements.measures import seal_covers
from scanning.requirements.terms import scan_rules
from workflow.engine.machine import Guard
from workflow.organisation.working_days import local_day


def _eligible(q: Question) -> bool:
    return excluded_by(q.item.new.kind, return_obliged=q.item.new.return_obliged) is None


def _stored(q: Question) -> bool:
    item = q.item
    return bool(item.product and item.stored and item.stored.proves(item.product.sha256))


def _read_back(q: Question) -> bool:
    later, product = q.item.verification, q.item.product
    return later is None or (product is not None and later.read_back_sha256 == product.sha256)


def _qa_passed(q: Question) -> bool:
    check, scan = q.item.check, q.item.scan
    if check is None or scan is None:
        return False
    by_eye = q.measures.full_check or scan.drawn or scan.flagged
    alone = q.measures.four_eyes and check.by in q.item.operators
    return (check.visual or not by_eye) and not alone


def is_counted(q: Question) -> bool:
    scan = q.item.scan
    return scan is not None and scan.sheets == q.item.sheets and scan.count_fits


def _complete(q: Question) -> bool:
    item, product = q.item, q.item.product
    whole = q.batch.sheets == q.batch.sheets_of_items
    return whole and is_counted(q) and bool(product and item.scan and product.pages == item.scan.raw.pages)


def _note_valid(q: Question) -> bool:
    item = q.item
    doubted = item.verification is not None and not item.verification.note_valid
    return item.product is not None and is_bound(item, item.product) and not doubted


def _sealed_enough(q: Question) -> bool:
    item, tests = q.item, scan_rules(q.context.rules).test_seals_count
    doubted = item.verification is not None and not item.verification.seal_valid
    return item.product is not None and seal_covers(item.product.seal, q.measures, tests_count=tests) and not doubted


def _backed_up(q: Question) -> bool:
    product = q.item.product
    return product is not None and bool(q.batch.backups.get(product.sha256))


def _acknowledged(q: Question) -> bool:
    known, document = q.item.acknowledgement, find_filed_document(q)
    return known is not None and document is not None and known.document == document.id


def _period_over(q: Question) -> bool:
    known = q.item.acknowledgement
    return known is not None and local_day(q.context.now) > known.paper_until


GATE: dict[str, Guard[Question]] = {
    "eligible": Guard(
        _eligible,
        "such an item is not scanned and destroyed; exclude it",
        "solches Scangut wird nicht ersetzend gescannt; auszuschließen",
    ),
    "stored": Guard(
        _stored,
        "it is not proven that the product was written, synced and read back",
        "dass das Scanprodukt geschrieben und zurückgelesen wurde, ist nicht belegt",
    ),
    "read_back": Guard(
        _read_back,
        "the stored product was found changed or missing",
        "das gespeicherte Scanprodukt ist verändert oder fehlt",
    ),
    "qa_passed": Guard(
        _qa_passed,
        "quality assurance does not meet the protection need",
        "die Qualitätssicherung genügt dem Schutzbedarf nicht",
    ),
    "complete": Guard(
        _complete,
        "sheets do not agree: item, scan, product and batch",
        "Blattzahlen stimmen nicht überein: Sendung, Scan, Produkt und Stapel",
    ),
    "note_valid": Guard(
        _note_valid, "the transfer note is missing or not valid", "der Transfervermerk fehlt oder ist ungültig"
    ),
    "sealed_enough": Guard(
        _sealed_enough,
        "the seal is missing, not valid, only a test, or too weak for the protection need",
        "das Siegel fehlt, ist ungültig, nur ein Test oder für den Schutzbedarf zu schwach",
    ),
    "backed_up": Guard(
        _backed_up, "no verified backup run holds the product", "kein geprüfter Sicherungslauf enthält das Scanprodukt"
    ),
    "acknowledged": Guard(
        _acknowledged,
        "the filed document is not there any more as it was acknowledged",
        "das angenommene Dokument ist nicht mehr da",
    ),
    "period_over": Guard(_period_over, "the paper period is not over", "die Papierfrist ist nicht abgelaufen"),
    "no_hold": Guard(lambda q: not q.item.holds, "the paper is held", "das Papier ist gesperrt"),
    "no_defect": Guard(lambda q: not q.item.defects, "a defect is open", "ein Mangel ist offen"),
}
"""What must be true of the item; a second person has to authorise besides."""
