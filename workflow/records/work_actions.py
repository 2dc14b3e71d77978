"""Work on a record: creating it, cases, documents and their versions."""

from datetime import date

from workflow.engine.access import Actor, Confidentiality, Protection
from workflow.engine.commands import Built, Command, Emitted, Permission, rows
from workflow.engine.fields import Code, FreeText, Id, Line, Name
from workflow.errors import Forbidden, GuardFailed, InvalidCommand
from workflow.file_plan.file_plan import next_number, unit_for
from workflow.file_plan.record_class import BREACHES, MEDIUM, NEED, RecordClass
from workflow.file_plan.retention import Retention, own_or_inherited
from workflow.organisation.house_rules import Context
from workflow.organisation.working_days import local_day
from workflow.records import events as e
from workflow.records.base import (
    CASE,
    DOCUMENT,
    KEEPERS,
    MAIL,
    STAFF,
    SYSTEM,
    WORK,
    WORK_BASIS,
    Question,
    RecordCommand,
)
from workflow.records.files import File, Medium, Version
from workflow.records.guards import GUARDS
from workflow.records.record import stream
from workflow.text import Text

BASIS = WORK_BASIS


class CreateRecord(
    Command, action="create", en="Create a record", de="E-Akte anlegen",
    example={"title": "Förderantrag Windpark", "file_plan_code": "43.21", "protection": "normal"},
):  # fmt: skip
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
    authority: Name | None = None
    """Needed from those only who act for all authorities."""

    PERMISSION = Permission(
        frozenset(STAFF),
        en="records are created by case_worker, approver or registrar",
        de="Akten legt die Sachbearbeitung an",
        basis="rules 1, 2",
    )

    def open(self, context: Context) -> list[Emitted]:
        """The record with its file number; `Forbidden`, `InvalidCommand`, `NotAllowed` where it may not be created."""
        authority = _get_authority(self.authority, context.actor)
        self._check(context)
        unit, provisional = unit_for(authority, self.file_plan_code, context)
        self._check_class(unit.record_class, local_day(context.now))
        record = context.new_id()
        number, numbered = next_number(authority, unit.code, record, context)
        created = e.RecordCreated(
            record=record,
            authority=authority,
            title=self.title,
            file_number=number,
            file_plan_code=unit.code,
            provisional_unit=provisional,
            retention=own_or_inherited(self.retention, unit.retention),
            protection=self.protection,
            confidentiality=self.confidentiality,
            lead=self.lead,
            keeper=self.keeper,
            medium=self.medium,
            on=local_day(context.now),
        )
        return [(stream(record), created), numbered]

    def _check_class(self, of_unit: RecordClass, day: date) -> None:
        breach = NEED if of_unit.needs_more(self.protection) else MEDIUM
        if breach == NEED or (self.medium is not Medium.ELECTRONIC and of_unit.forbids_paper(day)):
            says = BREACHES[breach]
            raise GuardFailed("record", "-", "create", (), breach, says.en, says.de)

    def _check(self, context: Context) -> None:
        self.PERMISSION.check(context.actor)
        if not context.actor.clearance.covers(self.protection):
            raise Forbidden("clearance does not cover the protection need", "Die Freigabe deckt den Schutzbedarf nicht")
        if not context.rules.released_confidentiality.covers(self.confidentiality):
            guard = GUARDS["grade_released"]
            raise GuardFailed("record", "-", "create", (), "grade_released", guard.en, guard.de)


def _get_authority(named: str | None, actor: Actor) -> str:
    if actor.authority is None and named is None:
        raise InvalidCommand([("/authority", Text("angeben, für welche Behörde", "say for which authority"))])
    if named is not None and actor.authority not in {None, named}:
        raise Forbidden("this is another authority", "Das ist eine andere Behörde")
    return named or str(actor.authority)


class Work(
    RecordCommand, action="work", en="Work on it", de="Bearbeiten", example={"note": "Unterlagen nachgefordert"}
):
    """Begin or go on working."""

    note: FreeText = ""

    ROWS = rows(WORK, "in_work", STAFF, e.Worked, en="worked on", de="bearbeitet", basis=BASIS)

    def build(self, question: Question) -> Built:
        return e.Worked(object_id=question.life.id, note=self.note)


class AddCase(Command, action="add_case", en="Add a case", de="Vorgang anlegen", example={"title": "Bewilligung"}):
    """Open a case; without `retention` the record's applies (nearest definition wins, rule 4)."""

    title: Line
    retention: Retention | None = None

    ROWS = rows(WORK, "in_work", STAFF, e.CaseAdded, en="opened a case", de="Vorgang angelegt", basis=BASIS)

    def build(self, question: Question) -> Built:
        record, context = question.record, question.context
        return e.CaseAdded(
            case=context.new_id(),
            number=f"{record.life.number}-{record.cases_ever + 1:03d}",
            title=self.title,
            retention=own_or_inherited(self.retention, record.life.retention),
            on=local_day(context.now),
        )


class AddDocument(
    Command, action="add_document", en="Add a document", de="Dokument hinzufügen",
    example={
        "case": CASE, "title": "Bescheid", "file": {"sha256": "ab" * 32, "file_name": "bescheid.pdf", "size": 48213},
    },
):  # fmt: skip
    """File a document to a case."""

    case: Id
    title: Line
    file: File
    protection: Protection = Protection.NORMAL
    confidentiality: Confidentiality = Confidentiality.OPEN
    final: bool = True
    source: Line | None = None
    """Where it came from, in words; of what was filed from a mail folder the engine says so itself."""

    ROWS = rows(
        WORK, "in_work", STAFF | SYSTEM, e.DocumentAdded, "clearance_reaches", "grade_released",
        en="filed a document", de="Dokument zum Vorgang genommen", basis=BASIS,
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        """The document; `InvalidCommand` where `source` speaks as only the engine does."""
        case, cause = question.record.cases[question.life.id], question.context.cause
        if self.source is not None and self.source.startswith(MAIL):
            says = Text(
                f"{MAIL} nennt, was von dort veraktet wurde; das sagt die Anwendung selbst",
                f"{MAIL} names what was filed from there, which the engine says itself",
            )
            raise InvalidCommand([("/source", says)])
        return e.DocumentAdded(
            case=case.life.id,
            document=question.context.new_id(),
            number=f"{case.life.number}#{len(case.documents) + 1:03d}",
            title=self.title,
            protection=self.protection,
            confidentiality=self.confidentiality,
            final=self.final,
            source=cause or self.source,
            version=_build_version(self.file, 1, question.context),
        )


def _build_version(file: File, number: int, context: Context) -> Version:
    return Version(
        number=number,
        sha256=file.sha256,
        file_name=file.file_name,
        media_type=file.media_type,
        size=file.size,
        author=context.actor.user,
        at=context.now,
        stored=file.stored,
    )


class DocumentCommand(Command):
    """Base of what is done to one document."""

    document: Id


class AddVersion(
    DocumentCommand, action="add_version", en="Add a version", de="Neue Version ablegen",
    example={"document": DOCUMENT, "file": {"sha256": "cd" * 32, "file_name": "bescheid-2.pdf"}},
):  # fmt: skip
    """A new version of a document that is not final."""

    file: File

    ROWS = rows(
        "in_work", "in_work", STAFF, e.VersionAdded, "not_final", "not_reserved", "not_circulating",
        en="added a version", de="Version hinzugefügt", basis=BASIS,
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        case = question.record.cases[question.life.id]
        version = _build_version(self.file, len(case.documents[self.document].versions) + 1, question.context)
        return e.VersionAdded(case=case.life.id, document=self.document, version=version)


class Finalise(
    DocumentCommand, action="finalise", en="Make final", de="Endfassung festlegen", example={"document": DOCUMENT}
):
    """The document changes no more."""

    ROWS = rows(
        "in_work", "in_work", STAFF, e.DocumentFinalised, "not_final", "not_reserved",
        en="made a document final", de="Dokument abgeschlossen", basis=BASIS,
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return e.DocumentFinalised(case=question.life.id, document=self.document)


class CheckOut(
    DocumentCommand, action="check_out", en="Check out", de="Zur Bearbeitung nehmen", example={"document": DOCUMENT}
):
    """Reserve a document for editing."""

    ROWS = rows(
        "in_work", "in_work", STAFF, e.CheckedOut, "not_final", "not_reserved",
        en="checked a document out", de="Dokument ausgecheckt", basis=BASIS,
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return e.CheckedOut(case=question.life.id, document=self.document, by=question.user)


class CheckIn(
    DocumentCommand, action="check_in", en="Check in", de="Bearbeitung beenden", example={"document": DOCUMENT}
):
    """Give a document back. Where whoever has it has left, registrar or admin do, and the log says instead of whom."""

    reason: FreeText = ""

    def release(self, question: Question) -> Built:
        holder = question.record.cases[question.life.id].documents[self.document].checked_out_by
        why = self.reason or f"{holder} ist ausgeschieden"
        return e.CheckedIn(
            case=question.life.id, document=self.document, by=question.user, holder=holder, reason=why[:10_000]
        )

    ROWS = rows(
        "in_work", "in_work", STAFF, e.CheckedIn, "reserved", "not_reserved",
        en="checked a document in", de="Dokument eingecheckt", basis=BASIS,
    ) + rows(
        "in_work", "in_work", KEEPERS, e.CheckedIn, "reserved", "holder_left",
        en="released a document of somebody who left", de="Dokument einer ausgeschiedenen Person freigegeben",
        basis="rule 5: nothing checked out at z.d.A.", build=release,
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        document = question.record.cases[question.life.id].documents[self.document]
        holder = document.checked_out_by if document.checked_out_by != question.user else None
        by = question.user if holder else None
        return e.CheckedIn(case=question.life.id, document=self.document, by=by, holder=holder, reason=self.reason)
