"""The wheel works where nothing but it and its libraries is installed: every command, from a folder of the user's."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.patience import PATIENT

ROOT = Path(__file__).parents[2]
ROOMS = ("workflow", "scanning", "simulation", "api", "scenarios")
NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "*.pyc", "*.nbi", "*.nbc")
BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"


def run(*command: object, cwd: Path, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=clean() | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 or not check, done.stderr
    return done


def clean() -> dict[str, str]:
    """The environment without what would let the checkout be found, or settings of whoever runs the tests."""
    return {name: text for name, text in os.environ.items() if not name.startswith(("EVA_", "PYTHON"))}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that no build folder is left in the checkout."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for room in ROOMS:
        shutil.copytree(ROOT / room, source / room, ignore=NOT_SHIPPED)
    shutil.copytree(ROOT / "docs", source / "docs")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    run(sys.executable, "-c", BUILD, out, cwd=source)
    return next(out.glob("eva-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an environment with the wheel, beside the libraries that the tests run with."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", folder, cwd=folder)
    packages = next((folder / "lib").glob("python3*")) / "site-packages"
    run(folder / "bin" / "pip", "install", "-q", "--no-deps", "--no-index", wheel, cwd=folder)
    libraries = [entry for entry in sys.path if entry.endswith("site-packages")]
    (packages / "libraries.pth").write_text("\n".join(libraries), encoding="utf-8")
    return folder / "bin"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A user's folder with files named as our packages are."""
    for room in ROOMS:
        (tmp_path / f"{room}.py").write_text("raise SystemExit('the file of the user was imported')", encoding="utf-8")
    return tmp_path


def test_the_wheel_holds_every_file_of_the_rooms_and_nothing_else(wheel: Path) -> None:
    tracked = run("git", "ls-files", *ROOMS, cwd=ROOT).stdout.splitlines() if (ROOT / ".git").exists() else []
    names = zipfile.ZipFile(wheel).namelist()
    inside = {name for name in names if not re.search(r"\.(dist-info|data)/", name)}
    expected = {name for name in tracked if (ROOT / name).is_file()} or inside
    assert expected - inside == set()
    assert {name.split("/")[0] for name in inside} == set(ROOMS)
    handbooks = {name.partition("/data/share/eva/")[2] for name in names if ".data/" in name}
    assert handbooks == {
        path.relative_to(ROOT).as_posix()
        for part in ("de", "en", "how-to")
        for path in (ROOT / "docs" / part).glob("*.md")
    }


def test_the_packages_in_use_are_those_of_the_wheel(installed: Path, elsewhere: Path) -> None:
    code = f"import importlib; print(*(importlib.import_module(n).__path__[0] for n in {ROOMS}), sep='\\n')"
    folders = run(installed / "python", "-P", "-c", code, cwd=elsewhere).stdout.split()
    assert all(folder.startswith(str(installed.parent)) for folder in folders)


def test_check_finds_shipped_files_from_any_folder(installed: Path, elsewhere: Path) -> None:
    done = run(installed / "eva", "check", "nrw-plan-2021", "scenarios/replays/akte/anlegen.yaml", cwd=elsewhere)
    assert "258 Behörden in 45 Projekten" in done.stdout
    assert "8 Schritte" in done.stdout


def test_a_scenario_of_the_user_comes_before_a_shipped_one_of_its_name(installed: Path, elsewhere: Path) -> None:
    (elsewhere / "nrw-plan-2021").write_text("kind: rollout\n", encoding="utf-8")
    done = run(installed / "eva", "check", "nrw-plan-2021", cwd=elsewhere, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("nrw-plan-2021:1:1: ")


def test_shipped_replays_pass(installed: Path, elsewhere: Path) -> None:
    done = run(installed / "eva", "replay", "scenarios/replays/postmappe", "akte-anlegen", "--json", cwd=elsewhere)
    told = json.loads(done.stdout)
    assert all(file["passed"] for file in told["files"])
    assert len(told["files"]) == 1 + len(list((ROOT / "scenarios" / "replays" / "postmappe").glob("*.yaml")))


def test_forecast_writes_its_tables_into_the_folder_of_the_user(installed: Path, elsewhere: Path) -> None:
    shutil.copytree(ROOT / "tests" / "simulation" / "scenario" / "small", elsewhere / "small")
    command = ("forecast", "small/small.yaml", "--replications", "1", "--workers", "1", "--quiet")
    run(installed / "eva", *command, cwd=elsewhere, EVA_CACHE=str(elsewhere / "kept"))
    with (elsewhere / "out" / "authorities.csv").open(encoding="utf-8") as table:
        assert len(list(csv.DictReader(table))) == 5
    assert (elsewhere / "out" / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@contextmanager
def served(installed: Path, folder: Path) -> Iterator[str]:
    """`eva serve` in a folder, with relative paths for its database and data; gives the address."""
    log = folder / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [installed / "eva", "serve", "--port", "0", "--quiet"], cwd=folder, stdout=out, stderr=out,
            env=clean() | {"EVA_CACHE": str(folder / "kept")},
        )  # fmt: skip
    try:
        end = time.monotonic() + PATIENT
        while not (found := re.search(r"http://127\.0\.0\.1:[1-9][0-9]*", log.read_text(encoding="utf-8"))):
            assert server.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < end, log.read_text(encoding="utf-8")
            time.sleep(0.05)
        yield found[0]
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def test_the_server_forecasts_in_the_folder_it_was_started_in(installed: Path, elsewhere: Path) -> None:
    create = ("token", "create", "--user", "petra", "--role", "planner")
    token = run(installed / "eva", *create, cwd=elsewhere).stdout.split()[0]
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "one"}
    with (
        served(installed, elsewhere) as address,
        httpx.Client(base_url=address, headers=headers, timeout=PATIENT) as client,
    ):
        assert client.get("/").status_code in {200, 303}, "templates travel along"
        assert client.get("/scenarios").json()["items"]
        body = {"scenario": "efab", "replications": 1, "mode": "plan"}
        location = client.post("/runs", json=body).raise_for_status().headers["location"]
        state = finished(client, location)
        assert state["state"] == "finished", (state, (elsewhere / "server.log").read_text(encoding="utf-8"))
        users = client.get(f"{location}/users", headers={"accept": "text/csv"}).raise_for_status().text
    assert users.startswith("date,product,plan,mean")
    assert (elsewhere / "eva.db").is_file()
    assert (elsewhere / "eva-data").is_dir()
    run(installed / "eva", "log", "verify", cwd=elsewhere)


def finished(client: httpx.Client, location: str) -> dict[str, Any]:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        state: dict[str, Any] = client.get(location).raise_for_status().json()
        if state["state"] not in {"queued", "running"}:
            return state
        time.sleep(0.2)
    raise AssertionError("the run did not end")
