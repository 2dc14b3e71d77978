"""The route protocol (Laufwegprotokoll): who decided what, when, for whom, on which content (rule 21).

It is filed to the case when a slip ends and goes to the archive with it (DOMEA 2.1 p. 86).
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from workflow.delivery.delivery import DecisionDelivery
from workflow.engine.access import SYSTEM
from workflow.engine.commands import Command, Emitted
from workflow.organisation.house_rules import Context
from workflow.records import closing_actions as rc
from workflow.records.decide import decide as decide_record
from workflow.records.events import DocumentFinalised
from workflow.records.record import Record
from workflow.records.record import stream as record_stream
from workflow.routing_slips.events import Enclosure
from workflow.routing_slips.routing_slip import STATUS_CODES, RoutingSlip, Station


def protocol(slip: RoutingSlip) -> str:
    """The whole route of every run as JSON, the last run last."""
    runs = [*slip.past, tuple(slip.ordered())]
    told = {
        "slip": slip.id,
        "title": slip.title,
        "owner": slip.owner,
        "content_sha256": slip.content,
        "documents": [document.model_dump(mode="json") for document in slip.documents],
        "notes": [{"by": by, "note": note} for by, note in slip.notes],
        "runs": [
            {"run": number, "stations": [_station(n, station) for n, station in enumerate(run, 1)]}
            for number, run in enumerate(runs, 1)
        ],
    }
    return json.dumps(told, ensure_ascii=False)


def _station(number: int, station: Station) -> dict[str, Any]:
    told = {
        "number": number,
        "id": station.id,
        "kind": station.kind.value,
        "status": STATUS_CODES[station.status],
        "actor": station.actor,
        "result": station.result.value if station.result else None,
        "by": station.done_by,
        "on_behalf_of": station.on_behalf_of,
        "at": station.done_at.isoformat() if station.done_at else None,
        "note": station.note or None,
        "reservation": station.reservation or None,
        "overruled": station.overruled or None,
        "lapsed": station.lapsed or None,
        "delegated_from": station.delegated_from,
        "content_sha256": station.content,
        "delivery": _describe_delivery(station.delivery),
    }
    return {key: value for key, value in told.items() if value is not None}


def _describe_delivery(delivery: DecisionDelivery | None) -> dict[str, Any] | None:
    """How a decision went out, where that was more than being sent."""
    if delivery is None or (delivery.law is None and delivery.recipient is None):
        return None
    told = asdict(delivery)
    days = {name: day.isoformat() for name, day in told.items() if isinstance(day, date)}
    return {name: value for name, value in (told | days).items() if value is not None}


def ask_record(record: str, command: Command, context: Context) -> list[Emitted]:
    """What the record decides, asked by the system for the slip."""
    where = record_stream(record)
    return decide_record(context.get(where, Record), command, context.seen_by(where, SYSTEM))


def attach(slip: RoutingSlip, documents: Iterable[Enclosure], context: Context) -> list[Emitted]:
    """The record holds the enclosed documents as they are, while the slip circulates; nothing where it does already."""
    if not slip.record:
        return []
    held = tuple(one.document for one in documents if one.document)
    life = context.get(record_stream(slip.record), Record).life_of(slip.case or slip.record)
    if life is not None and life.open_slips.get(slip.id) == held:
        return []
    return ask_record(slip.record, rc.AttachSlip(case=slip.case, routing_slip=slip.id, documents=held), context)


def detach(slip: RoutingSlip, outcome: str, context: Context) -> list[Emitted]:
    """The record gets the whole route protocol, and the enclosed documents are final when it was filed (rule 15)."""
    if not slip.record:
        return []
    command = rc.DetachSlip(case=slip.case, routing_slip=slip.id, outcome=outcome, protocol=protocol(slip))
    events = ask_record(slip.record, command, context)
    record = context.get(record_stream(slip.record), Record)
    if outcome != "filed":
        return events
    mine = {enclosed.document for enclosed in slip.documents}
    return events + [
        (record_stream(record.id), DocumentFinalised(case=key, document=document.id))
        for key, case in record.cases.items()
        for document in case.documents.values()
        if document.id in mine and not document.final
    ]
