"""Conditions of the scan batch's machine by name; those of the release gate stand in a module of their own."""

from scanning.batches.question import Question, find_filed_document, is_bound
from scanning.batches.release_gate import GATE, is_counted
from scanning.requirements.measures import seal_covers
from workflow.engine.access import Protection
from workflow.engine.machine import Guard


def _looked_at(q: Question) -> bool:
    scan = q.item.scan
    if q.command is None or q.command.get("visual"):
        return True
    return not (q.measures.full_check or scan is None or scan.drawn or scan.flagged)


def _other_than_operator(q: Question) -> bool:
    return q.user not in q.item.operators


def _duplicate_accepted(q: Question) -> bool:
    scan = q.item.scan
    return q.command is None or scan is None or not scan.duplicate_of or bool(q.command.get("accept_duplicate"))


def _difference_accepted(q: Question) -> bool:
    scan = q.item.scan
    return q.command is None or scan is None or not scan.raw.differences or bool(q.command.get("accept_differences"))


def _product_fits(q: Question) -> bool:
    if q.command is None:
        return True
    product, scan = q.command.get("product"), q.item.scan
    old = {delivery.sha256 for delivery in q.item.deliveries}
    return scan is not None and product.pages == scan.raw.kept_pages and product.sha256 not in old


def _note_fits(q: Question) -> bool:
    return q.command is None or is_bound(q.item, q.command.get("product"))


def _seal_fits(q: Question) -> bool:
    return q.command is None or seal_covers(q.command.get("product").seal, q.measures, tests_count=True)


def _seal_delivers(q: Question) -> bool:
    product = q.item.product
    return product is not None and seal_covers(product.seal, q.measures, tests_count=True)


def _second_person(q: Question) -> bool:
    check = q.item.check
    checked = q.measures.four_eyes and check is not None and check.by == q.user
    return q.user not in q.item.operators and not checked


def _raised(q: Question) -> bool:
    wanted = q.command.get("protection") if q.command else Protection.VERY_HIGH
    return bool(wanted.rank > q.item.protection.rank)


GUARDS: dict[str, Guard[Question]] = {
    "cleared": Guard(
        lambda q: q.context.actor.clearance.covers(q.item.protection),
        "clearance does not cover the protection need",
        "die Freigabe deckt den Schutzbedarf nicht",
        personal=True,
    ),
    "not_the_doubter": Guard(
        lambda q: q.item.doubted_by != q.user,
        "somebody else than who doubted has to clear it",
        "klären muss es jemand anders als wer gezweifelt hat",
        personal=True,
    ),
    "has_scan": Guard(lambda q: q.item.scan is not None, "there is no scan yet", "es gibt noch keinen Scan"),
    "counted": Guard(
        is_counted,
        "sheets prepared, sheets scanned and pages do not agree",
        "vorbereitete Blätter, gescannte Blätter und Seiten stimmen nicht überein",
    ),
    "looked_at": Guard(
        _looked_at,
        "this item has to be looked at: sample, full check, or flagged",
        "Sichtprüfung nötig: Stichprobe, Vollprüfung oder Auffälligkeit",
    ),
    "other_than_operator": Guard(
        _other_than_operator,
        "who prepared, scanned or reworked it may not check it",
        "prüfen darf nicht, wer vorbereitet, gescannt oder nachbearbeitet hat",
        personal=True,
    ),
    "duplicate_accepted": Guard(
        _duplicate_accepted,
        "the same file was scanned for another item; exclude it, scan it again, or say accept_duplicate",
        "dieselbe Datei wurde schon gescannt; ausschließen, neu scannen oder accept_duplicate angeben",
    ),
    "difference_accepted": Guard(
        _difference_accepted,
        "pages look different in the PDF/A; compare the pictures of both, then say accept_differences or scan again",
        "Seiten sehen im PDF/A anders aus; beide Bilder vergleichen, dann accept_differences angeben oder neu scannen",
    ),
    "product_fits": Guard(
        _product_fits,
        "the product has other pages than the scan, or was delivered before",
        "das Scanprodukt hat andere Seiten als der Scan oder wurde schon zugestellt",
    ),
    "note_fits": Guard(
        _note_fits,
        "the transfer note does not agree with the log",
        "der Transfervermerk stimmt nicht mit dem Protokoll überein",
    ),
    "seal_fits": Guard(
        _seal_fits,
        "the seal is too weak for the protection need, or lacks its timestamp",
        "das Siegel ist für den Schutzbedarf zu schwach oder ohne Zeitstempel",
    ),
    "seal_delivers": Guard(
        _seal_delivers,
        "the protection need was raised; a stronger seal is needed",
        "der Schutzbedarf wurde erhöht; ein stärkeres Siegel ist nötig",
    ),
    "filed": Guard(
        lambda q: find_filed_document(q) is not None,
        "no document of a case has the product's hash",
        "kein Dokument eines Vorgangs hat den Hashwert des Scanprodukts",
    ),
    "second_person": Guard(
        _second_person,
        "who made the scan may not authorise; with very high need, nor who checked",
        "freigeben darf nicht, wer gescannt hat; bei sehr hohem Bedarf auch nicht, wer geprüft hat",
        personal=True,
    ),
    "look_first": Guard(
        lambda q: q.command is not None and not q.command.get("rescan"),
        "the paper is to be scanned again",
        "das Papier ist neu zu scannen",
    ),
    "held": Guard(lambda q: bool(q.item.holds), "there is no hold", "es gibt keine Sperre"),
    "has_defect": Guard(lambda q: bool(q.item.defects), "no defect is open", "kein Mangel ist offen"),
    "raised": Guard(_raised, "a protection need is only ever raised", "ein Schutzbedarf wird nur erhöht"),
    "not_forgotten": Guard(
        lambda q: bool(q.item.deliveries), "nothing is known of its content", "vom Inhalt ist nichts mehr bekannt"
    ),
    "not_released": Guard(
        lambda q: q.item.released_by is None, "destruction is released already", "die Vernichtung ist schon freigegeben"
    ),
    "released": Guard(
        lambda q: q.item.released_by is not None, "destruction is not released", "die Vernichtung ist nicht freigegeben"
    ),
    "not_the_releaser": Guard(
        lambda q: q.item.released_by != q.user,
        "authorised by one, done by another",
        "freigegeben von einer, vernichtet von einer anderen Person",
        personal=True,
    ),
    **GATE,
}  # fmt: skip
