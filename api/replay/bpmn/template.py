"""A BPMN 2.0 process as a route template (Laufweg-Vorlage).

A route is a sequence of stations and parallel blocks. What of a process has no place in it is refused by name, line
and column, or left out with a warning that says so; nothing is lost in silence.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from api.replay.bpmn.element_map import ElementMap
from api.replay.bpmn.graph import Graph
from api.replay.bpmn.process import read_process
from api.replay.bpmn.stations import StationBuilder
from simulation.inputs.faults import Fault, UnusableInput
from workflow.engine.commands import parse
from workflow.errors import InvalidCommand
from workflow.routing_slips.templates import SaveTemplate
from workflow.text import Text


class Import(NamedTuple):
    """`body` is that of the action `save` on templates; `warnings` tell what was simplified."""

    body: dict[str, Any]
    warnings: list[Fault]


def import_template(
    path: Path, start: date, said: ElementMap | None = None, name: str | None = None, process: str | None = None
) -> Import:
    """The template of a process; raises `UnusableInput` with every fault. Durations count from `start`."""
    said = said or ElementMap()
    whole = read_process(path, said, process)
    whole.findings.stop_at_faults()
    stations = StationBuilder(whole, start, said).build(Graph(whole).route())
    if not whole.findings.faults and not stations:
        says = Text("hat keine Benutzeraufgabe, also keine Station", "has no user task, so no station")
        whole.refuse(whole.element, says)
    body = {"name": name or whole.element.name, "stations": stations}
    whole.findings.stop_at_faults()
    try:
        parse(SaveTemplate, json.loads(json.dumps(body))).check_times()
    except InvalidCommand as wrong:
        faults = [
            Fault(whole.element.place, Text(*(f"`{at.lstrip('/')}`: {one}" for one in says)))
            for at, says in wrong.texts
        ]
        raise UnusableInput(faults) from wrong
    for entry in said.unused():
        wrong_name = Text(f"`{entry.key}` steht nirgends im Modell", f"`{entry.key}` is nowhere in the model")
        expected = Text("ein Name, wie er gezeichnet ist", "a name as drawn")
        whole.findings.warnings.append(Fault(entry.place, wrong_name, expected))
    return Import(body, sorted(set(whole.findings.warnings)))
