"""Reading the four disposal messages; what is not such a message is an `UnreadableMessage`."""

from collections.abc import Mapping

from lxml.etree import _Element as Element

from workflow.disposal.xdomea.codes import (
    CHECKSUMS,
    CONFIDENTIALITY,
    DISPOSALS,
    FILE_NAME,
    KINDS,
    PROPOSALS,
    SHA256,
    Disposal,
    Message,
)
from workflow.disposal.xdomea.elements import (
    children,
    decode,
    find,
    find_date,
    find_decoded,
    find_flag,
    find_text,
    find_years,
    get,
    local_name,
    read_code,
    read_flag,
    read_message,
    read_text,
    read_time,
    read_uuid,
    refuse,
    some_children,
)
from workflow.disposal.xdomea.model import (
    Appraisal,
    Confirmation,
    DocumentVersion,
    Header,
    ImportResult,
    ListedObject,
    Offer,
    PrimaryFile,
    Transfer,
)


def read_0501(data: bytes) -> Offer:
    return read_message(data, "0501", lambda root: Offer(_read_header(root, "0501"), _read_objects(root)))


def read_0502(data: bytes) -> Appraisal:
    """Read a Bewertungsverzeichnis; a decision that is none of A, B and V, or two for one id, is refused."""
    return read_message(data, "0502", _read_appraisal)


def read_0503(data: bytes) -> Transfer:
    return read_message(
        data,
        "0503",
        lambda root: Transfer(
            _read_header(root, "0503"), _read_objects(root), find_flag(root, "Kopf", "RueckmeldungArchivkennung")
        ),
    )


def read_0506(data: bytes) -> Confirmation:
    """Read an AussonderungImportBestaetigen; two results for one id are refused."""
    return read_message(data, "0506", _read_confirmation)


def _read_appraisal(root: Element) -> Appraisal:
    decisions: dict[str, Disposal] = {}
    for element in some_children(root, "BewertetesObjekt"):
        id_ = read_uuid(get(element, "ID"))
        if id_ in decisions:
            refuse(element, f"a second decision for {id_}", "one for each object")
        decisions[id_] = decode(get(element, "Aussonderungsart", "Aussonderungsart"), DISPOSALS)
    return Appraisal(_read_header(root, "0502"), decisions)


def _read_confirmation(root: Element) -> Confirmation:
    results: dict[str, ImportResult] = {}
    for element in some_children(root, "AusgesondertesSGO"):
        result = _read_result(element)
        if result.id in results:
            refuse(element, f"a second result for {result.id}", "one for each object")
        results[result.id] = result
    return Confirmation(_read_header(root, "0506"), tuple(results.values()))


def _read_header(root: Element, message: Message) -> Header:
    """The root element says what message it is: the code beside it is wrong in published samples."""
    head = get(root, "Kopf")
    return Header(
        process=read_uuid(get(head, "ProzessID")),
        message=message,
        created=read_time(get(head, "Erstellungszeitpunkt")),
        sender=_read_contact(get(head, "Absender")),
        receiver=_read_contact(get(head, "Empfaenger")),
        receipt_wanted=find_flag(head, "Empfangsbestaetigung"),
        product=find_text(head, "SendendesSystem", "Produktname"),
        product_version=find_text(head, "SendendesSystem", "Version"),
    )


def _read_contact(contact: Element) -> str:
    """Name of the authority, else of the unit, else nothing: a contact may be a mere person."""
    name = find_text(contact, "Institution", "Name")
    return name if name is not None else find_text(contact, "Organisationseinheit", "Name") or ""


def _read_result(element: Element) -> ImportResult:
    errors = [read_text(error) for error in children(element, "Fehlermeldung")]
    errors += [read_text(code) for coded in children(element, "FehlermeldungCode") for code in coded.findall("code")]
    return ImportResult(
        id=read_uuid(get(element, "IDSGO")),
        success=read_flag(get(element, "Erfolgreich")),
        archive_id=find_text(element, "Archivkennung"),
        error="; ".join(errors) if errors else None,
    )


def _read_objects(root: Element) -> tuple[ListedObject, ...]:
    """All objects, a container before what lies in it; without recursion, however deep they are nested."""
    found: dict[str, ListedObject] = {}
    todo: list[tuple[Element, str | None]] = [(item, None) for item in reversed(_read_top_level(root))]
    while todo:
        element, parent = todo.pop()
        item = _read_object(element, parent)
        if item.id in found:
            refuse(element, f"a second object {item.id}", "every object once")
        found[item.id] = item
        todo.extend((inner, item.id) for inner in reversed(_get_contents(element)))
    return tuple(found.values())


def _read_top_level(root: Element) -> list[Element]:
    items = []
    for top in some_children(root, "Schriftgutobjekt"):
        inner = children(top, "Akte", "Vorgang", "Dokument")
        if len(inner) != 1:
            refuse(top, f"Schriftgutobjekt holds {len(inner)} objects", "exactly one")
        items += inner
    return items


def _get_contents(element: Element) -> list[Element]:
    kind = KINDS[local_name(element)]
    if kind == "document":
        return children(element, "Anlage")
    if kind == "case":
        return children(element, "Dokument", "Teilvorgang")
    content = find(element, "Akteninhalt")
    return [] if content is None else children(content, "Dokument", "Vorgang", "Teilakte")


def _read_object(element: Element, parent: str | None) -> ListedObject:
    general, archival = "AllgemeineMetadaten", "ArchivspezifischeMetadaten"
    return ListedObject(
        id=read_uuid(get(element, "Identifikation", "ID")),
        kind=KINDS[local_name(element)],
        parent=parent,
        number=find_text(element, general, "Kennzeichen"),
        title=find_text(element, general, "Betreff"),
        authority=find_text(element, general, "Aktenfuehrung"),
        confidentiality=find_decoded(CONFIDENTIALITY, element, general, "Vertraulichkeitsstufe"),
        file_plan_code=find_text(element, general, "Aktenplaneinheit", "Kennzeichen"),
        file_plan_title=find_text(element, general, "Aktenplaneinheit", "Inhaltsangabe"),
        retention_years=find_years(element, archival, "Aufbewahrungsdauer", "AnzahlJahre"),
        unlimited=find_flag(element, archival, "Aufbewahrungsdauer", "Unbefristet"),
        disposal=find_decoded(DISPOSALS, element, archival, "Aussonderungsart", "Aussonderungsart"),
        archive_id=find_text(element, archival, "Kennung"),
        proposal=find_decoded(PROPOSALS, element, archival, "Bewertungsvorschlag"),
        retention_end=find_date(element, archival, "Aufbewahrungsende"),
        started=find_date(element, "Laufzeit", "Beginn"),
        ended=find_date(element, "Laufzeit", "Ende"),
        date_of_creation=find_date(element, "DatumDesSchreibens"),
        versions=_read_versions(element),
    )


def _read_versions(element: Element) -> tuple[DocumentVersion, ...]:
    sums = _read_checksums(element)
    return tuple(
        DocumentVersion(
            number=read_text(get(version, "Nummer")),
            files=tuple(_read_file(file, sums) for file in some_children(version, "Format")),
        )
        for version in children(element, "Version")
    )


def _read_file(element: Element, sums: Mapping[str, str]) -> PrimaryFile:
    primary = get(element, "Primaerdokument")
    name = read_text(get(primary, "Dateiname"))
    if not FILE_NAME.fullmatch(name):
        refuse(primary, f"{name!r} is no name of a primary file", "a UUID at its begin, and no path")
    return PrimaryFile(
        name=name,
        original_name=find_text(primary, "DateinameOriginal"),
        author=find_text(primary, "Ersteller"),
        format_code=read_code(get(element, "Name")),
        sha256=sums.get(name),
        format_name=find_text(element, "SonstigerName"),
        format_version=read_text(get(element, "Version")),
    )


def _read_checksums(element: Element) -> dict[str, str]:
    sums = {}
    for extension in children(element, "AnwendungsspezifischeErweiterung"):
        if find_text(extension, "Kennung") != CHECKSUMS:
            continue
        for field in children(extension, "Feld"):
            value = read_text(get(field, "Wert"))
            if not SHA256.fullmatch(value):
                refuse(field, f"{value!r} is no SHA-256", "64 lower-case hexadecimal digits")
            sums[read_text(get(field, "Name"))] = value
    return sums
