"""What can be asked of a mail folder; `item` names one of its items."""

from pydantic import Field

from workflow.engine.commands import Command
from workflow.engine.fields import FreeText, Id, Line, Name
from workflow.mail_folders.events import Incoming


class OpenFolder(Command, action="create"):
    """A new folder with what came in."""

    title: Line = "Posteingang"
    unit: Name | None = None
    items: tuple[Incoming, ...] = Field(default=(), max_length=1000)
    authority: Name | None = None


class Receive(Command, action="receive"):
    """One more item."""

    incoming: Incoming


class ItemCommand(Command):
    """Base; without `item` the only one in the folder is meant."""

    item: Id | None = None


class Sight(ItemCommand, action="sight"):
    """Look at it, with a note."""

    note: FreeText = ""


class Assign(ItemCommand, action="assign"):
    """Give it to somebody."""

    to: Name
    note: FreeText = ""


class Accept(ItemCommand, action="accept"):
    """It is mine."""


class Misdirect(ItemCommand, action="misdirect"):
    """It is not mine."""

    reason: Line


class FileItem(ItemCommand, action="file"):
    """Put it into a case as a document."""

    record: Id
    case: Id
    title: Line | None = None
