"""The flow of a BPMN process as a route: sequences and parallel blocks that are properly nested."""

from typing import Any

from api.replay.bpmn.choices import settle
from api.replay.bpmn.model import PLAIN_END, Element, Process
from workflow.text import Text

CLOSES = Text("schließt, was nicht geöffnet wurde", "closes what was not opened")
NOT_REACHED = Text("wird auf dem Weg vom Anfang zum Ende nicht erreicht", "is not reached on the way from start to end")
NESTING = Text("saubere Verschachtelung", "proper nesting")
DEEPEST = 30
"""Parallel blocks within each other."""


class Graph:
    def __init__(self, process: Process) -> None:
        self._process, self._nodes, self._refuse = process, process.nodes, process.refuse
        self._ends_are_drawn = any(node.tag == "endEvent" for node in self._nodes.values())
        self._passed: set[str] = set()

    def route(self) -> list[Any]:
        """Elements in order; a list of lists is a parallel block. What does not fit becomes a fault."""
        start = self._find_start()
        told = settle(self._process, start) if start is not None else set()
        if self._process.findings.faults or start is None:
            return []
        found, stop = self._walk(start, 0)
        if stop is not None:
            self._refuse(
                self._nodes[stop], CLOSES, Text("ein Gateway, das vorher teilt", "a gateway that splits before")
            )
        if not self._process.findings.faults:
            for node in self._nodes.values():
                if node.becomes_station and node.id not in self._passed | told:
                    self._refuse(node, NOT_REACHED)
        return found

    def _find_start(self) -> str | None:
        """The start event; where a drawing has none, the only element that nothing leads to."""
        starts = [node for node in self._nodes.values() if node.tag == "startEvent"]
        firsts = starts or [node for node in self._nodes.values() if not node.incoming]
        if len(firsts) == 1:
            return firsts[0].id
        names = f" ({', '.join(node.label for node in starts[:5])})" if starts else ""
        many = len(starts)
        says = Text(f"hat {many} Startereignisse{names}", f"has {many} start events{names}")
        self._refuse(self._process.element, says, Text("genau eines", "exactly one"))
        return None

    def _walk(self, key: str, depth: int) -> tuple[list[Any], str | None]:
        """Elements from a node on; the joining gateway at which the walk stopped, None at an end."""
        found: list[Any] = []
        node = self._nodes[key]
        while True:
            if _joins(node):
                return found, node.id
            if not self._pass(node):
                return found, None
            if node.becomes_station:
                found.append(node)
            while len(node.outgoing) > 1:  # a gateway may join and split at once
                joined = self._split(node, depth, found)
                if joined is None:
                    return found, None
                node = joined
            if not node.outgoing:
                self._end(node, depth)
                return found, None
            node = self._nodes[node.outgoing[0]]

    def _pass(self, node: Element) -> bool:
        if node.id in self._passed:
            says = Text("wird auf mehreren Wegen zugleich erreicht", "is reached on several ways at once")
            meet = Text("ein paralleles Gateway, wo sie sich treffen", "a parallel gateway where they meet")
            self._refuse(node, says, meet)
            return False
        self._passed.add(node.id)
        return True

    def _split(self, node: Element, depth: int, found: list[Any]) -> Element | None:
        """The gateway at which the branches meet; None where they run to ends, or do not fit."""
        if node.tag != "parallelGateway" or depth == DEEPEST:
            deep = Text(f"mehr als {DEEPEST} Ebenen tief", f"more than {DEEPEST} deep")
            splits = Text("teilt den Fluss", "splits the flow")
            says = deep if node.tag == "parallelGateway" else splits
            self._refuse(node, says, Text("ein Gateway, das teilt", "a gateway that splits"))
            return None
        branches, stops = zip(*(self._walk(way, depth + 1) for way in node.outgoing), strict=True)
        found.append(list(branches))
        stop: str | None = stops[0]
        if len(set(stops)) != 1:
            says = Text("seine Zweige treffen sich nicht an einem Gateway", "its branches do not meet at one gateway")
            self._refuse(node, says, NESTING)
            return None
        if stop is not None and len(self._nodes[stop].incoming) != len(node.outgoing):
            says = Text("führt andere Zweige zusammen, als geteilt wurden", "joins other branches than were split")
            self._refuse(self._nodes[stop], says, NESTING)
            return None
        return None if stop is None else self._nodes[stop]

    def _end(self, node: Element, depth: int) -> None:
        if node.tag != "endEvent" and self._ends_are_drawn:
            says = Text("führt nirgends hin", "leads nowhere")
            self._refuse(node, says, Text("ein Weg zu einem Endereignis", "a way to an end event"))
        elif node.trigger == "terminateEventDefinition" and depth:
            says = Text("beendet alles, während andere Zweige laufen", "ends everything while other branches run")
            self._refuse(node, says, PLAIN_END)


def _joins(node: Element) -> bool:
    return node.tag == "parallelGateway" and len(node.incoming) > 1
