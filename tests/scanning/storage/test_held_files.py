"""Rejected and unfinished files take a bounded room and are deleted by hand; a full disk does not hide damage."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scanning.rejection import FileRejected, RejectionReason
from scanning.storage import fixity
from scanning.storage.content_store import ContentStore
from scanning.storage.held_files import MOST, HeldFiles
from tests.scanning.file_fixtures import NOW
from workflow.errors import NotFound, StoreFull


def reject(store: ContentStore, data: bytes, name: str = "brief.pdf") -> str:
    incoming = store.receive((data,), len(data))
    return store.quarantine(incoming, name, FileRejected(RejectionReason.ENCRYPTED), NOW)


def test_beyond_the_bound_nothing_is_taken_in_until_somebody_has_looked(store: ContentStore) -> None:
    store.held = HeldFiles(store.root, most=1500)
    first = reject(store, b"a" * 1000)
    kept = store.put(b"good")
    reject(store, b"b" * 1000)
    with pytest.raises(StoreFull, match="eva product quarantine"):
        store.receive((b"c",), 1)
    assert store.read(kept.sha256) == b"good"  # what is there can be read
    store.held.delete(first)
    store.put(b"c")


def test_another_process_fills_the_room_too(store: ContentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.held = HeldFiles(store.root, most=1500)
    store.put(b"good")
    other = ContentStore(store.root)
    for letter in (b"a", b"b"):
        reject(other, letter * 1000)
    now = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: now() + 60)
    with pytest.raises(StoreFull):
        store.put(b"c")


def test_unfinished_files_count(store: ContentStore) -> None:
    held = HeldFiles(store.root, most=10)
    store.new_draft().write_bytes(b"x" * 11)
    assert held.measure("incoming") == (1, 11)
    with pytest.raises(StoreFull):
        held.check_room()


def test_the_bound_is_a_tenth_of_a_small_disk(store: ContentStore) -> None:
    assert HeldFiles(store.root).most == min(MOST, shutil.disk_usage(store.root).total // 10)


def test_what_was_rejected_is_listed_with_each_reason_and_goes_when_named(store: ContentStore) -> None:
    digests = sorted([reject(store, b"a"), reject(store, b"b", "zwei.pdf")])
    reject(store, b"a", "noch einmal.pdf")
    listed = list(store.held.list_rejected())
    assert [one.sha256 for one in listed] == digests
    assert sorted(note["name"] for one in listed for note in one.notes) == ["brief.pdf", "noch einmal.pdf", "zwei.pdf"]
    for digest in digests:
        store.held.delete(digest)
    assert list(store.held.list_rejected()) == []
    assert not [path for path in (store.root / "quarantine").rglob("*") if path.is_file()]
    for unknown in (digests[0], "x", "../../etc/passwd", "0" * 64):
        with pytest.raises(NotFound):
            store.held.delete(unknown)


def test_the_command_lists_and_deletes(eva: Callable[..., Any], tmp_path: Path) -> None:
    store = ContentStore(tmp_path / "content")
    digest = reject(store, b"a")
    done = eva("product", "quarantine", "--data", tmp_path)
    assert (done.status, done.err) == (0, "")
    first, second, third = done.out.splitlines()
    assert first.split() == [digest, "1", NOW.isoformat(), "encrypted", "brief.pdf"]
    assert second.startswith("quarantine: files=2 bytes=")
    assert third.startswith("incoming: files=0 bytes=0 most=")
    assert json.loads(eva("product", "quarantine", "--data", tmp_path, "--json").out)[0]["sha256"] == digest
    assert eva("product", "quarantine", "--data", tmp_path, "--delete", "0" * 64).status == 2
    assert eva("product", "quarantine", "--data", tmp_path, "--delete", digest).status == 0
    assert not list(store.held.list_rejected())
    assert eva("product", "quarantine", "--data", tmp_path / "none").status == 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB, where one can be mounted."""
    folder, mount = tmp_path / "disk", shutil.which("mount") or ""
    folder.mkdir()
    command = [mount, "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]
    if not mount or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    yield folder
    subprocess.run([shutil.which("umount") or "umount", "-l", str(folder)], check=False)


def fill(folder: Path) -> None:
    try:
        with (folder / "ballast").open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
    except OSError:
        pass


def test_a_full_disk_is_no_reason_not_to_look_for_damage(small_disk: Path) -> None:
    store = ContentStore(small_disk)
    good, bad = store.put(b"good").sha256, store.put(b"bad").sha256
    store.path(bad).chmod(0o640)
    store.path(bad).write_bytes(b"BAD")
    fill(small_disk)
    with pytest.raises(StoreFull):
        store.put(b"x" * 10_000)
    found = fixity.check(store, [good, bad, "0" * 64], NOW)
    assert (found.checked, found.changed, found.missing) == (2, (bad,), ("0" * 64,))
    assert fixity.find_oldest_check(store) is None  # and it is not said that all was noted
    (small_disk / "ballast").unlink()
    fixity.check(store, [good], NOW)
    assert fixity.find_oldest_check(store) == NOW
