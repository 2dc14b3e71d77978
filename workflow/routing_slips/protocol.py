"""The route protocol (Laufwegprotokoll): who decided what, when, for whom, on which content (rule 21).

It is filed to the case when a slip ends and goes to the archive with it (DOMEA 2.1 p. 86).
"""

import json
from typing import Any

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
    }
    return {key: value for key, value in told.items() if value is not None}
