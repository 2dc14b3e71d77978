"""From a file to a sealed product, to its verification, its backup and what may be deleted."""

import io
import json
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from scanning.capture.capture import ScanCapture
from scanning.capture.destruction import Destruction
from scanning.capture.maintenance import Maintenance
from scanning.catalogue import SCANNING
from scanning.limits import Limits
from scanning.readers.process_pool import ReaderPool
from scanning.rejection import FileRejected
from scanning.requirements.scan_product import SealKind
from scanning.requirements.terms import Postprocessing, ScanRules, Terms
from scanning.sealing.seal import Sealer
from scanning.sealing.transfer_note import read_note
from scanning.storage.backup import read_log
from scanning.storage.content_store import ContentStore
from tests.scanning import papers
from tests.scanning.conftest import PEOPLE, VH, ScanOffice, run_policies
from tests.scanning.inspection.hostile import FILES
from tests.scanning.postprocessing.test_process_pages import askew
from tests.workflow.conftest import check
from tests.workflow.engine.tampering import tampering
from workflow.engine.engine import Engine
from workflow.errors import (
    Corrupted,
    DuplicateCommand,
    Forbidden,
    NotAllowed,
    NotFound,
    StoreFull,
    StoreUnavailable,
)


class Desks(ScanOffice):
    """An office whose files are real."""

    def __init__(self, url, store, reader_pool, sealer, **rules):
        super().__init__(url, ScanRules(test_seals_count=True, **rules))
        self.store = store
        self.capture = ScanCapture(self.engine, store, reader_pool, sealer)
        self.maintenance = Maintenance(self.engine, store, sealer)
        self.destruction = Destruction(self.maintenance)

    def prepared(self, **item):
        stream = self.batch(item or {"sheets": 1})
        self.scan("otto", "prepare", stream, item=1)
        return stream

    def record_scan(self, stream, data=None, who="otto", name="scan.png", **more):
        return self.capture.record_scan(stream, 1, (data or papers.png_file(),), name, PEOPLE[who], **more)

    def verify(self, stream):
        """Verify the product and record the result."""
        report = self.maintenance.verify(stream, 1, PEOPLE["inge"])
        self.scan("inge", "verify", stream, verification=self.maintenance.to_verification(report))
        return report

    def backup(self, batch, run="sicherung"):  # noqa: ARG002 - a run holds every batch
        self.maintenance.backup(self.store.root.parent / run)

    def release(self, stream):
        return self.destruction.release(stream, 1, PEOPLE["head"])

    def destroy(self, stream):
        return self.destruction.destroy(stream, 1, PEOPLE["otto"], "DIN 66399, Stufe 4")

    def _to_released(self, batch, n, how):  # noqa: ARG002 - as the office's own
        self.release(batch)

    def _to_destroyed(self, batch, n, how):  # noqa: ARG002
        self.destroy(batch)

    def sealed(self, **item):
        stream = self.prepared(**item)
        self.record_scan(stream)
        self.scan("inge", "check", stream, item=1, accept_duplicate=True)
        self.capture.seal(stream, 1, PEOPLE["otto"])
        return stream


@pytest.fixture
def captures(store: ContentStore, reader_pool: Any, trial: Sealer) -> Iterator[Desks]:
    opened = Desks("sqlite://", store, reader_pool, trial)
    opened.register("clerk", clearance=VH)
    yield opened
    check(opened)
    opened.engine.close()


def test_from_the_file_to_the_product(captures: Desks, store: ContentStore) -> None:
    stream = captures.prepared(sheets=3)
    data = papers.tiff_of([papers.page("a"), papers.blank(), papers.page("b")])
    done = captures.record_scan(stream, data, name="Eingang 7.tif", environment="Kodak i5850")
    item = captures.item(stream)
    assert item.state == "scanned"
    assert done.raw == item.scan.raw
    assert (done.raw.sha256, done.raw.pages, done.raw.blank_pages) == (sha256(data).hexdigest(), 3, (2,))
    assert store.read(done.raw.sha256) == data
    assert captures.capture.get_pdf(stream, 1, PEOPLE["inge"]) == store.path(done.raw.content_sha256)
    captures.scan("inge", "check", stream, item=1, note="Seite 2 ist leer")
    captures.capture.seal(stream, 1, PEOPLE["otto"])
    product = captures.item(stream).product
    assert product.seal.kind is SealKind.TEST
    note = product.note
    assert (note.created_by, note.qa_by, note.captured_at) == ("otto", "inge", captures.now)
    assert "Seite 2 ist leer" in note.qa_result
    assert note.anomalies == ("Seiten 1-3: Bildpunkte ohne Verlust neu verdichtet", "Seiten ohne Inhalt: 2")
    assert note.environment.startswith("Kodak i5850")
    bytes_ = captures.capture.get_pdf(stream, 1, PEOPLE["clerk"]).read_bytes()
    assert read_note(bytes_)[0] == note
    assert bytes_.startswith(store.read(note.content_sha256))
    report = captures.verify(stream)
    assert report.ok, report
    assert captures.item(stream).verification.seal_valid
    captures.scan("inge", "deliver", stream, item=1)


def test_a_refused_file_is_kept_and_the_item_stays_as_it_was(captures: Desks, store: ContentStore) -> None:
    stream = captures.prepared()
    for name in ("bomb.pdf", "javascript.pdf", "gif.tif"):
        maker, reason = FILES[name]
        with pytest.raises(FileRejected) as rejected:
            captures.record_scan(stream, maker(), name=name)
        assert rejected.value.reason == reason
        assert rejected.value.sha256 == sha256(maker()).hexdigest()
    assert captures.item(stream).state == "prepared"
    assert {notes[0]["name"] for _, notes in store.quarantined()} == {"bomb.pdf", "javascript.pdf", "gif.tif"}
    assert not list((store.root / "incoming").iterdir())
    captures.record_scan(stream)
    assert captures.item(stream).state == "scanned"


def test_a_full_disk_does_not_refuse_a_good_file(
    captures: Desks, store: ContentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader breaks down when it cannot write; with room on the disk that would be the file's fault."""
    stream = captures.prepared()
    real = captures.capture.reader_pool.read

    def fails(*_):
        return real(store.root / "nothing", "scan.png", store.root / "out", store.root)

    monkeypatch.setattr(captures.capture.reader_pool, "read", fails)
    with monkeypatch.context() as patch:
        patch.setattr(store, "free", lambda: 0)
        with pytest.raises(StoreFull):
            captures.record_scan(stream)
    assert not list(store.quarantined())
    with pytest.raises(FileRejected, match="crashed"):
        captures.record_scan(stream)


def test_nothing_is_read_for_whom_the_engine_would_turn_away(captures: Desks) -> None:
    stream = captures.prepared()

    def never():
        raise AssertionError("read in vain")
        yield b""

    with pytest.raises(Forbidden):
        captures.capture.record_scan(stream, 1, never(), "a.png", PEOPLE["inge"])
    with pytest.raises(NotFound):
        captures.capture.record_scan(stream, 1, never(), "a.png", PEOPLE["stranger"])
    with pytest.raises(NotFound):
        captures.capture.record_scan(stream, 7, never(), "a.png", PEOPLE["otto"])
    with pytest.raises(NotFound):
        captures.capture.record_scan("record:x", 1, never(), "a.png", PEOPLE["otto"])
    captures.record_scan(stream)
    with pytest.raises(NotAllowed):
        captures.capture.record_scan(stream, 1, never(), "a.png", PEOPLE["otto"])
    with pytest.raises(NotAllowed):
        captures.capture.seal(stream, 1, PEOPLE["otto"])
    with pytest.raises(NotFound):
        captures.capture.get_pdf(stream, 1, PEOPLE["stranger"])


def test_the_same_command_again_has_its_first_answer(captures: Desks) -> None:
    stream = captures.prepared()
    first = captures.record_scan(stream, command_id="nimm")
    again = captures.record_scan(stream, command_id="nimm")
    assert again.done.repeated
    assert again.raw == first.raw
    with pytest.raises(DuplicateCommand):
        captures.record_scan(stream, papers.png_file("anderes"), command_id="nimm")
    captures.scan("inge", "check", stream, item=1)
    done = captures.capture.seal(stream, 1, PEOPLE["otto"], command_id="siegel")
    before = captures.item(stream).product
    again = captures.capture.seal(stream, 1, PEOPLE["otto"], command_id="siegel")
    assert again.repeated
    assert (again.stream, again.version) == (done.stream, done.version)
    assert captures.item(stream).product == before
    with pytest.raises(DuplicateCommand):
        captures.capture.seal(stream, 1, PEOPLE["inge"], command_id="siegel")
    with pytest.raises(DuplicateCommand):
        captures.capture.seal(stream, 1, PEOPLE["otto"], command_id="nimm")


def test_an_identical_file_is_pointed_out_and_both_are_kept(captures: Desks) -> None:
    stream = captures.batch({"sheets": 1}, {"sheets": 1})
    for number in (1, 2):
        captures.scan("otto", "prepare", stream, item=number)
        captures.capture.record_scan(stream, number, (papers.png_file(),), "a.png", PEOPLE["otto"])
    first, second = (captures.item(stream, number) for number in (1, 2))
    assert first.scan.duplicate_of == ()
    assert len(second.scan.duplicate_of) == 1
    with pytest.raises(NotAllowed):
        captures.scan("inge", "check", stream, item=2)
    captures.scan("inge", "check", stream, item=2, accept_duplicate=True)
    captures.capture.seal(stream, 2, PEOPLE["otto"])
    assert "gleiche Datei wie" in captures.item(stream, 2).product.note.anomalies[-1]


HANDLED = Postprocessing(deskew=True, drop_blank_backs=True)


def test_the_terms_of_the_batch_hold_for_a_scan_and_for_its_rework(
    store: ContentStore, reader_pool: Any, trial: Sealer
) -> None:
    """A reworked image of a sheet scanned on both sides has backs too."""
    captures = Desks("sqlite://", store, reader_pool, trial, terms=Terms(postprocessing=HANDLED))
    stream = captures.prepared()
    sheet = papers.tiff_of([askew(1.5), papers.blank()])
    captures.record_scan(stream, sheet, name="scan.tif", duplex=True)
    assert captures.item(stream).scan.raw.dropped_pages == (2,)
    better = papers.tiff_of([askew(1.2), papers.blank()])
    rework = captures.capture.record_rework
    done = rework(stream, 1, (better,), "besser.tif", "Kontrast", PEOPLE["otto"], command_id="besser")
    raw = captures.item(stream).scan.raw
    assert raw == done.raw
    assert raw.dropped_pages == (2,)
    assert not any("nur eine Seite je Blatt" in told for told in raw.treatment)
    again = rework(stream, 1, (better,), "besser.tif", "Kontrast", PEOPLE["otto"], command_id="besser")
    assert again.done.repeated
    untouched = papers.tiff_of([askew(0.9), papers.blank()])
    rework(stream, 1, (untouched,), "besser.tif", "heller", PEOPLE["otto"], as_it_is=True)
    raw = captures.item(stream).scan.raw
    assert (raw.dropped_pages, raw.differences) == ((), ())
    assert raw.treatment[-1] == "auf Wunsch nicht nachbearbeitet"
    captures.engine.close()


def test_the_note_says_whose_pages_its_numbers_count(store: ContentStore, reader_pool: Any, trial: Sealer) -> None:
    captures = Desks("sqlite://", store, reader_pool, trial, terms=Terms(postprocessing=HANDLED))
    stream = captures.prepared(sheets=2)
    file = papers.tiff_of([papers.page("Antrag"), papers.blank(), askew(1.5), papers.page("Anlage")])
    captures.record_scan(stream, file, name="scan.tif", duplex=True)
    captures.scan("inge", "check", stream, item=1, accept_differences=True)
    captures.capture.seal(stream, 1, PEOPLE["otto"])
    told = captures.item(stream).product.note.anomalies
    assert "Seite 2: leere Rückseite weggelassen" in told
    assert any(one.startswith("Seite 3: um 1,5 Grad gerade gerichtet") for one in told)
    assert sum("Seitenzahlen in diesem Vermerk sind die des Scans" in one for one in told) == 1
    assert not any(one.startswith("Seiten ohne Inhalt") for one in told)  # there is none in the product
    captures.engine.close()


def test_a_reworked_image_is_taken_like_a_scan(captures: Desks) -> None:
    stream = captures.prepared()
    captures.record_scan(stream)
    better = papers.saved(papers.page("Antrag", "L").point(lambda level: 0 if level < 160 else 255), "PNG")
    captures.capture.record_rework(stream, 1, (better,), "besser.png", "Kontrast", PEOPLE["otto"])
    captures.scan("inge", "check", stream, item=1)
    captures.capture.seal(stream, 1, PEOPLE["otto"])
    note = captures.item(stream).product.note
    assert note.raw_sha256 == sha256(better).hexdigest()
    assert "nachbearbeitet durch otto" in note.anomalies
    assert captures.maintenance.verify(stream, 1, PEOPLE["inge"]).ok
    assert captures.maintenance.fixity().intact


def test_what_was_drawn_is_looked_at_and_stands_in_the_note(captures: Desks) -> None:
    stream = captures.prepared()
    captures.record_scan(stream, papers.born_digital(), name="bescheid.pdf")
    assert captures.item(stream).scan.flagged
    with pytest.raises(NotAllowed):
        captures.scan("inge", "check", stream, item=1, visual=False)
    captures.scan("inge", "check", stream, item=1)
    captures.capture.seal(stream, 1, PEOPLE["otto"])
    assert captures.item(stream).product.note.anomalies == (
        "Seite 1: als Bild mit 300 dpi neu gezeichnet (Schriften sind nicht oder nicht ganz eingebettet)",
    )


def test_times_of_a_real_clock_verify(captures: Desks) -> None:
    """A PDF tells seconds, a clock microseconds."""
    captures.now += timedelta(microseconds=123456)
    stream = captures.sealed(sheets=1, protection="high")
    assert captures.maintenance.verify(stream, 1, PEOPLE["inge"]).ok


def test_high_need_gets_a_timestamp(captures: Desks) -> None:
    stream = captures.sealed(sheets=1, protection="high")
    assert captures.item(stream).product.seal.timestamp_at == captures.now
    assert captures.maintenance.verify(stream, 1, PEOPLE["inge"]).ok


def test_verification_finds_a_log_that_does_not_verify(captures: Desks) -> None:
    import sqlalchemy as sa

    stream = captures.sealed()
    actor = next(captures.engine.log.read_all()).actor
    with tampering(captures.engine) as connection:
        connection.execute(sa.text("UPDATE events SET actor = 'x' WHERE position = 1"))
    report = captures.maintenance.verify(stream, 1, PEOPLE["inge"])
    assert [finding.name for finding in report.findings if not finding.ok] == ["log"]
    with tampering(captures.engine) as connection:
        connection.execute(sa.text("UPDATE events SET actor = :actor WHERE position = 1"), {"actor": actor})
    assert captures.maintenance.verify(stream, 1, PEOPLE["inge"]).ok


def test_a_spoiled_product_stops_the_paper(captures: Desks, store: ContentStore) -> None:
    stream = captures.sealed()
    product = captures.item(stream).product
    path = store.path(product.sha256)
    path.chmod(0o640)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    assert not captures.verify(stream).ok
    with pytest.raises(NotAllowed):
        captures.scan("inge", "deliver", stream, item=1)
    with pytest.raises(Corrupted):
        captures.maintenance.backup(store.root.parent / "backup")
    assert product.sha256 in captures.maintenance.fixity().changed


def test_a_backup_is_verified_restorable_and_opens_the_gate(
    captures: Desks, store: ContentStore, tmp_path: Path
) -> None:
    stream = captures.sealed()
    target = tmp_path / "sicherung"
    run = captures.maintenance.backup(target)
    product = captures.item(stream).product
    assert captures.state(stream).backups[product.sha256] == (run.id,)
    assert run.files == 3
    assert (target / "runs" / f"{run.id}.json").is_file()
    copy = ContentStore(target)
    assert copy.read(product.sha256) == store.read(product.sha256)
    restored = Engine(f"sqlite:///{tmp_path}/neu.db", clock=lambda: captures.now, rules=ScanRules(), catalogue=SCANNING)
    head = restored.restore(read_log(target))
    assert (head.position, head.hash) == (run.position, run.head)
    maintenance = Maintenance(restored, copy, captures.capture.sealer)
    assert maintenance.verify(stream, 1, PEOPLE["inge"]).ok
    assert maintenance.fixity().intact
    restored.close()
    assert captures.maintenance.backup(target).files == 3
    spoiled = copy.path(product.sha256)
    spoiled.chmod(0o640)
    spoiled.write_bytes(b"x")
    with pytest.raises(Corrupted):
        captures.maintenance.backup(target)


def test_a_product_sealed_after_the_copy_is_not_in_the_run(
    captures: Desks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race: sealed while the backup runs, at the same instant of the clock."""
    first = captures.sealed()
    from scanning.capture import maintenance

    real = maintenance.copy_log_and_files
    late = []

    def slow(*arguments):
        run = real(*arguments)
        late.append(captures.sealed())
        return run

    monkeypatch.setattr(maintenance, "copy_log_and_files", slow)
    captures.maintenance.backup(tmp_path / "b")
    assert captures.state(first).backups
    assert not captures.state(late[0]).backups


def test_intermediate_results_go_where_measures_say_so_and_not_before(captures: Desks, store: ContentStore) -> None:
    normal, high = captures.sealed(), captures.sealed(sheets=1, protection="high")
    raws = {stream: captures.item(stream).scan.raw for stream in (normal, high)}
    assert raws[normal].sha256 == raws[high].sha256
    assert captures.maintenance.tidy(0) == []
    for stream in (normal, high):
        captures.walk(stream, "acknowledged")
    assert captures.maintenance.tidy(0) == [raws[high].content_sha256]
    assert store.has(raws[high].sha256)  # the normal one still needs it
    other = captures.prepared(sheets=1, protection="high")
    captures.record_scan(other, papers.png_file("allein"))
    captures.scan("inge", "check", other, item=1)
    captures.capture.seal(other, 1, PEOPLE["otto"])
    alone = captures.item(other).scan.raw
    assert captures.maintenance.fixity() == (captures.maintenance.fixity().checked, (), (), ())
    captures.walk(other, "acknowledged")
    assert sorted(captures.maintenance.tidy(0)) == sorted([alone.sha256, alone.content_sha256])
    assert captures.maintenance.verify(other, 1, PEOPLE["inge"]).ok
    assert captures.maintenance.fixity().intact


def test_a_scan_taken_without_its_pdf_a_gets_it_when_it_is_sealed(captures: Desks, store: ContentStore) -> None:
    """As logs of other software may hold it."""
    stream = captures.prepared()
    raw = captures.capture.store_scan((papers.born_digital(),), "a.pdf").model_copy(update={"content_sha256": None})
    captures.scan("otto", "scan", stream, item=1, raw=raw)
    captures.scan("inge", "check", stream, item=1)
    captures.capture.seal(stream, 1, PEOPLE["otto"])
    assert any("mit 300 dpi neu gezeichnet" in told for told in captures.item(stream).product.note.anomalies)
    assert captures.maintenance.verify(stream, 1, PEOPLE["inge"]).ok
    assert not list((store.root / "incoming").iterdir())


def test_files_of_a_deleted_record_go_with_it(captures: Desks, store: ContentStore) -> None:
    """Rule 12: deletion is total; until then nothing is missing, afterwards nothing is left."""
    record = captures.record(who="clerk", title="Windpark", retention={"years": 1, "disposal": "B"})
    case = captures.case(record, who="clerk")
    captures._record = record, case
    stream = captures.sealed(sheets=1)
    captures.walk(stream, "acknowledged")
    product = captures.item(stream).product
    captures.do("clerk", "close", record, case=case)
    captures.do("clerk", "close", record)
    captures.later(until=date(2024, 2, 1))
    captures.do("registrar", "offer", record)
    captures.do("archivist", "appraise", record, decision="V")
    captures.maintenance.tidy(0)
    assert store.has(product.sha256)
    for target in ({"case": case}, {}):
        captures.do("registrar", "delete", record, **target)
        captures.do("registrar2", "delete", record, **target)
    assert captures.maintenance.fixity() == (2, (), (), ())
    assert sorted(captures.maintenance.tidy(0)) == sorted([product.sha256, product.note.raw_sha256])
    assert captures.maintenance.fixity() == (0, (), (), ())


def test_to_the_destroyed_paper(captures: Desks, tmp_path: Path) -> None:
    """Nothing but real files, real seals, real backups; without the backup the gate stays shut."""
    stream = captures.sealed()
    captures.walk(stream, "destruction_due", backup=False)
    assert run_policies(captures.engine) == []
    with pytest.raises(NotAllowed) as shut:
        captures.release(stream)
    assert shut.value.guard == "backed_up"
    captures.maintenance.backup(tmp_path / "b")
    captures.walk(stream, "destroyed")
    assert captures.item(stream).state == "destroyed"
    assert captures.maintenance.fixity(timedelta(days=90)).intact


def test_a_desk_without_a_seal_makes_a_product_that_says_so(store: ContentStore, reader_pool: Any) -> None:
    captures = Desks("sqlite://", store, reader_pool, None)
    stream = captures.prepared()
    captures.record_scan(stream)
    captures.scan("inge", "check", stream, item=1)
    with pytest.raises(NotAllowed):
        captures.capture.seal(stream, 1, PEOPLE["otto"])  # by default A.IS.1 is followed, which asks for a seal
    captures.engine.close()


def test_many_threads_take_and_seal_at_once(captures: Desks) -> None:
    from concurrent.futures import ThreadPoolExecutor

    count = 12
    stream = captures.batch(*({"sheets": 1} for _ in range(count)))
    for number in range(1, count + 1):
        captures.scan("otto", "prepare", stream, item=number)

    def whole(number):
        file = papers.png_file(f"Antrag {number}")
        captures.capture.record_scan(stream, number, (file,), f"{number}.png", PEOPLE["otto"])
        captures.scan("inge", "check", stream, item=number)
        return captures.capture.seal(stream, number, PEOPLE["otto"])

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(whole, range(1, count + 1)))
    assert {item.state for item in captures.state(stream).items.values()} == {"sealed"}
    assert captures.maintenance.fixity() == (3 * count, (), (), ())


def test_a_room_takes_its_seal_from_its_folder(
    captures: Desks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scanning.capture.services import ScanServices
    from scanning.sealing import certificate_authority
    from workflow.errors import InvalidCommand

    with ScanServices(captures.engine, tmp_path / "a") as services:
        assert services.sealer.kind is SealKind.TEST
    assert (tmp_path / "a" / "seal" / "seal.key").is_file()
    (tmp_path / "b").mkdir()
    file = tmp_path / "b" / "seal.json"
    certificate_authority.make_certificates(tmp_path / "b" / "dienst", captures.now)
    told = {"provider": "remote", "kind": "qualified", "folder": "x", "remote_url": "http://127.0.0.1:9",
            "remote_credential": "1", "remote_token_file": str(tmp_path / "token"),
            "roots": [str(tmp_path / "b" / "dienst" / "root.pem")]}  # fmt: skip
    (tmp_path / "token").write_text("x")
    file.write_text(json.dumps(told))
    with ScanServices(captures.engine, tmp_path / "b") as services:
        assert services.sealer.kind is SealKind.QUALIFIED
        stream = captures.prepared()
        captures.record_scan(stream)
        captures.scan("inge", "check", stream, item=1)
        monkeypatch.setattr(captures.capture, "sealer", services.sealer)
        with pytest.raises(StoreUnavailable):
            captures.capture.seal(stream, 1, PEOPLE["otto"])
        assert captures.item(stream).state == "checked"
    for wrong in ("{", json.dumps(told | {"geheim": 1}), json.dumps(told | {"kind": "test"})):
        file.write_text(wrong)
        with pytest.raises(InvalidCommand):
            ScanServices(captures.engine, tmp_path / "b")


def test_too_many_waiting_are_turned_away(captures: Desks) -> None:
    from workflow.errors import StoreBusy

    with ReaderPool(1, Limits(), queue=0) as none:
        captures.capture.reader_pool = none
        stream = captures.prepared()
        with pytest.raises(StoreBusy):
            captures.record_scan(stream)
    assert issubclass(StoreBusy, StoreUnavailable)


def test_the_product_opens_as_a_pdf_of_its_pages(captures: Desks, store: ContentStore) -> None:
    stream = captures.sealed()
    with pikepdf.open(io.BytesIO(store.read(captures.item(stream).product.sha256))) as pdf:
        assert len(pdf.pages) == 1


def test_the_log_is_verified_once_however_many_products_are(captures: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    streams = [captures.sealed() for _ in range(3)]
    verified, read = [], []
    log = captures.engine.log
    verify, reads = log.verify, log.read
    monkeypatch.setattr(log, "verify", lambda: (verified.append(1), verify())[1])
    monkeypatch.setattr(log, "read", lambda stream: (read.append(stream), reads(stream))[1])
    products = [(stream, captures.item(stream).product) for stream in streams]
    read.clear()
    assert all(report.ok for report in captures.maintenance.verify_products([*products, *products]))
    assert (len(verified), sorted(read)) == (1, sorted(streams))
    other = products[0][1].model_copy(update={"size": 1})
    (report,) = captures.maintenance.verify_products([(streams[0], other)])
    assert not report.holds("log")  # no event records this product


def test_a_log_that_does_not_verify_is_said_with_every_product(
    captures: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = captures.sealed()
    product, asked = captures.item(stream).product, []

    def broken():
        asked.append(1)
        raise Corrupted(3, "hash", "Hash")

    monkeypatch.setattr(captures.engine.log, "verify", broken)
    reports = list(captures.maintenance.verify_products([(stream, product)] * 3))
    assert [report.holds("log") for report in reports] == [False] * 3
    assert asked == [1]
