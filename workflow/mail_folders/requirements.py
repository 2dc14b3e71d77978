"""What a channel requires of an item of mail: sender, number, size, type, protection need, and the day."""

from collections.abc import Iterator
from datetime import date

from workflow.mail_folders.channels import Channel, ChannelRules
from workflow.mail_folders.events import Incoming
from workflow.text import Text

Faults = list[tuple[str, Text]]
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


def _check_day(channel: Channel, rules: ChannelRules, day: date) -> Iterator[tuple[str, Text]]:
    if rules.opens and day < rules.opens:
        yield "/channel", Text(f"{channel} öffnet am {rules.opens}", f"{channel} opens on {rules.opens}")
    if rules.closes and day > rules.closes:
        yield "/channel", Text(f"{channel} war bis {rules.closes} offen", f"{channel} was open until {rules.closes}")


def _check_fields(channel: Channel, rules: ChannelRules, incoming: Incoming) -> Iterator[tuple[str, Text]]:
    if rules.needs_sender and not incoming.sender:
        yield "/sender", Text(f"ist für {channel} nötig", f"is required for {channel}")
    if rules.needs_reference and not incoming.reference:
        yield (
            "/reference",
            Text(
                f"für {channel} ist die Nummer des Vorgangs nötig",
                f"the transaction's number is required for {channel}",
            ),
        )
    if (incoming.reference or "").startswith("scan-batch:"):
        yield (
            "/reference",
            Text("nennt einen Scanstapel, und nichts wurde gescannt", "names a scan batch, and nothing was scanned"),
        )
    if not incoming.protection.covers(rules.lowest_protection):
        yield (
            "/protection",
            Text(
                f"{channel} hat den Schutzbedarf {rules.lowest_protection}",
                f"{channel} has protection need {rules.lowest_protection}",
            ),
        )


def _check_form(incoming: Incoming, rules: ChannelRules) -> Iterator[tuple[str, Text]]:
    if incoming.written_form and not (rules.written_form or incoming.proof):
        yield (
            "/proof",
            Text(
                f"Schriftform ist nötig: {incoming.channel} braucht eine qualifizierte Signatur oder ein Siegel",
                f"written form is needed: {incoming.channel} needs a qualified signature or seal",
            ),
        )


def _check_file(incoming: Incoming, rules: ChannelRules) -> Iterator[tuple[str, Text]]:
    file, channel = incoming.file, incoming.channel
    if file is None:
        yield "/file", Text(f"ist für {channel} nötig", f"is required for {channel}")
        return
    if file.size <= 0:
        yield "/file/size", Text("die Datei ist leer", "the file is empty")
    elif file.size <= rules.above_bytes:
        yield (
            "/file/size",
            Text(
                f"{channel} ist für Dateien über {rules.above_bytes} Byte",
                f"{channel} is for files over {rules.above_bytes} bytes",
            ),
        )
    if rules.at_most_bytes is not None and file.size > rules.at_most_bytes:
        yield (
            "/file/size",
            Text(
                f"über {rules.at_most_bytes} Byte: {Channel.LARGE_UPLOAD} verwenden",
                f"over {rules.at_most_bytes} bytes: use {Channel.LARGE_UPLOAD}",
            ),
        )
    if rules.media_types and file.media_type not in rules.media_types:
        yield (
            "/file/media_type",
            Text(
                f"ist {file.media_type}; {channel} nimmt {', '.join(rules.media_types)}",
                f"is {file.media_type}; {channel} allows {', '.join(rules.media_types)}",
            ),
        )
