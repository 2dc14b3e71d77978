"""`eva check`: validates scenario and replay files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.casework.run import load_casework_scenario
from api.cli.shared.output import in_language, language, say
from api.cli.shared.scenarios import load_scenario
from api.server.jobs.shipped_files import locate
from simulation.inputs.faults import Fault, UnusableInput

if TYPE_CHECKING:
    from simulation.scenario.programme import Scenario


def check(files: Annotated[list[Path], typer.Argument(help="Scenario and replay files.", metavar="FILE...")]) -> None:
    """Check scenario and replay files: every fault with file, line and column.

    Prüft Szenariodateien; jeder Fehler mit Datei, Zeile und Spalte.
    """
    language()  # an unknown one is refused before any file is read
    faults: list[Fault] = []
    for path in map(locate, files):
        try:
            for line in _check_file(path):
                say(line)
        except UnusableInput as error:
            faults += error.faults
    if faults:
        raise UnusableInput(faults)


def _check_file(path: Path) -> list[str]:
    """The lines on a file without faults; raises `UnusableInput`."""
    from api.replay.file.summary import check_and_summarise, is_replay_file  # noqa: PLC0415 - not needed for --help
    from simulation.loading.load_casework import is_casework  # noqa: PLC0415

    if is_replay_file(path):
        return check_and_summarise(path, language())
    if is_casework(path):
        spec = load_casework_scenario(path).scenario
        people, units, kinds = spec.staff.total.value, len(spec.staff.units), len(spec.work.kinds)
        told = in_language(
            f"in Ordnung, {people} Personen in {units} Einheiten, {kinds} Arten von Arbeit",
            f"ok, {people} people in {units} units, {kinds} kinds of work",
        )
        return [f"{path}: {told}"]
    loaded = load_scenario(path)
    authorities, projects = len(loaded.authorities), len(loaded.projects)
    told = in_language(
        f"in Ordnung, {authorities} Behörden in {projects} Projekten",
        f"ok, {authorities} authorities in {projects} projects",
    )
    return [f"{path}: {told}", *_tell_milestones(loaded)]


def _tell_milestones(scenario: "Scenario") -> list[str]:
    """What the sources say of a programme, each with the number that the lists give; what they miss is a warning."""
    from simulation.scenario.programme import count_reported  # noqa: PLC0415 - heavy, as above

    chosen = language()
    return [
        f"  {one.day}  {getattr(one.title, chosen)}: {count_reported(scenario, one)} ({one.at_least.source})"
        for one in scenario.spec.milestones
    ]
