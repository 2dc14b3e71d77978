"""Actions after the seal: seal rejected, verified, delivered, acknowledged, due, defects."""

from datetime import timedelta

from scanning.batch_actions.item import CLERKS, INSPECTORS, MAKERS, SEALED, SYSTEM, ItemCommand
from scanning.batches import events as e
from scanning.batches.file_index import MailDelivered, mail_stream
from scanning.batches.question import Question, find_filed_document, find_mail_item
from scanning.batches.scan_batch import reference, stream
from scanning.batches.values import Verification
from workflow.engine.access import SYSTEM as SYSTEM_ACTOR
from workflow.engine.access import Role
from workflow.engine.commands import Built, Emitted, rows
from workflow.engine.events import Event
from workflow.engine.fields import Id, Line, Name
from workflow.errors import InvalidCommand
from workflow.mail_folders import actions as mail
from workflow.mail_folders.channels import Channel
from workflow.mail_folders.decide import decide as decide_mail
from workflow.mail_folders.events import FolderOpened, Incoming, ItemReceived
from workflow.mail_folders.mail_folder import MailFolder
from workflow.mail_folders.mail_folder import stream as folder_stream
from workflow.organisation.working_days import local_day
from workflow.records.files import File
from workflow.text import Text

_WITH_PAPER = "delivered acknowledged destruction_due"


class RejectSeal(
    ItemCommand, action="reject_seal", en="Reject the seal", de="Siegel zurückweisen",
    example={"item": 1, "reason": "Seite fehlt"},
):  # fmt: skip
    """Note and seal have to be made anew."""

    reason: Line

    ROWS = rows(
        SEALED, "checked", {*INSPECTORS, Role.REGISTRAR, *SYSTEM}, e.SealRejected, "cleared",
        en="seal rejected", de="Siegel zurückgewiesen", basis="TR-03138 A.IS.1",
    )  # fmt: skip


class Verify(ItemCommand, action="verify", en="Verify the seal", de="Siegel prüfen", example={"item": 1}):
    """The stored product was read and verified."""

    verification: Verification

    ROWS = rows(
        SEALED, None, {*INSPECTORS, Role.ADMIN, *SYSTEM}, e.ItemVerified,
        en="verified", de="Bestand geprüft", basis="TR-03138 A.T.4",
    )  # fmt: skip


class Deliver(ItemCommand, action="deliver", en="Deliver", de="Zustellen", example={"item": 1}):
    """Put it into the mail folder of its addressee."""

    unit: Name | None = None

    ROWS = rows(
        "sealed", "delivered", {*MAKERS, Role.REGISTRAR, *SYSTEM}, e.ItemDelivered, "cleared", "qa_passed",
        "seal_delivers", "stored", "read_back", "files_intact",
        en="delivered", de="zugestellt", basis="F073, F062: released scans go into the E-Postmappe",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        """The product is received by the addressee's mail folder in the same transaction, so exactly once."""
        batch, item, product = question.batch, question.item, question.item.product
        if product is None:
            raise InvalidCommand([("/item", Text("Das Stück hat kein Scanprodukt", "the item has no product"))])
        unit = self.unit or item.new.unit or batch.unit
        incoming = Incoming(
            title=item.new.title,
            channel=Channel.SCAN_CENTRE,
            file=File(sha256=product.sha256, file_name=f"{batch.id}-{item.number}.pdf", size=product.size, stored=True),
            sender=item.new.sender,
            protection=item.protection,
            reference=reference(batch.id, item.id),
        )
        received = _receive(question, unit, incoming)
        folder = received[0][0].partition(":")[2]
        mail_key = next(event.item for _, event in received if isinstance(event, ItemReceived))
        delivered = e.ItemDelivered(
            item=item.id, by=question.user, unit=unit, folder=folder, mail_item=mail_key, sha256=product.sha256
        )
        index = MailDelivered(mail_item=mail_key, batch=batch.id, key=item.id)
        return [(stream(batch.id), delivered), *received, (mail_stream(mail_key), index)]


def _receive(question: Question, unit: str, incoming: Incoming) -> list[Emitted]:
    """The batch has one folder per unit: what came in together stays together."""
    batch = question.batch
    context = question.context.seen_by(question.context.stream, SYSTEM_ACTOR).because_of(str(incoming.reference))
    known = batch.folders.get(unit)
    folder = question.context.find(folder_stream(known), MailFolder) if known else None
    if folder is not None:
        return decide_mail(folder, mail.Receive(incoming=incoming), context)
    opening = mail.OpenFolder(title=batch.title, unit=unit, items=(incoming,), authority=batch.authority)
    found = decide_mail(None, opening, context)
    if not isinstance(found[0][1], FolderOpened):
        raise TypeError("a mail folder begins with its opening")
    return found


class Acknowledge(
    ItemCommand, action="acknowledge", en="Confirm the filing", de="Ablage bestätigen", example={"item": 1}
):
    """It has been filed into a case."""

    ROWS = rows(
        "delivered", "acknowledged", {*CLERKS, *SYSTEM}, e.ItemAcknowledged, "cleared", "filed",
        en="acknowledged", de="angenommen", basis="rule 24; domain 3.4",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        item, document = find_mail_item(question), find_filed_document(question)
        if item is None or document is None or item.record is None or item.case is None:
            raise InvalidCommand([("/item", Text("Es ist nicht veraktet", "it is not filed"))])
        return e.ItemAcknowledged(
            item=question.item.id,
            by=question.user,
            record=item.record,
            case=item.case,
            document=document.id,
            sha256=question.item.product.sha256 if question.item.product else "",
            paper_until=local_day(question.context.now) + timedelta(days=question.batch.terms.paper_days),
        )


class FallDue(ItemCommand, action="fall_due"):
    """By time: the paper period is over."""

    ROWS = rows(
        "acknowledged", "destruction_due", SYSTEM, e.ItemFellDue, "period_over",
        en="paper period over", de="Papierfrist abgelaufen", basis="e-Akten-VO Justiz NRW § 3 (3); domain 3.3",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return e.ItemFellDue(item=question.item.id)


def _asks_for_rescan(event: Event) -> bool:
    return isinstance(event, e.DefectReported) and event.rescan


class ReportDefect(
    ItemCommand, action="report_defect", en="Report a defect", de="Mangel melden",
    example={"item": 1, "reason": "Seite fehlt"},
):  # fmt: skip
    """The document is wanting; with `rescan` the paper is scanned again, else somebody looks first."""

    reason: Line
    rescan: bool = True

    ROWS = rows(
        _WITH_PAPER, None, CLERKS, e.DefectReported, "cleared", "look_first",
        en="defect reported, to be looked into", de="Mangel gemeldet, zu klären", basis="rule 24; A.NB.3",
    ) + rows(
        _WITH_PAPER, "rejected", CLERKS, e.DefectReported, "cleared", when=_asks_for_rescan,
        en="defect reported, to be scanned again", de="Mangel gemeldet, neu zu scannen",
        basis="rule 24; TR-03138 A.NB.3: clerks report back",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        defect = question.context.new_id()
        return e.DefectReported(
            item=question.item.id, defect=defect, by=question.user, reason=self.reason, rescan=self.rescan
        )


class SettleDefect(
    ItemCommand, action="settle_defect", en="Settle a defect", de="Mangel erledigen",
    example={"item": 1, "result": "alles lesbar"},
):  # fmt: skip
    """The defect was looked into and is none; without `defect` the only one is meant."""

    defect: Id | None = None
    result: Line

    ROWS = rows(
        SEALED, None, {*INSPECTORS, *CLERKS}, e.DefectSettled, "cleared", "has_defect",
        en="defect settled", de="Mangel erledigt", basis="rule 24",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        defect = self.choose("defect", question.item.defects)
        return e.DefectSettled(item=question.item.id, defect=defect, by=question.user, result=self.result)
