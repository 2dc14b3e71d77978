"""Files of documents and mail: checked as scans are, said by the server alone, backed up, deleted with their record."""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from scanning.capture.maintenance import Maintenance
from scanning.capture.needed_files import list_needed
from scanning.catalogue import SCANNING
from scanning.document_files import list_stored, store_document
from scanning.inspection.plain_text import find_charset
from scanning.limits import LIMITS
from scanning.readers.process_pool import ReaderPool
from scanning.rejection import FileRejected, RejectionReason
from scanning.storage.content_store import ContentStore
from tests.scanning.papers import pdf_file, tiff_file
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.commands import parse
from workflow.engine.engine import Engine
from workflow.errors import InvalidCommand
from workflow.file_plan.retention import Disposal, Retention
from workflow.mail_folders.actions import OpenFolder, Receive
from workflow.mail_folders.events import Incoming
from workflow.records.closing_actions import Close
from workflow.records.events import Deleted
from workflow.records.files import File
from workflow.records.work_actions import AddCase, AddDocument, AddVersion, CreateRecord

CLERK = Actor("mueller", frozenset({Role.CASE_WORKER}), "mwide", Protection.HIGH)
NOW = datetime(2021, 6, 1, 8, tzinfo=UTC)


class Desk(NamedTuple):
    engine: Engine
    store: ContentStore
    readers: ReaderPool

    def bring(self, data: bytes, name: str) -> File:
        return store_document(self.store.receive((data,), len(data)), name, self.store, self.readers, NOW)

    def open_case(self) -> tuple[str, str]:
        record = self.engine.handle(CreateRecord(title="Windpark", file_plan_code="43.21"), CLERK, "record").state
        opened = self.engine.handle(AddCase(title="Antrag"), CLERK, f"record:{record.id}").state
        return record.id, next(iter(opened.cases))

    def file(self, record: str, case: str, file: File) -> str:
        add = AddDocument(case=case, title="Bescheid", file=file, final=False)
        state = self.engine.handle(add, CLERK, f"record:{record}").state
        return list(state.cases[case].documents)[-1]


@pytest.fixture(scope="module")
def readers() -> Iterator[ReaderPool]:
    with ReaderPool(limits=LIMITS.model_copy(update={"file_bytes": 2**21 - 1})) as pool:
        yield pool


@pytest.fixture
def desk(tmp_path: Path, readers: ReaderPool) -> Iterator[Desk]:
    engine = Engine("sqlite://", catalogue=SCANNING)
    yield Desk(engine, ContentStore(tmp_path / "content"), readers)
    engine.close()


@pytest.mark.parametrize(("make", "name", "media"), [(pdf_file, "b.pdf", "application/pdf"),
                                                     (tiff_file, "b.tif", "image/tiff")])  # fmt: skip
def test_a_good_file_is_stored_as_it_is(desk: Desk, make: Any, name: str, media: str) -> None:
    data = make()
    file = desk.bring(data, name)
    assert (file.sha256, file.size, file.media_type, file.stored) == (sha256(data).hexdigest(), len(data), media, True)
    assert desk.store.read(file.sha256) == data


@pytest.mark.parametrize(
    ("data", "charset"),
    [("Grüße, 5 €\n".encode(), "utf-8"), ("Grüße, 5 €\r\n".encode("cp1252"), "windows-1252"),
     ("\ufeffBMUB: Vermerk\x0cSeite 2".encode(), "utf-8"), ("ß".encode() * (2**20 - 1), "utf-8")],
)  # fmt: skip
def test_plain_text_is_stored_as_it_is(desk: Desk, data: bytes, charset: str) -> None:
    file = desk.bring(data, "Vermerk.TXT")
    assert (file.media_type, file.stored, desk.store.read(file.sha256)) == ("text/plain", True, data)
    assert find_charset(desk.store.path(file.sha256)) == charset


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [(b"", "a.txt", RejectionReason.EMPTY), (b"MZ\x00\x01", "a.txt", RejectionReason.UNKNOWN_TYPE),
     ("Grüße".encode("utf-16"), "a.txt", RejectionReason.UNKNOWN_TYPE),
     (b"a" * 2**20 + b"\x1b[31m", "a.txt", RejectionReason.UNKNOWN_TYPE),
     (b"\x81", "a.txt", RejectionReason.UNKNOWN_TYPE), (b"Text", "a.pdf", RejectionReason.UNKNOWN_TYPE),
     (b"x\n%PDF-1.7\n", "a.txt", RejectionReason.POLYGLOT), (b"a" * 2**21, "a.txt", RejectionReason.TOO_BIG)],
)  # fmt: skip
def test_what_is_no_text_is_none_by_its_name(desk: Desk, data: bytes, name: str, reason: RejectionReason) -> None:
    with pytest.raises(FileRejected) as rejected:
        desk.bring(data, name)
    assert rejected.value.reason is reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"MZ", RejectionReason.UNKNOWN_TYPE), (b"", RejectionReason.EMPTY), (b"%PDF-1.7\n", RejectionReason.DAMAGED),
     (b"%PDF-" + bytes(2**21), RejectionReason.TOO_BIG)],
)  # fmt: skip
def test_what_a_scan_may_not_be_a_document_may_not_be_either(desk: Desk, data: bytes, reason: RejectionReason) -> None:
    with pytest.raises(FileRejected) as rejected:
        desk.bring(data, "bescheid.pdf")
    assert rejected.value.reason is reason
    assert [digest for digest, _ in desk.store.quarantined()] == [sha256(data).hexdigest()]
    assert not desk.store.has(sha256(data).hexdigest())


@pytest.mark.parametrize(
    ("command", "body"),
    [(AddDocument, {"case": "6f2d6b2e-7a55-5c2a-9d0e-0d7f7a1f4b11", "title": "x"}),
     (AddVersion, {"document": "6f2d6b2e-7a55-5c2a-9d0e-0d7f7a1f4b11"}), (Receive, {}), (OpenFolder, {})],
)  # fmt: skip
def test_nobody_but_the_server_says_that_a_file_is_stored(command: Any, body: dict[str, Any]) -> None:
    file = {"sha256": "ab" * 32, "file_name": "x.pdf", "stored": True}
    given: dict[type, dict[str, Any]] = {
        Receive: {"incoming": {"title": "x", "file": file}},
        OpenFolder: {"items": [{"title": "x", "file": file}]},
    }
    with pytest.raises(InvalidCommand, match="only the server says"):
        parse(command, {**body, **given.get(command, {"file": file})})
    file["stored"] = False
    parse(command, {**body, **given.get(command, {"file": file})})


def test_each_version_and_each_mail_item_needs_its_file(desk: Desk) -> None:
    record, case = desk.open_case()
    one, two, mail = desk.bring(pdf_file(), "a.pdf"), desk.bring(tiff_file(), "b.tif"), desk.bring(pdf_file(1), "c.pdf")
    document = desk.file(record, case, one)
    desk.engine.handle(AddVersion(document=document, file=two), CLERK, f"record:{record}")
    desk.engine.handle(OpenFolder(items=(Incoming(title="Brief", file=mail),)), CLERK, "mail-folder")
    elsewhere = File(sha256="cd" * 32, file_name="beim-kanal.pdf")
    desk.file(record, case, elsewhere)
    assert list_stored(desk.engine.log).named == {one.sha256, two.sha256, mail.sha256}
    assert {one.sha256, two.sha256, mail.sha256} <= list_needed(desk.engine).required


def test_a_backup_holds_them_and_fixity_finds_one_that_is_gone(desk: Desk, tmp_path: Path) -> None:
    record, case = desk.open_case()
    file = desk.bring(pdf_file(), "a.pdf")
    desk.file(record, case, file)
    care = Maintenance(desk.engine, desk.store, None)
    assert care.fixity().intact
    care.backup(tmp_path / "backup")
    copied = ContentStore(tmp_path / "backup")
    assert copied.read(file.sha256) == pdf_file()
    desk.store.erase(file.sha256)
    assert care.fixity().missing == (file.sha256,)


def test_what_is_deleted_with_its_case_leaves_the_store_unless_another_needs_it(desk: Desk) -> None:
    alone, shared = "aa" * 32, "bb" * 32
    gone = Deleted(
        record="6f2d6b2e-7a55-5c2a-9d0e-0d7f7a1f4b11", object_id="6f2d6b2e-7a55-5c2a-9d0e-0d7f7a1f4b11",
        authority="mwide", file_number="43.21-0001", number="43.21-0001-001", file_plan_code="43.21",
        created_on=NOW.date(), closed_on=NOW.date(), retention=Retention(years=1, disposal=Disposal.DESTROY),
        decision=Disposal.DESTROY, archive_id=None, requested_by="a", approved_by="b", documents=2, versions=2,
        files=(alone, shared),
    )  # fmt: skip
    record, case = desk.open_case()
    desk.file(record, case, File(sha256=shared, file_name="x.pdf", stored=True))

    class Log:
        """The log of the desk, and that deletion after it."""

        def read_types(self, *types: str) -> list[Any]:
            rows = desk.engine.log.read_types(*types)
            return [rows[0]._replace(type=Deleted.TYPE, schema_version=1, payload=gone.model_dump_json()), *rows]

    found = list_stored(Log())  # type: ignore[arg-type]
    assert found.named == {shared}
    assert found.deleted == {alone}


def test_closing_changes_nothing_about_the_files(desk: Desk) -> None:
    record, case = desk.open_case()
    file = desk.bring(pdf_file(), "a.pdf")
    add = AddDocument(case=case, title="Bescheid", file=file)
    desk.engine.handle(add, CLERK, f"record:{record}")
    desk.engine.handle(Close(case=case), CLERK, f"record:{record}")
    assert list_stored(desk.engine.log).named == {file.sha256}
