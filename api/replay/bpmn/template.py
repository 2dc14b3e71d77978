"""A BPMN 2.0 process as a route template (Laufweg-Vorlage).

Understood are one process without collaboration, start and end events, user tasks, exclusive and parallel gateways
that are properly nested, and timers: an intermediate timer event is a resubmission, a boundary timer the deadline of
its task. A route has no branches that exclude each other; an exclusive gateway is understood where one of its ways
leads back or out (a refusal, which every station has anyway) and one goes on. All else is refused with id and line.

The kind of a station is read from the name of its task (Mitzeichnung, Schlusszeichnung, Freigabe, Kenntnisnahme,
Stellungnahme, Versand, z.d.A.), the person from its assignee: `camunda:assignee`, `flowable:assignee`,
`activiti:assignee`, a `potentialOwner` or `humanPerformer` (Signavio, Bonita), or else the lane that it lies in.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from api.replay.bpmn.graph import Graph
from api.replay.bpmn.xml import Element, Process, read
from simulation.inputs.durations import parse_duration
from simulation.inputs.faults import UnusableInput
from workflow.engine.fields import BERLIN
from workflow.organisation.working_days import local_day, start_of
from workflow.routing_slips.templates import SaveTemplate

KINDS = (
    ("schlusszeichn", "final_sign"), ("schluss-zeichn", "final_sign"), ("final", "final_sign"),
    ("mitzeichn", "co_sign"), ("co-sign", "co_sign"), ("cosign", "co_sign"),
    ("kenntnis", "acknowledge"), ("acknowledge", "acknowledge"),
    ("stellungnahme", "comment"), ("bearbeit", "comment"), ("comment", "comment"), ("anhör", "comment"),
    ("freigabe", "approve"), ("freigeben", "approve"), ("genehmig", "approve"), ("approve", "approve"),
    ("versand", "dispatch"), ("versenden", "dispatch"), ("dispatch", "dispatch"),
    ("z.d.a", "close"), ("zda", "close"), ("zu den akten", "close"), ("close", "close"),
    ("zeichn", "co_sign"), ("sign", "co_sign"), ("prüf", "co_sign"), ("review", "co_sign"),
)  # fmt: skip
"""Part of a task's name in lower case -> kind of station; the first that fits."""


def build_template(path: Path, start: date, name: str | None = None) -> dict[str, Any]:
    """The body of `save` for a process; raises `UnusableInput` with every fault."""
    process = read(path)
    stations = _StationBuilder(process, start).build(Graph(process).route())
    if not process.faults and not stations:
        process.refuse(process.element, "has no user task, so no station")
    body = {"name": name or process.element.name or process.element.id, "stations": stations}
    if not process.faults:
        try:
            SaveTemplate.model_validate_json(json.dumps(body))
        except ValidationError as wrong:
            for error in wrong.errors():
                process.refuse(process.element, f"{'.'.join(map(str, error['loc']))}: {error['msg']}")
    if process.faults:
        raise UnusableInput(process.faults)
    return body


class _StationBuilder:
    def __init__(self, process: Process, start: date) -> None:
        self._process, self._start = process, start

    def build(self, nodes: list[Any]) -> list[dict[str, Any]]:
        """Stations in the order of the elements; a list of lists becomes a parallel block."""
        found: list[dict[str, Any]] = []
        for node in nodes:
            if isinstance(node, list):
                branches = [part for part in (self._branch(branch) for branch in node) if part]
                found += [{"parallel": branches}] if len(branches) > 1 else branches
            else:
                station = self._station(node)
                found += [station] if station else []
        return found

    def _branch(self, nodes: list[Any]) -> dict[str, Any] | None:
        parts = self.build(nodes)
        return None if not parts else parts[0] if len(parts) == 1 else {"sequence": parts}

    def _station(self, element: Element) -> dict[str, Any] | None:
        if element.tag == "intermediateCatchEvent":
            day = self._day(element)
            actor = element.performer or self._process.default_actor
            if actor is None:
                self._process.refuse(element, "a timer needs somebody who waits; no task names a person")
            return {"kind": "resubmit", "actor": actor, "until": day} if day and actor else None
        kind = next((kind for word, kind in KINDS if word in (element.name or "").lower()), None)
        if kind is None:
            wanted = "Mitzeichnung, Schlusszeichnung, Freigabe, Kenntnisnahme, Stellungnahme, Versand or z.d.A."
            self._process.refuse(element, f"`{element.name or ''}` does not tell what is asked for", wanted)
        if element.performer is None:
            self._process.refuse(element, "has neither assignee nor lane")
        station: dict[str, Any] = {"kind": kind, "actor": element.performer}
        timer = next((t for t in self._process.boundary if t.attached_to == element.id), None)
        if timer is not None:
            station["deadline"] = self._day(timer)
        if element.documentation:
            station["instruction"] = element.documentation
        return station

    def _day(self, element: Element) -> str | None:
        """The day of a timer: one that is written, or a duration counted from the start."""
        text = (element.timer or "").strip()
        dated = element.timer_kind == "timeDate"
        try:
            if dated:
                return date.fromisoformat(text[:10]).isoformat()
            if element.timer_kind == "timeDuration":
                return local_day(parse_duration(text).after(start_of(self._start).astimezone(BERLIN))).isoformat()
            self._process.refuse(element, "is no timer with a date or a duration")
        except (ValueError, OverflowError) as wrong:
            self._process.refuse(element, f"`{text}` is no date" if dated else f"`{text}`: {wrong}")
        return None
