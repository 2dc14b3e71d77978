"""Disposal (Aussonderung): proposal, offer, appraisal, transfer, confirmation, deletion, of a record with its cases.

Only the archive sets A or V; what it does not name stays B and is kept; 0503 holds exactly the A objects; deletion
takes two persons and leaves a tombstone (rules 8 to 12; ArchivG NRW § 4; xdomea 0501, 0502, 0503, 0506).
"""

from typing import Literal

from pydantic import Field

from workflow.engine.access import Role
from workflow.engine.commands import Built, Emitted, rows
from workflow.engine.events import Model
from workflow.engine.fields import Id, Line
from workflow.errors import InvalidCommand
from workflow.file_plan.retention import Disposal
from workflow.records import events as e
from workflow.records.base import KEEPERS, REGISTRY, STAFF, Question, RecordCommand
from workflow.records.record import stream
from workflow.text import Text

ARCHIVE = {Role.ARCHIVIST}


class Propose(
    RecordCommand, action="propose", en="Propose disposal", de="Aussonderungsart vorschlagen",
    example={"proposal": "V"},
):  # fmt: skip
    """The clerk's proposal to the archive (Bewertungsvorschlag)."""

    proposal: Disposal

    ROWS = rows(
        "created in_work closed registry due", None, STAFF, e.AppraisalProposed,
        en="proposed an appraisal", de="Bewertungsvorschlag gemacht", basis="xdomea Bewertungsvorschlag; rule 10",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return e.AppraisalProposed(object_id=question.life.id, proposal=self.proposal)


def _build_preappraised(_: "Offer", question: Question) -> Built:
    """The decision that the file plan has, for the object and, of a record, its cases."""
    due = [life for life in question.own if life.state == "due"]
    return [
        (stream(question.record.id), e.Preappraised(object_id=life.id, decision=life.retention.disposal))
        for life in due
    ]


class Offer(RecordCommand, action="offer", en="Offer to the archive", de="Dem Archiv anbieten"):
    """Offer to the archive; a record takes its cases along."""

    ROWS = (
        rows(
            "due", "appraised", REGISTRY, e.Preappraised, "no_hold", "cases_due", "agreed_with_archive",
            en="appraised by the agreed catalogue", de="nach Bewertungskatalog bewertet",
            basis="xdomea 0513, two-step procedure; DOMEA 2.1 p. 87", build=_build_preappraised,
        )
        + rows(
            "due", "offered", REGISTRY, e.Offered, "no_hold", "cases_due",
            en="offered to the archive", de="dem Archiv angeboten", basis="§ 4 (1) ArchivG NRW; xdomea 0501",
        )
        + rows(
            "appraised", "offered", REGISTRY, e.Offered, "no_hold", "undecided", "cases_due",
            en="offered to the archive again", de="dem Archiv erneut angeboten", basis="rule 11: B is kept",
        )
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        """A new process with all that is due or was left undecided."""
        objects = tuple(
            life.id
            for life in question.own
            if life.state == "due" or (life.state == "appraised" and life.decision is Disposal.APPRAISE)
        )
        return e.Offered(process=question.context.new_id(), objects=objects, by=question.user)


class Appraise(RecordCommand, action="appraise", en="Appraise", de="Bewerten", example={"decision": "A"}):
    """The archive's decisions by object; what was offered and is not named stays B and is kept.

    `decision` is short for the object itself.
    """

    process: Id | None = None
    decisions: dict[Id, Disposal] = Field(default_factory=dict)
    decision: Disposal | None = None

    ROWS = rows(
        "offered", "appraised", ARCHIVE, e.Appraised, "process_known", "only_offered", "not_the_offerer",
        en="appraised by the archive", de="vom Archiv bewertet", basis="xdomea 0502; rules 10, 11",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        """A decision for everything offered in the process."""
        otherwise = self.decision or Disposal.APPRAISE
        decisions = {life.id: self.decisions.get(life.id, otherwise) for life in question.in_process("offered")}
        return e.Appraised(process=question.get_or_begin_process(), decisions=decisions, by=question.user)


class Transfer(RecordCommand, action="transfer", en="Transfer to the archive", de="An das Archiv abgeben"):
    """Hand over to the archive all objects of the process that were appraised A."""

    process: Id | None = None

    ROWS = rows(
        "appraised", "transferred", REGISTRY, e.Transferred, "worth_archiving", "process_known",
        en="transferred to the archive", de="an das Archiv abgegeben", basis="xdomea 0503; rule 11",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        appraised = question.in_process("appraised")
        worth = tuple(life.id for life in appraised if life.decision is Disposal.ARCHIVE)
        return e.Transferred(process=question.get_or_begin_process(), objects=worth, by=question.user)


class AcknowledgeReceipt(
    RecordCommand, action="acknowledge_receipt", en="Record the archive's receipt",
    de="Empfang durch das Archiv vermerken", example={"message": "0501"},
):  # fmt: skip
    """The archive says that the offer (0501) or the transfer (0503) has arrived."""

    process: Id | None = None
    message: Literal["0501", "0503"]

    ROWS = rows(
        "offered appraised transferred confirmed", None, ARCHIVE, e.ReceiptRecorded,
        "process_known", "receipt_awaited",
        en="received by the archive", de="beim Archiv eingegangen", basis="xdomea 0504, 0507",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        """For everything of the process."""
        life = question.life
        objects = tuple(other.id for other in question.record.lives() if other.process == life.process)
        return e.ReceiptRecorded(
            process=question.get_or_begin_process(), objects=objects, message=self.message, by=question.user
        )


class ArchiveResult(Model):
    """What the archive says of one object (0506)."""

    success: bool
    archive_id: Line | None = None
    error: Line | None = None


class Confirm(RecordCommand, action="confirm", en="Confirm transfer", de="Übernahme bestätigen"):
    """The archive's import results by object; none means that all transferred objects were taken in."""

    process: Id | None = None
    results: dict[Id, ArchiveResult] = Field(default_factory=dict)

    ROWS = rows(
        "transferred", "confirmed", ARCHIVE, e.Confirmed,
        "process_known", "exactly_transferred", "not_the_transferrer", "imported",
        en="confirmed by the archive", de="Übernahme bestätigt", basis="xdomea 0506; rule 11",
    ) + rows(
        "transferred", "appraised", ARCHIVE, e.TransferFailed,
        "process_known", "exactly_transferred", "not_the_transferrer", "import_failed",
        en="could not be taken in", de="Übernahme gescheitert", basis="xdomea 0506, Erfolgreich = 0",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        results = self.results or {life.id: ArchiveResult(success=True) for life in question.in_process("transferred")}
        good = {key: result.archive_id or key for key, result in results.items() if result.success}
        bad = {key: result.error or "no reason given" for key, result in results.items() if not result.success}
        where, process = stream(question.record.id), question.get_or_begin_process()
        found: list[Emitted] = []
        if good:
            found.append((where, e.Confirmed(process=process, archive_ids=good)))
        if bad:
            found.append((where, e.TransferFailed(process=process, errors=bad)))
        return found


def _build_request(_: "Delete", question: Question) -> Built:
    """Who is the first of the two."""
    actor = question.context.actor
    return e.DeletionRequested(object_id=question.life.id, by=actor.user, on_behalf_of=actor.on_behalf_of)


_READY = ("retention_over", "contents_gone")


class Delete(RecordCommand, action="delete", en="Delete", de="Löschen"):
    """Delete for good: the first person requests, a second one does it (rule 12)."""

    ROWS = (
        rows(
            "appraised", None, KEEPERS, e.DeletionRequested, "no_hold", "to_be_destroyed", *_READY, "not_requested",
            en="requested deletion", de="Löschung beantragt", basis="rule 12: dual control", build=_build_request,
        )
        + rows(
            "appraised", "deleted", KEEPERS, e.Deleted,
            "no_hold", "to_be_destroyed", *_READY, "requested", "second_person",
            en="deleted; a tombstone remains", de="gelöscht; Löschprotokoll bleibt", basis="rules 8, 12",
        )
        + rows(
            "confirmed", None, KEEPERS, e.DeletionRequested, "no_hold", *_READY, "not_requested",
            en="requested deletion", de="Löschung beantragt", basis="rule 12: dual control", build=_build_request,
        )
        + rows(
            "confirmed", "deleted", KEEPERS, e.Deleted, "no_hold", *_READY, "requested", "second_person",
            en="deleted; a tombstone remains", de="gelöscht; Löschprotokoll bleibt", basis="rules 8, 12",
        )
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        """The tombstone; what is erased with the file, its routing slips and mail items, follows from it."""
        record, life = question.record, question.life
        documents = [] if question.is_record else list(record.cases[life.id].documents.values())
        if life.decision is None:
            raise InvalidCommand([("", Text("es gibt keine Entscheidung des Archivs", "there is no archive decision"))])
        return e.Deleted(
            record=record.id,
            object_id=life.id,
            authority=record.authority,
            file_number=record.life.number,
            number=life.number,
            file_plan_code=record.file_plan_code,
            created_on=life.created_on,
            closed_on=life.closed_on,
            retention=life.retention,
            decision=life.decision,
            archive_id=life.archive_id,
            requested_by=str(life.deletion_requested_by),
            approved_by=question.user,
            documents=len(documents),
            versions=sum(len(document.versions) for document in documents),
            files=tuple(sorted({one.sha256 for document in documents for one in document.versions if one.stored})),
        )
