"""An XML file as a tree in which every element knows its line and column.

Nothing outside the file is read: a document type, and with it every entity, is refused before it could do anything;
bytes, depth and the number of elements are bounded. The parser is expat, because lxml tells no columns.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat  # a document type is refused where it begins, so no entity is ever expanded

from simulation.inputs import foreign_words
from simulation.inputs.faults import Fault, Place, UnusableInput, write_both
from simulation.inputs.text_file import NO_FILE, NOT_A_FILE, describe_unreadable
from workflow.text import NOTHING, Text, same

MOST_BYTES = 5_000_000
MOST_ELEMENTS = 50_000
DEEPEST = 100
_SEPARATOR = " "


@dataclass(eq=False, slots=True)
class XmlElement:
    """`attributes` by (namespace, name); those of the file's own vocabulary have no namespace."""

    namespace: str
    tag: str
    attributes: dict[tuple[str, str], str]
    place: Place
    children: list["XmlElement"] = field(default_factory=list)
    text: str = ""

    def get(self, name: str) -> str:
        """An attribute without namespace, without blanks around it; empty where there is none."""
        return self.attributes.get(("", name), "").strip()

    def select(self, *tags: str) -> Iterator["XmlElement"]:
        """Children of the element's own namespace with one of these tags."""
        return (child for child in self.children if child.namespace == self.namespace and child.tag in tags)

    def walk(self) -> Iterator["XmlElement"]:
        """The element and all below it, in the order of the file."""
        yield self
        for child in self.children:
            yield from child.walk()

    def full_text(self) -> str:
        return " ".join(" ".join(one.text for one in self.walk()).split())


def read_xml(path: Path) -> XmlElement:
    """The root element; raises `UnusableInput` for what is no plain XML or too large."""
    start = Place(str(path), 1, 1)
    try:
        if not path.is_file():
            raise UnusableInput([Fault(start, NOT_A_FILE if path.exists() else NO_FILE)])
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as wrong:  # a name that is too long, or holds NUL
        raise UnusableInput([Fault(start, describe_unreadable(wrong))]) from wrong
    if len(data) > MOST_BYTES:
        raise UnusableInput(
            [
                Fault(
                    start,
                    _say_more_than(MOST_BYTES, "die Datei hat mehr als {} Byte", "the file has more than {} bytes"),
                )
            ]
        )
    return _Builder(str(path)).build(data)


class _Builder:
    def __init__(self, name: str) -> None:
        self._name, self._open, self._count = name, list[XmlElement](), 0
        self._root: XmlElement | None = None
        self._parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = lambda _name: self._open.pop()
        self._parser.CharacterDataHandler = self._add_text
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    def build(self, data: bytes) -> XmlElement:
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as wrong:
            place = Place(self._name, wrong.lineno, wrong.offset + 1)
            raise UnusableInput([Fault(place, _is_no_xml(expat.ErrorString(wrong.code)))]) from wrong
        except (LookupError, ValueError) as wrong:  # an encoding that nobody knows, or of several bytes a character
            raise UnusableInput([Fault(Place(self._name, 1, 1), _is_no_xml(str(wrong)), same("UTF-8"))]) from wrong
        assert self._root is not None  # noqa: S101 - expat reports a file without an element
        return self._root

    def _place(self) -> Place:
        return Place(self._name, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1)

    def _stop(self, wrong: Text, expected: Text = NOTHING) -> None:
        raise UnusableInput([Fault(self._place(), wrong, expected)])

    def _refuse_doctype(self, *_: object) -> None:
        wrong = Text("ein Dokumenttyp (DOCTYPE)", "a document type (DOCTYPE)")
        self._stop(wrong, Text("einfaches BPMN-XML", "plain BPMN XML"))

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS:
            self._stop(_say_more_than(MOST_ELEMENTS, "mehr als {} Elemente", "more than {} elements"))
        if len(self._open) == DEEPEST:
            self._stop(_say_more_than(DEEPEST, "mehr als {} Ebenen tief verschachtelt", "nested more than {} deep"))
        namespace, tag = _split(name)
        element = XmlElement(namespace, tag, {_split(key): text for key, text in attributes.items()}, self._place())
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _add_text(self, text: str) -> None:
        self._open[-1].text += text


def _say_more_than(most: int, de: str, en: str) -> Text:
    told = write_both(most)
    return Text(de.format(told.de), en.format(told.en))


def _is_no_xml(says: str) -> Text:
    why = foreign_words.translate(says, foreign_words.XML)
    return Text(f"kein XML: {why.de}", f"not XML: {why.en}")


def _split(name: str) -> tuple[str, str]:
    namespace, _, local = name.rpartition(_SEPARATOR)
    return namespace, local
