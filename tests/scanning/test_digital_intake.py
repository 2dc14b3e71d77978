"""Digital channels bypass paper and enter the same mail folders (F025, F086, F197, F255)."""

from datetime import date
from typing import Any

import pytest

from scanning.digital_intake import make_folder, make_incoming
from tests.scanning.conftest import ScanOffice
from workflow.engine.access import SYSTEM, Protection
from workflow.errors import InvalidCommand
from workflow.mail_folders.actions import OpenFolder
from workflow.mail_folders.channels import CHANNELS, LARGE, Channel
from workflow.mail_folders.events import Incoming
from workflow.mail_folders.requirements import check_incoming
from workflow.records.files import File
from workflow.views.queries import Views


def file(size: int = 1000, media_type: str = "application/pdf") -> File:
    return File(sha256="12" * 32, file_name="antrag.pdf", media_type=media_type, size=size)


def received(channel: Channel, size: int = 1000, media_type: str = "application/pdf", **more: Any) -> Incoming:
    fields = {"sender": "Stadtwerke", "reference": "2021-4711", **more}
    return make_incoming(channel, "Antrag", file(size, media_type), **fields)


TODAY = date(2021, 6, 1)
OPEN = [channel for channel, rules in CHANNELS.items() if not (rules.closes or (rules.opens or TODAY) > TODAY)]
"""On the day of these tests."""


def test_every_channel_but_paper_has_its_rules() -> None:
    assert set(CHANNELS) == set(Channel) - {Channel.SCAN_CENTRE}
    assert all((rules.name.de, rules.name.en, rules.basis) for rules in CHANNELS.values())


@pytest.mark.parametrize("channel", OPEN)
def test_what_comes_in_lies_in_the_folder_of_its_unit(scans: ScanOffice, channel: Channel) -> None:
    item = received(channel, LARGE + 1 if channel is Channel.LARGE_UPLOAD else 1000)
    done = scans.engine.handle(make_folder((item, item), "mwide", "referat-4"), SYSTEM, "mail-folder")
    items = list(done.state.items.values())
    assert ([one.incoming.channel for one in items], done.state.unit) == ([channel, channel], "referat-4")
    need = Protection.HIGH if channel is Channel.LARGE_UPLOAD else Protection.NORMAL
    assert {one.incoming.protection for one in items} == {need}
    assert done.state.title == CHANNELS[channel].name.de
    listed = Views(scans.engine).mail(SYSTEM, str(items[0].state))
    assert [(row["channel"], row["unit"]) for row in listed] == [(channel, "referat-4")] * 2


@pytest.mark.parametrize(
    ("channel", "size", "more", "pointer"),
    [
        (Channel.PORTAL, LARGE + 1, {}, "/file/size"),
        (Channel.EMAIL, LARGE + 1, {}, "/file/size"),
        (Channel.LARGE_UPLOAD, LARGE, {}, "/file/size"),
        (Channel.PORTAL, 0, {}, "/file/size"),
        (Channel.PORTAL, 1000, {"sender": None}, "/sender"),
        (Channel.E_INVOICE, 1000, {"sender": ""}, "/sender"),
        (Channel.SPECIAL_MAILBOX, 1000, {"reference": None}, "/reference"),
        (Channel.SPECIALIST_SYSTEM, 1000, {"reference": ""}, "/reference"),
        (Channel.EMAIL, 1000, {"reference": "scan-batch:1#2"}, "/reference"),
        (Channel.E_INVOICE, 1000, {"media_type": "image/png"}, "/file/media_type"),
        (Channel.SCAN_CENTRE, 1000, {}, "/channel"),
    ],
)
def test_what_is_lacking_is_named(channel: Channel, size: int, more: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidCommand) as no:
        received(channel, size, **more)
    assert [where for where, _ in no.value.faults] == [pointer]


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(InvalidCommand) as no:
        make_incoming(Channel.E_INVOICE, "Rechnung", file(0, "image/png"))
    assert [where for where, _ in no.value.faults] == ["/sender", "/reference", "/file/size", "/file/media_type"]


@pytest.mark.parametrize(
    ("channel", "wrong"),
    [
        (Channel.FORM_RELIEF, "form_relief was open until 2020-12-31"),
        (Channel.FUNDING_PORTAL, "funding_portal opens on 2021-10-31"),
        (Channel.EMISSION_NOTICE, "emission_notice opens on 2021-07-31"),
    ],
)
def test_a_channel_that_is_not_open_on_the_day_is_refused(scans: ScanOffice, channel: Channel, wrong: str) -> None:
    command = make_folder((received(channel),), "mwide", "referat-4")
    with pytest.raises(InvalidCommand) as no:
        scans.engine.handle(command, SYSTEM, "mail-folder")
    assert list(no.value.faults) == [("/items/0/channel", wrong)]


@pytest.mark.parametrize(("day", "open_"), [(13, False), (14, True), (30, True)])
def test_a_channel_opens_on_its_first_day(day: int, open_: bool) -> None:
    item = received(Channel.FORM_RELIEF)
    assert (check_incoming(item, date(2020, 4, day)) == []) is open_
    assert check_incoming(item, date(2020, 12, 31)) == []


def test_what_is_entered_by_hand_is_not_held_to_the_channel(scans: ScanOffice) -> None:
    by_hand = Incoming(title="Antrag", channel=Channel.FORM_RELIEF)
    command = OpenFolder(items=(by_hand,), authority="mwide", unit="referat-4")
    assert len(scans.engine.handle(command, SYSTEM, "mail-folder").state.items) == 1
    with pytest.raises(InvalidCommand) as no:
        scans.engine.handle(command.model_copy(update={"as_delivered": True}), SYSTEM, "mail-folder")
    assert [where for where, _ in no.value.faults] == ["/items/0/channel", "/items/0/sender", "/items/0/file"]


def test_a_need_below_that_of_the_channel_is_refused(scans: ScanOffice) -> None:
    item = received(Channel.LARGE_UPLOAD, LARGE + 1).model_copy(update={"protection": Protection.NORMAL})
    with pytest.raises(InvalidCommand) as no:
        scans.engine.handle(make_folder((item,), "mwide", "referat-4"), SYSTEM, "mail-folder")
    assert [where for where, _ in no.value.faults] == ["/items/0/protection"]


@pytest.mark.parametrize(
    ("channel", "size"),
    [(Channel.PORTAL, LARGE), (Channel.PORTAL, 1), (Channel.LARGE_UPLOAD, LARGE + 1), (Channel.E_INVOICE, LARGE + 1)],
)
def test_sizes_at_the_limit_are_allowed(channel: Channel, size: int) -> None:
    item = received(channel, size)
    assert item.file is not None
    assert item.file.size == size


def test_an_e_mail_needs_neither_sender_nor_reference() -> None:
    assert received(Channel.EMAIL, sender=None, reference=None).sender is None


def test_a_need_that_is_higher_stays_so() -> None:
    assert received(Channel.PORTAL, protection=Protection.VERY_HIGH).protection is Protection.VERY_HIGH
    large = received(Channel.LARGE_UPLOAD, LARGE + 1, protection=Protection.VERY_HIGH)
    assert large.protection is Protection.VERY_HIGH
