"""What can be asked of a record; `case` names one of its cases, None the record itself."""

from pydantic import Field

from workflow.engine.access import Confidentiality, Protection
from workflow.engine.commands import Command
from workflow.engine.events import Model
from workflow.engine.fields import Code, Count, Day, FreeText, Id, Line, LongText, Sha256
from workflow.records.events import Medium
from workflow.records.record import Record
from workflow.records.retention import Disposal, Retention


class CreateRecord(Command, action="create"):
    """A new record under a file plan unit; without `retention` the unit's applies."""

    title: Line
    file_plan_code: Code
    protection: Protection = Protection.NORMAL
    confidentiality: Confidentiality = Confidentiality.OPEN
    retention: Retention | None = None
    lead: Line | None = None
    """Unit responsible (Federführung)."""
    keeper: Line | None = None
    """Unit that keeps the file (Aktenführung)."""
    medium: Medium = Medium.ELECTRONIC
    authority: Line | None = None
    """Needed from those only who act for all authorities."""


class RecordCommand(Command):
    """Base of the commands that mean the record or one of its cases."""

    case: Id | None = None


class Work(RecordCommand, action="work"):
    """Begin or go on working."""

    note: FreeText = ""


class AddCase(Command, action="add_case"):
    """Open a case; without `retention` the record's applies (nearest definition wins, rule 4)."""

    title: Line
    retention: Retention | None = None


class File(Model):
    """A file by its SHA-256."""

    sha256: Sha256
    file_name: Line
    media_type: Line = "application/pdf"
    size: Count = 0


class AddDocument(Command, action="add_document"):
    """File a document to a case."""

    case: Id
    title: Line
    file: File
    protection: Protection = Protection.NORMAL
    confidentiality: Confidentiality = Confidentiality.OPEN
    final: bool = True
    source: Line | None = None
    """Where it came from, such as the mail item."""


class AddVersion(Command, action="add_version"):
    """A new version of a document that is not final."""

    document: Id
    file: File


class Finalise(Command, action="finalise"):
    """The document changes no more."""

    document: Id


class CheckOut(Command, action="check_out"):
    """Reserve a document for editing."""

    document: Id


class CheckIn(Command, action="check_in"):
    """Give a document back."""

    document: Id


class SetResubmission(RecordCommand, action="set_resubmission"):
    """Look at it again on a day (Wiedervorlage)."""

    due: Day
    note: FreeText = ""


class SettleResubmission(RecordCommand, action="settle_resubmission"):
    """It was looked at."""

    resubmission: Id


class ResubmissionDue(RecordCommand, action="resubmission_due"):
    """By time."""

    resubmission: Id


class Change(RecordCommand, action="change"):
    """Change metadata; the file number is not among them (rule 2)."""

    title: Line | None = None
    protection: Protection | None = None
    confidentiality: Confidentiality | None = None
    lead: Line | None = None
    keeper: Line | None = None
    medium: Medium | None = None

    def lowers(self, record: Record) -> bool:
        """Whether protection need or confidentiality would fall."""
        return bool(
            (self.protection and not self.protection.covers(record.own_protection))
            or (self.confidentiality and not self.confidentiality.covers(record.own_confidentiality))
        )


class ChangeRetention(RecordCommand, action="change_retention"):
    """Let another retention apply."""

    retention: Retention
    reason: Line


class Close(RecordCommand, action="close"):
    """z.d.A.; `slip` is the routing slip whose last station orders it."""

    slip: Id | None = None


class Reopen(RecordCommand, action="reopen"):
    """Lift z.d.A."""

    reason: Line


class SetHold(RecordCommand, action="hold"):
    """Bar disposal (Löschsperre)."""

    reason: Line


class ReleaseHold(RecordCommand, action="release_hold"):
    """Lift one hold."""

    hold: Id
    reason: Line


class ToRegistry(RecordCommand, action="to_registry"):
    """By time."""


class FallDue(RecordCommand, action="fall_due"):
    """By time."""


class Propose(RecordCommand, action="propose"):
    """The clerk's proposal to the archive."""

    proposal: Disposal


class Offer(RecordCommand, action="offer"):
    """Offer to the archive; a record takes its cases along."""


class Appraise(RecordCommand, action="appraise"):
    """The archive's decisions by object; what was offered and is not named stays B and is kept.

    `decision` is short for the object itself.
    """

    process: Id | None = None
    decisions: dict[Id, Disposal] = Field(default_factory=dict)
    decision: Disposal | None = None


class Transfer(RecordCommand, action="transfer"):
    """Hand over to the archive all objects of the process that were appraised A."""

    process: Id | None = None


class Result(Model):
    """What the archive says of one object (0506)."""

    success: bool
    archive_id: Line | None = None
    error: Line | None = None


class Confirm(RecordCommand, action="confirm"):
    """The archive's import results by object; none means that all transferred objects were taken in."""

    process: Id | None = None
    results: dict[Id, Result] = Field(default_factory=dict)


class Delete(RecordCommand, action="delete"):
    """Delete for good: the first person requests, a second one does it (rule 12)."""


class AttachSlip(RecordCommand, action="attach_slip"):
    """A routing slip starts; asked by the slip."""

    routing_slip: Id
    documents: tuple[Id, ...] = ()


class DetachSlip(RecordCommand, action="detach_slip"):
    """A routing slip has ended; asked by the slip."""

    routing_slip: Id
    outcome: Line
    protocol: LongText
