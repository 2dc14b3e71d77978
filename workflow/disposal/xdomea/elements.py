"""Reading XML elements of a disposal message; whatever does not fit is refused with its place in the file."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NoReturn, TypeVar
from xml.parsers import expat  # tells columns, which lxml does not; entities never reach it

from lxml import etree
from lxml.etree import _Element as Element

from workflow.disposal.xdomea.codes import (
    BERLIN,
    BOOLEANS,
    MESSAGES,
    NAMES,
    NAMESPACES,
    TIME,
    UUID,
    Message,
)
from workflow.text import Text, same

T = TypeVar("T")
EXACTLY_ONE = Text("genau eines", "exactly one")


class UnreadableMessage(ValueError):
    """The bytes are no such message; `line` and `column` count from 1."""

    def __init__(self, line: int, column: int, wrong: Text, expected: Text) -> None:
        super().__init__(f"line {line}, column {column}: {wrong.en}; {expected.en}")
        self.line = line
        self.column = column
        self.wrong = wrong
        self.expected = expected


class _Refused(Exception):
    def __init__(self, element: Element, wrong: Text, expected: Text) -> None:
        super().__init__(wrong.en)
        self.element = element
        self.wrong = wrong
        self.expected = expected


def read_message_type(data: bytes) -> Message:
    """Which of the disposal messages the bytes are, by the root element; raises `UnreadableMessage`."""
    root = _parse(data)
    for message in MESSAGES.values():
        if local_name(root) == NAMES[message]:
            return message
    known = ", ".join(MESSAGES)
    expected = Text(f"eine von {known}", f"one of {known}")
    raise UnreadableMessage(*_get_place(data, root, root), _name_message(root), expected)


def read_message(data: bytes, message: Message, read: Callable[[Element], T]) -> T:
    """What `read` makes of the root element of the message; raises `UnreadableMessage`."""
    root = _parse(data)
    try:
        if root.tag not in {f"{{{namespace}}}{NAMES[message]}" for namespace in NAMESPACES.values()}:
            name, versions = NAMES[message], list(NAMESPACES)
            expected = Text(f"{name} aus xdomea {' oder '.join(versions)}", f"{name} of xdomea {' or '.join(versions)}")
            refuse(root, _name_message(root), expected)
        return read(root)
    except _Refused as no:
        raise UnreadableMessage(*_get_place(data, root, no.element), no.wrong, no.expected) from no


def find_place(data: bytes, text: str) -> tuple[int, int]:
    """Line and column of the first element of a readable message that holds this text, in any case; else its begin."""
    root = _parse(data)
    holders = (element for element in root.iter() if (element.text or "").strip().lower() == text.lower())
    return _get_place(data, root, next(holders, root))


def _get_place(data: bytes, root: Element, element: Element) -> tuple[int, int]:
    places: list[tuple[int, int]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda *_: places.append((parser.CurrentLineNumber, parser.CurrentColumnNumber + 1))
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):  # lxml knows more encodings
        return 1, 1
    return places[next(number for number, other in enumerate(root.iter()) if other is element)]


def _parse(data: bytes) -> Element:
    """Root element; nothing outside the bytes is read and no entity is expanded."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        wrong = Text("kein wohlgeformtes XML", f"not well-formed XML: {error.msg}")
        expected = Text("eine Nachricht als XML", "an XML message")
        raise UnreadableMessage(line or 1, column or 1, wrong, expected) from error
    if root.getroottree().docinfo.internalDTD is not None:
        wrong = Text("die Nachricht hat einen DOCTYPE", "the message has a DOCTYPE")
        raise UnreadableMessage(1, 1, wrong, Text("eine ohne", "a message without one"))
    return root


def refuse(element: Element, wrong: Text, expected: Text) -> NoReturn:
    raise _Refused(element, wrong, expected)


def _name_message(root: Element) -> Text:
    return Text(f"die Nachricht ist {root.tag}", f"the message is {root.tag}")


def _holds_no(parent: Element, name: str) -> Text:
    return Text(f"{local_name(parent)} enthält kein {name}", f"{local_name(parent)} holds no {name}")


def local_name(element: Element) -> str:
    return etree.QName(element).localname


def qualify(element: Element, name: str) -> str:
    return f"{{{etree.QName(element).namespace}}}{name}"


def children(parent: Element, *names: str) -> list[Element]:
    return list(parent.iterchildren(*(qualify(parent, name) for name in names)))


def some_children(parent: Element, name: str) -> list[Element]:
    found = children(parent, name)
    if not found:
        refuse(parent, _holds_no(parent, name), Text("mindestens eines", "one at least"))
    return found


def find(parent: Element, *path: str) -> Element | None:
    """The one element at the end of the path, if it is there."""
    element = parent
    for name in path:
        found = children(element, name)
        if len(found) > 1:
            refuse(found[1], Text(f"{name} steht zweimal", f"{name} is there twice"), Text("nur eines", "one only"))
        if not found:
            return None
        element = found[0]
    return element


def get(parent: Element, *path: str) -> Element:
    """The one element at the end of the path, which must be there."""
    element = find(parent, *path)
    if element is None:
        refuse(parent, _holds_no(parent, "/".join(path)), EXACTLY_ONE)
    return element


def read_text(element: Element) -> str:
    if len(element):
        name = local_name(element)
        refuse(element, Text(f"{name} enthält Elemente", f"{name} holds elements"), Text("Text", "text"))
    return element.text or ""


def find_text(parent: Element, *path: str) -> str | None:
    element = find(parent, *path)
    return None if element is None else read_text(element)


def read_uuid(element: Element) -> str:
    text = read_text(element)
    if not UUID.fullmatch(text):
        expected = Text("8-4-4-4-12 hexadezimale Ziffern", "8-4-4-4-12 hexadecimal digits")
        refuse(element, Text(f"{text!r} ist keine UUID", f"{text!r} is not a UUID"), expected)
    return text.lower()


def read_time(element: Element) -> datetime:
    """An instant; a time without a zone is German time."""
    text = read_text(element).strip()
    try:
        matched = TIME.fullmatch(text)
        ends_day = matched is not None and matched["end_of_day"] is not None
        time = datetime.fromisoformat(text.replace("T24:", "T00:") if ends_day else text if matched else "")
        time += timedelta(days=ends_day)
    except (ValueError, OverflowError):
        wrong = Text(f"{text!r} ist kein Zeitpunkt", f"{text!r} is no point in time")
        refuse(element, wrong, Text("etwa 2032-03-01T09:00:00Z", "such as 2032-03-01T09:00:00Z"))
    return time if time.tzinfo is not None else time.replace(tzinfo=BERLIN)


def read_flag(element: Element) -> bool:
    text = read_text(element).strip()
    if text not in BOOLEANS:
        wrong = Text(f"{text!r} ist kein Wahrheitswert", f"{text!r} is no truth value")
        refuse(element, wrong, Text("1 oder 0", "1 or 0"))
    return BOOLEANS[text]


def find_flag(parent: Element, *path: str) -> bool:
    """An xs:boolean at the end of the path; False where there is none."""
    element = find(parent, *path)
    return element is not None and read_flag(element)


def read_code(element: Element) -> str:
    codes = element.findall("code")
    if len(codes) != 1:
        name, many = local_name(element), len(codes)
        refuse(element, Text(f"{name} enthält {many} Codes", f"{name} holds {many} codes"), EXACTLY_ONE)
    return read_text(codes[0]).strip()


def decode(element: Element, codes: Mapping[str, T]) -> T:
    code = read_code(element)
    if code not in codes:
        refuse(element, Text(f"den Code {code!r} gibt es nicht", f"there is no code {code!r}"), same(", ".join(codes)))
    return codes[code]
