# ruff: noqa: F811 - a fixture of another module
"""`eva scan --deskew --drop-blank-backs --text`: proposed by the program, confirmed or declined by a person."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from api.application.catalogue import ALL
from scanning.batch_actions.batch import CreateBatch
from scanning.batches.handling import choose_handling
from scanning.batches.scan_batch import ScanItem
from scanning.batches.sheet_count import count_sheets, find_mismatches, read_batches
from scanning.batches.values import NewItem
from scanning.centres.actions import ConnectClient, EnterCentre
from scanning.centres.scan_centre import CentreKind
from scanning.requirements.terms import Postprocessing, ScanRules, Terms
from scanning.storage.content_store import ContentStore
from scanning.text_recognition.postprocess import Handling
from tests.scanning import papers
from tests.scanning.capture.test_scan_command import eva  # noqa: F401 - a fixture
from tests.scanning.conftest import PEOPLE, ScanOffice
from tests.scanning.postprocessing.test_process_pages import askew
from tests.scanning.text_recognition.test_text_layer import install, read_text
from workflow.engine.access import Actor, Role
from workflow.engine.engine import Engine

Eva = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A letter of two sheets: the first fed askew with a blank back, the second printed on both sides."""
    inside = tmp_path / "eingang"
    inside.mkdir()
    text = papers.page("Antrag")
    (inside / "1.tif").write_bytes(papers.tiff_of([askew(1.4), papers.blank(), text, text]))
    return inside


def take(eva: Eva, folder: Path, *options: str, **more: Any) -> Any:
    return eva("scan", folder, "--scanner", "S", "--operator", "otto", "--duplex", "--quiet", *options, **more)


def get_item(tmp_path: Path) -> tuple[str, ScanItem]:
    engine = Engine(f"sqlite:///{tmp_path}/eva.db", catalogue=ALL)
    (batch,) = read_batches(engine)
    (item,) = batch.items.values()
    assert find_mismatches(batch) == []
    assert count_sheets(batch).sheets_in == 2
    engine.close()
    return batch.id, item


def test_confirmed_after_both_pictures_were_compared(
    eva: Eva,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install(tmp_path / "bin", monkeypatch)
    taken = take(eva, folder, "--deskew", "--drop-blank-backs", "--text")
    assert taken.returncode == 0, taken.stderr
    batch, item = get_item(tmp_path)
    assert item.scan
    assert (item.scan.raw.pages, item.scan.raw.dropped_pages, item.scan.raw.kept_pages) == (4, (2,), 3)
    refused = eva("scan", "check", batch, "--inspector", "inge", "--quiet", language="de")
    assert refused.returncode == 1
    assert "beide Bilder vergleichen" in refused.stderr

    shown = eva("scan", "pictures", batch, "--out", tmp_path / "bilder", language="de")
    assert "Seite 2: leere Rückseite, im Ergebnis weggelassen" in shown.stdout
    assert "gerade gerichtet" in shown.stdout
    names = sorted(path.name for path in (tmp_path / "bilder").iterdir())
    assert names == ["1-1-ergebnis.png", "1-1-vorlage.png", "1-2-vorlage.png"]
    with Image.open(tmp_path / "bilder" / "1-1-vorlage.png") as picture:
        assert picture.format == "PNG"

    checked = eva("scan", "check", batch, "--inspector", "inge", "--accept-differences", "--quiet")
    assert checked.returncode == 0, checked.stderr
    _, item = get_item(tmp_path)
    assert item.state == "delivered"
    assert item.product
    assert item.product.pages == 3
    path = ContentStore(tmp_path / "data" / "content").path(item.product.sha256)
    with pikepdf.open(path) as pdf:
        assert len(pdf.pages) == 3
    assert read_text(str(path)) == ["Windpark Seite O", "Windpark Seite 1", "Windpark Seite 2"]
    anomalies = "\n".join(item.product.note.anomalies)
    for told in ("leere Rückseite weggelassen", "gerade gerichtet"):
        assert told in anomalies
    assert "Seiten 1, 3-4: Text erkannt und unsichtbar hinterlegt" in anomalies  # by their numbers in the scan
    assert eva("product", "verify", batch).returncode == 0
    assert eva("scan", "counts", "--batch", batch).returncode == 0


def decline(eva: Eva, batch: str, reason: str) -> None:
    assert eva("scan", "reject", batch, "--inspector", "inge", "--reason", reason, "--quiet").returncode == 0


def test_declined_and_taken_again_as_it_is(eva: Eva, folder: Path, tmp_path: Path) -> None:
    assert take(eva, folder, "--deskew", "--drop-blank-backs").returncode == 0
    batch, _ = get_item(tmp_path)
    decline(eva, batch, "Stempel auf der Rückseite")
    again = take(eva, folder, "--as-it-is", "--inspector", "inge")
    assert again.returncode == 0, again.stderr
    _, item = get_item(tmp_path)
    assert item.state == "delivered"
    assert item.scan
    assert (len(item.scans), item.scan.raw.dropped_pages, item.scan.raw.differences) == (2, (), ())
    assert item.product
    assert item.product.pages == 4
    assert any("Seiten ohne Inhalt: 2" in told for told in item.product.note.anomalies)  # kept, and remarked


def test_a_rejected_scan_stays_so_whatever_is_done_with_its_pages_now(eva: Eva, folder: Path, tmp_path: Path) -> None:
    """The paper has to be scanned again: the file lacks what it lacks with any option."""
    assert take(eva, folder).returncode == 0
    batch, _ = get_item(tmp_path)
    decline(eva, batch, "Seite 5 fehlt")
    for options in (("--deskew",), ("--deskew", "--drop-blank-backs"), ("--as-it-is",), ()):
        assert take(eva, folder, *options, "--inspector", "inge").returncode == 0
        _, item = get_item(tmp_path)
        assert (item.state, len(item.scans)) == ("rejected", 1), options


def test_a_scan_declined_as_handled_and_as_it_is_stays_so(eva: Eva, folder: Path, tmp_path: Path) -> None:
    assert take(eva, folder, "--deskew").returncode == 0
    batch, _ = get_item(tmp_path)
    decline(eva, batch, "unscharf")
    assert take(eva, folder, "--as-it-is").returncode == 0
    decline(eva, batch, "noch immer unscharf")
    for options in (("--as-it-is",), ("--drop-blank-backs",)):
        assert take(eva, folder, *options, "--inspector", "inge").returncode == 0
        _, item = get_item(tmp_path)
        assert (item.state, len(item.scans)) == ("rejected", 2), options


def test_one_file_is_taken_as_it_is_where_the_centre_wants_pages_handled(
    eva: Eva, folder: Path, tmp_path: Path
) -> None:
    (folder / "2.tif").write_bytes(papers.tiff_of([askew(2.0), papers.page("Anlage")]))
    engine = Engine(f"sqlite:///{tmp_path}/eva.db", catalogue=ALL)
    admin = Actor("admin", frozenset({Role.ADMIN}))
    terms = Terms(postprocessing=Postprocessing(deskew=True, drop_blank_backs=True))
    engine.handle(EnterCentre(kind=CentreKind.CENTRAL, title="Rheinland", terms=terms), admin, "scan-centre:rheinland")
    connected = ConnectClient(authority="behoerde", opens=date(2021, 1, 1))
    engine.handle(connected, admin, "scan-centre:rheinland")
    items = (NewItem(title="1", sheets=2), NewItem(title="2", sheets=1))
    create = CreateBatch(centre="rheinland", unit="poststelle", title="Eingang", items=items)
    otto = Actor("otto", frozenset({Role.SCAN_OPERATOR}), "behoerde")
    batch = engine.handle(create, otto, "scan-batch").stream
    engine.close()
    options = ("--centre", "rheinland", "--batch", batch.partition(":")[2])
    for name, more in (("1.tif", ()), ("2.tif", ("--as-it-is",))):
        taken = take(eva, folder / name, *options, *more)
        assert taken.returncode == 0, taken.stderr
    engine = Engine(f"sqlite:///{tmp_path}/eva.db", catalogue=ALL)
    handled, untouched = (item.scan.raw for item in engine.load(batch).state.items.values())
    engine.close()
    assert handled.dropped_pages == (2,)
    assert (untouched.dropped_pages, untouched.differences) == ((), ())
    assert untouched.treatment[-1] == "auf Wunsch nicht nachbearbeitet"


def test_as_it_is_goes_with_nothing_that_changes_pages(eva: Eva, folder: Path) -> None:
    no = take(eva, folder, "--as-it-is", "--deskew", language="de")
    assert no.returncode == 2
    assert "--as-it-is: nicht mit --text, --deskew, --drop-blank-backs" in no.stderr


def test_what_cannot_be_done_is_told_before_anything_is_read(
    eva: Eva,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    no = eva("scan", folder, "--scanner", "S", "--text", "--drop-blank-backs", "--quiet", language="de")
    assert no.returncode == 2
    assert "--text: tesseract ist nicht installiert (apt-get install" in no.stderr
    assert "--drop-blank-backs: ohne --duplex gibt es keine Rückseiten" in no.stderr
    assert not (tmp_path / "data").exists()


def test_a_centre_has_it_on_or_off(scans: ScanOffice) -> None:
    wanted = Postprocessing(text_layer=True, deskew=True)
    terms = Terms(postprocessing=wanted).model_dump(mode="json")
    entered = {"kind": "central", "title": "Rheinland", "terms": terms}
    scans.centre("enter", "rheinland", **entered)
    scans.centre("connect", "rheinland", authority=PEOPLE["otto"].authority, opens="2021-01-01")
    nothing = Postprocessing()
    engine = scans.engine
    assert choose_handling(engine, None, "rheinland", nothing, duplex=False) == Handling(wanted)
    assert choose_handling(engine, None, "andere", nothing, duplex=True) == Handling(nothing, duplex=True)
    backs = Postprocessing(drop_blank_backs=True)
    both = choose_handling(engine, None, "rheinland", backs, duplex=True).wanted
    assert both == Postprocessing(text_layer=True, deskew=True, drop_blank_backs=True)
    batch = scans.batch(centre="rheinland")
    scans.centre("enter", "rheinland", **{**entered, "terms": None})  # what was agreed for paper that is there stays
    assert choose_handling(engine, batch, "rheinland", nothing, duplex=False).wanted == wanted
    assert choose_handling(engine, None, "rheinland", nothing, duplex=False).wanted == nothing


def test_the_house_rules_hold_where_no_centre_was_entered() -> None:
    terms = Terms(postprocessing=Postprocessing(deskew=True))
    office = ScanOffice("sqlite://", ScanRules(terms=terms))
    assert choose_handling(office.engine, None, "scanstelle", Postprocessing(), duplex=False).wanted.deskew
    office.engine.close()
