"""Limits beyond which a scanned file is rejected (TR-03138 A.T.3: protection against harmful files)."""

from collections.abc import Callable

from workflow.engine.events import Model

Turn = Callable[[], None]
"""Called before each page of a file is worked on: time is limited by the page."""


def ignore_page() -> None:
    """Does nothing at any page."""


class Limits(Model):
    """Bounds for one file; all are assumptions that a centre may set."""

    file_bytes: int = 512 * 2**20
    """Largest file taken in."""
    pages: int = 5_000
    page_bytes: int = 256 * 2**20
    """Largest unpacked page image: A3 at 600 dpi in colour has 210 MB."""
    stream_bytes: int = 64 * 2**20
    """Largest unpacked part of a PDF that is no image."""
    total_bytes: int = 8 * 2**30
    """All that a PDF unpacks to in sum."""
    objects: int = 500_000
    memory_bytes: int = 768 * 2**20
    """Address space that reading may take beyond what the reader itself needs."""
    cpu_seconds: int = 120
    """Computing time for one page, and for what is done with the whole file."""
    seconds: float = 180.0
    """Time until the next page is begun, so that a long scan may take long, and a page may not."""


LIMITS = Limits()
