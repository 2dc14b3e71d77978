"""Limits beyond which a scanned file is rejected (TR-03138 A.T.3: protection against harmful files)."""

from workflow.engine.events import Model


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
    seconds: float = 180.0
    """Time for one file, waiting included; a long scan may be split into smaller files."""


LIMITS = Limits()
