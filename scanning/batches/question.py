"""What guards and actions of a scan batch look at: the item, the command, who asks, and what became of the product."""

from dataclasses import dataclass

from scanning.batches.scan_batch import Batch, Scan, ScanItem
from scanning.requirements.measures import Measures, measures_for
from scanning.requirements.scan_product import Product
from workflow.engine.aggregate import replace
from workflow.engine.commands import Command
from workflow.errors import InvalidCommand
from workflow.mail_folders.mail_folder import Item, MailFolder
from workflow.mail_folders.mail_folder import stream as folder_stream
from workflow.organisation.house_rules import Context
from workflow.records.record import Document, Record
from workflow.records.record import stream as record_stream
from workflow.text import Text


@dataclass(frozen=True)
class Question:
    batch: Batch
    item: ScanItem
    command: Command | None
    context: Context

    def asking(self, action: str) -> "Question":  # noqa: ARG002 - guards here look at commands, not at action names
        return replace(self, command=None)

    @property
    def user(self) -> str:
        return self.context.actor.user

    @property
    def measures(self) -> Measures:
        return measures_for(self.item.protection, self.batch.terms)

    @property
    def scan(self) -> Scan:
        """The latest scan; raises `InvalidCommand` before the first."""
        if self.item.scan is None:
            raise InvalidCommand([("/item", Text("Das Stück hat keinen Scan", "the item has no scan"))])
        return self.item.scan


def find_mail_item(question: Question) -> Item | None:
    delivery = question.item.delivery
    folder = question.context.find(folder_stream(delivery.folder), MailFolder) if delivery else None
    return folder.items.get(delivery.mail_item) if folder and delivery else None


def find_filed_document(question: Question) -> Document | None:
    """The document that the mail item became, if one of its versions has the product's hash."""
    item, product = find_mail_item(question), question.item.product
    if item is None or product is None or item.state != "filed" or item.record is None:
        return None
    if item.incoming.file is None or item.incoming.file.sha256 != product.sha256:
        return None
    record = question.context.find(record_stream(item.record), Record)
    found = (d for d in record.documents() if d.id == item.document) if record else iter(())
    return next((d for d in found if any(v.sha256 == product.sha256 for v in d.versions)), None)


def is_file_held(question: Question) -> bool:
    """Whether record or case of the filed document is under a legal hold (rule 9)."""
    known = question.item.acknowledgement
    record = question.context.find(record_stream(known.record), Record) if known else None
    if known is None or record is None:
        return False
    lives = [record.life, *(case.life for case in record.cases.values() if known.document in case.documents)]
    return any(life.holds for life in lives)


def is_bound(item: ScanItem, product: Product) -> bool:
    """Whether the note agrees with the log on who scanned and checked which file, and when (A.NB.4)."""
    note, scan, check = product.note, item.scan, item.check
    if scan is None or check is None:
        return False
    noted = (note.created_by, note.raw_sha256, note.captured_at, note.qa_by)
    logged = (scan.by, scan.raw.sha256, scan.captured_at, check.by)
    return noted == logged and bool(note.identity.strip())
