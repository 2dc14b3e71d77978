"""The conditions of a record's life by name: what each asks, and how its failure is told."""

from dataclasses import dataclass
from datetime import date

from workflow.engine.access import Confidentiality
from workflow.engine.aggregate import replace
from workflow.engine.commands import Command
from workflow.engine.machine import Guard
from workflow.organisation.house_rules import Context, Rules
from workflow.organisation.working_days import local_day
from workflow.records import commands as c
from workflow.records.record import Document, Life, Record
from workflow.records.retention import Disposal


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
BEFORE_REGISTRY = {*OPEN, "closed"}
BEFORE_DUE = {*BEFORE_REGISTRY, "registry"}
AFTER_DISPOSAL = {"due", "offered", "appraised", "transferred", "confirmed", "deleted"}


def _no_open_slip(ask: Ask) -> bool:
    own = ask.command.told("slip") if ask.command else None  # the slip that orders the closing itself ends with it
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
    process = ask.command.told("process") if ask.command else None
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
    grade: Confidentiality | None = ask.command.told("confidentiality") if ask.command else None
    return grade is None or ask.context.rules.released_confidentiality.covers(grade)


def _document(ask: Ask) -> Document | None:
    wanted = ask.command.told("document") if ask.command else None
    return next((document for document in ask.record.documents() if document.id == wanted), None)


def _not_final(ask: Ask) -> bool:
    document = _document(ask)
    return document is None or not document.final


def _not_reserved(ask: Ask) -> bool:
    document = _document(ask)
    return document is None or document.checked_out_by in {None, ask.context.actor.user}


def _not_circulating(ask: Ask) -> bool:
    wanted = ask.command.told("document") if ask.command else None
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
        lambda a: not any(life.state in BEFORE_REGISTRY for life in a.cases),
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
