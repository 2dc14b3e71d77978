"""`eva disposal` from outside: an archive of our own, which knows only the standard, answers what the command sends."""

import json
import re
import shlex
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET  # the archive's own reader; bytes in these tests come from ourselves

import pytest
from lxml import etree

from scanning.storage.content_store import ContentStore
from tests.conftest import Done
from tests.workflow.conftest import PEOPLE, Office, person
from workflow.engine.access import Role
from workflow.file_plan.file_plan import ImportFilePlan

ROOT = Path(__file__).parents[3]
XDOMEA = ROOT.parent / "shared" / "xdomea"
FILES = (b"%PDF-1.7 Bescheid", b"%PDF-1.7 Anlage")
HASHES = tuple(sha256(data).hexdigest() for data in FILES)
NOBODY = "00000000-0000-4000-8000-000000000000"
PROCESS = "PROZESS"
"""Stands for the process in parameters."""
Eva = Callable[..., Done]


class Prepared(NamedTuple):
    """A record that is due, with two cases of one document each, and its files in the content store."""

    folder: Path
    record: str
    cases: tuple[str, ...]


def fill(folder: Path) -> Prepared:
    office = Office(f"sqlite:///{folder}/eva.db")
    record = office.record(title="Förderung <Windpark> & Söhne", retention={"years": 1, "disposal": "B"})
    cases = []
    for number, digest in enumerate(HASHES):
        cases.append(office.case(record, title=f"Vorgang {number}"))
        office.document(record, cases[-1], file={"sha256": digest, "file_name": f"datei-{number}.pdf"})
        office.do("mueller", "close", record, case=cases[-1])
    office.do("mueller", "close", record)
    office.later(until=date(2023, 2, 1))
    assert office.state(record).state == "due"
    office.engine.close()
    store = ContentStore(folder / "data" / "content")
    for data in FILES:
        store.put(data)
    return Prepared(folder, record.partition(":")[2], tuple(cases))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return fill(tmp_path_factory.mktemp("disposal"))


@pytest.fixture
def due(template: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prepared:
    """The record, in a copy of its own; commands run in its folder."""
    folder = tmp_path / "office"
    shutil.copytree(template.folder, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("EVA_DATABASE_URL", f"sqlite:///{folder}/eva.db")
    monkeypatch.setenv("EVA_DATA", str(folder / "data"))
    return Prepared(folder, template.record, template.cases)


@cache
def schema(version: str) -> etree.XMLSchema:
    if not XDOMEA.is_dir():
        pytest.skip(f"the xdomea schemas are not in {XDOMEA}")
    return etree.XMLSchema(file=str(XDOMEA / version / "xdomea-Nachrichten-AussonderungDurchfuehren.xsd"))


class Archive:
    """Reads and writes messages with the standard library alone."""

    def __init__(self, version: str = "3.0.0") -> None:
        self.space = f"urn:xoev-de:xdomea:schema:{version}"

    def open(self, package: Path) -> tuple[ET.Element, dict[str, bytes]]:
        """The message, and the other files of the package."""
        with zipfile.ZipFile(package) as opened:
            assert opened.testzip() is None
            members = {name: opened.read(name) for name in opened.namelist()}
        return ET.fromstring(members.pop(f"{package.stem}.xml")), members  # noqa: S314 - ours

    def texts(self, root: ET.Element, path: str) -> list[str]:
        found = root.findall(".//" + "/".join(f"{{{self.space}}}{name}" for name in path.split("/")))
        return [element.text or "" for element in found]

    def objects(self, root: ET.Element, kind: str) -> list[str]:
        return self.texts(root, f"{kind}/Identifikation/ID")

    def process(self, root: ET.Element) -> str:
        (found,) = self.texts(root, "Kopf/ProzessID")
        return found

    def message(self, name: str, kind: str, process: str, body: str, last: str = "") -> str:
        contact = "<x:Institution><x:Name>Archiv</x:Name></x:Institution>"
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<x:{name} xmlns:x="{self.space}">\n<x:Kopf>\n'
            f"<x:ProzessID>{process}</x:ProzessID>\n"
            '<x:Nachrichtentyp listURI="urn:xoev-de:xdomea:codeliste:nachrichtentyp" listVersionID="2.0">'
            f"<code>{kind}</code></x:Nachrichtentyp>\n"
            "<x:Erstellungszeitpunkt>2032-05-01T10:00:00Z</x:Erstellungszeitpunkt>\n"
            f"<x:Absender>{contact}</x:Absender>\n<x:Empfaenger>{contact}</x:Empfaenger>\n"
            f"{last}</x:Kopf>\n{body}</x:{name}>\n"
        )

    def appraisal(self, process: str, decisions: dict[str, str]) -> str:
        """A 0502, each decision on a line of its own from line 10 on."""
        code = 'listURI="urn:xoev-de:xdomea:codeliste:aussonderungsart" listVersionID="1.0"'
        body = "".join(
            f"<x:BewertetesObjekt><x:ID>{key}</x:ID><x:Aussonderungsart><x:Aussonderungsart {code}>"
            f"<code>{decision}</code></x:Aussonderungsart></x:Aussonderungsart></x:BewertetesObjekt>\n"
            for key, decision in decisions.items()
        )
        receipt = "<x:Empfangsbestaetigung>0</x:Empfangsbestaetigung>"
        return self.message("Aussonderung.Bewertungsverzeichnis.0502", "0502", process, body, receipt)

    def confirmation(self, process: str, results: dict[str, bool]) -> str:
        """A 0506; what was taken in has an archive id."""
        body = "".join(
            f"<x:AusgesondertesSGO><x:IDSGO>{key}</x:IDSGO><x:Erfolgreich>{int(good)}</x:Erfolgreich>"
            + (
                f"<x:Archivkennung>NW {key[:4]}</x:Archivkennung>"
                if good
                else "<x:Fehlermeldung>defekt</x:Fehlermeldung>"
            )
            + "</x:AusgesondertesSGO>\n"
            for key, good in results.items()
        )
        return self.message("Aussonderung.AussonderungImportBestaetigen.0506", "0506", process, body)


def offered(eva: Eva, due: Prepared) -> str:
    """The record offered; its process."""
    done = eva("disposal", "offer", due.record, "--out", "out", "--as", "brandt", "--json")
    assert done.status == 0, done.err
    return str(json.loads(done.out)["process"])


def appraised(eva: Eva, due: Prepared, *decisions: str) -> str:
    """The record appraised A, its cases as said."""
    process = offered(eva, due)
    text = Archive().appraisal(process, {due.record: "A", **dict(zip(due.cases, decisions, strict=True))})
    Path("0502.xml").write_text(text, encoding="utf-8")
    done = eva("disposal", "appraise", "0502.xml", "--as", "lav")
    assert (done.status, done.err) == (0, "")
    return process


def head(eva: Eva) -> str:
    return str(eva("log", "head").out)


@pytest.mark.parametrize("version", ["3.0.0", "3.1.0"])
def test_from_the_offer_to_the_confirmation_with_an_independent_archive(eva: Eva, due: Prepared, version: str) -> None:
    archive, send = Archive(version), ("--out", "out", "--as", "brandt", "--version", version, "--json")
    first = json.loads(eva("disposal", "offer", due.record, *send).out)
    package = Path(first["file"])
    root, files = archive.open(package)
    process = archive.process(root)
    assert package == Path("out", f"{process}_Aussonderung.Anbieteverzeichnis.0501.zip")
    assert files == {}  # an offer has no primary documents
    assert archive.objects(root, "Akte") == [due.record]
    assert archive.objects(root, "Vorgang") == list(due.cases)
    assert archive.texts(root, "Akte/AllgemeineMetadaten/Betreff") == ["Förderung <Windpark> & Söhne"]
    assert not root.findall(f".//{{{archive.space}}}Primaerdokument")
    schema(version).assertValid(etree.fromstring(ET.tostring(root)))
    assert (first["record"], first["process"], first["message"]) == (due.record, process, "0501")

    keep, destroy = due.cases
    answer = archive.appraisal(process, {due.record: "A", keep: "A", destroy: "V"})
    schema(version).assertValid(etree.fromstring(answer.encode()))
    Path("bewertung.xml").write_text(answer, encoding="utf-8")
    told = json.loads(eva("disposal", "appraise", "bewertung.xml", "--as", "lav", "--json").out)
    assert [o["decision"] for o in told["objects"]] == ["A", "A", "V"]

    root, files = archive.open(Path(json.loads(eva("disposal", "transfer", due.record, *send).out)["file"]))
    assert archive.objects(root, "Vorgang") == [keep]  # exactly what was appraised A
    (name,) = archive.texts(root, "Primaerdokument/Dateiname")
    assert files == {name: FILES[0]}
    assert archive.texts(root, "Primaerdokument/DateinameOriginal") == ["datei-0.pdf"]
    schema(version).assertValid(etree.fromstring(ET.tostring(root)))

    results = archive.confirmation(process, {due.record: True, keep: True})
    schema(version).assertValid(etree.fromstring(results.encode()))
    Path("import.xml").write_text(results, encoding="utf-8")
    objects = json.loads(eva("disposal", "confirm", "import.xml", "--as", "lav", "--json").out)["objects"]
    assert [(o["state"], o["archive_id"]) for o in objects] == [
        ("confirmed", f"NW {due.record[:4]}"), ("confirmed", f"NW {keep[:4]}"), ("appraised", None),
    ]  # fmt: skip
    assert eva("log", "verify").status == 0


def test_the_how_to_runs(eva: Eva, due: Prepared) -> None:
    page = (ROOT / "docs" / "how-to" / "disposal.md").read_text(encoding="utf-8")
    block = re.search(r"```\n(eva disposal.*?)```", page, re.DOTALL)
    assert block is not None
    commands = [shlex.split(line.replace("$AKTE", due.record)) for line in block[1].splitlines()]
    archive, ids = Archive(), {due.record: "A"} | dict.fromkeys(due.cases, "A")
    Path("eingang").mkdir()
    for command in commands:
        done = eva(*command[1:])
        assert (done.status, done.err) == (0, ""), command
        if command[2] == "offer":
            (package,) = Path("ausgang").glob("*0501.zip")
            root, _ = archive.open(package)
            assert archive.texts(root, "Absender/Institution/Name") == ["Ministerium für Wirtschaft"]
            process = archive.process(root)
            with zipfile.ZipFile("eingang/bewertung.zip", "w") as answer:
                answer.writestr("bewertung.xml", archive.appraisal(process, ids))
            confirmation = archive.confirmation(process, dict.fromkeys(ids, True))
            Path("eingang/bestaetigung.xml").write_text(confirmation, encoding="utf-8")
    assert [command[2] for command in commands] == ["offer", "appraise", "transfer", "confirm"]
    assert done.out.count("confirmed") == 3
    for path in re.findall(r"\]\((\S+\.md)\)", page):
        assert (ROOT / "docs" / "how-to" / path).is_file()


def test_a_package_lost_is_written_again_the_same_and_nothing_is_done_twice(eva: Eva, due: Prepared) -> None:
    process = offered(eva, due)
    (package,) = Path("out").iterdir()
    before, log = package.read_bytes(), head(eva)
    twice = eva("disposal", "offer", due.record, "--out", "out", "--as", "brandt")
    assert (twice.status, twice.out) == (1, "")
    assert "is not possible in state offered" in twice.err
    package.unlink()
    again = eva("disposal", "offer", due.record, "--out", "out", "--as", "brandt", "--again")
    assert again.status == 0
    assert package.read_bytes() == before
    early = eva("disposal", "transfer", due.record, "--out", "out", "--as", "brandt", "--again")
    assert (early.status, f"nothing of this record is transferred in process {process}" in early.err) == (1, True)
    assert head(eva) == log
    assert [path.name for path in Path("out").iterdir()] == [package.name]


def test_two_persons_and_the_right_roles(eva: Eva, due: Prepared) -> None:
    refused = eva("disposal", "offer", due.record, "--out", "out", "--as", "brandt", "--role", "case_worker")
    assert (refused.status, refused.err) == (1, "eva disposal: “Offer to the archive” is for registrar\n")
    process = offered(eva, due)
    Path("0502.xml").write_text(Archive().appraisal(process, {due.record: "V"}), encoding="utf-8")
    log = head(eva)
    same = eva("disposal", "appraise", "0502.xml", "--as", "brandt")
    assert (same.status, same.err) == (1, "eva disposal: whoever offered may not appraise\n")
    registrar = eva("disposal", "appraise", "0502.xml", "--as", "lav", "--role", "registrar")
    assert registrar.status == 1
    assert head(eva) == log
    both = eva("disposal", "appraise", "0502.xml", "--as", "lav", "--role", "registrar", "--role", "archivist")
    assert both.status == 0
    late = eva("disposal", "appraise", "0502.xml", "--as", "lav")
    assert (late.status, "nothing of this record is offered" in late.err) == (1, True)


@pytest.mark.parametrize("language", ["de", "en"])
def test_people_read_it_in_their_language(
    eva: Eva, due: Prepared, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVA_LANG", language)
    done = eva("disposal", "offer", due.record, "--out", "out", "--as", "brandt")
    assert done.out.splitlines()[1].split()[0] == {"de": "angeboten", "en": "offered"}[language]
    refused = eva("disposal", "offer", due.record, "--out", "out", "--as", "brandt")
    assert {"de": "ist im Zustand angeboten nicht möglich", "en": "is not possible in state offered"}[
        language
    ] in refused.err
    monkeypatch.setenv("EVA_LANG", "fr")
    wrong = eva("disposal", "offer", due.record, "--out", "out", "--as", "brandt")
    assert (wrong.status, wrong.err) == (2, "EVA_LANG:1:1: 'fr'; expected de or en\n")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<x:ID>AKTE", f"<x:ID>{NOBODY}", f"0502.xml:10:21: was not offered in this process; .*{PROCESS}"),
        ("<code>A</code>", "<code>X</code>", "0502.xml:10:90: there is no code 'X'; A, B, V"),
        ("Bewertungsverzeichnis.0502", "Anbieteverzeichnis.0501", "0502.xml:2:1: the message is .*0501; .*0502"),
        ("</x:Auss", "</x:Aus", "0502.xml:10:[0-9]+: not well-formed XML: .*; an XML message"),
        ("2032-05-01T10:00:00Z", "gestern", "0502.xml:6:1: 'gestern' is no point in time; such as"),
        (PROCESS, NOBODY, f"0502.xml:4:1: process {NOBODY} is unknown; one of this office"),
        ("<?xml", "<!DOCTYPE a []><?xml", "0502.xml:1:[0-9]+: "),
    ],
)
def test_what_cannot_be_used_is_named_by_its_place_and_records_nothing(
    eva: Eva, due: Prepared, old: str, new: str, expected: str
) -> None:
    process = offered(eva, due)
    log = head(eva)
    text = Archive().appraisal(process, {due.record: "A", due.cases[0]: "V"})
    old, expected = old.replace("AKTE", due.record).replace(PROCESS, process), expected.replace(PROCESS, process)
    assert old in text
    Path("0502.xml").write_text(text.replace(old, new), encoding="utf-8")
    done = eva("disposal", "appraise", "0502.xml", "--as", "lav")
    assert (done.status, done.out) == (2, "")
    (line,) = done.err.splitlines()
    assert re.match(expected, line), line
    assert re.match(r"[^:]+:\d+:\d+: .+; .+", line), line
    assert head(eva) == log


def test_every_fault_of_a_message_has_its_line(eva: Eva, due: Prepared) -> None:
    process = offered(eva, due)
    others = [NOBODY, NOBODY[:-1] + "1"]
    text = Archive().appraisal(process, {due.record: "A", **dict.fromkeys(others, "V")})
    Path("0502.xml").write_text(text, encoding="utf-8")
    done = eva("disposal", "appraise", "0502.xml", "--as", "lav")
    assert [line.split(": ")[0] for line in done.err.splitlines()] == ["0502.xml:11:21", "0502.xml:12:21"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("fehlt.xml", None, "cannot be read"),
        ("leer.zip", {}, "holds 0 XML files; exactly one message"),
        ("zwei.zip", {"a.xml": b"<a/>", "b.XML": b"<b/>"}, "holds 2 XML files"),
        ("kein.zip", b"PK\x03\x04 nothing behind it", "the zip file is damaged"),
        ("text.zip", b"neither a zip nor XML", "not well-formed XML"),
    ],
)
@pytest.mark.usefixtures("due")
def test_a_file_that_is_no_package_is_refused(
    eva: Eva, name: str, content: dict[str, bytes] | bytes | None, says: str
) -> None:
    if isinstance(content, bytes):
        Path(name).write_bytes(content)
    elif content is not None:
        with zipfile.ZipFile(name, "w") as package:
            for member, data in content.items():
                package.writestr(member, data)
    for command in ("appraise", "confirm"):
        done = eva("disposal", command, name, "--as", "lav")
        assert (done.status, done.err.count("\n")) == (2, 1)
        assert done.err.startswith(f"{name}:1:1: ")
        assert says in done.err


@pytest.mark.usefixtures("due")
def test_a_spoilt_zip_and_one_that_unpacks_to_too_much_are_refused(eva: Eva, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.application.disposal import package as packages

    with zipfile.ZipFile("0502.zip", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("0502.xml", b"<a>" + b" " * 100_000 + b"</a>")
    whole = Path("0502.zip").read_bytes()
    Path("0502.zip").write_bytes(whole[:50] + b"\xff\xff" + whole[52:])
    assert "cannot be read" in eva("disposal", "appraise", "0502.zip", "--as", "lav").err
    Path("0502.zip").write_bytes(whole)
    monkeypatch.setattr(packages, "LARGEST_MESSAGE", 99_999)
    done = eva("disposal", "appraise", "0502.zip", "--as", "lav")
    assert (done.status, done.err) == (2, "0502.zip:1:1: the message has 100007 bytes; at most 99999\n")


def test_a_document_named_by_the_archive_is_accepted_and_a_contradiction_is_not(eva: Eva, due: Prepared) -> None:
    process = offered(eva, due)
    (package,) = Path("out").iterdir()
    root, _ = Archive().open(package)
    first, second = Archive().objects(root, "Dokument")
    decisions = {due.record: "A", due.cases[0]: "A", first: "A", due.cases[1]: "V", second: "A"}
    Path("0502.xml").write_text(Archive().appraisal(process, decisions), encoding="utf-8")
    done = eva("disposal", "appraise", "0502.xml", "--as", "lav")
    assert (done.status, done.err.split(": ")[0]) == (2, "0502.xml:14:21")
    assert f"appraised A, its case {due.cases[1]} V" in done.err
    Path("0502.xml").write_text(Archive().appraisal(process, decisions | {second: "V"}), encoding="utf-8")
    assert eva("disposal", "appraise", "0502.xml", "--as", "lav").status == 0


@pytest.mark.parametrize("trouble", ["missing", "changed", "no store"])
def test_without_every_primary_document_nothing_is_transferred(eva: Eva, due: Prepared, trouble: str) -> None:
    appraised(eva, due, "A", "A")
    place = due.folder / "data" / "content" / "objects" / HASHES[1][:2] / HASHES[1][2:4] / HASHES[1]
    if trouble == "missing":
        place.unlink()
    elif trouble == "changed":
        place.chmod(0o600)
        place.write_bytes(b"somebody else's")
    else:
        shutil.rmtree(due.folder / "data")
    log = head(eva)
    done = eva("disposal", "transfer", due.record, "--out", "parcels", "--as", "brandt")
    expected = {"missing": (2, f"there is no file '{HASHES[1]}'"), "changed": (1, "is not what was written"),
                "no store": (2, "there is no content store")}[trouble]  # fmt: skip
    assert (done.status, done.err.count("\n")) == (expected[0], 1)
    assert expected[1] in done.err
    assert head(eva) == log
    assert not list(Path("parcels").glob("*")) if Path("parcels").exists() else True


def test_what_could_not_be_taken_in_is_transferred_again(eva: Eva, due: Prepared) -> None:
    process = appraised(eva, due, "A", "V")
    send = ("disposal", "transfer", due.record, "--out", "out", "--as", "brandt")
    assert eva(*send).status == 0
    results = {due.record: False, due.cases[0]: False}
    Path("0506.xml").write_text(Archive().confirmation(process, results), encoding="utf-8")
    assert eva("disposal", "confirm", "0506.xml", "--as", "lav").status == 0
    assert eva("disposal", "confirm", "0506.xml", "--as", "lav").status == 1  # nothing is on its way any more
    (first,) = Path("out").glob("*0503.zip")
    before = first.read_bytes()
    assert eva(*send).status == 0
    assert first.with_suffix(".1.zip").read_bytes() == before  # what went before is kept beside it
    Path("0506.xml").write_text(Archive().confirmation(process, dict.fromkeys(results, True)), encoding="utf-8")
    done = eva("disposal", "confirm", "0506.xml", "--as", "lav", "--json")
    assert [o["state"] for o in json.loads(done.out)["objects"]] == ["confirmed", "confirmed", "appraised"]


def test_one_case_alone(eva: Eva, due: Prepared) -> None:
    done = eva("disposal", "offer", due.record, "--case", due.cases[1], "--out", "out", "--as", "brandt", "--json")
    told = json.loads(done.out)
    assert [o["state"] for o in told["objects"]] == ["due", "due", "offered"]
    root, _ = Archive().open(Path(told["file"]))
    assert Archive().objects(root, "Schriftgutobjekt/Vorgang") == [due.cases[1]]
    assert Archive().objects(root, "Akte") == []
    unknown = eva("disposal", "offer", due.record, "--case", NOBODY, "--out", "out", "--as", "brandt")
    assert (unknown.status, "has no case" in unknown.err) == (2, True)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--as", "a:b"), "--as 'a:b' is no name"),
        (("--as", "brandt", "--authority", "x/y"), "--authority 'x/y' is no name"),
        (("--as", "brandt", "--version", "2.3.0"), "2.3.0"),
        (("--as", "brandt", "--database", "sqlite:///none.db"), "there is no database none.db"),
        (("--as", "brandt", "--authority", "jm"), "there is no record"),
        ((), "--as"),
    ],
)
def test_unusable_options(eva: Eva, due: Prepared, options: tuple[str, ...], says: str) -> None:
    done = eva("disposal", "offer", due.record, "--out", "out", *options)
    assert (done.status, done.out) == (2, "")
    assert says in done.err
    assert not list(Path("out").glob("*"))


@pytest.mark.usefixtures("due")
@pytest.mark.parametrize("record", [NOBODY, "43.21-0001", "", "a:b"])
def test_an_unknown_record(eva: Eva, record: str) -> None:
    for command in ("offer", "transfer"):
        done = eva("disposal", command, record, "--out", "out", "--as", "brandt")
        assert (done.status, done.err.count("\n")) == (2, 1)
        assert "there is no" in done.err


@pytest.fixture(scope="module")
def agreed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Path]]:
    """An office whose file plan the archive has appraised beforehand."""
    folder = tmp_path_factory.mktemp("agreed")
    office = Office(f"sqlite:///{folder}/eva.db")
    plan = "code,title,retention_years,disposal,statutory,agreed,closed\n43,Wind & Wetter,1,A,no,yes,no\n"
    office.engine.handle(ImportFilePlan(authority="mwide", csv=plan), PEOPLE["registrar"], "file-plan:mwide")
    yield office, folder
    office.engine.close()


def test_the_two_step_procedure_needs_no_offer(
    eva: Eva, agreed: tuple[Office, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    office, folder = agreed
    monkeypatch.setenv("EVA_DATABASE_URL", f"sqlite:///{folder}/eva.db")
    monkeypatch.chdir(folder)
    stream = office.record(file_plan_code="43")
    office.case(stream)
    record = stream.partition(":")[2]
    (case,) = office.state(stream).cases
    office.do("mueller", "work", stream, case=case)
    office.do("mueller", "close", stream, case=case)
    office.do("mueller", "close", stream)
    office.later(until=date(2023, 2, 1))
    done = eva("disposal", "offer", record, "--out", "out", "--as", "brandt")
    assert (done.status, done.out.splitlines()[0]) == (0, "0501: no message is needed")
    assert not list(Path("out").glob("*"))
    told: dict[str, Any] = json.loads(eva("disposal", "transfer", record, "--out", "out", "--as", "b", "--json").out)
    root, files = Archive().open(Path(told["file"]))
    assert Archive().texts(root, "Akte/AllgemeineMetadaten/Aktenplaneinheit/Inhaltsangabe") == ["Wind & Wetter"]
    assert (Archive().process(root), files) == (told["process"], {})
    assert [o["state"] for o in told["objects"]] == ["transferred", "transferred"]


def test_a_record_of_high_protection_need_is_for_the_cleared_only(
    eva: Eva, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(f"sqlite:///{tmp_path}/eva.db")
    secret = person("secret", Role.CASE_WORKER, clearance="high")
    stream = office.record(secret, protection="high", retention={"years": 0, "disposal": "B"})
    office.do(secret, "work", stream)
    office.do(secret, "close", stream)
    office.later(until=date(2022, 8, 1))
    office.engine.close()
    monkeypatch.setenv("EVA_DATABASE_URL", f"sqlite:///{tmp_path}/eva.db")
    command = ("disposal", "offer", stream.partition(":")[2], "--out", tmp_path / "out", "--as", "brandt")
    assert (eva(*command).status, eva(*command, "--clearance", "high").status) == (2, 0)
