"""Conditions of the scan batch's machine, by name.

The release gate is `GATE`: paper is destroyed only where each of these says yes (rule 24; domain 3.4), and each is
asked twice, when destruction is authorised and when it is done.
"""

from dataclasses import dataclass

from scanning.batches import commands as c
from scanning.batches.scan_batch import Batch, ScanItem
from scanning.requirements.exclusions import excluded_by
from scanning.requirements.measures import Measures, measures_for, seal_covers
from scanning.requirements.scan_product import Product
from scanning.requirements.terms import scan_rules
from workflow.engine.access import Protection
from workflow.engine.aggregate import replace
from workflow.engine.commands import Command
from workflow.engine.machine import Guard
from workflow.mail_folders.mail_folder import Item, MailFolder
from workflow.mail_folders.mail_folder import stream as folder_stream
from workflow.organisation.house_rules import Context
from workflow.organisation.working_days import local_day
from workflow.records.record import Document, Record
from workflow.records.record import stream as record_stream


@dataclass(frozen=True)
class Ask:
    """What a guard may look at."""

    batch: Batch
    item: ScanItem
    command: Command | None
    context: Context

    def asking(self, action: str) -> "Ask":  # noqa: ARG002 - guards here look at commands, not at action names
        """The same without a command."""
        return replace(self, command=None)

    @property
    def measures(self) -> Measures:
        """What the item's need demands."""
        return measures_for(self.item.protection, self.batch.terms)


def mail_item(ask: Ask) -> Item | None:
    """The item's mail item, where it was delivered."""
    delivery = ask.item.delivery
    folder = ask.context.find(folder_stream(delivery.folder), MailFolder) if delivery else None
    return folder.items.get(delivery.mail_item) if folder and delivery else None


def filed_document(ask: Ask) -> Document | None:
    """The document that the mail item became, if it holds a version with the product's hash (verified)."""
    item, product = mail_item(ask), ask.item.product
    if item is None or product is None or item.state != "filed" or item.record is None:
        return None
    if item.incoming.file is None or item.incoming.file.sha256 != product.sha256:
        return None
    record = ask.context.find(record_stream(item.record), Record)
    found = (d for d in record.documents() if d.id == item.document) if record else iter(())
    return next((d for d in found if any(v.sha256 == product.sha256 for v in d.versions)), None)


def bound(item: ScanItem, product: Product) -> bool:
    """Whether the note says what the log says: who scanned and checked, which file, and when (A.NB.4)."""
    note, scan, check = product.note, item.scan, item.check
    if scan is None or check is None:
        return False
    told = (note.created_by, note.raw_sha256, note.captured_at, note.qa_by)
    known = (scan.by, scan.raw.sha256, scan.at, check.by)
    return told == known and bool(note.identity.strip())


def _eligible(ask: Ask) -> bool:
    return excluded_by(ask.item.new.kind, return_obliged=ask.item.new.return_obliged) is None


def _looked_at(ask: Ask) -> bool:
    command, scan = ask.command, ask.item.scan
    if not isinstance(command, c.Check) or command.visual:
        return True
    return not (ask.measures.full_check or scan is None or scan.drawn or scan.flagged)


def _other_than_operator(ask: Ask) -> bool:
    return not ask.measures.four_eyes or ask.context.actor.user not in ask.item.operators


def _duplicate_accepted(ask: Ask) -> bool:
    command, scan = ask.command, ask.item.scan
    return not isinstance(command, c.Check) or scan is None or not scan.duplicate_of or command.accept_duplicate


def _counted(ask: Ask) -> bool:
    scan = ask.item.scan
    return scan is not None and scan.sheets == ask.item.sheets and scan.count_fits


def _product_fits(ask: Ask) -> bool:
    command, scan = ask.command, ask.item.scan
    if not isinstance(command, c.SealItem):
        return True
    product = command.product
    old = {delivery.sha256 for delivery in ask.item.deliveries}
    return scan is not None and product.pages == scan.raw.pages and product.sha256 not in old


def _note_fits(ask: Ask) -> bool:
    return not isinstance(ask.command, c.SealItem) or bound(ask.item, ask.command.product)


def _seal_fits(ask: Ask) -> bool:
    command = ask.command
    return not isinstance(command, c.SealItem) or seal_covers(command.product.seal, ask.measures, tests_count=True)


def _seal_delivers(ask: Ask) -> bool:
    product = ask.item.product
    return product is not None and seal_covers(product.seal, ask.measures, tests_count=True)


def _stored(ask: Ask) -> bool:
    item = ask.item
    return bool(item.product and item.stored and item.stored.proves(item.product.sha256))


def _read_back(ask: Ask) -> bool:
    later, product = ask.item.verification, ask.item.product
    return later is None or (product is not None and later.read_back_sha256 == product.sha256)


def _qa_passed(ask: Ask) -> bool:
    check, scan = ask.item.check, ask.item.scan
    if check is None or scan is None:
        return False
    by_eye = ask.measures.full_check or scan.drawn or scan.flagged
    alone = ask.measures.four_eyes and check.by in ask.item.operators
    return (check.visual or not by_eye) and not alone


def _complete(ask: Ask) -> bool:
    item, product = ask.item, ask.item.product
    whole = ask.batch.sheets == ask.batch.sheets_of_items
    return whole and _counted(ask) and bool(product and item.scan and product.pages == item.scan.raw.pages)


def _note_valid(ask: Ask) -> bool:
    item = ask.item
    doubted = item.verification is not None and not item.verification.note_valid
    return item.product is not None and bound(item, item.product) and not doubted


def _sealed_enough(ask: Ask) -> bool:
    item, tests = ask.item, scan_rules(ask.context.rules).test_seals_count
    doubted = item.verification is not None and not item.verification.seal_valid
    return item.product is not None and seal_covers(item.product.seal, ask.measures, tests_count=tests) and not doubted


def _backed_up(ask: Ask) -> bool:
    product = ask.item.product
    return product is not None and bool(ask.batch.backups.get(product.sha256))


def _filed(ask: Ask) -> bool:
    return filed_document(ask) is not None


def _acknowledged(ask: Ask) -> bool:
    known, document = ask.item.acknowledgement, filed_document(ask)
    return known is not None and document is not None and known.document == document.id


def _period_over(ask: Ask) -> bool:
    known = ask.item.acknowledgement
    return known is not None and local_day(ask.context.now) > known.paper_until


def _second_person(ask: Ask) -> bool:
    user, check = ask.context.actor.user, ask.item.check
    checked = ask.measures.four_eyes and check is not None and check.by == user
    return user not in ask.item.operators and not checked


def _raised(ask: Ask) -> bool:
    command, now = ask.command, ask.item.protection
    to = command.protection if isinstance(command, c.RaiseProtection) else Protection.VERY_HIGH
    return to.rank > now.rank


GUARDS: dict[str, Guard[Ask]] = {
    "cleared": Guard(
        lambda a: a.context.actor.clearance.covers(a.item.protection),
        "clearance does not cover the protection need",
        "die Freigabe deckt den Schutzbedarf nicht",
        personal=True,
    ),
    "eligible": Guard(
        _eligible,
        "such an item is not scanned and destroyed; exclude it",
        "solches Scangut wird nicht ersetzend gescannt; auszuschließen",
    ),
    "not_the_doubter": Guard(
        lambda a: a.item.doubted_by != a.context.actor.user,
        "somebody else than who doubted has to clear it",
        "klären muss es jemand anders als wer gezweifelt hat",
        personal=True,
    ),
    "has_scan": Guard(lambda a: a.item.scan is not None, "there is no scan yet", "es gibt noch keinen Scan"),
    "counted": Guard(
        _counted,
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
    "filed": Guard(
        _filed,
        "no document of a case has the product's hash",
        "kein Dokument eines Vorgangs hat den Hashwert des Scanprodukts",
    ),
    "acknowledged": Guard(
        _acknowledged,
        "the filed document is not there any more as it was acknowledged",
        "das angenommene Dokument ist nicht mehr da",
    ),
    "period_over": Guard(_period_over, "the paper period is not over", "die Papierfrist ist nicht abgelaufen"),
    "second_person": Guard(
        _second_person,
        "who made the scan may not authorise; with very high need, nor who checked",
        "freigeben darf nicht, wer gescannt hat; bei sehr hohem Bedarf auch nicht, wer geprüft hat",
        personal=True,
    ),
    "no_hold": Guard(lambda a: not a.item.holds, "the paper is held", "das Papier ist gesperrt"),
    "look_first": Guard(
        lambda a: isinstance(a.command, c.ReportDefect) and not a.command.rescan,
        "the paper is to be scanned again",
        "das Papier ist neu zu scannen",
    ),
    "held": Guard(lambda a: bool(a.item.holds), "there is no hold", "es gibt keine Sperre"),
    "no_defect": Guard(lambda a: not a.item.defects, "a defect is open", "ein Mangel ist offen"),
    "has_defect": Guard(lambda a: bool(a.item.defects), "no defect is open", "kein Mangel ist offen"),
    "raised": Guard(
        _raised, "a protection need is only ever raised", "ein Schutzbedarf wird nur erhöht"
    ),
    "not_forgotten": Guard(
        lambda a: bool(a.item.deliveries), "nothing is known of its content", "vom Inhalt ist nichts mehr bekannt"
    ),
    "not_released": Guard(
        lambda a: a.item.released_by is None, "destruction is released already", "die Vernichtung ist schon freigegeben"
    ),
    "released": Guard(
        lambda a: a.item.released_by is not None, "destruction is not released", "die Vernichtung ist nicht freigegeben"
    ),
    "not_the_releaser": Guard(
        lambda a: a.item.released_by != a.context.actor.user,
        "authorised by one, done by another",
        "freigegeben von einer, vernichtet von einer anderen Person",
        personal=True,
    ),
}  # fmt: skip

GATE = (
    "eligible", "stored", "read_back", "qa_passed", "complete", "note_valid", "sealed_enough", "backed_up",
    "acknowledged", "period_over", "no_hold", "no_defect",
)  # fmt: skip
"""What must be true of the item; together with a second person this is the release gate."""
