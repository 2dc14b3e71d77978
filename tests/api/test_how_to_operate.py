"""The page for operators: its commands run, in their order; it tells every metric and every reason, and no other."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.server.observability.metrics import Metrics
from tests.api.conftest import ROOT, free_port
from workflow import errors

PAGE = ROOT / "docs" / "how-to" / "operate.md"
TEXT = PAGE.read_text(encoding="utf-8")


class Shell:
    """Runs the lines of the page: `eva` in this process, its server in another, everything else in bash."""

    def __init__(self, eva: Callable[..., Any], folder: Path, environment: dict[str, str]) -> None:
        self.eva, self.folder, self.environment = eva, folder, environment
        self.said: list[str] = []
        self.server: Any = None

    def run(self, line: str) -> None:
        if line.startswith("export "):
            for word in self.expand(line.removeprefix("export ")):
                name, _, value = word.partition("=")
                self.environment[name] = os.environ[name] = value
        elif line.startswith("eva serve "):
            with (self.folder / "server.log").open("ab") as log:
                command = [sys.executable, "-m", "api.cli.main", "serve"]
                self.server = subprocess.Popen(command, env=self.environment, cwd=self.folder, stderr=log)
        elif line.startswith("kill -TERM $SERVER && wait"):
            self.server.terminate()
            assert self.server.wait(60) == 0
        elif line.startswith("eva "):
            self.run_eva(line)
        else:
            self.said += self.bash(line).splitlines()

    def run_eva(self, line: str) -> None:
        words, _, file = line.removeprefix("eva ").partition(" > ")
        done = self.eva(*self.expand(words))
        assert done.status == 0, (line, done)
        if file:
            (self.folder / file).write_text(done.out)
        else:
            self.said += done.out.splitlines()

    def expand(self, words: str) -> list[str]:
        return self.bash(f"printf '%s\\n' {words}").splitlines()

    def bash(self, line: str) -> str:
        done = subprocess.run(
            [shutil.which("bash") or "bash", "-ec", line], cwd=self.folder, env=self.environment, timeout=120,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (line, done.stderr)
        return done.stdout


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs curl and bash")
def test_install_back_up_upgrade_restore_and_move(
    eva: Callable[..., Any], tmp_path: Path, postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = str(free_port())
    monkeypatch.chdir(tmp_path)
    for name in ("EVA_DATABASE_URL", "EVA_DATA", "EVA_BACKUP_DIR", "EVA_METRICS_TOKEN"):
        monkeypatch.setenv(name, "")  # put back as it was in the end, whatever the page sets
    environment = {**os.environ, "EVA_PORT": port, "POSTGRESQL": postgresql, "PYTHONPATH": str(ROOT)}
    shell = Shell(eva, tmp_path, environment)
    lines = [line for block in re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]
    try:
        for line in lines:
            shell.run(line.replace("127.0.0.1:8000", f"127.0.0.1:{port}"))
    finally:
        if shell.server is not None and shell.server.poll() is None:
            shell.server.kill()
            shell.server.wait()
    agree = [line for line in shell.said if line.startswith("ok: views, timers and subscribers agree")]
    verified = [line for line in shell.said if re.match(r"ok: \d+ events, head", line)]
    assert len(agree) == 4
    assert len(set(verified)) == 1, "what was restored and moved is the log that was backed up"
    assert '"level": "error"' not in (tmp_path / "server.log").read_text()
    assert "eva_consistency_differences" in (tmp_path / "metrics.txt").read_text()


def test_every_metric_is_told_and_every_metric_told_exists() -> None:
    there = {metric.name for metric in Metrics().registry.collect()}
    told = {name.removesuffix("_total") for name in re.findall(r"`(eva_[a-z_]+)", TEXT)}
    assert there - {"eva_held_bytes_most"} <= told
    assert told <= there


def test_every_reason_not_to_be_ready_is_told() -> None:
    kinds = {name for name, kind in vars(errors).items()
             if isinstance(kind, type) and issubclass(kind, errors.StoreUnavailable)}  # fmt: skip
    told = set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE))
    assert kinds | {"Busy"} == {name for name in told if name[0].isupper()}
