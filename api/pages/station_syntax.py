"""Stations as text: one per line, `Mitzeichnung schmidt 2027-03-05`; parallel stations are joined by `|`."""

import json
import re
from collections.abc import Mapping

from api.pages.labels import STATIONS
from workflow.errors import InvalidCommand
from workflow.routing_slips.events import Kind

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
GERMAN_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
MOST_LINES = 200

_KINDS: Mapping[str, str] = {
    word.casefold(): kind.value for kind in Kind for word in (kind.value, *STATIONS.get(kind.value, ()))
}


def parse_stations(text: str) -> object:
    """The stations of a command's body; raises `InvalidCommand` naming the line. JSON is taken as it is."""
    if text.lstrip().startswith("["):
        return parse_json("stations", text)
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > MOST_LINES:
        raise InvalidCommand([("/stations", f"at most {MOST_LINES} lines")])
    return [_block(line, number) for number, line in lines]


def parse_json(field: str, text: str) -> object:
    """The value of a field; raises `InvalidCommand`."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise InvalidCommand([(f"/{field}", "is no JSON")]) from wrong


def _block(line: str, number: int) -> dict[str, object]:
    beside = [_station(part.strip(), number) for part in line.split("|")]
    return beside[0] if len(beside) == 1 else {"parallel": beside}


def _station(text: str, number: int) -> dict[str, object]:
    """Kind, person and perhaps a deadline, in this order."""
    known = [word for word in _KINDS if text.casefold().startswith(word) and text[len(word) :][:1] in {"", " ", ":"}]
    if not known:
        raise InvalidCommand([("/stations", f"line {number}: begins with none of {', '.join(kind_names())}")])
    word = max(known, key=len)
    rest = text[len(word) :].lstrip(" :").split()
    deadline = _day(rest.pop()) if rest and _day(rest[-1]) else None
    if not rest:
        raise InvalidCommand([("/stations", f"line {number}: names nobody")])
    found: dict[str, object] = {"kind": _KINDS[word], "actor": " ".join(rest)}
    return found if deadline is None else {**found, "deadline": deadline}


def _day(text: str) -> str | None:
    german = GERMAN_DAY.fullmatch(text)
    if german:
        return f"{german[3]}-{int(german[2]):02}-{int(german[1]):02}"
    return text if DAY.fullmatch(text) else None


def kind_names() -> list[str]:
    return [STATIONS[kind.value][0] for kind in Kind]
