"""Writing what an office sends, 0501 and 0503; a value that the standard cannot express is a `ValueError`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from lxml.etree import _Element as Element

from workflow.disposal.xdomea.builder import (
    add,
    add_code,
    add_if,
    check_unique,
    format_day,
    format_flag,
    format_time,
    format_uuid,
    get_code,
    render,
    start_message,
)
from workflow.disposal.xdomea.codes import (
    CHECKSUMS,
    CONFIDENTIALITY_CODES,
    DISPOSALS,
    FILE_NAME,
    MEDIA,
    NAMES,
    OTHER_FORMAT,
    PROPOSALS,
    RECEIPTS,
    SHA256,
    Version,
)
from workflow.disposal.xdomea.model import (
    DisposalCase,
    DisposalDocument,
    DisposalObject,
    DisposalRecord,
    DocumentVersion,
    Header,
    HistoryEntry,
    PrimaryFile,
)


def file_name(process: str, message: str, suffix: str = "xml") -> str:
    """Name of the file of a message, `<ProzessID>_<Nachrichtentyp>.xml`; of its container with `suffix` zip."""
    if message not in NAMES:
        raise ValueError(f"no disposal message {message!r}")
    return f"{format_uuid(process)}_{NAMES[message]}.{suffix}"


def write_0501(
    header: Header, objects: Sequence[DisposalRecord | DisposalCase], *, version: Version = "3.0.0"
) -> bytes:
    """Anbieteverzeichnis: metadata of records, cases and documents, never a primary file."""
    root, _ = start_message(header, "0501", version)
    _add_objects(root, objects, with_files=False)
    return render(root)


def write_0503(
    header: Header,
    objects: Sequence[DisposalRecord | DisposalCase],
    *,
    archive_ids_wanted: bool = True,
    version: Version = "3.0.0",
) -> bytes:
    """Aussonderung: the objects with their documents, versions and names of primary files."""
    root, head = start_message(header, "0503", version)
    add(head, "Importbestaetigung", "1")
    add(head, "RueckmeldungArchivkennung", format_flag(archive_ids_wanted))
    add(head, "Empfangsbestaetigung", format_flag(header.receipt_wanted))
    _add_objects(root, objects, with_files=True)
    return render(root)


def write_receipt(header: Header, *, version: Version = "3.0.0") -> bytes:
    """The receipt (0504, 0505 or 0507) that a header is of."""
    if header.message not in RECEIPTS.values():
        raise ValueError(f"{header.message} is no receipt")
    root, _ = start_message(header, header.message, version)
    return render(root)


def _add_objects(root: Element, objects: Sequence[DisposalRecord | DisposalCase], *, with_files: bool) -> None:
    check_unique(_list_ids(objects))
    if with_files:
        check_unique(_list_file_names(objects))
    for item in objects:
        top = add(root, "Schriftgutobjekt")
        if isinstance(item, DisposalRecord):
            _add_record(top, item, with_files=with_files)
        else:
            _add_case(top, item, with_files=with_files)


def _list_parts(objects: Iterable[DisposalRecord | DisposalCase]) -> Iterator[DisposalObject]:
    for item in objects:
        yield item
        if isinstance(item, DisposalRecord):
            yield from item.cases


def _list_ids(objects: Iterable[DisposalRecord | DisposalCase]) -> Iterator[str]:
    for part in _list_parts(objects):
        yield part.id
        yield from (document.id for document in part.documents)


def _list_file_names(objects: Iterable[DisposalRecord | DisposalCase]) -> list[str]:
    documents = (document for part in _list_parts(objects) for document in part.documents)
    return [file.name for document in documents for version in document.versions for file in version.files]


def _add_record(parent: Element, record: DisposalRecord, *, with_files: bool) -> None:
    element = add(parent, "Akte")
    _add_common(element, record)
    content = add(element, "Akteninhalt")
    for document in record.documents:
        _add_document(content, document, with_files=with_files)
    for case in record.cases:
        _add_case(content, case, with_files=with_files)


def _add_case(parent: Element, case: DisposalCase, *, with_files: bool) -> None:
    element = add(parent, "Vorgang")
    _add_common(element, case)
    for document in case.documents:
        _add_document(element, document, with_files=with_files)


def _add_common(element: Element, item: DisposalRecord | DisposalCase) -> None:
    """Identity, metadata, period and history, in the order of the schema."""
    add(add(element, "Identifikation"), "ID", format_uuid(item.id))
    general = _add_general(element, item.title, item.number)
    add_if(general, "Federfuehrung", item.lead)
    add_if(general, "Aktenfuehrung", item.authority)
    add_code(general, "Vertraulichkeitsstufe", get_code(CONFIDENTIALITY_CODES, item.confidentiality))
    if item.medium is not None:
        add_code(general, "Medium", MEDIA[item.medium])
    if item.file_plan_code is not None:
        unit = add(general, "Aktenplaneinheit")
        add(unit, "Kennzeichen", item.file_plan_code)
        add_if(unit, "Inhaltsangabe", item.file_plan_title)
    _add_archival(element, item)
    if isinstance(item, DisposalCase):
        add_if(element, "Aktenbetreff", item.record_title)
        if item.ended is not None:
            add(element, "ZdA", "1")
            add(element, "ZdADatum", item.ended.isoformat())
    period = add(element, "Laufzeit")
    add(period, "Beginn", item.started.isoformat())
    add_if(period, "Ende", format_day(item.ended))
    for entry in item.history:
        _add_history(element, entry)


def _add_history(parent: Element, entry: HistoryEntry) -> None:
    element = add(parent, "HistorienProtokollInformation")
    add(element, "Akteur", entry.actor)
    add(element, "DatumUhrzeit", format_time(entry.at))
    add_if(element, "Bemerkung", entry.remark)
    add(element, "Aktion", entry.action)


def _add_general(element: Element, title: str, number: str) -> Element:
    general = add(element, "AllgemeineMetadaten")
    add(general, "Betreff", title)
    add(general, "Kennzeichen", number)
    return general


def _add_archival(element: Element, item: DisposalObject) -> None:
    """MetadatenAussonderung, which offer and transfer must carry."""
    archival = add(element, "ArchivspezifischeMetadaten")
    retention = add(archival, "Aufbewahrungsdauer")
    if item.retention_years is None:
        add(retention, "Unbefristet", "1")
    elif 0 <= item.retention_years <= 0xFFFF:
        add(retention, "AnzahlJahre", str(item.retention_years))
    else:
        raise ValueError(f"retention of {item.retention_years} years does not fit into a message")
    _add_disposal(archival, item.disposal)
    add_if(archival, "Kennung", item.archive_id)
    if item.proposal is not None:
        add_code(archival, "Bewertungsvorschlag", get_code(PROPOSALS, item.proposal))
    add_if(archival, "Aufbewahrungsende", format_day(item.retention_end))


def _add_document(parent: Element, document: DisposalDocument, *, with_files: bool) -> None:
    element = add(parent, "Dokument")
    add(add(element, "Identifikation"), "ID", format_uuid(document.id))
    general = _add_general(element, document.title, document.number)
    add_code(general, "Medium", MEDIA["electronic"])
    add_if(element, "DatumDesSchreibens", format_day(document.date_of_creation))
    if with_files:
        _add_versions(element, document.versions)


def _add_versions(element: Element, versions: Iterable[DocumentVersion]) -> None:
    sums: dict[str, str] = {}
    for version in versions:
        if not version.files:
            raise ValueError(f"version {version.number!r} has no primary file")
        numbered = add(element, "Version")
        add(numbered, "Nummer", version.number)
        for file in version.files:
            _add_file(numbered, file)
            if file.sha256 is not None:
                sums[file.name] = file.sha256
    _add_checksums(element, sums)


def _add_file(parent: Element, file: PrimaryFile) -> None:
    if not FILE_NAME.fullmatch(file.name):
        raise ValueError(f"file name {file.name!r} does not begin with a UUID, or some system does not take it")
    if (file.format_code == OTHER_FORMAT) != bool(file.format_name):
        raise ValueError(f"file {file.name}: a format has a name exactly where its code is {OTHER_FORMAT}")
    element = add(parent, "Format")
    add_code(element, "Name", file.format_code, list_name="dateiformat")
    add_if(element, "SonstigerName", file.format_name)
    add(element, "Version", file.format_version)
    primary = add(element, "Primaerdokument")
    add(primary, "Dateiname", file.name)
    add_if(primary, "DateinameOriginal", file.original_name)
    add_if(primary, "Ersteller", file.author)


def _add_checksums(element: Element, sums: Mapping[str, str]) -> None:
    if not sums:
        return
    extension = add(element, "AnwendungsspezifischeErweiterung")
    add(extension, "Kennung", CHECKSUMS)
    add(extension, "Name", "Prüfsummen der Primärdokumente (SHA-256)")
    for name, value in sums.items():
        if not SHA256.fullmatch(value):
            raise ValueError(f"file {name}: {value!r} is no SHA-256 in lower-case hexadecimal")
        field = add(extension, "Feld")
        add(field, "Name", name)
        add(field, "Wert", value)


def _add_disposal(parent: Element, disposal: str) -> None:
    add_code(add(parent, "Aussonderungsart"), "Aussonderungsart", get_code(DISPOSALS, disposal))
