"""The flow of a BPMN process as a route: sequences and parallel blocks that are properly nested."""

from typing import Any

import networkx as nx

from api.replay.bpmn.xml import Element, Process
from simulation.inputs.faults import Fault

TASKS = {"userTask", "manualTask", "task", "intermediateCatchEvent"}


def refusal_fault(element: Element, wrong: str, expected: str = "") -> Fault:
    return Fault(element.place, f"{element.id}: {wrong}", expected)


class Graph:
    def __init__(self, process: Process, faults: list[Fault]) -> None:
        self._nodes, self._faults, self._process = process.nodes, faults, process

    def route(self) -> list[Any]:
        """Elements in order; a list of lists is a parallel block."""
        starts = [node for node in self._nodes.values() if node.tag == "startEvent"]
        if len(starts) != 1:
            self._faults.append(refusal_fault(self._process.element, f"has {len(starts)} start events", "exactly one"))
            return []
        self._untie()
        if self._faults:
            return []
        found, stop = self._walk(starts[0].id)
        if stop is not None:
            self._faults.append(
                refusal_fault(self._nodes[stop], "closes what was not opened", "a gateway that splits before")
            )
        seen = {element.id for element in _flat(found)}
        for node in self._nodes.values():
            if node.tag in TASKS and node.id not in seen and not self._faults:
                self._faults.append(refusal_fault(node, "is not reached on the way from start to end"))
        return found

    def _untie(self) -> None:
        """Of an exclusive gateway keep the way on; those that lead back or straight out are refusals, which stations
        have by themselves.
        """
        for node in self._nodes.values():
            if node.tag != "exclusiveGateway" or len(node.outgoing) < 2:
                continue
            ways = [way for way in node.outgoing if not self._leads_back(node, way) and not self._leads_out(way)]
            if len(ways) != 1:
                self._faults.append(refusal_fault(node, f"has {len(ways)} ways that go on; a route cannot choose",
                                           "one way on, the others back or to an end"))  # fmt: skip
                continue
            for way in node.outgoing:
                if way != ways[0]:
                    self._nodes[way].incoming.remove(node.id)
            node.outgoing = ways
        graph = self._graph()
        for cycle in nx.simple_cycles(graph):
            first = min((self._nodes[key] for key in cycle), key=lambda node: node.place)
            self._faults.append(refusal_fault(first, "stands in a circle that no exclusive gateway leaves"))

    def _graph(self) -> "nx.DiGraph[str]":
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self._nodes)
        graph.add_edges_from((node.id, way) for node in self._nodes.values() for way in node.outgoing)
        return graph

    def _leads_back(self, gateway: Element, way: str) -> bool:
        """Whether that way comes to the gateway again before it could come to an end without it."""
        graph = self._graph()
        before = nx.ancestors(graph, gateway.id)
        if way == gateway.id:
            return True
        alone = graph.copy()
        alone.remove_node(gateway.id)
        onward = {way, *nx.descendants(alone, way)} if way in alone else set()
        ends = any(self._nodes[key].tag == "endEvent" for key in onward)
        return way in before and not ends

    def _leads_out(self, way: str) -> bool:
        """Whether that way meets no task any more."""
        onward = {way, *nx.descendants(self._graph(), way)}
        return not any(self._nodes[key].tag in TASKS for key in onward) and self._others_go_on(way)

    def _others_go_on(self, way: str) -> bool:
        """An end reached straight from a gateway is a way out only where another way still has tasks."""
        sources = [self._nodes[key] for key in self._nodes[way].incoming]
        graph = self._graph()
        return any(
            self._nodes[key].tag in TASKS
            for source in sources
            for other in source.outgoing
            if other != way
            for key in (other, *nx.descendants(graph, other))
        )

    def _walk(self, key: str) -> tuple[list[Any], str | None]:
        """Elements from a node on; the joining gateway at which the walk stopped, None at an end."""
        found: list[Any] = []
        while True:
            node = self._nodes[key]
            if node.tag == "parallelGateway" and len(node.incoming) > 1:
                return found, key
            if node.tag in TASKS:
                found.append(node)
            if not node.outgoing:
                if node.tag != "endEvent":
                    self._faults.append(refusal_fault(node, "leads nowhere", "a way to an end event"))
                return found, None
            if len(node.outgoing) == 1:
                key = node.outgoing[0]
                continue
            if node.tag != "parallelGateway":
                self._faults.append(refusal_fault(node, "splits the flow", "a gateway that splits"))
                return found, None
            branches, joined = self._split(node)
            found.append(branches)
            if joined is None:
                return found, None
            ways = self._nodes[joined].outgoing
            if not ways:
                self._faults.append(refusal_fault(self._nodes[joined], "leads nowhere", "a way to an end event"))
                return found, None
            key = ways[0]

    def _split(self, gateway: Element) -> tuple[list[list[Any]], str | None]:
        """The branches of a parallel gateway and where all of them meet."""
        walked = [self._walk(way) for way in gateway.outgoing]
        stops = {stop for _, stop in walked}
        if len(stops) != 1:
            self._faults.append(refusal_fault(gateway, "its branches do not meet at one gateway", "proper nesting"))
            return [branch for branch, _ in walked], None
        (stop,) = stops
        if stop is not None and len(self._nodes[stop].incoming) != len(gateway.outgoing):
            self._faults.append(
                refusal_fault(self._nodes[stop], "joins other branches than were split", "proper nesting")
            )
            return [branch for branch, _ in walked], None
        return [branch for branch, _ in walked], stop


def _flat(found: list[Any]) -> list[Element]:
    elements: list[Element] = []
    for node in found:
        elements += [one for branch in node for one in _flat(branch)] if isinstance(node, list) else [node]
    return elements
