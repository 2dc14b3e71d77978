"""Handover by events: delivered once, acknowledged by filing, whoever is told how often (rule 24)."""

import pytest

from scanning.handover import ACKNOWLEDGE, find_source_item
from tests.scanning.conftest import VH, ScanOffice, run_policies
from workflow.errors import GuardFailed, NotAllowed


def again(office):
    """The policy is told everything once more, as after a crash before its position was kept."""
    office.engine.projection(ACKNOWLEDGE.name).keep(0)
    assert run_policies(office.engine) == []


def test_a_product_lies_in_the_folder_of_its_addressee_with_its_need(scans: ScanOffice) -> None:
    batch = scans.batch({"unit": "referat-4", "protection": "high"}, {"unit": "referat-4"}, {}, unit="poststelle")
    items = [scans.walk(batch, "delivered", number) for number in (1, 2, 3)]
    assert items[0].delivery.folder == items[1].delivery.folder != items[2].delivery.folder
    folder = scans.state(f"mail-folder:{items[0].delivery.folder}")
    assert (folder.unit, folder.authority, folder.protection.value) == ("referat-4", "mwide", "high")
    mail = folder.items[items[0].delivery.mail_item].incoming
    assert (mail.file.sha256, mail.channel.value, mail.protection.value) == (
        items[0].product.sha256, "scan_centre", "high",
    )  # fmt: skip
    assert mail.reference == f"{batch}#{items[0].id}"


def test_told_twice_nothing_happens_twice(scans: ScanOffice) -> None:
    batch = scans.batch()
    scans.walk(batch, "acknowledged")
    until = scans.item(batch).acknowledgement.paper_until
    scans.later(days=30)
    before = scans.engine.log.head()
    again(scans)
    assert scans.engine.log.head() == before
    assert scans.item(batch).acknowledgement.paper_until == until


def test_what_was_delivered_once_is_not_delivered_again(scans: ScanOffice) -> None:
    batch = scans.batch()
    item = scans.walk(batch, "delivered")
    with pytest.raises(NotAllowed):
        scans.scan("inge", "deliver", batch)
    scans.scan("inge", "reject_seal", batch, reason="Zertifikat")
    with pytest.raises(GuardFailed) as no:
        scans.scan("otto", "seal", batch, product=item.product, stored=item.stored)
    assert no.value.guard == "product_fits"


def test_filing_an_older_delivery_starts_no_period(scans: ScanOffice) -> None:
    """The clerk files what lay there before the defect; the corrected product is filed later and only that counts."""
    batch = scans.batch()
    old = scans.walk(batch, "delivered").delivery
    scans.scan("clerk", "report_defect", batch, reason="Seite verdreht")
    scans.later(days=1)
    new = scans.walk(batch, "delivered").delivery
    assert (old.mail_item, old.sha256) != (new.mail_item, new.sha256)
    folder, target = f"mail-folder:{old.folder}", scans.target()
    for delivery in (old, new):
        assert scans.item(batch).state == "delivered"
        scans.mail("clerk", "sight", folder, item=delivery.mail_item)
        scans.mail("clerk", "assign", folder, item=delivery.mail_item, to="clerk")
        scans.mail("clerk", "file", folder, item=delivery.mail_item, record=target[0][7:], case=target[1])
        assert run_policies(scans.engine) == []
    item = scans.item(batch)
    assert (item.state, item.acknowledgement.sha256, item.defects) == ("acknowledged", new.sha256, {})


def test_a_document_leads_back_to_its_paper(scans: ScanOffice) -> None:
    batch = scans.batch({}, {})
    scans.walk(batch, "acknowledged", 2)
    (document,) = scans.state(scans.target()[0]).documents()
    found = find_source_item(scans.engine, document.source.partition("#")[2])
    assert (found[0].id, found[1].number) == (batch[11:], 2)
    assert find_source_item(scans.engine, "00000000-0000-4000-8000-000000000000") is None


def test_a_clerk_may_acknowledge_what_is_filed_before_the_policy_does(scans: ScanOffice) -> None:
    batch = scans.batch()
    scans.walk(batch, "filed")
    scans.scan("clerk", "acknowledge", batch)
    assert run_policies(scans.engine) == []
    assert scans.types(batch).count("scan.item_acknowledged") == 1


def test_an_item_excluded_meanwhile_is_not_acknowledged(scans: ScanOffice) -> None:
    batch = scans.batch()
    scans.walk(batch, "filed")
    scans.scan("head", "exclude", batch, reason="original_needed", onward="hybrid")
    assert run_policies(scans.engine) == []
    assert scans.item(batch).state == "excluded"


def test_very_high_need_reaches_cleared_clerks_only(scans: ScanOffice) -> None:
    scans.register("uncleared")
    batch = scans.batch({"protection": VH})
    delivery = scans.walk(batch, "delivered", seal="qualified").delivery
    folder = f"mail-folder:{delivery.folder}"
    scans.mail("clerk", "sight", folder)
    with pytest.raises(GuardFailed) as no:
        scans.mail("clerk", "assign", folder, to="uncleared")
    assert no.value.guard == "addressee_fits"
