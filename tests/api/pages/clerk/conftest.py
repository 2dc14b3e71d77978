"""Fixtures: staff of an authority at work, on a server in a thread."""

from collections.abc import Iterator

import pytest

from tests.api.pages.person import Person, at_work, working
from tests.api.server_in_thread import Served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with working(tmp_path_factory.mktemp("working")) as one:
        yield one


@pytest.fixture(scope="module")
def mueller(served: Served) -> Person:
    return at_work(served, "mueller")
