"""From a file to a sealed product, to its verification, its backup and what may be deleted."""

import io
import json
from datetime import date, timedelta
from hashlib import sha256

import pikepdf
import pytest

from scanning.capture.capture import ScanDesk
from scanning.capture.maintenance import Care
from scanning.catalogue import SCANNING
from scanning.handover import hand_over
from scanning.limits import Limits
from scanning.readers.process_pool import Workers
from scanning.rejection import Refused
from scanning.requirements.scan_product import MediaType, SealKind
from scanning.requirements.terms import ScanRules
from scanning.sealing.transfer_note import embedded
from scanning.storage.backup import read_log
from scanning.storage.content_store import ContentStore
from tests.scanning import papers
from tests.scanning.conftest import PEOPLE, VH, ScanOffice
from tests.scanning.inspection.hostile import FILES
from tests.workflow.conftest import check
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

    def __init__(self, url, store, workers, sealer, **rules):
        super().__init__(url, ScanRules(test_seals_count=True, **rules))
        self.store = store
        self.desk = ScanDesk(self.engine, store, workers, sealer)
        self.care = Care(self.engine, store, sealer)

    def prepared(self, **item):
        stream = self.batch(item or {"sheets": 1})
        self.scan("otto", "prepare", stream, item=1)
        return stream

    def take(self, stream, data=None, who="otto", name="scan.png", **more):
        return self.desk.take(stream, 1, (data or papers.png_file(),), name, PEOPLE[who], **more)

    def sealed(self, **item):
        stream = self.prepared(**item)
        self.take(stream)
        self.scan("inge", "check", stream, item=1, accept_duplicate=True)
        self.desk.seal(stream, 1, PEOPLE["otto"])
        return stream


@pytest.fixture
def desks(store, workers, trial):
    opened = Desks("sqlite://", store, workers, trial)
    opened.register("clerk", clearance=VH)
    yield opened
    check(opened)
    opened.engine.close()


def test_from_the_file_to_the_product(desks, store):
    stream = desks.prepared(sheets=3)
    data = papers.tiff_of([papers.page("a"), papers.blank(), papers.page("b")])
    done = desks.take(stream, data, name="Eingang 7.tif", environment="Kodak i5850")
    item = desks.item(stream)
    assert item.state == "scanned"
    assert done.raw == item.scan.raw
    assert (done.raw.sha256, done.raw.pages, done.raw.blank_pages) == (sha256(data).hexdigest(), 3, (2,))
    assert store.read(done.raw.sha256) == data
    assert desks.desk.content(stream, 1, PEOPLE["inge"]) == store.path(done.raw.content_sha256)
    desks.scan("inge", "check", stream, item=1, note="Seite 2 ist leer")
    desks.desk.seal(stream, 1, PEOPLE["otto"])
    product = desks.item(stream).product
    assert product.seal.kind is SealKind.TEST
    note = product.note
    assert (note.created_by, note.qa_by, note.captured_at) == ("otto", "inge", desks.now)
    assert "Seite 2 ist leer" in note.qa_result
    assert note.anomalies == ("Seiten ohne Inhalt: 2",)
    assert note.environment.startswith("Kodak i5850")
    bytes_ = desks.desk.content(stream, 1, PEOPLE["clerk"]).read_bytes()
    assert embedded(bytes_)[0] == note
    assert bytes_.startswith(store.read(note.content_sha256))
    report = desks.care.record_verification(stream, 1, PEOPLE["inge"])
    assert report.ok, report
    assert desks.item(stream).verification.seal_valid
    desks.scan("inge", "deliver", stream, item=1)


def test_a_refused_file_is_kept_and_the_item_stays_as_it_was(desks, store):
    stream = desks.prepared()
    for name in ("bomb.pdf", "javascript.pdf", "gif.tif"):
        maker, reason = FILES[name]
        with pytest.raises(Refused) as refused:
            desks.take(stream, maker(), name=name)
        assert refused.value.reason == reason
        assert refused.value.sha256 == sha256(maker()).hexdigest()
    assert desks.item(stream).state == "prepared"
    assert {notes[0]["name"] for _, notes in store.quarantined()} == {"bomb.pdf", "javascript.pdf", "gif.tif"}
    assert not list((store.root / "incoming").iterdir())
    desks.take(stream)
    assert desks.item(stream).state == "scanned"


def test_a_full_disk_does_not_refuse_a_good_file(desks, store, monkeypatch):
    """The reader breaks down when it cannot write; with room on the disk that would be the file's fault."""
    stream = desks.prepared()
    real = desks.desk.workers.convert

    def fails(*_):
        return real(store.root / "nothing", MediaType.PNG, store.root / "out")

    monkeypatch.setattr(desks.desk.workers, "convert", fails)
    with monkeypatch.context() as patch:
        patch.setattr(store, "free", lambda: 0)
        with pytest.raises(StoreFull):
            desks.take(stream)
    assert not list(store.quarantined())
    with pytest.raises(Refused, match="broke down"):
        desks.take(stream)


def test_nothing_is_read_for_whom_the_engine_would_turn_away(desks):
    stream = desks.prepared()

    def never():
        raise AssertionError("read in vain")
        yield b""

    with pytest.raises(Forbidden):
        desks.desk.take(stream, 1, never(), "a.png", PEOPLE["inge"])
    with pytest.raises(NotFound):
        desks.desk.take(stream, 1, never(), "a.png", PEOPLE["stranger"])
    with pytest.raises(NotFound):
        desks.desk.take(stream, 7, never(), "a.png", PEOPLE["otto"])
    with pytest.raises(NotFound):
        desks.desk.take("record:x", 1, never(), "a.png", PEOPLE["otto"])
    desks.take(stream)
    with pytest.raises(NotAllowed):
        desks.desk.take(stream, 1, never(), "a.png", PEOPLE["otto"])
    with pytest.raises(NotAllowed):
        desks.desk.seal(stream, 1, PEOPLE["otto"])
    with pytest.raises(NotFound):
        desks.desk.content(stream, 1, PEOPLE["stranger"])


def test_the_same_command_again_has_its_first_answer(desks):
    stream = desks.prepared()
    first = desks.take(stream, command_id="nimm")
    again = desks.take(stream, command_id="nimm")
    assert again.done.repeated
    assert again.raw == first.raw
    with pytest.raises(DuplicateCommand):
        desks.take(stream, papers.png_file("anderes"), command_id="nimm")
    desks.scan("inge", "check", stream, item=1)
    done = desks.desk.seal(stream, 1, PEOPLE["otto"], command_id="siegel")
    before = desks.item(stream).product
    again = desks.desk.seal(stream, 1, PEOPLE["otto"], command_id="siegel")
    assert again.repeated
    assert (again.stream, again.version) == (done.stream, done.version)
    assert desks.item(stream).product == before
    with pytest.raises(DuplicateCommand):
        desks.desk.seal(stream, 1, PEOPLE["inge"], command_id="siegel")
    with pytest.raises(DuplicateCommand):
        desks.desk.seal(stream, 1, PEOPLE["otto"], command_id="nimm")


def test_an_identical_file_is_pointed_out_and_both_are_kept(desks):
    stream = desks.batch({"sheets": 1}, {"sheets": 1})
    for number in (1, 2):
        desks.scan("otto", "prepare", stream, item=number)
        desks.desk.take(stream, number, (papers.png_file(),), "a.png", PEOPLE["otto"])
    first, second = (desks.item(stream, number) for number in (1, 2))
    assert first.scan.duplicate_of == ()
    assert len(second.scan.duplicate_of) == 1
    with pytest.raises(NotAllowed):
        desks.scan("inge", "check", stream, item=2)
    desks.scan("inge", "check", stream, item=2, accept_duplicate=True)
    desks.desk.seal(stream, 2, PEOPLE["otto"])
    assert "gleiche Datei wie" in desks.item(stream, 2).product.note.anomalies[-1]


def test_a_reworked_image_is_taken_like_a_scan(desks):
    stream = desks.prepared()
    desks.take(stream)
    better = papers.saved(papers.page("Antrag", "L").point(lambda level: 0 if level < 160 else 255), "PNG")
    desks.desk.rework(stream, 1, (better,), "besser.png", "Kontrast", PEOPLE["otto"])
    desks.scan("inge", "check", stream, item=1)
    desks.desk.seal(stream, 1, PEOPLE["otto"])
    note = desks.item(stream).product.note
    assert note.raw_sha256 == sha256(better).hexdigest()
    assert "nachbearbeitet durch otto" in note.anomalies
    assert desks.care.verify(stream, 1, PEOPLE["inge"]).ok
    assert desks.care.fixity().intact


def test_what_was_drawn_is_looked_at_and_stands_in_the_note(desks):
    stream = desks.prepared()
    desks.take(stream, papers.born_digital(), name="bescheid.pdf")
    assert desks.item(stream).scan.flagged
    with pytest.raises(NotAllowed):
        desks.scan("inge", "check", stream, item=1, visual=False)
    desks.scan("inge", "check", stream, item=1)
    desks.desk.seal(stream, 1, PEOPLE["otto"])
    assert desks.item(stream).product.note.anomalies == ("converted: page 1: drawn at 300 dpi (text)",)


def test_times_of_a_real_clock_verify(desks):
    """A PDF tells seconds, a clock microseconds."""
    desks.now += timedelta(microseconds=123456)
    stream = desks.sealed(sheets=1, protection="high")
    assert desks.care.verify(stream, 1, PEOPLE["inge"]).ok


def test_high_need_gets_a_timestamp(desks):
    stream = desks.sealed(sheets=1, protection="high")
    assert desks.item(stream).product.seal.timestamp_at == desks.now
    assert desks.care.verify(stream, 1, PEOPLE["inge"]).ok


def test_verification_finds_a_log_that_does_not_verify(desks):
    import sqlalchemy as sa

    stream = desks.sealed()
    actor = desks.engine.log.at(1).actor
    with desks.engine.log.database.write() as connection:
        connection.execute(sa.text("UPDATE events SET actor = 'x' WHERE position = 1"))
    report = desks.care.verify(stream, 1, PEOPLE["inge"])
    assert [finding.name for finding in report.findings if not finding.ok] == ["log"]
    with desks.engine.log.database.write() as connection:
        connection.execute(sa.text("UPDATE events SET actor = :actor WHERE position = 1"), {"actor": actor})
    assert desks.care.verify(stream, 1, PEOPLE["inge"]).ok


def test_a_spoiled_product_stops_the_paper(desks, store):
    stream = desks.sealed()
    product = desks.item(stream).product
    path = store.path(product.sha256)
    path.chmod(0o640)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    assert not desks.care.record_verification(stream, 1, PEOPLE["inge"]).ok
    with pytest.raises(NotAllowed):
        desks.scan("inge", "deliver", stream, item=1)
    with pytest.raises(Corrupted):
        desks.care.backup(store.root.parent / "backup", PEOPLE["admin"])
    assert product.sha256 in desks.care.fixity().changed


def test_a_backup_is_verified_restorable_and_opens_the_gate(desks, store, tmp_path):
    stream = desks.sealed()
    target = tmp_path / "sicherung"
    run = desks.care.backup(target, PEOPLE["admin"])
    product = desks.item(stream).product
    assert desks.state(stream).backups[product.sha256] == (run.id,)
    assert run.files == 3
    assert (target / "runs" / f"{run.id}.json").is_file()
    copy = ContentStore(target)
    assert copy.read(product.sha256) == store.read(product.sha256)
    restored = Engine(f"sqlite:///{tmp_path}/neu.db", clock=lambda: desks.now, rules=ScanRules(), catalogue=SCANNING)
    head = restored.restore(read_log(target))
    assert (head.position, head.hash) == (run.position, run.head)
    care = Care(restored, copy, desks.desk.sealer)
    assert care.verify(stream, 1, PEOPLE["inge"]).ok
    assert care.fixity().intact
    restored.close()
    assert desks.care.backup(target, PEOPLE["admin"]).files == 3
    spoiled = copy.path(product.sha256)
    spoiled.chmod(0o640)
    spoiled.write_bytes(b"x")
    with pytest.raises(Corrupted):
        desks.care.backup(target, PEOPLE["admin"])


def test_a_product_sealed_after_the_copy_is_not_in_the_run(desks, tmp_path, monkeypatch):
    """The race: sealed while the backup runs, at the same instant of the clock."""
    first = desks.sealed()
    from scanning.storage import backup as copying

    real = copying.backup
    late = []

    def slow(*arguments):
        run = real(*arguments)
        late.append(desks.sealed())
        return run

    monkeypatch.setattr(copying, "backup", slow)
    desks.care.backup(tmp_path / "b", PEOPLE["admin"])
    assert desks.state(first).backups
    assert not desks.state(late[0]).backups


def test_only_who_keeps_backups_may(desks, tmp_path):
    desks.sealed()
    with pytest.raises((Forbidden, NotFound)):
        desks.care.backup(tmp_path / "b", PEOPLE["clerk"])


def test_intermediate_results_go_where_measures_say_so_and_not_before(desks, store):
    normal, high = desks.sealed(), desks.sealed(sheets=1, protection="high")
    raws = {stream: desks.item(stream).scan.raw for stream in (normal, high)}
    assert raws[normal].sha256 == raws[high].sha256
    assert desks.care.tidy(0) == []
    for stream in (normal, high):
        desks.walk(stream, "acknowledged")
    assert desks.care.tidy(0) == [raws[high].content_sha256]
    assert store.has(raws[high].sha256)  # the normal one still needs it
    other = desks.prepared(sheets=1, protection="high")
    desks.take(other, papers.png_file("allein"))
    desks.scan("inge", "check", other, item=1)
    desks.desk.seal(other, 1, PEOPLE["otto"])
    alone = desks.item(other).scan.raw
    assert desks.care.fixity() == (desks.care.fixity().checked, (), (), ())
    desks.walk(other, "acknowledged")
    assert sorted(desks.care.tidy(0)) == sorted([alone.sha256, alone.content_sha256])
    assert desks.care.verify(other, 1, PEOPLE["inge"]).ok
    assert desks.care.fixity().intact


def test_a_scan_taken_without_its_pdf_a_gets_it_when_it_is_sealed(desks, store):
    """As logs of other software may hold it."""
    stream = desks.prepared()
    raw = desks.desk.store_scan((papers.born_digital(),), "a.pdf").model_copy(update={"content_sha256": None})
    desks.scan("otto", "scan", stream, item=1, raw=raw)
    desks.scan("inge", "check", stream, item=1)
    desks.desk.seal(stream, 1, PEOPLE["otto"])
    assert any("drawn at 300 dpi" in told for told in desks.item(stream).product.note.anomalies)
    assert desks.care.verify(stream, 1, PEOPLE["inge"]).ok
    assert not list((store.root / "incoming").iterdir())


def test_files_of_a_deleted_record_go_with_it(desks, store):
    """Rule 12: deletion is total; until then nothing is missing, afterwards nothing is left."""
    record = desks.record(who="clerk", title="Windpark", retention={"years": 1, "disposal": "B"})
    case = desks.case(record, who="clerk")
    desks._record = record, case
    stream = desks.sealed(sheets=1)
    desks.walk(stream, "acknowledged")
    product = desks.item(stream).product
    desks.do("clerk", "close", record, case=case)
    desks.do("clerk", "close", record)
    desks.later(until=date(2024, 2, 1))
    desks.do("registrar", "offer", record)
    desks.do("archivist", "appraise", record, decision="V")
    desks.care.tidy(0)
    assert store.has(product.sha256)
    for target in ({"case": case}, {}):
        desks.do("registrar", "delete", record, **target)
        desks.do("registrar2", "delete", record, **target)
    assert desks.care.fixity() == (2, (), (), ())
    assert sorted(desks.care.tidy(0)) == sorted([product.sha256, product.note.raw_sha256])
    assert desks.care.fixity() == (0, (), (), ())


def test_to_the_destroyed_paper(desks, tmp_path):
    """Nothing but real files, real seals, real backups; without the backup the gate stays shut."""
    stream = desks.sealed()
    desks.walk(stream, "destruction_due", backup=False)
    assert hand_over(desks.engine) == []
    with pytest.raises(NotAllowed) as shut:
        desks.scan("head", "release_destruction", stream, item=1)
    assert shut.value.guard == "backed_up"
    desks.care.backup(tmp_path / "b", PEOPLE["admin"])
    desks.walk(stream, "destroyed")
    assert desks.item(stream).state == "destroyed"
    assert desks.care.fixity(timedelta(days=90)).intact


def test_a_desk_without_a_seal_makes_a_product_that_says_so(store, workers):
    desks = Desks("sqlite://", store, workers, None)
    stream = desks.prepared()
    desks.take(stream)
    desks.scan("inge", "check", stream, item=1)
    with pytest.raises(NotAllowed):
        desks.desk.seal(stream, 1, PEOPLE["otto"])  # by default A.IS.1 is followed, which asks for a seal
    desks.engine.close()


def test_many_threads_take_and_seal_at_once(desks):
    from concurrent.futures import ThreadPoolExecutor

    count = 12
    stream = desks.batch(*({"sheets": 1} for _ in range(count)))
    for number in range(1, count + 1):
        desks.scan("otto", "prepare", stream, item=number)

    def whole(number):
        file = papers.png_file(f"Antrag {number}")
        desks.desk.take(stream, number, (file,), f"{number}.png", PEOPLE["otto"])
        desks.scan("inge", "check", stream, item=number)
        return desks.desk.seal(stream, number, PEOPLE["otto"])

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(whole, range(1, count + 1)))
    assert {item.state for item in desks.state(stream).items.values()} == {"sealed"}
    assert desks.care.fixity() == (3 * count, (), (), ())


def test_a_room_takes_its_seal_from_its_folder(desks, tmp_path, monkeypatch):
    from scanning.capture.services import ScanRoom
    from scanning.sealing import test_ca
    from workflow.errors import InvalidCommand

    with ScanRoom(desks.engine, tmp_path / "a") as room:
        assert room.sealer.kind is SealKind.TEST
    assert (tmp_path / "a" / "seal" / "seal.key").is_file()
    (tmp_path / "b").mkdir()
    file = tmp_path / "b" / "seal.json"
    test_ca.make(tmp_path / "b" / "dienst", desks.now)
    told = {"provider": "remote", "kind": "qualified", "folder": "x", "remote_url": "http://127.0.0.1:9",
            "remote_credential": "1", "remote_token_file": str(tmp_path / "token"),
            "roots": [str(tmp_path / "b" / "dienst" / "root.pem")]}  # fmt: skip
    (tmp_path / "token").write_text("x")
    file.write_text(json.dumps(told))
    with ScanRoom(desks.engine, tmp_path / "b") as room:
        assert room.sealer.kind is SealKind.QUALIFIED
        stream = desks.prepared()
        desks.take(stream)
        desks.scan("inge", "check", stream, item=1)
        monkeypatch.setattr(desks.desk, "sealer", room.sealer)
        with pytest.raises(StoreUnavailable):
            desks.desk.seal(stream, 1, PEOPLE["otto"])
        assert desks.item(stream).state == "checked"
    for wrong in ("{", json.dumps(told | {"geheim": 1}), json.dumps(told | {"kind": "test"})):
        file.write_text(wrong)
        with pytest.raises(InvalidCommand):
            ScanRoom(desks.engine, tmp_path / "b")


def test_too_many_waiting_are_turned_away(desks):
    from workflow.errors import StoreBusy

    with Workers(1, Limits(), queue=0) as none:
        desks.desk.workers = none
        stream = desks.prepared()
        with pytest.raises(StoreBusy):
            desks.take(stream)
    assert issubclass(StoreBusy, StoreUnavailable)


def test_the_product_opens_as_a_pdf_of_its_pages(desks, store):
    stream = desks.sealed()
    with pikepdf.open(io.BytesIO(store.read(desks.item(stream).product.sha256))) as pdf:
        assert len(pdf.pages) == 1
