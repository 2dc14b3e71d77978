"""Write a forecast into a folder: tables as CSV and Parquet, the summary, the charts and the report.

All or nothing: everything is written into a folder beside the wanted one and then put in its place.
"""

import json
import shutil
import tempfile
from pathlib import Path

from simulation.forecast import Forecast
from simulation.report import write as write_report

TABLES = ("users", "authorities", "projects", "scan_centres", "workload")


def write(forecast: Forecast, folder: Path, language: str = "de") -> None:
    """Write all files of a forecast into `folder`, replacing an earlier forecast there.

    Raises `OSError` where the place cannot be written and `FileExistsError` where `folder` holds anything but an
    earlier forecast; then nothing has changed.
    """
    folder = folder.absolute()
    check_place(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as work:
        new = Path(work) / "new"
        new.mkdir()
        for name in TABLES:
            table = getattr(forecast, name)
            table.write_csv(new / f"{name}.csv", date_format="%Y-%m-%d", line_terminator="\n")
            table.write_parquet(new / f"{name}.parquet")
        text = json.dumps(forecast.summary, ensure_ascii=False, indent=2, allow_nan=False)
        (new / "summary.json").write_text(text + "\n", encoding="utf-8")
        write_report(forecast, new, language)
        if folder.exists():
            folder.rename(Path(work) / "old")
        new.rename(folder)


def check_place(folder: Path) -> None:
    """Refuse a place that holds something else; raises `FileExistsError`."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise FileExistsError(f"{folder} is not a folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "summary.json").is_file():
        raise FileExistsError(f"{folder} holds other files; choose an empty or new folder")
    if shutil.disk_usage(_existing(folder)).free < 50_000_000:
        raise OSError(f"less than 50 MB free at {folder}")


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)
