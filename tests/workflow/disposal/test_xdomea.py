"""The disposal messages against the published schemas, the published samples and hostile bytes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.workflow.disposal import archive_side
from workflow.disposal.xdomea.codes import NAMES, RECEIPTS
from workflow.disposal.xdomea.elements import UnreadableMessage, find_place, read_message_type
from workflow.disposal.xdomea.model import (
    Appraisal,
    Confirmation,
    DisposalCase,
    DisposalDocument,
    DisposalRecord,
    DocumentVersion,
    Header,
    HistoryEntry,
    ImportResult,
    PrimaryFile,
    Receipt,
)
from workflow.disposal.xdomea.reading import read_0502, read_0506, read_receipt
from workflow.disposal.xdomea.writing import file_name, write_0501, write_0503, write_receipt

XDOMEA = Path(__file__).parents[3].parent / "shared" / "xdomea"
needs_schemas = pytest.mark.skipif(not XDOMEA.is_dir(), reason=f"the xdomea schemas are not in {XDOMEA}")
NS = {"x": "urn:xoev-de:xdomea:schema:3.0.0"}
PROCESS = "9fde4e7a-b41b-11ec-9225-005056871b7c"
ID = "67e456ea-b420-11ec-b503-005056871b7c"
OTHER = "7bf9473a-b4a7-11ec-a407-005056871b7c"
FILE = "f4bcaaf7-d7cb-11ef-a278-005056871b7c"
READERS = {"0502": read_0502, "0506": read_0506} | {
    receipt: partial(read_receipt, message=receipt) for receipt in RECEIPTS.values()
}
CONFIDENTIALITY = {"open": "003", "restricted": "002", "confidential": "005", "secret": "001", "top_secret": "004"}


@cache
def schema(version):
    return etree.XMLSchema(file=str(XDOMEA / version / "xdomea-Nachrichten-AussonderungDurchfuehren.xsd"))


def validate(data, version="3.0.0"):
    schema(version).assertValid(etree.fromstring(data))


def header(message):
    return Header(PROCESS, message, datetime(2025, 3, 1, 9, 30, tzinfo=UTC), "Ministerium für Wirtschaft", "Archiv")


def a_file(**changes):
    return replace(PrimaryFile(f"{FILE}_Vermerk.pdf", "Vermerk.docx", "Ö. Müller", "044", "ab" * 32), **changes)


def a_document(*files, **changes):
    versions = (DocumentVersion("1", files),) if files else ()
    return replace(DisposalDocument(OTHER, "10-0001/2015-001#001", "Vermerk", date(2015, 2, 3), versions), **changes)


def a_case(**changes):
    case = DisposalCase(
        id=ID,
        number="10-0001/2015-001",
        title="Förderung <A & B>",
        started=date(2015, 2, 1),
        ended=date(2016, 7, 1),
        retention_years=5,
        disposal="B",
        retention_end=date(2021, 12, 31),
        proposal="A",
        archive_id=None,
        confidentiality="open",
        documents=(a_document(a_file()),),
    )
    return replace(case, **changes)


# --- strategies: ids and names are unique in a message ---

CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
TEXTS = st.text(st.one_of(st.sampled_from("äöüÄÖÜß<>&\"' \t\n\r]"), CHARACTERS), max_size=25)
DATES = st.dates(min_value=date(1900, 1, 1))
TIMES = st.datetimes(
    min_value=datetime(1900, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9, minutes=-30))]),
)
UUIDS = st.uuids().map(str)
OPTIONAL_TEXT = st.none() | TEXTS
FILES = st.builds(
    PrimaryFile,
    name=st.builds("{}{}".format, UUIDS, st.sampled_from(["", ".pdf", "_Müller & Söhne (1).tar.gz"])),
    original_name=OPTIONAL_TEXT,
    author=OPTIONAL_TEXT,
    format_code=st.sampled_from(["018", "044", "045"]),
    sha256=st.none() | st.text("0123456789abcdef", min_size=64, max_size=64),
    format_version=TEXTS,
) | st.builds(
    PrimaryFile,
    name=UUIDS,
    original_name=OPTIONAL_TEXT,
    author=OPTIONAL_TEXT,
    format_code=st.just("100"),
    sha256=st.none(),
    format_name=TEXTS.filter(bool),
)
VERSIONS = st.builds(DocumentVersion, number=TEXTS, files=st.lists(FILES, min_size=1, max_size=2).map(tuple))
DOCUMENTS = st.lists(
    st.builds(
        DisposalDocument,
        id=UUIDS,
        number=TEXTS,
        title=TEXTS,
        date_of_creation=st.none() | DATES,
        versions=st.lists(VERSIONS, max_size=2).map(tuple),
    ),
    max_size=2,
).map(tuple)
COMMON = {
    "id": UUIDS,
    "number": TEXTS,
    "title": TEXTS,
    "started": DATES,
    "ended": st.none() | DATES,
    "retention_years": st.none() | st.integers(0, 65535),
    "disposal": st.sampled_from("ABV"),
    "retention_end": st.none() | DATES,
    "proposal": st.sampled_from(["A", "V", None]),
    "archive_id": OPTIONAL_TEXT,
    "confidentiality": st.sampled_from(sorted(CONFIDENTIALITY)),
    "lead": OPTIONAL_TEXT,
    "authority": OPTIONAL_TEXT,
    "medium": st.sampled_from([None, "electronic", "hybrid", "paper"]),
    "history": st.lists(
        st.builds(HistoryEntry, actor=TEXTS, at=TIMES, action=TEXTS, remark=OPTIONAL_TEXT), max_size=2
    ).map(tuple),
    "documents": DOCUMENTS,
}
PLAN = st.tuples(TEXTS, OPTIONAL_TEXT) | st.just((None, None))
CASES = st.builds(
    lambda plan, **rest: DisposalCase(file_plan_code=plan[0], file_plan_title=plan[1], **rest),
    PLAN, record_title=OPTIONAL_TEXT, **COMMON,
)  # fmt: skip
RECORDS = st.builds(
    DisposalRecord,
    **COMMON,
    file_plan_code=TEXTS,
    file_plan_title=TEXTS,
    cases=st.lists(CASES, max_size=2).map(tuple),
)
OBJECTS = st.lists(CASES | RECORDS, min_size=1, max_size=3)
HEADERS = st.builds(
    Header,
    process=UUIDS,
    message=st.just("0501"),
    created=TIMES,
    sender=TEXTS,
    receiver=TEXTS,
    receipt_wanted=st.booleans(),
    sender_code=st.sampled_from([None, "05-111"]),
    receiver_code=st.sampled_from([None, "LAVNRW"]),
    product=st.sampled_from(["eva", None]),
    product_version=st.sampled_from(["0.1.0", None]),
)


def listed(objects, *, with_files):
    """What a reader must find in the objects, written down without the reader."""
    found = []

    def document(item, parent):
        found.append(
            {
                "id": item.id,
                "kind": "document",
                "parent": parent,
                "number": item.number,
                "title": item.title,
                "medium": "electronic",
                "date_of_creation": item.date_of_creation,
                "versions": item.versions if with_files else (),
            }
        )

    def container(item, parent):
        names = [name for name in COMMON if name != "documents"] + ["file_plan_code", "file_plan_title"]
        plan = isinstance(item, DisposalRecord)
        own = {} if plan else {"closed": item.ended, "record_title": item.record_title}
        found.append(
            {name: getattr(item, name) for name in names}
            | {"kind": "record" if plan else "case", "parent": parent, "unlimited": item.retention_years is None}
            | own
        )
        for inner in item.documents:
            document(inner, item.id)
        for case in item.cases if plan else ():
            container(case, item.id)

    for item in objects:
        container(item, None)
    return found


def assert_found(objects, expected):
    assert len(objects) == len(expected)
    for item, fields in zip(objects, expected, strict=True):
        assert {name: getattr(item, name) for name in fields} == fields
        rest = set(item.__dataclass_fields__) - set(fields)
        assert all(getattr(item, name) in {None, False, ()} for name in rest)


# --- written messages are valid and come back whole ---

RESULTS = st.lists(
    st.builds(ImportResult, id=UUIDS, success=st.booleans(), archive_id=OPTIONAL_TEXT, error=OPTIONAL_TEXT),
    min_size=1,
    unique_by=lambda result: result.id,
).map(tuple)
DECISIONS = st.dictionaries(UUIDS, st.sampled_from("ABV"), min_size=1)


@needs_schemas
@given(HEADERS, OBJECTS, st.booleans(), DECISIONS, RESULTS)
@settings(max_examples=60)
def test_every_written_message_is_valid(head: Any, objects: Any, wanted: Any, decisions: Any, results: Any) -> None:
    validate(write_0501(head, objects))
    validate(archive_side.write_0502(replace(head, message="0502"), decisions))
    validate(write_0503(replace(head, message="0503"), objects, archive_ids_wanted=wanted))
    validate(archive_side.write_0506(replace(head, message="0506"), results))


@given(HEADERS, OBJECTS)
@settings(max_examples=60)
def test_an_offer_comes_back(head: Any, objects: Any) -> None:
    offer = archive_side.read_0501(write_0501(head, objects))
    assert offer.header == head
    assert_found(offer.objects, listed(objects, with_files=False))


@given(HEADERS, OBJECTS, st.booleans())
@settings(max_examples=60)
def test_a_transfer_comes_back(head: Any, objects: Any, wanted: Any) -> None:
    head = replace(head, message="0503")
    transfer = archive_side.read_0503(write_0503(head, objects, archive_ids_wanted=wanted))
    assert (transfer.header, transfer.archive_ids_wanted) == (head, wanted)
    assert_found(transfer.objects, listed(objects, with_files=True))


@given(HEADERS, DECISIONS)
def test_an_appraisal_comes_back(head: Any, decisions: Any) -> None:
    head = replace(head, message="0502")
    assert read_0502(archive_side.write_0502(head, decisions)) == Appraisal(head, decisions)


@given(HEADERS, RESULTS)
def test_a_confirmation_comes_back(head: Any, results: Any) -> None:
    head = replace(head, message="0506", receipt_wanted=False)
    assert read_0506(archive_side.write_0506(head, results)) == Confirmation(head, results)


def every_message(version="3.0.0"):
    return {
        "0501": write_0501(header("0501"), [a_case()], version=version),
        "0502": archive_side.write_0502(header("0502"), {ID: "A"}, version=version),
        "0503": write_0503(header("0503"), [a_case()], version=version),
        "0506": archive_side.write_0506(header("0506"), [ImportResult(ID, True, "R 1", None)], version=version),
    } | {message: write_receipt(header(message), version=version) for message in RECEIPTS.values()}


@needs_schemas
@pytest.mark.parametrize("message", READERS)
def test_the_next_version_differs_in_its_namespace_only(message: str) -> None:
    data = every_message("3.1.0")[message]
    validate(data, "3.1.0")
    assert READERS[message](data) == READERS[message](every_message()[message])
    assert data.replace(b"schema:3.1.0", b"schema:3.0.0") == every_message()[message]


@needs_schemas
def test_the_schema_refuses_a_spoilt_message() -> None:
    spoilt = every_message()["0502"].replace(b"<code>A</code>", b"<code>X</code>")
    with pytest.raises(etree.DocumentInvalid):
        validate(spoilt)


def find(data, path):
    return [element.text for element in etree.fromstring(data).iterfind(path, NS)]


@pytest.mark.parametrize(("level", "code"), CONFIDENTIALITY.items())
def test_confidentiality_has_the_code_of_the_list(level: str, code: str) -> None:
    data = write_0501(header("0501"), [a_case(confidentiality=level)])
    assert find(data, ".//x:Vertraulichkeitsstufe/code") == [code]


def test_an_offer_holds_no_primary_file() -> None:
    offer, transfer = every_message()["0501"], every_message()["0503"]
    for path in (".//x:Version", ".//x:Primaerdokument", ".//x:Feld"):
        assert not find(offer, path)
        assert find(transfer, path)
    assert FILE.encode() not in offer
    assert find(offer, ".//x:Dokument//x:Betreff") == ["Vermerk"]


def test_a_case_without_its_record_is_at_the_top_level() -> None:
    data = every_message()["0503"]
    assert find(data, "x:Schriftgutobjekt/x:Vorgang/x:Identifikation/x:ID") == [ID]
    assert not find(data, ".//x:Akte")


def test_the_prefix_is_the_one_the_standard_prescribes() -> None:
    for data in every_message().values():
        assert b"<xdomea:Aussonderung." in data


def test_a_message_is_written_the_same_each_time() -> None:
    assert every_message() == every_message()


def test_ids_are_read_whatever_their_case() -> None:
    data = archive_side.write_0502(header("0502"), {ID: "V"}).replace(ID.encode(), ID.upper().encode())
    assert read_0502(data).decisions == {ID: "V"}


def test_ids_are_written_in_one_case() -> None:
    assert archive_side.write_0502(header("0502"), {ID.upper(): "A"}) == every_message()["0502"]


def test_files_are_named_as_the_standard_has_it() -> None:
    assert file_name(PROCESS, "0501") == f"{PROCESS}_Aussonderung.Anbieteverzeichnis.0501.xml"
    assert file_name(PROCESS, "0502") == f"{PROCESS}_Aussonderung.Bewertungsverzeichnis.0502.xml"
    assert file_name(PROCESS, "0503", "zip") == f"{PROCESS}_Aussonderung.Aussonderung.0503.zip"
    assert file_name(PROCESS, "0506") == f"{PROCESS}_Aussonderung.AussonderungImportBestaetigen.0506.xml"
    with pytest.raises(ValueError, match="0599"):
        file_name(PROCESS, "0599")
    with pytest.raises(ValueError, match="UUID"):
        file_name("../x", "0501")


# --- what the standard cannot express is not written ---


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"id": "7"}, "UUID"),
        ({"id": OTHER}, "twice"),
        ({"id": OTHER.upper()}, "twice"),
        ({"title": "\x00"}, "XML"),
        ({"title": "\uffff"}, "XML"),
        ({"retention_years": -1}, "years"),
        ({"retention_years": 65536}, "years"),
        ({"disposal": "X"}, "X"),
        ({"proposal": "B"}, "B"),
        ({"confidentiality": "003"}, "003"),
        ({"documents": (a_document(a_file(name="Vermerk.pdf")),)}, "UUID"),
        ({"documents": (a_document(a_file(name=f"{FILE}/../../x")),)}, "some system does not take it"),
        ({"documents": (a_document(a_file(), a_file()),)}, "twice"),
        ({"documents": (a_document(a_file(format_code="100")),)}, "100"),
        ({"documents": (a_document(a_file(format_name="DjVu")),)}, "100"),
        ({"documents": (a_document(a_file(sha256="AB" * 32)),)}, "SHA-256"),
        ({"documents": (a_document(versions=(DocumentVersion("1", ()),)),)}, "no primary file"),
    ],
)
def test_what_a_message_cannot_express_is_not_written(
    changes: dict[str, int] | dict[str, str] | dict[str, tuple[Any]], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        write_0503(header("0503"), [a_case(**changes)])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"message": "0502"}, "0502"),
        ({"process": "x"}, "UUID"),
        ({"created": datetime(2025, 3, 1)}, "zone"),  # noqa: DTZ001
    ],
)
def test_a_wrong_header_is_not_written(changes: dict[str, datetime] | dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        write_0501(replace(header("0501"), **changes), [a_case()])


def test_an_empty_message_is_not_written() -> None:
    for write, message, content in [
        (write_0501, "0501", []),
        (archive_side.write_0502, "0502", {}),
        (write_0503, "0503", []),
        (archive_side.write_0506, "0506", []),
    ]:
        with pytest.raises(ValueError, match="one object at least"):
            write(header(message), content)


# --- published samples ---


def sample(folder, message):
    (path,) = (XDOMEA / "samples" / folder).glob(f"*.{message}.xml")
    return path.read_bytes()


@needs_schemas
def test_the_sample_of_the_landesarchiv_nrw_is_read() -> None:
    transfer = archive_side.read_0503(sample("landesarchiv_nrw_3.0.0", "0503"))
    assert transfer.header.process == PROCESS
    assert transfer.header.created == datetime(2022, 4, 4, 15, 34, 58, tzinfo=UTC)
    assert (transfer.header.sender, transfer.header.receiver) == ("[Abgebende Stelle]", "Landesarchiv NRW")
    assert not transfer.archive_ids_wanted
    case, document = transfer.objects
    assert (case.id, case.kind, case.parent, case.title) == (ID, "case", None, "[Vorgangsbetreff]")
    assert (case.confidentiality, case.started, case.ended) == ("open", date(2010, 4, 4), date(2012, 4, 4))
    assert (case.disposal, case.retention_years, case.unlimited) == (None, None, False)
    assert (document.id, document.kind, document.parent) == (OTHER, "document", ID)
    assert document.versions == (DocumentVersion("1", (PrimaryFile(f"{FILE}.txt", None, None, "045", None),)),)


@needs_schemas
def test_the_pattern_of_an_offer_is_read() -> None:
    offer = archive_side.read_0501(sample("patterns_3.0.0", "0501"))
    assert [(o.kind, o.disposal, o.proposal) for o in offer.objects] == [
        ("record", "B", "A"),
        ("case", "B", "A"),
        ("document", None, None),
    ]
    record, case, document = offer.objects
    assert (case.parent, document.parent) == (record.id, case.id)
    assert record.file_plan_code == "1234"
    assert offer.header.receipt_wanted
    # no zone in the message: German summer time
    assert offer.header.created == datetime(2020, 7, 24, 15, 21, 25, tzinfo=UTC)


@needs_schemas
def test_the_pattern_of_an_appraisal_is_read_though_its_message_code_is_wrong() -> None:
    data = sample("patterns_3.0.0", "0502")
    assert find(data, "x:Kopf/x:Nachrichtentyp/code") == ["0503"]
    appraisal = read_0502(data)
    assert appraisal.header.message == "0502"
    assert appraisal.decisions == {"cbdbfccc-72e5-44b2-9e71-937e6f4f8ce9": "A"}


@needs_schemas
def test_the_pattern_of_a_transfer_is_read() -> None:
    transfer = archive_side.read_0503(sample("patterns_3.0.0", "0503"))
    assert transfer.archive_ids_wanted
    (document,) = transfer.objects
    assert (document.kind, document.parent) == ("document", None)
    (file,) = document.versions[0].files
    assert file.name == "e8b289cb-f8dd-492a-b3cf-560674eaa92b_PDF-A1b_CMYK_20150731.pdf"
    assert (file.format_code, file.format_version) == ("044", "1b")


# --- what is nested or said otherwise than we write it ---


def test_a_comment_does_not_cut_a_text() -> None:
    data = every_message()["0502"].replace(ID.encode(), f"{ID[:9]}<!-- -->{ID[9:]}".encode())
    assert read_0502(data).decisions == {ID: "A"}


def test_an_extension_of_another_product_is_not_taken_for_checksums() -> None:
    data = every_message()["0503"].replace(b"eva:sha256", b"other")
    (document,) = archive_side.read_0503(data).documents_of(ID)
    assert document.versions[0].files == (a_file(sha256=None),)


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("<x:Organisationseinheit><x:Name>Referat 1</x:Name></x:Organisationseinheit>", "Referat 1"),
        ("<x:Name><x:Familienname><x:Name>M</x:Name></x:Familienname></x:Name>", ""),
    ],
)
def test_a_sender_may_be_a_unit_or_a_mere_person(sender: str, name: str) -> None:
    data = every_message()["0502"].decode().replace("xmlns:", f'xmlns:x="{NS["x"]}" xmlns:', 1)
    start, end = data.index("<xdomea:Institution>"), data.index("</xdomea:Absender>")
    assert read_0502(f"{data[:start]}{sender}{data[end:]}".encode()).header.sender == name


@pytest.mark.parametrize(("text", "success"), [(b"1", True), (b"true", True), (b"0", False), (b" false ", False)])
def test_success_is_read_in_either_spelling(text: bytes, success: bool) -> None:
    data = every_message()["0506"].replace(b"Erfolgreich>1<", b"Erfolgreich>" + text + b"<")
    assert read_0506(data).results[0].success is success


@needs_schemas
def test_all_errors_of_an_import_are_read() -> None:
    data = archive_side.write_0506(header("0506"), [ImportResult(ID, False, None, "kaputt")])
    more = (
        b"</xdomea:Fehlermeldung><xdomea:Fehlermeldung>leer</xdomea:Fehlermeldung>"
        b'<xdomea:FehlermeldungCode listURI="urn:x" listVersionID="1"><code>E7</code></xdomea:FehlermeldungCode>'
    )
    data = data.replace(b"</xdomea:Fehlermeldung>", more)
    validate(data)
    assert read_0506(data).results == (ImportResult(ID, False, None, "kaputt; leer; E7"),)


# --- hostile and broken bytes are refused ---


def with_doctype(data, doctype):
    declaration, rest = data.split(b"\n", 1)
    return declaration + b"\n" + doctype + b"\n" + rest


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(10)
)


@pytest.mark.parametrize("message", READERS)
@pytest.mark.parametrize(
    "doctype",
    [
        b"<!DOCTYPE x>",
        LAUGHS + b"]>",
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
        b'<!DOCTYPE x [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>',
    ],
    ids=["empty", "laughs", "file", "network", "parameter"],
)
def test_a_doctype_is_refused(message: str, doctype: bytes) -> None:
    data = with_doctype(every_message()[message], doctype)
    with pytest.raises(UnreadableMessage, match="DOCTYPE"):
        READERS[message](data)
    with pytest.raises(UnreadableMessage):
        READERS[message](data.replace(b">Archiv<", b">&k;<" if b"ENTITY k" in data else b">&a;<"))


def test_a_bomb_in_an_attribute_is_refused() -> None:
    data = every_message()["0502"].replace(b'listVersionID="2.0"', b'listVersionID="&k;"')
    with pytest.raises(UnreadableMessage):
        read_0502(with_doctype(data, LAUGHS + b"]>"))


def test_a_doctype_in_another_encoding_is_refused() -> None:
    text = with_doctype(every_message()["0502"], b"<!DOCTYPE x>").decode().split("\n", 1)[1]
    with pytest.raises(UnreadableMessage, match="DOCTYPE"):
        read_0502(text.encode("utf-16"))
    assert read_0502(text.removeprefix("<!DOCTYPE x>").lstrip().encode("utf-16")).decisions == {ID: "A"}


@given(st.sampled_from(sorted(READERS)), st.floats(0, 0.98))
def test_a_truncated_message_is_refused(message: Any, part: Any) -> None:
    data = every_message()[message]
    with pytest.raises(UnreadableMessage, match="line"):
        READERS[message](data[: int(len(data) * part)])


@given(st.sampled_from(sorted(READERS)), st.integers(0), st.binary(max_size=4))
def test_spoilt_bytes_are_read_or_refused_and_nothing_else(message: Any, place: Any, bits: Any) -> None:
    data = every_message()[message]
    place %= len(data)
    try:
        READERS[message](data[:place] + bits + data[place + len(bits) :])
    except UnreadableMessage as error:
        assert str(error)  # noqa: PT017 - either way is right


@given(st.binary())
def test_bytes_that_are_no_xml_are_refused(data: Any) -> None:
    with pytest.raises(UnreadableMessage):
        read_0502(data)


@pytest.mark.parametrize("written", NAMES)
@pytest.mark.parametrize("expected", READERS)
def test_only_the_message_expected_is_read(written: str, expected: str) -> None:
    data = every_message()[written]
    if written == expected:
        assert READERS[expected](data).header == header(expected)
    else:
        with pytest.raises(UnreadableMessage, match=f"the message is .*{written}; Aussonderung.*{expected}"):
            READERS[expected](data)


@pytest.mark.parametrize("message", READERS)
@pytest.mark.parametrize(
    "namespace", [b"urn:xoev-de:xdomea:schema:2.3.0", b"urn:x", b"urn:xoev-de:xdomea:schema:4.0.0"]
)
def test_another_namespace_is_refused(message: str, namespace: bytes) -> None:
    data = every_message()[message].replace(NS["x"].encode(), namespace)
    with pytest.raises(UnreadableMessage, match=r"of xdomea 3\.0\.0 or 3\.1\.0"):
        READERS[message](data)


def test_elements_of_another_namespace_do_not_count() -> None:
    data = every_message()["0502"].replace(b"<xdomea:ID>", b'<ID xmlns="urn:x">').replace(b"</xdomea:ID>", b"</ID>")
    with pytest.raises(UnreadableMessage, match="holds no ID"):
        read_0502(data)


@pytest.mark.parametrize("message", READERS)
@pytest.mark.parametrize("process", ["", "7", PROCESS + "0", PROCESS[:-1] + "|", "../../etc/passwd", f" {PROCESS}"])
def test_a_process_that_is_no_uuid_is_refused(message: str, process: str) -> None:
    data = every_message()[message].replace(PROCESS.encode(), process.encode())
    with pytest.raises(UnreadableMessage, match=r"^line 4, column 5: .* is not a UUID; 8-4-4-4-12"):
        READERS[message](data)


DECISION = b"</xdomea:BewertetesObjekt>"
SECOND = (
    f"{DECISION.decode()}<xdomea:BewertetesObjekt><xdomea:ID>{ID.upper()}</xdomea:ID><xdomea:Aussonderungsart>"
    "<xdomea:Aussonderungsart><code>V</code></xdomea:Aussonderungsart></xdomea:Aussonderungsart>"
).encode()


@pytest.mark.parametrize(
    ("message", "old", "new", "says"),
    [
        ("0502", b"<code>A</code>", b"<code>X</code>", "no code 'X'"),
        ("0502", b"<code>A</code>", b"", "0 codes"),
        ("0502", b"<code>A</code>", b"<code>A</code><code>V</code>", "2 codes"),
        ("0502", b"<code>A</code>", b"<code>A<b/></code>", "code holds elements; text"),
        ("0502", DECISION, SECOND + DECISION, "second decision"),
        ("0502", b"xdomea:BewertetesObjekt>", b"xdomea:Bewertet>", "holds no BewertetesObjekt"),
        ("0502", b"</xdomea:ID>", f"</xdomea:ID><xdomea:ID>{OTHER}</xdomea:ID>".encode(), "twice"),
        ("0502", b"2025-03-01T09:30:00Z", b"2025-03-01", "no point in time"),
        ("0502", b"2025-03-01T09:30:00Z", b"2025-02-30T09:30:00Z", "no point in time"),
        ("0502", b"xdomea:Absender>", b"xdomea:Sender>", "holds no Absender"),
        ("0502", b"xdomea:Kopf>", b"xdomea:Fuss>", "holds no Kopf"),
        ("0506", b"<xdomea:Erfolgreich>1", b"<xdomea:Erfolgreich>ja", "no truth value; 1 or 0"),
        ("0506", b"<xdomea:Erfolgreich>1</xdomea:Erfolgreich>", b"", "holds no Erfolgreich"),
    ],
)
def test_a_spoilt_element_is_refused_with_its_place(message: str, old: bytes, new: bytes, says: str) -> None:
    data = every_message()[message]
    assert old in data
    spoilt = data.replace(old, new)
    with pytest.raises(UnreadableMessage, match=rf"(?s)^line \d+, column \d+: .*{says}") as no:
        READERS[message](spoilt)
    element = spoilt.decode().splitlines()[no.value.line - 1][no.value.column - 1 :]
    assert element.startswith("<"), element


def test_the_column_counts_characters_and_the_encoding_does_not_matter() -> None:
    text = every_message()["0502"].decode().replace("Ministerium", "Überörtliches Ministerium für Ökologie")
    text = text.replace("<xdomea:ID>" + ID, "<xdomea:Ä/><xdomea:ID>x" + ID)
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "xdomea:Ä" in row)
    column = text.splitlines()[line - 1].index("<xdomea:ID>") + 1
    for encoding in ("utf-8", "utf-16", "iso-8859-1"):
        data = text.replace("UTF-8", encoding).encode(encoding)
        with pytest.raises(UnreadableMessage) as no:
            read_0502(data)
        assert (no.value.line, no.value.column) == (line, column), encoding
    unusual = text.replace("UTF-8", "EUC-KR").replace("Ü", "U").replace("ö", "o").replace("Ö", "O").replace("ü", "u")
    with pytest.raises(UnreadableMessage) as no:  # the second parser does not know the encoding
        read_0502(unusual.replace("Ä", "A").encode("euc-kr"))
    assert (no.value.line, no.value.column) == (1, 1)


@pytest.mark.parametrize("key", [ID, OTHER])
def test_the_place_of_an_id_is_that_of_its_element(key: str) -> None:
    data = archive_side.write_0502(header("0502"), {ID: "A", OTHER: "V"})
    line, column = find_place(data, key.upper())
    assert data.decode().splitlines()[line - 1][column - 1 :].startswith(f"<xdomea:ID>{key}")
    assert find_place(data, PROCESS[:-1] + "0") == (2, 1)  # not named: the begin of the message


def test_two_results_for_one_object_are_refused() -> None:
    data = archive_side.write_0506(
        header("0506"), [ImportResult(ID, True, None, None), ImportResult(OTHER, False, None, "")]
    )
    with pytest.raises(UnreadableMessage, match="second result"):
        read_0506(data.replace(OTHER.encode(), ID.encode()))


@needs_schemas
def test_a_free_decision_of_the_archive_is_not_taken_for_one_of_the_three() -> None:
    free = b"<xdomea:AussonderungsartKonfigurierbar>A</xdomea:AussonderungsartKonfigurierbar>"
    data = every_message()["0502"]
    start = data.index(b"<xdomea:Aussonderungsart listURI")
    end = data.index(b"</xdomea:Aussonderungsart>", start) + len(b"</xdomea:Aussonderungsart>")
    spoilt = data[:start] + free + data[end:]
    validate(spoilt)
    with pytest.raises(UnreadableMessage, match="holds no Aussonderungsart/Aussonderungsart"):
        read_0502(spoilt)


@given(HEADERS, st.sampled_from(sorted(RECEIPTS.values())))
def test_a_receipt_comes_back_and_names_what_it_confirms(head: Any, message: Any) -> None:
    head = replace(head, message=message, receipt_wanted=False)
    data = write_receipt(head)
    assert read_message_type(data) == message
    assert read_receipt(data, message) == Receipt(head, {"0504": "0501", "0505": "0502", "0507": "0503"}[message])
    with pytest.raises(ValueError, match="is no receipt"):
        write_receipt(replace(head, message="0503"))


@needs_schemas
def test_the_published_receipt_is_read() -> None:
    data = (XDOMEA / "samples/patterns_3.0.0/xx_Aussonderung.AnbietungEmpfangBestaetigen.0504.xml").read_bytes()
    assert read_message_type(data) == "0504"
    receipt = read_receipt(data, "0504")
    assert (receipt.confirms, receipt.header.sender_code) == ("0501", "LATh")


@pytest.mark.parametrize(
    "name", ["a:b.pdf", "a<b>.pdf", "a?.pdf", "a|b", 'a".pdf', "a*.pdf", "a.", "a ", "a\\b", "a/b"]
)
def test_a_file_name_that_some_system_does_not_take_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="does not begin with a UUID, or some system does not take it"):
        write_0503(header("0503"), [a_case(documents=(a_document(a_file(name=f"{FILE}_{name}")),))])


def test_the_midnight_that_ends_a_day_is_the_first_moment_of_the_next() -> None:
    written = archive_side.write_0502(header("0502"), {ID: "A"})
    for text, at in (
        ("2024-02-28T24:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        ("2024-12-31T24:00:00.000Z", datetime(2025, 1, 1, tzinfo=UTC)),
        ("2024-06-30T24:00:00", datetime(2024, 6, 30, 22, tzinfo=UTC)),  # German time
    ):
        assert read_0502(written.replace(b"2025-03-01T09:30:00Z", text.encode())).header.created == at
    for wrong in ("2024-02-28T24:00:01Z", "2024-02-28T24:30:00Z", "9999-12-31T24:00:00Z"):
        with pytest.raises(UnreadableMessage, match="is no point in time"):
            read_0502(written.replace(b"2025-03-01T09:30:00Z", wrong.encode()))
