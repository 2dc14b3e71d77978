"""The life cycle of a record (E-Akte) and of each case (Vorgang), from creation to the tombstone, as one table.

DOMEA 2.1 p. 84-87; xdomea 0501-0507, 0624, 0632; ArchivG NRW § 4; rules 4 to 12 of the domain notes.
"""

from dataclasses import dataclass
from datetime import date

from workflow import record_commands as c
from workflow.access import Confidentiality, Role
from workflow.changing import replace
from workflow.commands import Command
from workflow.context import Context
from workflow.machine import Guard, Machine, Row, rows
from workflow.record import Document, Life, Record
from workflow.retention import Disposal
from workflow.rules import Rules
from workflow.working_days import local_day


@dataclass(frozen=True)
class Ask:
    """What a guard may look at: the record, the life (the record's own or a case's), the command, who and when."""

    record: Record
    life: Life
    command: Command | None
    context: Context

    def asking(self, action: str) -> "Ask":  # noqa: ARG002 - guards here look at commands, not at action names
        """The same without a command."""
        return replace(self, command=None)

    @property
    def is_record(self) -> bool:
        """Whether the record as a whole is meant."""
        return self.life.id == self.record.id

    @property
    def cases(self) -> list[Life]:
        """The cases that an action on the record takes along; none for an action on a case."""
        return [case.life for case in self.record.cases.values()] if self.is_record else []

    @property
    def own(self) -> list[Life]:
        """The life itself, and for a record also its cases'."""
        return [self.life, *self.cases]


OPEN = {"created", "in_work"}
BEFORE_DUE = {*OPEN, "closed", "registry"}
AFTER_DISPOSAL = {"due", "offered", "appraised", "transferred", "confirmed", "deleted"}


def _no_open_slip(ask: Ask) -> bool:
    own = getattr(ask.command, "slip", None)  # the slip that orders the closing itself ends with it
    return all(set(life.open_slips) <= {own} for life in ask.own)


def _checked_in(ask: Ask) -> bool:
    return not any(document.checked_out_by for document in _documents(ask))


def _final(ask: Ask) -> bool:
    return all(document.final for document in _documents(ask))


def _documents(ask: Ask) -> list[Document]:
    if ask.is_record:
        return list(ask.record.documents())
    return list(ask.record.cases[ask.life.id].documents.values())


def _transfer_over(ask: Ask) -> bool:
    until = ask.life.transfer_until
    return until is not None and local_day(ask.context.now) > until


def _due_reached(ask: Ask) -> bool:
    day = due_day(ask.record, ask.life, ask.context.rules)
    return day is not None and local_day(ask.context.now) >= day


def _retention_over(ask: Ask) -> bool:
    end = ask.life.retention_end
    return end is not None and local_day(ask.context.now) > end


def _not_shortened(ask: Ask) -> bool:
    command = ask.command
    if not isinstance(command, c.ChangeRetention) or not _held(ask):
        return True
    return not command.retention.shortens(ask.life.retention)


def _held(ask: Ask) -> bool:
    return bool(ask.record.life.holds) or any(life.holds for life in ask.own)


def _agreed(ask: Ask) -> bool:
    return all(
        life.retention.agreed and life.retention.disposal is not Disposal.APPRAISE
        for life in ask.own
        if life.state != "deleted"
    )


def _only_offered(ask: Ask) -> bool:
    if not isinstance(ask.command, c.Appraise):
        return True
    offered = {life.id for life in ask.record.lives() if life.state == "offered" and life.process == ask.life.process}
    return set(ask.command.decisions) <= offered


def _process_known(ask: Ask) -> bool:
    process = getattr(ask.command, "process", None)
    return process is None or process == ask.life.process


def _exactly_transferred(ask: Ask) -> bool:
    if not isinstance(ask.command, c.Confirm):
        return True
    sent = {life.id for life in ask.record.lives() if life.state == "transferred" and life.process == ask.life.process}
    return set(ask.command.results) <= sent


def _imported(ask: Ask) -> bool:
    if not isinstance(ask.command, c.Confirm):
        return True
    result = ask.command.results.get(ask.life.id)
    return result is None or result.success


def _grade_released(ask: Ask) -> bool:
    grade: Confidentiality | None = getattr(ask.command, "confidentiality", None)
    return grade is None or ask.context.rules.released_confidentiality.covers(grade)


def _document(ask: Ask) -> Document | None:
    wanted = getattr(ask.command, "document", None)
    return next((document for document in ask.record.documents() if document.id == wanted), None)


def _not_final(ask: Ask) -> bool:
    document = _document(ask)
    return document is None or not document.final


def _not_reserved(ask: Ask) -> bool:
    document = _document(ask)
    return document is None or document.checked_out_by in {None, ask.context.actor.user}


def _not_circulating(ask: Ask) -> bool:
    wanted = getattr(ask.command, "document", None)
    return not any(wanted in locked for life in ask.record.lives() for locked in life.open_slips.values())


def _reserved(ask: Ask) -> bool:
    document = _document(ask)
    return document is None or document.checked_out_by is not None


def due_day(record: Record, life: Life, rules: Rules) -> date | None:
    """First day on which disposal may begin; for a record, that of its last case. None: never, or still open."""
    days: list[date] = []
    for one in record.lives() if life.id == record.id else [life]:
        if one.state in AFTER_DISPOSAL:
            continue
        if one.closed_on is None:
            return None
        day = one.retention.due_on(one.closed_on, one.created_on, rules)
        if day is None:
            return None
        days.append(day)
    return max(days, default=None)


GUARDS: dict[str, Guard[Ask]] = {
    "no_open_slip": Guard(_no_open_slip, "a routing slip is still open", "eine E-Laufmappe ist noch offen"),
    "no_resubmission": Guard(
        lambda a: not any(life.resubmissions for life in a.own),
        "a resubmission is still open",
        "eine Wiedervorlage ist noch offen",
    ),
    "checked_in": Guard(_checked_in, "a document is checked out", "ein Dokument ist noch ausgecheckt"),
    "documents_final": Guard(_final, "a document is not final", "ein Dokument ist noch nicht abgeschlossen"),
    "cases_closed": Guard(
        lambda a: not any(life.state in OPEN for life in a.cases),
        "a case is not closed yet",
        "ein Vorgang ist noch nicht z.d.A. verfügt",
    ),
    "transfer_over": Guard(_transfer_over, "the transfer period runs", "die Transferfrist läuft noch"),
    "cases_in_registry": Guard(
        lambda a: not any(life.state in {*OPEN, "closed"} for life in a.cases),
        "a case is not in the registry yet",
        "ein Vorgang liegt noch nicht in der Altregistratur",
    ),
    "due_reached": Guard(_due_reached, "the retention period runs", "die Aufbewahrungsfrist läuft noch"),
    "cases_due": Guard(
        lambda a: not any(life.state in BEFORE_DUE for life in a.cases),
        "a case is not due yet",
        "ein Vorgang ist noch nicht aussonderungsreif",
    ),
    "no_hold": Guard(lambda a: not _held(a), "a legal hold is set", "eine Löschsperre ist gesetzt"),
    "hold_known": Guard(
        lambda a: not isinstance(a.command, c.ReleaseHold) or a.command.hold in a.life.holds,
        "there is no such hold",
        "diese Löschsperre gibt es nicht",
    ),
    "not_shortened_under_hold": Guard(
        _not_shortened,
        "retention of a held file may not be shortened",
        "die Aufbewahrungsfrist darf unter einer Löschsperre nicht verkürzt werden",
    ),
    "harmless": Guard(
        lambda a: not isinstance(a.command, c.Change) or not a.command.lowers(a.record),
        "after z.d.A. protection and confidentiality may only rise",
        "nach z.d.A. dürfen Schutzbedarf und Vertraulichkeit nur steigen",
    ),
    "grade_released": Guard(
        _grade_released,
        "the system is not released for this grade of confidentiality",
        "das System ist für diese Vertraulichkeitsstufe nicht freigegeben",
    ),
    "not_final": Guard(_not_final, "the document is final", "das Dokument ist abgeschlossen"),
    "not_reserved": Guard(
        _not_reserved, "somebody else has checked it out", "das Dokument ist von jemand anderem ausgecheckt"
    ),
    "not_circulating": Guard(
        _not_circulating,
        "a routing slip with this document is on its way",
        "eine E-Laufmappe mit diesem Dokument ist im Umlauf",
    ),
    "reserved": Guard(_reserved, "it is not checked out", "das Dokument ist nicht ausgecheckt"),
    "agreed_with_archive": Guard(
        _agreed,
        "the archive has not appraised this class beforehand",
        "diese Klasse ist mit dem Archiv nicht vorab bewertet",
    ),
    "undecided": Guard(
        lambda a: a.life.decision is Disposal.APPRAISE,
        "the archive has decided already",
        "das Archiv hat schon entschieden",
    ),
    "process_known": Guard(
        _process_known, "that is another disposal process", "das ist ein anderes Aussonderungsverfahren"
    ),
    "only_offered": Guard(
        _only_offered, "only what was offered can be appraised", "nur Angebotenes kann bewertet werden"
    ),
    "not_the_offerer": Guard(
        lambda a: a.context.actor.user != a.life.offered_by,
        "whoever offered may not appraise",
        "wer angeboten hat, darf nicht bewerten",
    ),
    "worth_archiving": Guard(
        lambda a: a.life.decision is Disposal.ARCHIVE,
        "the archive has not decided A",
        "das Archiv hat nicht auf A entschieden",
    ),
    "exactly_transferred": Guard(
        _exactly_transferred, "only what was transferred can be confirmed", "nur Abgegebenes kann bestätigt werden"
    ),
    "imported": Guard(_imported, "the import failed", "die Übernahme ist gescheitert"),
    "import_failed": Guard(
        lambda a: a.command is None or not _imported(a), "the import succeeded", "die Übernahme ist gelungen"
    ),
    "to_be_destroyed": Guard(
        lambda a: a.life.decision is Disposal.DESTROY,
        "the archive has not decided V; silence is not consent",
        "das Archiv hat nicht auf V entschieden; Schweigen ist keine Zustimmung",
    ),
    "retention_over": Guard(_retention_over, "the retention period runs", "die Aufbewahrungsfrist läuft noch"),
    "contents_gone": Guard(
        lambda a: all(life.state == "deleted" for life in a.cases),
        "a case is not deleted yet",
        "ein Vorgang ist noch nicht gelöscht",
    ),
    "not_requested": Guard(
        lambda a: a.life.deletion_requested_by is None,
        "deletion was already requested",
        "die Löschung ist schon beantragt",
    ),
    "requested": Guard(
        lambda a: a.life.deletion_requested_by is not None,
        "deletion was not requested yet",
        "die Löschung ist noch nicht beantragt",
    ),
    "second_person": Guard(
        lambda a: a.life.deletion_requested_by not in {a.context.actor.user, a.context.actor.acts_as},
        "four eyes: a second person must delete",
        "Vier-Augen-Prinzip: Eine zweite Person muss löschen",
    ),
}

STAFF = {Role.CASE_WORKER, Role.APPROVER, Role.REGISTRAR}
REGISTRY = {Role.REGISTRAR}
SYSTEM = {Role.SYSTEM}
WORK = "created in_work"


def _work_rows() -> list[Row]:
    basis = "DOMEA 2.1 p. 84 (Bearbeitung); rule 1"
    found = rows(WORK, "work", "in_work", STAFF, "record.worked", en="worked on", de="bearbeitet", basis=basis)
    for action, event, guards, en, de in (
        ("add_case", "record.case_added", (), "opened a case", "Vorgang angelegt"),
        (
            "add_document",
            "record.document_added",
            ("grade_released",),
            "filed a document",
            "Dokument zum Vorgang genommen",
        ),
        (
            "add_version",
            "record.version_added",
            ("not_final", "not_reserved", "not_circulating"),
            "added a version",
            "Version hinzugefügt",
        ),
        (
            "finalise",
            "record.document_finalised",
            ("not_final", "not_reserved"),
            "made a document final",
            "Dokument abgeschlossen",
        ),
        (
            "check_out",
            "record.checked_out",
            ("not_final", "not_reserved"),
            "checked a document out",
            "Dokument ausgecheckt",
        ),
        (
            "check_in",
            "record.checked_in",
            ("reserved", "not_reserved"),
            "checked a document in",
            "Dokument eingecheckt",
        ),
        ("set_resubmission", "record.resubmission_set", (), "set a resubmission", "Wiedervorlage verfügt"),
        ("settle_resubmission", "record.resubmission_settled", (), "settled a resubmission", "Wiedervorlage erledigt"),
        ("change", "record.changed", ("grade_released",), "changed metadata", "Metadaten geändert"),
    ):
        roles = STAFF | SYSTEM if action == "add_document" else STAFF
        found += rows(WORK, action, "in_work", roles, event, *guards, en=en, de=de, basis=basis)
    found += rows(
        WORK, "resubmission_due", "in_work", SYSTEM, "record.resubmission_fell_due",
        en="resubmission fell due", de="Wiedervorlage fällig", basis="DOMEA 2.1 p. 57-66",
    )  # fmt: skip
    found += rows(
        WORK, "attach_slip", "in_work", SYSTEM, "record.slip_attached",
        en="a routing slip started", de="E-Laufmappe gestartet", basis="rule 5",
    )  # fmt: skip
    return found


def _closing_rows() -> list[Row]:
    return [
        *rows(
            "in_work", "close", "closed", STAFF, "record.closed",
            "no_open_slip", "no_resubmission", "checked_in", "documents_final", "cases_closed",
            en="closed (z.d.A.)", de="z.d.A. verfügt", basis="DOMEA 2.1 p. 84-87; xdomea 0624; rule 5",
        ),
        *rows(
            "closed", "change", "closed", STAFF, "record.changed", "harmless", "grade_released",
            en="changed metadata; the transfer period begins anew",
            de="Metadaten geändert; Transferfrist beginnt neu", basis="DOMEA 2.1 p. 85; rule 6",
        ),
        *rows(
            "closed registry", "reopen", "in_work", REGISTRY, "record.reopened",
            en="lifted z.d.A.", de="z.d.A. aufgehoben", basis="xdomea 0632; rule 6",
        ),
        *rows(
            "closed", "to_registry", "registry", SYSTEM, "record.moved_to_registry",
            "transfer_over", "cases_in_registry",
            en="moved to the registry", de="in die Altregistratur überführt", basis="DOMEA 2.1 p. 85",
        ),
        *rows(
            "registry", "fall_due", "due", SYSTEM, "record.fell_due", "no_hold", "due_reached", "cases_due",
            en="retention ended", de="aussonderungsreif", basis="Landesarchiv NRW node 14925; rule 7",
        ),
        *rows(
            "created in_work closed registry", "change_retention", None, REGISTRY, "record.retention_changed",
            "not_shortened_under_hold",
            en="changed retention", de="Aufbewahrungsfrist geändert", basis="rule 4; rule 9",
        ),
        *rows(
            "created in_work closed registry due", "propose", None, STAFF, "record.appraisal_proposed",
            en="proposed an appraisal", de="Bewertungsvorschlag gemacht", basis="xdomea Bewertungsvorschlag; rule 10",
        ),
    ]  # fmt: skip


def _hold_rows() -> list[Row]:
    all_but_deleted = "created in_work closed registry due offered appraised transferred confirmed"
    roles = {Role.REGISTRAR, Role.ADMIN}
    return [
        *rows(
            all_but_deleted, "hold", None, roles, "record.hold_set",
            en="set a legal hold", de="Löschsperre gesetzt", basis="rule 9",
        ),
        *rows(
            all_but_deleted, "release_hold", None, roles, "record.hold_released", "hold_known",
            en="released a legal hold", de="Löschsperre aufgehoben", basis="rule 9",
        ),
        *rows(
            all_but_deleted, "detach_slip", None, SYSTEM, "record.slip_detached",
            en="a routing slip ended; its protocol was filed", de="E-Laufmappe beendet; Laufwegprotokoll veraktet",
            basis="DOMEA 2.1 p. 86; rule 21",
        ),
    ]  # fmt: skip


def _disposal_rows() -> list[Row]:
    roles = {Role.REGISTRAR, Role.ADMIN}
    found = [
        *rows(
            "due", "offer", "appraised", REGISTRY, "record.preappraised",
            "no_hold", "cases_due", "agreed_with_archive",
            en="appraised by the agreed catalogue", de="nach Bewertungskatalog bewertet",
            basis="xdomea 0513, two-step procedure; DOMEA 2.1 p. 87",
        ),
        *rows(
            "due", "offer", "offered", REGISTRY, "record.offered", "no_hold", "cases_due",
            en="offered to the archive", de="dem Archiv angeboten", basis="§ 4 (1) ArchivG NRW; xdomea 0501",
        ),
        *rows(
            "appraised", "offer", "offered", REGISTRY, "record.offered", "no_hold", "undecided", "cases_due",
            en="offered to the archive again", de="dem Archiv erneut angeboten", basis="rule 11: B is kept",
        ),
        *rows(
            "offered", "appraise", "appraised", {Role.ARCHIVIST}, "record.appraised",
            "process_known", "only_offered", "not_the_offerer",
            en="appraised by the archive", de="vom Archiv bewertet", basis="xdomea 0502; rules 10, 11",
        ),
        *rows(
            "appraised", "transfer", "transferred", REGISTRY, "record.transferred", "worth_archiving", "process_known",
            en="transferred to the archive", de="an das Archiv abgegeben", basis="xdomea 0503; rule 11",
        ),
        *rows(
            "transferred", "confirm", "confirmed", {Role.ARCHIVIST}, "record.confirmed",
            "process_known", "exactly_transferred", "imported",
            en="confirmed by the archive", de="Übernahme bestätigt", basis="xdomea 0506; rule 11",
        ),
        *rows(
            "transferred", "confirm", "appraised", {Role.ARCHIVIST}, "record.transfer_failed",
            "process_known", "exactly_transferred", "import_failed",
            en="could not be taken in", de="Übernahme gescheitert", basis="xdomea 0506, Erfolgreich = 0",
        ),
    ]  # fmt: skip
    for source, decided in (("appraised", ("to_be_destroyed",)), ("confirmed", ())):
        common = ("no_hold", *decided, "retention_over", "contents_gone")
        found += rows(
            source, "delete", source, roles, "record.deletion_requested", *common, "not_requested",
            en="requested deletion", de="Löschung beantragt", basis="rule 12: dual control",
        )  # fmt: skip
        found += rows(
            source, "delete", "deleted", roles, "record.deleted", *common, "requested", "second_person",
            en="deleted; a tombstone remains", de="gelöscht; Löschprotokoll bleibt", basis="rules 8, 12",
        )  # fmt: skip
    return found


MACHINE: Machine[Ask] = Machine(
    name="record",
    states={
        "created": "angelegt",
        "in_work": "in Bearbeitung",
        "closed": "z.d.A.",
        "registry": "Altregistratur",
        "due": "aussonderungsreif",
        "offered": "angeboten",
        "appraised": "bewertet",
        "transferred": "abgegeben",
        "confirmed": "Übernahme bestätigt",
        "deleted": "gelöscht",
    },
    initial="created",
    ends=frozenset({"deleted"}),
    table=[*_work_rows(), *_closing_rows(), *_hold_rows(), *_disposal_rows()],
    guards=GUARDS,
)
