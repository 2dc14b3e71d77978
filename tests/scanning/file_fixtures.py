"""Fixtures for files: a pool of readers for the whole session, a store of one's own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scanning.readers.process_pool import ReaderPool
from scanning.sealing.providers import SealSettings, make_sealer
from scanning.sealing.seal import Sealer
from scanning.storage.content_store import ContentStore

NOW = datetime(2021, 6, 1, 8, tzinfo=UTC)


@pytest.fixture(scope="session")
def reader_pool() -> Iterator[Any]:
    with ReaderPool(1) as pool:
        yield pool


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "store")


@pytest.fixture(scope="session")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Sealer:
    """A sealer with a test authority."""
    return make_sealer(SealSettings(folder=tmp_path_factory.mktemp("authority") / "test"), NOW)
