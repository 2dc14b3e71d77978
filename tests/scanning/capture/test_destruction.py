"""Before paper goes, product and backup are read from the disks; damage found there or by fixity stops the item."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from scanning.storage.content_store import ContentStore
from tests.scanning.capture.test_capture import Desks, captures
from workflow.errors import GuardFailed

__all__ = ["captures"]


def flip(path: Path) -> None:
    path.chmod(0o640)
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 4
    path.write_bytes(whole)


def remove(path: Path) -> None:
    path.unlink()


@pytest.fixture
def due(captures: Desks) -> str:
    stream = captures.sealed()
    captures.walk(stream, "destruction_due")
    return stream


def refused(act: Callable[[str], object], stream: str) -> str | None:
    with pytest.raises(GuardFailed) as no:
        act(stream)
    return no.value.guard


def copies(desks: Desks) -> ContentStore:
    return ContentStore(desks.store.root.parent / "sicherung")


@pytest.mark.parametrize("harm", [flip, remove])
@pytest.mark.parametrize("use", ["product", "raw"])
@pytest.mark.parametrize("step", ["release", "destroy"])
def test_a_file_that_was_lost_or_changed_meanwhile_stops_the_paper(
    captures: Desks, due: str, step: str, use: str, harm: Callable[[Path], None]
) -> None:
    if step == "destroy":
        captures.release(due)
    item = captures.item(due)
    sha = next(sha for sha, one in item.files.items() if one == use)
    harm(captures.store.path(sha))
    assert refused(getattr(captures, step), due) == "files_intact"
    (damaged,) = captures.item(due).damaged
    assert (damaged.sha256, damaged.use, damaged.missing) == (sha, use, harm is remove)
    assert refused(getattr(captures, step), due) == "files_intact"
    assert captures.types(due).count("scan.files_damaged") == 1  # told once


@pytest.mark.parametrize("step", ["release", "destroy"])
def test_a_backup_that_is_gone_or_changed_stops_the_paper(captures: Desks, due: str, step: str) -> None:
    if step == "destroy":
        captures.release(due)
    sha, copy = captures.item(due).product.sha256, copies(captures)
    (run,) = captures.state(due).backups[sha]
    manifest = copy.root / "runs" / f"{run}.json"
    act = getattr(captures, step)

    flip(copy.path(sha))
    assert refused(act, due) == "backed_up"
    flip(copy.path(sha))
    text = manifest.read_text()
    manifest.write_text(text + " ")
    assert refused(act, due) == "backed_up"
    manifest.write_text(text)
    copy.path(sha).unlink()
    os.link(captures.store.path(sha), copy.root / "objects" / sha[:2] / sha[2:4] / sha)
    assert refused(act, due) == "backed_up"  # the very file of the store is no copy of it
    shutil.rmtree(copy.root)
    assert refused(act, due) == "backed_up"
    assert captures.item(due).damaged == ()
    captures.backup(due, "andere")
    act(due)


def test_what_was_read_is_in_the_events(captures: Desks, due: str) -> None:
    captures.walk(due, "destroyed")
    product = captures.item(due).product
    (run,) = captures.state(due).backups[product.sha256]
    events = [event for _, event in captures.engine.history(due)][-2:]
    for event in events:
        assert event.evidence.verification.read_back_sha256 == product.sha256
        assert event.evidence.verification.seal_valid
        assert event.evidence.backup.run == run
        assert event.evidence.backup.manifest_sha256 == captures.state(due).manifests[run]


def test_a_fixity_run_stops_every_item_that_rests_on_the_file_and_lets_it_go_on(captures: Desks) -> None:
    streams = [captures.sealed() for _ in range(3)]  # the same scan three times: one raw file, three products
    first = captures.item(streams[0])
    raw, own = captures.store.path(first.scan.raw.sha256), captures.store.path(first.product.sha256)
    kept = raw.read_bytes()
    raw.unlink()
    flip(own)
    found = captures.maintenance.fixity()
    assert (found.missing, found.changed) == ((raw.name,), (own.name,))
    assert [len(captures.item(stream).damaged) for stream in streams] == [2, 1, 1]
    for stream in streams:
        with pytest.raises(GuardFailed) as no:
            captures.scan("inge", "deliver", stream, item=1)
        assert no.value.guard == "files_intact"
    raw.write_bytes(kept)
    flip(own)
    captures.maintenance.fixity()
    assert [captures.item(stream).damaged for stream in streams] == [()] * 3
    for stream in streams:
        captures.scan("inge", "deliver", stream, item=1)


def test_a_part_that_was_not_read_says_nothing_of_what_was_found_before(captures: Desks) -> None:
    stream = captures.sealed()
    sha = captures.item(stream).product.sha256
    flip(captures.store.path(sha))
    captures.maintenance.fixity()
    head = captures.engine.log.head()
    day = captures.now.replace(year=captures.now.year + 1) - captures.now
    captures.maintenance.fixity(every=day)  # nothing is due
    assert [one.sha256 for one in captures.item(stream).damaged] == [sha]
    assert captures.engine.log.head() == head
