"""Events as sentences on the web pages."""

from collections.abc import Mapping
from typing import Any

from api.pages.base.labels import EVENTS, RESULTS, label
from workflow.engine.machine import Machine


def describe_event(machine: Machine[Any] | None, event: Mapping[str, Any], language: str) -> str:
    """An event in words: the sentence of its row, or its type where rows with different sentences record it."""
    kind, data = str(event["type"]), event.get("data") or {}
    if kind == "slip.station_done" and data.get("result"):
        return label(RESULTS, str(data["result"]), language)
    if kind in EVENTS:
        return label(EVENTS, kind, language)
    sentences = {
        row.de if language == "de" else row.en for row in (machine.table if machine else ()) if row.event == kind
    }
    return sentences.pop() if len(sentences) == 1 else kind
