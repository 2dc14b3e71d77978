"""Exclusive gateways: a route cannot choose, so each keeps one way; what the others meant is told.

A way that leads back to what came before is what a refusal does, and one that meets no task only leaves something out.
Two ways that both go on over tasks cannot be represented.
"""

from collections.abc import Iterator

import networkx as nx

from api.replay.bpmn.model import Element, Process
from workflow.text import Text, same

SENT_BACK = Text(
    "wer verweigert, gibt die Laufmappe dem Eigner zurück, der überarbeitet",
    "who refuses sends a slip back to its owner, who revises",
)
REVISED = Text(
    "der Eigner einer Laufmappe überarbeitet, was verweigert wurde", "the owner of a slip revises what was refused"
)
ONE_WAY_ON = Text("ein Weg weiter, die anderen zurück oder zu einem Ende", "one way on, the others back or to an end")
ALWAYS_THERE = Text(
    "ein Laufweg hat diese Stationen immer; sie lassen sich überspringen, und eine Verweigerung geht zum Eigner zurück",
    "a route always has these stations; they can be skipped, and a refusal goes back to the owner",
)
_EXIT = ""
"""Where all ends lead to; no element has this id."""


def settle(process: Process, start: str) -> set[str]:
    """Leave each exclusive gateway one way, and each node only what is reached; returns what was left out and told of.

    What cannot be settled becomes a fault.
    """
    told = set(_leave_timer_ways(process, start))
    told |= _cut_ways_back(process, start)
    _refuse_circles(process, start)
    if not process.findings.faults:
        told |= _cut_ways_around(process, start)
    _forget_unreached(process, start)
    return told


def _graph(process: Process, start: str) -> "nx.DiGraph[str]":
    """What is reached from the start, and the exit behind every end."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_node(start)
    graph.add_edges_from((node.id, way) for node in process.nodes.values() for way in node.outgoing)
    graph = graph.subgraph({start} | nx.descendants(graph, start)).copy()
    graph.add_edges_from([(key, _EXIT) for key in graph if not process.nodes[key].outgoing])
    return graph


def _choosing(process: Process) -> Iterator[Element]:
    return (n for n in process.nodes.values() if n.tag == "exclusiveGateway" and len(n.outgoing) > 1)


def _tasks(process: Process, keys: set[str]) -> list[Element]:
    """Elements that become stations, in the order of the file."""
    return [node for key, node in process.nodes.items() if key in keys and node.becomes_station]


def _leave_timer_ways(process: Process, start: str) -> Iterator[str]:
    """What only the way of a boundary timer reaches: a route reminds and escalates by itself."""
    reached = set(_graph(process, start))
    graph = nx.DiGraph((n.id, way) for n in (*process.nodes.values(), *process.boundary) for way in n.outgoing)
    for timer in (one for one in process.boundary if one.id in graph):
        for task in _tasks(process, nx.descendants(graph, timer.id) - reached):
            says = Text(
                f"auf dem Weg des Timers {timer.label}, nicht gelesen",
                f"on the way of the timer {timer.label}, not read",
            )
            process.warn(task, says, Text("ein Laufweg eskaliert von selbst", "a route escalates by itself"))
            yield task.id


def _cut_ways_back(process: Process, start: str) -> set[str]:
    told: set[str] = set()
    graph = _graph(process, start)
    dominators = nx.immediate_dominators(graph, start)
    for gateway in [one for one in _choosing(process) if one.id in graph]:
        before = _chain(dominators, gateway.id)
        for way in [way for way in gateway.outgoing if _leads_back(graph, way, before)]:
            gateway.outgoing.remove(way)
            to = process.nodes[way].label
            says = Text(f"der Weg zurück zu {to} wird nicht gelesen", f"the way back to {to} is not read")
            process.warn(gateway, says, SENT_BACK)
            for task in _tasks(process, _region(graph, way, before)):
                told.add(task.id)
                process.warn(task, Text("auf einem Weg zurück, nicht gelesen", "on a way back, not read"), REVISED)
        if not gateway.outgoing:
            says = Text("alle seine Wege führen zurück", "all its ways lead back")
            process.refuse(gateway, says, Text("einer, der weiterführt", "one that goes on"))
    return told


def _chain(dominators: dict[str, str], key: str) -> set[str]:
    """The node and all that every way to it passes."""
    found = {key}
    while dominators.get(key, key) != key and dominators[key] is not None:
        key = dominators[key]
        found.add(key)
    return found


def _leads_back(graph: "nx.DiGraph[str]", way: str, before: set[str]) -> bool:
    return _EXIT not in _region(graph, way, before)


def _region(graph: "nx.DiGraph[str]", way: str, without: set[str]) -> set[str]:
    """What is reached over a way without passing certain nodes."""
    if way in without:
        return set()
    rest = nx.restricted_view(graph, without, [])
    return {way, *nx.descendants(rest, way)}


def _refuse_circles(process: Process, start: str) -> None:
    graph = _graph(process, start)
    for circle in nx.strongly_connected_components(graph):
        first = min((process.nodes[key] for key in circle if key != _EXIT), key=lambda n: n.place, default=None)
        if first is not None and (len(circle) > 1 or graph.has_edge(first.id, first.id)):
            says = Text(
                "steht in einem Kreis, den kein exklusives Gateway verlässt",
                "stands in a circle that no exclusive gateway leaves",
            )
            process.refuse(first, says)


def _cut_ways_around(process: Process, start: str) -> set[str]:
    graph = _graph(process, start)
    after = nx.immediate_dominators(graph.reverse(), _EXIT)
    cuts: list[tuple[Element, str]] = []
    for gateway in [one for one in _choosing(process) if one.id in graph]:
        meets = after[gateway.id]
        tasks = {way: _tasks(process, _region(graph, way, {meets})) for way in gateway.outgoing}
        ways = [way for way, found in tasks.items() if found]
        if len(ways) > 1:
            choices, many = [tasks[way][0].label for way in ways], len(ways)
            wrong = Text(
                f"hat {many} Wege, die weiterführen ({' oder '.join(choices)}); ein Laufweg kann nicht wählen",
                f"has {many} ways that go on ({' or '.join(choices)}); a route cannot choose",
            )
            process.refuse(gateway, wrong, ONE_WAY_ON)
            continue
        keep = ways[0] if ways else gateway.outgoing[0]
        cuts.append((gateway, keep))
        if ways:
            _tell_of_ways_around(process, gateway, keep, tasks[keep], meets)
    for gateway, keep in cuts:
        gateway.outgoing = [keep]
    return set()


def _tell_of_ways_around(process: Process, gateway: Element, keep: str, tasks: list[Element], meets: str) -> None:
    around = ", ".join(process.nodes[way].label for way in gateway.outgoing if way != keep)
    passed = ", ".join(task.label for task in tasks[:5]) + (", …" if len(tasks) > 5 else "")
    where = Text("einem Ende", "an end") if meets == _EXIT else same(process.nodes[meets].label)
    says = Text(
        f"der Weg zu {around}, der ohne {passed} zu {where.de} führt, wird nicht gelesen",
        f"the way to {around} that leads to {where.en} without {passed} is not read",
    )
    process.warn(gateway, says, ALWAYS_THERE)


def _forget_unreached(process: Process, start: str) -> None:
    """Ways that come from what is not reached do not count as coming together."""
    reached = set(_graph(process, start))
    for node in process.nodes.values():
        node.incoming = []
    for node in process.nodes.values():
        if node.id in reached:
            for way in node.outgoing:
                process.nodes[way].incoming.append(node.id)
