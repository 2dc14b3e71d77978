"""The release gate (rule 24): for each condition a run that lacks only that one, and the control that finds it.

The control takes the guard away: the same run is then let through, so it is that guard, and no other, that refuses.
"""

import pytest

from scanning.batch_actions.batch import RecordBackup
from scanning.batches.guards import GUARDS
from scanning.batches.release_gate import GATE
from scanning.requirements.terms import ScanRules
from tests.scanning.conftest import PEOPLE, VH, ScanOffice, raw
from tests.workflow.conftest import person
from workflow.engine.access import Role
from workflow.engine.machine import Guard
from workflow.errors import Forbidden, GuardFailed, InvalidCommand, NotAllowed, NotFound


def verified(office, batch, **wrong):
    item = office.item(batch)
    told = {"read_back_sha256": item.product.sha256, "note_valid": True, "seal_valid": True,
            "at": office.now.isoformat(), **wrong}  # fmt: skip
    office.scan("inge", "verify", batch, verification=told)


def not_synced(office):
    """The product was written, but its folder was not synced: found by a later restore of the evidence."""
    batch = office.batch()
    office.walk(batch, "sealed", stored={"folder_synced": False})
    return batch


def without_storage(office):
    batch = office.batch()
    office.walk(batch, "destruction_due")
    return batch


def changed_on_disk(office):
    batch = without_storage(office)
    verified(office, batch, read_back_sha256="00" * 32)
    return batch


def note_not_valid(office):
    batch = without_storage(office)
    verified(office, batch, note_valid=False)
    return batch


def seal_not_valid(office):
    batch = without_storage(office)
    verified(office, batch, seal_valid=False)
    return batch


def not_looked_at(office):
    """Sealed strongly enough for a high need, but only the sample was checked; then the need was raised."""
    batch = office.batch(*({} for _ in range(20)))
    number = next(n for n in range(1, 21) if not office.walk(batch, "scanned", n).scan.drawn)
    office.walk(batch, "destruction_due", number, visual=False)
    office.scan("head", "raise_protection", batch, item=number, protection="high", reason="Gesundheitsdaten")
    return batch, number


def miscounted(office):
    batch = office.batch(sheets=3)
    office.walk(batch, "destruction_due")
    return batch


def no_backup(office):
    batch = office.batch()
    office.walk(batch, "destruction_due", backup=False)
    return batch


def held(office):
    batch = without_storage(office)
    office.scan("head", "hold", batch, reason="Klage")
    return batch


def defective(office):
    batch = without_storage(office)
    office.scan("clerk", "report_defect", batch, reason="blass", rescan=False)
    return batch


def damaged(office):
    """A fixity run found the raw scan gone."""
    batch = without_storage(office)
    sha = office.item(batch).scan.raw.sha256
    office.scan("system", "report_damage", batch, files=[{"sha256": sha, "use": "raw", "missing": True}])
    return batch


def record_held(office):
    batch = without_storage(office)
    office.do("head", "hold", office.target()[0], reason="Verwaltungsgericht")
    return batch


def case_held(office):
    batch = without_storage(office)
    record, case = office.target()
    office.do("head", "hold", record, case=case, reason="Verwaltungsgericht")
    return batch


RUNS = {
    "read_back": changed_on_disk,
    "files_intact": damaged,
    "read_now": without_storage,
    "file_not_held": record_held,
    "qa_passed": not_looked_at,
    "complete": miscounted,
    "note_valid": note_not_valid,
    "sealed_enough": seal_not_valid,
    "backed_up": no_backup,
    "no_hold": held,
    "no_defect": defective,
}
"""Guard -> a run that lacks only this."""
NOW_READ = {"read_now": {"read_back_sha256": None}}
"""Guard -> what is wrong in what is read at that moment."""


def attempt(office, guard, who="head"):
    made = RUNS[guard](office)
    batch, number = made if isinstance(made, tuple) else (made, 1)
    evidence = office.evidence(batch, number, **NOW_READ.get(guard, {}))
    return office.scan(who, "release_destruction", batch, item=number, evidence=evidence)


@pytest.mark.parametrize("guard", RUNS)
def test_a_run_that_lacks_only_this_is_not_released(scans: ScanOffice, guard: str) -> None:
    with pytest.raises(GuardFailed) as no:
        attempt(scans, guard)
    assert no.value.guard == guard


@pytest.mark.parametrize("guard", RUNS)
def test_control_without_the_guard_the_same_run_is_released(
    scans: ScanOffice, guard: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(GUARDS, guard, Guard(lambda _: True, "", ""))
    if guard == "backed_up":  # the protocol itself cannot be written without a backup run to name
        with pytest.raises(InvalidCommand):
            attempt(scans, guard)
        return
    attempt(scans, guard)
    assert scans.events == ["scan.destruction_released"]


def test_a_hold_on_the_case_stops_the_destruction_as_one_on_its_record_does(scans: ScanOffice) -> None:
    batch = case_held(scans)
    with pytest.raises(GuardFailed) as no:
        scans.scan("head", "release_destruction", batch)
    assert no.value.guard == "file_not_held"


@pytest.mark.parametrize(
    ("wrong", "guard"),
    [
        ({"read_back_sha256": "00" * 32}, "read_now"),
        ({"note_valid": False}, "note_valid"),
        ({"seal_valid": False}, "sealed_enough"),
        ({"backup": None}, "backed_up"),
        ({"backup": {"manifest_sha256": "00" * 32}}, "backed_up"),
        ({"backup": {"read_back_sha256": "00" * 32}}, "backed_up"),
        ({"backup": {"run": "ein Lauf, den es nie gab"}}, "backed_up"),
    ],
)
@pytest.mark.parametrize("step", ["release_destruction", "destroy"])
def test_each_part_of_what_is_read_at_that_moment_counts_at_both_steps(
    scans: ScanOffice, step: str, wrong: dict[str, object], guard: str
) -> None:
    batch = scans.batch()
    scans.walk(batch, "released" if step == "destroy" else "destruction_due")
    for evidence, refused in ((scans.evidence(batch, **wrong), guard), (None, "read_now")):
        with pytest.raises(GuardFailed) as no:
            scans.scan("otto" if step == "destroy" else "head", step, batch, evidence=evidence)
        assert no.value.guard == refused
    scans.walk(batch, "destroyed")


@pytest.mark.parametrize("state", ["scanned", "checked", "sealed"])
def test_damage_stops_an_item_at_once_and_until_all_is_well_again(scans: ScanOffice, state: str) -> None:
    batch = scans.batch()
    item = scans.walk(batch, state)
    lost = {"sha256": item.scan.raw.sha256, "use": "raw", "missing": False}
    scans.scan("system", "report_damage", batch, files=[lost])
    with pytest.raises(GuardFailed) as no:
        scans.walk(batch, "delivered")
    assert (no.value.guard, scans.item(batch).state) == ("files_intact", state)
    scans.scan("system", "report_damage", batch, files=[])
    scans.walk(batch, "destroyed")


def test_a_new_scan_needs_the_damaged_file_of_the_old_one_no_more(scans: ScanOffice) -> None:
    batch = scans.batch()
    item = scans.walk(batch, "sealed")
    lost = [{"sha256": sha, "use": use, "missing": True} for sha, use in item.files.items()]
    scans.scan("system", "report_damage", batch, files=lost)
    scans.scan("inge", "reject_seal", batch, reason="Datei fehlt")
    assert [file.use for file in scans.item(batch).damaged] == ["raw"]
    scans.scan("inge", "reject", batch, reason="Datei fehlt")
    scans.walk(batch, "scanned")
    assert scans.item(batch).damaged == ()
    scans.walk(batch, "destroyed")


def test_a_run_of_a_log_without_manifests_lets_no_paper_go(scans: ScanOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such runs could be entered by hand; the next run of the system counts."""
    record = RecordBackup.record

    def as_once(self, batch, context):
        return record(self, batch, context).model_copy(update={"manifest_sha256": None})

    monkeypatch.setattr(RecordBackup, "record", as_once)
    batch = scans.batch()
    scans.walk(batch, "destruction_due")
    monkeypatch.undo()
    with pytest.raises(GuardFailed) as no:
        scans.scan("head", "release_destruction", batch)
    assert no.value.guard == "backed_up"
    scans.backup(batch, "run 2")
    scans.walk(batch, "destroyed")
    assert scans.engine.history(batch)[-2][1].grounds.backup_run == "run 2"


def test_a_product_that_is_not_proven_to_be_on_disk_is_not_even_delivered(
    scans: ScanOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = not_synced(scans)
    scans.backup(batch)
    with pytest.raises(GuardFailed) as no:
        scans.scan("inge", "deliver", batch)
    assert no.value.guard == "stored"
    monkeypatch.setitem(GUARDS, "stored", Guard(lambda _: True, "", ""))
    scans.walk(batch, "destruction_due")
    monkeypatch.undo()
    with pytest.raises(GuardFailed) as no:
        scans.scan("head", "release_destruction", batch)
    assert no.value.guard == "stored"


@pytest.mark.parametrize("wrong", [{"file_synced": False}, {"read_back_sha256": "00" * 32}, {"sha256": "00" * 32}])
def test_each_part_of_the_evidence_counts(scans: ScanOffice, wrong: dict[str, bool] | dict[str, str]) -> None:
    batch = scans.batch()
    scans.walk(batch, "sealed", stored=wrong)
    with pytest.raises(GuardFailed) as no:
        scans.walk(batch, "delivered")
    assert no.value.guard == "stored"


def test_not_before_it_is_acknowledged(scans: ScanOffice) -> None:
    batch = scans.batch()
    scans.walk(batch, "filed")
    scans.later(days=400)
    with pytest.raises(NotAllowed) as no:
        scans.scan("head", "release_destruction", batch)
    assert no.value.state == "delivered"


def test_not_when_the_document_has_been_deleted_meanwhile(scans: ScanOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acknowledged once is not enough: the document has to be there on the day."""
    batch = scans.batch()
    scans.walk(batch, "destruction_due")
    from scanning.batches import release_gate

    monkeypatch.setattr(release_gate, "find_filed_document", lambda _: None)
    with pytest.raises(GuardFailed) as no:
        scans.scan("head", "release_destruction", batch)
    assert no.value.guard == "acknowledged"


def test_not_a_day_before_the_period_is_over(scans: ScanOffice) -> None:
    batch = scans.batch()
    item = scans.walk(batch, "acknowledged")
    scans.later(until=item.acknowledgement.paper_until)
    with pytest.raises(NotAllowed) as no:
        scans.scan("head", "release_destruction", batch)
    assert no.value.state == "acknowledged"
    scans.later(days=1)
    scans.scan("head", "release_destruction", batch)


def test_nobody_authorises_what_they_scanned_nor_destroys_what_they_authorised(scans: ScanOffice) -> None:
    batch = scans.batch(who="both")
    scans.walk(batch, "destruction_due", operator="both")
    with pytest.raises(Forbidden):
        scans.scan("both", "release_destruction", batch)
    scans.scan("inge", "release_destruction", batch)
    with pytest.raises(Forbidden):
        scans.scan("inge", "destroy", batch)
    scans.scan("both", "destroy", batch)


def test_with_very_high_need_nor_does_who_checked(scans: ScanOffice) -> None:
    batch = scans.batch({"protection": "very_high"})
    scans.walk(batch, "destruction_due", seal="qualified")
    with pytest.raises(Forbidden):
        scans.scan("inge", "release_destruction", batch)
    scans.walk(batch, "destroyed")


@pytest.mark.parametrize("counts", [False, True])
def test_a_test_seal_is_worth_something_in_trials_only(counts: bool) -> None:
    office = ScanOffice("sqlite://", ScanRules(test_seals_count=counts))
    office.register("clerk", clearance=VH)
    batch = office.batch()
    office.walk(batch, "destruction_due", seal="test")
    if counts:
        office.walk(batch, "destroyed")
    else:
        with pytest.raises(GuardFailed) as no:
            office.scan("head", "release_destruction", batch)
        assert no.value.guard == "sealed_enough"
    office.engine.close()


@pytest.mark.parametrize("guard", ["read_back", "no_hold", "no_defect", "complete"])
def test_what_comes_to_light_after_the_release_still_stops_the_destruction(scans: ScanOffice, guard: str) -> None:
    batch = scans.batch()
    scans.walk(batch, "released")
    if guard == "read_back":
        verified(scans, batch, read_back_sha256=None)
    elif guard == "no_hold":
        scans.scan("head", "hold", batch, reason="Klage")
    elif guard == "no_defect":
        scans.scan("clerk", "report_defect", batch, reason="blass", rescan=False)
    else:
        scans.scan("inge", "count", batch, sheets=5, reason="zwei Blätter lagen daneben")
    with pytest.raises(GuardFailed) as no:
        scans.scan("otto", "destroy", batch)
    assert no.value.guard in {guard, "released"}


def test_a_backup_taken_before_the_product_was_stored_does_not_count(scans: ScanOffice) -> None:
    batch = scans.batch()
    early = scans.now
    scans.later(days=1)
    scans.walk(batch, "sealed")
    sha = scans.item(batch).product.sha256

    def record(who="system", **told):
        told = {"run": "x", "taken_at": scans.now.isoformat(), "products": [sha], "manifest_sha256": "ab" * 32, **told}
        scans.scan(who, "record_backup", batch, **told)

    for products in ([sha], []):
        with pytest.raises(InvalidCommand, match="/products"):
            record(taken_at=early.isoformat(), products=products)
    with pytest.raises(InvalidCommand, match="future"):
        record(taken_at="2031-01-01T00:00:00Z")
    with pytest.raises(InvalidCommand, match="/products"):
        record(products=["00" * 32])
    elsewhere = person("admin", Role.ADMIN, authority="jm")
    with pytest.raises(NotFound):
        record(elsewhere)
    for who in sorted(PEOPLE.keys() - {"system"}):
        with pytest.raises((Forbidden, NotFound)):
            record(who)
    record()


def test_every_condition_of_the_gate_is_tried_here() -> None:
    elsewhere = {"eligible", "stored", "acknowledged", "period_over"}
    assert set(RUNS) | elsewhere == set(GATE)


def test_what_is_excluded_by_its_kind_cannot_be_released_however_it_got_there(
    scans: ScanOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(GUARDS, "eligible", Guard(lambda _: True, "", ""))
    batch = scans.batch({"kind": "notarial_deed"})
    scans.walk(batch, "destruction_due", raw=raw("deed"))
    monkeypatch.undo()
    with pytest.raises(GuardFailed) as no:
        scans.scan("head", "release_destruction", batch)
    assert no.value.guard == "eligible"
