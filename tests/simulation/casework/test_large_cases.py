"""The shipped large cases: a district government, and the scan centre with its clients."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scanning.catalogue import SCANNING
from scanning.handover import POLICIES
from scenarios import FOLDER
from simulation.casework.casework import Casework, adapt, casework
from simulation.inputs.faults import UnusableInput
from simulation.loading.load_casework import LoadedCasework, load_casework
from workflow.engine.engine import Engine
from workflow.views.check import ViewCheck

DISTRICT = FOLDER / "casework" / "district-government.yaml"
RHEINLAND = FOLDER / "casework" / "scan-centre-rheinland.yaml"
SMALLER = """extends: casework/scan-centre-rheinland.yaml
kind: casework
scan:
  clients:
    - {authority: mwide, items_per_day: {value: 12, basis: assumed, source: for a test, low: 12, high: 12}}
    - {authority: scanstelle-rheinland, items_per_day: {value: 3, basis: assumed, source: for a test, low: 3, high: 3}}
  most_in_batch: 4
  sample_percent: {value: 40, basis: assumed, source: for a test, low: 40, high: 40}
  rejected: {value: 0.3, basis: assumed, source: for a test, low: 0.3, high: 0.3}
"""


def write_smaller(folder: Path, more: str = "") -> LoadedCasework:
    file = folder / "smaller.yaml"
    file.write_text(SMALLER + more, encoding="utf-8")
    return load_casework(file)[0]


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Casework, str]:
    """Four weeks of a smaller centre, so that the paper of the first days is destroyed."""
    folder = tmp_path_factory.mktemp("scan")
    url = f"sqlite:///{folder}/eva.db"
    return casework(adapt(write_smaller(folder), days=28), replications=1, seed=3, paper=False, log=url), url


@pytest.fixture(scope="module")
def engine(scanned: tuple[Casework, str]) -> Iterator[Engine]:
    opened = Engine(scanned[1], SCANNING)
    yield opened
    opened.close()


def test_the_log_verifies_and_everything_agrees_with_it(scanned: tuple[Casework, str], engine: Engine) -> None:
    head = engine.log.verify()
    assert scanned[0].summary["log"] == {"events": head.position, "head": head.hash}
    assert list(ViewCheck(engine, POLICIES).everything()) == []
    assert scanned[0].summary["refused"] == {}


def test_the_table_counts_what_stands_in_the_log(scanned: tuple[Casework, str], engine: Engine) -> None:
    """Of each client, from the events alone."""
    client: dict[str, str] = {}
    found: Counter[tuple[str, str]] = Counter()
    names = {"scan.item_received": "items", "scan.item_delivered": "delivered", "scan.item_excluded": "excluded",
             "scan.item_rejected": "rejected", "scan.item_acknowledged": "filed",
             "scan.item_destroyed": "destroyed"}  # fmt: skip
    for row in engine.log.read_all():
        if row.type == "scan.batch_created":
            client[row.stream] = json.loads(row.payload or "{}")["authority"]
        elif row.type in names:
            found[client[row.stream], names[row.type]] += 1
    for told in scanned[0]["scan"].to_dicts():
        for what in set(names.values()) - {"filed"}:
            total = sum(n for (one, name), n in found.items() if name == what and told["client"] in {one, "-"})
            assert told[what] == total > 0, (told["client"], what)
        assert told["under_way"] == told["items"] - told["delivered"] - told["excluded"]
        assert told["filed"] <= told["delivered"]
    assert found["mwide", "items"] > 150


def test_who_scans_does_not_check_and_who_releases_does_not_destroy(engine: Engine) -> None:
    """Rules of TR-03138, from the events alone; no paper goes before its two weeks are over."""
    made: dict[str, set[str]] = {}
    released: dict[str, str] = {}
    filed: dict[str, str] = {}
    destroyed = 0
    for row in engine.log.read_all():
        event: dict[str, Any] = json.loads(row.payload or "{}")
        item = str(event.get("item"))
        if row.type in {"scan.item_prepared", "scan.item_scanned"}:
            made.setdefault(item, set()).add(event["by"])
        elif row.type == "scan.item_checked":
            assert event["by"] not in made[item]
        elif row.type == "scan.item_acknowledged":
            filed[item] = event["paper_until"]
        elif row.type == "scan.destruction_released":
            released[item] = event["by"]
        elif row.type == "scan.item_destroyed":
            destroyed += 1
            assert released[item] not in {event["by"], *made[item]}
            assert row.time[:10] > filed[item]
    assert destroyed > 20


def test_the_same_seed_gives_the_same_log(tmp_path: Path) -> None:
    loaded = adapt(write_smaller(tmp_path), days=4)
    one, two = (casework(loaded, replications=1, seed=3, paper=paper) for paper in (False, True))
    assert one.summary["log"] == two.summary["log"]
    assert two["paper"].height > 0


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("  inspectors: scannen\n", "who scans may not check"),
        ("  operators: niemand\n", "`niemand` is no unit"),
        ('  deliveries: ["10:30", "06:30"]\n', "deliveries come one after another"),
    ],
)
def test_a_scan_centre_that_cannot_be_is_refused(more: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match=says):
        write_smaller(tmp_path, more)


def test_the_shipped_centre_takes_the_mail_of_the_first_ministries() -> None:
    spec = load_casework(RHEINLAND)[0].scenario
    assert spec.scan is not None
    loaded = adapt(load_casework(RHEINLAND)[0], days=2)
    result = casework(loaded, replications=1, paper=False)
    (whole,) = result["scan"].filter(client="-").to_dicts()
    assert 800 < whole["items"] < 2500
    assert whole["delivered"] > 0.3 * whole["items"]
    assert set(result["scan"]["client"]) == {one.authority for one in spec.scan.clients} | {"-"}


def test_the_shipped_district_government_works_and_verifies(eva: Callable[..., Any], tmp_path: Path) -> None:
    log = tmp_path / "eva.db"
    done = eva("casework", str(DISTRICT), "--days", "2", "--replications", "1", "--no-paper", "--workers", "1",
               "--log", str(log), "--json")  # fmt: skip
    assert done.status == 0
    summary = json.loads(done.out)
    assert summary["staff"] == 1200
    assert summary["totals"]["cases"]["mean"] > 60
    engine = Engine(f"sqlite:///{log}", SCANNING)
    assert engine.log.verify().position == summary["log"]["events"]
    assert list(ViewCheck(engine, POLICIES).everything()) == []
    engine.close()


def test_a_scan_centre_is_not_driven_against_a_server(eva: Callable[..., Any]) -> None:
    done = eva("drive", "--url", "http://127.0.0.1:9", "--token", "x", "--scenario", str(RHEINLAND))
    assert done.status == 2
    assert "a scan centre works in `eva casework` only" in done.err
