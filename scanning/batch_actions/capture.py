"""Actions before the seal: prepared, excluded, in doubt, scanned, counted, checked, sealed."""

from hashlib import sha256

from scanning.batch_actions.item import CLERKS, INSPECTORS, MAKERS, OPERATORS, SEALED, SYSTEM, UNSEALED, ItemCommand
from scanning.batches import events as e
from scanning.batches.file_index import FileScanned, ScanFile
from scanning.batches.file_index import stream as file_stream
from scanning.batches.question import Question
from scanning.batches.scan_batch import stream
from scanning.batches.values import Sheets, Stored
from scanning.requirements.exclusions import Exclusion, Onward
from scanning.requirements.scan_product import Product, RawScan
from scanning.requirements.terms import scan_rules
from workflow.engine.access import Role
from workflow.engine.commands import Built, Emitted, rows
from workflow.engine.fields import Count, FreeText, Line
from workflow.errors import InvalidCommand
from workflow.text import Text

_RAW = {"sha256": "ab" * 32, "size": 48213, "media_type": "application/pdf", "file_name": "antrag.pdf", "pages": 2}


def is_nth(number: int, percent: int) -> bool:
    """Whether an item is in a sample that chance has no part in: the last of each `100 / percent` items."""
    return number * percent // 100 > (number - 1) * percent // 100


def is_in_sample(secret: str, item: str, raw: str, percent: int, at: str = "") -> bool:
    """Whether an item is in the sample (A.SC.8): a hash of the batch's secret, the scan and its instant decides.

    So nobody can know before the scan is made, and the same log gives the same sample.
    """
    digest = sha256(f"{secret}/{item}/{raw}/{at}".encode()).digest()
    return int.from_bytes(digest[:8]) % 10_000 < 100 * percent


def _use_file(question: Question, raw: str) -> tuple[tuple[str, ...], Emitted]:
    """Other items that used the same file before, and the event that this item uses it now."""
    known = question.context.find(file_stream(raw), ScanFile)
    used_by = f"{question.batch.id}#{question.item.id}"
    others = tuple(one for one in known.used_by if one != used_by) if known else ()
    return others, (file_stream(raw), FileScanned(sha256=raw, used_by=used_by))


class Prepare(ItemCommand, action="prepare", en="Prepare", de="Vorbereiten", example={"item": 1, "sheets": 2}):
    """It is fit for scanning; `sheets` as counted now, as on arrival where it is left out."""

    sheets: Sheets | None = None

    ROWS = rows(
        "received", "prepared", OPERATORS, e.ItemPrepared, "cleared", "eligible",
        en="prepared", de="vorbereitet", basis="TR-03138 A.DV.1, A.DV.2; rule 22",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        before = question.item.sheets
        sheets = before if self.sheets is None else self.sheets
        return e.ItemPrepared(item=question.item.id, by=question.user, sheets=sheets, sheets_before=before)


class Exclude(
    ItemCommand, action="exclude", en="Exclude from scanning", de="Vom Scannen ausschließen",
    example={"item": 1, "reason": "return_obliged", "onward": "paper"},
):  # fmt: skip
    """Take it off the way to destruction."""

    reason: Exclusion
    onward: Onward = Onward.PAPER
    note: FreeText = ""

    ROWS = rows(
        UNSEALED, "excluded", {*MAKERS, Role.REGISTRAR}, e.ItemExcluded, "cleared",
        en="excluded", de="ausgeschlossen", basis="Anw. V 2.4; rule 22",
    ) + rows(
        f"in_doubt {SEALED}", "excluded", {*INSPECTORS, Role.REGISTRAR}, e.ItemExcluded, "cleared",
        en="excluded; the paper stays", de="ausgeschlossen; das Papier bleibt", basis="Anw. V 2.4; rule 22",
    )  # fmt: skip


class Doubt(
    ItemCommand, action="doubt", en="Raise doubts", de="Zweifel anmelden",
    example={"item": 1, "reason": "Unterschrift kopiert"},
):  # fmt: skip
    """Stop: whether it is authentic or whole is in doubt."""

    reason: Line

    ROWS = rows(
        UNSEALED, "in_doubt", MAKERS, e.ItemDoubted, "cleared",
        en="in doubt", de="in Klärung", basis="Anw. V 2.5.2.1",
    )  # fmt: skip


class Clear(
    ItemCommand, action="clear", en="Clear doubts", de="Zweifel ausräumen",
    example={"item": 1, "note": "Absender bestätigt"},
):  # fmt: skip
    """The superior or sender was asked; it may go on."""

    note: Line

    ROWS = rows(
        "in_doubt", "received", {*INSPECTORS, *CLERKS}, e.ItemCleared, "cleared", "not_the_doubter",
        en="cleared", de="geklärt", basis="Anw. V 2.5.2.1",
    )  # fmt: skip


class Scan(ItemCommand, action="scan", en="Scan", de="Scannen", example={"item": 1, "raw": _RAW}):
    """Scan it, for the first time or again; the file has been checked and stored."""

    raw: RawScan
    sheets: Count | None = None
    """The scanner's own count; where it is left out a sheet has one page, or two in duplex."""
    duplex: bool = False
    environment: Line = "Scanner nicht angegeben"
    as_it_is: bool = False
    """Nothing is done with its pages, whatever the terms of the batch want."""

    ROWS = rows(
        "prepared rejected", "scanned", OPERATORS, e.ItemScanned, "cleared", "eligible",
        en="scanned", de="gescannt", basis="TR-03138 A.SC.5, A.SC.7, A.SC.11",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        batch, item, raw = question.batch, question.item, self.raw
        twins, used = _use_file(question, raw.sha256)
        sheets = self.sheets
        if sheets is None:
            sheets = (raw.pages + 1) // 2 if self.duplex else raw.pages
        now, percent = question.context.now, question.measures.sample_percent
        scanned = e.ItemScanned(
            item=item.id,
            number=len(item.scans) + 1,
            by=question.user,
            at=now,
            raw=raw,
            sheets=sheets,
            duplex=self.duplex,
            environment=self.environment,
            duplicate_of=twins,
            drawn=is_nth(item.number, percent)
            if scan_rules(question.context.rules).sample_by_number
            else is_in_sample(batch.secret, item.id, raw.sha256, percent, now.isoformat()),
        )
        return [(stream(batch.id), scanned), used]


class Rework(
    ItemCommand, action="rework", en="Rework", de="Nacharbeiten",
    example={"item": 1, "reason": "aufgehellt", "raw": {**_RAW, "sha256": "cd" * 32}},
):  # fmt: skip
    """A more legible image made from the scan."""

    raw: RawScan
    reason: Line
    as_it_is: bool = False
    """Nothing is done with its pages, whatever the terms of the batch want."""

    ROWS = rows(
        "scanned checked rejected", "scanned", MAKERS, e.ItemReworked, "cleared", "has_scan",
        en="reworked", de="nachbearbeitet", basis="TR-03138 A.NB.1",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        scan = question.scan
        if self.raw.sha256 == scan.raw.sha256:
            raise InvalidCommand([("/raw/sha256", Text("Es wurde nichts nachbearbeitet", "nothing was reworked"))])
        if self.raw.pages != scan.raw.pages:
            says = Text(
                "Nachbearbeiten gibt keine Seiten dazu und nimmt keine weg", "rework neither adds nor takes pages"
            )
            raise InvalidCommand([("/raw/pages", says)])
        twins, used = _use_file(question, self.raw.sha256)
        reworked = e.ItemReworked(
            item=question.item.id,
            by=question.user,
            raw=self.raw,
            made_from=scan.raw.sha256,
            reason=self.reason,
            duplicate_of=twins,
        )
        return [(stream(question.batch.id), reworked), used]


class Recount(
    ItemCommand, action="recount", en="Correct the count of sheets", de="Blattzahl berichtigen",
    example={"item": 1, "sheets": 2, "reason": "verklebt"},
):  # fmt: skip
    """Count the paper of an item again."""

    sheets: Sheets
    reason: Line

    ROWS = rows(
        "prepared scanned checked rejected", None, MAKERS, e.ItemRecounted, "cleared",
        en="counted again", de="nachgezählt", basis="TR-03138 A.NB.3",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        before = question.item.sheets
        if self.sheets == before:
            raise InvalidCommand([("/sheets", Text("Es würde sich nichts ändern", "nothing would change"))])
        return e.ItemRecounted(
            item=question.item.id, by=question.user, sheets=self.sheets, sheets_before=before, reason=self.reason
        )


class Check(ItemCommand, action="check", en="Passed the check", de="Prüfung bestanden", example={"item": 1}):
    """It is good and complete."""

    visual: bool = True
    """Whether it was looked at; an item outside the sample may pass on the automatic checks alone."""
    accept_duplicate: bool = False
    """An identical file was pointed out and is right nevertheless."""
    accept_differences: bool = False
    """Pages look different in the PDF/A; both pictures were compared, and nothing is lost."""
    note: FreeText = ""

    ROWS = rows(
        "scanned checked", "checked", INSPECTORS, e.ItemChecked, "cleared", "other_than_operator", "files_intact",
        "counted", "looked_at", "duplicate_accepted", "difference_accepted",
        en="checked", de="geprüft", basis="TR-03138 A.O.1, A.SC.8, A.NB.2, A.NB.3, A.AM.IN.SH.1",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        scan = question.scan
        how = "looked at" if self.visual else "outside the sample; automatic checks passed"
        if self.visual and not question.measures.full_check:
            how = "looked at, in the sample" if scan.drawn else "looked at, outside the sample"
        if scan.raw.differences:
            pages = ", ".join(str(difference.page) for difference in scan.raw.differences)
            how = f"{how}; pages that look different compared and accepted: {pages}"
        return e.ItemChecked(
            item=question.item.id,
            by=question.user,
            at=question.context.now,
            visual=self.visual,
            result=(f"{how}: {self.note}" if self.note.strip() else how)[:500],
            duplicates=scan.duplicate_of,
        )


class Reject(
    ItemCommand, action="reject", en="Reject the scan", de="Scan zurückweisen",
    example={"item": 1, "reason": "Seite fehlt"},
):  # fmt: skip
    """It has to be scanned again."""

    reason: Line

    ROWS = rows(
        "scanned checked sealed", "rejected", INSPECTORS, e.ItemRejected, "cleared",
        en="rejected", de="zurückgewiesen", basis="TR-03138 A.SC.8: rescan",
    )  # fmt: skip


class SealItem(ItemCommand, action="seal", en="Seal", de="Siegeln", example={"item": 1}):
    """The product, sealed and stored."""

    product: Product
    stored: Stored

    ROWS = rows(
        "checked", "sealed", {*MAKERS, *SYSTEM}, e.ItemSealed, "cleared", "qa_passed", "files_intact", "counted",
        "product_fits", "note_fits", "seal_fits",
        en="sealed", de="gesiegelt", basis="TR-03138 A.NB.4, A.IS.1; rule 23",
    )  # fmt: skip
