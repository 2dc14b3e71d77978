"""What a channel requires of an item of mail: sender, number, size, type, protection need, and the day."""

from collections.abc import Iterator
from datetime import date

from workflow.mail_folders.channels import Channel, ChannelRules
from workflow.mail_folders.events import Incoming

Faults = list[tuple[str, str]]
"""JSON Pointer into the item, and what is wrong there."""


def check_incoming(incoming: Incoming, day: date) -> Faults:
    """What of an item its channel does not allow on a day; an item of the scan centre has none."""
    channel, rules = incoming.channel, incoming.channel.rules
    if rules is None:
        return []
    return [*_check_day(channel, rules, day), *check_requirements(incoming, rules)]


def check_requirements(incoming: Incoming, rules: ChannelRules) -> Faults:
    """The same, whatever the day."""
    fields = _check_fields(incoming.channel, rules, incoming)
    return [*fields, *_check_form(incoming, rules), *_check_file(incoming, rules)]


def _check_day(channel: Channel, rules: ChannelRules, day: date) -> Iterator[tuple[str, str]]:
    if rules.opens and day < rules.opens:
        yield "/channel", f"{channel} opens on {rules.opens}"
    if rules.closes and day > rules.closes:
        yield "/channel", f"{channel} was open until {rules.closes}"


def _check_fields(channel: Channel, rules: ChannelRules, incoming: Incoming) -> Iterator[tuple[str, str]]:
    if rules.needs_sender and not incoming.sender:
        yield "/sender", f"is required for {channel}"
    if rules.needs_reference and not incoming.reference:
        yield "/reference", f"the transaction's number is required for {channel}"
    if (incoming.reference or "").startswith("scan-batch:"):
        yield "/reference", "names a scan batch, and nothing was scanned"
    if not incoming.protection.covers(rules.lowest_protection):
        yield "/protection", f"{channel} has protection need {rules.lowest_protection}"


def _check_form(incoming: Incoming, rules: ChannelRules) -> Iterator[tuple[str, str]]:
    if incoming.written_form and not (rules.written_form or incoming.proof):
        yield "/proof", f"written form is needed: {incoming.channel} needs a qualified signature or seal"


def _check_file(incoming: Incoming, rules: ChannelRules) -> Iterator[tuple[str, str]]:
    file, channel = incoming.file, incoming.channel
    if file is None:
        yield "/file", f"is required for {channel}"
        return
    if file.size <= 0:
        yield "/file/size", "the file is empty"
    elif file.size <= rules.above_bytes:
        yield "/file/size", f"{channel} is for files over {rules.above_bytes} bytes"
    if rules.at_most_bytes is not None and file.size > rules.at_most_bytes:
        yield "/file/size", f"over {rules.at_most_bytes} bytes: use {Channel.LARGE_UPLOAD}"
    if rules.media_types and file.media_type not in rules.media_types:
        yield "/file/media_type", f"is {file.media_type}; {channel} allows {', '.join(rules.media_types)}"
