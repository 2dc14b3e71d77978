"""Write a forecast into a folder: tables as CSV and Parquet, the summary, the charts and the report.

All or nothing: everything is written into a folder beside the wanted one, then moved into place. Other files in the
wanted folder stay.
"""

from pathlib import Path

from simulation.forecast.forecast import Forecast
from simulation.forecast.tables import WRITTEN
from simulation.report.assumptions import write_assumptions
from simulation.report.files import TakenPlace, check_writable, replace_files, write_json, write_table


def write_forecast(
    forecast: Forecast, folder: Path, language: str = "de", kept: Path | None = None, workers: int = 1
) -> dict[str, dict[str, str]]:  # fmt: skip
    """Write all files of a forecast into `folder`, replacing an earlier forecast there; return the charts as SVG by
    language and name. Charts that lie in the folder `kept` are not drawn again.

    Raises `OSError` where the place cannot be written and `FileExistsError` where `folder` holds tables of something
    else; then nothing has changed.
    """
    from simulation.report.html import write_report  # noqa: PLC0415  # charts are loaded when they are drawn

    check_place(folder)
    with replace_files(folder) as new:
        for name in WRITTEN:
            write_table(forecast[name], new / name)
        write_json(forecast.summary, new / "summary.json")
        write_assumptions(forecast.summary, new / "assumptions.csv")
        return write_report(forecast, new, language, kept, workers)


def check_place(folder: Path) -> None:
    """Refuse a place that is no folder, is full, or holds tables of something else; raises `OSError`."""
    check_writable(folder)
    others = [name for name in WRITTEN if (folder / f"{name}.csv").exists()]
    if others and not (folder / "summary.json").is_file():
        raise TakenPlace(
            f"{folder} enthält {others[0]}.csv, das keine Prognose ist; ein anderer Ordner ist zu wählen",
            f"{folder} holds {others[0]}.csv, which is no forecast; choose another folder",
        )
