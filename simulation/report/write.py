"""Write a forecast into a folder: tables as CSV and Parquet, the summary, the charts and the report.

All or nothing: everything is written into a folder beside the wanted one, then moved into place. Other files in the
wanted folder stay.
"""

import json
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from simulation.forecast.forecast import Forecast
from simulation.forecast.tables import WRITTEN


def write_forecast(forecast: Forecast, folder: Path, language: str = "de") -> None:
    """Write all files of a forecast into `folder`, replacing an earlier forecast there.

    Raises `OSError` where the place cannot be written and `FileExistsError` where `folder` holds tables of something
    else; then nothing has changed.
    """
    from simulation.report.html import write_report  # noqa: PLC0415  # charts are loaded when they are drawn

    folder = folder.resolve()
    check_place(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as work:
        new = Path(work) / "new"
        new.mkdir()
        for name in WRITTEN:
            table = forecast[name]
            table.write_csv(new / f"{name}.csv", date_format="%Y-%m-%d", line_terminator="\n")
            table.write_parquet(new / f"{name}.parquet")
        text = json.dumps(forecast.summary, ensure_ascii=False, indent=2, allow_nan=False)
        (new / "summary.json").write_text(text + "\n", encoding="utf-8")
        write_report(forecast, new, language)
        _move_into_place(new, folder, Path(work) / "old")


def _move_into_place(new: Path, folder: Path, old: Path) -> None:
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


def check_place(folder: Path) -> None:
    """Refuse a place that is no folder, is full, or holds tables of something else; raises `OSError`."""
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"{folder} is not a folder")
    others = [name for name in WRITTEN if (folder / f"{name}.csv").exists()]
    if others and not (folder / "summary.json").is_file():
        raise FileExistsError(f"{folder} holds {others[0]}.csv, which is no forecast; choose another folder")
    place = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(place, os.W_OK | os.X_OK):
        raise PermissionError(f"{place} cannot be written")
    if shutil.disk_usage(place).free < 50_000_000:
        raise OSError(f"less than 50 MB free at {folder}")
