"""Whole forecasts that were made before: their tables and summary, kept beside the runs they were made of."""

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl

from simulation.forecast.run_store import MOST_BYTES, make_room
from simulation.forecast.tables import TABLES

SUMMARY = "summary.json"


def recall(folder: Path, key: str) -> tuple[dict[str, pl.DataFrame], dict[str, Any]] | None:
    """Tables and summary; None where they are not there whole."""
    place = folder / key
    try:
        summary = json.loads((place / SUMMARY).read_text(encoding="utf-8"))
        tables = {table.name: pl.read_parquet(place / f"{table.name}.parquet") for table in TABLES}
    except (OSError, ValueError, pl.exceptions.PolarsError):
        return None
    with suppress(OSError):
        place.touch()
    return tables, summary


def recall_or_compute(folder: Path | None, key: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What was computed once under this key, as JSON; with no folder it is computed each time."""
    file = folder / key / SUMMARY if folder else None
    if file:
        with suppress(OSError, ValueError):
            found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            return found
    found = compute()
    if folder:
        keep(folder, key, {}, found)
    return found


def keep(folder: Path, key: str, tables: Mapping[str, pl.DataFrame], summary: Mapping[str, Any]) -> None:
    """Keep a forecast, and make room; raises `OSError` where the disk does not take it."""
    folder.mkdir(parents=True, exist_ok=True)
    place, part = folder / key, Path(tempfile.mkdtemp(prefix=".part-", dir=folder))
    try:
        for name, table in tables.items():
            table.write_parquet(part / f"{name}.parquet")
        (part / SUMMARY).write_text(json.dumps(summary), encoding="utf-8")
        shutil.rmtree(place, ignore_errors=True)
        with suppress(FileExistsError):  # another process was faster, with the same
            part.rename(place)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    make_room(folder, MOST_BYTES, place)
