"""The four-step disposal with real bytes: what goes to the archive, what comes back, and nothing else."""

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from tests.workflow.conftest import PEOPLE
from workflow.disposal import xdomea
from workflow.disposal.messages import appraise_command, confirm_command, offer_message, transfer_message
from workflow.errors import InvalidCommand

XDOMEA = Path(__file__).parents[3].parent / "shared" / "xdomea"
AT = datetime(2032, 3, 1, 9, tzinfo=UTC)
WHO = ("Ministerium für Wirtschaft & Energie", "Landesarchiv <NRW>")
ELSEWHERE = "00000000-0000-4000-8000-000000000000"


@cache
def schema() -> etree.XMLSchema:
    if not XDOMEA.is_dir():
        pytest.skip(f"the xdomea schemas are not in {XDOMEA}")
    return etree.XMLSchema(file=str(XDOMEA / "3.0.0" / "xdomea-Nachrichten-AussonderungDurchfuehren.xsd"))


def offered(office, cases=3):
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


def message(kind, process):
    return xdomea.Header(process, kind, AT, WHO[1], WHO[0])


def test_four_steps_with_real_bytes(office):
    record, (keep, destroy, silent) = offered(office)
    own, process = office.state(record).id, office.state(record).life.process
    sent = offer_message(office.state(record), process, AT, *WHO)
    read = xdomea.read_0501(sent)
    assert {o.id for o in read.objects if o.kind != "document"} == {own, keep, destroy, silent}
    assert next(o.title for o in read.objects if o.id == own) == 'Windpark "Süd" <A&B>'
    answer = xdomea.write_0502(message("0502", process), {own: "A", keep: "A", destroy: "V", silent: "B"})
    command = appraise_command(answer, office.state(record))
    office.engine.handle(command, PEOPLE["archivist"], record)
    office.do("registrar", "transfer", record)
    transferred = transfer_message(office.state(record), process, AT, *WHO)
    parcel = xdomea.read_0503(transferred)
    assert {o.id for o in parcel.objects if o.kind != "document"} == {own, keep}  # no missing, no surplus
    (document,) = parcel.documents_of(keep)
    assert document.versions[0].files[0].sha256 == "ab" * 32
    assert transfer_message(office.state(record), process, AT, *WHO) == transferred  # names are stable
    results = [xdomea.ImportResult(own, True, "NW-1", None), xdomea.ImportResult(keep, False, None, "Format defekt")]
    command = confirm_command(xdomea.write_0506(message("0506", process), results), office.state(record))
    state = office.engine.handle(command, PEOPLE["archivist"], record).state
    assert (state.state, state.life.archive_id) == ("confirmed", "NW-1")
    assert {key: case.life.state for key, case in state.cases.items()} == dict.fromkeys(state.cases, "appraised")
    for data in (sent, answer, transferred):
        schema().assertValid(etree.fromstring(data))


def test_a_case_alone_goes_as_a_top_level_vorgang(office):
    record = office.record(retention={"years": 1, "disposal": "B"})
    case = office.case(record)
    office.document(record, case)
    office.do("mueller", "close", record, case=case)
    office.later(days=1000)
    office.do("registrar", "offer", record, case=case)
    process = office.state(record).cases[case].life.process
    sent = offer_message(office.state(record), process, AT, *WHO)
    first = xdomea.read_0501(sent).objects[0]
    assert (first.id, first.kind, first.parent) == (case, "case", None)
    answer = xdomea.write_0502(message("0502", process), {case: "V"})
    command = appraise_command(answer, office.state(record))
    assert command.case == case
    assert office.engine.handle(command, PEOPLE["archivist"], record).state.cases[case].life.decision == "V"
    schema().assertValid(etree.fromstring(sent))


def test_what_was_never_offered_or_sent_is_refused_and_named(office):
    record, (keep, *_) = offered(office, cases=1)
    process, version = office.state(record).life.process, office.engine.load(record).version
    stray = xdomea.write_0502(message("0502", process), {keep: "A", ELSEWHERE: "V"})
    with pytest.raises(InvalidCommand, match=ELSEWHERE):
        appraise_command(stray, office.state(record))
    other = xdomea.write_0502(message("0502", ELSEWHERE), {keep: "A"})
    with pytest.raises(InvalidCommand, match="nothing of this record is offered in process"):
        appraise_command(other, office.state(record))
    early = xdomea.write_0506(message("0506", process), [xdomea.ImportResult(keep, True, "NW-1", None)])
    with pytest.raises(InvalidCommand, match="nothing of this record is transferred"):
        confirm_command(early, office.state(record))
    for unreadable in (b"", b"<a/>", stray[:-20], early):
        with pytest.raises(InvalidCommand, match="/message"):
            appraise_command(unreadable, office.state(record))
    with pytest.raises(InvalidCommand, match="/process"):
        transfer_message(office.state(record), process, AT, *WHO)
    assert office.engine.load(record).version == version
