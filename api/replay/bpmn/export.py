"""A route as BPMN 2.0 with a diagram: what BPMN has words for in those words, the rest in an extension of our own.

The person stands as Camunda and bpmn.io write it (`camunda:assignee`), so does the deadline (`camunda:dueDate`); a
resubmission is a timer, the instruction the documentation, parallel blocks are gateways.
"""

from pathlib import Path
from typing import Any

from lxml import etree

from api.replay.bpmn.dialects import MODEL, OWN, is_plain
from api.replay.bpmn.layout import Diagram, Line, Shape, lay_out
from simulation.inputs.faults import Fault, UnusableInput
from simulation.inputs.yaml_file import read_yaml
from workflow.engine.commands import parse
from workflow.errors import InvalidCommand
from workflow.routing_slips.templates import SaveTemplate
from workflow.text import Text

CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
_DI = "http://www.omg.org/spec/BPMN/20100524/DI"
_DC, _OMG_DI = "http://www.omg.org/spec/DD/20100524/DC", "http://www.omg.org/spec/DD/20100524/DI"
_PREFIXES = {"bpmn": MODEL, "bpmndi": _DI, "dc": _DC, "di": _OMG_DI, "camunda": CAMUNDA, "eva": OWN}
KINDS = {
    "co_sign": "Mitzeichnung", "final_sign": "Schlusszeichnung", "approve": "Freigabe", "comment": "Stellungnahme",
    "acknowledge": "Kenntnisnahme", "resubmit": "Wiedervorlage", "dispatch": "Versand", "close": "z.d.A.",
}  # fmt: skip
_BEYOND = ("skip_unread", "silence_consents", "escalate_to", "awaits", "deadline_days")


A_ROUTE = Text(
    "`name` und `stations`, oder eine Laufmappe, wie die API sie zeigt",
    "`name` and `stations`, or a routing slip as the API shows it",
)


def read_route(path: Path) -> dict[str, Any]:
    """`name` and `stations` of a file with a route template, or with a routing slip as the API shows it.

    Raises `UnusableInput` with every fault.
    """
    root = read_yaml(path, str(path), A_ROUTE)
    said = root.plain()
    if "route" in said:
        said = {"name": said.get("title"), "stations": _specs(said["route"], said.get("stations"))}
    body = {key: said[key] for key in ("name", "stations") if key in said}
    try:
        command = parse(SaveTemplate, body)
        command.check_times()
    except InvalidCommand as wrong:
        faults = []
        for pointer, says in wrong.texts:
            parts = tuple(int(p) if p.isdecimal() else p for p in pointer.split("/")[1:])
            told = Text(*(f"`{pointer.lstrip('/')}`: {one}" for one in says))
            faults.append(Fault(root.find(parts).place, told))
        raise UnusableInput(faults) from wrong
    shown: dict[str, Any] = command.model_dump(mode="json", exclude_defaults=True)
    return shown


def _specs(route: Any, stations: Any) -> list[Any]:
    """The route of a slip, whose parts are numbers of stations, as a template says it; what does not fit as it is."""
    listed = [one for one in stations or [] if isinstance(one, dict)]
    numbered = {one["number"]: one for one in listed if isinstance(one.get("number"), int)}
    keys = ("kind", "actor", "instruction", "deadline", "until", *_BEYOND)

    def describe(part: Any) -> Any:
        if isinstance(part, dict) and isinstance(part.get("parts"), list):
            return {str(part.get("order")): [describe(one) for one in part["parts"]]}
        one = numbered.get(part) if isinstance(part, int) else None
        if one is None:
            return part
        told = {key: one[key] for key in keys if one.get(key) not in (None, "", False)}
        return {key: value for key, value in told.items() if key != "deadline" or "deadline_days" not in told}

    whole = describe(route)
    found: list[Any] = whole.get("sequence", [whole]) if isinstance(whole, dict) else []
    return found


def render_bpmn(name: str, stations: list[dict[str, Any]]) -> bytes:
    """The file; equal routes give equal bytes."""
    diagram = lay_out(stations)
    root = etree.Element(_q(MODEL, "definitions"), nsmap=_PREFIXES)
    root.attrib.update({"id": "Definitions", "targetNamespace": OWN, "exporter": "eva"})
    process = etree.SubElement(root, _q(MODEL, "process"), id="Route", name=name, isExecutable="false")
    for shape in diagram.shapes:
        _add_node(process, shape, diagram)
    for line in diagram.lines:
        etree.SubElement(
            process, _q(MODEL, "sequenceFlow"), id=line.id, sourceRef=line.source, targetRef=line.target
        )  # fmt: skip
    drawing = etree.SubElement(root, _q(_DI, "BPMNDiagram"), id="Diagram")
    plane = etree.SubElement(drawing, _q(_DI, "BPMNPlane"), id="Plane", bpmnElement="Route")
    for shape in diagram.shapes:
        _draw_shape(plane, shape)
    for line in diagram.lines:
        _draw_line(plane, line)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _q(namespace: str, tag: str) -> str:
    return f"{{{namespace}}}{tag}"


def _add_node(process: Any, shape: Shape, diagram: Diagram) -> None:
    node = etree.SubElement(process, _q(MODEL, shape.tag), id=shape.id)
    station = shape.station
    if station is not None:
        node.set("name", f"{KINDS[station['kind']]}: {station['actor']}")
        node.set(_q(CAMUNDA, "assignee"), station["actor"])
        if "deadline" in station:
            node.set(_q(CAMUNDA, "dueDate"), station["deadline"])
        if station.get("instruction"):
            etree.SubElement(node, _q(MODEL, "documentation")).text = station["instruction"]
        own = etree.SubElement(etree.SubElement(node, _q(MODEL, "extensionElements")), _q(OWN, "station"))
        own.set("kind", station["kind"])
        if not is_plain(station["actor"]):
            own.set("actor", station["actor"])
        for key in _BEYOND:
            if station.get(key):
                own.set(key, "true" if station[key] is True else str(station[key]))
    for tag, key in (("incoming", "target"), ("outgoing", "source")):
        for line in diagram.lines:
            if getattr(line, key) == shape.id:
                etree.SubElement(node, _q(MODEL, tag)).text = line.id
    if station is not None and shape.tag == "intermediateCatchEvent":
        waits = "timerEventDefinition" if "until" in station else "conditionalEventDefinition"
        event = etree.SubElement(node, _q(MODEL, waits), id=f"{shape.id}_event")
        part = etree.SubElement(event, _q(MODEL, "timeDate" if "until" in station else "condition"))
        part.text = f"{station['until']}T00:00:00" if "until" in station else station["awaits"]


def _draw_shape(plane: Any, shape: Shape) -> None:
    drawn = etree.SubElement(plane, _q(_DI, "BPMNShape"), id=f"{shape.id}_shape", bpmnElement=shape.id)
    _draw_bounds(drawn, shape.x, shape.y, shape.width, shape.height)
    if shape.tag == "intermediateCatchEvent":
        label = etree.SubElement(drawn, _q(_DI, "BPMNLabel"))
        _draw_bounds(label, shape.x - 42, shape.y + shape.height + 5, 120, 28)


def _draw_bounds(drawn: Any, x: int, y: int, width: int, height: int) -> None:
    etree.SubElement(drawn, _q(_DC, "Bounds"), x=str(x), y=str(y), width=str(width), height=str(height))


def _draw_line(plane: Any, line: Line) -> None:
    drawn = etree.SubElement(plane, _q(_DI, "BPMNEdge"), id=f"{line.id}_edge", bpmnElement=line.id)
    for x, y in line.points:
        etree.SubElement(drawn, _q(_OMG_DI, "waypoint"), x=str(x), y=str(y))
