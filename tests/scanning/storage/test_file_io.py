"""Reading stored files in blocks, and the system's errors as the engine's."""

import errno
import io
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanning.storage.file_io import BLOCK, hash_rest, read_blocks, storage_errors
from workflow.errors import EvaError, StoreFull, StoreUnavailable


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1])
def test_blocks_are_the_file_and_none_is_larger_than_allowed(tmp_path: Path, size: int) -> None:
    path = tmp_path / "datei"
    path.write_bytes(b"x" * size)
    blocks = list(read_blocks(path))
    assert b"".join(blocks) == path.read_bytes()
    assert all(0 < len(block) <= BLOCK for block in blocks)


@given(st.binary(max_size=200), st.integers(0, 200))
def test_only_what_is_left_to_read_is_hashed(data: bytes, at: int) -> None:
    file = io.BytesIO(data)
    file.seek(at)
    assert hash_rest(file) == (sha256(data[at:]).hexdigest(), len(data[at:]))


@pytest.mark.parametrize(
    ("number", "kind", "german"),
    [
        (errno.ENOSPC, StoreFull, "Der Dateispeicher ist voll"),
        (errno.EDQUOT, StoreFull, "Der Dateispeicher ist voll"),
        (errno.EIO, StoreUnavailable, "Der Dateispeicher versagt"),
        (errno.EACCES, StoreUnavailable, "Der Dateispeicher versagt"),
    ],
)
def test_errors_of_the_system_are_those_of_the_store(number: int, kind: type[EvaError], german: str) -> None:
    with pytest.raises(kind) as raised, storage_errors():
        raise OSError(number, "so")
    assert raised.value.de.startswith(german)
    assert isinstance(raised.value.__cause__, OSError)


def test_other_errors_are_left_alone() -> None:
    with pytest.raises(ValueError, match="other"), storage_errors():
        raise ValueError("other")
