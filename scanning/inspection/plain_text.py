"""Plain text as a document: UTF-8, else Windows-1252, and nothing that is no letter.

It has no mark by which to know it, as the types of scans have: its name says `.txt`, and its content must not say
anything else.
"""

import re
from contextlib import suppress
from pathlib import Path, PurePath

from scanning.rejection import FileRejected, RejectionReason
from workflow.mail_folders.channels import LARGE

PLAIN_TEXT = "text/plain"
SUFFIX = ".txt"
CHARSETS = ("utf-8", "windows-1252")
HEAD, BLOCK = 1024, 2**20
"""Where viewers look for a PDF's beginning; what is read at once."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
"""What no text has besides tabs, ends of lines and of pages."""


def is_named_text(name: str) -> bool:
    return PurePath(name).suffix.lower() == SUFFIX


def find_charset(path: Path) -> str:
    """One of `CHARSETS`; raises `FileRejected` where the whole file is text in neither."""
    size = path.stat().st_size
    if not size:
        raise FileRejected(RejectionReason.EMPTY)
    if size > LARGE:
        raise FileRejected(RejectionReason.TOO_BIG, f"> {LARGE:,} bytes")
    for charset in CHARSETS:
        with suppress(UnicodeDecodeError):
            _check(path, charset)
            return charset
    raise FileRejected(RejectionReason.UNKNOWN_TYPE, "no plain text")


def _check(path: Path, charset: str) -> None:
    with path.open(encoding=charset, newline="") as file:
        block = file.read(HEAD)
        if "%PDF-" in block:
            raise FileRejected(RejectionReason.POLYGLOT, "text and PDF")
        while block:
            if _CONTROL.search(block):
                raise FileRejected(RejectionReason.UNKNOWN_TYPE, "control characters in a text")
            block = file.read(BLOCK)


def read_text_pages(path: Path, most: int) -> list[str]:
    """So many characters, divided where the text ends a page; raises `FileRejected`."""
    with path.open(encoding=find_charset(path), newline="") as file:
        return file.read(most).removeprefix("\ufeff").split("\f")
