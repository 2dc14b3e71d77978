"""Rules of intake channels: what is met is taken, each thing that is lacking is named, and nothing else."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.engine.access import Protection
from workflow.mail_folders.channels import CHANNELS, LARGE, Channel, ChannelRules
from workflow.mail_folders.events import Incoming, Proof
from workflow.mail_folders.requirements import check_incoming
from workflow.records.files import File

CLOSED = date(2000, 1, 1)
DIGITAL = st.sampled_from(list(CHANNELS))


def choose_day(rules: ChannelRules) -> date:
    """A day on which the channel is open."""
    return rules.opens or rules.closes or date(2021, 8, 31)


def allowed(channel: Channel, **over: Any) -> Incoming:
    """An item that its channel takes, but for what is said."""
    rules = CHANNELS[channel]
    media_type = rules.media_types[0] if rules.media_types else "application/pdf"
    file = File(sha256="ab" * 32, file_name="datei", media_type=media_type, size=rules.above_bytes + 1)
    fields: dict[str, Any] = {
        "title": "Sendung",
        "channel": channel,
        "file": file,
        "sender": "Absender",
        "reference": "4711",
        "protection": rules.lowest_protection,
    }
    return Incoming(**{**fields, **over})


def find_places(incoming: Incoming, day: date) -> list[str]:
    return [where for where, _ in check_incoming(incoming, day)]


@pytest.mark.parametrize("channel", list(CHANNELS))
def test_what_a_channel_requires_is_taken(channel: Channel) -> None:
    assert check_incoming(allowed(channel), choose_day(CHANNELS[channel])) == []


@given(DIGITAL, st.booleans(), st.booleans(), st.booleans())
def test_exactly_what_is_lacking_is_named(channel: Channel, sender: bool, reference: bool, file: bool) -> None:
    rules = CHANNELS[channel]
    lacking = {}
    if not sender:
        lacking["sender"] = None
    if not reference:
        lacking["reference"] = None
    if not file:
        lacking["file"] = None
    expected = [
        *(["/sender"] if rules.needs_sender and not sender else []),
        *(["/reference"] if rules.needs_reference and not reference else []),
        *(["/file"] if not file else []),
    ]
    assert find_places(allowed(channel, **lacking), choose_day(rules)) == expected


@given(DIGITAL, st.integers(0, 2 * LARGE))
def test_sizes_are_held_to_both_limits(channel: Channel, size: int) -> None:
    rules = CHANNELS[channel]
    item = allowed(channel)
    assert item.file is not None
    sized = item.model_copy(update={"file": item.file.model_copy(update={"size": size})})
    fits = rules.above_bytes < size and (rules.at_most_bytes is None or size <= rules.at_most_bytes)
    assert (find_places(sized, choose_day(rules)) == []) is fits


@given(DIGITAL, st.integers(-4000, 4000))
def test_a_channel_is_open_between_its_first_and_last_day(channel: Channel, days: int) -> None:
    rules = CHANNELS[channel]
    day = choose_day(rules) + timedelta(days)
    is_open = (rules.opens or date.min) <= day <= (rules.closes or date.max)
    assert find_places(allowed(channel), day) == ([] if is_open else ["/channel"])


@given(DIGITAL, st.sampled_from(list(Protection)))
def test_no_channel_lowers_a_protection_need(channel: Channel, need: Protection) -> None:
    rules = CHANNELS[channel]
    found = find_places(allowed(channel, protection=need), choose_day(rules))
    assert found == ([] if need.covers(rules.lowest_protection) else ["/protection"])


def test_the_scan_centre_has_no_rules_of_a_channel() -> None:
    item = Incoming(title="Brief", channel=Channel.SCAN_CENTRE)
    assert Channel.SCAN_CENTRE.rules is None
    assert check_incoming(item, CLOSED) == []


def test_every_channel_has_a_name_in_both_languages_and_a_basis_with_a_fact() -> None:
    for channel, rules in CHANNELS.items():
        assert rules.name.de, channel
        assert rules.name.en, channel
        assert rules.basis.startswith("F"), channel
    assert len({rules.name.de for rules in CHANNELS.values()}) == len(CHANNELS)


def test_a_channel_is_its_name() -> None:
    assert Channel("de_mail") is Channel.DE_MAIL
    assert Channel.DE_MAIL == "de_mail"
    assert Incoming(title="x", channel=Channel.DE_MAIL).model_dump(mode="json")["channel"] == "de_mail"


@given(DIGITAL, st.booleans(), st.sampled_from([None, *Proof]))
def test_written_form_needs_a_proof_or_a_channel_that_stands_for_it(
    channel: Channel, written: bool, proof: Proof | None
) -> None:
    rules = CHANNELS[channel]
    found = find_places(allowed(channel, written_form=written, proof=proof), choose_day(rules))
    lacking = written and proof is None and not rules.written_form
    assert found == (["/proof"] if lacking else [])


def test_the_channels_under_discussion_stand_for_the_written_form() -> None:
    """F025: user account, special mailboxes; § 25a EGovG while it held (F004)."""
    standing = {channel for channel, rules in CHANNELS.items() if rules.written_form}
    assert standing == {Channel.PORTAL, Channel.SPECIAL_MAILBOX, Channel.FORM_RELIEF}
