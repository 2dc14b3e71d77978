"""Two indexes in the log: items by the SHA-256 of the scanned file, and batch items by the mail item they became.

No two sheets give the same file. An identical one means that a file was taken twice, or that a sheet was never
scanned, so the inspector has to see it.
"""

from dataclasses import dataclass

from workflow.engine.aggregate import Evolver, replace
from workflow.engine.events import Event
from workflow.engine.fields import Id, Line, Sha256


class FileScanned(Event, type="scan.file_scanned"):
    sha256: Sha256
    used_by: Line
    """`batch#item`."""


class MailDelivered(Event, type="scan.mail_delivered"):
    """A mail item came from this batch item; found again when its content is erased."""

    mail_item: Id
    batch: Id
    key: Id


@dataclass(frozen=True)
class ScanFile:
    """A scanned file and the items that used it, as `batch#item`, oldest first."""

    sha256: str
    used_by: tuple[str, ...]


evolve: Evolver[ScanFile] = Evolver()


@evolve.birth(FileScanned)
def _first(event: FileScanned) -> ScanFile:
    return ScanFile(event.sha256, (event.used_by,))


@evolve.on(FileScanned)
def _again(file: ScanFile, event: FileScanned) -> ScanFile:
    return replace(file, used_by=(*file.used_by, event.used_by))


@dataclass(frozen=True)
class ScanMail:
    mail_item: str
    batch: str
    item: str


evolve_mail: Evolver[ScanMail] = Evolver()


@evolve_mail.birth(MailDelivered)
def _delivered(event: MailDelivered) -> ScanMail:
    return ScanMail(event.mail_item, event.batch, event.key)


def mail_stream(mail_item: str) -> str:
    return f"scan-mail:{mail_item}"


def stream(sha256: str) -> str:
    return f"scan-file:{sha256}"
