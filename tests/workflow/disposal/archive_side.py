"""The archive's side of disposal: reads what an office sends (0501, 0503), writes what it answers (0502, 0506)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lxml.etree import _Element as Element

from workflow.disposal.xdomea.builder import (
    add,
    add_code,
    add_if,
    check_unique,
    format_flag,
    format_uuid,
    render,
    start_message,
)
from workflow.disposal.xdomea.codes import (
    CHECKSUMS,
    CONFIDENTIALITY,
    DISPOSALS,
    MEDIA,
    PROPOSALS,
    Disposal,
    Version,
)
from workflow.disposal.xdomea.elements import (
    children,
    decode,
    find,
    find_flag,
    find_text,
    get,
    local_name,
    read_code,
    read_message,
    read_text,
    read_time,
    read_uuid,
)
from workflow.disposal.xdomea.model import DocumentVersion, Header, HistoryEntry, ImportResult, PrimaryFile
from workflow.disposal.xdomea.reading import read_header

KINDS = {"Akte": "record", "Vorgang": "case", "Dokument": "document"}


@dataclass(frozen=True, kw_only=True)
class ListedObject:
    """An object found in a 0501 or 0503; None is "not stated", as almost everything is optional in the standard."""

    id: str
    kind: str
    parent: str | None
    """Id of the object it lies in."""
    number: str | None
    title: str | None
    authority: str | None
    confidentiality: str | None
    lead: str | None
    medium: str | None
    closed: date | None
    record_title: str | None
    history: tuple[HistoryEntry, ...]
    file_plan_code: str | None
    file_plan_title: str | None
    retention_years: int | None
    unlimited: bool
    disposal: str | None
    archive_id: str | None
    proposal: str | None
    retention_end: date | None
    started: date | None
    ended: date | None
    date_of_creation: date | None
    versions: tuple[DocumentVersion, ...]


@dataclass(frozen=True)
class Offer:
    header: Header
    objects: tuple[ListedObject, ...]


@dataclass(frozen=True)
class Transfer:
    header: Header
    objects: tuple[ListedObject, ...]
    archive_ids_wanted: bool

    def documents_of(self, container: str) -> tuple[ListedObject, ...]:
        return tuple(found for found in self.objects if found.kind == "document" and found.parent == container)


def read_0501(data: bytes) -> Offer:
    return read_message(data, "0501", lambda root: Offer(read_header(root, "0501"), _read_objects(root)))


def read_0503(data: bytes) -> Transfer:
    def read(root: Element) -> Transfer:
        wanted = find_flag(root, "Kopf", "RueckmeldungArchivkennung")
        return Transfer(read_header(root, "0503"), _read_objects(root), wanted)

    return read_message(data, "0503", read)


def write_0502(header: Header, decisions: Mapping[str, Disposal], *, version: Version = "3.0.0") -> bytes:
    root, _ = start_message(header, "0502", version)
    check_unique(decisions)
    for id_, disposal in decisions.items():
        appraised = add(root, "BewertetesObjekt")
        add(appraised, "ID", format_uuid(id_))
        add_code(add(appraised, "Aussonderungsart"), "Aussonderungsart", disposal)
    return render(root)


def write_0506(header: Header, results: Sequence[ImportResult], *, version: Version = "3.0.0") -> bytes:
    root, _ = start_message(header, "0506", version)
    check_unique(result.id for result in results)
    for result in results:
        imported = add(root, "AusgesondertesSGO")
        add(imported, "IDSGO", format_uuid(result.id))
        add(imported, "Erfolgreich", format_flag(result.success))
        add_if(imported, "Fehlermeldung", result.error)
        add_if(imported, "Archivkennung", result.archive_id)
    return render(root)


def _read_objects(root: Element) -> tuple[ListedObject, ...]:
    """All objects, a container before what lies in it."""
    found: list[ListedObject] = []

    def visit(element: Element, parent: str | None) -> None:
        item = _read_object(element, parent)
        found.append(item)
        content = find(element, "Akteninhalt")
        for inner in children(element if content is None else content, "Dokument", "Vorgang"):
            visit(inner, item.id)

    for top in children(root, "Schriftgutobjekt"):
        (item,) = children(top, *KINDS)
        visit(item, None)
    return tuple(found)


def _read_object(element: Element, parent: str | None) -> ListedObject:
    general, archival = "AllgemeineMetadaten", "ArchivspezifischeMetadaten"
    years = find_text(element, archival, "Aufbewahrungsdauer", "AnzahlJahre")
    return ListedObject(
        id=read_uuid(get(element, "Identifikation", "ID")),
        kind=KINDS[local_name(element)],
        parent=parent,
        number=find_text(element, general, "Kennzeichen"),
        title=find_text(element, general, "Betreff"),
        authority=find_text(element, general, "Aktenfuehrung"),
        confidentiality=_find_decoded(CONFIDENTIALITY, element, general, "Vertraulichkeitsstufe"),
        lead=find_text(element, general, "Federfuehrung"),
        medium=_find_decoded({code: name for name, code in MEDIA.items()}, element, general, "Medium"),
        closed=_find_date(element, "ZdADatum") if find_flag(element, "ZdA") else None,
        record_title=find_text(element, "Aktenbetreff"),
        history=tuple(map(_read_entry, children(element, "HistorienProtokollInformation"))),
        file_plan_code=find_text(element, general, "Aktenplaneinheit", "Kennzeichen"),
        file_plan_title=find_text(element, general, "Aktenplaneinheit", "Inhaltsangabe"),
        retention_years=int(years) if years else None,
        unlimited=find_flag(element, archival, "Aufbewahrungsdauer", "Unbefristet"),
        disposal=_find_decoded(DISPOSALS, element, archival, "Aussonderungsart", "Aussonderungsart"),
        archive_id=find_text(element, archival, "Kennung"),
        proposal=_find_decoded(PROPOSALS, element, archival, "Bewertungsvorschlag"),
        retention_end=_find_date(element, archival, "Aufbewahrungsende"),
        started=_find_date(element, "Laufzeit", "Beginn"),
        ended=_find_date(element, "Laufzeit", "Ende"),
        date_of_creation=_find_date(element, "DatumDesSchreibens"),
        versions=_read_versions(element),
    )


def _read_entry(element: Element) -> HistoryEntry:
    return HistoryEntry(
        actor=read_text(get(element, "Akteur")),
        at=read_time(get(element, "DatumUhrzeit")),
        action=read_text(get(element, "Aktion")),
        remark=find_text(element, "Bemerkung"),
    )


def _find_decoded(codes: Mapping[str, str], element: Element, *path: str) -> str | None:
    found = find(element, *path)
    return None if found is None else decode(found, codes)


def _find_date(element: Element, *path: str) -> date | None:
    text = find_text(element, *path)
    return date.fromisoformat(text) if text else None


def _read_versions(element: Element) -> tuple[DocumentVersion, ...]:
    sums = {
        read_text(get(field, "Name")): read_text(get(field, "Wert"))
        for extension in children(element, "AnwendungsspezifischeErweiterung")
        if find_text(extension, "Kennung") == CHECKSUMS
        for field in children(extension, "Feld")
    }
    return tuple(
        DocumentVersion(
            number=read_text(get(version, "Nummer")),
            files=tuple(_read_file(file, sums) for file in children(version, "Format")),
        )
        for version in children(element, "Version")
    )


def _read_file(element: Element, sums: Mapping[str, str]) -> PrimaryFile:
    primary = get(element, "Primaerdokument")
    name = read_text(get(primary, "Dateiname"))
    return PrimaryFile(
        name=name,
        original_name=find_text(primary, "DateinameOriginal"),
        author=find_text(primary, "Ersteller"),
        format_code=read_code(get(element, "Name")),
        sha256=sums.get(name),
        format_name=find_text(element, "SonstigerName"),
        format_version=read_text(get(element, "Version")),
    )
