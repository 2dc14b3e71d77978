"""The route (Laufweg) as a tree of sequences and parallel blocks over stations: who is next, what may be inserted.

A sequence goes on when its current part is finished, a parallel block when all of its parts are (rule 14). A station
for acknowledgement is active in its turn but holds nothing up (rule 17).
"""

from collections.abc import Callable, Container, Iterable
from typing import Literal, TypeAlias

from workflow.engine.events import Model
from workflow.engine.fields import Id


class Leaf(Model):
    """A station of the route."""

    station: Id


class Block(Model):
    """Parts one after another, or side by side."""

    order: Literal["sequence", "parallel"]
    parts: tuple["Leaf | Block", ...]


Block.model_rebuild()
Parts: TypeAlias = tuple[Leaf | Block, ...]


def stations(node: Leaf | Block) -> list[str]:
    """Ids in the order in which they are numbered."""
    if isinstance(node, Leaf):
        return [node.station]
    found: list[str] = []
    for part in node.parts:
        found += [part.station] if isinstance(part, Leaf) else stations(part)
    return found


def earlier(node: Leaf | Block, station: str) -> set[str]:
    """Stations that must be finished before another begins."""
    return _up_to(node, station, iter)


def later(node: Leaf | Block, station: str) -> set[str]:
    """Stations that begin only when another is finished."""
    return _up_to(node, station, reversed)


def _up_to(node: Leaf | Block, station: str, direction: Callable[[Parts], Iterable[Leaf | Block]]) -> set[str]:
    """Stations that are passed on the way to one, from the beginning or from the end."""
    passed: set[str] = set()
    if isinstance(node, Block):
        for part in direction(node.parts):
            here = stations(part)
            if station in here:
                return passed | _up_to(part, station, direction)
            if node.order == "sequence":
                passed.update(here)
    return set()


def frontier(node: Leaf | Block, finished: Callable[[str], bool], passes: Callable[[str], bool]) -> list[str]:
    """Stations whose turn it is.

    `finished` says that a station is done or skipped and lets the route go on; a refused one never does, so that its
    own sequence stops and parallel parts run out. `passes` says that a station holds nothing up.
    """
    found: list[str] = []
    _walk(node, finished, passes, found)
    return found


def _walk(node: Leaf | Block, finished: Callable[[str], bool], passes: Callable[[str], bool], found: list[str]) -> bool:
    """Collects whose turn it is; tells whether what comes after the node may begin."""
    if isinstance(node, Leaf):
        if finished(node.station):
            return True
        found.append(node.station)
        return passes(node.station)
    if node.order == "sequence":
        return all(_walk(part, finished, passes, found) for part in node.parts)
    through = [_walk(part, finished, passes, found) for part in node.parts]  # every branch is walked, so no all() alone
    return all(through)


def insert_after(node: Block, station: str, new: Parts) -> Block:
    """The route with parts put directly behind a station; where that stands alone in a parallel block, the two become
    a sequence of their own.
    """
    parts: list[Leaf | Block] = []
    for part in node.parts:
        if isinstance(part, Block):
            parts.append(insert_after(part, station, new) if station in stations(part) else part)
        elif part.station != station:
            parts.append(part)
        elif node.order == "sequence":
            parts += (part, *new)
        else:
            parts.append(Block(order="sequence", parts=(part, *new)))
    return Block(order=node.order, parts=tuple(parts))


def without(node: Block, dropped: Container[str]) -> Block:
    """The route without some stations; parts that are left empty go too."""
    parts: list[Leaf | Block] = []
    for part in node.parts:
        if isinstance(part, Leaf):
            if part.station not in dropped:
                parts.append(part)
        elif (kept := without(part, dropped)).parts:
            parts.append(kept)
    return Block(order=node.order, parts=tuple(parts))
