"""The conditions of a record's life by name: what each asks, and how its failure is worded."""

from datetime import date

from workflow.engine.access import Confidentiality, Protection
from workflow.engine.machine import Guard
from workflow.organisation.house_rules import Rules
from workflow.records.base import Question
from workflow.records.record import Document, Life, Record
from workflow.records.retention import Disposal, Retention

OPEN = {"created", "in_work"}
BEFORE_REGISTRY = {*OPEN, "closed"}
BEFORE_DUE = {*BEFORE_REGISTRY, "registry"}
AFTER_DISPOSAL = {"due", "offered", "appraised", "transferred", "confirmed", "deleted"}


def _no_open_slip(question: Question) -> bool:
    own = question.get("slip")  # the slip that orders the closing itself ends with it
    return all(set(life.open_slips) <= {own} for life in question.own)


def _checked_in(question: Question) -> bool:
    return not any(document.checked_out_by for document in _documents(question))


def _final(question: Question) -> bool:
    return all(document.final for document in _documents(question))


def _documents(question: Question) -> list[Document]:
    if question.is_record:
        return list(question.record.documents())
    return list(question.record.cases[question.life.id].documents.values())


def _transfer_over(question: Question) -> bool:
    until = question.life.transfer_until
    return until is not None and question.today > until


def _due_reached(question: Question) -> bool:
    day = due_day(question.record, question.life, question.context.rules)
    return day is not None and question.today >= day


def _retention_over(question: Question) -> bool:
    end = question.life.retention_end
    return end is not None and question.today > end


def _not_shortened(question: Question) -> bool:
    new: Retention | None = question.get("retention")
    return new is None or not _held(question) or not new.shortens(question.life.retention)


def _held(question: Question) -> bool:
    return bool(question.record.life.holds) or any(life.holds for life in question.own)


def _agreed(question: Question) -> bool:
    return all(
        life.retention.agreed and life.retention.disposal is not Disposal.APPRAISE
        for life in question.own
        if life.state != "deleted"
    )


def _only_offered(question: Question) -> bool:
    return set(question.get("decisions") or ()) <= {life.id for life in question.in_process("offered")}


def _process_known(question: Question) -> bool:
    return question.get("process") in {None, question.life.process}


def _exactly_transferred(question: Question) -> bool:
    return set(question.get("results") or ()) <= {life.id for life in question.in_process("transferred")}


def _imported(question: Question) -> bool:
    result = (question.get("results") or {}).get(question.life.id)
    return result is None or result.success


def _harmless(question: Question) -> bool:
    """Whether neither protection need nor confidentiality would fall."""
    need: Protection | None = question.get("protection")
    grade: Confidentiality | None = question.get("confidentiality")
    record = question.record
    return (need is None or need.covers(record.own_protection)) and (
        grade is None or grade.covers(record.own_confidentiality)
    )


def _grade_released(question: Question) -> bool:
    grade: Confidentiality | None = question.get("confidentiality")
    return grade is None or question.context.rules.released_confidentiality.covers(grade)


def _document(question: Question) -> Document | None:
    wanted = question.get("document")
    return next((document for document in question.record.documents() if document.id == wanted), None)


def _not_final(question: Question) -> bool:
    document = _document(question)
    return document is None or not document.final


def _not_reserved(question: Question) -> bool:
    document = _document(question)
    return document is None or document.checked_out_by in {None, question.context.actor.user}


def _not_circulating(question: Question) -> bool:
    wanted = question.get("document")
    return not any(wanted in locked for life in question.record.lives() for locked in life.open_slips.values())


def _reserved(question: Question) -> bool:
    document = _document(question)
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


GUARDS: dict[str, Guard[Question]] = {
    "no_open_slip": Guard(_no_open_slip, "a routing slip is still open", "eine E-Laufmappe ist noch offen"),
    "no_resubmission": Guard(
        lambda q: not any(life.resubmissions for life in q.own),
        "a resubmission is still open",
        "eine Wiedervorlage ist noch offen",
    ),
    "checked_in": Guard(_checked_in, "a document is checked out", "ein Dokument ist noch ausgecheckt"),
    "documents_final": Guard(_final, "a document is not final", "ein Dokument ist noch nicht abgeschlossen"),
    "cases_closed": Guard(
        lambda q: not any(life.state in OPEN for life in q.cases),
        "a case is not closed yet",
        "ein Vorgang ist noch nicht z.d.A. verfügt",
    ),
    "transfer_over": Guard(_transfer_over, "the transfer period runs", "die Transferfrist läuft noch"),
    "cases_in_registry": Guard(
        lambda q: not any(life.state in BEFORE_REGISTRY for life in q.cases),
        "a case is not in the registry yet",
        "ein Vorgang liegt noch nicht in der Altregistratur",
    ),
    "due_reached": Guard(_due_reached, "the retention period runs", "die Aufbewahrungsfrist läuft noch"),
    "cases_due": Guard(
        lambda q: not any(life.state in BEFORE_DUE for life in q.cases),
        "a case is not due yet",
        "ein Vorgang ist noch nicht aussonderungsreif",
    ),
    "no_hold": Guard(lambda q: not _held(q), "a legal hold is set", "eine Löschsperre ist gesetzt"),
    "hold_known": Guard(
        lambda q: q.command is None or q.get("hold") in q.life.holds,
        "there is no such hold",
        "diese Löschsperre gibt es nicht",
    ),
    "not_shortened_under_hold": Guard(
        _not_shortened,
        "retention of a held file may not be shortened",
        "die Aufbewahrungsfrist darf unter einer Löschsperre nicht verkürzt werden",
    ),
    "harmless": Guard(
        _harmless,
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
        lambda q: q.life.decision is Disposal.APPRAISE,
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
        lambda q: q.context.actor.user != q.life.offered_by,
        "whoever offered may not appraise",
        "wer angeboten hat, darf nicht bewerten",
    ),
    "worth_archiving": Guard(
        lambda q: q.life.decision is Disposal.ARCHIVE,
        "the archive has not decided A",
        "das Archiv hat nicht auf A entschieden",
    ),
    "exactly_transferred": Guard(
        _exactly_transferred, "only what was transferred can be confirmed", "nur Abgegebenes kann bestätigt werden"
    ),
    "imported": Guard(_imported, "the import failed", "die Übernahme ist gescheitert"),
    "import_failed": Guard(
        lambda q: q.command is None or not _imported(q), "the import succeeded", "die Übernahme ist gelungen"
    ),
    "to_be_destroyed": Guard(
        lambda q: q.life.decision is Disposal.DESTROY,
        "the archive has not decided V; silence is not consent",
        "das Archiv hat nicht auf V entschieden; Schweigen ist keine Zustimmung",
    ),
    "retention_over": Guard(_retention_over, "the retention period runs", "die Aufbewahrungsfrist läuft noch"),
    "contents_gone": Guard(
        lambda q: all(life.state == "deleted" for life in q.cases),
        "a case is not deleted yet",
        "ein Vorgang ist noch nicht gelöscht",
    ),
    "not_requested": Guard(
        lambda q: q.life.deletion_requested_by is None,
        "deletion was already requested",
        "die Löschung ist schon beantragt",
    ),
    "requested": Guard(
        lambda q: q.life.deletion_requested_by is not None,
        "deletion was not requested yet",
        "die Löschung ist noch nicht beantragt",
    ),
    "second_person": Guard(
        lambda q: q.life.deletion_requested_by not in {q.context.actor.user, q.context.actor.acts_as},
        "four eyes: a second person must delete",
        "Vier-Augen-Prinzip: Eine zweite Person muss löschen",
    ),
}
