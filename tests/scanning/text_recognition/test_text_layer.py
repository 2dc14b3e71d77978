"""Recognised text is found, and the page looks as before; without the program, or where it fails, the reason is told.

A program of our own stands in for tesseract where a test wants to know what it writes.
"""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import ImageChops

from scanning.comparison.oxide_pages import OxidePages
from scanning.comparison.pdfium_pages import PdfiumPages
from scanning.inspection.results import ScanRead
from scanning.limits import LIMITS
from scanning.pdfa.convert import convert
from scanning.pdfa.rules import find_violations
from scanning.postprocessing import text_layer
from scanning.readers.process_pool import ReaderPool
from scanning.readers.tasks import ADD_TEXT, DRAW_FOR_RECOGNITION, PROCESS_PAGES, Task
from scanning.rejection import FileRejected, RejectionReason
from scanning.requirements.scan_product import MediaType
from scanning.requirements.terms import Postprocessing
from scanning.text_recognition.postprocess import Handling, postprocess
from scanning.text_recognition.tesseract import find_obstacle, recognise_text
from tests.scanning import papers
from tests.scanning.postprocessing.test_process_pages import askew

TEXT = Handling(Postprocessing(text_layer=True))
EIGHT_PAGES = Path(__file__).with_name("eight-pages.pdf")
"""What tesseract 5.3 writes for eight pages that say `Windpark Seite` and their number; it takes the 0 for an O."""
STANDS_IN = """#!{python}
import sys
if "--list-langs" in sys.argv:
    print("List of available languages (1):\\n{language}")
    sys.exit(0)
import pikepdf
pictures = open(sys.argv[1]).read().split()
with pikepdf.open({file!r}) as pdf:
    del pdf.pages[len(pictures):]
    for page in pdf.pages:
        if {content!r} is not None:
            page.Contents = pdf.make_stream({content!r}.encode())
    pdf.save(sys.argv[2] + ".pdf")
"""


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, content: str | None = None, language: str = "deu") -> None:
    """Put a program called tesseract on the path, before any other."""
    folder.mkdir()
    program = folder / "tesseract"
    script = STANDS_IN.format(python=sys.executable, file=str(EIGHT_PAGES), content=content, language=language)
    program.write_text(script, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def read(pool: ReaderPool, file: bytes, folder: Path, how: Handling = TEXT, name: str = "scan.tif") -> ScanRead:
    scan, pictures = folder / "scan", folder / "pictures"
    scan.write_bytes(file)
    pictures.mkdir()
    first = pool.read(scan, name, folder / "content", pictures)
    return postprocess(pool, first, folder, how)


def read_text(path: str) -> list[str]:
    document = pdfium.PdfDocument(path)
    try:
        return [page.get_textpage().get_text_bounded().strip() for page in document]
    finally:
        document.close()


def check_looks_the_same(before: Path, after: Path) -> None:
    with PdfiumPages(before) as one, PdfiumPages(after) as other:
        for index in range(len(one)):
            pictures = [pages.draw(index, (827, 1169)) for pages in (one, other)]
            assert ImageChops.difference(*pictures).getbbox() is None
    for index in range(2):
        one, other = (OxidePages(path).draw(index, 80) for path in (before, after))
        assert one is not None
        assert other is not None
        assert ImageChops.difference(one, other).getbbox() is None


@pytest.mark.skipif(find_obstacle() is not None, reason="tesseract with German is not installed")
def test_german_text_is_found_and_the_page_looks_as_before(reader_pool: ReaderPool, tmp_path: Path) -> None:
    pages = [papers.page("Genehmigung Windpark", lines=6, dpi=300), papers.page("Rechnung", lines=4, dpi=300)]
    made = read(reader_pool, papers.tiff_of(pages), tmp_path)
    first, second = read_text(made.content)
    assert "Genehmigung" in first
    assert "Windpark" in first
    assert "Rechnung" in second
    assert find_violations(Path(made.content)) == ()
    assert made.converted
    assert made.converted.treatment[-1].startswith("Seiten 1-2: Text erkannt und unsichtbar hinterlegt")
    assert made.converted.differences == ()
    assert made.converted.anomalies == ()  # nobody has to look for it
    check_looks_the_same(tmp_path / "content", Path(made.content))


def test_each_page_gets_its_own_text(reader_pool: ReaderPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "bin", monkeypatch)
    made = read(reader_pool, papers.tiff_file(10), tmp_path)
    assert read_text(made.content) == [
        f"Windpark Seite {n % 8 or 'O'}" for n in range(10)
    ]  # eight pages are read at a time
    assert find_violations(Path(made.content)) == ()
    check_looks_the_same(tmp_path / "content", Path(made.content))
    assert list(tmp_path.glob("*.pgm")) == []


@pytest.mark.parametrize(
    "content",
    [
        "BT 0 Tr /f-0-0 60 Tf 1 0 0 1 72 700 Tm <00570069> Tj ET",
        "0 g 0 0 300 300 re f BT 3 Tr /f-0-0 12 Tf 1 0 0 1 72 700 Tm <00570069> Tj ET",
        "/Im Do BT 3 Tr /f-0-0 12 Tf <00570069> Tj ET",
        "",
    ],
)
def test_what_would_show_is_not_taken(
    content: str, reader_pool: ReaderPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "bin", monkeypatch, content)
    made = read(reader_pool, papers.tiff_file(2), tmp_path)
    assert made.content == str(tmp_path / "content")
    assert made.converted
    assert made.converted.treatment[-1] == "kein Text gefunden"


def test_the_comparison_finds_what_shows_even_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of text that is checked no more: the proof by pictures stands on its own."""

    content, text = tmp_path / "content.pdf", tmp_path / "text.pdf"
    scan = tmp_path / "scan.tif"
    scan.write_bytes(papers.tiff_file(2))

    convert(scan, MediaType.TIFF, content, LIMITS)
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.pages[0].Contents = pdf.make_stream(b"0 g 200 200 9 9 re f")
        pdf.save(text)
    monkeypatch.setattr(text_layer, "_says_something", lambda *_: True)
    done = text_layer.add_text(content, [(2, text, 0)], tmp_path / "out.pdf", LIMITS)
    assert (done.pages, done.refused) == ((), "die Seiten sähen anders aus")


def test_a_page_with_text_keeps_its_own(
    reader_pool: ReaderPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "bin", monkeypatch)
    once = read(reader_pool, papers.tiff_file(1), tmp_path)
    (tmp_path / "again").mkdir()
    twice = read(reader_pool, Path(once.content).read_bytes(), tmp_path / "again", name="scan.pdf")
    assert read_text(twice.content) == ["Windpark Seite O"]
    assert twice.converted
    assert "Seite 1: Text war schon vorhanden" in twice.converted.treatment


def test_what_the_second_renderer_does_not_draw_is_not_taken_for_the_same(
    reader_pool: ReaderPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "bin", monkeypatch)
    made = read(reader_pool, papers.tiff_file(1), tmp_path)
    out = tmp_path / "out.pdf"
    monkeypatch.setattr(text_layer.OxidePages, "draw", lambda *_: None)
    done = text_layer.add_text(tmp_path / "content", [(1, EIGHT_PAGES, 0)], out, LIMITS)
    assert made.content != str(tmp_path / "content")  # while it draws, the same text is taken
    assert (done.pages, done.refused) == ((), "ob die Seiten aussehen wie zuvor, lässt sich nicht prüfen")


class FailingPool:
    """Readers that fail at one task, as at an odd file."""

    def __init__(self, pool: ReaderPool, task: Task[Any], reason: RejectionReason) -> None:
        self.limits, self._pool, self._task, self._reason = pool.limits, pool, task, reason

    def read(self, *where: Any) -> ScanRead:
        return self._pool.read(*where)

    def run(self, task: Task[Any], **parameters: str) -> Any:
        if task is self._task:
            raise FileRejected(self._reason, "tesseract: /a/path/of/this/machine")
        return self._pool.run(task, **parameters)


@pytest.mark.parametrize(
    ("task", "how", "told"),
    [
        (PROCESS_PAGES, Postprocessing(deskew=True), "nicht nachbearbeitet: Das Lesen der Datei dauert länger"),
        (DRAW_FOR_RECOGNITION, TEXT.wanted, "kein Text erkannt: Das Lesen der Datei dauert länger"),
        (ADD_TEXT, TEXT.wanted, "kein Text erkannt: Das Lesen der Datei dauert länger"),
    ],
)
def test_where_a_step_fails_that_could_be_left_out_the_file_is_taken_without(
    task: Task[Any], how: Postprocessing, told: str, reader_pool: ReaderPool, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    install(tmp_path / "bin", monkeypatch)
    pool: Any = FailingPool(reader_pool, task, RejectionReason.TOO_SLOW)
    made = read(pool, papers.tiff_of([askew(1.5)]), tmp_path, Handling(how))
    assert made.content == str(tmp_path / "content")
    assert made.converted
    assert made.converted.treatment[-1].startswith(told)
    assert "/a/path" not in made.converted.treatment[-1]
    assert (made.converted.pages, made.converted.dropped, made.converted.differences) == (1, (), ())


def test_what_was_missing_is_found_once_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "bin", monkeypatch, language="eng")
    assert find_obstacle() is not None
    program = tmp_path / "bin" / "tesseract"
    program.write_text(program.read_text(encoding="utf-8").replace("eng", "deu"), encoding="utf-8")
    assert find_obstacle() is None


BROKEN = '#!/bin/sh\n[ "$1" = --list-langs ] && echo deu && exit 0\nexit 3\n'
HANGS = '#!/bin/sh\n[ "$1" = --list-langs ] && echo deu && exit 0\nwhile :; do :; done\n'
TALKS = '#!/bin/sh\n[ "$1" = --list-langs ] && echo deu && exit 0\necho nonsense > "$2".pdf\n'


@pytest.mark.parametrize(("script", "told"), [(BROKEN, "kein Text erkannt"), (TALKS, "kein Text erkannt")])
def test_where_the_program_fails_the_scan_is_taken_without_text(
    script: str, told: str, reader_pool: ReaderPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "bin", monkeypatch)
    (tmp_path / "bin" / "tesseract").write_text(script, encoding="ascii")
    made = read(reader_pool, papers.tiff_file(1), tmp_path)
    assert made.content == str(tmp_path / "content")
    assert made.converted
    assert made.converted.treatment[-1].startswith(told)


def test_a_program_that_never_ends_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    install(tmp_path / "bin", monkeypatch)
    (tmp_path / "bin" / "tesseract").write_text(HANGS, encoding="ascii")
    with ReaderPool(1, LIMITS.model_copy(update={"cpu_seconds": 1})) as pool:
        (tmp_path / "1.pgm").write_bytes(b"P5 1 1 255 0")
        with pytest.raises(FileRejected, match="tesseract"):
            recognise_text([tmp_path / "1.pgm"], 300, tmp_path, pool.limits)


def test_what_is_missing_is_told_with_what_to_do(
    reader_pool: ReaderPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    none = find_obstacle()
    assert none
    assert "apt-get install tesseract-ocr tesseract-ocr-deu" in none.de
    made = read(reader_pool, papers.tiff_file(1), tmp_path)
    assert made.converted
    assert made.converted.treatment[-1].startswith("kein Text erkannt: tesseract ist nicht installiert")
    install(tmp_path / "bin", monkeypatch, language="eng")
    no_german: Any = find_obstacle()
    assert "kein Deutsch" in no_german.de


def test_the_program_has_no_network_and_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it may do is what its process says of itself."""

    install(tmp_path / "bin", monkeypatch)
    told = tmp_path / "told.json"
    (tmp_path / "bin" / "tesseract").write_text(
        f"#!{sys.executable}\nimport json, os, resource, sys\n"
        f"open({str(told)!r}, 'w').write(json.dumps([resource.getrlimit(resource.RLIMIT_AS)[0],"
        "os.readlink('/proc/self/ns/net'), sorted(os.environ)]))\nopen(sys.argv[2] + '.pdf', 'w')\n",
        encoding="ascii",
    )
    monkeypatch.setenv("EVA_SECRET", "geheim")
    (tmp_path / "1.pgm").write_bytes(b"P5 1 1 255 0")
    assert recognise_text([tmp_path / "1.pgm"], 300, tmp_path, LIMITS) == tmp_path / "text-1.pdf"
    memory, network, environment = json.loads(told.read_text(encoding="utf-8"))
    assert 0 < memory < 2**33
    assert "EVA_SECRET" not in environment
    if shutil.which("unshare") and os.geteuid() == 0:
        assert network != str(Path("/proc/self/ns/net").readlink())
