"""Files of a result: a set of them replaces an earlier one whole or not at all."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import polars as pl

from workflow.text import Text


class RefusedPlace(OSError):
    """A place into which nothing is written; `text` says why."""

    def __init__(self, de: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(de, en)


class TakenPlace(RefusedPlace, FileExistsError):
    """Something else is there."""


class ClosedPlace(RefusedPlace, PermissionError):
    """Nobody may write there."""


@contextmanager
def replace_files(folder: Path) -> Iterator[Path]:
    """An empty folder; what is in it when the block ends replaces files of the same names in `folder`, others stay.

    Raises `OSError` where the place cannot be written; then nothing has changed.
    """
    folder = folder.resolve()
    check_writable(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as work:
        new = Path(work) / "new"
        new.mkdir()
        yield new
        move_into_place(new, folder, Path(work) / "old")
        shutil.rmtree(Path(work) / "old", ignore_errors=True)


def write_table(frame: pl.DataFrame, path: Path) -> None:
    """As CSV and Parquet, at `path` with their endings."""
    frame.write_csv(path.with_suffix(".csv"), date_format="%Y-%m-%d", line_terminator="\n")
    frame.write_parquet(path.with_suffix(".parquet"))


def write_json(content: Any, path: Path) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def move_into_place(new: Path, folder: Path, old: Path) -> None:
    """Move the files of `new` into `folder` and replaced ones into `old`; undo all of it where a step fails."""
    old.mkdir()
    folder.mkdir(exist_ok=True)
    names = sorted(entry.name for entry in new.iterdir())
    try:
        for name in names:
            if (folder / name).exists():
                (folder / name).rename(old / name)
            (new / name).rename(folder / name)
    except BaseException:
        for name in names:
            if not (new / name).exists():
                (folder / name).rename(new / name)
            if (old / name).exists():
                (old / name).rename(folder / name)
        with suppress(OSError):
            folder.rmdir()
        raise


def check_writable(folder: Path) -> None:
    """Refuse a place that is no folder, cannot be written or is full; raises `OSError`."""
    if folder.exists() and not folder.is_dir():
        raise TakenPlace(f"{folder} ist kein Ordner", f"{folder} is not a folder")
    place = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(place, os.W_OK | os.X_OK):
        raise ClosedPlace(f"in {place} lässt sich nicht schreiben", f"{place} cannot be written")
    if shutil.disk_usage(place).free < 50_000_000:
        raise RefusedPlace(f"weniger als 50 MB frei bei {folder}", f"less than 50 MB free at {folder}")
