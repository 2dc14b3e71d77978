"""Files and versions of documents, and the medium of a record."""

from enum import StrEnum

from pydantic import ValidationInfo, field_validator

from workflow.engine.commands import OUTSIDE
from workflow.engine.events import Model
from workflow.engine.fields import Count, Line, Name, Sha256, Time
from workflow.text import InvalidValue


class File(Model):
    """A file by its SHA-256."""

    sha256: Sha256
    file_name: Line
    media_type: Line = "application/pdf"
    size: Count = 0
    stored: bool = False
    """Whether the server has the bytes in its store, which only the server itself says."""

    @field_validator("stored")
    @classmethod
    def _is_said_by_the_server(cls, stored: bool, info: ValidationInfo) -> bool:
        if stored and info.context == OUTSIDE:
            raise InvalidValue("nur der Server sagt, dass er eine Datei hat", "only the server says that it has a file")
        return stored


class Version(Model):
    """One version of a document: which file, by its SHA-256."""

    number: Count
    sha256: Sha256
    file_name: Line
    media_type: Line
    size: Count
    author: Name
    at: Time
    stored: bool = False
    """Whether the server has the bytes in its store; never in logs of before."""


class Medium(StrEnum):
    """xdomea Medium: elektronisch (001), hybrid (002), Papier (003)."""

    ELECTRONIC = "electronic"
    HYBRID = "hybrid"
    PAPER = "paper"
