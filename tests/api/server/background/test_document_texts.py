"""The index of words in documents: made of files that the log names, once, and gone with the record."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.server.background.document_texts import MOST_WORDS, DocumentTextLoop, index_words
from scanning.rejection import FileRejected, RejectionReason
from tests.workflow.conftest import PEOPLE, Office
from tests.workflow.test_erased_events import delete
from workflow.records.files import File
from workflow.records.work_actions import AddDocument
from workflow.views.check import ViewCheck
from workflow.views.texts.document_words import DocumentWords, Place

Texts = Mapping[str, list[str] | Exception]


class Files:
    """Texts in place of files, by the first two letters of their hash."""

    def __init__(self, texts: Texts, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.texts, self.meanwhile, self.read = texts, meanwhile, list[str]()
        self.store: Any = SimpleNamespace(path=lambda sha256: sha256)
        self.services: Any = SimpleNamespace(reader_pool=SimpleNamespace(run=self._run))

    def _run(self, _task: Any, path: str) -> Any:
        self.read.append(path[:2])
        self.meanwhile()
        found = self.texts[path[:2]]
        if isinstance(found, Exception):
            raise found
        return SimpleNamespace(pages=found)


def add(office: Office, record: str, case: str, sha: str, media_type: str = "application/pdf") -> str:
    """A document whose file the server has; its id."""
    file = File(sha256=sha * 32, file_name="a.pdf", size=1, media_type=media_type, stored=True)
    command = AddDocument(case=case, title="Bescheid", file=file)
    state = office.engine.handle(command, PEOPLE["mueller"], record).state
    return str(list(state.cases[case].documents)[-1])


def follow(office: Office, files: Any) -> None:
    DocumentTextLoop(office.engine, files, 1.0).once()


def find(office: Office, record: str, *words: str) -> list[Place]:
    return DocumentWords(office.engine).find([record], words).get(record, [])


@pytest.fixture
def office() -> Iterator[Office]:
    made = Office("sqlite://")
    yield made
    made.engine.close()


@pytest.fixture
def filed(office: Office) -> tuple[str, str, str]:
    """A record, its case, and a document."""
    record = office.record()
    case = office.case(record)
    return record, case, add(office, record, case, "aa")


def test_each_file_is_read_once_and_its_words_stand_on_their_first_page(
    office: Office, filed: tuple[str, str, str]
) -> None:
    files = Files({"aa": ["Antrag auf Förderung", "die Förderung wird gewährt"]})
    for _ in range(2):
        follow(office, files)
    assert files.read == ["aa"]
    assert find(office, filed[0], "gewähr") == [Place(filed[2], 2)]
    assert find(office, filed[0], "förder") == [Place(filed[2], 1)]
    assert find(office, filed[0], "fremd") == []
    assert not list(ViewCheck(office.engine).everything())


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "cp1252"])
def test_plain_text_is_found_by_its_words_and_pages(
    office: Office, filed: tuple[str, str, str], tmp_path: Path, charset: str
) -> None:
    text = add(office, filed[0], filed[1], "bb", "text/plain")
    (tmp_path / "bb").write_text("Vermerk über Mülheim\fAnlage", encoding=charset)
    files = Files({"aa": []})
    files.store = SimpleNamespace(path=lambda sha256: tmp_path / "bb" if sha256.startswith("bb") else sha256)
    follow(office, files)
    found = [find(office, filed[0], word) for word in ("vermerk", "mülheim", "anlage")]
    assert found == [[Place(text, 1)], [Place(text, 1)], [Place(text, 2)]]


def test_what_cannot_be_read_is_passed_over_and_told(
    office: Office, filed: tuple[str, str, str], caplog: pytest.LogCaptureFixture
) -> None:
    second = add(office, filed[0], filed[1], "bb")
    follow(office, Files({"aa": FileRejected(RejectionReason.DAMAGED, "x"), "bb": ["Anlage"]}))
    assert find(office, filed[0], "anlage") == [Place(second, 1)]
    assert "not read" in caplog.text


def test_of_two_processes_the_slower_one_changes_nothing(office: Office, filed: tuple[str, str, str]) -> None:
    quick = Files({"aa": ["schnell"]})
    follow(office, Files({"aa": ["langsam"]}, lambda: follow(office, quick)))
    assert find(office, filed[0], "schnell") == [Place(filed[2], 1)]
    assert find(office, filed[0], "langsam") == []


def test_words_go_with_their_case_and_no_others(office: Office, filed: tuple[str, str, str]) -> None:
    record, case, _ = filed
    other = office.case(record)
    second = add(office, record, other, "bb")
    files = Files({"aa": ["Geheimnis"], "bb": ["Geheimnis"]})
    follow(office, files)
    assert len(find(office, record, "geheimnis")) == 2
    office.do("mueller", "close", record, case=case)
    delete(office, record, case)
    follow(office, files)
    assert find(office, record, "geheimnis") == [Place(second, 1)]


def test_words_divided_at_the_end_of_a_line_are_found_whole() -> None:
    found = index_words(["Die Immissions-\r\nschutzbehörde der E-\nAkte", "u\u0308ber"])
    assert found["immissionsschutzbehörde"] == 1
    assert {"e", "akte", "schutzbehörde"} <= found.keys()
    assert found["über"] == 2


def test_a_document_has_so_many_words_and_no_more() -> None:
    found = index_words([" ".join(f"wort{n}" for n in range(MOST_WORDS + 10)), "spät"])
    assert len(found) == MOST_WORDS
    assert max(map(len, index_words(["x" * 500]))) == 100
