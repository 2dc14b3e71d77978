"""The flow of a BPMN process as a route: sequences and parallel blocks that are properly nested."""

from typing import Any

import networkx as nx

from api.replay.bpmn.xml import Element, Process

TASKS = {"userTask", "manualTask", "task", "intermediateCatchEvent"}


class Graph:
    def __init__(self, process: Process) -> None:
        self._process, self._nodes, self._refuse = process, process.nodes, process.refuse

    def route(self) -> list[Any]:
        """Elements in order; a list of lists is a parallel block."""
        starts = [node for node in self._nodes.values() if node.tag == "startEvent"]
        if len(starts) != 1:
            self._refuse(self._process.element, f"has {len(starts)} start events", "exactly one")
            return []
        self._untie()
        if self._process.faults:
            return []
        found, stop = self._walk(starts[0].id)
        if stop is not None:
            self._refuse(self._nodes[stop], "closes what was not opened", "a gateway that splits before")
        seen = {element.id for element in _flat(found)}
        for node in self._nodes.values():
            if node.tag in TASKS and node.id not in seen and not self._process.faults:
                self._refuse(node, "is not reached on the way from start to end")
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
                wrong = f"has {len(ways)} ways that go on; a route cannot choose"
                self._refuse(node, wrong, "one way on, the others back or to an end")
                continue
            for way in node.outgoing:
                if way != ways[0]:
                    self._nodes[way].incoming.remove(node.id)
            node.outgoing = ways
        for cycle in nx.simple_cycles(self._graph()):
            first = min((self._nodes[key] for key in cycle), key=lambda node: node.place)
            self._refuse(first, "stands in a circle that no exclusive gateway leaves")

    def _graph(self) -> "nx.DiGraph[str]":
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self._nodes)
        graph.add_edges_from((node.id, way) for node in self._nodes.values() for way in node.outgoing)
        return graph

    def _leads_back(self, gateway: Element, way: str) -> bool:
        """Whether that way comes to the gateway again before it could come to an end without it."""
        if way == gateway.id:
            return True
        graph = self._graph()
        before = nx.ancestors(graph, gateway.id)
        graph.remove_node(gateway.id)
        return way in before and not any(self._nodes[key].tag == "endEvent" for key in _onward(graph, way))

    def _leads_out(self, way: str) -> bool:
        """Whether that way meets no task any more, while another way from the same gateway does."""
        graph = self._graph()
        others = {other for key in self._nodes[way].incoming for other in self._nodes[key].outgoing} - {way}
        return not self._has_tasks(graph, way) and any(self._has_tasks(graph, other) for other in others)

    def _has_tasks(self, graph: "nx.DiGraph[str]", way: str) -> bool:
        return any(self._nodes[key].tag in TASKS for key in _onward(graph, way))

    def _walk(self, key: str) -> tuple[list[Any], str | None]:
        """Elements from a node on; the joining gateway at which the walk stopped, None at an end."""
        found: list[Any] = []
        while True:
            node = self._nodes[key]
            if node.tag == "parallelGateway" and len(node.incoming) > 1:
                return found, key
            if node.tag in TASKS:
                found.append(node)
            if len(node.outgoing) > 1:
                if node.tag != "parallelGateway":
                    self._refuse(node, "splits the flow", "a gateway that splits")
                    return found, None
                branches, joined = self._split(node)
                found.append(branches)
                if joined is None:
                    return found, None
                node = self._nodes[joined]
            if not node.outgoing:
                if node.tag != "endEvent":
                    self._refuse(node, "leads nowhere", "a way to an end event")
                return found, None
            key = node.outgoing[0]

    def _split(self, gateway: Element) -> tuple[list[list[Any]], str | None]:
        branches, stops = zip(*(self._walk(way) for way in gateway.outgoing), strict=True)
        stop = stops[0]
        if len(set(stops)) != 1:
            self._refuse(gateway, "its branches do not meet at one gateway", "proper nesting")
            return list(branches), None
        if stop is not None and len(self._nodes[stop].incoming) != len(gateway.outgoing):
            self._refuse(self._nodes[stop], "joins other branches than were split", "proper nesting")
            return list(branches), None
        return list(branches), stop


def _onward(graph: "nx.DiGraph[str]", way: str) -> set[str]:
    return {way, *nx.descendants(graph, way)}


def _flat(found: list[Any]) -> list[Element]:
    elements: list[Element] = []
    for node in found:
        elements += [one for branch in node for one in _flat(branch)] if isinstance(node, list) else [node]
    return elements
