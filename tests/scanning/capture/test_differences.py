"""A page that looks different in the PDF/A stops its item until somebody has compared both pictures."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from scanning.capture.capture import ScanCapture
from scanning.capture.maintenance import Maintenance
from scanning.capture.needed_files import list_needed
from scanning.inspection.results import FoundDifference, ScanRead
from scanning.requirements.terms import Postprocessing, ScanRules
from scanning.sealing.seal import Sealer
from scanning.storage.content_store import ContentStore
from scanning.text_recognition.postprocess import Handling
from tests.scanning import papers
from tests.scanning.conftest import PEOPLE, ScanOffice
from tests.scanning.postprocessing.test_process_pages import askew
from tests.workflow.conftest import check
from workflow.errors import NotAllowed


class FaultyReaders:
    """Readers whose conversion has lost something on a page."""

    def __init__(self, pool: Any, page: int = 1, others: tuple[str, ...] = ()) -> None:
        self.limits, self._pool, self._page, self._others = pool.limits, pool, page, others

    def read(self, path: Path, name: str, out: Path, pictures: Path, parts: Path | None = None) -> ScanRead:
        read = self._pool.read(path, name, out, pictures, parts)
        paths = []
        for picture in ("before", "after"):
            place = pictures / f"{self._page}-{picture}.png"
            Image.new("L", (50, 70), 255 if picture == "before" else 0).save(place)
            paths.append(str(place))
        detail = f"Seite {self._page}: anders (PDFium)"
        found = FoundDifference(page=self._page, detail=detail, before=paths[0], after=paths[1])
        converted = read.converted.model_copy(update={"differences": (found,), "other_differences": self._others})
        result: ScanRead = read.model_copy(update={"converted": converted})
        return result

    def run(self, task: Any, **parameters: str) -> Any:
        return self._pool.run(task, **parameters)


@pytest.fixture
def office(store: ContentStore, reader_pool: Any, trial: Sealer) -> Iterator[ScanOffice]:
    opened = ScanOffice("sqlite://", ScanRules(test_seals_count=True))
    faulty: Any = FaultyReaders(reader_pool)
    opened.capture = ScanCapture(opened.engine, store, faulty, trial)  # type: ignore[attr-defined]
    opened.maintenance = Maintenance(opened.engine, store, trial)  # type: ignore[attr-defined]
    yield opened
    check(opened)
    opened.engine.close()


def test_it_is_not_checked_before_the_pictures_were_compared(office: Any, store: ContentStore) -> None:
    stream = office.batch({"sheets": 1})
    office.scan("otto", "prepare", stream, item=1)
    raw = office.capture.record_scan(stream, 1, (papers.png_file(),), "scan.png", PEOPLE["otto"]).raw
    (difference,) = raw.differences
    assert (difference.page, difference.detail) == (1, "Seite 1: anders (PDFium)")
    assert "different: Seite 1: anders (PDFium)" in raw.findings
    assert office.item(stream).scan.flagged
    with pytest.raises(NotAllowed) as no:
        office.scan("inge", "check", stream, item=1)
    assert "Seiten sehen im PDF/A anders aus" in no.value.de
    assert office.item(stream).state == "scanned"

    for digest in (difference.before, difference.after):  # both pictures are kept, and known to be needed
        with Image.open(store.path(digest)) as picture:
            assert picture.size == (50, 70)
        assert digest in list_needed(office.engine).required
    assert office.maintenance.fixity().intact

    office.scan("inge", "check", stream, item=1, accept_differences=True, note="nur das Wasserzeichen")
    office.capture.seal(stream, 1, PEOPLE["otto"])
    note = office.item(stream).product.note
    assert "pages that look different compared and accepted: 1" in note.qa_result
    assert "nur das Wasserzeichen" in note.qa_result
    assert "different: Seite 1: anders (PDFium)" in note.anomalies


def test_a_page_that_was_changed_and_then_turned_shows_all_its_pictures(office: Any, store: ContentStore) -> None:
    how = Handling(Postprocessing(deskew=True))
    raw = office.capture.store_scan((papers.tiff_of([askew(1.5)]),), "scan.tif", how=how)
    (difference,) = raw.differences
    assert difference.detail.startswith("Seite 1: anders (PDFium); um 1,5 Grad gerade gerichtet")
    sizes = []
    for digest in difference.pictures:
        with Image.open(store.path(digest)) as picture:
            sizes.append(picture.size)
    assert sizes[:2] == [(50, 70), (50, 70)]  # as scanned, and as the conversion has made it
    assert sizes[2] > (800, 1100)  # turned straight
    stream = office.batch({"sheets": 1})
    office.scan("otto", "prepare", stream, item=1)
    office.scan("otto", "scan", stream, item=1, raw=raw)
    assert set(difference.pictures) <= list_needed(office.engine).required


def test_a_back_that_the_conversion_changed_is_not_left_out(office: Any, reader_pool: Any) -> None:
    how = Handling(Postprocessing(drop_blank_backs=True), duplex=True)
    office.capture.reader_pool = FaultyReaders(reader_pool, page=2)
    file = papers.tiff_of([papers.page("Antrag"), papers.blank()])
    raw = office.capture.store_scan((file,), "scan.tif", how=how)
    assert (raw.dropped_pages, [one.page for one in raw.differences]) == ((), [2])


def test_where_too_many_pages_were_changed_to_show_them_all_none_is_handled(office: Any, reader_pool: Any) -> None:
    how = Handling(Postprocessing(drop_blank_backs=True, deskew=True), duplex=True)
    office.capture.reader_pool = FaultyReaders(reader_pool, others=("9 weitere Seiten unterscheiden sich",))
    file = papers.tiff_of([askew(1.5), papers.blank()])
    raw = office.capture.store_scan((file,), "scan.tif", how=how)
    assert (raw.dropped_pages, [one.page for one in raw.differences]) == ((), [1])
    assert raw.treatment[-1] == "nicht nachbearbeitet: zu viele Seiten sehen schon anders aus"


def test_the_paper_may_be_scanned_again_instead(office: Any, store: ContentStore, reader_pool: Any) -> None:
    stream = office.batch({"sheets": 1})
    office.scan("otto", "prepare", stream, item=1)
    office.capture.record_scan(stream, 1, (papers.png_file(),), "scan.png", PEOPLE["otto"])
    office.scan("inge", "reject", stream, item=1, reason="Seite 1 sieht anders aus")
    office.capture = ScanCapture(office.engine, store, reader_pool, office.capture.sealer)
    office.capture.record_scan(stream, 1, (papers.png_file("neu"),), "neu.png", PEOPLE["otto"])
    office.scan("inge", "check", stream, item=1)
    assert office.item(stream).state == "checked"


def test_what_was_done_to_each_page_stands_in_the_note_in_german(
    office: Any, store: ContentStore, reader_pool: Any
) -> None:
    office.capture = ScanCapture(office.engine, store, reader_pool, office.capture.sealer)
    stream = office.batch({"sheets": 1})
    office.scan("otto", "prepare", stream, item=1)
    office.capture.record_scan(stream, 1, (papers.born_digital(),), "bescheid.pdf", PEOPLE["otto"])
    office.scan("inge", "check", stream, item=1)
    office.capture.seal(stream, 1, PEOPLE["otto"])
    (told,) = office.item(stream).product.note.anomalies
    assert told == "Seite 1: als Bild mit 300 dpi neu gezeichnet (Schriften sind nicht oder nicht ganz eingebettet)"
