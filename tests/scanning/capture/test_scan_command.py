"""`eva scan` and `eva product verify` as people use them."""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from api.application.catalogue import ALL
from api.cli.main import main
from scanning.batch_actions.batch import CreateBatch
from scanning.batches.values import NewItem
from tests.scanning import papers
from tests.scanning.inspection.hostile import FILES
from tests.scanning.separators.test_separators import pages, pile
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.engine import Engine

SCANNER = ("--scanner", "Kodak i5850, Capture Pro")
OTTO = Actor("otto", frozenset({Role.SCAN_OPERATOR}), "behoerde", Protection.VERY_HIGH)


class Office(NamedTuple):
    """The engine on the database that the commands work on."""

    engine: Engine


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    engine = Engine(f"sqlite:///{tmp_path}/eva.db", catalogue=ALL)
    yield Office(engine)
    engine.close()


@pytest.fixture
def eva(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The command line in this process: its exit status, and what it writes."""
    monkeypatch.setenv("EVA_DATABASE_URL", f"sqlite:///{tmp_path}/eva.db")
    monkeypatch.setenv("EVA_DATA", str(tmp_path / "data"))

    def run(*arguments, language="en"):
        monkeypatch.setenv("EVA_LANG", language)
        monkeypatch.setattr(sys, "argv", ["eva", *map(str, arguments)])
        out, errors = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(errors):
            try:
                main()
                status = 0
            except SystemExit as end:
                status = end.code or 0
        return SimpleNamespace(returncode=status, stdout=out.getvalue(), stderr=errors.getvalue())

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
    done = eva("scan", folder, *SCANNER, "--operator", "otto", "--inspector", "inge", "--items", 4, "--json")
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
    checks = {check["name"]: (check["told_de"], check["told"]) for check in report["checks"]}
    assert checks["raw"] == ("Rohscan unverändert", "raw scan unchanged")
    assert ", verzeichnet " in checks["hash"][0]
    assert ", recorded " in checks["hash"][1]
    assert eva("product", "verify", f"{told['batch']}#2").returncode == 0


def test_a_refused_file_is_one_line_and_nothing_is_recorded(eva: Callable[..., Any], folder: Path) -> None:
    for name in ("javascript.pdf", "gif.tif"):
        (folder / name).write_bytes(FILES[name][0]())
    done = eva("scan", folder, *SCANNER, "--inspector", "inge", "--quiet")
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
    done = eva("scan", tmp_path / "stapel.tif", *SCANNER, "--quiet")
    assert (done.returncode, done.stderr) == (2, "stapel.tif: separator sheet 2 was not found; scan it again\n")
    (tmp_path / "brief.pdf").write_bytes(papers.pdf_file(1))
    done = eva("scan", tmp_path / "brief.pdf", *SCANNER, "--items", "2", "--quiet")
    assert (done.returncode, done.stderr) == (2, "eva scan: 1 items found; 2 are expected\n")
    done = eva("scan", tmp_path / "brief.pdf", *SCANNER, "--items", "2", "--quiet", language="de")
    assert done.stderr == "eva scan: 1 Sendungen gefunden; 2 werden erwartet\n"
    assert eva("log", "head").stdout.split()[0] == "0"


def test_unusable_input(eva: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "leer").mkdir()
    cases = {
        ("scan", tmp_path / "nichts.pdf", tmp_path / "leer", *SCANNER): 2,
        ("scan", tmp_path / "nichts.pdf"): 2,  # the scanner is missing too
        ("scan", tmp_path / "nichts.pdf", *SCANNER, "--operator", "inge", "--inspector", "inge"): 1,
        ("product", "verify", "ab" * 32): 1,
        ("separators", "3", "--batch", "x", "--out", tmp_path / "kein" / "x.pdf"): 1,
    }
    for arguments, lines in cases.items():
        done = eva(*arguments)
        assert done.returncode == 2, arguments
        assert len(done.stderr.splitlines()) == lines
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "eva.db").exists()


def test_an_existing_batch_takes_only_what_belongs_to_an_item_that_waits(
    eva: Callable[..., Any], office: Office, tmp_path: Path
) -> None:
    items = tuple(NewItem(title=title, sheets=1) for title in ("Antrag", "Anlage"))
    batch = office.engine.handle(CreateBatch(items=items), OTTO, "scan-batch").state.id
    (tmp_path / "Antrag.pdf").write_bytes(papers.pdf_file(1))
    (tmp_path / "Rechnung.pdf").write_bytes(papers.pdf_of([papers.page("Rechnung")]))
    (tmp_path / "2.pdf").write_bytes(papers.pdf_of([papers.page("Anlage")]))
    strange = eva("scan", tmp_path / "Antrag.pdf", tmp_path / "Rechnung.pdf", *SCANNER, "--batch", batch, "--quiet")
    assert (strange.returncode, strange.stderr) == (
        2, "Rechnung.pdf: no item of the batch that waits is called so; waiting: Antrag, Anlage\n"
    )  # fmt: skip
    good = ("scan", tmp_path / "Antrag.pdf", tmp_path / "2.pdf", *SCANNER, "--batch", batch, "--json", "--quiet")
    told = json.loads(eva(*good).stdout)
    assert [(item["title"], item["state"]) for item in told["items"]] == [("Antrag", "scanned"), ("Anlage", "scanned")]
    head = eva("log", "head").stdout
    assert json.loads(eva(*good).stdout) == told  # again: all of it is taken
    assert eva("log", "head").stdout == head
    unknown = eva("scan", tmp_path / "2.pdf", *SCANNER, "--batch", "9692aaf9-6396-5e76-ab7d-12bd05623718", "--quiet")
    assert unknown.returncode == 2
    assert "there is no" in unknown.stderr


def test_the_same_command_again_does_nothing_twice_and_goes_on(eva: Callable[..., Any], folder: Path) -> None:
    command = ("scan", folder, *SCANNER, "--json", "--quiet")
    first = json.loads(eva(*command).stdout)
    assert [item["state"] for item in first["items"]] == ["scanned"] * 4
    head = eva("log", "head").stdout
    assert json.loads(eva(*command).stdout) == first
    assert eva("log", "head").stdout == head
    (folder / "4.pdf").write_bytes(papers.pdf_of([papers.page("Nachzügler")]))
    more = json.loads(eva(*command, "--inspector", "inge").stdout)
    assert more["batch"] == first["batch"]
    assert [item["state"] for item in more["items"]] == ["delivered"] * 5


def test_a_folder_is_finished_when_its_sheets_add_up_and_what_comes_later_is_a_new_batch(
    eva: Callable[..., Any], folder: Path
) -> None:
    first = json.loads(eva("scan", folder, *SCANNER, "--json", "--quiet").stdout)
    wrong = eva("scan", "finish", folder, "--sheets", 8)
    assert (wrong.returncode, wrong.stderr) == (1, f"{first['batch']}: 8 sheets counted, 7 taken in\n")
    done = eva("scan", "finish", folder, "--sheets", 7)
    assert (done.returncode, done.stdout) == (0, f"batch {first['batch']}: finished, 7 sheets\n")
    again = json.loads(eva("scan", folder, *SCANNER, "--json", "--quiet").stdout)
    assert again["batch"] == first["batch"]
    (folder / "4.pdf").write_bytes(papers.pdf_of([papers.page("Nachzügler")]))
    old = eva("scan", folder, *SCANNER, "--quiet")
    assert old.returncode == 2
    assert len(old.stderr.splitlines()) == 4  # the files of the finished batch are not scanned anew
    for name in ("1.pdf", "2.tif", "3.jpg"):
        (folder / name).unlink()
    new = json.loads(eva("scan", folder, *SCANNER, "--json", "--quiet").stdout)
    assert new["batch"] != first["batch"]
    assert [item["title"] for item in new["items"]] == ["4.pdf"]
    assert eva("scan", "finish", folder.parent, "--sheets", 1).returncode == 2  # nothing was taken from there


def test_a_file_that_was_scanned_before_is_named_or_excluded_and_leaves_no_empty_batch(
    eva: Callable[..., Any], tmp_path: Path
) -> None:
    for name in ("eins", "zwei"):
        (tmp_path / name).mkdir()
    (tmp_path / "eins" / "a.pdf").write_bytes(papers.pdf_file(1))
    first = json.loads(eva("scan", tmp_path / "eins", *SCANNER, "--json", "--quiet").stdout)
    (tmp_path / "zwei" / "a.pdf").write_bytes(papers.pdf_file(1))
    (tmp_path / "zwei" / "b.pdf").write_bytes(papers.pdf_of([papers.page("neu")]))
    (tmp_path / "zwei" / "c.pdf").write_bytes(papers.pdf_of([papers.page("neu")]))
    head = eva("log", "head").stdout
    refused = eva("scan", tmp_path / "zwei", *SCANNER, "--quiet")
    assert refused.returncode == 2
    item = first["items"][0]["id"]
    assert refused.stderr.splitlines() == [
        f"{name}: the same file as {other}; scan it again, take it away, or exclude it with --duplicates exclude"
        for name, other in (("a.pdf", f"{first['batch']}#{item}"), ("c.pdf", "b.pdf"))
    ]
    assert eva("log", "head").stdout == head
    command = (
        "scan",
        tmp_path / "zwei",
        *SCANNER,
        "--duplicates",
        "exclude",
        "--inspector",
        "inge",
        "--json",
        "--quiet",
    )
    told = json.loads(eva(*command).stdout)
    assert [one["state"] for one in told["items"]] == ["excluded", "delivered", "excluded"]
    assert json.loads(eva(*command).stdout) == told
    assert eva("scan", "counts").returncode == 0


def test_a_file_for_each_page_becomes_an_item_for_each_name(eva: Callable[..., Any], tmp_path: Path) -> None:
    inside = tmp_path / "eingang"
    inside.mkdir()
    for name, text in (("brief_10", "drei"), ("brief_2", "zwei"), ("brief_1", "eins"), ("antrag-001", "Antrag")):
        (inside / f"{name}.tif").write_bytes(papers.tiff_of([papers.page(text)]))
    told = json.loads(eva("scan", inside, *SCANNER, "--pages", "--json", "--quiet").stdout)
    assert [(item["title"], item["sheets"]) for item in told["items"]] == [("antrag-001.tif", 1), ("brief.pdf", 3)]
    (inside / "antrag-002.tif").write_bytes(FILES["gif.tif"][0]())
    refused = eva("scan", inside, *SCANNER, "--pages", "--quiet")
    assert refused.returncode == 2
    assert sha256(FILES["gif.tif"][0]()).hexdigest() in refused.stderr


def test_checked_released_and_destroyed_at_the_command_line(eva: Callable[..., Any], folder: Path) -> None:
    told = json.loads(eva("scan", folder, *SCANNER, "--operator", "otto", "--json", "--quiet").stdout)
    batch = told["batch"]
    own = eva("scan", "check", batch, "--inspector", "otto", "--item", 1, "--quiet")
    assert own.returncode == 1
    assert "may not check it" in own.stderr
    checked = eva("scan", "check", batch, "--inspector", "inge", "--quiet")
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.count("delivered") == 4
    assert eva("scan", "check", batch, "--inspector", "inge", "--quiet").returncode == 1  # nothing waits any more
    early = eva("scan", "release", batch, "--by", "head", "--item", 1, "--quiet")
    assert early.returncode == 1
    assert eva("scan", "release", batch, "--by", "head", "--quiet").returncode == 1
    assert eva("scan", "release", batch, "--by", "head", "--item", 9).returncode == 2
    assert eva("scan", "destroy", batch, "--by", "otto", "--method", "P-4", "--item", 1, "--quiet").returncode == 1


def test_the_time_of_capture_is_that_of_the_file(eva: Callable[..., Any], office: Office, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(papers.pdf_file(1))
    os.utime(file, (1_600_000_000, 1_600_000_000))
    told = json.loads(eva("scan", file, *SCANNER, "--inspector", "inge", "--json", "--quiet").stdout)
    item = next(iter(office.engine.load(f"scan-batch:{told['batch']}").state.items.values()))
    assert item.product.note.captured_at == datetime.fromtimestamp(1_600_000_000, UTC)
    assert item.product.note.environment.startswith("Kodak i5850")


def test_separator_sheets_are_written(eva: Callable[..., Any], tmp_path: Path) -> None:
    done = eva("separators", 3, "--batch", "stapel-7", "--out", tmp_path / "blaetter.pdf")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "blaetter.pdf").read_bytes().startswith(b"%PDF-")
