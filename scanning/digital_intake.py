"""Digital channels that bypass paper, and what each requires of a file before it enters a mail folder.

What comes by such a channel is born digital: nothing is scanned and no paper destroyed.
"""

from dataclasses import dataclass

from workflow.engine.access import Protection, highest
from workflow.errors import InvalidCommand
from workflow.mail_folders.actions import OpenFolder
from workflow.mail_folders.events import Channel, Incoming
from workflow.records.events import File
from workflow.text import Text


@dataclass(frozen=True)
class ChannelRules:
    name: Text
    basis: str
    lowest_protection: Protection = Protection.NORMAL
    """A file of this channel has at least this protection need."""
    above_bytes: int = 0
    """Only files larger than this are allowed."""
    at_most_bytes: int | None = None
    needs_sender: bool = False
    """Whether the channel identifies the sender, who then must be named."""
    needs_reference: bool = True
    """Whether the channel numbers its transactions; the number is recorded, so that a second delivery is noticed."""
    media_types: tuple[str, ...] = ()
    """Allowed types; empty for any."""


LARGE = 20_000_000
"""Bytes (F086: 20 MB)."""

CHANNELS: dict[Channel, ChannelRules] = {
    Channel.PORTAL: ChannelRules(
        Text("Portal, Antrag mit Nutzerkonto", "portal, application with user account"),
        "F025, F197: OZG-Nutzerkonto, Postkorb",
        at_most_bytes=LARGE, needs_sender=True,
    ),
    Channel.E_INVOICE: ChannelRules(
        Text("E-Rechnung aus dem Rechnungsportal", "e-invoice from the invoice portal"),
        "F255: E-Rechnungsportal 2020",
        needs_sender=True, media_types=("application/xml", "text/xml", "application/pdf"),
    ),
    Channel.SPECIAL_MAILBOX: ChannelRules(
        Text("besonderes Postfach (beBPo, beA, beN, eBO)", "special mailbox (beBPo, beA, beN, eBO)"),
        "F025: § 3a VwVfG",
        needs_sender=True,
    ),
    Channel.SPECIALIST_SYSTEM: ChannelRules(
        Text("Fachverfahren", "specialist system"),
        "F045: several hundred Fachverfahren to be connected",
    ),
    Channel.EMAIL: ChannelRules(
        Text("E-Mail", "e-mail"),
        "F004: § 25a EGovG, e-mailed scans at discretion",
        at_most_bytes=LARGE, needs_reference=False,
    ),
    Channel.LARGE_UPLOAD: ChannelRules(
        Text("sicherer Zugang für große Dateien", "secure upload of large files"),
        "F086, F143: over 20 MB, Schutzbedarf hoch",
        lowest_protection=Protection.HIGH, above_bytes=LARGE, needs_sender=True,
    ),
}  # fmt: skip
"""The scan centre is no such channel: its paper has a state machine of its own."""


def make_incoming(
    channel: Channel,
    title: str,
    file: File,
    *,
    sender: str | None = None,
    reference: str | None = None,
    protection: Protection = Protection.NORMAL,
) -> Incoming:
    """The mail item for a file; raises `InvalidCommand` with every requirement of the channel that is not met."""
    rules = CHANNELS.get(channel)
    if rules is None:
        raise InvalidCommand([("/channel", f"{channel} is not a channel that bypasses paper")])
    faults = [*_check_fields(channel, rules, sender, reference), *_check_file(channel, rules, file)]
    if faults:
        raise InvalidCommand(faults)
    need = highest([protection, rules.lowest_protection])
    return Incoming(title=title, channel=channel, file=file, sender=sender, protection=need, reference=reference)


def _check_fields(
    channel: Channel, rules: ChannelRules, sender: str | None, reference: str | None
) -> list[tuple[str, str]]:
    faults = []
    if rules.needs_sender and not sender:
        faults.append(("/sender", f"is required for {channel}"))
    if rules.needs_reference and not reference:
        faults.append(("/reference", f"the transaction's number is required for {channel}"))
    if reference is not None and reference.startswith("scan-batch:"):
        faults.append(("/reference", "names a scan batch, and nothing was scanned"))
    return faults


def _check_file(channel: Channel, rules: ChannelRules, file: File) -> list[tuple[str, str]]:
    faults = []
    if file.size <= 0:
        faults.append(("/file/size", "the file is empty"))
    elif file.size <= rules.above_bytes:
        faults.append(("/file/size", f"{channel} is for files over {rules.above_bytes} bytes"))
    if rules.at_most_bytes is not None and file.size > rules.at_most_bytes:
        faults.append(("/file/size", f"over {rules.at_most_bytes} bytes: use {Channel.LARGE_UPLOAD}"))
    if rules.media_types and file.media_type not in rules.media_types:
        faults.append(("/file/media_type", f"is {file.media_type}; {channel} allows {', '.join(rules.media_types)}"))
    return faults


def make_folder(items: tuple[Incoming, ...], authority: str, unit: str) -> OpenFolder:
    """The command that puts the items of one transaction into a new mail folder of a unit."""
    return OpenFolder(title=CHANNELS[items[0].channel].name.de, unit=unit, items=items, authority=authority)
