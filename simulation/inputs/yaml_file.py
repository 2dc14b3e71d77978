"""A YAML file as plain data in which every value knows its place.

Only what a planner needs is understood: mappings, lists, and scalars of the YAML 1.2 core schema with dates. Tags,
anchors, aliases, merge keys, duplicate keys, several documents, NaN and infinities are refused, and sizes, depth and
the number of nodes is bounded, so that no file can execute, explode or stall anything.

Nodes are built from the parser's events, not taken from ruamel's composer: that one resolves aliases and drops the
difference between a written and an implied tag, and it reads a file of any number of nodes to its end (38 µs a node)
before a bound could be checked.
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

from simulation.inputs.faults import Fault, Place, UnusableInput
from simulation.inputs.text_file import REFUSED, read_text

MOST_BYTES = 2_000_000
MOST_NODES = 20_000
DEEPEST = 40

INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
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


def read_yaml(path: Path, name: str) -> Node:
    """Read a YAML file whose top is a mapping; raises `UnusableInput` with all faults up to where the syntax breaks."""
    return parse_yaml(read_text(path, name, MOST_BYTES), name)


def parse_yaml(text: str, name: str) -> Node:
    """As `read_yaml`, from the text of a file called `name`."""
    builder = _Builder(name)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name, 1, 1)
        builder.faults.append(Fault(place, f"not YAML: {_describe_error(error)}"))
    except (YAMLError, ValueError, OverflowError, RecursionError) as error:  # such as "\\UFFFFFFFF", no character
        builder.faults.append(Fault(builder.reached, f"not YAML: {(str(error) or 'too deep').splitlines()[0]}"))
    if builder.faults:
        raise UnusableInput(builder.faults)
    if builder.root is None or not isinstance(builder.root.value, dict):
        wrong = "no mapping in the file" if text.strip() else "the file is empty"
        raise UnusableInput([Fault(Place(name, 1, 1), wrong, "a file that begins with `kind:`")])
    return builder.root


class _Builder:
    """Builds nodes from parser events without recursion."""

    def __init__(self, name: str) -> None:
        self.name, self.faults = name, list[Fault]()
        self.root: Node | None = None
        self.reached = Place(name, 1, 1)
        self._open: list[Node] = []
        self._keys: list[str | None] = []
        self._documents = self._nodes = 0

    def take(self, event: Any) -> None:
        self.reached = self._place(event)
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
            if event.version is not None or event.tags:
                self._stop(event, "a directive (%)", "plain YAML 1.2")
        elif isinstance(event, DocumentEndEvent) and self._open:
            self._stop(event, "the document ends too early")

    def _place(self, event: Any) -> Place:
        return Place(self.name, event.start_mark.line + 1, event.start_mark.column + 1, self._pointer(event))

    def _pointer(self, event: Any) -> str:
        """Where the value that an event begins will stand, a key where its value will."""
        if not self._open:
            return ""
        parent = self._open[-1]
        above = parent.place.pointer
        if isinstance(event, MappingEndEvent | SequenceEndEvent):
            return above
        if isinstance(parent.value, list):
            return f"{above}/{len(parent.value)}"
        key = self._keys[-1] if self._keys[-1] is not None else getattr(event, "value", None)
        return f"{above}/{pointer_part(str(key))}" if key is not None else above

    def _stop(self, event: Any, wrong: str, expected: str = "") -> None:
        self.faults.append(Fault(self._place(event), wrong, expected))
        raise UnusableInput(self.faults)

    def _add(self, event: Any, container: Any) -> Node:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._stop(event, f"more than {MOST_NODES:,} values")
        place = self._place(event)
        if event.tag is not None:
            self._stop(event, f"a tag ({str(event.tag)[:60]})", "plain values only")
        if event.anchor is not None:
            self._stop(event, f"an anchor (&{str(event.anchor)[:60]})", "write the value out")
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
        if REFUSED.search(key):
            self._stop(event, "a control character in a key", "plain text")
        if key == "<<":
            self._stop(event, "a merge key (<<)", "use `extends`")
        if key in parent.keys:
            self.faults.append(Fault(place, f"`{key}` stands here twice", "one of them"))
        parent.keys[key] = place
        self._keys[-1] = key
        return Node(place, key)

    def _scalar(self, event: Any, place: Place) -> Any:
        text = event.value
        if REFUSED.search(text):
            self.faults.append(Fault(place, "a control character in a text", "plain text"))
            return None
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
        if len(text) > 40:
            raise ValueError("a number of more than 40 characters")
        if abs(float(text)) == float("inf"):
            raise ValueError("too large a number")
        return float(text)
    return None


def pointer_part(key: str) -> str:
    """A key as part of a JSON Pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def _describe_error(error: MarkedYAMLError) -> str:
    return str(error.problem or error.context).replace(repr("\0"), "the end of the file")
