"""From work to the end of retention: metadata, resubmissions (Wiedervorlagen), z.d.A., registry, legal holds; and
routing slips that begin and end.
"""

from collections.abc import Iterator

from workflow.engine.access import Confidentiality, Protection
from workflow.engine.commands import Built, rows
from workflow.engine.fields import Day, FreeText, Id, Line, LongText
from workflow.errors import InvalidCommand
from workflow.file_plan.retention import Retention, own_or_inherited, transfer_until
from workflow.records import events as e
from workflow.records.base import CASE, KEEPERS, REGISTRY, STAFF, SYSTEM, WORK, WORK_BASIS, Question, RecordCommand
from workflow.records.files import Medium
from workflow.records.guards import lowers
from workflow.text import Text

NOT_DELETED = "created in_work closed registry due offered appraised transferred confirmed"


CLASS = ("class_need", "class_medium")


class Change(
    RecordCommand, action="change", en="Change metadata", de="Metadaten ändern",
    example={"title": "Förderantrag Windpark Nord"},
):  # fmt: skip
    """Change metadata; the file number is not among them (rule 2). To lower protection need or confidentiality takes a
    `reason` and an approver or registrar.
    """

    title: Line | None = None
    protection: Protection | None = None
    confidentiality: Confidentiality | None = None
    lead: Line | None = None
    keeper: Line | None = None
    medium: Medium | None = None
    reason: Line | None = None

    ROWS = rows(
        "created in_work", "in_work", STAFF, e.Changed, "may_lower", "clearance_reaches", "grade_released",
        *CLASS,
        en="changed metadata", de="Metadaten geändert", basis="DOMEA 2.1 p. 84 (Bearbeitung); rule 1",
    ) + rows(
        "closed", "closed", STAFF, e.Changed, "clearance_reaches", *CLASS, "harmless", "grade_released",
        en="changed metadata; the transfer period begins anew",
        de="Metadaten geändert; Transferfrist beginnt neu", basis="DOMEA 2.1 p. 85; rule 6",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        """Every value before and after; `InvalidCommand` where nothing would change."""
        if not question.is_record and set(self.model_fields_set) - {"case", "title", "reason"}:
            says = Text(
                "Ein Vorgang hat einen eigenen Titel; alles andere gehört zur Akte oder zu ihren Dokumenten",
                "a case has a title of its own; all else belongs to the record or its documents",
            )
            raise InvalidCommand([("", says)])
        changes = tuple(self._compare(question))
        if not changes:
            raise InvalidCommand([("", Text("Es würde sich nichts ändern", "nothing would change"))])
        if lowers(question) and self.reason is None:
            says = Text(
                "Schutzbedarf oder Vertraulichkeit zu senken braucht einen Grund",
                "to lower protection need or confidentiality takes a reason",
            )
            raise InvalidCommand([("/reason", says)])
        closed = question.life.state == "closed"
        until = transfer_until(question.today, question.context.rules) if closed else None
        return e.Changed(object_id=question.life.id, changes=changes, transfer_until=until, reason=self.reason)

    def _compare(self, question: Question) -> Iterator[e.Change]:
        record = question.record
        old = {
            "title": question.life.title,
            "protection": record.own_protection.value,
            "confidentiality": record.own_confidentiality.value,
            "lead": record.lead or "",
            "keeper": record.keeper or "",
            "medium": record.medium.value,
        }
        for name, before in old.items():
            new = self.get(name)
            if new is not None and str(new) != before:
                yield e.Change(field=name, old=before, new=str(new))


class SetResubmission(
    RecordCommand, action="set_resubmission", en="Set a resubmission", de="Wiedervorlage setzen",
    example={"due": "2027-03-01", "note": "Rückfrage beim Antragsteller"},
):  # fmt: skip
    """Look at it again on a day (Wiedervorlage)."""

    due: Day
    note: FreeText = ""

    ROWS = rows(
        WORK, "in_work", STAFF, e.ResubmissionSet,
        en="set a resubmission", de="Wiedervorlage verfügt", basis=WORK_BASIS,
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        """For the inbox of whoever sets it; `InvalidCommand` for a day that has come already."""
        if self.due <= question.today:
            raise InvalidCommand([("/due", Text("muss ein künftiger Tag sein", "must be a day to come"))])
        return e.ResubmissionSet(
            object_id=question.life.id,
            resubmission=question.context.new_id(),
            due=self.due,
            note=self.note,
            user=question.context.actor.acts_as,
        )


class SettleResubmission(
    RecordCommand, action="settle_resubmission", en="Settle a resubmission", de="Wiedervorlage erledigen",
    example={"resubmission": CASE},
):  # fmt: skip
    """It was looked at."""

    resubmission: Id

    ROWS = rows(
        "in_work", "in_work", STAFF, e.ResubmissionSettled,
        en="settled a resubmission", de="Wiedervorlage erledigt", basis=WORK_BASIS,
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        """Which one; `InvalidCommand` where it is not open."""
        if self.resubmission not in question.life.resubmissions:
            raise InvalidCommand(
                [("/resubmission", Text("eine solche Wiedervorlage ist nicht offen", "no such resubmission is open"))]
            )
        return e.ResubmissionSettled(object_id=question.life.id, resubmission=self.resubmission)


class ResubmissionDue(RecordCommand, action="resubmission_due"):
    """The day of a resubmission has come."""

    resubmission: Id

    ROWS = rows(
        "in_work", "in_work", SYSTEM, e.ResubmissionFellDue,
        en="resubmission fell due", de="Wiedervorlage fällig", basis="DOMEA 2.1 p. 57-66",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return e.ResubmissionFellDue(object_id=question.life.id, resubmission=self.resubmission)


class AttachSlip(RecordCommand, action="attach_slip"):
    """A routing slip starts; asked by the slip."""

    routing_slip: Id
    documents: tuple[Id, ...] = ()

    ROWS = rows(
        "created in_work", "in_work", SYSTEM, e.SlipAttached,
        en="a routing slip started", de="E-Laufmappe gestartet", basis="rule 5",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return e.SlipAttached(object_id=question.life.id, slip=self.routing_slip, documents=self.documents)


class DetachSlip(RecordCommand, action="detach_slip"):
    """A routing slip has ended; asked by the slip."""

    routing_slip: Id
    outcome: Line
    protocol: LongText

    ROWS = rows(
        NOT_DELETED, None, SYSTEM, e.SlipDetached,
        en="a routing slip ended; its protocol was filed", de="E-Laufmappe beendet; Laufwegprotokoll veraktet",
        basis="DOMEA 2.1 p. 86; rule 21",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return e.SlipDetached(
            object_id=question.life.id, slip=self.routing_slip, outcome=self.outcome, protocol=self.protocol
        )


class Close(RecordCommand, action="close", en="Close", de="z.d.A. verfügen", example={"case": CASE}):
    """z.d.A."""

    ROWS = rows(
        "in_work", "closed", STAFF, e.Closed,
        "no_open_slip", "no_resubmission", "checked_in", "documents_final", "cases_closed",
        en="closed (z.d.A.)", de="z.d.A. verfügt", basis="DOMEA 2.1 p. 84-87; xdomea 0624; rule 5",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        until = transfer_until(question.today, question.context.rules)
        return e.Closed(object_id=question.life.id, on=question.today, transfer_until=until)


class Reopen(
    RecordCommand, action="reopen", en="Reopen", de="Wieder öffnen", example={"reason": "Nachtrag eingegangen"}
):
    """Lift z.d.A."""

    reason: Line

    ROWS = rows(
        "closed registry", "in_work", REGISTRY, e.Reopened,
        en="lifted z.d.A.", de="z.d.A. aufgehoben", basis="xdomea 0632; rule 6",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return e.Reopened(object_id=question.life.id, reason=self.reason)


class ToRegistry(RecordCommand, action="to_registry"):
    """The transfer period is over."""

    ROWS = rows(
        "closed", "registry", SYSTEM, e.MovedToRegistry, "transfer_over", "cases_in_registry",
        en="moved to the registry", de="in die Altregistratur überführt", basis="DOMEA 2.1 p. 85",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return e.MovedToRegistry(object_id=question.life.id)


class FallDue(RecordCommand, action="fall_due"):
    """The retention period is over."""

    ROWS = rows(
        "registry", "due", SYSTEM, e.FellDue, "no_hold", "due_reached", "cases_due",
        en="retention ended", de="aussonderungsreif", basis="Landesarchiv NRW node 14925; rule 7",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return e.FellDue(object_id=question.life.id)


class ChangeRetention(
    RecordCommand, action="change_retention", en="Change retention", de="Aufbewahrung ändern",
    example={"retention": {"years": 10, "disposal": "B"}, "reason": "Rechnungshof prüft"},
):  # fmt: skip
    """Let another retention apply."""

    retention: Retention
    reason: Line

    ROWS = rows(
        "created in_work closed registry", None, REGISTRY, e.RetentionChanged, "not_shortened_under_hold",
        en="changed retention", de="Aufbewahrungsfrist geändert", basis="rule 4; rule 9",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        """Retention before and after; `InvalidCommand` where nothing would change."""
        old = question.life.retention
        if self.retention == old:
            raise InvalidCommand([("/retention", Text("Es würde sich nichts ändern", "nothing would change"))])
        new = own_or_inherited(self.retention, old)
        return e.RetentionChanged(object_id=question.life.id, old=old, new=new, reason=self.reason)


class SetHold(
    RecordCommand, action="hold", en="Place a hold", de="Löschsperre setzen", example={"reason": "Klage anhängig"}
):
    """Bar disposal (Löschsperre)."""

    reason: Line

    ROWS = rows(NOT_DELETED, None, KEEPERS, e.HoldSet, en="set a legal hold", de="Löschsperre gesetzt", basis="rule 9")

    def build(self, question: Question) -> Built:
        return e.HoldSet(
            object_id=question.life.id,
            hold=question.context.new_id(),
            reason=self.reason,
            holder=question.user,
            since=question.today,
        )


class ReleaseHold(
    RecordCommand, action="release_hold", en="Release a hold", de="Löschsperre aufheben",
    example={"hold": CASE, "reason": "Klage erledigt"},
):  # fmt: skip
    """Lift one hold."""

    hold: Id
    reason: Line

    ROWS = rows(
        NOT_DELETED, None, KEEPERS, e.HoldReleased, "hold_known",
        en="released a legal hold", de="Löschsperre aufgehoben", basis="rule 9",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return e.HoldReleased(object_id=question.life.id, hold=self.hold, reason=self.reason)
