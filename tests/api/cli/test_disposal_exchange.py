"""Receipts, the two folders between office and archive, and what a package says of files, seen from the archive."""

import io
import json
import random
import zipfile
from pathlib import Path
from zlib import crc32

import img2pdf
import pikepdf
import pytest
from PIL import Image

from api.application.disposal.formats import find_formats
from api.application.disposal.package import parse_message, read_package
from simulation.inputs.faults import UnusableInput
from tests.api.cli.test_disposal_command import FILES, Archive, Eva, Prepared, appraised, due, offered, template
from tests.conftest import Done
from workflow.disposal.xdomea.reading import read_0502

__all__ = ["due", "template"]
HEAD = ("--sender", "Ministerium", "--sender-code", "05-111", "--archive-code", "LAVNRW", "--receipt")


def receipt(kind: str, name: str, process: str) -> str:
    return Archive().message(name, kind, process, "")


def ask_for_receipt(message: str) -> str:
    return message.replace("Empfangsbestaetigung>0<", "Empfangsbestaetigung>1<")


def exchange(eva: Eva, *more: str) -> Done:
    return eva("disposal", "exchange", "--in", "in", "--out", "out", "--as", "lav", *HEAD, *more)


def test_the_heads_say_who_writes_and_ask_for_receipts_which_are_recorded(eva: Eva, due: Prepared) -> None:
    archive = Archive()
    done = eva("disposal", "offer", due.record, "--out", "out", "--as", "brandt", *HEAD, "--json")
    process = json.loads(done.out)["process"]
    root, _ = archive.open(Path(json.loads(done.out)["file"]))
    assert archive.texts(root, "Kopf/Empfangsbestaetigung") == ["1"]
    codes = [code.text for code in root.findall(".//code") if code.text in {"05-111", "LAVNRW"}]
    assert codes == ["05-111", "LAVNRW"]
    Path("0504.xml").write_text(receipt("0504", "Aussonderung.AnbietungEmpfangBestaetigen.0504", process))
    for status in (0, 1):  # a second one says nothing new
        assert eva("disposal", "receive", "0504.xml", "--as", "lav").status == status
    Path("0507.xml").write_text(receipt("0507", "Aussonderung.AussonderungEmpfangBestaetigen.0507", process))
    early = eva("disposal", "receive", "0507.xml", "--as", "lav")
    assert (early.status, "no such message was sent" in early.err) == (1, True)
    wrong = eva("disposal", "receive", "out/" + Path(json.loads(done.out)["file"]).name, "--as", "lav")
    assert (wrong.status, "a message 0501 comes from an office" in wrong.err) == (2, True)


def test_an_appraisal_that_asks_for_a_receipt_gets_one_or_is_refused(eva: Eva, due: Prepared) -> None:
    process = offered(eva, due)
    text = ask_for_receipt(Archive("3.1.0").appraisal(process, {due.record: "A"}))
    Path("0502.xml").write_text(text, encoding="utf-8")
    head = eva("log", "head").out
    refused = eva("disposal", "appraise", "0502.xml", "--as", "lav")
    assert (refused.status, "the archive asks for a receipt; a folder for it (--out)" in refused.err) == (2, True)
    assert eva("log", "head").out == head
    done = eva("disposal", "appraise", "0502.xml", "--as", "lav", "--out", "out", "--json")
    package = Path(json.loads(done.out)["receipt"])
    assert package.name == f"{process}_Aussonderung.BewertungEmpfangBestaetigen.0505.zip"
    root, files = Archive().open(package)
    assert files == {}
    assert root.tag == "{urn:xoev-de:xdomea:schema:3.1.0}Aussonderung.BewertungEmpfangBestaetigen.0505"
    assert Archive("3.1.0").process(root) == process


def test_the_two_folders_carry_a_record_from_offer_to_confirmation(eva: Eva, due: Prepared) -> None:
    archive = Archive()
    Path("in").mkdir()
    process = offered(eva, due)
    Path("out").rename("by-hand")
    assert exchange(eva).status == 0
    (offer,) = Path("out").glob("*0501.zip")
    root, _ = archive.open(offer)
    assert archive.texts(root, "Absender/Institution/Name") == ["Ministerium"]
    assert exchange(eva).out == ""  # nothing new, nothing written again
    Path("in/b.xml").write_text(ask_for_receipt(archive.appraisal(process, {due.record: "A", due.cases[0]: "A"})))
    Path("in/a.xml").write_text("<nonsense/>", encoding="utf-8")
    Path("in/c.xml").write_text(receipt("0504", "Aussonderung.AnbietungEmpfangBestaetigen.0504", process))
    Path("in/unfinished.part").write_text("<", encoding="utf-8")
    done = exchange(eva)
    assert done.status == 1
    assert [path.name for path in sorted(Path("in").iterdir())] == ["done", "refused", "unfinished.part"]
    assert {path.name for path in Path("in/done").iterdir()} == {"b.xml", "c.xml"}
    beside = Path("in/refused/a.xml.txt").read_text(encoding="utf-8")
    assert "die Nachricht ist nonsense" in beside
    assert "the message is nonsense" in beside
    assert Path("in/refused/a.xml").read_text(encoding="utf-8") == "<nonsense/>"
    assert len(list(Path("out").glob("*0505.zip"))) == 1
    assert eva("disposal", "transfer", due.record, "--out", "by-hand", "--as", "brandt").status == 0
    assert exchange(eva).status == 0
    (package,) = Path("out").glob("*0503.zip")
    _, files = archive.open(package)
    assert list(files.values()) == [FILES[0]]
    results = archive.confirmation(process, {due.record: True, due.cases[0]: True})
    Path("in/b.xml").write_text(results, encoding="utf-8")
    assert exchange(eva).status == 0
    assert {path.name for path in Path("in/done").iterdir()} == {"b.xml", "b.1.xml", "c.xml"}
    assert eva("log", "verify").status == 0


def test_whoever_transferred_does_not_confirm(eva: Eva, due: Prepared) -> None:
    process = appraised(eva, due, "A", "V")
    assert eva("disposal", "transfer", due.record, "--out", "out", "--as", "brandt").status == 0
    results = Archive().confirmation(process, {due.record: True, due.cases[0]: True})
    Path("0506.xml").write_text(results, encoding="utf-8")
    same = eva("disposal", "confirm", "0506.xml", "--as", "brandt")
    assert (same.status, same.err) == (1, "eva disposal: whoever transferred may not confirm\n")
    assert eva("disposal", "confirm", "0506.xml", "--as", "lav").status == 0


def test_a_transfer_says_closing_date_medium_and_owner(eva: Eva, due: Prepared) -> None:
    appraised(eva, due, "A", "A")
    done = eva("disposal", "transfer", due.record, "--out", "out", "--as", "brandt", "--json")
    archive = Archive()
    root, _ = archive.open(Path(json.loads(done.out)["file"]))
    assert archive.texts(root, "Vorgang/ZdA") == ["1", "1"]
    assert [len(day) for day in archive.texts(root, "Vorgang/ZdADatum")] == [10, 10]
    assert archive.texts(root, "Vorgang/Aktenbetreff") == ["Förderung <Windpark> & Söhne"] * 2
    assert len(archive.texts(root, "AllgemeineMetadaten/Medium")) == 1 + 2 + 2  # record, cases, documents
    assert set(archive.texts(root, "AllgemeineMetadaten/Aktenfuehrung")) == {"mwide"}


def test_formats_are_what_the_files_are(tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.new("1", (80, 80)).save(picture, "png")
    plain, archival, broken = (tmp_path / name for name in ("plain.pdf", "archival.pdf", "broken.pdf"))
    plain.write_bytes(img2pdf.convert(picture.getvalue()))
    with pikepdf.open(plain) as pdf:
        with pdf.open_metadata() as metadata:
            metadata["pdfaid:part"], metadata["pdfaid:conformance"] = "2", "B"
        pdf.save(archival)
    broken.write_bytes(b"%PDF-1.7 nothing")
    files = {"a": plain, "b": archival, "c": broken, "d": plain, "e": plain}
    media = dict.fromkeys("abc", "application/pdf") | {"d": "text/csv", "e": "application/x-own"}
    found = find_formats(files, media)
    assert (found["a"].code, found["a"].version[:2]) == ("018", "1.")
    assert tuple(found["b"]) == ("044", "PDF/A-2b", None)
    assert tuple(found["c"]) == ("018", "", None)
    assert tuple(found["d"]) == ("002", "", None)
    assert tuple(found["e"]) == ("100", "", "application/x-own")


def test_a_package_with_one_damaged_byte_is_noticed_or_says_the_same(eva: Eva, due: Prepared) -> None:
    """Every byte of content is under a check sum; what is left are times and attributes, which say nothing."""
    process = offered(eva, due)
    text = Archive().appraisal(process, {due.record: "A", **dict.fromkeys(due.cases, "A")})
    with zipfile.ZipFile("0502.zip", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("0502.xml", text)
    whole = Path("0502.zip").read_bytes()
    assert _read(whole) == text.encode()
    draw = random.Random(1)
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << draw.randrange(8)
        found = _read(bytes(damaged))
        assert found is None or crc32(found) == crc32(text.encode()), place


def _read(data: bytes) -> bytes | None:
    """The message in a package; None where the package is refused."""
    file = Path("damaged.zip")
    file.write_bytes(data)
    try:
        found = read_package(file)
        parse_message(file, found, read_0502)
    except UnusableInput:
        return None
    return found


@pytest.mark.usefixtures("due")
@pytest.mark.parametrize("watch", ["0", "x"])
def test_a_wrong_interval_is_refused(eva: Eva, watch: str) -> None:
    Path("in").mkdir()
    assert exchange(eva, "--watch", watch).status == 2
