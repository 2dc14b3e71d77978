"""Reading an event log of any of the formats: our own JSON Lines, OCEL 2.0 (JSON), XES or CSV. A fault is named with
its place.

What comes from the file is checked by its form before anything is made of it, so that a mistake of ours is never told
as one of the file.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

from pydantic import TypeAdapter, ValidationError

import scanning.catalogue  # noqa: F401 - with it the types of all events are known
from simulation.event_logs.read_ocel import read_ocel
from simulation.event_logs.traces import CATEGORIES, Step, Trace, canonical, make_foreign_step, make_trace
from simulation.inputs import foreign_words
from simulation.inputs.faults import Fault, Place, UnusableInput
from simulation.inputs.text_file import describe_unreadable
from simulation.inputs.validator_words import explain
from workflow.engine.events import decode
from workflow.engine.store.hash_chain import Recorded
from workflow.errors import Corrupted
from workflow.text import NOTHING, Text

TABLE = Text("eine CSV-Datei mit case, activity, timestamp", "a CSV file with case, activity, timestamp")
_ROW: TypeAdapter[Recorded] = TypeAdapter(Recorded)


class EventLog(NamedTuple):
    traces: list[Trace]
    sha256: str
    """Of the file."""
    form: str


def read_event_log(path: Path) -> EventLog:
    """Every trace of a file; raises `UnusableInput`."""
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as wrong:  # a name that is too long or holds NUL too
        raise _fault(path, 1, describe_unreadable(wrong)) from wrong
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        says = Text(f"Byte {wrong.start} ist kein UTF-8", f"byte {wrong.start} is no UTF-8")
        raise _fault(path, 1, says) from wrong
    form = _recognise(text)
    traces = list(_READERS[form](path, text))
    if not traces:
        raise _fault(path, 1, Text("dieses Protokoll enthält keinen Vorgang", "no case is in this log"))
    return EventLog(traces, sha256(content).hexdigest(), form)


def _recognise(text: str) -> str:
    start = text.lstrip()[:1]
    if start == "<":
        return "XES"
    if start == "{":
        return "JSON Lines" if '"payload_digest"' in text.lstrip().partition("\n")[0] else "OCEL 2.0"
    return "CSV"


def _read_lines(path: Path, text: str) -> Iterator[Trace]:
    streams: dict[str, list[Recorded]] = defaultdict(list)
    for number, line in enumerate(io.StringIO(text), 1):
        try:
            row = _ROW.validate_json(line, strict=True)
            if row.stream.partition(":")[0] in CATEGORIES:
                if row.payload is not None:
                    decode(row.type, row.schema_version, row.payload, row.position)
                streams[row.stream].append(row)
        except ValidationError as wrong:
            first = wrong.errors(include_url=False)[0]
            where = "".join(f"{part}: " for part in first["loc"])
            raise _fault(path, number, _is_no_event(Text(*(where + says for says in explain(first))))) from wrong
        except Corrupted as wrong:
            raise _fault(path, number, _is_no_event(wrong.wrong)) from wrong
    for stream, rows in streams.items():
        yield make_trace(stream, rows)


def _is_no_event(why: Text) -> Text:
    return Text(
        f"kein Ereignis, wie `eva log export` es schreibt: {why.de}",
        f"no event as `eva log export` writes it: {why.en}",
    )


def _read_ocel(path: Path, text: str) -> Iterator[Trace]:
    return read_ocel(text, lambda wrong, line, column: _fault(path, line, wrong, column=column))


def _read_xes(path: Path, text: str) -> Iterator[Trace]:
    try:
        root = ET.fromstring(text)  # noqa: S314 - expat expands no external entities and bounds internal ones
    except ET.ParseError as wrong:
        why = foreign_words.translate(str(wrong), foreign_words.XML)
        says = Text(f"kein XML: {why.de}", f"no XML: {why.en}")
        raise _fault(path, wrong.position[0], says, column=wrong.position[1] + 1) from wrong
    for number, trace in enumerate((one for one in root if _name(one) == "trace"), 1):
        attributes = _read_attributes(trace)
        steps: list[Step] = []
        for event in (one for one in trace if _name(one) == "event"):
            given = {key: value for key, value in _read_attributes(event).items() if value}
            if "concept:name" not in given or "time:timestamp" not in given:
                says = Text(
                    f"Ablauf {number} hat ein Ereignis ohne concept:name oder time:timestamp",
                    f"trace {number} has an event without concept:name or time:timestamp",
                )
                raise _fault(path, 1, says)
            steps.append(make_foreign_step(len(steps) + 1, given))
        yield _make(attributes.get("concept:name", str(number)), attributes, steps)


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _read_attributes(element: ET.Element) -> dict[str, str]:
    return {str(one.get("key")): str(one.get("value", "")) for one in element if one.get("key") is not None}


def _read_csv(path: Path, text: str) -> Iterator[Trace]:
    lines = csv.DictReader(io.StringIO(text, newline=""))
    try:
        yield from _read_rows(path, lines)
    except csv.Error as wrong:
        why = foreign_words.translate(str(wrong), foreign_words.CSV)
        raise _fault(path, lines.line_num + 1, Text(f"kein CSV: {why.de}", f"no CSV: {why.en}")) from wrong


def _read_rows(path: Path, lines: "csv.DictReader[str]") -> Iterator[Trace]:
    names = {canonical(name): name for name in lines.fieldnames or ()}
    missing = [name for name in ("case", "activity", "timestamp") if name not in names]
    if missing:
        names_missing = ", ".join(missing)
        says = Text(f"keine Spalte {names_missing}", f"no column {names_missing}")
        raise _fault(path, 1, says, TABLE)
    cases: dict[tuple[str, str], tuple[dict[str, str], list[Step]]] = {}
    for row in lines:
        given = {name: row[column] for name, column in names.items() if row[column]}
        if not {"case", "activity", "timestamp"} <= set(given):
            says = Text("eine Zeile ohne case, activity oder timestamp", "a row without case, activity or timestamp")
            raise _fault(path, lines.line_num, says)
        attributes = {name.removeprefix("case_"): value for name, value in given.items() if name.startswith("case_")}
        attributes |= {"category": given["category"]} if "category" in given else {}
        _, steps = cases.setdefault((attributes.get("category", ""), given["case"]), (attributes, []))
        steps.append(make_foreign_step(len(steps) + 1, given))
    for (_, case), (attributes, steps) in cases.items():
        yield _make(case, attributes, sorted(steps, key=lambda step: step.time) if steps[0].event == "" else steps)


def _make(case: str, attributes: dict[str, str], steps: list[Step]) -> Trace:
    return Trace(attributes.get("category", ""), case, attributes, steps)


_READERS = {"JSON Lines": _read_lines, "OCEL 2.0": _read_ocel, "XES": _read_xes, "CSV": _read_csv}


def _fault(path: Path, line: int, wrong: Text, expected: Text = NOTHING, column: int = 1) -> UnusableInput:
    return UnusableInput([Fault(Place(str(path), line, column), wrong, expected)])
