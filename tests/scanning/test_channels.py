"""Channels that bypass paper enter the same mail folders (F025, F086, F197, F255)."""

import pytest

from scanning.digital_intake import LARGE, WAYS, folder_for, incoming
from workflow.engine.access import SYSTEM, Protection
from workflow.errors import InvalidCommand
from workflow.mail_folders.events import Channel
from workflow.records.events import File
from workflow.views.queries import Views


def file(size=1000, media_type="application/pdf"):
    return File(sha256="12" * 32, file_name="antrag.pdf", media_type=media_type, size=size)


def taken(channel, size=1000, **more):
    told = {"sender": "Stadtwerke", "reference": "2021-4711", **more}
    return incoming(channel, "Antrag", file(size), **told)


def test_every_channel_but_paper_has_its_line():
    assert set(WAYS) == set(Channel) - {Channel.SCAN_CENTRE}
    assert all((way.en, way.de, way.basis) for way in WAYS.values())


@pytest.mark.parametrize("channel", list(WAYS))
def test_what_comes_in_lies_in_the_folder_of_its_unit(scans, channel):
    size = LARGE + 1 if channel is Channel.LARGE_UPLOAD else 1000
    done = scans.engine.handle(folder_for(taken(channel, size), "mwide", "referat-4"), SYSTEM, "mail-folder")
    (item,) = done.state.items.values()
    assert (item.incoming.channel, done.state.unit) == (channel, "referat-4")
    need = Protection.HIGH if channel is Channel.LARGE_UPLOAD else Protection.NORMAL
    assert item.incoming.protection is need
    found = Views(scans.engine).mail(SYSTEM, "referat-4")
    assert [row["channel"] for row in found] == [channel]


@pytest.mark.parametrize(
    ("channel", "size", "more", "pointer"),
    [
        (Channel.PORTAL, LARGE + 1, {}, "/file/size"),
        (Channel.EMAIL, LARGE + 1, {}, "/file/size"),
        (Channel.LARGE_UPLOAD, LARGE, {}, "/file/size"),
        (Channel.PORTAL, 0, {}, "/file/size"),
        (Channel.PORTAL, 1000, {"sender": None}, "/sender"),
        (Channel.SPECIAL_MAILBOX, 1000, {"reference": None}, "/reference"),
        (Channel.EMAIL, 1000, {"reference": "scan-batch:1#2"}, "/reference"),
        (Channel.SCAN_CENTRE, 1000, {}, "/channel"),
    ],
)
def test_what_is_lacking_is_named(channel, size, more, pointer):
    with pytest.raises(InvalidCommand) as no:
        taken(channel, size, **more)
    assert pointer in dict(no.value.faults)


def test_an_invoice_is_no_picture():
    with pytest.raises(InvalidCommand, match="media_type"):
        incoming(Channel.E_INVOICE, "Rechnung", file(media_type="image/png"), sender="x", reference="y")


def test_a_need_that_is_higher_stays_so():
    assert taken(Channel.PORTAL, protection=Protection.VERY_HIGH).protection is Protection.VERY_HIGH
