"""For schemathesis: how scanned files and message packages are sent; given to it by SCHEMATHESIS_HOOKS."""

from typing import Any

import schemathesis


@schemathesis.serializer("application/pdf", "image/tiff", "application/zip")
def as_it_is(_context: Any, value: Any) -> bytes:
    """Bytes as they are."""
    return bytes(value) if isinstance(value, bytes) else str(value).encode()
