"""The store: durable before it answers, never overwrites, and says exactly what is changed, missing or untracked."""

import errno
import os
import random
import shutil
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanning.rejection import FileRejected, RejectionReason
from scanning.storage import content_store, fixity
from scanning.storage.content_store import ContentStore
from tests.scanning.file_fixtures import NOW
from workflow.errors import Corrupted, NotFound, StoreFull, StoreUnavailable


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def test_what_is_put_can_be_read_under_its_hash_by_anybody(store: ContentStore) -> None:
    proof = store.put(b"Antrag")
    assert proof == (digest(b"Antrag"), 6, True, True, digest(b"Antrag"))
    assert store.read(proof.sha256) == b"Antrag"
    path = store.root / "objects" / proof.sha256[:2] / proof.sha256[2:4] / proof.sha256
    assert path.read_bytes() == b"Antrag"
    assert path.stat().st_mode & 0o777 == 0o440
    assert "sha256sum" in (store.root / "eva-content-1.txt").read_text(encoding="utf-8")


def test_the_order_of_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File synced, then linked, then its folder synced, then read back: told by the calls themselves."""
    calls = []
    store = ContentStore(tmp_path)
    for name in ("fsync", "link"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, _real=real, _name=name: (calls.append(_name), _real(*a))[1])
    monkeypatch.setattr(
        content_store, "hash_rest", lambda file, real=content_store.hash_rest: (calls.append("read"), real(file))[1]
    )
    store.put(b"Antrag")
    assert calls == ["fsync"] + ["fsync"] * 3 + ["link", "fsync", "fsync", "read"]
    calls.clear()
    store.put(b"Antrag")
    assert calls == ["fsync", "link", "fsync", "fsync", "read"]  # its folders are known to be durable


def test_twice_the_same_bytes_are_one_file_and_never_overwritten(store: ContentStore) -> None:
    first = store.path(store.put(b"x").sha256).stat()
    again = store.path(store.put(b"x").sha256).stat()
    assert first.st_ino == again.st_ino
    assert not list((store.root / "incoming").iterdir())


def test_a_disk_that_reads_back_otherwise_is_found(store: ContentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.link

    def lying(source, target):
        real(source, target)
        target.chmod(0o640)
        target.write_bytes(b"y" + target.read_bytes()[1:])

    monkeypatch.setattr(os, "link", lying)
    with pytest.raises(Corrupted, match="reads back"):
        store.put(b"x" * 100)


@pytest.mark.parametrize(("number", "error"), [(errno.ENOSPC, StoreFull), (errno.EIO, StoreUnavailable)])
@pytest.mark.parametrize("call", ["fsync", "link"])
def test_a_failing_disk_is_no_yes(
    store: ContentStore,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    error: type[StoreFull] | type[StoreUnavailable],
    call: str,
) -> None:
    """Each sync and link in turn fails; there is never an answer, and afterwards it works again."""
    for failing in range(1, 4):
        count = 0
        real = getattr(os, call)

        def fails(*arguments, _failing=failing, _real=real):
            nonlocal count
            count += 1
            if count == _failing:
                raise OSError(number, os.strerror(number))
            return _real(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(os, call, fails)
            if call == "link" and failing > 1:
                continue
            with pytest.raises(error) as wrong:
                store.put(b"Antrag %d" % failing)
            assert isinstance(wrong.value, StoreFull) == (number == errno.ENOSPC)
        assert store.read(store.put(b"Antrag %d" % failing).sha256) == b"Antrag %d" % failing


def test_unknown_and_unsound_names(store: ContentStore) -> None:
    for name in ("ab" * 32, "../../etc/passwd", "AB" * 32, "", "a" * 63):
        assert not name or name == "ab" * 32 or len(name) != 64 or name.isupper()
        with pytest.raises(NotFound):
            store.path(name)


def test_bytes_changed_on_disk_are_not_handed_out(store: ContentStore) -> None:
    path = store.path(store.put(b"Antrag").sha256)
    path.chmod(0o640)
    path.write_bytes(b"Betrag")
    with pytest.raises(Corrupted):
        store.read(digest(b"Antrag"))


def test_refused_twice_is_noted_twice(store: ContentStore) -> None:
    for name in ("a.pdf", "b.pdf"):
        store.quarantine(store.receive((b"MZ",), 10), name, FileRejected(RejectionReason.UNKNOWN_TYPE, "EXE"), NOW)
    ((kept, notes),) = store.quarantined()
    assert kept == digest(b"MZ")
    assert [note["name"] for note in notes] == ["a.pdf", "b.pdf"]


def test_what_was_never_finished_is_kept_in_quarantine(store: ContentStore) -> None:
    left = store.receive((b"halb",), 10)
    assert store.quarantine_unfinished(NOW - timedelta(days=36500), NOW) == []
    os.utime(left.path, (0, 0))
    assert store.quarantine_unfinished(NOW, NOW) == [digest(b"halb")]
    ((_, notes),) = store.quarantined()
    assert notes[0]["reason"] == "interrupted"


def test_what_was_just_stored_again_is_not_erased(store: ContentStore) -> None:
    """A scan of the same file may be about to be recorded."""
    sha = store.put(b"roh").sha256
    assert not store.erase(sha, grace=3600)
    os.utime(store.path(sha), (0, 0))
    store.put(b"roh")
    assert not store.erase(sha, grace=3600)
    assert store.read(sha) == b"roh"
    os.utime(store.path(sha), (0, 0))
    assert store.erase(sha, grace=3600)
    assert not list((store.root / "incoming").iterdir())


@pytest.mark.parametrize("moment", ["before", "after"])
def test_stored_again_at_the_very_moment_of_erasing(
    store: ContentStore, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Between the look at its age and the erasure somebody is told that the file is there; so it is."""
    sha = store.put(b"roh").sha256
    os.utime(store.path(sha), (0, 0))
    real = Path.rename

    def meanwhile(source, target):
        if moment == "before":
            store.put(b"roh")
        real(source, target)
        if moment == "after":
            store.put(b"roh")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", meanwhile)
        store.erase(sha, grace=3600)
    assert store.read(sha) == b"roh"
    assert not list((store.root / "incoming").iterdir())


def test_storing_and_erasing_at_once_never_loses_what_was_answered(store: ContentStore) -> None:
    import threading

    sha, stop, lost = digest(b"roh"), threading.Event(), []

    def tidies():
        while not stop.is_set():
            store.erase(sha, grace=3600)

    def stores():
        for _ in range(50):
            store.put(b"roh")
            lost.append(not store.has(sha))

    tidy = threading.Thread(target=tidies)
    tidy.start()
    writers = [threading.Thread(target=stores) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    stop.set()
    tidy.join()
    assert lost == [False] * 150


def test_a_kill_while_erasing_is_made_good(store: ContentStore) -> None:
    sha = store.put(b"roh").sha256
    store.path(sha).rename(store.root / "incoming" / f"erase-{sha}")
    assert ContentStore(store.root).read(sha) == b"roh"


def test_erased_is_gone_and_then_missing(store: ContentStore) -> None:
    sha = store.put(b"roh").sha256
    assert store.erase(sha)
    assert not store.erase(sha)
    assert fixity.check(store, [sha], NOW).missing == (sha,)


# Fixity


@pytest.fixture
def filled(store: ContentStore) -> tuple[ContentStore, list[str]]:
    return store, [store.put(b"Seite %d" % number).sha256 for number in range(300)]


def test_a_good_store_gives_no_alarm(filled: tuple[ContentStore, list[str]]) -> None:
    store, known = filled
    found = fixity.check(store, known, NOW)
    assert found == (300, (), (), ())
    assert found.intact


SPOILED = ("flip", "cut", "grow", "delete", "swap", "stray", "stray_folder", "symlink", "misplaced", "unreadable")


@pytest.mark.parametrize("spoil", SPOILED)
def test_fixity_lists_exactly_what_is_wrong(filled: tuple[ContentStore, list[str]], spoil: str) -> None:
    store, known = filled
    draw = random.Random(spoil)
    one, two = draw.sample(known, 2)
    path, other = store.path(one), store.path(two)
    for each in (path, other):
        each.chmod(0o640)
    whole = bytearray(path.read_bytes())
    changed, missing, untracked = [], [], []
    if spoil == "flip":
        whole[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
        path.write_bytes(whole)
        changed = [one]
    elif spoil == "cut":
        path.write_bytes(whole[:-1])
        changed = [one]
    elif spoil == "grow":
        path.write_bytes(whole + b"\n")
        changed = [one]
    elif spoil == "delete":
        path.unlink()
        missing = [one]
    elif spoil == "swap":
        path.write_bytes(other.read_bytes())
        other.write_bytes(whole)
        changed = sorted([one, two])
    elif spoil == "stray":
        (path.parent / "notiz.txt").write_text("x")
        untracked = [str((path.parent / "notiz.txt").relative_to(store.root))]
    elif spoil == "stray_folder":
        (store.root / "objects" / "zz").mkdir()
        untracked = ["objects/zz"]
    elif spoil == "symlink":
        moved = store.root / "anderswo"
        path.rename(moved)
        path.symlink_to(moved)
        missing, untracked = [one], [str(path.relative_to(store.root)), "anderswo"]
    elif spoil == "misplaced":
        moved = other.parent / one
        path.rename(moved)
        missing, untracked = [one], [str(moved.relative_to(store.root))]
    else:
        path.unlink()
        path.mkdir()
        missing = [one]
    found = fixity.check(store, known, NOW)
    assert sorted(found.changed) == changed
    assert sorted(found.missing) == missing
    assert sorted(found.untracked) == sorted(untracked)
    assert found.intact == (not changed and not missing)


def test_an_orphan_is_untracked_and_does_no_harm(filled: tuple[ContentStore, list[str]]) -> None:
    store, known = filled
    orphan = store.put(b"nie verbucht").sha256
    found = fixity.check(store, known, NOW)
    assert found.untracked == (orphan,)
    assert found.intact


def test_quarantine_is_checked_too(store: ContentStore) -> None:
    kept = store.quarantine(store.receive((b"MZ",), 10), "a", FileRejected(RejectionReason.UNKNOWN_TYPE), NOW)
    path = store.root / "quarantine" / kept[:2] / kept[2:4] / kept
    assert fixity.check(store, [], NOW) == (1, (), (), ())
    path.chmod(0o640)
    path.write_bytes(b"ZM")
    assert fixity.check(store, [], NOW).changed == (str(path.relative_to(store.root)),)


def test_a_schedule_reads_the_oldest_first_and_knows_its_age(filled: tuple[ContentStore, list[str]]) -> None:
    store, known = filled
    parts = list(fixity.read_check_times(store))
    assert fixity.find_oldest_check(store) is None
    assert fixity.list_due_parts(store, NOW, timedelta(days=90)) == parts
    for day, part in enumerate(parts):
        fixity.check(store, known, NOW + timedelta(days=day), [part])
    assert fixity.find_oldest_check(store) == NOW
    later = NOW + timedelta(days=95)
    assert fixity.list_due_parts(store, later, timedelta(days=90)) == parts[:6]
    fixity.check(store, known, later, parts[:6])
    assert fixity.find_oldest_check(store) == NOW + timedelta(days=6)


@given(st.lists(st.binary(max_size=50), max_size=8), st.lists(st.binary(max_size=50), max_size=8), st.data())
@settings(max_examples=40, deadline=None)
def test_fixity_against_a_model(
    tmp_path_factory: pytest.TempPathFactory, stored: Any, only_logged: Any, data: Any
) -> None:
    """Any mix of stored, logged, spoiled: the three lists are those of plain sets."""
    root = tmp_path_factory.mktemp("store")
    store = ContentStore(root)
    there = {store.put(body).sha256 for body in stored}
    logged = {digest(body) for body in only_logged} | {sha for sha in there if data.draw(st.booleans())}
    spoiled = {sha for sha in there if data.draw(st.booleans())}
    for sha in spoiled:
        store.path(sha).chmod(0o640)
        store.path(sha).write_bytes(b"spoiled, and longer than anything that was stored in this test before it")
    found = fixity.check(store, logged, NOW)
    assert set(found.changed) == spoiled
    assert set(found.missing) == logged - there
    assert set(found.untracked) == there - logged - spoiled
    shutil.rmtree(root)
