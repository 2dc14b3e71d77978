"""The conditions of a record's life by name: what each asks, and how its failure is worded."""

from datetime import date

from workflow.engine.access import Confidentiality, Protection, Role
from workflow.engine.machine import Guard
from workflow.file_plan.file_plan import find_class
from workflow.file_plan.record_class import BREACHES, MEDIUM, NEED
from workflow.file_plan.retention import Retention
from workflow.organisation.house_rules import Context, Rules
from workflow.organisation.staff.deputies import deputises
from workflow.organisation.staff.member import has_left
from workflow.records.base import Question
from workflow.records.disposal_guards import DISPOSAL_GUARDS
from workflow.records.files import Medium
from workflow.records.record import Document, Life, Record

OPEN = {"created", "in_work"}
BEFORE_REGISTRY = {*OPEN, "closed"}
BEFORE_DUE = {*BEFORE_REGISTRY, "registry"}
LOWERING = {Role.APPROVER, Role.REGISTRAR}
"""Who may lower a protection need or a grade, with a reason; everybody raises them."""
AFTER_DISPOSAL = {"due", "offered", "appraised", "transferred", "confirmed", "deleted"}


def _no_open_slip(question: Question) -> bool:
    cause = question.context.cause  # the slip whose last station orders the closing ends with it
    return all(f"routing-slip:{slip}" == cause for life in question.own for slip in life.open_slips)


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


def _keeps_class_need(question: Question) -> bool:
    new: Protection | None = question.get("protection") if question.is_record else None
    record = question.record
    return new is None or not find_class(record.authority, record.file_plan_code, question.context).needs_more(new)


def _keeps_class_medium(question: Question) -> bool:
    new, record = question.get("medium"), question.record
    if new in {None, Medium.ELECTRONIC}:
        return True
    return not find_class(record.authority, record.file_plan_code, question.context).forbids_paper(question.today)


def _not_shortened(question: Question) -> bool:
    new: Retention | None = question.get("retention")
    return new is None or not _held(question) or not new.shortens(question.life.retention)


def _held(question: Question) -> bool:
    return bool(question.record.life.holds) or any(life.holds for life in question.own)


def lowers(question: Question) -> bool:
    """Whether protection need or confidentiality would fall."""
    need: Protection | None = question.get("protection")
    grade: Confidentiality | None = question.get("confidentiality")
    record = question.record
    return not (
        (need is None or need.covers(record.own_protection))
        and (grade is None or grade.covers(record.own_confidentiality))
    )


def _may_lower(question: Question) -> bool:
    return not lowers(question) or not question.context.actor.roles.isdisjoint(LOWERING)


def _clearance_reaches(question: Question) -> bool:
    need: Protection | None = question.get("protection")
    return need is None or question.context.actor.clearance.covers(need)


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
    holder, actor = document.checked_out_by if document else None, question.context.actor
    return holder in {None, actor.user, actor.on_behalf_of} or deputises(actor.user, holder, question.context)


def _holder_left(question: Question) -> bool:
    document = _document(question)
    holder = document.checked_out_by if document else None
    return document is None or (holder is not None and has_left(holder, question.context))


def _not_circulating(question: Question) -> bool:
    """A slip that has come back lies with its owner, who revises what is enclosed (rule 16)."""
    wanted = question.get("document")
    enclosing = [slip for life in question.record.lives() for slip, held in life.open_slips.items() if wanted in held]
    return all(_has_come_back(slip, question.context) for slip in enclosing)


def _has_come_back(slip: str, context: Context) -> bool:
    return getattr(context.load(f"routing-slip:{slip}"), "state", "") == "returned"


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
    **DISPOSAL_GUARDS,
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
    "may_lower": Guard(
        _may_lower,
        "only approver or registrar lower protection need and confidentiality",
        "Schutzbedarf und Vertraulichkeit senken nur Zeichnungsbefugte oder die Registratur",
        personal=True,
    ),
    "clearance_reaches": Guard(
        _clearance_reaches,
        "nobody raises a protection need above their own clearance",
        "niemand hebt den Schutzbedarf über die eigene Freigabe",
        personal=True,
    ),
    NEED: Guard(_keeps_class_need, BREACHES[NEED].en, BREACHES[NEED].de),
    MEDIUM: Guard(_keeps_class_medium, BREACHES[MEDIUM].en, BREACHES[MEDIUM].de),
    "harmless": Guard(
        lambda q: not lowers(q),
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
    "holder_left": Guard(
        _holder_left, "whoever checked it out still works here", "wer es ausgecheckt hat, ist nicht ausgeschieden"
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
        lambda q: q.hands.isdisjoint({q.life.deletion_requested_by, q.life.deletion_requested_for}),
        "four eyes: a second person must delete",
        "Vier-Augen-Prinzip: Eine zweite Person muss löschen",
    ),
}
