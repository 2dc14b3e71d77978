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

T = TypeVar("T")


class UnreadableMessage(ValueError):
    """The bytes are no such message; `line` and `column` count from 1."""

    def __init__(self, line: int, column: int, wrong: str, expected: str) -> None:
        super().__init__(f"line {line}, column {column}: {wrong}; {expected}")
        self.line = line
        self.column = column
        self.wrong = wrong
        self.expected = expected


class _Refused(Exception):
    def __init__(self, element: Element, wrong: str, expected: str) -> None:
        super().__init__(wrong)
        self.element = element
        self.wrong = wrong
        self.expected = expected


def read_message_type(data: bytes) -> Message:
    """Which of the disposal messages the bytes are, by the root element; raises `UnreadableMessage`."""
    root = _parse(data)
    for message in MESSAGES.values():
        if local_name(root) == NAMES[message]:
            return message
    raise UnreadableMessage(
        *_get_place(data, root, root), f"the message is {root.tag}", "one of " + ", ".join(MESSAGES)
    )


def read_message(data: bytes, message: Message, read: Callable[[Element], T]) -> T:
    """What `read` makes of the root element of the message; raises `UnreadableMessage`."""
    root = _parse(data)
    try:
        if root.tag not in {f"{{{namespace}}}{NAMES[message]}" for namespace in NAMESPACES.values()}:
            refuse(root, f"the message is {root.tag}", f"{NAMES[message]} of xdomea {' or '.join(NAMESPACES)}")
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
        raise UnreadableMessage(
            line or 1, column or 1, f"not well-formed XML: {error.msg}", "an XML message"
        ) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableMessage(1, 1, "the message has a DOCTYPE", "a message without one")
    return root


def refuse(element: Element, wrong: str, expected: str) -> NoReturn:
    raise _Refused(element, wrong, expected)


def local_name(element: Element) -> str:
    return etree.QName(element).localname


def qualify(element: Element, name: str) -> str:
    return f"{{{etree.QName(element).namespace}}}{name}"


def children(parent: Element, *names: str) -> list[Element]:
    return list(parent.iterchildren(*(qualify(parent, name) for name in names)))


def some_children(parent: Element, name: str) -> list[Element]:
    found = children(parent, name)
    if not found:
        refuse(parent, f"{local_name(parent)} holds no {name}", "one at least")
    return found


def find(parent: Element, *path: str) -> Element | None:
    """The one element at the end of the path, if it is there."""
    element = parent
    for name in path:
        found = children(element, name)
        if len(found) > 1:
            refuse(found[1], f"{name} is there twice", "one only")
        if not found:
            return None
        element = found[0]
    return element


def get(parent: Element, *path: str) -> Element:
    """The one element at the end of the path, which must be there."""
    element = find(parent, *path)
    if element is None:
        refuse(parent, f"{local_name(parent)} holds no {'/'.join(path)}", "exactly one")
    return element


def read_text(element: Element) -> str:
    if len(element):
        refuse(element, f"{local_name(element)} holds elements", "text")
    return element.text or ""


def find_text(parent: Element, *path: str) -> str | None:
    element = find(parent, *path)
    return None if element is None else read_text(element)


def read_uuid(element: Element) -> str:
    text = read_text(element)
    if not UUID.fullmatch(text):
        refuse(element, f"{text!r} is not a UUID", "8-4-4-4-12 hexadecimal digits")
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
        refuse(element, f"{text!r} is no point in time", "such as 2032-03-01T09:00:00Z")
    return time if time.tzinfo is not None else time.replace(tzinfo=BERLIN)


def read_flag(element: Element) -> bool:
    text = read_text(element).strip()
    if text not in BOOLEANS:
        refuse(element, f"{text!r} is no truth value", "1 or 0")
    return BOOLEANS[text]


def find_flag(parent: Element, *path: str) -> bool:
    """An xs:boolean at the end of the path; False where there is none."""
    element = find(parent, *path)
    return element is not None and read_flag(element)


def read_code(element: Element) -> str:
    codes = element.findall("code")
    if len(codes) != 1:
        refuse(element, f"{local_name(element)} holds {len(codes)} codes", "exactly one")
    return read_text(codes[0]).strip()


def decode(element: Element, codes: Mapping[str, T]) -> T:
    code = read_code(element)
    if code not in codes:
        refuse(element, f"there is no code {code!r}", ", ".join(codes))
    return codes[code]
