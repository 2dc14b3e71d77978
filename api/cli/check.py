"""`eva check`: validates scenario and replay files."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.forecast import load_scenario
from api.cli.shared.output import in_language, language, say
from api.server.jobs.shipped_files import locate
from simulation.inputs.faults import Fault, UnusableInput


def check(files: Annotated[list[Path], typer.Argument(help="Scenario and replay files.", metavar="FILE...")]) -> None:
    """Check scenario and replay files: every fault with file, line and column.

    Prüft Szenariodateien; jeder Fehler mit Datei, Zeile und Spalte.
    """
    language()  # an unknown one is refused before any file is read
    faults: list[Fault] = []
    for path in map(locate, files):
        try:
            say(_check_file(path))
        except UnusableInput as error:
            faults += error.faults
    if faults:
        raise UnusableInput(faults)


def _check_file(path: Path) -> str:
    """The line on a file without faults; raises `UnusableInput`."""
    from api.replay.file.summary import check_and_summarise, is_replay_file  # noqa: PLC0415 - not needed for --help

    if is_replay_file(path):
        return check_and_summarise(path, language())
    loaded = load_scenario(path)
    authorities, projects = len(loaded.authorities), len(loaded.projects)
    return f"{path}: " + in_language(
        f"in Ordnung, {authorities} Behörden in {projects} Projekten",
        f"ok, {authorities} authorities in {projects} projects",
    )
