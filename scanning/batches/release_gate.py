"""The release gate: paper is destroyed only where each of these conditions holds (rule 24; domain 3.4).

They are tested twice, when destruction is authorised and when it is done; each time on what was read from the disks for
that very command. Before there is a command, the question is only what is known.
"""

from collections.abc import Callable

from scanning.batches.question import Question, find_filed_document, is_bound, is_file_held
from scanning.batches.values import DestructionEvidence, Verification
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


def _find_evidence(q: Question) -> DestructionEvidence | None:
    return q.command.get("evidence") if q.command else None


def _holds(q: Question, part: Callable[[Verification], bool]) -> bool:
    """Whether a part of the verification made for the command is well; what was not verified is not."""
    evidence = _find_evidence(q)
    return q.command is None or (evidence is not None and part(evidence.verification))


def _read_now(q: Question) -> bool:
    product = q.item.product
    return product is not None and _holds(q, lambda now: now.read_back_sha256 == product.sha256)


def _qa_passed(q: Question) -> bool:
    check, scan = q.item.check, q.item.scan
    if check is None or scan is None:
        return False
    by_eye = q.measures.full_check or scan.drawn or scan.flagged
    return (check.visual or not by_eye) and check.by not in q.item.operators


def is_counted(q: Question) -> bool:
    scan = q.item.scan
    return scan is not None and scan.sheets == q.item.sheets and scan.count_fits


def _complete(q: Question) -> bool:
    item, product = q.item, q.item.product
    whole = q.batch.sheets == q.batch.sheets_of_items
    return whole and is_counted(q) and bool(product and item.scan and product.pages == item.scan.raw.kept_pages)


def _note_valid(q: Question) -> bool:
    item = q.item
    doubted = item.verification is not None and not item.verification.note_valid
    sound = item.product is not None and is_bound(item, item.product) and not doubted
    return sound and _holds(q, lambda now: now.note_valid)


def _sealed_enough(q: Question) -> bool:
    item, tests = q.item, scan_rules(q.context.rules).test_seals_count
    doubted = item.verification is not None and not item.verification.seal_valid
    strong = item.product is not None and seal_covers(item.product.seal, q.measures, tests_count=tests)
    return strong and not doubted and _holds(q, lambda now: now.seal_valid)


def _backed_up(q: Question) -> bool:
    product = q.item.product
    runs = [run for run in q.batch.backups.get(product.sha256, ()) if run in q.batch.manifests] if product else []
    if q.command is None or product is None:
        return bool(runs)
    evidence = _find_evidence(q)
    copy = evidence.backup if evidence else None
    if copy is None or copy.run not in runs:
        return False
    return (copy.manifest_sha256, copy.read_back_sha256) == (q.batch.manifests[copy.run], product.sha256)


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
    "files_intact": Guard(
        lambda q: not q.item.damaged,
        "a stored file that it rests on is changed or missing",
        "eine gespeicherte Datei der Sendung ist beschädigt oder fehlt",
    ),
    "read_now": Guard(
        _read_now,
        "the product was not read and compared just now, so it is not verified",
        "das Scanprodukt wurde nicht eben gelesen und verglichen, ist also nicht geprüft",
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
        _backed_up,
        "no backup run of the system holds the product and can be read just now",
        "kein Sicherungslauf des Systems enthält das Scanprodukt und ist jetzt lesbar",
    ),
    "acknowledged": Guard(
        _acknowledged,
        "the filed document is not there any more as it was acknowledged",
        "das angenommene Dokument ist nicht mehr da",
    ),
    "period_over": Guard(_period_over, "the paper period is not over", "die Papierfrist ist nicht abgelaufen"),
    "no_hold": Guard(lambda q: not q.item.holds, "the paper is held", "das Papier ist gesperrt"),
    "file_not_held": Guard(
        lambda q: not is_file_held(q),
        "record or case is under a legal hold",
        "Akte oder Vorgang ist gesperrt (Löschsperre)",
    ),
    "no_defect": Guard(lambda q: not q.item.defects, "a defect is open", "ein Mangel ist offen"),
}
"""What must be true of the item; a second person has to authorise besides."""
