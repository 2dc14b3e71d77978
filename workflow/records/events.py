"""What can happen to a record (E-Akte), its cases (`object_id` names either) and documents; old values are kept."""

from datetime import date
from typing import ClassVar, Literal

from workflow.engine.access import Confidentiality, Protection
from workflow.engine.events import Event, Model
from workflow.engine.fields import Code, Count, FreeText, Id, Line, LongText, Name, Sha256
from workflow.file_plan.retention import Disposal, Retention
from workflow.records.files import Medium, Version


class Change(Model):
    """One value before and after (xdomea HistorienProtokollInformation)."""

    field: Line
    old: FreeText
    new: FreeText


class RecordEvent(Event):
    """Base of all that is about the record or a case."""

    @property
    def concerns(self) -> str | None:
        """Id of the object whose deletion takes this event's payload along."""
        return getattr(self, "case", None) or getattr(self, "object_id", None)


class ObjectEvent(RecordEvent):
    """Base: something happened to the record itself or to one of its cases."""

    object_id: Id


class DocumentEvent(RecordEvent):
    """Base: something happened to one document."""

    case: Id
    document: Id


class RecordCreated(RecordEvent, type="record.created"):
    """A record (Akte) was created with its number."""

    record: Id
    authority: Name
    title: Line
    file_number: Line
    file_plan_code: Code
    provisional_unit: bool
    retention: Retention
    protection: Protection
    confidentiality: Confidentiality
    lead: Line | None = None
    """Federführung: the unit responsible."""
    keeper: Line | None = None
    """Aktenführung: the unit that keeps the file."""
    medium: Medium = Medium.ELECTRONIC
    on: date


class CaseAdded(RecordEvent, type="record.case_added"):
    """A case (Vorgang) was opened in the record."""

    case: Id
    number: Line
    title: Line
    retention: Retention
    on: date


class DocumentAdded(DocumentEvent, type="record.document_added"):
    """A document was filed; its home is this case (rule 1)."""

    number: Line
    title: Line
    protection: Protection
    confidentiality: Confidentiality
    final: bool
    source: Line | None
    version: Version


class VersionAdded(DocumentEvent, type="record.version_added"):
    version: Version


class DocumentFinalised(DocumentEvent, type="record.document_finalised"):
    """The document changes no more."""


class CheckedOut(DocumentEvent, type="record.checked_out"):
    by: Name


class CheckedIn(DocumentEvent, type="record.checked_in"):
    """The document is free again; `by` did it instead of its `holder`, if anybody."""

    by: Name | None = None
    holder: Name | None = None
    reason: FreeText = ""


class ResubmissionSet(ObjectEvent, type="record.resubmission_set"):
    """To be looked at again on a day (Wiedervorlage)."""

    resubmission: Id
    due: date
    note: FreeText
    user: Name


class ResubmissionFellDue(ObjectEvent, type="record.resubmission_fell_due"):
    resubmission: Id


class ResubmissionSettled(ObjectEvent, type="record.resubmission_settled"):
    resubmission: Id


class Worked(ObjectEvent, type="record.worked"):
    note: FreeText


class Changed(ObjectEvent, type="record.changed"):
    """Metadata changed; `transfer_until` is the restarted transfer period of a closed object (rule 6)."""

    changes: tuple[Change, ...]
    transfer_until: date | None
    reason: Line | None = None


class RetentionChanged(ObjectEvent, type="record.retention_changed"):
    old: Retention
    new: Retention
    reason: Line


class Closed(ObjectEvent, type="record.closed"):
    """z.d.A.: both periods begin (rule 6)."""

    on: date
    transfer_until: date


class Reopened(ObjectEvent, type="record.reopened"):
    """z.d.A. was lifted (xdomea 0632); both periods are cleared."""

    reason: Line


class MovedToRegistry(ObjectEvent, type="record.moved_to_registry"):
    """The transfer period is over; it lies in the registry (Altregistratur)."""


class FellDue(ObjectEvent, type="record.fell_due"):
    """Retention is over; it is ripe for disposal (aussonderungsreif)."""


class HoldSet(ObjectEvent, type="record.hold_set"):
    """A legal hold bars disposal (Löschsperre)."""

    hold: Id
    reason: Line
    holder: Name
    since: date


class HoldReleased(ObjectEvent, type="record.hold_released"):
    hold: Id
    reason: Line


class AppraisalProposed(ObjectEvent, type="record.appraisal_proposed"):
    """The clerk's proposal (Bewertungsvorschlag); it decides nothing (rule 10)."""

    proposal: Disposal


class Offered(RecordEvent, type="record.offered"):
    """Offered to the archive (xdomea 0501)."""

    process: Id
    objects: tuple[Id, ...]
    by: Name


class Preappraised(ObjectEvent, type="record.preappraised"):
    """Appraised by the catalogue agreed with the archive (two-step procedure)."""

    decision: Disposal


class Appraised(RecordEvent, type="record.appraised"):
    """The archive has decided (xdomea 0502); what it did not name is B and kept (rule 11)."""

    process: Id
    decisions: dict[Id, Disposal]
    by: Name


class Transferred(RecordEvent, type="record.transferred"):
    """Handed to the archive (xdomea 0503): exactly the objects appraised A."""

    process: Id
    objects: tuple[Id, ...]
    by: Name | None = None
    """None in logs of before."""


class ReceiptRecorded(RecordEvent, type="record.receipt_recorded"):
    """The archive says that a message has arrived (xdomea 0504 for a 0501, 0507 for a 0503)."""

    process: Id
    objects: tuple[Id, ...]
    message: Literal["0501", "0503"]
    by: Name


class Confirmed(RecordEvent, type="record.confirmed"):
    """The archive has taken them in (xdomea 0506, Erfolgreich = 1); object -> archive id."""

    process: Id
    archive_ids: dict[Id, Line]


class TransferFailed(RecordEvent, type="record.transfer_failed"):
    """The archive could not take them in (Erfolgreich = 0); object -> error."""

    process: Id
    errors: dict[Id, Line]


class DeletionRequested(ObjectEvent, type="record.deletion_requested"):
    """The first of two persons wants it deleted (rule 12)."""

    by: Name
    on_behalf_of: Name | None = None


class Deleted(RecordEvent, type="record.deleted"):
    """Deleted for good; this event is the tombstone and the protocol (rule 12)."""

    record: Id
    object_id: Id
    authority: Name
    file_number: Line
    number: Line
    file_plan_code: Code
    created_on: date
    closed_on: date | None
    retention: Retention
    decision: Disposal
    archive_id: Line | None
    requested_by: Name
    approved_by: Name
    documents: Count
    versions: Count
    files: tuple[Sha256, ...] = ()
    """Stored files of these documents, which are deleted too unless another document needs them."""

    DELETES: ClassVar[bool] = True

    def erases(self, earlier: Event) -> bool:
        if not isinstance(earlier, RecordEvent) or isinstance(earlier, Deleted):
            return False
        return self.object_id in {self.record, earlier.concerns}


class SlipAttached(ObjectEvent, type="record.slip_attached"):
    """A routing slip is on its way for this object (Geschäftsgang offen); its documents are locked meanwhile."""

    slip: Id
    documents: tuple[Id, ...]


class SlipDetached(ObjectEvent, type="record.slip_detached"):
    """The slip has ended; `protocol` is the whole route (Laufwegprotokoll), filed here (rule 21)."""

    slip: Id
    outcome: Line
    protocol: LongText
