"""The route protocol of a routing slip (Laufwegprotokoll) as entries of the history that goes to the archive.

Who decided what, when, for whom (rule 21; DOMEA 2.1 p. 86: it goes to the archive with the case).
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from workflow.disposal.xdomea.model import HistoryEntry
from workflow.routing_slips.events import Result

RESULTS: Mapping[str, str] = {
    Result.SIGNED: "gezeichnet",
    Result.REFUSED: "Zeichnung verweigert",
    Result.APPROVED: "freigegeben",
    Result.COMMENTED: "Stellung genommen",
    Result.ACKNOWLEDGED: "zur Kenntnis genommen",
    Result.DISPATCHED: "versandt",
    Result.RETRIEVED: "abgerufen",
    Result.CLOSED: "z.d.A. verfügt",
    Result.NOT_COMPETENT: "als nicht zuständig zurückgegeben",
    Result.ELAPSED: "Frist verstrichen",
}
FLAGS = {"reservation": "mit Vorbehalt", "overruled": "überstimmt", "lapsed": "durch neuen Inhalt entfallen"}


def build_history(protocols: Iterable[str]) -> tuple[HistoryEntry, ...]:
    """Entries of route protocols (JSON, as filed with the case), by time; stations without a word have none."""
    found = [
        _build_entry(slip, run["run"], station)
        for slip in map(json.loads, protocols)
        for run in slip["runs"]
        for station in run["stations"]
        if "at" in station
    ]
    return tuple(sorted(found, key=lambda entry: entry.at))


def _build_entry(slip: Mapping[str, Any], run: int, station: Mapping[str, Any]) -> HistoryEntry:
    by, absent = station.get("by", station["actor"]), station.get("on_behalf_of")
    said = [RESULTS.get(station.get("result", ""), "übersprungen")]
    said += [text for flag, text in FLAGS.items() if station.get(flag)]
    remark = [f"Umlauf {run}, Station {station['number']}"]
    remark += [station["note"]] if station.get("note") else []
    return HistoryEntry(
        actor=f"{by} in Vertretung für {absent}" if absent else by,
        at=datetime.fromisoformat(station["at"]),
        action=f"E-Laufmappe „{slip['title']}“: {', '.join(said)}",
        remark="; ".join(remark),
    )
