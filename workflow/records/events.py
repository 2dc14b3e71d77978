"""What can happen to a record (E-Akte), its cases (Vorgang) and documents; each change keeps old and new value.

`object_id` names the record itself or one of its cases.
"""

from datetime import date
from enum import StrEnum
from typing import ClassVar

from workflow.engine.access import Confidentiality, Protection
from workflow.engine.events import Event, Model
from workflow.engine.fields import Code, Count, FreeText, Id, Line, LongText, Name, Sha256, Time
from workflow.records.retention import Disposal, Retention


class File(Model):
    """A file by its SHA-256."""

    sha256: Sha256
    file_name: Line
    media_type: Line = "application/pdf"
    size: Count = 0


class Version(Model):
    """One version of a document: which file, by its SHA-256."""

    number: Count
    sha256: Sha256
    file_name: Line
    media_type: Line
    size: Count
    author: Name
    at: Time


class Medium(StrEnum):
    """xdomea Medium: elektronisch (001), hybrid (002), Papier (003)."""

    ELECTRONIC = "electronic"
    HYBRID = "hybrid"
    PAPER = "paper"


class Change(Model):
    """One value before and after (xdomea HistorienProtokollInformation)."""

    field: Line
    old: FreeText
    new: FreeText


class RecordEvent(Event):
    """Base: `concerns` names the case it is about, None where it is about the record."""

    @property
    def concerns(self) -> str | None:
        """Id of the object whose deletion takes this event's payload along."""
        return getattr(self, "case", None) or getattr(self, "object_id", None)


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


class DocumentAdded(RecordEvent, type="record.document_added"):
    """A document was filed; its home is this case (rule 1)."""

    case: Id
    document: Id
    number: Line
    title: Line
    protection: Protection
    confidentiality: Confidentiality
    final: bool
    source: Line | None
    version: Version


class VersionAdded(RecordEvent, type="record.version_added"):
    """A document has a new version."""

    case: Id
    document: Id
    version: Version


class DocumentFinalised(RecordEvent, type="record.document_finalised"):
    """The document changes no more."""

    case: Id
    document: Id


class CheckedOut(RecordEvent, type="record.checked_out"):
    """Somebody is working on the document."""

    case: Id
    document: Id
    by: Name


class CheckedIn(RecordEvent, type="record.checked_in"):
    """The document is free again."""

    case: Id
    document: Id


class ResubmissionSet(RecordEvent, type="record.resubmission_set"):
    """To be looked at again on a day (Wiedervorlage)."""

    object_id: Id
    resubmission: Id
    due: date
    note: FreeText
    user: Name


class ResubmissionFellDue(RecordEvent, type="record.resubmission_fell_due"):
    """The day has come; the note waits in the inbox."""

    object_id: Id
    resubmission: Id


class ResubmissionSettled(RecordEvent, type="record.resubmission_settled"):
    """Looked at."""

    object_id: Id
    resubmission: Id


class Worked(RecordEvent, type="record.worked"):
    """Work on it has begun or goes on."""

    object_id: Id
    note: FreeText


class Changed(RecordEvent, type="record.changed"):
    """Metadata changed; `transfer_until` is the restarted transfer period of a closed object (rule 6)."""

    object_id: Id
    changes: tuple[Change, ...]
    transfer_until: date | None


class RetentionChanged(RecordEvent, type="record.retention_changed"):
    """Another retention applies."""

    object_id: Id
    old: Retention
    new: Retention
    reason: Line


class Closed(RecordEvent, type="record.closed"):
    """z.d.A.: both periods begin (rule 6)."""

    object_id: Id
    on: date
    transfer_until: date


class Reopened(RecordEvent, type="record.reopened"):
    """z.d.A. was lifted (xdomea 0632); both periods are cleared."""

    object_id: Id
    reason: Line


class MovedToRegistry(RecordEvent, type="record.moved_to_registry"):
    """The transfer period is over; it lies in the registry (Altregistratur)."""

    object_id: Id


class FellDue(RecordEvent, type="record.fell_due"):
    """Retention is over; it is ripe for disposal (aussonderungsreif)."""

    object_id: Id


class HoldSet(RecordEvent, type="record.hold_set"):
    """A legal hold bars disposal (Löschsperre)."""

    object_id: Id
    hold: Id
    reason: Line
    holder: Name
    since: date


class HoldReleased(RecordEvent, type="record.hold_released"):
    """One hold was lifted; others stand."""

    object_id: Id
    hold: Id
    reason: Line


class AppraisalProposed(RecordEvent, type="record.appraisal_proposed"):
    """The clerk's proposal (Bewertungsvorschlag); it decides nothing (rule 10)."""

    object_id: Id
    proposal: Disposal


class Offered(RecordEvent, type="record.offered"):
    """Offered to the archive (xdomea 0501)."""

    process: Id
    objects: tuple[Id, ...]
    by: Name


class Preappraised(RecordEvent, type="record.preappraised"):
    """Appraised by the catalogue agreed with the archive (two-step procedure)."""

    object_id: Id
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


class Confirmed(RecordEvent, type="record.confirmed"):
    """The archive has taken them in (xdomea 0506, Erfolgreich = 1); object -> archive id."""

    process: Id
    archive_ids: dict[Id, Line]


class TransferFailed(RecordEvent, type="record.transfer_failed"):
    """The archive could not take them in (Erfolgreich = 0); object -> error."""

    process: Id
    errors: dict[Id, Line]


class DeletionRequested(RecordEvent, type="record.deletion_requested"):
    """The first of two persons wants it deleted (rule 12)."""

    object_id: Id
    by: Name


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

    DELETES: ClassVar[bool] = True

    def erases(self, earlier: Event) -> bool:
        """Whether the payload of an earlier event of the stream goes with it."""
        if not isinstance(earlier, RecordEvent) or isinstance(earlier, Deleted):
            return False
        return self.object_id in {self.record, earlier.concerns}


class SlipAttached(RecordEvent, type="record.slip_attached"):
    """A routing slip is on its way for this object (Geschäftsgang offen); its documents are locked meanwhile."""

    object_id: Id
    slip: Id
    documents: tuple[Id, ...]


class SlipDetached(RecordEvent, type="record.slip_detached"):
    """The slip has ended; `protocol` is the whole route (Laufwegprotokoll), filed here (rule 21)."""

    object_id: Id
    slip: Id
    outcome: Line
    protocol: LongText
