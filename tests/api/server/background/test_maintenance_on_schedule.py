"""Stored files are looked after without anybody asking: fixity, what has to go, backups; and on demand."""

import json
import logging
import os
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.server.background.maintenance import MaintenanceLoop, Plan, Stopping, plan_maintenance, read_results
from api.server.jobs.process import Lock
from api.server.observability.metrics import Metrics
from api.settings import Settings, from_environment
from scanning.sealing.seal import Sealer
from scanning.storage.content_store import ContentStore
from tests.api.cli.test_scan_paper import pages, put
from tests.api.conftest import Served
from tests.patience import PATIENT
from tests.scanning.capture.test_capture import Desks
from tests.scanning.conftest import VH
from tests.scanning.file_fixtures import reader_pool, trial
from tests.warm_start import run_warm
from workflow.errors import InvalidCommand

__all__ = ["reader_pool", "trial"]
DAY = timedelta(days=1)
ROOT = Path(__file__).parents[4]


@pytest.fixture
def office(tmp_path: Path, reader_pool: Any, trial: Sealer) -> Iterator[Desks]:
    opened = Desks("sqlite://", ContentStore(tmp_path / "data" / "content"), reader_pool, trial)
    opened.register("clerk", clearance=VH)
    yield opened
    opened.engine.close()


def loop_of(office, fixity=DAY, backup=None):
    metrics = Metrics()
    data = office.store.root.parent
    return MaintenanceLoop(office.engine, data, Plan(fixity, backup, data.parent / "sicherung"), metrics), metrics


def spoil(path):
    path.chmod(0o640)
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 4
    path.write_bytes(whole)


def value(metrics, name):
    (line,) = [line for line in metrics.render().decode().splitlines() if line.startswith(f"{name} ")]
    return float(line.split()[-1])


def said(caplog):
    return [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "eva.care"]


def test_planted_damage_is_found_by_the_scheduled_run(office: Desks, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    stream = office.sealed()
    product, raw = office.item(stream).product, office.item(stream).scan.raw
    loop, metrics = loop_of(office)
    assert value(metrics, "eva_fixity_age_seconds") == float("inf")
    loop.once()
    assert said(caplog) == [("INFO", "fixity")]
    assert value(metrics, 'eva_fixity_files{found="changed"}') == 0
    spoil(office.store.path(product.sha256))
    shutil.rmtree(office.store.root / "objects" / raw.sha256[:2])  # the whole part, as a slip of the hand would
    assert office.maintenance.fixity(timedelta(days=90)).missing == (raw.sha256,)  # in turns, too
    caplog.clear()
    loop.once()
    assert said(caplog) == []  # not due yet: nothing is read, nothing is said
    office.now += timedelta(hours=12)
    assert value(metrics, "eva_fixity_age_seconds") == 12 * 3600
    office.now += timedelta(hours=12)
    loop.once()
    (record,) = [record for record in caplog.records if record.name == "eva.care"]
    assert (record.levelname, record.changed, record.missing) == ("ERROR", (product.sha256,), (raw.sha256,))
    assert value(metrics, 'eva_fixity_files{found="changed"}') == 1
    assert value(metrics, 'eva_fixity_files{found="missing"}') == 1
    assert value(metrics, "eva_fixity_age_seconds") == 0


def test_what_has_to_go_goes(office: Desks, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    stream = office.sealed()
    content = office.item(stream).scan.raw.content_sha256
    office.walk(stream, "acknowledged")
    left = office.store.new_draft()
    left.write_bytes(b"halb")
    for path in (left, office.store.path(content)):
        path.chmod(0o640)
        os.utime(path, (0, 0))
    loop, _ = loop_of(office)
    loop.once()
    assert not office.store.has(content)
    assert not left.exists()
    assert ("INFO", "tidied") in said(caplog)
    assert office.maintenance.fixity().intact


def test_a_backup_is_recorded_with_the_batch_and_only_when_due(office: Desks) -> None:
    stream = office.sealed()
    product = office.item(stream).product
    loop, metrics = loop_of(office, fixity=None, backup=DAY)
    loop.once()
    (run,) = office.state(stream).backups[product.sha256]
    assert (office.store.root.parents[1] / "sicherung" / "runs" / f"{run}.json").is_file()
    assert value(metrics, "eva_backup_age_seconds") == 0
    loop_of(office, fixity=None, backup=DAY)[0].once()  # after a restart
    assert office.state(stream).backups[product.sha256] == (run,)
    office.now += DAY
    loop.once()
    assert len(office.state(stream).backups[product.sha256]) == 2


def test_a_backup_that_fails_is_told_and_not_tried_at_once_again(
    office: Desks, caplog: pytest.LogCaptureFixture
) -> None:
    stream = office.sealed()
    spoil(office.store.path(office.item(stream).product.sha256))
    loop, metrics = loop_of(office, fixity=None, backup=DAY)
    loop.once()
    loop.once()
    assert said(caplog) == [("ERROR", "backup failed")]
    assert value(metrics, "eva_backup_age_seconds") == float("inf")
    assert not office.state(stream).backups
    office.now += timedelta(hours=1)
    loop.once()
    assert len(said(caplog)) == 2


def test_only_one_process_and_none_that_stops(office: Desks) -> None:
    office.sealed()
    maintenance = office.store.root.parent / "care"
    lock = Lock(maintenance)
    loop, _ = loop_of(office)
    loop.once()
    assert read_results(maintenance) == {}
    lock.release()
    loop.close()
    with pytest.raises(Stopping):
        loop.once()
    assert read_results(maintenance) == {}
    loop_of(office)[0].once()
    assert read_results(maintenance)["fixity"]["checked"] == 3
    third, metrics = loop_of(office)
    third.once()  # has nothing to do, and tells what another process has found
    assert value(metrics, 'eva_fixity_files{found="missing"}') == 0
    (maintenance / "last.json").write_text("{")
    assert read_results(maintenance) == {}


def test_nothing_is_backed_up_into_the_store_itself(office: Desks) -> None:
    office.sealed()
    for target in (office.store.root, office.store.root / "objects" / "x"):
        with pytest.raises(InvalidCommand):
            office.maintenance.backup(target)


def test_settings_say_what_is_done() -> None:
    assert plan_maintenance(Settings()) == Plan(DAY)
    assert plan_maintenance(Settings(fixity_hours=0)).idle
    assert plan_maintenance(Settings(timer_seconds=0)).idle
    plan = plan_maintenance(
        from_environment({"EVA_BACKUP_DIR": "/b", "EVA_BACKUP_HOURS": "6", "EVA_FIXITY_HOURS": "0"})
    )
    assert plan == Plan(None, timedelta(hours=6), Path("/b"))
    assert plan_maintenance(from_environment({"EVA_BACKUP_DIR": "/b", "EVA_BACKUP_HOURS": "0"})) == Plan(DAY)
    for name, text in (("EVA_FIXITY_HOURS", "-1"), ("EVA_FIXITY_HOURS", "nan"), ("EVA_BACKUP_HOURS", "1e9"),
                       ("EVA_BACKUP_DIR", "eva-data/content")):  # fmt: skip
        with pytest.raises(InvalidCommand) as rejected:
            from_environment({name: text})
        assert [fault[0] for fault in rejected.value.faults] == [name]


def test_a_server_does_it_by_itself_and_eva_product_on_demand(own_server: Served, tmp_path: Path) -> None:
    """With a real server; the same folder is then checked and backed up on the command line."""
    otto = own_server.client("otto", "scan_operator")
    batch = otto.made("/scan-batches", {"items": [{"title": "Antrag", "sheets": 1}]})["id"]
    otto.did(f"/scan-batches/{batch}", "prepare", {"item": 1})
    raw = put(otto, batch, 1, pages("Antrag"), "scan-1").json()["items"][0]["scans"][0]["raw"]
    maintenance = own_server.folder / "data" / "care"
    deadline = time.monotonic() + PATIENT
    while "fixity" not in read_results(maintenance) and time.monotonic() < deadline:
        time.sleep(0.1)
    admin = own_server.client("admin", "admin", authority=None)
    while 'found="missing"' not in admin.get("/metrics").text and time.monotonic() < deadline:
        time.sleep(0.1)
    assert 'eva_fixity_files{found="missing"} 0.0' in admin.get("/metrics").text
    assert '"logger": "eva.care"' in own_server.log()
    own_server.stop()

    def eva(*arguments):
        environment = {"EVA_DATABASE_URL": own_server.url, "EVA_DATA": str(own_server.folder / "data")}
        return run_warm("product", *arguments, env=environment)

    done = eva("backup", tmp_path / "b")
    assert done.returncode == 0, done.stderr
    assert "files=2 " in done.stdout
    done = eva("fixity")
    assert (done.returncode, done.stdout) == (0, "changed=0 missing=0 untracked=0 checked=2\n"), done.stderr
    spoil(own_server.folder / "data" / "content" / "objects" / raw["sha256"][:2] / raw["sha256"][2:4] / raw["sha256"])
    done = eva("fixity", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["changed"] == [raw["sha256"]]
    lock = Lock(maintenance)
    assert eva("fixity", "--wait", "0.1").returncode == 2
    lock.release()
