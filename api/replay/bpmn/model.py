"""A process as read from BPMN: its nodes, the ways between them, and what was found on the way."""

from dataclasses import dataclass, field
from typing import Any

from api.replay.bpmn.findings import Findings
from simulation.inputs.faults import Place
from workflow.text import NOTHING, Text

PLAIN_END = Text("ein einfaches Endereignis", "a plain end event")
SAY_WHO = Text("in --map sagen, wer", "say who in --map")
SAY_WHAT = Text("in --map sagen, was es ist", "say what it is in --map")
SAY_OR_LEAVE_OUT = Text(
    "in --map sagen, was es ist, oder `leave_out: true`", "say in --map what it is, or `leave_out: true`"
)
STARTED_BY_OWNER = Text("eine Laufmappe startet ihr Eigner", "a slip is started by its owner")
TASKS = frozenset({"userTask", "manualTask", "task"})
"""Work of persons; a plain task of a drawing counts as such."""
OTHER_TASKS = frozenset({
    "serviceTask", "scriptTask", "sendTask", "receiveTask", "businessRuleTask", "callActivity", "subProcess",
    "transaction", "adHocSubProcess",
})  # fmt: skip
"""Tasks of machines or other processes: only the map can say what they are in a route. A subprocess that shows what is
in it is read instead.
"""
PART, EDGE_OF_PART = "part", "edgeOfPart"
"""Tags of a subprocess whose content is read, and of its start and end events: the route passes through them."""
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway"})
UNDERSTOOD = TASKS | EVENTS | GATEWAYS
FLOW_NODES = UNDERSTOOD | OTHER_TASKS | {
    "inclusiveGateway", "complexGateway", "eventBasedGateway",
    "choreographyTask", "subChoreography", "callChoreography", "implicitThrowEvent",
}  # fmt: skip
PASSED_OVER = {
    "documentation", "extensionElements", "ioSpecification", "property", "association", "laneSet", "group", "category",
    "auditing", "monitoring", "resourceRole", "potentialOwner", "performer", "humanPerformer", "supports",
    "sequenceFlow", "dataObject", "artifact", "correlationSubscription", "ioBinding", "supportedInterfaceRef",
}  # fmt: skip
"""Elements that change nothing in the flow and say nothing that a route could hold."""
EVENTS_TO_COME = frozenset({"messageEventDefinition", "signalEventDefinition", "conditionalEventDefinition"})
"""What an intermediate event may wait for besides time; in a route somebody says that it has come."""


@dataclass(frozen=True)
class Claim:
    """Who or what a model names for a task: `source` is the attribute or element that does."""

    source: str
    kind: str
    """`person`, `group`, `expression` or `lane`."""
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.source} `{', '.join(self.names)}`"


@dataclass(frozen=True)
class Moment:
    """When something is due: `form` is `timeDate`, `timeDuration` or `timeCycle`, empty where that shows in the text
    alone.
    """

    source: str
    form: str
    text: str
    place: Place


@dataclass
class Element:
    tag: str
    id: str
    name: str
    place: Place
    claims: tuple[Claim, ...] = ()
    own: dict[str, Any] = field(default_factory=dict)
    """What an export of ours has said of the station beyond BPMN."""
    instruction: str = ""
    due: list[Moment] = field(default_factory=list)
    """Of a task its deadlines, of a timer event the moment it waits for."""
    trigger: str = ""
    """The definition of an event, such as `timerEventDefinition`; empty where it has none."""
    attached_to: str = ""
    interrupts: bool = True
    left_out: bool = False
    """The map says so."""
    outgoing: list[str] = field(default_factory=list)
    incoming: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """How a person finds it: its id, and its name where that says something else."""
        return f"{self.id} ({self.name})" if self.name and self.name != self.id else self.id

    @property
    def becomes_station(self) -> bool:
        return not self.left_out and (self.tag in TASKS | OTHER_TASKS or self.tag == "intermediateCatchEvent")


@dataclass
class Process:
    element: Element
    nodes: dict[str, Element]
    """Without boundary events."""
    boundary: list[Element]
    findings: Findings

    def refuse(self, element: Element, wrong: Text, expected: Text = NOTHING) -> None:
        self.findings.refuse(element.place, element.label, wrong, expected)

    def warn(self, element: Element, simplified: Text, instead: Text = NOTHING) -> None:
        self.findings.warn(element.place, element.label, simplified, instead)
