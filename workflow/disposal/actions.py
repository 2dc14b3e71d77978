"""Disposal (Aussonderung): offer, appraisal, transfer, confirmation, deletion, for a record with its cases at once.

Only the archive sets A or V; what it does not name stays B and is kept; 0503 holds exactly the A objects; deletion
takes two persons and leaves a tombstone (rules 8 to 12; ArchivG NRW § 4; xdomea 0501, 0502, 0503, 0506).
"""

from workflow.engine.access import SYSTEM
from workflow.engine.aggregate import Emitted
from workflow.engine.events import ContentErased
from workflow.errors import InvalidCommand
from workflow.records import commands as c
from workflow.records import events as e
from workflow.records.builders import Builder, emitted
from workflow.records.guards import Ask
from workflow.records.record import Life
from workflow.records.retention import Disposal
from workflow.routing_slips.evolve import evolve as evolve_slip
from workflow.routing_slips.guards import Question as SlipQuestion
from workflow.routing_slips.machine import MACHINE as SLIP
from workflow.routing_slips.routing_slip import RoutingSlip
from workflow.routing_slips.routing_slip import stream as slip_stream


def _offerable(ask: Ask) -> list[Life]:
    def ripe(life: Life) -> bool:
        return life.state == "due" or (life.state == "appraised" and life.decision is Disposal.APPRAISE)

    return [life for life in ask.own if ripe(life)]


def _offered(ask: Ask, _: c.Offer) -> list[Emitted]:
    objects = tuple(life.id for life in _offerable(ask))
    return emitted(ask, e.Offered(process=ask.context.new_id(), objects=objects, by=ask.context.actor.user))


def _preappraised(ask: Ask, _: c.Offer) -> list[Emitted]:
    ripe = [life for life in ask.own if life.state == "due"]
    return emitted(ask, *(e.Preappraised(object_id=life.id, decision=life.retention.disposal) for life in ripe))


def _same_process(ask: Ask, state: str) -> list[Life]:
    return [life for life in ask.record.lives() if life.state == state and life.process == ask.life.process]


def _appraised(ask: Ask, command: c.Appraise) -> list[Emitted]:
    otherwise = command.decision or Disposal.APPRAISE
    decisions = {life.id: command.decisions.get(life.id, otherwise) for life in _same_process(ask, "offered")}
    event = e.Appraised(process=_process(ask), decisions=decisions, by=ask.context.actor.user)
    return emitted(ask, event)


def _process(ask: Ask) -> str:
    """The process under way; a two-step one has none before its 0503."""
    return ask.life.process or ask.context.new_id()


def _transferred(ask: Ask, _: c.Transfer) -> list[Emitted]:
    worth = [life.id for life in _same_process(ask, "appraised") if life.decision is Disposal.ARCHIVE]
    return emitted(ask, e.Transferred(process=_process(ask), objects=tuple(worth)))


def _confirmed(ask: Ask, command: c.Confirm) -> list[Emitted]:
    sent = [life.id for life in _same_process(ask, "transferred")]
    results = command.results or {object_id: c.Result(success=True) for object_id in sent}
    good = {key: result.archive_id or key for key, result in results.items() if result.success}
    bad = {key: result.error or "no reason given" for key, result in results.items() if not result.success}
    process = _process(ask)
    events: list[e.RecordEvent] = []
    if good:
        events.append(e.Confirmed(process=process, archive_ids=good))
    if bad:
        events.append(e.TransferFailed(process=process, errors=bad))
    return emitted(ask, *events)


def _deletion_requested(ask: Ask, _: c.Delete) -> list[Emitted]:
    return emitted(ask, e.DeletionRequested(object_id=ask.life.id, by=ask.context.actor.user))


def _deleted(ask: Ask, _: c.Delete) -> list[Emitted]:
    record, life = ask.record, ask.life
    documents = [] if ask.is_record else list(record.cases[life.id].documents.values())
    decision = life.decision
    if decision is None:
        raise InvalidCommand([("", "there is no archive decision")])
    stone = e.Deleted(
        record=record.id,
        object_id=life.id,
        authority=record.authority,
        file_number=record.life.number,
        number=life.number,
        file_plan_code=record.file_plan_code,
        created_on=life.created_on,
        closed_on=life.closed_on,
        retention=life.retention,
        decision=decision,
        archive_id=life.archive_id,
        requested_by=str(life.deletion_requested_by),
        approved_by=ask.context.actor.user,
        documents=len(documents),
        versions=sum(len(document.versions) for document in documents),
    )
    along: list[tuple[str, str, str | None]] = [(slip_stream(slip), slip, None) for slip in life.past_slips]
    for where, _slip, _item in along:
        _may_be_erased(ask.context.get(where, RoutingSlip), ask)
    for document in documents:
        if document.source and document.source.startswith("mail-folder:"):
            folder, _hash, item = document.source.partition("#")
            along.append((folder, folder.partition(":")[2], item))
    return emitted(ask, stone) + [
        (where, ContentErased(id=key, item=item, authority=record.authority, with_file=life.number))
        for where, key, item in along
    ]


def _may_be_erased(slip: RoutingSlip, ask: Ask) -> None:
    """The slip's own table has a word in it: one that is still on its way is not erased."""
    SLIP.step(slip.state, "erase", SYSTEM.roles, SlipQuestion(slip, None, ask.context, "erase", None, evolve_slip.fold))


BUILDERS: dict[str, Builder] = {
    "record.offered": _offered,
    "record.preappraised": _preappraised,
    "record.appraised": _appraised,
    "record.transferred": _transferred,
    "record.confirmed": _confirmed,
    "record.transfer_failed": _confirmed,
    "record.deletion_requested": _deletion_requested,
    "record.deleted": _deleted,
}
"""Event type -> what it says."""
