"""A YAML file as plain data in which every value knows its place.

Only what a planner needs is understood: mappings, lists, and scalars of the YAML 1.2 core schema with dates. Tags,
anchors, aliases, merge keys, duplicate keys, several documents, NaN and infinities are refused, and sizes, depth and
numbers of nodes are bounded, so that no file can execute, explode or stall anything.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from simulation.faults import Fault, Place, UnusableInput

MOST_BYTES = 2_000_000
MOST_NODES = 100_000
DEEPEST = 40

INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
WORDS = {"true": True, "True": True, "false": False, "False": False, "null": None, "~": None, "": None}


@dataclass
class Node:
    """A value with its place. `value` is a dict of nodes, a list of nodes or a scalar; `keys` places the keys."""

    place: Place
    value: Any
    keys: dict[str, Place] = field(default_factory=dict)

    def plain(self) -> Any:
        """Return the data without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def find(self, path: tuple[str | int, ...]) -> "Node":
        """Return the node at `path`, or the deepest one on the way to it."""
        node = self
        for part in path:
            inner = node.value
            known = part in inner if isinstance(inner, dict) else isinstance(part, int) and part < len(inner)
            if isinstance(inner, dict | list) and known:
                node = inner[part]  # type: ignore[index]  # a key of the one, a number of the other
        return node


def read_text(path: Path, name: str, most_bytes: int) -> str:
    """Read a UTF-8 file of bounded size; raises `UnusableInput`."""
    start = Place(name, 1, 1)
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise UnusableInput([Fault(start, "not a file")])
        if size > most_bytes:
            raise UnusableInput([Fault(start, f"the file has {size:,} bytes", f"at most {most_bytes:,}")])
        data = path.read_bytes()
    except OSError as error:
        raise UnusableInput([Fault(start, f"cannot be read: {error.strerror}")]) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise UnusableInput([Fault(Place(name, line, column), "not UTF-8", "save the file as UTF-8")]) from error
    found = CONTROL.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - (text.rfind("\n", 0, found.start()) + 1) + 1
        raise UnusableInput([Fault(Place(name, line, column), f"a control character {found[0]!r}", "plain text")])
    return text


def read_yaml(path: Path, name: str) -> Node:
    """Read a YAML file whose top is a mapping; raises `UnusableInput` with every fault that can be told at once."""
    text = read_text(path, name, MOST_BYTES)
    builder = _Builder(name)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name, 1, 1)
        builder.faults.append(Fault(place, f"not YAML: {error.problem or error.context}"))
    except (YAMLError, ValueError, RecursionError) as error:
        builder.faults.append(Fault(Place(name, 1, 1), f"not YAML: {str(error).splitlines()[0]}"))
    if builder.faults:
        raise UnusableInput(builder.faults)
    if builder.root is None or not isinstance(builder.root.value, dict):
        raise UnusableInput([Fault(Place(name, 1, 1), "no mapping in the file", "a file that begins with `kind:`")])
    return builder.root


class _Builder:
    """Builds nodes from parser events without recursion."""

    def __init__(self, name: str) -> None:
        self.name, self.faults = name, list[Fault]()
        self.root: Node | None = None
        self._open: list[Node] = []
        self._keys: list[str | None] = []
        self._documents = self._nodes = 0

    def take(self, event: Any) -> None:
        if isinstance(event, ScalarEvent):
            self._add(event, None)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            node = self._add(event, {} if isinstance(event, MappingStartEvent) else [])
            self._open.append(node)
            self._keys.append(None)
            if len(self._open) > DEEPEST:
                self._stop(event, f"nested more than {DEEPEST} deep")
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._open.pop()
            self._keys.pop()
        elif isinstance(event, AliasEvent):
            self._stop(event, "an alias (*)", "write the value out")
        elif isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop(event, "a second document (---)", "one per file")
        elif isinstance(event, DocumentEndEvent) and self._open:
            self._stop(event, "the document ends too early")

    def _place(self, event: Any) -> Place:
        return Place(self.name, event.start_mark.line + 1, event.start_mark.column + 1)

    def _stop(self, event: Any, wrong: str, expected: str = "") -> None:
        self.faults.append(Fault(self._place(event), wrong, expected))
        raise UnusableInput(self.faults)

    def _add(self, event: Any, container: Any) -> Node:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._stop(event, f"more than {MOST_NODES:,} values")
        place = self._place(event)
        if event.tag is not None:
            self._stop(event, f"a tag ({event.tag})", "plain values only")
        if event.anchor is not None:
            self._stop(event, f"an anchor (&{event.anchor})", "write the value out")
        parent = self._open[-1] if self._open else None
        if parent is not None and isinstance(parent.value, dict) and self._keys[-1] is None:
            return self._add_key(parent, event, place)
        node = Node(place, container if container is not None else self._scalar(event, place))
        if parent is None:
            self.root = node
        elif isinstance(parent.value, dict):
            parent.value[self._keys[-1]] = node
            self._keys[-1] = None
        else:
            parent.value.append(node)
        return node

    def _add_key(self, parent: Node, event: Any, place: Place) -> Node:
        if not isinstance(event, ScalarEvent):
            self._stop(event, "a key that is no word")
        key = str(event.value)
        if key == "<<":
            self._stop(event, "a merge key (<<)", "use `extends`")
        if key in parent.keys:
            self.faults.append(Fault(place, f"`{key}` stands here twice", "one of them"))
        parent.keys[key] = place
        self._keys[-1] = key
        return Node(place, key)

    def _scalar(self, event: Any, place: Place) -> Any:
        text = event.value
        if event.style is not None:
            return text
        if text in WORDS:
            return WORDS[text]
        try:
            value = _number_or_date(text)
        except ValueError as error:
            self.faults.append(Fault(place, f"`{text[:40]}`: {error}"))
            return None
        return text if value is None else value


def _number_or_date(text: str) -> int | float | date | None:
    """A plain scalar by the core schema; None for a word. Raises `ValueError` for what is neither."""
    if INTEGER.fullmatch(text):
        return int(text)
    if DAY.fullmatch(text):
        return date.fromisoformat(text)
    if NOT_FINITE.fullmatch(text):
        raise ValueError("not a finite number")
    if NUMBER.fullmatch(text):
        if len(text) > 40 or abs(float(text)) == float("inf"):
            raise ValueError("too large a number")
        return float(text)
    return None


def merge(base: Node, over: Node) -> Node:
    """Lay `over` on `base`: mappings deeply, everything else replaced. Both stay as they are."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    both = {k: merge(base.value[k], n) if k in base.value else n for k, n in over.value.items()}
    return Node(over.place, {**base.value, **both}, {**base.keys, **over.keys})
