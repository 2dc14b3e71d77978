"""The four disposal messages an office and its archive exchange: offer, appraisal, transfer and confirmation.

They are 0501, 0502, 0503 and 0506 of xdomea 3.0.0 (IT-Planungsrat, decision 2017/39); 3.1.0 differs for these four in
its namespace only.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal, NoReturn, TypeVar
from zoneinfo import ZoneInfo

from lxml import etree
from lxml.etree import _Element as Element

Message = Literal["0501", "0502", "0503", "0506"]
Version = Literal["3.0.0", "3.1.0"]
Disposal = Literal["A", "B", "V"]
Proposal = Literal["A", "V"]
Confidentiality = Literal["open", "restricted", "confidential", "secret", "top_secret"]
Kind = Literal["record", "case", "document"]
_T = TypeVar("_T")

NAMES: Mapping[str, str] = {
    "0501": "Aussonderung.Anbieteverzeichnis.0501",
    "0502": "Aussonderung.Bewertungsverzeichnis.0502",
    "0503": "Aussonderung.Aussonderung.0503",
    "0506": "Aussonderung.AussonderungImportBestaetigen.0506",
}
"""Name of each message, which is also its root element."""

PRODUCT = "eva"
OTHER_FORMAT = "100"
"""Code of a file format the code list does not name ("Sonstiges")."""

_NAMESPACES: Mapping[str, str] = {version: f"urn:xoev-de:xdomea:schema:{version}" for version in ("3.0.0", "3.1.0")}
_DISPOSALS: Mapping[str, Disposal] = {"A": "A", "B": "B", "V": "V"}
_PROPOSALS: Mapping[str, Proposal] = {"A": "A", "V": "V"}
_CONFIDENTIALITY: Mapping[str, Confidentiality] = {
    "001": "secret",
    "002": "restricted",
    "003": "open",
    "004": "top_secret",
    "005": "confidential",
}
_CONFIDENTIALITY_CODES: Mapping[str, str] = {level: code for code, level in _CONFIDENTIALITY.items()}
_BOOLEANS: Mapping[str, bool] = {"1": True, "true": True, "0": False, "false": False}
_KINDS: Mapping[str, Kind] = {
    "Akte": "record",
    "Teilakte": "record",
    "Vorgang": "case",
    "Teilvorgang": "case",
    "Dokument": "document",
    "Anlage": "document",
}
_CHECKSUMS = "eva:sha256"
_BERLIN = ZoneInfo("Europe/Berlin")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_FILE_NAME = re.compile(_UUID.pattern + r"[^/\\\x00-\x1f\x7f]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)?", re.ASCII)


class UnreadableMessage(ValueError):
    """The bytes are no such message; names the element or the line."""


@dataclass(frozen=True, slots=True)
class Header:
    """Who sends what to whom (Kopf); `process` is one UUID for all messages of a disposal, `created` is aware."""

    process: str
    message: str
    created: datetime
    sender: str
    receiver: str
    receipt_wanted: bool = False
    """Whether the receiver is asked for a receipt (Empfangsbestaetigung); 0506 cannot ask."""
    product: str | None = PRODUCT
    product_version: str | None = None


@dataclass(frozen=True, slots=True)
class PrimaryFile:
    """One file of a version (Format and Primaerdokument); `name` begins with a UUID and is unique in the message."""

    name: str
    original_name: str | None
    author: str | None
    format_code: str
    """Of the code list Dateiformat, as 044 for PDF/A."""
    sha256: str | None
    """In hexadecimal; xdomea has no place for it, so it goes into an AnwendungsspezifischeErweiterung."""
    format_name: str | None = None
    """Name of the format, exactly where the code is `OTHER_FORMAT`."""
    format_version: str = ""


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """One version of a document in one or more formats."""

    number: str
    files: tuple[PrimaryFile, ...]


@dataclass(frozen=True, slots=True)
class DisposalDocument:
    """A document (Dokument)."""

    id: str
    number: str
    title: str
    date_of_creation: date | None
    versions: tuple[DocumentVersion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalObject:
    """What a case and a record have in common; `retention_years` None is unlimited (Unbefristet)."""

    id: str
    number: str
    title: str
    started: date
    ended: date | None
    retention_years: int | None
    disposal: Disposal
    retention_end: date | None
    proposal: Proposal | None
    archive_id: str | None
    confidentiality: Confidentiality
    documents: tuple[DisposalDocument, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalCase(DisposalObject):
    """A case (Vorgang); at the top level where its record is not part of the transfer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalRecord(DisposalObject):
    """A record (Akte) with its cases."""

    file_plan_code: str
    file_plan_title: str
    authority: str
    """Who keeps the record (Aktenfuehrung)."""
    cases: tuple[DisposalCase, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What the archive says of one object: only `success` permits its deletion (rule 11)."""

    id: str
    success: bool
    archive_id: str | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedObject:
    """An object found in a 0501 or 0503; None is "not stated", as almost everything is optional in the standard."""

    id: str
    kind: Kind
    parent: str | None
    """Id of the object it lies in."""
    number: str | None
    title: str | None
    authority: str | None
    confidentiality: Confidentiality | None
    file_plan_code: str | None
    file_plan_title: str | None
    retention_years: int | None
    unlimited: bool
    """Whether the retention is stated to be unlimited, as against not stated."""
    disposal: Disposal | None
    archive_id: str | None
    proposal: Proposal | None
    retention_end: date | None
    started: date | None
    ended: date | None
    date_of_creation: date | None
    versions: tuple[DocumentVersion, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A 0501 (Anbieteverzeichnis) as read; a container comes before what lies in it."""

    header: Header
    objects: tuple[ListedObject, ...]


@dataclass(frozen=True, slots=True)
class Appraisal:
    """A 0502 (Bewertungsverzeichnis) as read; what it does not name is not appraised and stays B (rule 11)."""

    header: Header
    decisions: Mapping[str, Disposal]


@dataclass(frozen=True, slots=True)
class Transfer:
    """A 0503 (Aussonderung) as read; a container comes before what lies in it."""

    header: Header
    objects: tuple[ListedObject, ...]
    archive_ids_wanted: bool

    @property
    def ids(self) -> frozenset[str]:
        """Ids of all objects: records, cases and documents."""
        return frozenset(found.id for found in self.objects)

    def documents_of(self, container: str) -> tuple[ListedObject, ...]:
        """Documents that lie directly in the record or case (or are enclosed with the document) of that id."""
        return tuple(found for found in self.objects if found.kind == "document" and found.parent == container)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A 0506 (AussonderungImportBestaetigen) as read."""

    header: Header
    results: tuple[ImportResult, ...]


def file_name(process: str, message: str, suffix: str = "xml") -> str:
    """Name of the file of a message, `<ProzessID>_<Nachrichtentyp>.xml`; of its container with `suffix` zip."""
    if message not in NAMES:
        raise ValueError(f"no disposal message {message!r}")
    return f"{_uuid(process)}_{NAMES[message]}.{suffix}"


# --- writing: a value the standard cannot express is a ValueError ---


def write_0501(
    header: Header, objects: Sequence[DisposalRecord | DisposalCase], *, version: Version = "3.0.0"
) -> bytes:
    """Anbieteverzeichnis: metadata of records, cases and documents, never a primary file."""
    root, _ = _start(header, "0501", version)
    _add_objects(root, objects, with_files=False)
    return _bytes(root)


def write_0502(header: Header, decisions: Mapping[str, Disposal], *, version: Version = "3.0.0") -> bytes:
    """Bewertungsverzeichnis: the archive's decision for each offered id."""
    root, _ = _start(header, "0502", version)
    _require_unique(decisions)
    for id_, disposal in decisions.items():
        appraised = _add(root, "BewertetesObjekt")
        _add(appraised, "ID", _uuid(id_))
        _add_disposal(appraised, disposal)
    return _bytes(root)


def write_0503(
    header: Header,
    objects: Sequence[DisposalRecord | DisposalCase],
    *,
    archive_ids_wanted: bool = True,
    version: Version = "3.0.0",
) -> bytes:
    """Aussonderung: the objects with their documents, versions and names of primary files."""
    root, head = _start(header, "0503", version)
    _add(head, "Importbestaetigung", "1")
    _add(head, "RueckmeldungArchivkennung", _flag(archive_ids_wanted))
    _add(head, "Empfangsbestaetigung", _flag(header.receipt_wanted))
    _add_objects(root, objects, with_files=True)
    return _bytes(root)


def write_0506(header: Header, results: Sequence[ImportResult], *, version: Version = "3.0.0") -> bytes:
    """AussonderungImportBestaetigen: for each id whether the archive has it."""
    root, _ = _start(header, "0506", version)
    _require_unique(result.id for result in results)
    for result in results:
        imported = _add(root, "AusgesondertesSGO")
        _add(imported, "IDSGO", _uuid(result.id))
        _add(imported, "Erfolgreich", _flag(result.success))
        _add_if(imported, "Fehlermeldung", result.error)
        _add_if(imported, "Archivkennung", result.archive_id)
    return _bytes(root)


def _start(header: Header, message: Message, version: Version) -> tuple[Element, Element]:
    """Root and Kopf of a message."""
    if header.message != message:
        raise ValueError(f"header is of message {header.message!r}, not {message}")
    if header.created.utcoffset() is None:
        raise ValueError("time of creation has no zone")
    namespace = _NAMESPACES[version]
    root = etree.Element(f"{{{namespace}}}{NAMES[message]}", nsmap={"xdomea": namespace})
    head = _add(root, "Kopf")
    _add(head, "ProzessID", _uuid(header.process))
    _add_code(head, "Nachrichtentyp", message, "2.0")
    _add(head, "Erstellungszeitpunkt", header.created.astimezone(UTC).isoformat().replace("+00:00", "Z"))
    _add(_add(_add(head, "Absender"), "Institution"), "Name", header.sender)
    _add(_add(_add(head, "Empfaenger"), "Institution"), "Name", header.receiver)
    if header.product is not None or header.product_version is not None:
        system = _add(head, "SendendesSystem")
        _add_if(system, "Produktname", header.product)
        _add_if(system, "Version", header.product_version)
    if message in {"0501", "0502"}:
        _add(head, "Empfangsbestaetigung", _flag(header.receipt_wanted))
    return root, head


def _add_objects(root: Element, objects: Sequence[DisposalRecord | DisposalCase], *, with_files: bool) -> None:
    _require_unique(_ids(objects))
    if with_files:
        _require_unique(_file_names(objects))
    for item in objects:
        top = _add(root, "Schriftgutobjekt")
        if isinstance(item, DisposalRecord):
            _add_record(top, item, with_files=with_files)
        else:
            _add_case(top, item, with_files=with_files)


def _parts(objects: Iterable[DisposalRecord | DisposalCase]) -> Iterator[DisposalObject]:
    for item in objects:
        yield item
        if isinstance(item, DisposalRecord):
            yield from item.cases


def _ids(objects: Iterable[DisposalRecord | DisposalCase]) -> Iterator[str]:
    for part in _parts(objects):
        yield part.id
        yield from (document.id for document in part.documents)


def _file_names(objects: Iterable[DisposalRecord | DisposalCase]) -> list[str]:
    documents = (document for part in _parts(objects) for document in part.documents)
    return [file.name for document in documents for version in document.versions for file in version.files]


def _add_record(parent: Element, record: DisposalRecord, *, with_files: bool) -> None:
    element = _add(parent, "Akte")
    general = _add_common(element, record)
    unit = _add(general, "Aktenplaneinheit")
    _add(unit, "Kennzeichen", record.file_plan_code)
    _add(unit, "Inhaltsangabe", record.file_plan_title)
    content = _add(element, "Akteninhalt")
    for document in record.documents:
        _add_document(content, document, with_files=with_files)
    for case in record.cases:
        _add_case(content, case, with_files=with_files)


def _add_case(parent: Element, case: DisposalCase, *, with_files: bool) -> None:
    element = _add(parent, "Vorgang")
    _add_common(element, case)
    for document in case.documents:
        _add_document(element, document, with_files=with_files)


def _add_common(element: Element, item: DisposalRecord | DisposalCase) -> Element:
    """Identity, metadata and period, in the order of the schema; the general metadata is left open at its end."""
    _add(_add(element, "Identifikation"), "ID", _uuid(item.id))
    general = _add_general(element, item.title, item.number)
    if isinstance(item, DisposalRecord):
        _add(general, "Aktenfuehrung", item.authority)
    _add_code(general, "Vertraulichkeitsstufe", _known(_CONFIDENTIALITY_CODES, item.confidentiality))
    _add_archival(element, item)
    period = _add(element, "Laufzeit")
    _add(period, "Beginn", item.started.isoformat())
    _add_if(period, "Ende", _iso(item.ended))
    return general


def _add_general(element: Element, title: str, number: str) -> Element:
    general = _add(element, "AllgemeineMetadaten")
    _add(general, "Betreff", title)
    _add(general, "Kennzeichen", number)
    return general


def _add_archival(element: Element, item: DisposalObject) -> None:
    """MetadatenAussonderung, which offer and transfer must carry."""
    archival = _add(element, "ArchivspezifischeMetadaten")
    retention = _add(archival, "Aufbewahrungsdauer")
    if item.retention_years is None:
        _add(retention, "Unbefristet", "1")
    elif 0 <= item.retention_years <= 0xFFFF:
        _add(retention, "AnzahlJahre", str(item.retention_years))
    else:
        raise ValueError(f"retention of {item.retention_years} years does not fit into a message")
    _add_disposal(archival, item.disposal)
    _add_if(archival, "Kennung", item.archive_id)
    if item.proposal is not None:
        _add_code(archival, "Bewertungsvorschlag", _known(_PROPOSALS, item.proposal))
    _add_if(archival, "Aufbewahrungsende", _iso(item.retention_end))


def _add_document(parent: Element, document: DisposalDocument, *, with_files: bool) -> None:
    element = _add(parent, "Dokument")
    _add(_add(element, "Identifikation"), "ID", _uuid(document.id))
    _add_general(element, document.title, document.number)
    _add_if(element, "DatumDesSchreibens", _iso(document.date_of_creation))
    if with_files:
        _add_versions(element, document.versions)


def _add_versions(element: Element, versions: Iterable[DocumentVersion]) -> None:
    sums: dict[str, str] = {}
    for version in versions:
        if not version.files:
            raise ValueError(f"version {version.number!r} has no primary file")
        numbered = _add(element, "Version")
        _add(numbered, "Nummer", version.number)
        for file in version.files:
            _add_file(numbered, file)
            if file.sha256 is not None:
                sums[file.name] = file.sha256
    _add_checksums(element, sums)


def _add_file(parent: Element, file: PrimaryFile) -> None:
    if not _FILE_NAME.fullmatch(file.name):
        raise ValueError(f"file name {file.name!r} does not begin with a UUID, or is a path")
    if (file.format_code == OTHER_FORMAT) != bool(file.format_name):
        raise ValueError(f"file {file.name}: a format has a name exactly where its code is {OTHER_FORMAT}")
    element = _add(parent, "Format")
    _add_code(element, "Name", file.format_code, list_name="dateiformat")
    _add_if(element, "SonstigerName", file.format_name)
    _add(element, "Version", file.format_version)
    primary = _add(element, "Primaerdokument")
    _add(primary, "Dateiname", file.name)
    _add_if(primary, "DateinameOriginal", file.original_name)
    _add_if(primary, "Ersteller", file.author)


def _add_checksums(element: Element, sums: Mapping[str, str]) -> None:
    if not sums:
        return
    extension = _add(element, "AnwendungsspezifischeErweiterung")
    _add(extension, "Kennung", _CHECKSUMS)
    _add(extension, "Name", "Prüfsummen der Primärdokumente (SHA-256)")
    for name, value in sums.items():
        if not _SHA256.fullmatch(value):
            raise ValueError(f"file {name}: {value!r} is no SHA-256 in lower-case hexadecimal")
        field = _add(extension, "Feld")
        _add(field, "Name", name)
        _add(field, "Wert", value)


def _add_disposal(parent: Element, disposal: str) -> None:
    _add_code(_add(parent, "Aussonderungsart"), "Aussonderungsart", _known(_DISPOSALS, disposal))


def _add_code(parent: Element, name: str, code: str, version: str = "1.0", list_name: str | None = None) -> None:
    """An element of a code list; `code` in it has no namespace."""
    element = _add(parent, name)
    element.set("listURI", f"urn:xoev-de:xdomea:codeliste:{list_name or name.lower()}")
    element.set("listVersionID", version)
    etree.SubElement(element, "code").text = code


def _add(parent: Element, name: str, text: str | None = None) -> Element:
    element = etree.SubElement(parent, _qualified(parent, name))
    element.text = text
    return element


def _add_if(parent: Element, name: str, text: str | None) -> None:
    if text is not None:
        _add(parent, name, text)


def _bytes(root: Element) -> bytes:
    if len(root) == 1:
        raise ValueError("a message names one object at least")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _require_unique(keys: Iterable[str]) -> None:
    """No id or file name comes twice, whatever its case."""
    seen: set[str] = set()
    for key in keys:
        if key.lower() in seen:
            raise ValueError(f"{key} is named twice")
        seen.add(key.lower())


def _known(codes: Mapping[str, _T], code: str) -> _T:
    if code not in codes:
        raise ValueError(f"no code {code!r}, only {', '.join(codes)}")
    return codes[code]


def _uuid(text: str) -> str:
    if not _UUID.fullmatch(text):
        raise ValueError(f"{text!r} is not a UUID")
    return text.lower()


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _flag(value: bool) -> str:
    return "1" if value else "0"


# --- reading: what is not such a message is an UnreadableMessage ---


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
        decisions[id_] = _read_code(_need(element, "Aussonderungsart", "Aussonderungsart"), _DISPOSALS)
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
    if root.tag not in {f"{{{namespace}}}{NAMES[message]}" for namespace in _NAMESPACES.values()}:
        _refuse(root, f"not a {NAMES[message]} of xdomea {' or '.join(_NAMESPACES)}: {root.tag}")
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
    kind = _KINDS[_local(element)]
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
        kind=_KINDS[_local(element)],
        parent=parent,
        number=_text_of(element, "AllgemeineMetadaten", "Kennzeichen"),
        title=_text_of(element, "AllgemeineMetadaten", "Betreff"),
        authority=_text_of(element, "AllgemeineMetadaten", "Aktenfuehrung"),
        confidentiality=None if level is None else _read_code(level, _CONFIDENTIALITY),
        file_plan_code=_text_of(element, "AllgemeineMetadaten", "Aktenplaneinheit", "Kennzeichen"),
        file_plan_title=_text_of(element, "AllgemeineMetadaten", "Aktenplaneinheit", "Inhaltsangabe"),
        retention_years=_read_years(_child(element, archival, "Aufbewahrungsdauer", "AnzahlJahre")),
        unlimited=unlimited is not None and _read_flag(unlimited),
        disposal=None if disposal is None else _read_code(disposal, _DISPOSALS),
        archive_id=_text_of(element, archival, "Kennung"),
        proposal=None if proposal is None else _read_code(proposal, _PROPOSALS),
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
    if not _FILE_NAME.fullmatch(name):
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
        if _text_of(extension, "Kennung") != _CHECKSUMS:
            continue
        for field in _all(extension, "Feld"):
            value = _text(_need(field, "Wert"))
            if not _SHA256.fullmatch(value):
                _refuse(field, f"{value!r} is no SHA-256 in lower-case hexadecimal")
            sums[_text(_need(field, "Name"))] = value
    return sums


def _read_uuid(element: Element) -> str:
    text = _text(element)
    if not _UUID.fullmatch(text):
        _refuse(element, f"{text!r} is not a UUID")
    return text.lower()


def _read_time(element: Element) -> datetime:
    """An instant; a time without a zone is German time."""
    text = _text(element).strip()
    try:
        time = datetime.fromisoformat(text if _TIME.fullmatch(text) else "")
    except ValueError:
        _refuse(element, f"{text!r} is no point in time")
    return time if time.tzinfo is not None else time.replace(tzinfo=_BERLIN)


def _read_date(element: Element | None) -> date | None:
    if element is None:
        return None
    text = _text(element).strip()
    match = _DATE.fullmatch(text)
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
    if text not in _BOOLEANS:
        _refuse(element, f"{text!r} is neither 1 nor 0")
    return _BOOLEANS[text]


def _read_code(element: Element, codes: Mapping[str, _T]) -> _T:
    code = _code(element)
    if code not in codes:
        _refuse(element, f"no code {code!r}, only {', '.join(codes)}")
    return codes[code]


def _code(element: Element) -> str:
    codes = element.findall("code")
    if len(codes) != 1:
        _refuse(element, f"holds {len(codes)} codes instead of one")
    return _text(codes[0]).strip()


def _qualified(element: Element, name: str) -> str:
    return f"{{{etree.QName(element).namespace}}}{name}"


def _local(element: Element) -> str:
    return etree.QName(element).localname


def _all(parent: Element, *names: str) -> list[Element]:
    """The children of these names, in the order of the message."""
    return list(parent.iterchildren(*(_qualified(parent, name) for name in names)))


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
