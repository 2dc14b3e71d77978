"""Files that survive a power cut: whole or not at all, with the permissions they had."""

import os
import stat
from pathlib import Path

import pytest

from workflow.engine.store.durable_files import make_folder, sync_path, write_atomically, write_secret


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each synced thing was a folder, in order."""
    calls: list[bool] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        calls.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    return calls


@pytest.mark.parametrize(
    ("data", "written"),
    [("", b""), ("Größe\n", "Größe\n".encode()), (b"\x00\xff", b"\x00\xff"), ("a" * 70_000, b"a" * 70_000)],
)
def test_text_and_bytes_are_written_whole(tmp_path: Path, data: str | bytes, written: bytes) -> None:
    write_atomically(tmp_path / "datei", data)
    assert (tmp_path / "datei").read_bytes() == written
    assert [path.name for path in tmp_path.iterdir()] == ["datei"]


def test_a_new_file_is_for_its_owner_and_a_replaced_one_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "datei"
    write_atomically(path, "neu")
    assert mode(path) == 0o600
    for kept in (0o644, 0o640, 0o755):
        path.chmod(kept)
        write_atomically(path, f"mit {kept:o}")
        assert (mode(path), path.read_text()) == (kept, f"mit {kept:o}")


def test_the_file_is_synced_before_its_name_and_the_name_before_the_return(tmp_path: Path, synced: list[bool]) -> None:
    write_atomically(tmp_path / "datei", "x")
    assert synced == [False, True]
    write_atomically(tmp_path / "fortschritt", "1", durable=False)
    assert synced == [False, True]


@pytest.mark.parametrize("step", ["write", "replace"])
def test_what_fails_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    path = tmp_path / "datei"
    write_atomically(path, "alt")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if step == "write":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="space"):
        write_atomically(path, "neu")
    assert path.read_text() == "alt"
    if step == "write":
        assert [one.name for one in tmp_path.iterdir()] == ["datei"]


def test_without_a_folder_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "kein" / "ordner", "x")
    assert not list(tmp_path.iterdir())


def test_a_secret_is_never_overwritten(tmp_path: Path) -> None:
    write_secret(tmp_path / "key", b"1")
    assert mode(tmp_path / "key") == 0o600
    with pytest.raises(FileExistsError):
        write_secret(tmp_path / "key", b"2")
    assert (tmp_path / "key").read_bytes() == b"1"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_secret_has_its_name_only_once_it_is_whole_and_durable(tmp_path: Path, synced: list[bool]) -> None:
    real = os.link

    def link(draft: str, path: Path) -> None:
        assert (Path(draft).read_bytes(), synced) == (b"secret", [False])
        real(draft, path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "link", link)
        write_secret(tmp_path / "key", b"secret")
    assert synced == [False, True]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: pytest.fail("the disk is full"))
        with pytest.raises(pytest.fail.Exception):
            write_secret(tmp_path / "other", b"secret")
    assert [path.name for path in tmp_path.iterdir()] == ["key"], "nothing stands half written"


def test_a_secret_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        write_secret(tmp_path / "key", b"1")
    assert not (tmp_path / "elsewhere").exists()


def test_each_new_folder_is_synced_into_the_one_above(tmp_path: Path, synced: list[bool]) -> None:
    make_folder(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()
    assert synced == [True] * 3
    make_folder(tmp_path / "a" / "b" / "c")
    assert synced == [True] * 3


def test_a_closed_file_and_a_folder_can_be_synced(tmp_path: Path, synced: list[bool]) -> None:
    (tmp_path / "x").write_text("x")
    sync_path(tmp_path / "x")
    sync_path(tmp_path)
    assert synced == [False, True]
    with pytest.raises(FileNotFoundError):
        sync_path(tmp_path / "fehlt")
