"""Fixtures for files: a pool of readers for the whole session, a store of one's own."""

from datetime import UTC, datetime

import pytest

from scanning.readers.process_pool import ReaderPool
from scanning.sealing.providers import SealSettings, make_sealer
from scanning.storage.content_store import ContentStore

NOW = datetime(2021, 6, 1, 8, tzinfo=UTC)


@pytest.fixture(scope="session")
def reader_pool():
    with ReaderPool(1) as pool:
        yield pool


@pytest.fixture
def store(tmp_path):
    return ContentStore(tmp_path / "store")


@pytest.fixture(scope="session")
def trial(tmp_path_factory):
    """A sealer with a test authority."""
    return make_sealer(SealSettings(folder=tmp_path_factory.mktemp("authority") / "test"), NOW)
