"""Scan centres: clients from their opening day on, terms of their own, audits (F074, F077 to F079, C15)."""

from datetime import date

import pytest

from scanning.requirements.terms import ScanRules, Terms
from tests.scanning.conftest import ScanOffice
from tests.workflow.conftest import person
from workflow.engine.access import Role
from workflow.errors import Forbidden, InvalidCommand, NotAllowed, NotFound


def entered(office, name="detmold", **more):
    office.centre("enter", name, **{"kind": "decentral", "title": "Detmold", **more})
    office.centre("connect", name, authority="mwide", opens="2021-06-10", closes="2021-06-20")


@pytest.mark.parametrize(("days", "is_open"), [(0, False), (8, False), (9, True), (19, True), (20, False)])
def test_a_client_is_taken_from_its_opening_day_to_its_last(scans: ScanOffice, days: int, is_open: bool) -> None:
    entered(scans)
    scans.later(days=days)
    if is_open:
        assert not scans.state(scans.batch(centre="detmold")).provisional
    else:
        with pytest.raises(NotAllowed, match="takes no paper of mwide today"):
            scans.batch(centre="detmold")


def test_others_are_no_clients(scans: ScanOffice) -> None:
    entered(scans)
    scans.later(days=10)
    with pytest.raises(NotAllowed):
        scans.scan(person("x", Role.SCAN_OPERATOR, authority=None), "create", centre="detmold", authority="jm")


def test_an_external_service_scans_existing_files_only(scans: ScanOffice) -> None:
    entered(scans, "dienst", kind="external")
    scans.later(days=10)
    with pytest.raises(NotAllowed, match="existing files only"):
        scans.batch(centre="dienst")
    assert scans.state(scans.batch({"kind": "file"}, centre="dienst", purpose="existing_files")).purpose


def test_a_centre_has_terms_of_its_own_and_a_batch_keeps_those_it_came_under(scans: ScanOffice) -> None:
    entered(scans, terms={"paper_days": 90, "ruleset": "1.5"})
    scans.later(days=10)
    first = scans.batch(centre="detmold")
    entered(scans, terms={"paper_days": 30})
    assert scans.state(first).terms.paper_days == 90
    assert scans.state(scans.batch(centre="detmold")).terms == Terms(paper_days=30)
    assert scans.state(scans.batch()).terms == Terms()
    item = scans.walk(first, "acknowledged")
    assert item.acknowledgement.paper_until == date(2021, 9, 9)
    for days in (13, 5000):
        with pytest.raises(InvalidCommand, match="paper_days"):
            scans.centre("enter", "x", kind="central", title="x", terms={"paper_days": days})


def test_the_carriers_staff_work_for_its_clients_and_nobody_else_does(scans: ScanOffice) -> None:
    entered(scans, carrier="br-detmold")
    scans.later(days=10)
    operator = person("detmolder", Role.SCAN_OPERATOR, authority="br-detmold")
    stranger = person("fremd", Role.SCAN_OPERATOR, authority="jm")
    state = scans.scan(operator, "create", centre="detmold", authority="mwide", items=[{"title": "a", "sheets": 1}])
    batch = f"scan-batch:{state.id}"
    with pytest.raises(Forbidden):
        scans.scan(stranger, "create", centre="detmold", authority="mwide")
    with pytest.raises(NotFound):
        scans.scan(stranger, "prepare", batch)
    with pytest.raises(NotFound):
        scans.scan(person("k", Role.CASE_WORKER, authority="br-detmold"), "acknowledge", batch)
    assert scans.scan(operator, "prepare", batch).state == "prepared"


def test_without_centres_entered_a_name_is_provisional_unless_the_house_says_no(scans: ScanOffice) -> None:
    assert scans.state(scans.batch(centre="irgendwo")).provisional
    strict = ScanOffice("sqlite://", ScanRules(centres_required=True))
    with pytest.raises(NotFound):
        strict.batch(centre="irgendwo")
    strict.engine.close()


def test_only_admin_enters_centres_and_audits_are_due_every_three_years(scans: ScanOffice) -> None:
    for who in ("otto", "head", "clerk"):
        with pytest.raises(Forbidden):
            scans.centre("enter", "x", who=who, kind="central", title="x")
    with pytest.raises(NotFound):
        scans.centre("connect", "x", authority="mwide", opens="2021-01-01")
    entered(scans)
    with pytest.raises(InvalidCommand, match="/closes"):
        scans.centre("connect", "detmold", authority="mwide", opens="2021-06-02", closes="2021-06-01")
    with pytest.raises(InvalidCommand, match="/on"):
        scans.centre("audit", "detmold", on="2031-01-01", by="Prüfer", result="gut")
    centre = scans.state("scan-centre:detmold")
    assert centre.audit_due is None
    centre = scans.centre("audit", "detmold", on="2021-06-01", by="Prüfer", result="gut")
    assert centre.audit_due == date(2024, 6, 1)
    assert scans.centre("audit", "detmold", on="2020-02-29", by="Prüfer", result="gut").audit_due == date(2023, 2, 28)
