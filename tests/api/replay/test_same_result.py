"""The same file gives the same result in process and over HTTP, on SQLite and on PostgreSQL."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from api.replay.file.check import load_checked
from api.replay.run.in_process import InProcess
from api.replay.run.jobs import find_files
from api.replay.run.over_http import OverHttp
from api.replay.run.runner import run
from tests.api.server_in_thread import serving
from tests.workflow.conftest import postgresql_server  # noqa: F401 - a fixture

REPLAYS = Path(__file__).parents[3] / "scenarios" / "replays"
pytestmark = pytest.mark.timeout(900)
NUMBERS = iter(range(10_000))

EVERY = 1 if os.environ.get("EVA_SOAK") else 4
"""All files in `make soak`; else every fourth, each way another fourth."""


def describe_row(verdict):
    """All that people are told, but for the ids, which a server draws for itself."""
    whole = repr((verdict.title, verdict.steps, verdict.failure, verdict.history))
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", whole)


@pytest.fixture(scope="module")
def cases() -> list[Any]:
    """Of each file the first case: the others differ from it in a role or a word."""
    return [load_checked(path)[0] for path in find_files([REPLAYS])]


@pytest.fixture(scope="module")
def expected(cases: list[Any]) -> list[str]:
    return [describe_row(run(case, lambda case: InProcess(case.replay.start, seed=case.title))) for case in cases]


def replayed(url, expected, cases):
    for case, wanted in zip(cases, expected, strict=True):
        got = describe_row(run(case, lambda case: InProcess(case.replay.start, seed=case.title, url=url())))
        assert got == wanted


def test_on_sqlite_files(tmp_path: Path, cases: list[Any], expected: list[str]) -> None:
    numbers = iter(range(1000))
    replayed(
        lambda: f"sqlite:///{tmp_path}/{next(numbers)}.db", expected[1 % EVERY :: EVERY], cases[1 % EVERY :: EVERY]
    )


def test_on_postgresql(postgresql_server: Any, cases: list[Any], expected: list[str]) -> None:  # noqa: F811 - the fixture
    def url():
        name = f"replay{next(NUMBERS)}"
        postgresql_server.psql(f"CREATE DATABASE {name};")
        return postgresql_server.get_uri().replace("/postgres?", f"/{name}?")

    some = slice(2 % EVERY, None, EVERY)
    replayed(url, expected[some], cases[some])


def test_a_difference_would_be_seen(cases: list[Any], expected: list[str]) -> None:
    """The comparison itself: a clock that stands elsewhere is told."""
    case = cases[0]
    late = case.replay.start.replace(year=2022)
    assert describe_row(run(case, lambda _: InProcess(late, seed=case.title))) != expected[0]


def test_over_http(tmp_path_factory: pytest.TempPathFactory, cases: list[Any], expected: list[str]) -> None:
    with serving(tmp_path_factory.mktemp("replays")) as served:
        token = served.bearer("tester", "auditor")
        for case, wanted in zip(cases[::EVERY], expected[::EVERY], strict=True):
            got = describe_row(run(case, lambda case: OverHttp(served.url, token, case.replay.start, case.title)))
            assert got == wanted
