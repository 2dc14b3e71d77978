"""The four-step disposal with real bytes: what goes to the archive, what comes back, and nothing else."""

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import etree
from pydantic import ValidationError

from tests.workflow.conftest import PEOPLE, Office
from tests.workflow.disposal import archive_side
from workflow.disposal.messages import (
    Letter,
    build_appraise,
    build_confirm,
    build_offer,
    build_transfer,
    get_transferable,
    list_files,
)
from workflow.disposal.xdomea.model import Appraisal, Confirmation, Header, ImportResult
from workflow.disposal.xdomea.reading import read_0502, read_0506
from workflow.disposal.xdomea.writing import file_name
from workflow.engine.access import Confidentiality, Protection
from workflow.errors import InvalidCommand, NotAllowed
from workflow.file_plan.retention import Disposal, Retention
from workflow.records.files import Version
from workflow.records.record import Case, Document, Life, Record

XDOMEA = Path(__file__).parents[3].parent / "shared" / "xdomea"
AT = datetime(2032, 3, 1, 9, tzinfo=UTC)
WHO = ("Ministerium für Wirtschaft & Energie", "Landesarchiv <NRW>")
LETTER = Letter(AT, *WHO)
ELSEWHERE = "00000000-0000-4000-8000-000000000000"


@cache
def schema(version: str) -> etree.XMLSchema:
    if not XDOMEA.is_dir():
        pytest.skip(f"the xdomea schemas are not in {XDOMEA}")
    return etree.XMLSchema(file=str(XDOMEA / version / "xdomea-Nachrichten-AussonderungDurchfuehren.xsd"))


def offered(office: Office, cases: int = 3) -> tuple[str, list[str]]:
    """A record offered with its cases, each with one document."""
    record = office.record(title='Windpark "Süd" <A&B>', retention={"years": 10, "disposal": "B"})
    ids = []
    for _ in range(cases):
        ids.append(office.case(record))
        office.document(record, ids[-1], title="Bescheid & Anlage")
        office.do("mueller", "close", record, case=ids[-1])
    office.do("mueller", "close", record)
    office.later(until=date(2032, 2, 1))
    office.do("registrar", "offer", record)
    return record, ids


def document_of(office: Office, record: str, case: str) -> str:
    (found,) = office.state(record).cases[case].documents
    return str(found)


def header(kind: Any, process: str) -> Header:
    return Header(process, kind, AT, WHO[1], WHO[0])


def appraisal(process: str, decisions: Any) -> Appraisal:
    """A 0502 as it comes back."""
    return read_0502(archive_side.write_0502(header("0502", process), decisions))


def confirmation(process: str, *results: ImportResult) -> Confirmation:
    """A 0506 as it comes back."""
    return read_0506(archive_side.write_0506(header("0506", process), results))


def transferred(office: Office) -> tuple[str, str, str, str]:
    """A record transferred with one case; record, process, case, document."""
    record, (case,) = offered(office, cases=1)
    state = office.state(record)
    command = build_appraise(appraisal(state.life.process, {state.id: "A", case: "A"}), state)
    office.engine.handle(command, PEOPLE["archivist"], record)
    office.do("registrar", "transfer", record)
    return record, state.life.process, case, document_of(office, record, case)


@pytest.mark.parametrize("version", ["3.0.0", "3.1.0"])
def test_four_steps_with_real_bytes(office: Office, version: Any) -> None:
    letter = Letter(AT, *WHO, version=version)
    record, (keep, destroy, silent) = offered(office)
    own, process = office.state(record).id, office.state(record).life.process
    sent = build_offer(office.state(record), process, letter)
    read = archive_side.read_0501(sent)
    assert {o.id for o in read.objects if o.kind != "document"} == {own, keep, destroy, silent}
    assert next(o.title for o in read.objects if o.id == own) == 'Windpark "Süd" <A&B>'
    answer = appraisal(process, {own: "A", keep: "A", destroy: "V", silent: "B"})
    office.engine.handle(build_appraise(answer, office.state(record)), PEOPLE["archivist"], record)
    office.do("registrar", "transfer", record)
    packed = build_transfer(office.state(record), process, letter)
    parcel = archive_side.read_0503(packed)
    assert {o.id for o in parcel.objects if o.kind != "document"} == {own, keep}  # no missing, no surplus
    (document,) = parcel.documents_of(keep)
    assert document.versions[0].files[0].sha256 == "ab" * 32
    assert build_transfer(office.state(record), process, letter) == packed  # names are stable
    results = (ImportResult(own, True, "NW-1", None), ImportResult(keep, False, None, "Format defekt"))
    command = build_confirm(confirmation(process, *results), office.state(record))
    state = office.engine.handle(command, PEOPLE["archivist"], record).state
    assert (state.state, state.life.archive_id) == ("confirmed", "NW-1")
    assert {key: case.life.state for key, case in state.cases.items()} == dict.fromkeys(state.cases, "appraised")
    for data in (sent, packed):
        schema(version).assertValid(etree.fromstring(data))


def test_a_case_alone_goes_as_a_top_level_vorgang(office: Office) -> None:
    record = office.record(retention={"years": 1, "disposal": "B"})
    case = office.case(record)
    office.document(record, case)
    office.do("mueller", "close", record, case=case)
    office.later(days=1000)
    office.do("registrar", "offer", record, case=case)
    process = office.state(record).cases[case].life.process
    sent = build_offer(office.state(record), process, LETTER)
    first = archive_side.read_0501(sent).objects[0]
    assert (first.id, first.kind, first.parent) == (case, "case", None)
    command = build_appraise(appraisal(process, {case: "V"}), office.state(record))
    assert command.case == case
    assert office.engine.handle(command, PEOPLE["archivist"], record).state.cases[case].life.decision == "V"
    schema("3.0.0").assertValid(etree.fromstring(sent))


def test_what_was_never_offered_or_sent_is_refused_and_named(office: Office) -> None:
    record, (keep, *_) = offered(office, cases=1)
    process, version = office.state(record).life.process, office.engine.load(record).version
    with pytest.raises(InvalidCommand, match=f"/message/{ELSEWHERE}: was not offered"):
        build_appraise(appraisal(process, {keep: "A", ELSEWHERE: "V"}), office.state(record))
    with pytest.raises(NotAllowed, match="nothing of this record is offered in process") as no:
        build_appraise(appraisal(ELSEWHERE, {keep: "A"}), office.state(record))
    assert (no.value.state, no.value.action) == ("offered", "appraise")
    assert no.value.de == f"In Verfahren {ELSEWHERE} ist nichts aus dieser Akte angeboten"
    early = confirmation(process, ImportResult(keep, True, "NW-1", None))
    with pytest.raises(NotAllowed, match="nothing of this record is transferred"):
        build_confirm(early, office.state(record))
    with pytest.raises(NotAllowed, match="transferred"):
        build_transfer(office.state(record), process, LETTER)
    assert office.engine.load(record).version == version


@pytest.mark.parametrize(
    ("of_case", "of_document", "contradicts"),
    [("A", "A", 0), ("A", "V", 0), ("A", "B", 0), ("B", "A", 0), ("V", "V", 0), ("V", "A", 1), ("V", "B", 1)],
)
def test_a_document_shares_the_appraisal_of_its_case_and_is_not_destroyed_against_its_own(
    office: Office, of_case: Any, of_document: Any, contradicts: int
) -> None:
    record, (case, other) = offered(office, cases=2)
    state, document = office.state(record), document_of(office, record, case)
    message = appraisal(state.life.process, {state.id: "A", case: of_case, document: of_document, other: "A"})
    if contradicts:
        with pytest.raises(InvalidCommand, match=f"/message/{document}: the document is appraised {of_document}"):
            build_appraise(message, state)
        return
    after = office.engine.handle(build_appraise(message, state), PEOPLE["archivist"], record).state
    assert {key: c.life.decision for key, c in after.cases.items()} == {case: of_case, other: "A"}


def test_a_document_of_a_case_that_was_not_offered_is_refused(office: Office) -> None:
    record = office.record(retention={"years": 1, "disposal": "B"})
    case, other = office.case(record), office.case(record)
    stray = office.document(record, other)
    office.do("mueller", "work", record, case=case)
    office.do("mueller", "close", record, case=case)
    office.later(days=1000)
    office.do("registrar", "offer", record, case=case)
    state = office.state(record)
    with pytest.raises(InvalidCommand, match=f"/message/{stray}: was not offered"):
        build_appraise(appraisal(state.cases[case].life.process, {case: "A", stray: "A"}), state)


def test_a_message_that_names_documents_only_decides_nothing(office: Office) -> None:
    record, process, _, document = transferred(office)
    with pytest.raises(InvalidCommand, match="documents only"):
        build_confirm(confirmation(process, ImportResult(document, True, None, None)), office.state(record))


def test_an_appraisal_of_documents_only_destroys_nothing(office: Office) -> None:
    record, (case,) = offered(office, cases=1)
    state = office.state(record)
    with pytest.raises(InvalidCommand, match="documents only"):
        build_appraise(appraisal(state.life.process, {document_of(office, record, case): "V"}), state)


@pytest.mark.parametrize("named", [True, False])
def test_a_case_of_which_a_document_was_not_taken_in_was_not_taken_in(office: Office, named: bool) -> None:
    record, process, case, document = transferred(office)
    own = office.state(record).id
    results = [ImportResult(own, True, "NW-1", None), ImportResult(document, False, None, "Virus")]
    if named:
        results.append(ImportResult(case, True, "NW-2", None))
    command = build_confirm(confirmation(process, *results), office.state(record))
    assert command.results[case].error == f"Dokument {document}: Virus"
    after = office.engine.handle(command, PEOPLE["archivist"], record).state
    assert (after.state, after.cases[case].life.state, after.cases[case].life.archive_id) == (
        "confirmed", "appraised", None,
    )  # fmt: skip


def test_what_an_archive_leaves_empty_is_no_archive_id_and_no_reason(office: Office) -> None:
    record, process, case, _ = transferred(office)
    own = office.state(record).id
    results = (ImportResult(own, True, " \n", None), ImportResult(case, False, None, None))
    command = build_confirm(confirmation(process, *results), office.state(record))
    assert command.results[own].archive_id is None
    assert command.results[case].error == "ohne Angabe"
    long = (ImportResult(own, True, "Zeile 1\nZeile 2", None), ImportResult(case, False, None, "x" * 900))
    command = build_confirm(confirmation(process, *long), office.state(record))
    assert command.results[own].archive_id == "Zeile 1 Zeile 2"
    assert len(command.results[case].error or "") == 400


def test_the_files_of_a_transfer_are_known_before_it_and_the_same_after_it(office: Office) -> None:
    record, (keep, destroy) = offered(office, cases=2)
    state = office.state(record)
    assert get_transferable(state, state.life) == set()
    command = build_appraise(appraisal(state.life.process, {state.id: "A", keep: "A", destroy: "V"}), state)
    before: Record = office.engine.handle(command, PEOPLE["archivist"], record).state
    ids = get_transferable(before, before.life)
    assert ids == {before.id, keep}
    files = list_files(before, ids)
    office.do("registrar", "transfer", record)
    parcel = archive_side.read_0503(build_transfer(office.state(record), state.life.process, LETTER))
    sent = {f.name: f.sha256 for o in parcel.objects for v in o.versions for f in v.files}
    assert files == sent


@given(name=st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=60))
def test_a_file_is_named_by_a_uuid_and_never_by_a_path(name: str) -> None:
    try:
        version = Version(
            number=1, sha256="ab" * 32, file_name=name, media_type="application/pdf", size=1, author="mueller", at=AT
        )
    except ValidationError:
        assume(False)
    document = Document(ELSEWHERE, "1#001", "Bescheid", Protection.NORMAL, Confidentiality.OPEN, True, None, (version,))
    kept = Retention(years=1, disposal=Disposal.ARCHIVE)
    whole, life = (Life(key, key, "x", kept, date(2020, 1, 1)) for key in ("a", "b"))
    cases = {"b": Case(life, {document.id: document})}
    record = Record("mwide", "43", False, Protection.NORMAL, Confidentiality.OPEN, whole, cases=cases)
    (found,) = list_files(record, {"b"})
    assert file_name(found[:36], "0503").startswith(found[:36])
    assert not set(found) & set("/\\\n\r\t\x00")
