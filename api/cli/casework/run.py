"""`eva casework`: simulated staff of an authority work the real engine in virtual time."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.shared.options import AsJson, OfAuthority, Seed, WorkerCount, read_folder
from api.cli.shared.output import check_out, count_cores, in_language, language, render_text, say, say_json, stop
from api.server.jobs.shipped_files import locate

if TYPE_CHECKING:
    from simulation.casework.casework import Casework
    from simulation.loading.load_casework import LoadedCasework


def casework(  # one parameter per option
    scenario: Annotated[Path, typer.Argument(help="Casework scenario.", show_default=False)],
    authority: OfAuthority = None,
    days: Annotated[int | None, typer.Option(min=2, max=1100, help="Simulate only so many days.")] = None,
    replications: Annotated[int, typer.Option(min=1, max=10_000, help="How often it is played through.")] = 3,
    relieved: Annotated[
        list[str] | None, typer.Option("--relieve", metavar="UNIT", help="What one approver more there is worth.")
    ] = None,
    paper: Annotated[bool, typer.Option("--paper/--no-paper", help="The same work on paper beside it.")] = True,
    seed: Seed = 2020,
    workers: WorkerCount = None,
    log: Annotated[Path | None, typer.Option(metavar="FILE", help="New database for the log of the first run.")] = None,
    out: Annotated[
        Path | None, typer.Option(parser=read_folder, metavar="FOLDER", help="Folder for tables and report.html.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no tables.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let simulated staff work the real engine in virtual time: turnaround, queues, load, and an ordinary log.

    Simuliertes Personal bearbeitet Akten und Laufmappen in virtueller Zeit.
    """
    chosen = language()
    loaded = load_casework_scenario(locate(scenario))
    units = {unit.id for unit in loaded.scenario.staff.units}
    for number, unit in enumerate(relieved or ()):
        if unit not in units:
            known = ", ".join(sorted(units))
            told = in_language(
                f"`{unit}` ist keine Einheit des Szenarios; eines von {known}",
                f"`{unit}` is no unit of the scenario; one of {known}",
            )
            stop(f"--relieve:{number + 1}:1: {told}")
    from simulation.casework import casework as model  # noqa: PLC0415 - heavy: only this command pays
    from simulation.casework.output.write import check_place, write_casework  # noqa: PLC0415

    if log is not None:
        check_out(log, _check_log, "--log")
    if out is not None:
        check_out(out, check_place)
    try:
        adapted = model.adapt(loaded, authority, days)
        options = {
            "replications": replications, "seed": seed, "workers": workers or count_cores(), "paper": paper,
            "relieved": tuple(dict.fromkeys(relieved or ())), "log": f"sqlite:///{log.resolve()}" if log else None,
        }  # fmt: skip
        result = _compute(adapted, options, quiet)
        if out is not None:
            write_casework(result, out.resolve(), chosen)
    except OSError as error:
        from simulation.inputs.foreign_words import describe_failure  # noqa: PLC0415 - not needed otherwise

        stop(f"eva casework: {describe_failure(error).get(chosen)}")
    if as_json:
        say_json(result.summary)
    elif not quiet:
        say(_render(result, chosen))
        if out is not None:
            say(f"{in_language('Bericht', 'report')}: {out / 'report.html'}")
        if log is not None:
            say(f"{in_language('Protokoll', 'log')}: {log}, {result.summary['log']['head']}")


def load_casework_scenario(path: Path) -> "LoadedCasework":
    """Load a casework scenario and print its warnings to stderr; raises `UnusableInput`."""
    from simulation.loading.load_casework import load_casework  # noqa: PLC0415 - not needed for --help

    loaded, warnings = load_casework(path)
    for warning in warnings:
        print(f"{in_language('Warnung', 'warning')}: {warning.tell(language())}", file=sys.stderr)
    return loaded


def _check_log(file: Path) -> None:
    """Raise `OSError` where no new database can be begun."""
    from simulation.report.files import TakenPlace, check_writable  # noqa: PLC0415 - not needed for --help

    if file.exists():
        raise TakenPlace(
            f"{file} gibt es schon; ein Protokoll wird in eine neue Datei geschrieben",
            f"{file} exists; a log is written into a new file",
        )
    if not file.parent.is_dir():
        raise TakenPlace(f"{file.parent} ist kein Ordner", f"{file.parent} is no folder")
    check_writable(file.parent)


def _compute(loaded: "LoadedCasework", options: dict[str, Any], quiet: bool) -> "Casework":
    from api.cli.shared.progress import show_progress, write_count  # noqa: PLC0415 - not needed for --help
    from simulation.casework import casework as model  # noqa: PLC0415

    paper = options["paper"] and loaded.scenario.paper is not None
    total = options["replications"] * (1 + paper + len(options["relieved"]))
    with show_progress(total, in_language("Durchläufe", "runs"), quiet=quiet) as advance:

        def on_progress(done: int, commands: int) -> None:
            advance(done, f"{write_count(commands)} {in_language('Kommandos', 'commands')}")

        return model.casework(loaded, **options, on_progress=on_progress)


def _render(result: "Casework", chosen: str) -> str:
    from simulation.casework.output.terminal import render  # noqa: PLC0415

    return render_text(render(result, chosen))
