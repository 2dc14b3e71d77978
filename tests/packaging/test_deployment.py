"""The container file and the systemd unit: what they start, starts."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.patience import PATIENT

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "eva.service"
KNOWN = {
    "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT",
    "CMD",
}  # fmt: skip
ANALYZE = shutil.which("systemd-analyze")


def instructions() -> list[tuple[str, str]]:
    """Instruction and the rest, of each line of the container file."""
    lines = (ROOT / "Containerfile").read_text(encoding="utf-8").splitlines()
    return [tuple(line.split(" ", 1)) for line in lines if line and not line.startswith("#")]  # type: ignore[misc]


def find(name: str) -> list[str]:
    return [rest for instruction, rest in instructions() if instruction == name]


def test_the_container_file_has_known_instructions_and_ends_as_another_user_than_root() -> None:
    assert {name for name, _ in instructions()} == KNOWN
    assert find("USER") == ["eva"]
    assert [name for name, _ in instructions()][-2:] == ["ENTRYPOINT", "CMD"]


def test_what_is_copied_into_the_image_is_all_that_the_wheel_is_built_of() -> None:
    ignored = (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
    taken = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert all((ROOT / name).exists() for name in taken)
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rooms = {name.rstrip("*") for name in told["tool"]["setuptools"]["packages"]["find"]["include"]}
    rooms |= {place.split("/")[0] for places in told["tool"]["setuptools"]["data-files"].values() for place in places}
    project = told["project"]
    assert taken == rooms | {"pyproject.toml", "requirements.txt", project["readme"], *project["license-files"]}
    assert project["license"] == "EUPL-1.2"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")


def test_the_versions_in_the_image_are_those_of_the_lock(tmp_path: Path) -> None:
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    step = next(rest for rest in find("RUN") if rest.startswith("sed "))
    subprocess.run(step, shell=True, cwd=tmp_path, check=True)  # noqa: S602 - our own line
    lines = (tmp_path / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {Requirement(line).name: line for line in lines if line.strip() and not line.lstrip().startswith("#")}
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert {canonicalize_name(Requirement(one).name) for one in told} <= {canonicalize_name(name) for name in pinned}
    assert all("==" in line for line in pinned.values())


def test_what_the_container_starts_becomes_healthy_and_stops_in_order(tmp_path: Path) -> None:
    told = dict(pair.split("=", 1) for line in find("ENV") for pair in shlex.split(line))
    told |= {name: text.replace("/var/lib/eva", str(tmp_path)) for name, text in told.items()}
    bin_folder = str(Path(sys.executable).parent)
    environment = told | {"PATH": f"{bin_folder}:{os.defpath}", "EVA_HOST": "127.0.0.1", "EVA_PORT": str(free_port())}
    command = json.loads(find("ENTRYPOINT")[0]) + json.loads(find("CMD")[0])
    check = json.loads(find("HEALTHCHECK")[0].partition("CMD ")[2])
    server = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + PATIENT
        while subprocess.run(check, cwd=tmp_path, env=environment, capture_output=True, check=False).returncode:
            assert server.poll() is None
            assert time.monotonic() < end
            time.sleep(0.2)
    finally:
        server.terminate()
        assert server.wait(PATIENT) == 0
    assert (tmp_path / "eva.db").is_file()
    assert (tmp_path / "data").is_dir()


def free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze")
def test_systemd_takes_the_unit_and_calls_it_well_confined(tmp_path: Path) -> None:
    eva = Path(sys.executable).with_name("eva")
    copy = tmp_path / "eva.service"
    copy.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/eva/bin/eva", str(eva)), encoding="utf-8")
    verified = subprocess.run([str(ANALYZE), "verify", copy], capture_output=True, text=True, check=False)
    assert [line for line in verified.stderr.splitlines() if "eva.service" in line] == []
    command = [str(ANALYZE), "security", "--offline=true", "--threshold=25", str(copy)]
    judged = subprocess.run(command, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout[-300:] + judged.stderr


def test_unit_and_container_start_the_same_with_variables_that_exist() -> None:
    from api.settings import Settings

    unit = UNIT.read_text(encoding="utf-8")
    assert "ExecStart=/opt/eva/bin/eva serve\n" in unit
    named = set(re.findall(r"EVA_[A-Z_]+(?==)", unit + "\n".join(find("ENV"))))
    assert {"EVA_DATABASE_URL", "EVA_DATA"} <= named
    assert named <= {f"EVA_{field.upper()}" for field in Settings.model_fields}
