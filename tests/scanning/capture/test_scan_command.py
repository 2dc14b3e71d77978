"""`eva scan` and `eva product verify` as people use them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.scanning import papers
from tests.scanning.inspection.hostile import FILES
from tests.scanning.separators.test_separators import pages, pile

ROOT = Path(__file__).parents[3]


@pytest.fixture
def eva(tmp_path: Path) -> Callable[..., Any]:
    def run(*arguments, language="en"):
        environment = {
            **os.environ,
            "EVA_LANG": language,
            "EVA_DATABASE_URL": f"sqlite:///{tmp_path}/eva.db",
            "EVA_DATA": str(tmp_path / "data"),
        }
        command = [sys.executable, "-m", "api.cli.main", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "eingang"
    inside.mkdir()
    (inside / "1.pdf").write_bytes(papers.pdf_file(3))
    (inside / "2.tif").write_bytes(pile(pages("a", "b"), pages("c")))
    (inside / "3.jpg").write_bytes(papers.jpeg_file())
    return inside


def test_a_folder_goes_in_and_products_come_out(eva: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    done = eva("scan", folder, "--batch", "new", "--operator", "otto", "--inspector", "inge", "--items", 4, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [item["state"] for item in told["items"]] == ["delivered"] * 4
    assert [item["sheets"] for item in told["items"]] == [3, 2, 1, 1]
    assert (told["pages"], told["separator_sheets"]) == (9, 2)
    assert "check: 3/3" in done.stderr
    checked = eva("product", "verify", told["batch"])
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.count("ok  seal") == 4
    assert "TEST" in checked.stdout
    product = told["items"][0]["product"]
    path = tmp_path / "data" / "content" / "objects" / product[:2] / product[2:4] / product
    path.chmod(0o640)
    whole = bytearray(path.read_bytes())
    whole[1000] ^= 1
    path.write_bytes(whole)
    checked = eva("product", "verify", product, "--json")
    assert checked.returncode == 1
    (report,) = json.loads(checked.stdout)
    assert "hash" in [check["name"] for check in report["checks"] if not check["ok"]]
    assert eva("product", "verify", f"{told['batch']}#2").returncode == 0


def test_a_refused_file_is_one_line_and_nothing_is_recorded(eva: Callable[..., Any], folder: Path) -> None:
    for name in ("javascript.pdf", "gif.tif"):
        (folder / name).write_bytes(FILES[name][0]())
    done = eva("scan", folder, "--batch", "new", "--inspector", "inge", "--quiet")
    assert done.returncode == 2
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    for line, name in zip(lines, ("gif.tif", "javascript.pdf"), strict=True):
        assert line.startswith(str(folder / name))
        assert sha256(FILES[name][0]()).hexdigest() in line
    assert eva("log", "head").stdout.split()[0] == "0"


def test_what_is_missing_is_told_and_nothing_is_recorded(eva: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "stapel.tif").write_bytes(pile(pages("a"), pages("b"), pages("c"), skip=(2,)))
    done = eva("scan", tmp_path / "stapel.tif", "--batch", "new", "--quiet")
    assert (done.returncode, done.stderr) == (2, "stapel.tif: separator sheet 2 was not found; scan it again\n")
    (tmp_path / "brief.pdf").write_bytes(papers.pdf_file(1))
    done = eva("scan", tmp_path / "brief.pdf", "--batch", "new", "--items", "2", "--quiet")
    assert (done.returncode, done.stderr) == (2, "eva scan: 1 items found; 2 are expected\n")
    done = eva("scan", tmp_path / "brief.pdf", "--batch", "new", "--items", "2", "--quiet", language="de")
    assert done.stderr == "eva scan: 1 Sendungen gefunden; 2 werden erwartet\n"
    assert eva("log", "head").stdout.split()[0] == "0"


def test_unusable_input(eva: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "leer").mkdir()
    cases = {
        ("scan", tmp_path / "nichts.pdf", tmp_path / "leer", "--batch", "new"): 2,
        ("product", "verify", "ab" * 32): 1,
        ("separators", "3", "--batch", "x", "--out", tmp_path / "kein" / "x.pdf"): 1,
    }
    for arguments, lines in cases.items():
        done = eva(*arguments)
        assert done.returncode == 2, arguments
        assert len(done.stderr.splitlines()) == lines
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "eva.db").exists()


def test_an_existing_batch_gets_its_scans(eva: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(papers.pdf_file(1))
    told = json.loads(eva("scan", tmp_path / "a.pdf", "--batch", "new", "--json", "--quiet").stdout)
    assert told["state"] == "scanned"
    again = eva("scan", tmp_path / "a.pdf", "--batch", told["batch"], "--quiet")
    assert (again.returncode, again.stderr) == (2, "eva scan: 1 items found; 0 are expected\n")
    unknown = eva("scan", tmp_path / "a.pdf", "--batch", "9692aaf9-6396-5e76-ab7d-12bd05623718", "--quiet")
    assert unknown.returncode == 2
    assert "there is no" in unknown.stderr


def test_separator_sheets_are_written(eva: Callable[..., Any], tmp_path: Path) -> None:
    done = eva("separators", 3, "--batch", "stapel-7", "--out", tmp_path / "blaetter.pdf")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "blaetter.pdf").read_bytes().startswith(b"%PDF-")
