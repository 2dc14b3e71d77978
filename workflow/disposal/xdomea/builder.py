"""Building the XML of a disposal message: header, elements, codes; a value out of range is a `ValueError`."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import TypeVar

from lxml import etree
from lxml.etree import _Element as Element

from workflow.disposal.xdomea.codes import NAMES, NAMESPACES, RECEIPTS, UUID, Message, Version
from workflow.disposal.xdomea.elements import qualify
from workflow.disposal.xdomea.model import Header

T = TypeVar("T")
_EMPTY = {f"{{{namespace}}}{NAMES[receipt]}" for namespace in NAMESPACES.values() for receipt in RECEIPTS.values()}
"""Root elements of messages that have a head only."""


def start_message(header: Header, message: Message, version: Version) -> tuple[Element, Element]:
    """Root and Kopf of a message."""
    if header.message != message:
        raise ValueError(f"header is of message {header.message!r}, not {message}")
    namespace = NAMESPACES[version]
    root = etree.Element(f"{{{namespace}}}{NAMES[message]}", nsmap={"xdomea": namespace})
    head = add(root, "Kopf")
    add(head, "ProzessID", format_uuid(header.process))
    add_code(head, "Nachrichtentyp", message, "2.0")
    add(head, "Erstellungszeitpunkt", format_time(header.created))
    _add_contact(head, "Absender", header.sender, header.sender_code)
    _add_contact(head, "Empfaenger", header.receiver, header.receiver_code)
    if header.product is not None or header.product_version is not None:
        system = add(head, "SendendesSystem")
        add_if(system, "Produktname", header.product)
        add_if(system, "Version", header.product_version)
    if message in {"0501", "0502"}:
        add(head, "Empfangsbestaetigung", format_flag(header.receipt_wanted))
    return root, head


def _add_contact(head: Element, role: str, name: str, code: str | None) -> None:
    contact = add(head, role)
    if code is not None:
        key = add(add(contact, "Behoerdenkennung"), "Behoerdenschluessel")
        etree.SubElement(key, "code").text = code
    add(add(contact, "Institution"), "Name", name)


def add_code(parent: Element, name: str, code: str, version: str = "1.0", list_name: str | None = None) -> None:
    """An element of a code list; `code` in it has no namespace."""
    element = add(parent, name)
    element.set("listURI", f"urn:xoev-de:xdomea:codeliste:{list_name or name.lower()}")
    element.set("listVersionID", version)
    etree.SubElement(element, "code").text = code


def add(parent: Element, name: str, text: str | None = None) -> Element:
    """A new last child in the namespace of its parent."""
    element = etree.SubElement(parent, qualify(parent, name))
    element.text = text
    return element


def add_if(parent: Element, name: str, text: str | None) -> None:
    if text is not None:
        add(parent, name, text)


def render(root: Element) -> bytes:
    """The message as UTF-8; `ValueError` where it names no object and is no receipt."""
    if len(root) == 1 and root.tag not in _EMPTY:
        raise ValueError("a message names one object at least")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def check_unique(keys: Iterable[str]) -> None:
    """No id or file name comes twice, whatever its case."""
    seen: set[str] = set()
    for key in keys:
        if key.lower() in seen:
            raise ValueError(f"{key} is named twice")
        seen.add(key.lower())


def get_code(codes: Mapping[str, T], code: str) -> T:
    """What stands for a code; `ValueError` where the list does not have it."""
    if code not in codes:
        raise ValueError(f"no code {code!r}, only {', '.join(codes)}")
    return codes[code]


def format_uuid(text: str) -> str:
    """In lower case; `ValueError` where it is none."""
    if not UUID.fullmatch(text):
        raise ValueError(f"{text!r} is not a UUID")
    return text.lower()


def format_day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def format_time(time: datetime) -> str:
    """In UTC; `ValueError` where it has no zone."""
    if time.utcoffset() is None:
        raise ValueError(f"{time} has no zone")
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def format_flag(value: bool) -> str:
    return "1" if value else "0"
