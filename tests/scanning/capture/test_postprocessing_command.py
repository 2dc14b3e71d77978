# ruff: noqa: F811 - a fixture of another module
"""`eva scan --deskew --drop-blank-backs --text`: proposed by the program, confirmed or declined by a person."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from api.application.catalogue import ALL
from scanning.batches.handling import choose_handling
from scanning.batches.scan_batch import ScanItem
from scanning.batches.sheet_count import count_sheets, find_mismatches, read_batches
from scanning.requirements.terms import Postprocessing, ScanRules, Terms
from scanning.storage.content_store import ContentStore
from tests.scanning import papers
from tests.scanning.capture.test_scan_command import eva  # noqa: F401 - a fixture
from tests.scanning.conftest import PEOPLE, ScanOffice
from tests.scanning.postprocessing.test_process_pages import askew
from tests.scanning.text_recognition.test_text_layer import install, read_text
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
    for told in ("leere Rückseite weggelassen", "gerade gerichtet", "Text erkannt und unsichtbar hinterlegt"):
        assert told in anomalies
    assert eva("product", "verify", batch).returncode == 0
    assert eva("scan", "counts", "--batch", batch).returncode == 0


def test_declined_and_taken_again_as_it_is(eva: Eva, folder: Path, tmp_path: Path) -> None:
    assert take(eva, folder, "--deskew", "--drop-blank-backs").returncode == 0
    batch, _ = get_item(tmp_path)
    reject = ("scan", "reject", batch, "--inspector", "inge", "--reason", "Stempel auf der Rückseite", "--quiet")
    assert eva(*reject).returncode == 0
    again = take(eva, folder, "--inspector", "inge")
    assert again.returncode == 0, again.stderr
    _, item = get_item(tmp_path)
    assert item.state == "delivered"
    assert item.scan
    assert (len(item.scans), item.scan.raw.dropped_pages, item.scan.raw.differences) == (2, (), ())
    assert item.product
    assert item.product.pages == 4
    assert any("Seiten ohne Inhalt: 2" in told for told in item.product.note.anomalies)  # kept, and remarked


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
    assert choose_handling(engine, None, "rheinland", nothing, duplex=False) == (wanted, False)
    assert choose_handling(engine, None, "andere", nothing, duplex=True) == (nothing, True)
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
