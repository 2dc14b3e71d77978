"""A YAML file as plain data in which every value knows its place.

Only what a planner needs is understood: mappings, lists, and scalars of the YAML 1.2 core schema with dates. Tags,
anchors, aliases, merge keys, duplicate keys, several documents, NaN and infinities are refused, and sizes, depth and
the number of nodes is bounded, so that no file can execute, explode or stall anything.

Nodes are built from the parser's events, not taken from ruamel's composer: that one resolves aliases and drops the
difference between a written and an implied tag, and it reads a file of any number of nodes to its end (38 µs a node)
before a bound could be checked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from simulation.inputs import foreign_words
from simulation.inputs.faults import Fault, Place, UnusableInput
from simulation.inputs.text_file import REFUSED, read_text
from simulation.numbers import format_number
from workflow.text import NOTHING, InvalidValue, Text

MOST_BYTES = 2_000_000
MOST_KEPT = 100_000
"""Characters of a file whose content is kept: those that are shipped have at most half of it."""
MOST_NODES = 20_000
DEEPEST = 40

INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
BY_KIND = Text("eine Datei, die mit `kind:` beginnt", "a file that begins with `kind:`")
PLAIN_TEXT = Text("einfacher Text", "plain text")
WRITTEN_OUT = Text("der Wert, ausgeschrieben", "write the value out")
WORDS = {"true": True, "True": True, "false": False, "False": False, "null": None, "~": None, "": None}


@dataclass
class Node:
    """A value with its place. `value` is a dict of nodes, a list of nodes or a scalar; `keys` places the keys."""

    place: Place
    value: Any
    keys: dict[str, Place] = field(default_factory=dict)

    def plain(self) -> Any:
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


def read_yaml(path: Path, name: str, expected: Text = BY_KIND) -> Node:
    """Read a YAML file whose top is a mapping; raises `UnusableInput` with all faults up to where the syntax breaks.

    Who reads the same text again gets the same nodes, so nobody may change them.
    """
    text = read_text(path, name, MOST_BYTES)
    return (_parse_once if len(text) <= MOST_KEPT else parse_yaml)(text, name, expected)


def parse_yaml(text: str, name: str, expected: Text = BY_KIND) -> Node:
    """As `read_yaml`, from the text of a file called `name`; `expected` says what stands in such a file."""
    reader, root = _Reader(name, text), None
    try:
        root = reader.read()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name, 1, 1)
        reader.faults.append(Fault(place, _describe_error(error)))
    except (YAMLError, ValueError, OverflowError, RecursionError) as error:  # such as "\\UFFFFFFFF", no character
        reader.faults.append(Fault(reader.reached, _no_yaml((str(error) or "too deep").splitlines()[0])))
    if reader.faults:
        raise UnusableInput(reader.faults)
    if root is None or not isinstance(root.value, dict):
        raise UnusableInput([Fault(Place(name, 1, 1), _describe_top(root, text), expected)])
    return root


_parse_once = lru_cache(maxsize=32)(parse_yaml)


def _describe_top(root: Node | None, text: str) -> Text:
    """What stands where a mapping is expected."""
    if not text.strip():
        return Text("die Datei ist leer", "the file is empty")
    if root is None or root.value is None:
        return Text("keine Zuordnung in der Datei", "no mapping in the file")
    if isinstance(root.value, list):
        return Text("eine Liste, wo eine Zuordnung erwartet wird", "a list, where a mapping is expected")
    return Text("ein einzelner Wert, wo eine Zuordnung erwartet wird", "a single value, where a mapping is expected")


class _Reader:
    """Builds nodes from the events of the parser. `reached`: place of the latest event."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.faults = name, list[Fault]()
        self.reached = Place(name, 1, 1)
        self._events, self._nodes = self._parse(text), 0

    def _parse(self, text: str) -> Iterator[Any]:
        for event in YAML(typ="safe", pure=True).parse(text):
            self._reach(event, self.reached.pointer)
            yield event

    def _reach(self, event: Any, pointer: str) -> Place:
        self.reached = Place(self.name, event.start_mark.line + 1, event.start_mark.column + 1, pointer)
        return self.reached

    def _stop(self, wrong: Text, expected: Text = NOTHING) -> None:
        self.faults.append(Fault(self.reached, wrong, expected))
        raise UnusableInput(self.faults)

    def read(self) -> Node | None:
        root = None
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                self._reach(event, "")
                if root is not None:
                    self._stop(
                        Text("ein zweites Dokument (---)", "a second document (---)"),
                        Text("eines je Datei", "one per file"),
                    )
                if event.version is not None or event.tags:
                    self._stop(
                        Text("eine Direktive (%)", "a directive (%)"), Text("einfaches YAML 1.2", "plain YAML 1.2")
                    )
            elif isinstance(event, NodeEvent):
                root = self._read_node(event, "", 0)
        return root

    def _read_node(self, event: Any, pointer: str, depth: int) -> Node:
        place = self._enter(event, pointer)
        if isinstance(event, ScalarEvent):
            return Node(place, self._scalar(event, place))
        if depth == DEEPEST:
            self._stop(Text(f"mehr als {DEEPEST} Ebenen tief verschachtelt", f"nested more than {DEEPEST} deep"))
        node = Node(place, {} if isinstance(event, MappingStartEvent) else [])
        for inner in self._events:
            if isinstance(inner, MappingEndEvent | SequenceEndEvent):
                break
            if isinstance(node.value, list):
                node.value.append(self._read_node(inner, f"{pointer}/{len(node.value)}", depth + 1))
            else:
                key = self._read_key(node, inner)
                node.value[key] = self._read_node(next(self._events), node.keys[key].pointer, depth + 1)
        return node

    def _enter(self, event: Any, pointer: str) -> Place:
        """The place of a value or key, of which there may be only so many, without alias, tag and anchor."""
        place = self._reach(event, pointer)
        if isinstance(event, AliasEvent):
            self._stop(Text("ein Alias (*)", "an alias (*)"), WRITTEN_OUT)
        self._nodes += 1
        if self._nodes > MOST_NODES:
            most = (format_number(MOST_NODES, language) for language in ("de", "en"))
            self._stop(Text(f"mehr als {next(most)} Werte", f"more than {next(most)} values"))
        if event.tag is not None:
            tag = str(event.tag)[:60]
            self._stop(Text(f"ein Tag ({tag})", f"a tag ({tag})"), Text("nur einfache Werte", "plain values only"))
        if event.anchor is not None:
            anchor = str(event.anchor)[:60]
            self._stop(Text(f"ein Anker (&{anchor})", f"an anchor (&{anchor})"), WRITTEN_OUT)
        return place

    def _read_key(self, parent: Node, event: Any) -> str:
        if not isinstance(event, ScalarEvent):
            self._enter(event, parent.place.pointer)
            self._stop(Text("ein Schlüssel, der kein Wort ist", "a key that is no word"))
        key = str(event.value)
        place = self._enter(event, f"{parent.place.pointer}/{pointer_part(key)}")
        if REFUSED.search(key):
            self._stop(Text("ein Steuerzeichen in einem Schlüssel", "a control character in a key"), PLAIN_TEXT)
        if key == "<<":
            self._stop(Text("ein Schlüssel <<", "a merge key (<<)"), Text("stattdessen `extends`", "use `extends`"))
        if key in parent.keys:
            self.faults.append(Fault(place, stands_twice(key), Text("einer davon", "one of them")))
        parent.keys[key] = place
        return key

    def _scalar(self, event: Any, place: Place) -> Any:
        text = event.value
        if REFUSED.search(text):
            wrong = Text("ein Steuerzeichen in einem Text", "a control character in a text")
            self.faults.append(Fault(place, wrong, PLAIN_TEXT))
            return None
        if event.style is not None:
            return text
        if text in WORDS:
            return WORDS[text]
        try:
            value = _number_or_date(text)
        except InvalidValue as error:
            self.faults.append(Fault(place, Text(*(f"`{text[:40]}`: {why}" for why in error.text))))
            return None
        return text if value is None else value


def _number_or_date(text: str) -> int | float | date | None:
    """A plain scalar by the core schema; None for a word. Raises `InvalidValue` for what is neither."""
    if INTEGER.fullmatch(text):
        return int(text)
    if DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise InvalidValue("diesen Tag gibt es nicht", str(error)) from error
    if NOT_FINITE.fullmatch(text):
        raise InvalidValue("keine endliche Zahl", "not a finite number")
    if NUMBER.fullmatch(text):
        if len(text) > 40:
            raise InvalidValue("eine Zahl mit mehr als 40 Zeichen", "a number of more than 40 characters")
        if abs(float(text)) == float("inf"):
            raise InvalidValue("eine zu große Zahl", "too large a number")
        return float(text)
    return None


def pointer_part(key: str) -> str:
    """A key as part of a JSON Pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def _describe_error(error: MarkedYAMLError) -> Text:
    return _no_yaml(str(error.problem or error.context).replace(repr("\0"), "the end of the file"))


def _no_yaml(says: str) -> Text:
    why = foreign_words.translate(says, foreign_words.YAML)
    return Text(f"kein YAML: {why.de}", f"not YAML: {why.en}")


def stands_twice(key: str) -> Text:
    return Text(f"`{key}` steht hier zweimal", f"`{key}` stands here twice")
