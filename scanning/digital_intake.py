"""Mail of digital channels into mail folders: what comes in at once becomes a folder, as its channel allows.

What comes by such a channel is born digital: nothing is scanned and no paper destroyed.
"""

from typing import Annotated

from pydantic import Field

from workflow.engine.access import Actor, Protection, highest
from workflow.engine.commands import Command
from workflow.engine.fields import Line, Name
from workflow.errors import InvalidCommand, NotFound
from workflow.mail_folders.actions import OpenFolder
from workflow.mail_folders.channels import CHANNELS, Channel
from workflow.mail_folders.events import Incoming, Proof
from workflow.mail_folders.requirements import check_requirements
from workflow.records.files import File
from workflow.text import Text

MOST_FILES = 100
"""Of one transaction."""


def make_incoming(
    channel: Channel,
    title: str,
    file: File,
    *,
    sender: str | None = None,
    reference: str | None = None,
    protection: Protection = Protection.NORMAL,
    written_form: bool = False,
    proof: Proof | None = None,
) -> Incoming:
    """The mail item for a file; raises `InvalidCommand` with every requirement of the channel that is not met."""
    rules = channel.rules
    if rules is None:
        says = Text(f"{channel} ist kein Kanal ohne Papier", f"{channel} is not a channel that bypasses paper")
        raise InvalidCommand([("/channel", says)])
    need = highest([protection, rules.lowest_protection])
    incoming = Incoming(
        title=title, channel=channel, file=file, protection=need, sender=sender or None, reference=reference or None,
        written_form=written_form, proof=proof,
    )  # fmt: skip
    if faults := check_requirements(incoming, rules):
        raise InvalidCommand(faults)
    return incoming


def make_folder(items: tuple[Incoming, ...], authority: str, unit: str) -> OpenFolder:
    """The command that puts the items of one transaction into a new mail folder of a unit."""
    title = CHANNELS[items[0].channel].name.de
    return OpenFolder(title=title, unit=unit, items=items, authority=authority, as_delivered=True)


class ReceiveMail(Command, action="receive_mail"):
    """What came in at once; the files themselves stay with the channel."""

    files: Annotated[tuple[File, ...], Field(min_length=1, max_length=MOST_FILES)]
    title: Line | None = None
    """Of each item; its file's name where it is left out."""
    authority: Name | None = None
    """Whose mail it is; the caller's where it is left out."""
    unit: Name = "poststelle"
    sender: Line | None = None
    """Who sent it, as the channel says."""
    reference: Line | None = None
    """The channel's number of the transaction."""
    protection: Protection = Protection.NORMAL
    """The channel may raise it."""
    written_form: bool = False
    """Whether the law asks for it, for each item; then a proof is needed, or a channel that stands for it."""
    proof: Proof | None = None
    """A qualified signature or seal of each item that the channel found valid when it came in."""


def receive_mail(channel: str, told: ReceiveMail, actor: Actor) -> OpenFolder:
    """The command that puts it into a mail folder; raises `InvalidCommand` with every fault of every file."""
    found = find_channel(channel)
    authority = told.authority or actor.authority
    if authority is None:
        raise InvalidCommand([("/authority", Text("angeben, für welche Behörde", "say for which authority"))])
    items: list[Incoming] = []
    faults: list[tuple[str, Text]] = []
    for number, file in enumerate(told.files):
        try:
            items.append(make_incoming(
                found, told.title or file.file_name, file, sender=told.sender, reference=told.reference,
                protection=told.protection, written_form=told.written_form, proof=told.proof,
            ))  # fmt: skip
        except InvalidCommand as wrong:
            faults += [(place.replace("/file/", f"/files/{number}/"), why) for place, why in wrong.texts]
    if faults:
        raise InvalidCommand(list(dict.fromkeys(faults)))
    return make_folder(tuple(items), authority, told.unit)


def find_channel(name: str) -> Channel:
    """Raises `NotFound` for what is no channel that bypasses paper."""
    found = next((channel for channel in CHANNELS if channel.value == name), None)
    if found is None:
        raise NotFound("channel", name[:100])
    return found
