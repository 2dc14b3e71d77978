"""Which items a scanned file was used for: an index by SHA-256, kept by the log itself.

No two sheets give the same file. An identical one means that a file was taken twice, or that a sheet was never
scanned, so the inspector has to see it (issue: never silently refused, never silently taken twice).
"""

from dataclasses import dataclass

from scanning.batches.events import FileScanned, MailDelivered
from workflow.engine.aggregate import Evolver, replace


@dataclass(frozen=True)
class ScanFile:
    """A scanned file and whom it was used by, as `batch#item`, oldest first."""

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
    """Which batch item a mail item came from."""

    mail_item: str
    batch: str
    item: str


evolve_mail: Evolver[ScanMail] = Evolver()


@evolve_mail.birth(MailDelivered)
def _delivered(event: MailDelivered) -> ScanMail:
    return ScanMail(event.mail_item, event.batch, event.key)


def mail_stream(mail_item: str) -> str:
    """Stream of a delivered mail item."""
    return f"scan-mail:{mail_item}"


def stream(sha256: str) -> str:
    """Stream of a file."""
    return f"scan-file:{sha256}"
