"""Reading one process of a BPMN 2.0 file: its elements, the ways between them, lanes and pools."""

from collections.abc import Iterator
from pathlib import Path

from api.replay.bpmn.dialects import MODEL, read_claims, read_due, read_own, warn_of_unread
from api.replay.bpmn.element_map import ElementMap
from api.replay.bpmn.findings import EXACTLY_ONE, Findings, describe_as_unfit, describe_choice
from api.replay.bpmn.model import (
    EDGE_OF_PART,
    EVENTS,
    EVENTS_TO_COME,
    FLOW_NODES,
    GATEWAYS,
    OTHER_TASKS,
    PART,
    PASSED_OVER,
    PLAIN_END,
    SAY_OR_LEAVE_OUT,
    STARTED_BY_OWNER,
    UNDERSTOOD,
    Element,
    Moment,
    Process,
)
from api.replay.bpmn.xml import XmlElement, read_xml
from simulation.inputs.faults import Fault, UnusableInput
from workflow.text import Text, same

MOST_NODES = 1000
_TIMES = ("timeDate", "timeDuration", "timeCycle")


def read_process(path: Path, said: ElementMap, chosen: str | None = None) -> Process:
    """The process with this id or name, or the only one that holds anything; raises `UnusableInput` for a file that is
    no BPMN or holds no such process. What cannot be represented stands in the findings.
    """
    root = read_xml(path)
    if (root.namespace, root.tag) != (MODEL, "definitions"):
        tag, space = root.tag, root.namespace[:80]
        says = Text(f"kein BPMN 2.0: `{tag}` aus `{space}`", f"no BPMN 2.0: `{tag}` of `{space}`")
        raise UnusableInput([Fault(root.place, says, Text(f"`definitions` aus {MODEL}", f"`definitions` of {MODEL}"))])
    findings = Findings()
    whole = _choose(root, chosen, findings)
    return _Reader(root, whole, said, findings).read()


def _choose(root: XmlElement, chosen: str | None, findings: Findings) -> XmlElement:
    processes = list(root.select("process"))
    filled = [one for one in processes if any(node.tag in FLOW_NODES for node in one.children)] or processes
    if chosen is not None:
        filled = [one for one in processes if chosen in {one.get("id"), one.get("name")}]
    if len(filled) != 1:
        names = ", ".join(_name(root, one) for one in filled or processes)
        raise UnusableInput([Fault(root.place, *describe_choice(len(filled), names, chosen))])
    for pool in (one for c in root.select("collaboration") for one in c.select("participant")):
        if pool.get("processRef").rpartition(":")[2] != filled[0].get("id").rpartition(":")[2]:
            says = Text(
                "ein Pool neben dem Prozess; er wird nicht gelesen", "a pool beside the process; it is not read"
            )
            findings.warn(pool.place, pool.get("name") or pool.get("id"), says)
    for flow in (one for c in root.select("collaboration") for one in c.select("messageFlow")):
        says = Text("eine Nachricht zwischen Pools; sie wird nicht gelesen", "a message between pools; it is not read")
        findings.warn(flow.place, flow.get("name") or flow.get("id"), says)
    return filled[0]


def _name(root: XmlElement, process: XmlElement) -> str:
    pools = (one for c in root.select("collaboration") for one in c.select("participant"))
    pool = next((p.get("name") for p in pools if p.get("processRef") == process.get("id")), "")
    return process.get("name") or pool or process.get("id")


class _Reader:
    def __init__(self, root: XmlElement, whole: XmlElement, said: ElementMap, findings: Findings) -> None:
        self._root, self._whole, self._said, self._findings = root, whole, said, findings
        self._resources = {one.get("id"): one.get("name") for one in root.select("resource")}
        self._lanes = dict(_read_lanes(whole))
        self._nodes: dict[str, Element] = {}
        self._parts: list[tuple[Element, list[Element]]] = []
        """Subprocesses whose content is read, those within others last."""

    def read(self) -> Process:
        self._read_elements(self._whole)
        if len(self._nodes) > MOST_NODES:
            says = Text(f"mehr als {MOST_NODES} Elemente im Prozess", f"more than {MOST_NODES} elements in the process")
            raise UnusableInput([Fault(self._whole.place, says)])
        for part, inside in self._parts:
            self._join(part, inside)
        warn_of_unread(self._whole, self._whole.get("id"), self._findings)
        boundary = [one for one in self._nodes.values() if one.tag == "boundaryEvent"]
        kept = {key: one for key, one in self._nodes.items() if one.tag != "boundaryEvent"}
        own = Element("process", self._whole.get("id") or "process", _name(self._root, self._whole), self._whole.place)
        return Process(own, kept, boundary, self._findings)

    def _read_elements(self, parent: XmlElement) -> list[Element]:
        """Elements directly in a process or subprocess, connected."""
        found = []
        for node in parent.children:
            if node.namespace != MODEL:
                continue
            if node.tag in FLOW_NODES:
                found.append(self._add(node))
            else:
                self._pass_over(node)
        for flow in parent.select("sequenceFlow"):
            self._connect(flow)
        return [one for one in found if one is not None]

    def _read_part(self, element: Element, node: XmlElement) -> None:
        """Read what is in a subprocess as if it stood in its place."""
        element.tag = PART
        for inner in node.children:
            if lane := self._lanes.get(element.id):
                self._lanes.setdefault(inner.get("id"), lane)
        place = len(self._parts)
        inside = self._read_elements(node)
        self._parts.insert(place, (element, [one for one in inside if one.tag != "boundaryEvent"]))
        for one in inside:
            if one.tag == "endEvent" and one.trigger:
                says = Text(
                    f"`{one.trigger}` kann keinen Teil eines Laufwegs beenden",
                    f"`{one.trigger}` cannot end a part of a route",
                )
                self._findings.refuse(one.place, one.label, says, PLAIN_END)

    def _join(self, part: Element, inside: list[Element]) -> None:
        """Let the way go on from a subprocess into it, and from its ends to what comes after it."""
        starts = [one for one in inside if one.tag == "startEvent"] or [one for one in inside if not one.incoming]
        if len(starts) != 1:
            says = Text(f"hat {len(starts)} Anfänge", f"has {len(starts)} starts")
            self._findings.refuse(part.place, part.label, says, EXACTLY_ONE)
            return
        ends = [one for one in inside if not one.outgoing]
        after, part.outgoing = part.outgoing, [starts[0].id]
        starts[0].incoming.append(part.id)
        for one in ends:
            one.outgoing = list(after)
        for key in after:
            target = self._nodes[key]
            target.incoming = [k for k in target.incoming if k != part.id] + [one.id for one in ends]
        for one in inside:
            one.tag = EDGE_OF_PART if one.tag in {"startEvent", "endEvent"} and after else one.tag
            one.tag = EDGE_OF_PART if one.tag == "startEvent" else one.tag
        for timer in (one for one in self._nodes.values() if one.attached_to == part.id):
            says = Text("an einem Teilprozess, nicht gelesen", "at a subprocess, not read")
            instead = Text("eine Frist an jeder Station", "a deadline at each station")
            self._findings.warn(timer.place, timer.label, says, instead)

    def _pass_over(self, node: XmlElement) -> None:
        name = node.get("id") or node.tag
        if node.tag == "textAnnotation":
            note = node.full_text()[:80]
            says = Text(f"eine Notiz, nicht gelesen: `{note}`", f"a note, not read: `{note}`")
            self._findings.warn(node.place, name, says)
        elif node.tag in {"dataObjectReference", "dataStoreReference"}:
            shown = node.get("name")
            says = Text(f"`{shown}` sind Daten, nicht gelesen", f"`{shown}` is data, not read")
            instead = Text("eine Laufmappe hat ihre Dokumente", "a slip has its documents")
            self._findings.warn(node.place, name, says, instead)
        elif node.tag == "documentation" and node.full_text():
            says = Text(
                "die Dokumentation des Prozesses wird nicht gelesen", "the documentation of the process is not read"
            )
            self._findings.warn(node.place, self._whole.get("id"), says)
        elif node.tag.endswith("LoopCharacteristics"):
            pass  # told of the part that is repeated
        elif node.tag not in PASSED_OVER | {"dataObjectReference", "dataStoreReference"}:
            self._findings.refuse(node.place, name, describe_as_unfit(f"`{node.tag}`"))

    def _add(self, node: XmlElement) -> Element | None:
        key = node.get("id")
        name = " ".join(node.get("name").split())
        element = Element(node.tag, key, name, node.place)
        if not key:
            self._findings.refuse(
                node.place, name or node.tag, Text(f"`{node.tag}` hat keine id", f"`{node.tag}` has no id")
            )
            return None
        if key in self._nodes:
            where = self._nodes[key].place
            again = f"{where.line}:{where.column}"
            says = Text(f"die id steht zweimal, bei {again} und hier", f"the id stands twice, at {again} and here")
            expected = Text("eine id für jedes Element", "one id for each element")
            self._findings.refuse(node.place, element.label, says, expected)
            return None
        self._nodes[key] = element
        said = self._said.find(key, name)
        element.left_out = bool(said.get("leave_out"))
        if not element.left_out:
            self._fill(element, node, mapped=bool(said))
            if not said and _shows_content(node):
                self._read_part(element, node)
        return element

    def _fill(self, element: Element, node: XmlElement, mapped: bool) -> None:
        self._refuse_unfit(element, node, mapped)
        element.claims = read_claims(node, self._lanes.get(element.id, ""), self._resources)
        element.due = read_due(node)
        element.own = read_own(node)
        notes = [note.text if element.own else note.text.strip() for note in node.select("documentation")]
        element.instruction = "\n".join(filter(None, notes))
        if element.instruction and not element.becomes_station:
            says = Text("seine Dokumentation wird nicht gelesen", "its documentation is not read")
            self._findings.warn(node.place, element.label, says)
        if node.tag in EVENTS:
            self._read_event(element, node)
        warn_of_unread(node, element.label, self._findings)

    def _refuse_unfit(self, element: Element, node: XmlElement, mapped: bool) -> None:
        wrong = describe_as_unfit(f"`{node.tag}`")
        if node.tag in OTHER_TASKS and not mapped and not _shows_content(node):
            self._findings.refuse(node.place, element.label, wrong, SAY_OR_LEAVE_OUT)
        elif node.tag not in UNDERSTOOD | OTHER_TASKS:
            self._findings.refuse(node.place, element.label, wrong, same(", ".join(sorted(UNDERSTOOD))))
        if any(inner.tag.endswith("LoopCharacteristics") for inner in node.children):
            repeated = describe_as_unfit("eine Wiederholung", "repetition")
            expected = Text("eine Aufgabe für jede Person", "a task for each person")
            self._findings.refuse(node.place, element.label, repeated, expected)
        if node.get("isForCompensation") == "true":
            self._findings.refuse(node.place, element.label, describe_as_unfit("eine Kompensation", "compensation"))

    def _read_event(self, element: Element, node: XmlElement) -> None:
        element.attached_to = node.get("attachedToRef").rpartition(":")[2]
        element.interrupts = node.get("cancelActivity") != "false"
        definitions = [one for one in node.children if one.tag.endswith(("EventDefinition", "EventDefinitionRef"))]
        element.trigger = definitions[0].tag if definitions else ""
        if element.trigger == "timerEventDefinition":
            times = list(definitions[0].select(*_TIMES))
            element.due = [Moment("timer", one.tag, one.full_text(), one.place) for one in times]
        self._judge_trigger(element, node, len(definitions))

    def _judge_trigger(self, element: Element, node: XmlElement, many: int) -> None:
        """Tell of a trigger that a route does not have."""
        shown, found = f"`{element.trigger}`", self._findings
        not_read = Text(f"{shown} wird nicht gelesen", f"{shown} is not read")
        if many > 1:
            says = Text(f"wartet auf {many} Dinge", f"waits for {many} things")
            found.refuse(node.place, element.label, says, Text("eines", "one"))
        elif node.tag == "startEvent" and element.trigger:
            found.warn(node.place, element.label, not_read, STARTED_BY_OWNER)
        elif node.tag == "endEvent" and element.trigger not in {"", "terminateEventDefinition"}:
            found.warn(node.place, element.label, not_read, Text("ein Laufweg endet einfach", "a route just ends"))
        elif element.trigger == "linkEventDefinition":
            says = Text(f"{shown} hat keine Entsprechung", f"{shown} cannot be represented")
            found.refuse(node.place, element.label, says, Text("ein Sequenzfluss", "a sequence flow"))
        elif node.tag == "intermediateThrowEvent" and element.trigger:
            goes_on = Text(f"{not_read.de}; der Laufweg geht weiter", f"{not_read.en}; the route goes on")
            found.warn(node.place, element.label, goes_on)
        elif node.tag == "intermediateCatchEvent" and element.trigger in EVENTS_TO_COME:
            return
        elif node.tag in {"intermediateCatchEvent", "boundaryEvent"} and element.trigger != "timerEventDefinition":
            none = describe_as_unfit("ein Ereignis ohne Auslöser", "an event without a trigger")
            says = describe_as_unfit(shown) if element.trigger else none
            found.refuse(node.place, element.label, says, Text("ein Timer", "a timer"))

    def _connect(self, flow: XmlElement) -> None:
        name = flow.get("id") or "sequenceFlow"
        ends = [self._nodes.get(flow.get(ref)) or self._nodes.get(flow.get(ref).rpartition(":")[2]) for ref in _ENDS]
        source, target = ends
        if source is None or target is None:
            ref = flow.get(_ENDS[0] if source is None else _ENDS[1])
            if ref:
                says = Text(
                    f"führt von oder zu einem Element, das es nicht gibt: `{ref}`",
                    f"leads from or to an element that is not there: `{ref}`",
                )
                self._findings.refuse(flow.place, name, says)
            else:
                says = Text("führt von oder zu nichts", "leads from or to nothing")
                self._findings.refuse(
                    flow.place, name, says, Text("sourceRef und targetRef", "sourceRef and targetRef")
                )
            return
        source.outgoing.append(target.id)
        target.incoming.append(source.id)
        conditional = any(inner.tag == "conditionExpression" and inner.full_text() for inner in flow.children)
        if conditional and source.tag not in GATEWAYS and not source.left_out:
            says = Text(
                "seine Bedingung wird nicht gelesen; der Laufweg geht immer weiter",
                "its condition is not read; the route always goes on",
            )
            self._findings.warn(flow.place, name, says)


_ENDS = ("sourceRef", "targetRef")


def _shows_content(node: XmlElement) -> bool:
    """Whether it is a subprocess that runs in its place, with something drawn in it."""
    plain = node.tag == "subProcess" and node.get("triggeredByEvent") != "true"
    return plain and any(inner.namespace == MODEL and inner.tag in FLOW_NODES for inner in node.children)


def _read_lanes(whole: XmlElement) -> Iterator[tuple[str, str]]:
    """Node and name of the lane that it lies in; of lanes in lanes the innermost comes last."""
    for lane in whole.walk():
        if lane.tag == "lane" and lane.get("name"):
            for ref in lane.select("flowNodeRef"):
                yield ref.full_text().rpartition(":")[2], " ".join(lane.get("name").split())
