"""Reading BPMN 2.0 XML, without network, entities or huge trees: the elements of one process, each with its line."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from simulation.inputs.faults import Fault, Place, UnusableInput

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
MOST_BYTES = 2_000_000
NODES = {
    "startEvent", "endEvent", "userTask", "manualTask", "task", "exclusiveGateway", "parallelGateway",
    "intermediateCatchEvent", "boundaryEvent",
}  # fmt: skip
"""Elements that are understood; a plain task of a drawing counts as a user task."""
PASSED_OVER = {
    "documentation", "extensionElements", "ioSpecification", "property", "dataObject", "dataObjectReference",
    "dataStoreReference", "textAnnotation", "association", "laneSet", "group", "category", "auditing", "monitoring",
    "resourceRole", "potentialOwner", "performer", "humanPerformer", "supports",
}  # fmt: skip
"""Elements that change nothing in the flow."""
ASSIGNEES = ("assignee", "candidateUsers", "candidateGroups")


@dataclass
class Element:
    tag: str
    id: str
    name: str | None
    place: Place
    performer: str | None = None
    documentation: str | None = None
    timer: str | None = None
    timer_kind: str | None = None
    attached_to: str | None = None
    outgoing: list[str] = field(default_factory=list)
    incoming: list[str] = field(default_factory=list)


@dataclass
class Process:
    """A process: nodes by id, boundary timers, the ways between, and what cannot be represented as a route."""

    element: Element
    nodes: dict[str, Element]
    boundary: list[Element]
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, element: Element, wrong: str, expected: str = "") -> None:
        self.faults.append(Fault(element.place, f"{element.id}: {wrong}", expected))

    @property
    def default_actor(self) -> str | None:
        return next((node.performer for node in self.nodes.values() if node.performer), None)


def read(path: Path) -> Process:
    """The process of a file; raises `UnusableInput` with every element that cannot be represented."""
    start = Place(str(path), 1, 1)
    if not path.is_file():
        raise UnusableInput([Fault(start, "there is no such file")])
    data = path.read_bytes()
    if len(data) > MOST_BYTES:
        raise UnusableInput([Fault(start, f"the file has {len(data):,} bytes", f"at most {MOST_BYTES:,}")])
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as wrong:
        line, column = wrong.position
        raise UnusableInput([Fault(Place(str(path), line or 1, max(column, 1)), f"not XML: {wrong.msg}")]) from wrong
    if data.lstrip()[:4096].find(b"<!DOCTYPE") >= 0:
        raise UnusableInput([Fault(start, "a document type (DOCTYPE)", "plain BPMN XML")])
    if root.tag != f"{{{MODEL}}}definitions":
        raise UnusableInput([Fault(_place(path, root), "no BPMN 2.0", f"`definitions` of {MODEL}")])
    return _Reader(path, root).process()


def _place(path: Path, node: Any) -> Place:
    return Place(str(path), node.sourceline or 1, 1)


def _tag(node: Any) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def _has_messages(collaboration: Any) -> bool:
    """A single pool around one process is a frame, no collaboration."""
    tags = [_tag(inner) for inner in collaboration]
    return "messageFlow" in tags or tags.count("participant") > 1


class _Reader:
    def __init__(self, path: Path, root: Any) -> None:
        self.path, self.root = path, root
        self.faults: list[Fault] = []

    def process(self) -> Process:
        processes = [node for node in self.root if _tag(node) == "process"]
        if len(processes) != 1:
            raise UnusableInput([Fault(_place(self.path, self.root), f"{len(processes)} processes", "exactly one")])
        for node in self.root:
            if _tag(node) == "collaboration" and _has_messages(node):
                self._refuse(node, "a collaboration", "one process alone")
        (whole,) = processes
        lanes = self._lanes(whole)
        nodes: dict[str, Element] = {}
        for node in whole:
            tag = _tag(node)
            if tag in NODES:
                element = self._element(node, lanes)
                nodes[element.id] = element
            elif tag and tag not in PASSED_OVER | {"sequenceFlow"}:
                self._refuse(node, f"`{tag}` cannot be represented in a route", ", ".join(sorted(NODES)))
        for flow in whole.iterchildren(f"{{{MODEL}}}sequenceFlow"):
            self._connect(flow, nodes)
        if self.faults:
            raise UnusableInput(self.faults)
        boundary = [node for node in nodes.values() if node.tag == "boundaryEvent"]
        kept = {key: node for key, node in nodes.items() if node.tag != "boundaryEvent"}
        return Process(self._element(whole, {}), kept, boundary)

    def _refuse(self, node: Any, wrong: str, expected: str = "") -> None:
        self.faults.append(Fault(_place(self.path, node), f"{node.get('id', _tag(node))}: {wrong}", expected))

    def _lanes(self, whole: Any) -> dict[str, str]:
        """Node -> name of the innermost lane that it lies in."""
        found: dict[str, str] = {}
        for lane in whole.iter(f"{{{MODEL}}}lane"):
            name = (lane.get("name") or "").strip()
            for ref in lane.findall(f"{{{MODEL}}}flowNodeRef"):
                if name and ref.text:
                    found[ref.text.strip()] = name
        return found

    def _element(self, node: Any, lanes: dict[str, str]) -> Element:
        tag, key = _tag(node), node.get("id") or ""
        element = Element(tag, key, (node.get("name") or "").strip() or None, _place(self.path, node))
        element.performer = self._performer(node) or lanes.get(key)
        element.documentation = (node.findtext(f"{{{MODEL}}}documentation") or "").strip() or None
        element.attached_to = node.get("attachedToRef")
        timer = node.find(f"{{{MODEL}}}timerEventDefinition")
        events = [inner for inner in node if _tag(inner).endswith("EventDefinition")]
        if timer is not None:
            part = next((inner for inner in timer if _tag(inner) in {"timeDate", "timeDuration", "timeCycle"}), None)
            element.timer_kind = None if part is None else _tag(part)
            element.timer = None if part is None else part.text
        elif events and tag != "endEvent":
            self._refuse(node, f"`{_tag(events[0])}` cannot be represented in a route", "a timer, or no trigger")
        if tag in {"startEvent", "endEvent"} and events:
            self._refuse(node, f"`{_tag(events[0])}` at a {tag} cannot be represented", "a plain event")
        if any(_tag(inner).endswith("LoopCharacteristics") for inner in node):
            self._refuse(node, "repetition cannot be represented in a route", "a task for each person")
        return element

    def _performer(self, node: Any) -> str | None:
        for key, value in node.attrib.items():
            name = etree.QName(key)
            if name.namespace and name.localname in ASSIGNEES and value.strip():
                return _person(value)
        for inner in node.iter(*(f"{{*}}{tag}" for tag in ("potentialOwner", "humanPerformer", "performer"))):
            named = " ".join("".join(inner.itertext()).split()) or inner.get("name")
            if named:
                return _person(named)
        return None

    def _connect(self, flow: Any, nodes: dict[str, Element]) -> None:
        source, target = nodes.get(flow.get("sourceRef", "")), nodes.get(flow.get("targetRef", ""))
        if source is None or target is None:
            self._refuse(flow, "leads from or to an element that is not there")
            return
        source.outgoing.append(target.id)
        target.incoming.append(source.id)


def _person(text: str) -> str:
    """`${initiator}` and `#{x}` are expressions that only an engine can evaluate; `user(schmidt)` is schmidt."""
    inner = text.strip()
    for prefix in ("user(", "group("):
        if inner.startswith(prefix) and inner.endswith(")"):
            inner = inner[len(prefix) : -1]
    return inner.split(",", maxsplit=1)[0].strip().lstrip("$#{").rstrip("}")
