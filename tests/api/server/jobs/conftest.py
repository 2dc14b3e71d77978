"""Fixtures: a worker within this process."""

import pytest


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker within this process: neither ended with a server nor made slower."""
    monkeypatch.setattr("api.server.jobs.worker._end_with_server", lambda: None)
    monkeypatch.setattr("os.nice", lambda _: 0)
