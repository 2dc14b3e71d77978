"""The conditions of disposal with the archive by name: what each asks, and how its failure is worded."""

from workflow.engine.machine import Guard
from workflow.file_plan.retention import Disposal
from workflow.records.base import Question


def _agreed(question: Question) -> bool:
    return all(
        life.retention.agreed and life.retention.disposal is not Disposal.APPRAISE
        for life in question.own
        if life.state != "deleted"
    )


def _only_offered(question: Question) -> bool:
    return set(question.get("decisions") or ()) <= {life.id for life in question.in_process("offered")}


def _receipt_awaited(question: Question) -> bool:
    """Whether the message that the archive says has arrived was sent in this process, and not said to have before."""
    message = question.get("message")
    if message is None:
        return True
    sent = question.life.offered_by if message == "0501" else question.life.state in {"transferred", "confirmed"}
    return bool(sent) and message not in question.life.receipts


def _process_known(question: Question) -> bool:
    return question.get("process") in {None, question.life.process}


def _exactly_transferred(question: Question) -> bool:
    return set(question.get("results") or ()) <= {life.id for life in question.in_process("transferred")}


def _imported(question: Question) -> bool:
    result = (question.get("results") or {}).get(question.life.id)
    return result is None or result.success


DISPOSAL_GUARDS: dict[str, Guard[Question]] = {
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
        lambda q: q.life.offered_by not in q.hands,
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
    "not_the_transferrer": Guard(
        lambda q: q.life.transferred_by is None or q.context.actor.user != q.life.transferred_by,
        "whoever transferred may not confirm",
        "wer abgegeben hat, darf die Übernahme nicht bestätigen",
    ),
    "receipt_awaited": Guard(
        _receipt_awaited,
        "no such message was sent, or its arrival is recorded already",
        "eine solche Nachricht ging nicht hinaus, oder ihr Empfang ist schon vermerkt",
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
}
