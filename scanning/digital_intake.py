"""Ways in that bypass paper, and what each needs to enter the same mail folders.

What such a channel brings is born digital: nothing is scanned, nothing destroyed. Its content still goes through the
check of files before it is stored, and the mail folder has it with the protection need it really has.
"""

from typing import NamedTuple

from workflow.engine.access import Protection, highest
from workflow.errors import InvalidCommand
from workflow.mail_folders.actions import OpenFolder
from workflow.mail_folders.events import Channel, Incoming
from workflow.records.events import File


class Way(NamedTuple):
    """What a channel asks for."""

    en: str
    de: str
    basis: str
    least_need: Protection = Protection.NORMAL
    """What comes this way has at least this need."""
    above_bytes: int = 0
    """For files larger than this only."""
    at_most_bytes: int | None = None
    needs_sender: bool = False
    """Whether the channel knows for certain who sent it, and has to say so."""
    needs_reference: bool = True
    """Whether its own number of the transaction is recorded, so that nothing is taken twice unnoticed."""
    media_types: tuple[str, ...] = ()
    """What it carries; empty for anything that passes the check of files."""


LARGE = 20_000_000
"""Bytes (F086: 20 MB)."""

WAYS: dict[Channel, Way] = {
    Channel.PORTAL: Way(
        "portal, application with user account", "Portal, Antrag mit Nutzerkonto",
        "F025, F197: OZG-Nutzerkonto, Postkorb",
        at_most_bytes=LARGE, needs_sender=True,
    ),
    Channel.E_INVOICE: Way(
        "e-invoice from the invoice portal", "E-Rechnung aus dem Rechnungsportal", "F255: E-Rechnungsportal 2020",
        needs_sender=True, media_types=("application/xml", "text/xml", "application/pdf"),
    ),
    Channel.SPECIAL_MAILBOX: Way(
        "special mailbox (beBPo, beA, beN, eBO)", "besonderes Postfach (beBPo, beA, beN, eBO)", "F025: § 3a VwVfG",
        needs_sender=True,
    ),
    Channel.SPECIALIST_SYSTEM: Way(
        "specialist system", "Fachverfahren", "F045: several hundred Fachverfahren to be connected",
    ),
    Channel.EMAIL: Way(
        "e-mail", "E-Mail", "F004: § 25a EGovG, e-mailed scans at discretion", at_most_bytes=LARGE,
        needs_reference=False,
    ),
    Channel.LARGE_UPLOAD: Way(
        "secure upload of large files", "sicherer Zugang für große Dateien",
        "F086, F143: over 20 MB, Schutzbedarf hoch",
        least_need=Protection.HIGH, above_bytes=LARGE, needs_sender=True,
    ),
}  # fmt: skip
"""Channel -> what it needs; the scan centre has a machine of its own."""


def incoming(
    channel: Channel,
    title: str,
    file: File,
    *,
    sender: str | None = None,
    reference: str | None = None,
    protection: Protection = Protection.NORMAL,
) -> Incoming:
    """The mail item that a channel makes of a checked and stored file; `InvalidCommand` names what it lacks."""
    way = WAYS.get(channel)
    if way is None:
        raise InvalidCommand([("/channel", f"{channel} is not a channel that bypasses paper")])
    faults = []
    if way.needs_sender and not sender:
        faults.append(("/sender", f"{channel} says who sent it"))
    if way.needs_reference and not reference:
        faults.append(("/reference", f"{channel} gives each transaction a number"))
    if reference is not None and reference.startswith("scan-batch:"):
        faults.append(("/reference", "names a scan batch, and nothing was scanned"))
    if file.size <= 0:
        faults.append(("/file/size", "must be known"))
    elif file.size <= way.above_bytes:
        faults.append(("/file/size", f"{channel} is for files over {way.above_bytes} bytes"))
    if way.at_most_bytes is not None and file.size > way.at_most_bytes:
        faults.append(("/file/size", f"over {way.at_most_bytes} bytes: use {Channel.LARGE_UPLOAD}"))
    if way.media_types and file.media_type not in way.media_types:
        faults.append(("/file/media_type", f"{channel} carries {', '.join(way.media_types)}"))
    if faults:
        raise InvalidCommand(faults)
    need = highest([protection, way.least_need])
    return Incoming(title=title, channel=channel, file=file, sender=sender, protection=need, reference=reference)


def folder_for(item: Incoming, authority: str, unit: str) -> OpenFolder:
    """The command that puts it into a mail folder of its unit."""
    return OpenFolder(title=WAYS[item.channel].de, unit=unit, items=(item,), authority=authority)
