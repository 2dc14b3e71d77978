"""`eva scan counts` and `eva mail receive` in both languages: results, faults, exit statuses."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.application.catalogue import ALL
from api.cli.main import app
from scanning.batch_actions import COMMANDS
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.commands import parse
from workflow.engine.engine import Engine
from workflow.mail_folders.channels import LARGE

Eva = Callable[..., Result]
OTTO = Actor("otto", frozenset({Role.SCAN_OPERATOR}), "mwide", Protection.VERY_HIGH)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/eva.db"


@pytest.fixture
def eva(url: str) -> Eva:
    def run(*arguments: object, language: str = "de") -> Result:
        return CliRunner().invoke(
            app, [str(one) for one in arguments], env={"EVA_LANG": language, "EVA_DATABASE_URL": url}
        )

    return run


@pytest.fixture
def batches(url: str) -> list[str]:
    """Two batches: of one the sheets add up, of the other an envelope and two sheets are missing."""
    engine = Engine(url, catalogue=ALL)
    bodies = (
        {"items": [{"title": "Antrag", "sheets": 2}, {"title": "Urkunde", "sheets": 3, "kind": "notarial_deed"}]},
        {"centre": "detmold", "items": [{"title": "Antrag", "sheets": 5}], "sheets": 7, "envelopes": 2},
    )
    made = [engine.handle(parse(COMMANDS["create"], body), OTTO, "scan-batch").state.id for body in bodies]
    exclude = parse(COMMANDS["exclude"], {"item": 2, "reason": "notarial_deed"})
    engine.handle(exclude, OTTO, f"scan-batch:{made[0]}")
    engine.close()
    return made


def test_sheets_that_add_up_give_status_0(eva: Eva, batches: list[str]) -> None:
    done = eva("scan", "counts", "--batch", batches[0])
    assert (done.exit_code, done.stderr) == (0, "")
    line, by_day = done.stdout.splitlines()
    numbers = "eingegangen 5  gescannt 0  ausgeschlossen 3  unterwegs 2  Differenz 0"
    assert line == f"Stapel {batches[0]}  {numbers}"
    assert by_day.startswith("scanstelle 20")
    assert by_day.endswith(numbers)
    done = eva("scan", "counts", "--batch", batches[0], language="en")
    assert "in 5  out 0  excluded 3  under way 2  difference 0" in done.stdout


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("de", ["Blätter bei Eingang / aller Sendungen: 7 / 5", "Umschläge / Sendungen: Trennblatt übersehen?: 2 / 1"]),
        ("en", ["sheets on arrival / of all items: 7 / 5",
                "envelopes / items: was a separator not recognised?: 2 / 1"]),
    ],
)  # fmt: skip
def test_counts_that_do_not_agree_are_named_with_status_1(
    eva: Eva, batches: list[str], language: str, texts: list[str]
) -> None:
    done = eva("scan", "counts", language=language)
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [f"{batches[1]}: {text}" for text in texts]
    assert len(done.stdout.splitlines()) == 4


def test_counts_as_json(eva: Eva, batches: list[str]) -> None:
    done = eva("scan", "counts", "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    by_id = {one["batch"]: one for one in found["batches"]}
    assert by_id[batches[0]]["closed"] is False
    assert by_id[batches[1]] == {
        "batch": batches[1], "envelopes": 2, "items": 1, "sheets_in": 7, "sheets_out": 0, "excluded": 0,
        "under_way": 5, "difference": 2, "closed": False,
    }  # fmt: skip
    assert {(one["centre"], one["sheets_in"]) for one in found["centres"]} == {("scanstelle", 5), ("detmold", 7)}
    assert [(one["expected"], one["found"], one["item"]) for one in found["mismatches"]] == [(7, 5, None), (2, 1, None)]


def test_an_unknown_batch_and_a_missing_database_are_unusable(eva: Eva, tmp_path: Path) -> None:
    done = eva("scan", "counts")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"eva: die Datenbank {tmp_path}/eva.db gibt es nicht\n"


def test_an_unknown_batch_is_unusable(eva: Eva, batches: list[str]) -> None:
    done = eva("scan", "counts", "--batch", "9692aaf9-6396-5e76-ab7d-12bd05623718")
    assert len(batches) == 2
    assert done.exit_code == 2
    assert "9692aaf9" in done.stderr


def test_scan_without_a_sub_command_means_files(eva: Eva) -> None:
    assert "FILE" in eva("scan", "--help").stdout
    assert "--batch" in eva("scan", "counts", "--help").stdout
    done = eva("scan", "fehlt.pdf", "--batch", "new")
    assert done.exit_code == 2
    assert done.stderr.startswith("fehlt.pdf: ")
    assert "eva scan: --scanner: " in done.stderr


@pytest.mark.parametrize("scanner", [(), ("--scanner", ""), ("--scanner", " ")])
def test_scan_without_a_scanner_is_refused_before_anything_is_recorded(
    eva: Eva, tmp_path: Path, scanner: tuple[str, ...]
) -> None:
    (tmp_path / "brief.pdf").write_bytes(b"%PDF-1.7\n%%EOF\n")
    done = eva("scan", str(tmp_path / "brief.pdf"), *scanner)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("eva scan: --scanner: ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "eva.db").exists()


@pytest.fixture
def invoice(tmp_path: Path) -> Path:
    path = tmp_path / "rechnung.xml"
    path.write_text("<?xml version='1.0'?><Invoice/>", encoding="utf-8")
    return path


def test_files_of_a_transaction_lie_in_one_folder(eva: Eva, invoice: Path, tmp_path: Path, url: str) -> None:
    (tmp_path / "anlage.pdf").write_bytes(b"%PDF-1.7\n%%EOF\n")
    done = eva("mail", "receive", invoice, tmp_path / "anlage.pdf", "--channel", "e_invoice", "--sender", "Stadtwerke",
               "--reference", "R-1", "--unit", "referat-4", "--authority", "mwide", "--json")  # fmt: skip
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["unit"] == "referat-4"
    files = [item["file"] for item in found["items"]]
    assert [(one["file_name"], one["media_type"]) for one in files] == [
        ("rechnung.xml", "application/xml"), ("anlage.pdf", "application/pdf"),
    ]  # fmt: skip
    assert files[0]["sha256"] == sha256(invoice.read_bytes()).hexdigest()
    assert {(item["sender"], item["reference"]) for item in found["items"]} == {("Stadtwerke", "R-1")}
    engine = Engine(url, catalogue=ALL)
    folder = engine.load(f"mail-folder:{found['folder']}").state
    engine.close()
    assert (folder.authority, folder.title, len(folder.items)) == ("mwide", "E-Rechnung aus dem Rechnungsportal", 2)


def test_what_a_channel_requires_is_named_for_each_file(eva: Eva, invoice: Path, tmp_path: Path) -> None:
    (tmp_path / "leer.xml").touch()
    done = eva("mail", "receive", invoice, tmp_path / "leer.xml", tmp_path / "fehlt.xml", "--channel", "e_invoice")
    assert (done.exit_code, done.stdout) == (2, "")
    assert [line.removeprefix(f"{tmp_path}/").split(": ")[:2] for line in done.stderr.splitlines()] == [
        ["rechnung.xml", "/sender"], ["rechnung.xml", "/reference"],
        ["leer.xml", "/sender"], ["leer.xml", "/reference"], ["leer.xml", "/file/size"],
        ["fehlt.xml", "die Datei gibt es nicht"],
    ]  # fmt: skip
    assert not (tmp_path / "eva.db").exists()


def test_written_form_and_its_proof_are_said_to_the_command(eva: Eva, invoice: Path) -> None:
    formal = ("mail", "receive", invoice, "--channel", "email", "--written-form", "--json")
    refused = eva(*formal)
    assert refused.exit_code == 2
    assert "rechnung.xml: /proof: Schriftform ist nötig" in refused.stderr
    done = eva(*formal, "--proof", "qualified_signature")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["items"][0]["proof"] == "qualified_signature"


def test_too_large_for_e_mail_and_large_enough_for_the_upload(eva: Eva, tmp_path: Path) -> None:
    path = tmp_path / "plan.bin"
    with path.open("wb") as file:
        file.truncate(LARGE + 1)
    done = eva("mail", "receive", path, "--channel", "email")
    assert done.exit_code == 2
    assert "large_upload verwenden" in done.stderr
    done = eva("mail", "receive", path, "--channel", "large_upload", "--sender", "Büro", "--reference", "1", "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["items"][0]["protection"] == "high"


def test_an_unknown_channel_lists_those_there_are(eva: Eva, invoice: Path) -> None:
    for channel in ("fax", "scan_centre"):
        done = eva("mail", "receive", invoice, "--channel", channel)
        assert done.exit_code == 2
        assert f"'{channel}' ist keiner von portal, e_invoice" in done.stderr


def test_a_file_of_two_types_is_not_received(eva: Eva, tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(b"MZ%PDF-1.7\n%%EOF\n")
    done = eva("mail", "receive", path, "--channel", "email")
    assert done.exit_code == 2
    assert "zwei Dateitypen" in done.stderr


def test_a_channel_that_is_closed_is_refused_by_the_command(eva: Eva, tmp_path: Path) -> None:
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF-1.7\n%%EOF\n")
    done = eva("mail", "receive", str(scan), "--channel", "form_relief", "--sender", "buerger@example.org")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "eva: /items/0/channel: form_relief war bis 2020-12-31 offen\n"


def test_each_new_channel_takes_a_file_by_the_command(eva: Eva, tmp_path: Path) -> None:
    letter = tmp_path / "brief.pdf"
    letter.write_bytes(b"%PDF-1.7\n%%EOF\n")
    for channel in ("de_mail", "business_portal", "topical_portal", "building_portal", "scan_software", "local_scan",
                    "funding_portal", "emission_notice"):  # fmt: skip
        options = ("--channel", channel, "--sender", "absender", "--reference", "N-1")
        assert eva("mail", "receive", str(letter), *options).exit_code == 0, channel
