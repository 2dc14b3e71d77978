"""Nothing on the way of the main jobs needs what Windows lacks, no console is too poor for what they print.

None of this runs on Windows: it runs on a Python that hides from our modules what Windows has not (see `windows`).
"""

import json
import os
import pkgutil
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from api.cli.shared.console import _replace
from tests.packaging.windows import sitecustomize as windows
from tests.patience import PATIENT

ROOT = Path(__file__).parents[2]
POSIX_ONLY = {"scanning.readers.child_process", "scanning.readers.confinement"}
"""Are never started on Windows."""
SMALL = ROOT / "tests" / "simulation" / "scenario" / "small"


def environment(**more: str) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("EVA_", "PYTHON"))}
    path = os.pathsep.join((str(Path(windows.__file__).parent), str(ROOT)))
    return kept | {"PYTHONPATH": path, "PYTHONTZPATH": "", **more}


def eva(*words: object, cwd: Path, status: int = 0, **more: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "api.cli.main", *(str(word) for word in words)]
    done = subprocess.run(command, cwd=cwd, env=environment(**more), capture_output=True, check=False)
    assert done.returncode == status, done.stderr.decode("cp1252", "replace")
    assert b"Traceback" not in done.stderr, done.stderr.decode("cp1252", "replace")
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a blank, umlauts and a scenario of two authorities in it."""
    place = tmp_path / "Prüfung für Müller & Söhne"
    (place / "Szenário größer").mkdir(parents=True)
    for file in SMALL.iterdir():
        (place / "Szenário größer" / file.name).write_bytes(file.read_bytes())
    return place


def test_every_module_of_ours_but_the_confined_reader_can_be_imported(tmp_path: Path) -> None:
    names = [
        module.name
        for room in windows.OURS
        for module in pkgutil.walk_packages([str(ROOT / room)], f"{room}.")
        if module.name not in POSIX_ONLY and "migrations" not in module.name and not module.name.endswith("__main__")
    ]
    assert len(names) > 500
    code = f"""
import importlib
for name in {names!r}:
    importlib.import_module(name)
import os, signal
from workflow.engine.store import durable_files
assert durable_files.WINDOWS and not hasattr(durable_files.os, "killpg") and hasattr(os, "killpg")
"""
    subprocess.run([sys.executable, "-c", code], env=environment(), cwd=tmp_path, check=True)


@pytest.mark.parametrize("code", ["import fcntl", "import os; os.killpg", "import signal; signal.SIGKILL",
                                  "import os; os.open('.', os.O_RDONLY)", "from os import sysconf"])  # fmt: skip
def test_what_windows_lacks_is_hidden_from_our_modules(code: str, tmp_path: Path) -> None:
    run = f"exec({code!r}, {{'__name__': 'simulation.workers'}})"
    found = subprocess.run([sys.executable, "-c", run], env=environment(), cwd=tmp_path, stderr=-1, check=False)
    assert re.search(b"on Windows|cannot be opened|cannot import name 'sysconf'", found.stderr)
    theirs = run.replace("simulation.workers", "somebody_else")
    subprocess.run([sys.executable, "-c", theirs], env=environment(), cwd=tmp_path, check=True)


@pytest.mark.parametrize("language", ["de", "en"])
def test_planners_commands_run_on_a_console_of_cp1252(
    folder: Path, language: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """In the one language they compute, in the other they find what was computed."""
    kept = str(tmp_path_factory.getbasetemp() / "kept")
    poor = {"PYTHONIOENCODING": "cp1252", "EVA_LANG": language, "EVA_CACHE": kept}
    scenario = Path("Szenário größer") / "small.yaml"
    told = eva("check", scenario, cwd=folder, **poor).stdout.decode("cp1252")
    assert {"de": "Behörden", "en": "authorities"}[language] in told
    out = folder / "Übersicht 2021"
    eva("forecast", scenario, "--replications", "2", "--workers", "2", "--out", out, cwd=folder, **poor)
    assert (out / "report.html").is_file()
    changed = folder / "größer.yaml"
    longer = "changes: [{lever: rollout.staff_council_days, factor: 2}]"
    changed.write_text(f"kind: rollout\nextends: {scenario.as_posix()}\nname: longer\n{longer}\n", encoding="utf-8")
    few = ("--replications", "4", "--workers", "1")
    eva("compare", scenario, changed, *few, "--out", out / "Vergleich", cwd=folder, **poor)
    assert list((out / "Vergleich").glob("*.html"))
    assert eva("levers", cwd=folder, **poor).stdout


def test_a_case_is_replayed_in_several_processes(folder: Path) -> None:
    done = eva("replay", "scenarios/replays/akte", "--json", "--workers", "2", cwd=folder, PYTHONIOENCODING="cp1252")
    told = json.loads(done.stdout.decode("cp1252"))
    assert told["files"]
    assert all(file["passed"] for file in told["files"])


@contextmanager
def served(folder: Path) -> Iterator[str]:
    log = folder / "server.log"
    command = [sys.executable, "-m", "api.cli.main", "serve", "--port", "0", "--quiet"]
    with log.open("wb") as out:
        kept = environment(EVA_CACHE=str(folder / "kept"))
        server = subprocess.Popen(command, cwd=folder, env=kept, stdout=out, stderr=out)
    try:
        end = time.monotonic() + PATIENT
        while not (found := re.search(r"http://127\.0\.0\.1:[1-9][0-9]*", log.read_text(encoding="utf-8"))):
            assert server.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < end, log.read_text(encoding="utf-8")
            time.sleep(0.05)
        yield found[0]
    finally:
        server.terminate()
        server.wait(PATIENT)
    assert "Traceback" not in log.read_text(encoding="utf-8")


def test_the_server_serves_its_pages_and_computes_a_forecast(folder: Path) -> None:
    create = ("token", "create", "--user", "petra", "--role", "planner", "--role", "case_worker")
    token = eva(*create, cwd=folder).stdout.split()[0].decode()
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "one"}
    with served(folder) as address, httpx.Client(base_url=address, headers=headers, timeout=PATIENT) as client:
        assert client.get("/login").status_code == 200
        body = {"scenario": "efab", "replications": 1, "mode": "plan"}
        location = client.post("/runs", json=body).raise_for_status().headers["location"]
        end = time.monotonic() + 5 * PATIENT
        while (state := client.get(location).raise_for_status().json())["state"] in {"queued", "running"}:
            assert time.monotonic() < end
            time.sleep(0.2)
        assert state["state"] == "finished", state
    eva("log", "verify", cwd=folder)


def test_files_are_kept_and_none_is_read_unconfined(folder: Path) -> None:
    code = """
from pathlib import Path
from scanning.readers.process_pool import ReaderPool
from scanning.storage.content_store import ContentStore
from workflow.errors import StoreUnavailable

store = ContentStore(Path("Ablage für Dateien"))
first = store.put(b"abc")
again = store.keep(store.adopt(store.receive([b"abc"], 3).path))
assert first.sha256 == again.sha256 and store.read(first.sha256) == b"abc"
assert not store.erase(first.sha256, grace=3600)
assert store.has(first.sha256) and store.erase(first.sha256) and not store.has(first.sha256)
try:
    ReaderPool().inspect(Path("x.pdf"), "x.pdf")
except StoreUnavailable as refused:
    assert refused.translated and "WSL" in refused.text.de
else:
    raise SystemExit("was read")
"""
    subprocess.run([sys.executable, "-c", code], env=environment(), cwd=folder, check=True)


@pytest.mark.parametrize(("text", "written"), [("1 → 2 − λ", "1 -> 2 - \\u03bb"), ("─┼", "-\\u253c")])
def test_a_console_shows_the_nearest_character_that_it_has(text: str, written: str) -> None:
    lost = UnicodeEncodeError("charmap", text, 0, len(text), "not there")
    assert _replace(lost) == (written.encode(), len(text))
    with pytest.raises(UnicodeDecodeError):
        _replace(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "not there"))
