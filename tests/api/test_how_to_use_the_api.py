"""The walk with curl from a draft to z.d.A., as the document tells it, in a shell."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.conftest import ROOT, free_port

PAGE = ROOT / "docs" / "how-to" / "use-the-api.md"


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs curl and bash")
def test_the_walk_from_draft_to_z_d_a(tmp_path: Path) -> None:
    port = str(free_port())
    blocks = re.findall(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    script = "set -e\n" + "\n".join(blocks).replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("EVA_")},
        "EVA_PORT": port, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LANG": "C.UTF-8",
    }  # fmt: skip
    script = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\nset -m\n" + script
    command = [shutil.which("bash"), "-c", script]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=200, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr + (tmp_path / "server.log").read_text()
    told = done.stdout.splitlines()
    for line in ("circulating", "Bescheid zur Mitzeichnung", "returned", "signed", "filed", "closed", "2"):
        assert line in told, (line, done.stdout)
    assert any("'allowed': False" in line and "why_not" in line for line in told)
    assert any("start" in line and "revise" in line for line in told if line.startswith("["))
    assert told[-1].startswith("in Ordnung: ")
