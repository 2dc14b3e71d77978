"""Values in commands and events of a scan batch: the arriving item, evidence on files, grounds of destruction."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from scanning.requirements.exclusions import DocumentKind
from workflow.engine.access import Protection
from workflow.engine.events import Model
from workflow.engine.fields import Count, Day, Id, Line, Name, Sha256, Time

Sheets = Annotated[int, Field(ge=1, le=100_000)]
"""Sheets of paper; an item has at least one."""


class NewItem(Model):
    """An item (Scangut) as it arrives."""

    title: Line
    sheets: Sheets
    kind: DocumentKind = DocumentKind.LETTER
    return_obliged: bool = False
    """Whether the original has to go back (rückgabepflichtig)."""
    unit: Name | None = None
    """Addressee; the batch's where none is named."""
    sender: Line | None = None
    protection: Protection = Protection.NORMAL


class Stored(Model):
    """Evidence that a file is on disk: written, file and folder synced, then read back and hashed (A.T.4)."""

    sha256: Sha256
    file_synced: bool
    folder_synced: bool
    read_back_sha256: Sha256
    """Of what was read from the disk afterwards."""
    at: Time

    def proves(self, sha256: str) -> bool:
        return self.file_synced and self.folder_synced and self.sha256 == self.read_back_sha256 == sha256


class Verification(Model):
    """The result of reading and verifying a stored product again."""

    read_back_sha256: Sha256 | None
    """None: it could not be read."""
    note_valid: bool
    seal_valid: bool
    at: Time


class FileUse(StrEnum):
    """What a stored file is to an item."""

    RAW = "raw"
    WHOLE = "whole"
    """The file of a batch scanned in one go that the raw scan was cut out of."""
    CONTENT = "content"
    """The PDF/A before note and seal."""
    PRODUCT = "product"


class DamagedFile(Model):
    """A file that an item rests on and that is not on disk as it was stored."""

    sha256: Sha256
    use: FileUse
    missing: bool
    """Whether it is gone; else it is changed or cannot be read."""


class BackupReading(Model):
    """What was read of a product's copy in a backup."""

    run: Line
    manifest_sha256: Sha256
    """Of what the backup's folder says of the run."""
    read_back_sha256: Sha256
    """Of the copy of the product."""


class DestructionEvidence(Model):
    """What was read from the disks when destruction was asked for: never what was known before."""

    verification: Verification
    backup: BackupReading | None
    """None where no recorded run could be found in its folder with a copy of the product."""


class Grounds(Model):
    """What the release of destruction rests on."""

    sha256: Sha256
    sheets: Count
    checked_by: Name
    visual: bool
    scans: Count
    note_sha256: Sha256
    seal: Line
    backup_run: Line
    record: Id
    document: Id
    paper_until: Day
    measures: tuple[Line, ...]
