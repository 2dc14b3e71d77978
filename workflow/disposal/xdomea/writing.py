"""Writing the four disposal messages; a value that the standard cannot express is a `ValueError`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date

from lxml import etree
from lxml.etree import _Element as Element

from workflow.disposal.xdomea.model import (
    CHECKSUMS,
    CONFIDENTIALITY_CODES,
    DISPOSALS,
    FILE_NAME,
    NAMES,
    NAMESPACES,
    OTHER_FORMAT,
    PROPOSALS,
    SHA256,
    UUID,
    Disposal,
    DisposalCase,
    DisposalDocument,
    DisposalObject,
    DisposalRecord,
    DocumentVersion,
    Header,
    ImportResult,
    Message,
    PrimaryFile,
    T,
    Version,
    qualified,
)


def file_name(process: str, message: str, suffix: str = "xml") -> str:
    """Name of the file of a message, `<ProzessID>_<Nachrichtentyp>.xml`; of its container with `suffix` zip."""
    if message not in NAMES:
        raise ValueError(f"no disposal message {message!r}")
    return f"{_uuid(process)}_{NAMES[message]}.{suffix}"


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
    namespace = NAMESPACES[version]
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
    _add_code(general, "Vertraulichkeitsstufe", _known(CONFIDENTIALITY_CODES, item.confidentiality))
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
        _add_code(archival, "Bewertungsvorschlag", _known(PROPOSALS, item.proposal))
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
    if not FILE_NAME.fullmatch(file.name):
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
    _add(extension, "Kennung", CHECKSUMS)
    _add(extension, "Name", "Prüfsummen der Primärdokumente (SHA-256)")
    for name, value in sums.items():
        if not SHA256.fullmatch(value):
            raise ValueError(f"file {name}: {value!r} is no SHA-256 in lower-case hexadecimal")
        field = _add(extension, "Feld")
        _add(field, "Name", name)
        _add(field, "Wert", value)


def _add_disposal(parent: Element, disposal: str) -> None:
    _add_code(_add(parent, "Aussonderungsart"), "Aussonderungsart", _known(DISPOSALS, disposal))


def _add_code(parent: Element, name: str, code: str, version: str = "1.0", list_name: str | None = None) -> None:
    """An element of a code list; `code` in it has no namespace."""
    element = _add(parent, name)
    element.set("listURI", f"urn:xoev-de:xdomea:codeliste:{list_name or name.lower()}")
    element.set("listVersionID", version)
    etree.SubElement(element, "code").text = code


def _add(parent: Element, name: str, text: str | None = None) -> Element:
    element = etree.SubElement(parent, qualified(parent, name))
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


def _known(codes: Mapping[str, T], code: str) -> T:
    if code not in codes:
        raise ValueError(f"no code {code!r}, only {', '.join(codes)}")
    return codes[code]


def _uuid(text: str) -> str:
    if not UUID.fullmatch(text):
        raise ValueError(f"{text!r} is not a UUID")
    return text.lower()


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _flag(value: bool) -> str:
    return "1" if value else "0"
