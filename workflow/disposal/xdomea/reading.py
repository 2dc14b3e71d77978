"""Reading the four disposal messages; what is not such a message is an `UnreadableMessage`."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import NoReturn

from lxml import etree
from lxml.etree import _Element as Element

from workflow.disposal.xdomea.model import (
    BERLIN,
    BOOLEANS,
    CHECKSUMS,
    CONFIDENTIALITY,
    DATE,
    DISPOSALS,
    FILE_NAME,
    KINDS,
    NAMES,
    NAMESPACES,
    PROPOSALS,
    SHA256,
    TIME,
    UUID,
    Appraisal,
    Confirmation,
    Disposal,
    DocumentVersion,
    Header,
    ImportResult,
    ListedObject,
    Message,
    Offer,
    PrimaryFile,
    T,
    Transfer,
    UnreadableMessage,
    qualified,
)


def read_0501(data: bytes) -> Offer:
    """Read an Anbieteverzeichnis."""
    root = _parse(data, "0501")
    return Offer(_read_header(root, "0501"), _read_objects(root))


def read_0502(data: bytes) -> Appraisal:
    """Read a Bewertungsverzeichnis; a decision that is none of A, B and V, or two for one id, is refused."""
    root = _parse(data, "0502")
    decisions: dict[str, Disposal] = {}
    for element in _children(root, "BewertetesObjekt"):
        id_ = _read_uuid(_need(element, "ID"))
        if id_ in decisions:
            _refuse(element, f"a second decision for {id_}")
        decisions[id_] = _read_code(_need(element, "Aussonderungsart", "Aussonderungsart"), DISPOSALS)
    return Appraisal(_read_header(root, "0502"), decisions)


def read_0503(data: bytes) -> Transfer:
    """Read an Aussonderung."""
    root = _parse(data, "0503")
    wanted = _child(root, "Kopf", "RueckmeldungArchivkennung")
    return Transfer(_read_header(root, "0503"), _read_objects(root), wanted is not None and _read_flag(wanted))


def read_0506(data: bytes) -> Confirmation:
    """Read an AussonderungImportBestaetigen; two results for one id are refused."""
    root = _parse(data, "0506")
    results: dict[str, ImportResult] = {}
    for element in _children(root, "AusgesondertesSGO"):
        result = _read_result(element)
        if result.id in results:
            _refuse(element, f"a second result for {result.id}")
        results[result.id] = result
    return Confirmation(_read_header(root, "0506"), tuple(results.values()))


def _parse(data: bytes, message: Message) -> Element:
    """Root of the message; nothing outside the bytes is read and no entity is expanded."""
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
        raise UnreadableMessage(f"line {error.lineno or 1}: not well-formed XML: {error.msg}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableMessage("line 1: a message has no DOCTYPE")
    if root.tag not in {f"{{{namespace}}}{NAMES[message]}" for namespace in NAMESPACES.values()}:
        _refuse(root, f"not a {NAMES[message]} of xdomea {' or '.join(NAMESPACES)}: {root.tag}")
    return root


def _read_header(root: Element, message: Message) -> Header:
    """The root element says what message it is: the code beside it is wrong in published samples."""
    head = _need(root, "Kopf")
    receipt = _child(head, "Empfangsbestaetigung")
    return Header(
        process=_read_uuid(_need(head, "ProzessID")),
        message=message,
        created=_read_time(_need(head, "Erstellungszeitpunkt")),
        sender=_read_contact(_need(head, "Absender")),
        receiver=_read_contact(_need(head, "Empfaenger")),
        receipt_wanted=receipt is not None and _read_flag(receipt),
        product=_text_of(head, "SendendesSystem", "Produktname"),
        product_version=_text_of(head, "SendendesSystem", "Version"),
    )


def _read_contact(contact: Element) -> str:
    """Name of the authority, else of the unit, else nothing: a contact may be a mere person."""
    name = _text_of(contact, "Institution", "Name")
    return name if name is not None else _text_of(contact, "Organisationseinheit", "Name") or ""


def _read_result(element: Element) -> ImportResult:
    errors = [_text(error) for error in _all(element, "Fehlermeldung")]
    errors += [_text(code) for coded in _all(element, "FehlermeldungCode") for code in coded.findall("code")]
    return ImportResult(
        id=_read_uuid(_need(element, "IDSGO")),
        success=_read_flag(_need(element, "Erfolgreich")),
        archive_id=_text_of(element, "Archivkennung"),
        error="; ".join(errors) if errors else None,
    )


def _read_objects(root: Element) -> tuple[ListedObject, ...]:
    """All objects, a container before what lies in it; without recursion, however deep they are nested."""
    found: dict[str, ListedObject] = {}
    todo: list[tuple[Element, str | None]] = [(item, None) for item in reversed(_top_level(root))]
    while todo:
        element, parent = todo.pop()
        item = _read_object(element, parent)
        if item.id in found:
            _refuse(element, f"a second object {item.id}")
        found[item.id] = item
        todo.extend((inner, item.id) for inner in reversed(_contents(element)))
    return tuple(found.values())


def _top_level(root: Element) -> list[Element]:
    items = []
    for top in _children(root, "Schriftgutobjekt"):
        inner = _all(top, "Akte", "Vorgang", "Dokument")
        if len(inner) != 1:
            _refuse(top, f"holds {len(inner)} objects instead of one")
        items += inner
    return items


def _contents(element: Element) -> list[Element]:
    kind = KINDS[_local(element)]
    if kind == "document":
        return _all(element, "Anlage")
    if kind == "case":
        return _all(element, "Dokument", "Teilvorgang")
    content = _child(element, "Akteninhalt")
    return [] if content is None else _all(content, "Dokument", "Vorgang", "Teilakte")


def _read_object(element: Element, parent: str | None) -> ListedObject:
    level = _child(element, "AllgemeineMetadaten", "Vertraulichkeitsstufe")
    archival = "ArchivspezifischeMetadaten"
    disposal = _child(element, archival, "Aussonderungsart", "Aussonderungsart")
    proposal = _child(element, archival, "Bewertungsvorschlag")
    unlimited = _child(element, archival, "Aufbewahrungsdauer", "Unbefristet")
    return ListedObject(
        id=_read_uuid(_need(element, "Identifikation", "ID")),
        kind=KINDS[_local(element)],
        parent=parent,
        number=_text_of(element, "AllgemeineMetadaten", "Kennzeichen"),
        title=_text_of(element, "AllgemeineMetadaten", "Betreff"),
        authority=_text_of(element, "AllgemeineMetadaten", "Aktenfuehrung"),
        confidentiality=None if level is None else _read_code(level, CONFIDENTIALITY),
        file_plan_code=_text_of(element, "AllgemeineMetadaten", "Aktenplaneinheit", "Kennzeichen"),
        file_plan_title=_text_of(element, "AllgemeineMetadaten", "Aktenplaneinheit", "Inhaltsangabe"),
        retention_years=_read_years(_child(element, archival, "Aufbewahrungsdauer", "AnzahlJahre")),
        unlimited=unlimited is not None and _read_flag(unlimited),
        disposal=None if disposal is None else _read_code(disposal, DISPOSALS),
        archive_id=_text_of(element, archival, "Kennung"),
        proposal=None if proposal is None else _read_code(proposal, PROPOSALS),
        retention_end=_read_date(_child(element, archival, "Aufbewahrungsende")),
        started=_read_date(_child(element, "Laufzeit", "Beginn")),
        ended=_read_date(_child(element, "Laufzeit", "Ende")),
        date_of_creation=_read_date(_child(element, "DatumDesSchreibens")),
        versions=_read_versions(element),
    )


def _read_versions(element: Element) -> tuple[DocumentVersion, ...]:
    sums = _read_checksums(element)
    return tuple(
        DocumentVersion(
            number=_text(_need(version, "Nummer")),
            files=tuple(_read_file(file, sums) for file in _children(version, "Format")),
        )
        for version in _all(element, "Version")
    )


def _read_file(element: Element, sums: Mapping[str, str]) -> PrimaryFile:
    primary = _need(element, "Primaerdokument")
    name = _text(_need(primary, "Dateiname"))
    if not FILE_NAME.fullmatch(name):
        _refuse(primary, f"file name {name!r} does not begin with a UUID, or is a path")
    return PrimaryFile(
        name=name,
        original_name=_text_of(primary, "DateinameOriginal"),
        author=_text_of(primary, "Ersteller"),
        format_code=_code(_need(element, "Name")),
        sha256=sums.get(name),
        format_name=_text_of(element, "SonstigerName"),
        format_version=_text(_need(element, "Version")),
    )


def _read_checksums(element: Element) -> dict[str, str]:
    sums = {}
    for extension in _all(element, "AnwendungsspezifischeErweiterung"):
        if _text_of(extension, "Kennung") != CHECKSUMS:
            continue
        for field in _all(extension, "Feld"):
            value = _text(_need(field, "Wert"))
            if not SHA256.fullmatch(value):
                _refuse(field, f"{value!r} is no SHA-256 in lower-case hexadecimal")
            sums[_text(_need(field, "Name"))] = value
    return sums


def _read_uuid(element: Element) -> str:
    text = _text(element)
    if not UUID.fullmatch(text):
        _refuse(element, f"{text!r} is not a UUID")
    return text.lower()


def _read_time(element: Element) -> datetime:
    """An instant; a time without a zone is German time."""
    text = _text(element).strip()
    try:
        time = datetime.fromisoformat(text if TIME.fullmatch(text) else "")
    except ValueError:
        _refuse(element, f"{text!r} is no point in time")
    return time if time.tzinfo is not None else time.replace(tzinfo=BERLIN)


def _read_date(element: Element | None) -> date | None:
    if element is None:
        return None
    text = _text(element).strip()
    match = DATE.fullmatch(text)
    try:
        return date.fromisoformat(match[1] if match else "")
    except ValueError:
        _refuse(element, f"{text!r} is no date")


def _read_years(element: Element | None) -> int | None:
    if element is None:
        return None
    text = _text(element).strip()
    if not re.fullmatch(r"\+?[0-9]{1,5}", text) or int(text) > 0xFFFF:
        _refuse(element, f"{text!r} is no number of years")
    return int(text)


def _read_flag(element: Element) -> bool:
    text = _text(element).strip()
    if text not in BOOLEANS:
        _refuse(element, f"{text!r} is neither 1 nor 0")
    return BOOLEANS[text]


def _read_code(element: Element, codes: Mapping[str, T]) -> T:
    code = _code(element)
    if code not in codes:
        _refuse(element, f"no code {code!r}, only {', '.join(codes)}")
    return codes[code]


def _code(element: Element) -> str:
    codes = element.findall("code")
    if len(codes) != 1:
        _refuse(element, f"holds {len(codes)} codes instead of one")
    return _text(codes[0]).strip()


def _local(element: Element) -> str:
    return etree.QName(element).localname


def _all(parent: Element, *names: str) -> list[Element]:
    """The children of these names, in the order of the message."""
    return list(parent.iterchildren(*(qualified(parent, name) for name in names)))


def _children(parent: Element, name: str) -> list[Element]:
    """The children of this name, of which there must be one at least."""
    children = _all(parent, name)
    if not children:
        _refuse(parent, f"holds no {name}")
    return children


def _child(parent: Element, *path: str) -> Element | None:
    """The one element at the end of the path, if it is there."""
    element = parent
    for name in path:
        children = _all(element, name)
        if len(children) > 1:
            _refuse(children[1], "is there twice")
        if not children:
            return None
        element = children[0]
    return element


def _need(parent: Element, *path: str) -> Element:
    element = _child(parent, *path)
    if element is None:
        _refuse(parent, f"holds no {'/'.join(path)}")
    return element


def _text_of(parent: Element, *path: str) -> str | None:
    element = _child(parent, *path)
    return None if element is None else _text(element)


def _text(element: Element) -> str:
    if len(element):
        _refuse(element, "holds elements instead of text")
    return element.text or ""


def _refuse(element: Element, what: str) -> NoReturn:
    raise UnreadableMessage(f"{element.getroottree().getpath(element)}, line {element.sourceline}: {what}")
