"""The rules of docs/reference/rules.md, one example each, named after rule and source."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.workflow.conftest import PEOPLE, Office, person
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.commands import parse
from workflow.errors import Forbidden, GuardFailed, InvalidCommand, NotAllowed, NotFound, StaleVersion
from workflow.file_plan.file_plan import ImportFilePlan
from workflow.organisation.house_rules import Rules
from workflow.organisation.staff.actions import AppointDeputy
from workflow.records.work_actions import Work

PLAN = """code,title,retention_years,disposal,statutory,agreed,closed
43,Wirtschaftsförderung,10,B,,,
43.21,Windenergie,10,B,,,
43.22,Altlasten,30,A,yes,,
43.23,Eingestellt,5,V,,,yes
43.24,Weglegesachen,1,V,,yes,
43.25,Dauerakten,,A,,,
"""


def import_plan(office: Office, plan: str = PLAN) -> None:
    office.engine.handle(ImportFilePlan(authority="mwide", csv=plan), PEOPLE["registrar"], "file-plan:mwide")


def test_rule_01_one_home_xdomea_aktenplaneinheit_stillgelegt(office: Office) -> None:
    import_plan(office)
    record = office.record()
    case = office.case(record)
    document = office.document(record, case)
    homes = [key for key, c in office.state(record).cases.items() if document in c.documents]
    assert homes == [case]
    for code in ("43", "43.23"):  # not a leaf; closed
        with pytest.raises(NotAllowed):
            office.record(file_plan_code=code)
    with pytest.raises(InvalidCommand, match="no unit 99"):
        office.record(file_plan_code="99")


def test_rule_01_without_an_imported_plan_the_unit_is_marked_provisional(office: Office) -> None:
    record = office.state(office.record())
    assert record.provisional_unit
    assert (record.life.retention.years, record.life.retention.disposal) == (10, "B")


def test_rule_02_file_numbers_derived_unique_never_reused_xdomea_kennzeichen(office: Office) -> None:
    record, case = office.due(disposal="B")
    assert office.state(record).life.number == "43.21-0001"
    assert office.state(record).cases[case].life.number == "43.21-0001-001"
    assert next(office.state(record).documents()).number == "43.21-0001-001#001"
    bury(office, record, case)
    assert office.state(office.record()).life.number == "43.21-0002"


def test_rule_02_numbers_count_per_authority(office: Office) -> None:
    office.record()
    assert office.state(office.record(who="stranger")).life.number == "43.21-0001"


def test_rule_02_a_case_number_is_not_reused_after_its_case_was_deleted(office: Office) -> None:
    record = office.record(retention={"years": 1, "disposal": "B"})
    case = office.case(record)
    office.do("mueller", "work", record, case=case)
    office.do("mueller", "close", record, case=case)
    office.later(days=900)
    office.do("registrar", "offer", record, case=case)
    office.do("archivist", "appraise", record, case=case, decision="V")
    office.do("registrar", "delete", record, case=case)
    office.do("registrar2", "delete", record, case=case)
    new = office.case(record)
    assert office.state(record).cases[new].life.number.endswith("-002")


def test_rule_03_uuids_are_stable_xdomea_identifikation(office: Office) -> None:
    record = office.record()
    case = office.case(record)
    office.do("mueller", "change", record, title="Neuer Titel")
    assert office.state(record).id == record.partition(":")[2]
    assert list(office.state(record).cases) == [case]


def test_rule_04_nearest_retention_wins_and_changes_are_logged_xdomea_aussonderungsart(office: Office) -> None:
    import_plan(office)
    record = office.record()
    inherited, own = office.case(record), office.case(record, retention={"years": 30, "disposal": "A"})
    cases = office.state(record).cases
    assert (cases[inherited].life.retention.years, cases[own].life.retention.years) == (10, 30)
    office.do("registrar", "change_retention", record, case=own, retention={"years": 20, "disposal": "A"}, reason="TR")
    event = json.loads(office.engine.log.read(record)[-1].payload)
    assert (event["old"]["years"], event["new"]["years"]) == (30, 20)


def test_rule_04_nobody_but_the_file_plan_says_that_the_archive_agreed(office: Office) -> None:
    with pytest.raises(InvalidCommand, match="/retention/agreed"):
        office.record(retention={"years": 1, "disposal": "V", "agreed": True})


@pytest.mark.parametrize(
    ("obstacle", "guard"),
    [
        ("slip", "no_open_slip"),
        ("resubmission", "no_resubmission"),
        ("checkout", "checked_in"),
        ("draft", "documents_final"),
        ("case", "cases_closed"),
    ],
)
def test_rule_05_zda_only_when_the_matter_is_finished_domea_p84(office: Office, obstacle: str, guard: str) -> None:
    record = office.record()
    case = office.case(record)
    if obstacle == "slip":
        slip = office.slip("acknowledge schmidt", record=record.partition(":")[2], case=case)
        office.do("mueller", "start", slip)
    if obstacle == "resubmission":
        office.do("mueller", "set_resubmission", record, case=case, due="2021-07-01")
    if obstacle in {"checkout", "draft"}:
        document = office.document(record, case, final=False)
        if obstacle == "checkout":
            office.do("klein", "check_out", record, document=document)
    on = {} if obstacle == "case" else {"case": case}
    with pytest.raises(GuardFailed) as no:
        office.do("mueller", "close", record, **on)
    assert no.value.guard == guard
    assert office.state(record).state == "in_work"


def test_rule_05_two_who_close_at_once_close_once(office: Office) -> None:
    record = office.record()
    office.do("mueller", "work", record)
    version = office.engine.load(record).version
    office.do("mueller", "close", record)
    with pytest.raises(StaleVersion):
        office.engine.handle(Work(), PEOPLE["klein"], record, expected_version=version)
    with pytest.raises(NotAllowed):
        office.do("klein", "close", record)


def test_rule_06_periods_start_restart_and_clear_domea_p85(office: Office) -> None:
    record = office.record()
    office.do("mueller", "work", record)
    office.do("mueller", "close", record)
    assert office.state(record).life.transfer_until == date(2022, 6, 1)
    office.later(days=100)
    office.do("mueller", "change", record, title="Berichtigter Titel")  # a change restarts the transfer period
    assert office.state(record).life.transfer_until == date(2022, 9, 9)
    office.state(record)  # reading does not
    assert office.state(record).life.transfer_until == date(2022, 9, 9)
    office.do("registrar", "reopen", record, reason="Widerspruch")
    assert (office.state(record).life.closed_on, office.state(record).life.transfer_until) == (None, None)
    office.later(days=400)
    office.do("mueller", "close", record)
    assert office.state(record).life.retention_end == date(2032, 12, 31)


def test_rule_06_only_the_registrar_reopens_and_never_once_offered(office: Office) -> None:
    record, _ = office.closed()
    with pytest.raises(Forbidden):
        office.do("mueller", "reopen", record, reason="x")
    office.later(until=date(2032, 2, 1))
    office.do("registrar", "offer", record)
    with pytest.raises(NotAllowed):
        office.do("registrar", "reopen", record, reason="x")


def test_rule_07_retention_ends_31_december_landesarchiv_node_14925(office: Office) -> None:
    record, _ = office.closed(years=10)
    office.later(until=date(2031, 12, 31))
    assert office.state(record).state == "registry"
    assert "record.fell_due" in office.later(until=date(2032, 1, 1))
    assert office.state(record).state == "due"


def test_rule_07_unlimited_never_ends(office: Office) -> None:
    record, _ = office.closed(years=None)
    office.later(until=date(2200, 1, 1))
    assert office.state(record).state == "registry"


def test_rule_07_offered_30_years_after_creation_archivg_nrw_4_unless_by_law(office: Office) -> None:
    import_plan(office)
    long, _ = office.closed(years=50)
    statutory = office.record(file_plan_code="43.22")
    office.do("mueller", "work", statutory)
    office.later(days=370)
    office.do("mueller", "close", statutory)  # 30 years by law from 2022
    office.later(until=date(2052, 1, 2))
    assert office.state(long).state == "due"
    assert office.state(long).life.retention_end == date(2071, 12, 31)
    assert office.state(statutory).state == "registry"


def bury(office: Office, record: str, case: str) -> None:
    office.do("registrar", "offer", record)
    office.do("archivist", "appraise", record, decision="V")
    for target in ({"case": case}, {}):
        office.do("registrar", "delete", record, **target)
        office.do("registrar2", "delete", record, **target)


def test_rule_08_no_deletion_without_decision_and_silence_is_no_consent(office: Office) -> None:
    record, case = office.due()
    office.do("registrar", "offer", record)
    office.later(days=365)
    with pytest.raises(NotAllowed):
        office.do("registrar", "delete", record, case=case)
    office.do("archivist", "appraise", record)  # says nothing of any object
    with pytest.raises(GuardFailed) as no:
        office.do("registrar", "delete", record, case=case)
    assert no.value.guard == "to_be_destroyed"


def test_rule_08_no_deletion_before_retention_ends(office: Office) -> None:
    record, case = office.closed(years=50)
    office.later(until=date(2052, 2, 1))  # due by the 30 years, retention runs to 2071
    office.do("registrar", "offer", record)
    office.do("archivist", "appraise", record, decision="V")
    with pytest.raises(GuardFailed) as no:
        office.do("registrar", "delete", record, case=case)
    assert no.value.guard == "retention_over"


def test_rule_08_archived_objects_are_deleted_only_after_xdomea_0506(office: Office) -> None:
    record, case = office.due()
    office.do("registrar", "offer", record)
    office.do("archivist", "appraise", record, decision="A")
    office.do("registrar", "transfer", record)
    with pytest.raises(NotAllowed):
        office.do("registrar", "delete", record, case=case)
    office.do("archivist", "confirm", record)
    office.do("registrar", "delete", record, case=case)
    assert office.do("registrar2", "delete", record, case=case).cases[case].life.state == "deleted"


def test_rule_09_holds_block_and_count_independently_domain_1_4(office: Office) -> None:
    record, case = office.closed()
    first = hold_of(office, record, "Rechtsstreit")
    second = hold_of(office, record, "Untersuchungsausschuss")
    office.later(until=date(2040, 1, 1))
    assert office.state(record).state == "registry"
    with pytest.raises(GuardFailed) as no:
        office.do("registrar", "change_retention", record, retention={"years": 5, "disposal": "B"}, reason="kürzer")
    assert no.value.guard == "not_shortened_under_hold"
    office.do("registrar", "release_hold", record, hold=first, reason="erledigt")
    assert office.later(days=1) == []
    office.do("registrar", "release_hold", record, hold=second, reason="erledigt")
    assert office.later(days=1).count("record.fell_due") == 2
    office.do("registrar", "offer", record)
    office.do("archivist", "appraise", record, decision="V")
    third = hold_of(office, record, "neu")
    with pytest.raises(GuardFailed) as no:
        office.do("registrar", "delete", record, case=case)
    assert no.value.guard == "no_hold"
    office.do("registrar", "release_hold", record, hold=third, reason="erledigt")
    office.do("registrar", "delete", record, case=case)


def hold_of(office: Office, record: str, reason: str) -> str:
    before = set(office.state(record).life.holds)
    (new,) = set(office.do("registrar", "hold", record, reason=reason).life.holds) - before
    return new


def test_rule_09_a_hold_voids_a_deletion_already_requested(office: Office) -> None:
    record, case = office.due()
    office.do("registrar", "offer", record)
    office.do("archivist", "appraise", record, decision="V")
    office.do("registrar", "delete", record, case=case)
    before = set(office.state(record).cases[case].life.holds)
    (hold,) = set(office.do("registrar", "hold", record, case=case, reason="Klage").cases[case].life.holds) - before
    office.do("registrar", "release_hold", record, case=case, hold=hold, reason="erledigt")
    assert office.do("registrar2", "delete", record, case=case).cases[case].life.state == "appraised"


def test_rule_10_only_the_archive_decides_and_not_who_offered(office: Office) -> None:
    record, _ = office.due()
    office.do("mueller", "propose", record, proposal="V")
    assert office.state(record).life.decision is None
    both = person("registrar", Role.REGISTRAR, Role.ARCHIVIST)
    office.do(both, "offer", record)
    with pytest.raises(Forbidden):
        office.do("registrar2", "appraise", record, decision="V")
    with pytest.raises(GuardFailed) as no:
        office.do(both, "appraise", record, decision="V")
    assert no.value.guard == "not_the_offerer"


def test_rule_10_two_step_only_where_the_archive_agreed_beforehand_xdomea_0513(office: Office) -> None:
    import_plan(office)
    record = office.record(file_plan_code="43.24")
    office.do("mueller", "work", record)
    office.do("mueller", "close", record)
    office.later(until=date(2023, 1, 2))
    assert office.do("registrar", "offer", record).life.decision == "V"
    assert office.events == ["record.preappraised"]
    proposed, _ = office.due(disposal="V")
    assert office.do("registrar", "offer", proposed).state == "offered"


def test_rule_11_exactly_the_appraised_objects_are_transferred_xdomea_0503(office: Office) -> None:
    record = office.record(retention={"years": 10, "disposal": "B"})
    keep, destroy, silent = (office.case(record) for _ in range(3))
    for case in (keep, destroy, silent):
        office.do("mueller", "work", record, case=case)
        office.do("mueller", "close", record, case=case)
    office.do("mueller", "close", record)
    office.later(until=date(2032, 2, 1))
    office.do("registrar", "offer", record)
    elsewhere = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(GuardFailed) as no:
        office.do("archivist", "appraise", record, decisions={elsewhere: "V"})
    assert no.value.guard == "only_offered"
    own = office.state(record).id
    office.do("archivist", "appraise", record, decisions={own: "A", keep: "A", destroy: "V"})
    decisions = {key: case.life.decision for key, case in office.state(record).cases.items()}
    assert decisions == {keep: "A", destroy: "V", silent: "B"}
    office.do("registrar", "transfer", record)
    sent = json.loads(office.engine.log.read(record)[-1].payload)["objects"]
    assert set(sent) == {own, keep}
    office.do(
        "archivist", "confirm", record,
        results={own: {"success": True, "archive_id": "NW-1"}, keep: {"success": False, "error": "Format"}},
    )  # fmt: skip
    states = {key: case.life.state for key, case in office.state(record).cases.items()}
    assert states == {keep: "appraised", destroy: "appraised", silent: "appraised"}
    assert office.state(record).life.archive_id == "NW-1"
    with pytest.raises(NotAllowed):
        office.do("registrar", "delete", record, case=keep)
    office.do("registrar", "offer", record, case=silent)  # B is kept and may be offered again
    assert office.state(record).cases[silent].life.state == "offered"


def test_rule_12_dual_control_total_and_a_tombstone_domain_1_4(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path}/eva.db")
    record = office.record(title="Kanarienvogel Akte", retention={"years": 1, "disposal": "B"})
    case = office.case(record, title="Kanarienvogel Vorgang")
    office.document(record, case, title="Kanarienvogel Dokument")
    slip = office.slip(
        "co_sign schmidt", record=record.partition(":")[2], case=case, title="Kanarienvogel Mappe"
    )  # fmt: skip
    office.do("mueller", "start", slip)
    office.do("schmidt", "sign", slip, note="Kanarienvogel Vermerk")
    office.do("mueller", "file", slip)
    office.do("mueller", "close", record, case=case)
    office.do("mueller", "close", record)
    office.later(days=1000)
    from workflow.views.queries import Views

    views = Views(office.engine)
    assert views.records(PEOPLE["mueller"], "kanarien")
    office.do("registrar", "offer", record)
    office.do("archivist", "appraise", record, decision="V")
    office.do("registrar", "delete", record, case=case)
    with pytest.raises(GuardFailed) as no:
        office.do("registrar", "delete", record, case=case)
    assert no.value.guard == "second_person"
    with pytest.raises(GuardFailed) as no:
        office.do("registrar", "delete", record)  # its case is still there
    assert no.value.guard == "contents_gone"
    office.do("registrar2", "delete", record, case=case)
    office.do("registrar", "delete", record)
    office.do("registrar2", "delete", record)
    stone = office.state(record)
    assert (stone.state, stone.life.number, stone.life.title) == ("deleted", "43.21-0001", "")
    assert office.state(slip).state == "deleted"
    assert views.records(PEOPLE["mueller"], "kanarien") == []
    office.engine.log.verify()
    found = [path.name for path in tmp_path.iterdir() if b"Kanarienvogel" in path.read_bytes()]
    found += [path.name for path in tmp_path.iterdir() if b"kanarienvogel" in path.read_bytes()]
    assert found == []
    protocol = [row for row in office.engine.log.read(record) if row.type == "record.deleted"]
    assert json.loads(protocol[0].payload)["approved_by"] == "registrar2"
    office.engine.close()


def test_rule_13_finished_stations_are_immutable_insertion_renumbers_skip_keeps_xdomea_0203(office: Office) -> None:
    slip = office.slip("co_sign schmidt", "co_sign klein", "final_sign weber")
    office.do("mueller", "start", slip)
    office.do("schmidt", "sign", slip)
    with pytest.raises(GuardFailed) as no:
        office.do("mueller", "insert", slip, after=1, stations=[{"kind": "comment", "actor": "klein"}])
    assert no.value.guard == "behind_current"
    with pytest.raises(GuardFailed):
        office.do("mueller", "skip", slip, station=1, reason="x")
    office.do("klein", "insert", slip, stations=[{"kind": "comment", "actor": "registrar"}])
    after = office.state(slip)
    assert [(s.kind, s.status) for s in after.ordered()] == [
        ("co_sign", "done"), ("co_sign", "active"), ("comment", "planned"), ("final_sign", "planned"),
    ]  # fmt: skip
    with pytest.raises(InvalidCommand):
        office.do("mueller", "skip", slip, station=3)  # no reason
    office.do("mueller", "skip", slip, station=3, reason="im Urlaub")
    skipped = office.state(slip).ordered()[2]
    assert (skipped.status, skipped.done_by, skipped.note) == ("skipped", "mueller", "im Urlaub")


def test_rule_14_sequence_and_parallel_xdomea_geschaeftsgang(office: Office) -> None:
    parallel = {"parallel": [{"kind": "co_sign", "actor": "klein"},
                             {"sequence": [{"kind": "comment", "actor": "registrar"},
                                           {"kind": "co_sign", "actor": "registrar"}]}]}  # fmt: skip
    slip = office.slip("co_sign schmidt", parallel, "final_sign weber")
    office.do("mueller", "start", slip)
    with pytest.raises(GuardFailed) as no:
        office.do("weber", "sign", slip)
    assert no.value.guard == "active"
    office.do("schmidt", "sign", slip)
    assert [s.actor for s in office.state(slip).active()] == ["klein", "registrar"]
    office.do("klein", "sign", slip)
    assert [s.actor for s in office.state(slip).active()] == ["registrar"]
    office.do("registrar", "comment", slip, note="geprüft")
    office.do("registrar", "sign", slip)
    assert [s.actor for s in office.state(slip).active()] == ["weber"]
    assert office.do("weber", "sign", slip).state == "completed"


def test_rule_15_one_final_signature_last_and_then_frozen_domea_p61(office: Office) -> None:
    for wrong in (
        ["final_sign weber", "final_sign schmidt"],
        ["final_sign weber", "co_sign schmidt"],
        [{"parallel": [{"kind": "final_sign", "actor": "weber"}, {"kind": "co_sign", "actor": "schmidt"}]}],
    ):
        with pytest.raises(InvalidCommand, match="final signature"):
            office.slip(*wrong)
    slip = office.slip("co_sign schmidt", "final_sign weber", "comment klein")
    office.do("mueller", "start", slip)
    with pytest.raises(InvalidCommand, match="final signature"):
        office.do("mueller", "insert", slip, after=2, stations=[{"kind": "co_sign", "actor": "klein"}])
    office.do("schmidt", "refuse", slip, reason="Betrag falsch")
    with pytest.raises(Forbidden):
        office.do("schmidt", "overrule", slip, station=1, reason="ich will")
    office.do("weber", "overrule", slip, station=1, reason="Frist läuft ab")
    office.do("weber", "sign", slip)
    with pytest.raises(GuardFailed) as no:
        office.do("klein", "comment", slip, note="neu", documents=[{"title": "v2", "sha256": "cd" * 32}])
    assert no.value.guard == "not_frozen"


def test_rule_16_what_was_refused_is_revised_by_a_new_version_of_the_document(office: Office) -> None:
    record = office.record()
    case = office.case(record)
    document = office.document(record, case, final=False)
    old, new = {"sha256": "ab" * 32}, {"sha256": "cd" * 32, "file_name": "b.pdf"}
    enclosed = {"title": "Bescheid", "document": document}
    slip = office.slip("final_sign weber", record=record.partition(":")[2], case=case, documents=[enclosed | old])
    office.do("mueller", "start", slip)
    office.do("weber", "refuse", slip, reason="Betrag falsch")
    office.do("mueller", "add_version", record, document=document, file=new)
    with pytest.raises(GuardFailed) as no:
        office.do("mueller", "start", slip)
    assert no.value.guard == "enclosed_newest", "the old version would go round, and the new one be final"
    office.do("mueller", "revise", slip, documents=[enclosed | {"sha256": new["sha256"]}])
    office.do("mueller", "start", slip)
    with pytest.raises(GuardFailed) as no:
        office.do("mueller", "add_version", record, document=document, file=new | {"sha256": "ef" * 32})
    assert no.value.guard == "not_circulating"
    office.do("weber", "sign", slip)
    office.do("mueller", "file", slip)
    (kept,) = [one for one in office.state(record).documents() if one.id == document]
    assert (kept.final, kept.versions[-1].sha256) == (True, "cd" * 32)


def test_rule_16_a_document_that_a_comment_brings_is_held_as_one_from_the_beginning(office: Office) -> None:
    record = office.record()
    case = office.case(record)
    first, second = (office.document(record, case, final=False) for _ in range(2))
    enclosed = {"title": "Bescheid", "sha256": "ab" * 32}
    slip = office.slip(
        "comment schmidt", "final_sign weber", record=record.partition(":")[2], case=case,
        documents=[enclosed | {"document": first}],
    )  # fmt: skip
    office.do("mueller", "start", slip)
    brought = [enclosed | {"title": "Bescheid an beide", "document": second}]
    office.do("schmidt", "comment", slip, note="besser so", documents=brought)
    file = {"sha256": "cd" * 32, "file_name": "b.pdf"}
    with pytest.raises(GuardFailed) as no:
        office.do("mueller", "add_version", record, document=second, file=file)
    assert no.value.guard == "not_circulating"
    office.do("mueller", "add_version", record, document=first, file=file)


def test_rule_16_a_comment_brings_no_version_that_is_not_the_newest(office: Office) -> None:
    record = office.record()
    case = office.case(record)
    document = office.document(record, case, final=False)
    office.do("mueller", "add_version", record, document=document, file={"sha256": "cd" * 32, "file_name": "b.pdf"})
    slip = office.slip("comment schmidt", "final_sign weber", record=record.partition(":")[2], case=case)
    office.do("mueller", "start", slip)
    old = [{"title": "Bescheid", "sha256": "ab" * 32, "document": document}]
    with pytest.raises(GuardFailed) as no:
        office.do("schmidt", "comment", slip, note="so", documents=old)
    assert no.value.guard == "enclosed_newest"
    office.do("schmidt", "comment", slip, note="so", documents=[old[0] | {"sha256": "cd" * 32}])


def test_rule_16_a_document_enclosed_for_the_second_run_is_held_as_one_for_the_first(office: Office) -> None:
    record = office.record()
    case = office.case(record)
    first, second = (office.document(record, case, final=False) for _ in range(2))
    enclosed = {"title": "Bescheid", "sha256": "ab" * 32}
    slip = office.slip(
        "final_sign weber", record=record.partition(":")[2], case=case, documents=[enclosed | {"document": first}]
    )
    office.do("mueller", "start", slip)
    office.do("weber", "refuse", slip, reason="falscher Bescheid")
    office.do("mueller", "revise", slip, documents=[enclosed | {"title": "Bescheid an beide", "document": second}])
    office.do("mueller", "start", slip)
    file = {"sha256": "cd" * 32, "file_name": "b.pdf"}
    office.do("mueller", "add_version", record, document=first, file=file)
    with pytest.raises(GuardFailed) as no:
        office.do("mueller", "add_version", record, document=second, file=file)
    assert no.value.guard == "not_circulating"


def test_rule_15_the_signed_document_is_final_once_filed(office: Office) -> None:
    record = office.record()
    case = office.case(record)
    document = office.document(record, case, final=False)
    enclosed = [{"title": "Bescheid", "sha256": "ab" * 32, "document": document}]
    slip = office.slip("final_sign weber", record=record.partition(":")[2], case=case, documents=enclosed)
    office.do("mueller", "start", slip)
    new = {"sha256": "cd" * 32, "file_name": "b.pdf"}
    with pytest.raises(GuardFailed) as no:
        office.do("mueller", "add_version", record, document=document, file=new)
    assert no.value.guard == "not_circulating"
    office.do("weber", "sign", slip)
    office.do("mueller", "file", slip)
    with pytest.raises(GuardFailed) as no:
        office.do("mueller", "add_version", record, document=document, file=new)
    assert no.value.guard == "not_final"


def test_rule_16_refusal_needs_a_reason_returns_and_a_new_run_signs_the_new_content_domea_p61(office: Office) -> None:
    slip = office.slip("co_sign schmidt", "final_sign weber")
    office.do("mueller", "start", slip)
    with pytest.raises(InvalidCommand, match="/reason"):
        office.do("schmidt", "refuse", slip)
    assert office.do("schmidt", "refuse", slip, reason="Frist fehlt").state == "returned"
    before = office.state(slip).content
    office.do("mueller", "revise", slip, note="Frist ergänzt")
    office.do("mueller", "start", slip)
    assert office.state(slip).run == 2
    signed = office.do("schmidt", "sign", slip).ordered()[0]
    assert signed.content == office.state(slip).content != before
    assert office.state(slip).past[0][0].content == before


def test_rule_16_a_reservation_needs_a_reason_and_returns(office: Office) -> None:
    slip = office.slip("co_sign schmidt", "final_sign weber")
    office.do("mueller", "start", slip)
    with pytest.raises(InvalidCommand, match="/note"):
        office.do("schmidt", "sign", slip, reservation=True)
    assert office.do("schmidt", "sign", slip, reservation=True, note="nur bis 2022").state == "returned"


def test_rule_16_new_content_midway_lapses_signatures_and_asks_again(office: Office) -> None:
    slip = office.slip("co_sign schmidt", "comment klein", "final_sign weber")
    office.do("mueller", "start", slip)
    office.do("schmidt", "sign", slip)
    after = office.do("klein", "comment", slip, note="überarbeitet", documents=[{"title": "v2", "sha256": "cd" * 32}])
    assert [(s.actor, s.status, s.lapsed) for s in after.ordered()] == [
        ("schmidt", "done", True), ("klein", "done", False), ("schmidt", "active", False), ("weber", "planned", False),
    ]  # fmt: skip
    office.do("schmidt", "sign", slip)
    final = office.do("weber", "sign", slip)
    assert final.state == "completed"
    assert {s.content for s in final.ordered()[2:]} == {final.content}


def test_rule_17_acknowledgement_neither_blocks_nor_decides_domea_p57(office: Office) -> None:
    slip = office.slip("acknowledge klein", "co_sign schmidt")
    office.do("mueller", "start", slip)
    assert [s.actor for s in office.state(slip).active()] == ["klein", "schmidt"]
    with pytest.raises(GuardFailed):
        office.do("klein", "refuse", slip, reason="nein")
    assert office.do("schmidt", "sign", slip).state == "completed"
    assert office.do("klein", "acknowledge", slip).state == "completed"
    alone = office.slip("acknowledge klein", "acknowledge schmidt")
    office.do("mueller", "start", alone)
    office.do("klein", "acknowledge", alone)
    assert office.do("schmidt", "acknowledge", alone).state == "completed"


def test_rule_17_deadlines_remind_and_escalate_and_never_sign(office: Office) -> None:
    station = {"kind": "co_sign", "actor": "schmidt", "deadline": "2021-06-08", "escalate_to": "weber"}
    slip = office.slip(station)
    office.do("mueller", "start", slip)
    assert office.later(until=date(2021, 6, 3)) == []  # Corpus Christi, a holiday in NRW, is 3 June 2021
    assert office.later(until=date(2021, 6, 4)) == ["slip.reminded"]  # two working days before Tuesday 8 June
    assert office.later(until=date(2021, 6, 8)) == []
    assert office.later(until=date(2021, 6, 9)) == ["slip.escalated"]
    assert office.later(days=3650) == []
    assert [s.status for s in office.state(slip).ordered()] == ["active"]


def test_rule_17_an_unread_acknowledgement_may_be_left_out(office: Office) -> None:
    slip = office.slip({"kind": "acknowledge", "actor": "klein", "deadline": "2021-06-08", "skip_unread": True})
    office.do("mueller", "start", slip)
    assert "slip.station_skipped" in office.later(days=30)
    assert office.state(slip).state == "completed"


def test_rule_18_deputies_are_logged_limited_acyclic_and_cleared_xdomea_0620(office: Office) -> None:
    office.deputy("schmidt", "klein", days=5)
    klein = person("klein", Role.APPROVER)
    slip = office.slip("co_sign schmidt", "final_sign weber")
    office.do("mueller", "start", slip)
    signed = office.do(klein, "sign", slip).ordered()[0]
    assert (signed.done_by, signed.on_behalf_of) == ("klein", "schmidt")
    for user, deputy, guard in (("klein", "schmidt", "no_circle"), ("klein", "klein", "no_circle")):
        with pytest.raises(GuardFailed) as no:
            office.deputy(user, deputy)
        assert no.value.guard == guard
    office.register("vip", clearance="high")
    with pytest.raises(GuardFailed) as no:
        office.deputy("vip", "klein")
    assert no.value.guard == "deputy_cleared"
    with pytest.raises(InvalidCommand, match="at most 366 days"):
        office.deputy("weber", "klein", days=400)
    office.later(days=6)
    office.do("weber", "refuse", slip, reason="x")
    office.do("mueller", "start", slip)
    with pytest.raises(Forbidden):
        office.do(klein, "sign", slip, station=1)  # the time is over


def test_rule_18_nobody_may_claim_to_deputise(office: Office) -> None:
    liar = Actor("klein", frozenset({Role.APPROVER}), "mwide", Protection.NORMAL, on_behalf_of="schmidt")
    slip = office.slip("co_sign schmidt")
    office.do("mueller", "start", slip)
    with pytest.raises(Forbidden, match="no deputy"):
        office.do(liar, "sign", slip)


def test_rule_18_a_circle_over_three_and_at_other_times(office: Office) -> None:
    office.deputy("a", "b", days=5)
    office.deputy("b", "c", days=5)
    with pytest.raises(GuardFailed):
        office.deputy("c", "a", days=5)
    office.later(days=6)
    office.deputy("c", "a", days=5)  # the others are over


def test_rule_18_four_eyes_cannot_be_one_person(office: Office) -> None:
    office.deputy("weber", "schmidt")
    slip = office.slip("co_sign schmidt", "final_sign weber", four_eyes=True)
    office.do("mueller", "start", slip)
    office.do("schmidt", "sign", slip)
    with pytest.raises(GuardFailed) as no:
        office.do("schmidt", "sign", slip)  # as weber's deputy
    assert no.value.guard == "four_eyes"
    own = person("chef", Role.APPROVER)
    office.register("chef")
    alone = office.slip("final_sign chef", who=own, four_eyes=True)
    with pytest.raises(GuardFailed) as no:
        office.do(own, "start", alone)
    assert no.value.guard == "others_decide"
    authored = office.slip("co_sign klein", "final_sign chef", who=own, four_eyes=True)
    office.do(own, "start", authored)
    office.do("klein", "sign", authored)
    with pytest.raises(GuardFailed) as no:
        office.do(own, "sign", authored)
    assert no.value.guard == "four_eyes"


def test_rule_18_delegation_keeps_the_delegator(office: Office) -> None:
    slip = office.slip("co_sign schmidt")
    office.do("mueller", "start", slip)
    station = office.do("schmidt", "delegate", slip, to="weber", reason="Dienstreise").ordered()[0]
    assert (station.actor, station.delegated_from) == ("weber", "schmidt")
    with pytest.raises(Forbidden):
        office.do("schmidt", "sign", slip, station=1)
    assert office.do("weber", "sign", slip).state == "completed"


def test_rule_19_recall_only_by_the_sender_and_before_anybody_acted_domain_2_3(office: Office) -> None:
    slip = office.slip("co_sign schmidt", "co_sign klein", "final_sign weber")
    office.do("mueller", "start", slip)
    assert office.do("mueller", "recall", slip).state == "returned"
    office.do("mueller", "start", slip)
    office.do("schmidt", "sign", slip)
    with pytest.raises(NotAllowed):
        office.do("mueller", "recall", slip)
    after = office.do("schmidt", "recall", slip)
    assert [(s.actor, s.status) for s in after.ordered()] == [
        ("schmidt", "done"), ("schmidt", "active"), ("klein", "planned"), ("weber", "planned"),
    ]  # fmt: skip
    office.do("schmidt", "sign", slip)
    office.do("klein", "open", slip)
    with pytest.raises(GuardFailed) as no:
        office.do("schmidt", "recall", slip)
    assert no.value.guard == "sender"


def test_rule_19_withdrawal_is_logged_and_keeps_the_history(office: Office) -> None:
    record = office.record()
    slip = office.slip("co_sign schmidt", record=record.partition(":")[2])
    office.do("mueller", "start", slip)
    with pytest.raises(Forbidden):
        office.do("schmidt", "withdraw", slip, reason="x")
    assert office.do("mueller", "withdraw", slip, reason="überholt").state == "withdrawn"
    assert office.types(slip) == ["slip.created", "slip.started", "slip.station_activated", "slip.withdrawn"]
    assert office.do("mueller", "close", record).state == "closed"


def test_rule_20_the_maximum_principle_and_clearance_tr_03138_ag2(office: Office) -> None:
    record = office.record()
    case = office.case(record)
    office.document(record, case, who="secret", protection="high")
    with pytest.raises(NotFound):
        office.do("mueller", "work", record)
    assert office.do("secret", "work", record).protection == "high"
    slip = office.slip("co_sign schmidt", who="secret", record=record.partition(":")[2])
    with pytest.raises(GuardFailed) as no:
        office.do("secret", "start", slip)
    assert no.value.guard == "participants_cleared"
    office.register("schmidt", clearance="high")
    office.do("secret", "start", slip)
    with pytest.raises(GuardFailed):
        office.do("secret", "insert", slip, stations=[{"kind": "comment", "actor": "klein"}])
    with pytest.raises(NotFound):
        office.do("schmidt", "sign", slip)  # registered as cleared, but came without clearance
    cleared = person("schmidt", Role.APPROVER, clearance="high")
    assert office.do(cleared, "sign", slip).state == "completed"


def test_rule_20_a_slip_encloses_documents_of_its_own_record_only(office: Office) -> None:
    """Its need is that of its record: a document from elsewhere would bring another one along unseen."""
    record, other = office.record(), office.record(who="secret", protection="high")
    mine, theirs = (
        {
            "title": "Anlage",
            "sha256": "ab" * 32,
            "document": office.document(where, office.case(where, who=who), who=who),
        }
        for where, who in ((record, "mueller"), (other, "secret"))
    )
    for body in ({}, {"record": record.partition(":")[2]}):
        with pytest.raises(InvalidCommand, match="no such document"):
            office.slip("co_sign schmidt", documents=[theirs], **body)
    slip = office.slip("comment schmidt", documents=[mine], record=record.partition(":")[2])
    with pytest.raises(InvalidCommand, match="no such document"):
        office.do("mueller", "revise", slip, documents=[mine, theirs])
    office.do("mueller", "revise", slip, documents=[mine, {"title": "Skizze", "sha256": "cd" * 32}])
    office.do("mueller", "start", slip)
    with pytest.raises(InvalidCommand, match="no such document"):
        office.do("schmidt", "comment", slip, note="besser so", documents=[theirs])


def test_rule_20_grades_above_the_release_are_rejected(office: Office) -> None:
    with pytest.raises(GuardFailed) as no:
        office.record(confidentiality="restricted")
    assert no.value.guard == "grade_released"
    from workflow.engine.access import Confidentiality

    released = Office("sqlite://", rules=Rules(released_confidentiality=Confidentiality.RESTRICTED))
    released.record(confidentiality="restricted")
    with pytest.raises(GuardFailed):
        released.record(confidentiality="confidential")
    released.engine.close()


def test_rule_20_raised_midway_stops_the_uncleared(office: Office) -> None:
    slip = office.slip("co_sign schmidt", "final_sign weber", who="secret")
    office.do("secret", "start", slip)
    with pytest.raises(GuardFailed):
        office.do("secret", "raise_protection", slip, protection="high", reason="Personaldaten")
    for user in ("schmidt", "weber"):
        office.register(user, clearance="high")
    office.do("secret", "raise_protection", slip, protection="high", reason="Personaldaten")
    with pytest.raises(NotFound):
        office.do("schmidt", "sign", slip)


def test_rule_21_log_has_actor_time_old_and_new_and_the_protocol_is_filed_domea_p86(office: Office) -> None:
    record = office.record()
    slip = office.slip("co_sign schmidt", "final_sign weber", record=record.partition(":")[2])
    office.do("mueller", "start", slip)
    office.do("schmidt", "sign", slip, note="ohne Anmerkung")
    office.do("weber", "sign", slip)
    office.do("mueller", "file", slip)
    office.do("mueller", "change", record, title="Neuer Titel")
    rows = office.engine.log.read(record)
    assert (rows[-1].actor, rows[-1].time) == ("mueller", "2021-06-01T06:00:00.000000Z")
    change = json.loads(rows[-1].payload)["changes"][0]
    assert change == {"field": "title", "old": "Förderantrag Windpark", "new": "Neuer Titel"}
    filed = next(row for row in rows if row.type == "record.slip_detached")
    protocol = json.loads(json.loads(filed.payload)["protocol"])
    told = [(s["by"], s["result"], s["status"]) for s in protocol["runs"][0]["stations"]]
    assert told == [("schmidt", "signed", "003"), ("weber", "signed", "003")]


def test_metadata_of_xdomea_are_kept_and_changed(office: Office) -> None:
    record = office.record(lead="Referat 302", keeper="Registratur", medium="hybrid")
    office.do("mueller", "change", record, lead="Referat 303", medium="electronic")
    state = office.state(record)
    assert (state.lead, state.keeper, state.medium) == ("Referat 303", "Registratur", "electronic")
    changes = json.loads(office.engine.log.read(record)[-1].payload)["changes"]
    assert [(c["field"], c["old"], c["new"]) for c in changes] == [
        ("lead", "Referat 302", "Referat 303"), ("medium", "hybrid", "electronic"),
    ]  # fmt: skip
    case = office.case(record)
    with pytest.raises(InvalidCommand, match="belongs to the record"):
        office.do("mueller", "change", record, case=case, protection="normal")


def test_rule_25_commands_are_idempotent_and_time_is_injected_domain_7(office: Office) -> None:
    record = office.record()
    first = office.engine.handle(Work(note="a"), PEOPLE["mueller"], record, command_id="k1")
    again = office.engine.handle(Work(note="a"), PEOPLE["mueller"], record, command_id="k1")
    assert (again.events, again.version, again.repeated) == (first.events, first.version, True)
    assert office.types(record).count("record.worked") == 1
    office.now = datetime(2030, 1, 1, tzinfo=UTC)
    office.do("mueller", "work", record)
    assert office.engine.log.read(record)[-1].time == "2030-01-01T00:00:00.000000Z"


def test_finance_administration_files_without_a_central_record(office: Office) -> None:
    slip = office.slip("final_sign weber")
    office.do("mueller", "start", slip)
    office.do("weber", "sign", slip)
    with pytest.raises(GuardFailed) as no:
        office.do("mueller", "file", slip)
    assert no.value.guard == "filed_somewhere"
    assert office.do("mueller", "file", slip, reference="KONSENS 133/5021/0815").state == "filed"


def test_deputies_may_be_appointed_by_oneself(office: Office) -> None:
    office.register("schmidt")
    office.register("weber")
    since, until = office.now, office.now.replace(day=9)
    command = AppointDeputy(user="schmidt", deputy="weber", since=since, until=until)
    office.engine.handle(command, PEOPLE["schmidt"], "staff:schmidt")
    with pytest.raises(Forbidden):
        office.engine.handle(
            parse(AppointDeputy, {**command.model_dump(mode="json")}), PEOPLE["klein"], "staff:schmidt"
        )


SOURCES = r"_(xdomea|domea_p\d|landesarchiv|archivg|tr_03138|domain_\d)"


@pytest.mark.parametrize("rule", [*range(1, 22), 25])
def test_every_rule_has_an_example_that_names_its_source(rule: int) -> None:
    examples = [name for name in globals() if name.startswith(f"test_rule_{rule:02d}_")]
    assert any(re.search(SOURCES, name) for name in examples), examples
