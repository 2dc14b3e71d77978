"""Fixtures: the shipped scenario, loaded once; a small one to spoil; the command line, run in this process."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings

from api.cli.main import main
from api.cli.shared.garbage import collect_seldom, leave_out_what_is_there
from simulation.levers.load import load
from simulation.scenario.programme import Scenario
from tests.patience import PATIENT

ROOT = Path(__file__).parents[1]
SMALL = ROOT / "tests" / "simulation" / "scenario" / "small"
NRW = ROOT / "scenarios" / "nrw" / "plan-2021.yaml"

settings.register_profile("eva", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("eva")
collect_seldom()


def pytest_configure(config: pytest.Config) -> None:
    """What forecasts have computed is found by all processes of this run of the tests, and by no other. Nobody is
    trusted by certificates: tests ask none but their own servers, and each client would read them all first.
    """
    if not hasattr(config, "workerinput"):  # the process that starts the others
        kept = os.environ["EVA_CACHE"] = tempfile.mkdtemp(prefix="eva-kept-")
        config.add_cleanup(partial(shutil.rmtree, kept, ignore_errors=True))
        os.environ.pop("SSL_CERT_FILE", None)
        os.environ["SSL_CERT_DIR"] = kept


def pytest_collection_finish() -> None:
    """What stays to the end is looked through once: again and again it takes a fifth of the tests of this process."""
    leave_out_what_is_there()


@cache
def load_small() -> Scenario:
    """The small scenario, read once for all modules."""
    return load(SMALL / "small.yaml")


@pytest.fixture(scope="session")
def nrw() -> Scenario:
    return load(NRW)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A copy of the small scenario, alone in its folder."""
    folder = tmp_path / "small"
    shutil.copytree(SMALL, folder)
    return folder / "small.yaml"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, which asks nobody anything of itself; skips the test where there is none. Its shell without a
    window shows the same pages for half the processor time.
    """
    playwright = pytest.importorskip("playwright.sync_api")
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    playwright.expect.set_options(timeout=PATIENT * 1000)
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
                  "--disable-sync", "--no-first-run", "--disable-quic"],
        )  # fmt: skip
        new_context = opened.new_context

        def patiently(**options: Any) -> Any:
            context = new_context(**options)
            context.set_default_timeout(PATIENT * 1000)
            return context

        opened.new_context = patiently
        yield opened
        opened.close()


class Done(NamedTuple):
    """What a command left: exit status, stdout and stderr."""

    status: int
    out: str
    err: str


@pytest.fixture
def eva(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run `eva` in this process, in English."""
    monkeypatch.setenv("EVA_LANG", "en")

    def run(*args: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["eva", *map(str, args)])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return Done(int(left.value.code or 0), out, err)

    return run
