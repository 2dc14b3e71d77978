"""Rules 22, 23 and 24 by example: what may be scanned, what a product needs, when paper may go."""

import pytest

from scanning.batch_actions.capture import is_in_sample, is_nth
from scanning.batches.projection import batches
from scanning.requirements.exclusions import REASONS, DocumentKind, Exclusion
from scanning.requirements.terms import ScanRules, Terms
from tests.scanning.conftest import PEOPLE, ScanOffice, product, raw, run_policies, stored
from tests.workflow.conftest import person
from workflow.engine.access import Role
from workflow.errors import Forbidden, GuardFailed, InvalidCommand, NotAllowed, NotFound
from workflow.views.queries import Views, Wanted


def refused(office: ScanOffice, guard: str, who: str, action: str, batch: str, **body) -> GuardFailed:
    with pytest.raises(GuardFailed) as no:
        office.scan(who, action, batch, **body)
    assert no.value.guard == guard
    return no.value


def test_from_the_envelope_to_the_destruction_protocol(scans: ScanOffice) -> None:
    batch = scans.batch({"sheets": 3, "sender": "Stadtwerke"}, envelopes=1, sheets=3)
    item = scans.walk(batch, "destroyed")
    assert (item.state, item.destroyed_by, item.released_by) == ("destroyed", "otto", "head")
    assert scans.state(batch).state == "destroyed"
    assert scans.types(batch) == [
        "scan.batch_created", "scan.item_received", "scan.item_prepared", "scan.item_scanned", "scan.item_checked",
        "scan.item_sealed", "scan.backup_recorded", "scan.item_delivered", "scan.item_acknowledged",
        "scan.item_fell_due", "scan.destruction_released", "scan.item_destroyed",
    ]  # fmt: skip
    protocol = scans.engine.history(batch)[-1][1]
    assert (protocol.sheets, protocol.sha256, protocol.released_by, protocol.by, protocol.method) == (
        3, item.product.sha256, "head", "otto", "DIN 66399, Stufe 4",
    )  # fmt: skip
    (document,) = scans.state(scans.target()[0]).documents()
    assert document.versions[0].sha256 == item.product.sha256


@pytest.mark.parametrize("kind", [k for k in DocumentKind if k.value in set(Exclusion) or k == "large_format"])
def test_rule_22_what_is_excluded_is_never_prepared(scans: ScanOffice, kind: DocumentKind) -> None:
    """Anw. V 2.4: eligibility first."""
    batch = scans.batch({"kind": kind.value})
    refused(scans, "eligible", "otto", "prepare", batch)
    state = scans.scan("otto", "exclude", batch, reason="notarial_deed", onward="paper")
    assert state.state == "excluded"
    for action in ("prepare", "scan", "destroy", "clear"):
        body = {"raw": raw("x")} if action == "scan" else {"note": "x"} if action == "clear" else {}
        with pytest.raises(NotAllowed):
            scans.scan("both", action, batch, **body)


def test_rule_22_return_obliged_paper_is_never_destroyed(scans: ScanOffice) -> None:
    """e-Akten-VO Justiz NRW § 3."""
    batch = scans.batch({"return_obliged": True})
    refused(scans, "eligible", "otto", "prepare", batch)
    assert scans.scan("otto", "exclude", batch, reason="return_obliged", onward="returned").state == "excluded"


@pytest.mark.parametrize("reason", list(Exclusion))
def test_rule_22_every_reason_has_words_and_a_basis(reason: Exclusion) -> None:
    assert all(REASONS[reason])


def test_rule_22_doubtful_items_wait_until_somebody_else_has_cleared_them(scans: ScanOffice) -> None:
    """Anw. V 2.5.2.1."""
    batch = scans.batch()
    scans.scan("inge", "doubt", batch, reason="Unterschrift kopiert?")
    with pytest.raises(NotAllowed):
        scans.scan("otto", "prepare", batch)
    with pytest.raises(Forbidden):
        scans.scan("inge", "clear", batch, note="doch echt")
    assert scans.scan("clerk", "clear", batch, note="Absender gefragt: echt").state == "received"
    scans.walk(batch, "destroyed")


def test_rule_22_a_doubt_that_stays_ends_in_exclusion(scans: ScanOffice) -> None:
    batch = scans.batch()
    scans.walk(batch, "scanned")
    scans.scan("otto", "doubt", batch, reason="Seite fehlt?")
    with pytest.raises(Forbidden):
        scans.scan("otto", "exclude", batch, reason="not_authentic")
    assert scans.scan("inge", "exclude", batch, reason="not_authentic", onward="hybrid").state == "excluded"


def test_rule_22_every_sheet_exactly_once(scans: ScanOffice) -> None:
    """A.NB.3: sheets prepared, sheets scanned and pages have to agree."""
    batch = scans.batch({"sheets": 2})
    scans.walk(batch, "scanned", raw=raw("one page too few", 1))
    refused(scans, "counted", "inge", "check", batch)
    scans.scan("inge", "reject", batch, reason="ein Blatt fehlt")
    scans.walk(batch, "scanned")
    item = scans.walk(batch, "checked")
    assert [scan.number for scan in item.scans] == [1, 2]


def test_rule_22_duplex_pages_are_two_to_a_sheet(scans: ScanOffice) -> None:
    batch = scans.batch({"sheets": 2})
    scans.walk(batch, "prepared")
    scans.scan("otto", "scan", batch, raw=raw("both sides", 4, blank_pages=(4,)), duplex=True)
    assert scans.walk(batch, "checked").state == "checked"


def test_rule_22_a_miscount_is_corrected_with_a_reason_and_both_numbers_stay(scans: ScanOffice) -> None:
    batch = scans.batch({"sheets": 3}, sheets=3)
    scans.walk(batch, "scanned", raw=raw("two", 2))
    refused(scans, "counted", "inge", "check", batch)
    scans.scan("inge", "recount", batch, sheets=2, reason="Umschlag mitgezählt")
    scans.walk(batch, "destruction_due")
    refused(scans, "complete", "head", "release_destruction", batch)
    scans.scan("inge", "count", batch, sheets=2, reason="Umschlag mitgezählt")
    scans.walk(batch, "destroyed")
    told = [event for _, event in scans.engine.history(batch) if event.TYPE.endswith("counted")]
    assert [(event.sheets_before, event.sheets) for event in told] == [(3, 2), (3, 2)]


def test_rule_23_the_note_must_say_what_the_log_says(scans: ScanOffice) -> None:
    """A.NB.4 a to f."""
    batch = scans.batch()
    item = scans.walk(batch, "checked")
    for field, wrong in (("created_by", "olga"), ("qa_by", "ines"), ("raw_sha256", "ab" * 32), ("identity", " "),
                         ("captured_at", scans.now.replace(year=2020))):  # fmt: skip
        made = product(scans.state(batch), item, scans.now, **{field: wrong})
        evidence = stored(made.sha256, scans.now.isoformat())
        refused(scans, "note_fits", "otto", "seal", batch, product=made, stored=evidence)


@pytest.mark.parametrize(
    ("need", "ruleset", "seal", "timestamp", "enough"),
    [
        ("normal", "1.4.1", "advanced", False, True),
        ("normal", "1.4.1", "none", False, False),
        ("high", "1.4.1", "advanced", True, True),
        ("high", "1.4.1", "advanced", False, False),
        ("high", "1.5", "advanced", True, False),
        ("high", "1.5", "qualified", False, True),
        ("very_high", "1.4.1", "advanced", True, False),
        ("very_high", "1.4.1", "qualified", True, True),
        ("very_high", "1.5", "qualified", False, False),
        ("very_high", "1.5", "qualified", True, True),
    ],
)
def test_rule_23_the_seal_grows_with_the_protection_need(
    scans: ScanOffice, need: str, ruleset: str, seal: str, timestamp: bool, enough: bool
) -> None:
    """A.IS.1, A.AM.IN.H.1, A.AM.IN.SH.2."""
    scans.centre("enter", "detmold", kind="decentral", title="Detmold", terms={"ruleset": ruleset})
    scans.centre("connect", "detmold", authority="mwide", opens="2021-01-01")
    batch = scans.batch({"protection": need}, centre="detmold")
    scans.walk(batch, "checked")
    if enough:
        assert scans.walk(batch, "sealed", seal=seal, timestamp=timestamp).state == "sealed"
    else:
        with pytest.raises(GuardFailed) as no:
            scans.walk(batch, "sealed", seal=seal, timestamp=timestamp)
        assert no.value.guard == "seal_fits"


def test_rule_23_very_high_need_takes_four_eyes_and_a_full_check(scans: ScanOffice) -> None:
    """A.AM.IN.SH.1, A.AM.IN.SH.5."""
    batch = scans.batch({"protection": "very_high"}, who="both")
    scans.walk(batch, "scanned", operator="both")
    with pytest.raises(Forbidden):
        scans.scan("both", "check", batch)
    refused(scans, "looked_at", "inge", "check", batch, visual=False)
    assert scans.scan("inge", "check", batch).state == "checked"


def test_rule_23_a_normal_item_outside_the_sample_passes_on_the_automatic_checks(scans: ScanOffice) -> None:
    """A.SC.8: the share depends on the need; what is flagged is always looked at."""
    scans.centre("enter", "detmold", kind="decentral", title="Detmold", terms={"sample_percent": 20})
    scans.centre("connect", "detmold", authority="mwide", opens="2021-01-01")
    batch = scans.batch(*({} for _ in range(30)), centre="detmold")
    sample = 0
    for number in range(1, 31):
        item = scans.walk(batch, "scanned", number)
        sample += item.scan.drawn
        if item.scan.drawn:
            refused(scans, "looked_at", "inge", "check", batch, item=number, visual=False)
        else:
            scans.scan("inge", "check", batch, item=number, visual=False)
    assert 0 < sample < 15
    other = scans.batch()
    scans.walk(other, "scanned", raw=raw("blank", 2, blank_pages=(2,)))
    refused(scans, "looked_at", "inge", "check", other, visual=False)


@pytest.mark.parametrize("percent", [1, 5, 20, 100])
def test_the_sample_has_the_share_it_should_have_and_follows_from_ids_alone(percent: int) -> None:
    """A.SC.8; binomial: within four standard deviations of the share."""
    n = 20_000
    found = [is_in_sample("secret", str(i), "raw", percent) for i in range(n)]
    share = percent / 100
    assert abs(sum(found) - n * share) <= 4 * (n * share * (1 - share)) ** 0.5
    assert found == [is_in_sample("secret", str(i), "raw", percent) for i in range(n)]
    if percent < 100:
        assert found != [is_in_sample("other secret", str(i), "raw", percent) for i in range(n)]


@pytest.mark.parametrize(("percent", "drawn"), [(1, {100, 200}), (5, {*range(20, 201, 20)}), (100, {*range(1, 201)})])
def test_a_sample_by_number_is_every_nth_item_whatever_ids_say(percent: int, drawn: set[int]) -> None:
    assert {number for number in range(1, 201) if is_nth(number, percent)} == drawn


def test_where_a_run_is_to_be_repeated_the_sample_goes_by_number() -> None:
    office = ScanOffice("sqlite://", ScanRules(sample_by_number=True, terms=Terms(sample_percent=50)))
    batch = office.batch(*({} for _ in range(4)))
    assert [office.walk(batch, "scanned", number).scan.drawn for number in range(1, 5)] == [False, True, False, True]
    office.engine.close()


def test_rule_24_a_defect_within_the_period_stops_destruction_until_it_is_scanned_again(scans: ScanOffice) -> None:
    batch = scans.batch()
    first = scans.walk(batch, "acknowledged").product.sha256
    state = scans.scan("clerk", "report_defect", batch, reason="Rückseite fehlt")
    assert state.state == "rejected"
    scans.later(days=400)
    with pytest.raises(NotAllowed):
        scans.scan("head", "release_destruction", batch)
    item = scans.walk(batch, "destroyed")
    assert item.product.sha256 != first
    assert len(item.deliveries) == 2
    assert {v.sha256 for d in scans.state(scans.target()[0]).documents() for v in d.versions} == {
        first, item.product.sha256,
    }  # fmt: skip


def test_rule_24_a_defect_to_be_looked_into_stops_it_too(scans: ScanOffice) -> None:
    batch = scans.batch()
    scans.walk(batch, "destruction_due")
    scans.scan("clerk", "report_defect", batch, reason="unleserlich?", rescan=False)
    refused(scans, "no_defect", "head", "release_destruction", batch)
    scans.scan("inge", "settle_defect", batch, result="lesbar bei 200 %")
    scans.walk(batch, "destroyed")


def test_rule_24_a_new_seal_on_the_same_scan_makes_no_defect_good(scans: ScanOffice) -> None:
    batch = scans.batch()
    scans.walk(batch, "delivered")
    scans.scan("clerk", "report_defect", batch, reason="unleserlich?", rescan=False)
    scans.scan("inge", "reject_seal", batch, reason="Zertifikat widerrufen")
    scans.later(days=1)
    scans.walk(batch, "destruction_due")
    refused(scans, "no_defect", "head", "release_destruction", batch)


def test_rule_24_holds_count_independently_and_end_a_release(scans: ScanOffice) -> None:
    batch = scans.batch()
    scans.walk(batch, "released")
    scans.scan("head", "hold", batch, reason="Klageverfahren")
    item = next(iter(scans.scan("clerk", "hold", batch, reason="Rechnungshof").items.values()))
    assert len(item.holds) == 2
    refused(scans, "released", "otto", "destroy", batch)
    refused(scans, "no_hold", "head", "release_destruction", batch)
    with pytest.raises(InvalidCommand, match="/hold"):
        scans.scan("head", "release_hold", batch, reason="erledigt")
    for hold in list(item.holds):
        refused(scans, "no_hold", "head", "release_destruction", batch)
        scans.scan("head", "release_hold", batch, hold=hold, reason="erledigt")
    scans.walk(batch, "destroyed")


def test_rule_24_mail_that_went_astray_does_not_start_the_period(scans: ScanOffice) -> None:
    batch = scans.batch()
    item = scans.walk(batch, "delivered")
    folder, record = f"mail-folder:{item.delivery.folder}", scans.target()
    scans.mail("clerk", "sight", folder)
    scans.mail("clerk", "assign", folder, to="clerk")
    scans.mail("clerk", "misdirect", folder, reason="nicht für uns")
    run_policies(scans.engine)
    scans.later(days=400)
    assert scans.item(batch).state == "delivered"
    refused(scans, "filed", "clerk", "acknowledge", batch)
    scans.mail("clerk", "assign", folder, to="clerk")
    scans.mail("clerk", "file", folder, record=record[0][7:], case=record[1])
    run_policies(scans.engine)
    assert scans.item(batch).acknowledgement.paper_until.isoformat() == "2023-01-02"


def test_an_identical_file_is_pointed_out_and_never_taken_silently(scans: ScanOffice) -> None:
    batch = scans.batch({}, {})
    same = raw("same")
    scans.walk(batch, "scanned", 1, raw=same)
    item = scans.walk(batch, "scanned", 2, raw=same)
    assert item.scan.duplicate_of == (f"{batch[11:]}#{scans.item(batch, 1).id}",)
    refused(scans, "duplicate_accepted", "inge", "check", batch, item=2)
    scans.scan("inge", "check", batch, item=2, accept_duplicate=True)
    checked = scans.engine.history(batch)[-1][1]
    assert checked.duplicates == item.scan.duplicate_of
    assert scans.item(batch, 1).scan.duplicate_of == ()


def test_rework_names_what_it_was_made_from_and_is_looked_at(scans: ScanOffice) -> None:
    """A.NB.1, A.NB.2."""
    batch = scans.batch()
    before = scans.walk(batch, "scanned").scan.raw.sha256
    with pytest.raises(InvalidCommand, match="pages"):
        scans.scan("inge", "rework", batch, raw=raw("brighter", 1), reason="zu dunkel")
    scans.scan("inge", "rework", batch, raw=raw("brighter"), reason="zu dunkel")
    scan = scans.item(batch).scan
    assert (scan.made_from, scan.reworked_by, scan.number) == ((before,), ("inge",), 1)
    refused(scans, "looked_at", "ines", "check", batch, visual=False)
    scans.walk(batch, "destroyed", inspector="ines")


def test_a_need_raised_midway_takes_the_stricter_measures_from_then_on(scans: ScanOffice) -> None:
    """A.G.2: what was sealed too weakly has to be redone before its paper may go."""
    batch = scans.batch()
    scans.walk(batch, "destruction_due", visual=True, seal="advanced")
    scans.scan("clerk", "raise_protection", batch, protection="very_high", reason="Gesundheitsdaten")
    refused(scans, "sealed_enough", "head", "release_destruction", batch)
    scans.scan("inge", "reject_seal", batch, reason="Schutzbedarf erhöht")
    with pytest.raises(GuardFailed):
        scans.walk(batch, "sealed", seal="advanced")
    scans.later(days=1)
    assert scans.walk(batch, "destroyed", seal="qualified").state == "destroyed"
    refused_later = scans.batch({"protection": "very_high"})
    refused(scans, "raised", "head", "raise_protection", refused_later, protection="high", reason="doch nicht")


def test_an_excluded_item_that_was_delivered_keeps_its_paper(scans: ScanOffice) -> None:
    batch = scans.batch()
    scans.walk(batch, "destruction_due")
    scans.scan("head", "exclude", batch, reason="original_needed", onward="hybrid")
    with pytest.raises(NotAllowed):
        scans.scan("head", "release_destruction", batch)


def test_who_may_not_even_know(scans: ScanOffice) -> None:
    batch = scans.batch({"protection": "very_high"})
    for who in ("mueller", "stranger"):
        with pytest.raises(NotFound):
            scans.scan(who, "acknowledge", batch)
    with pytest.raises(Forbidden):
        scans.scan("clerk", "create")
    with pytest.raises(NotFound):
        scans.scan("otto", "prepare", "scan-batch:00000000-0000-4000-8000-000000000000")


def test_items_are_named_by_id_or_number(scans: ScanOffice) -> None:
    batch = scans.batch({}, {})
    with pytest.raises(InvalidCommand, match="2 items"):
        scans.scan("otto", "prepare", batch)
    with pytest.raises(InvalidCommand, match="2 items"):
        scans.scan("otto", "prepare", batch, item=3)
    scans.scan("otto", "prepare", batch, item=2)
    scans.scan("otto", "prepare", batch, item=scans.item(batch, 1).id)
    assert scans.state(batch).state == "prepared"
    assert PEOPLE["otto"].user == scans.item(batch, 2).prepared_by


def test_batches_are_listed_to_the_client_and_to_who_runs_the_centre(scans: ScanOffice) -> None:
    scans.centre("enter", "detmold", kind="decentral", title="Detmold", carrier="br-detmold")
    scans.centre("connect", "detmold", authority="mwide", opens="2021-01-01")
    first = scans.batch({}, {"protection": "high"}, centre="detmold", title="Montag")
    second = scans.batch(title="Dienstag")
    views = Views(scans.engine)
    guest = person("gast", Role.SCAN_OPERATOR, authority="br-detmold", clearance="high")
    assert [row["title"] for row in batches(views, PEOPLE["otto"])] == [
        {first: "Montag", second: "Dienstag"}[stream] for stream in sorted((first, second))
    ]
    assert [row["stream"] for row in batches(views, guest)] == [first]
    assert batches(views, person("x", Role.SCAN_OPERATOR, authority="br-detmold")) == []
    assert batches(views, person("x", Role.CASE_WORKER, authority="br-detmold", clearance="high")) == []
    assert [row["stream"] for row in batches(views, PEOPLE["mueller"])] == [second]
    (row,) = batches(views, guest)
    assert row["detail"]["states"] == {"received": 2}
    scans.scan(guest, "prepare", first, item=1)
    (row,) = batches(views, guest, Wanted({"state": ("received",)}))
    assert row["detail"]["states"] == {"prepared": 1, "received": 1}
    assert batches(views, guest, Wanted({"state": ("prepared",)})) == []
