"""The command line `eva`. Results go to stdout or `--out`, progress and messages to stderr.

Exit status: 0 done, 1 the answer is no, 2 unusable input. Heavy libraries are imported inside the commands that need
them, so that `eva --help` and `eva check` answer at once.
"""

import json
import os
import sys
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from api.cli import diagram, log, mail, product, replay, scan, serve, tokens
from api.server.jobs.shipped_files import DEFAULT_SCENARIO, locate
from simulation.inputs.faults import UnusableInput

UNUSABLE, INTERRUPTED, PIPE_CLOSED = 2, 130, 141
"""Exit statuses besides 0; the latter two as shells report SIGINT and SIGPIPE."""

MOST_FAULTS = 200

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
                  help="E-Verwaltungsarbeit: forecast the rollout of electronic files, and check scenarios.\n\n"
                       "Prognose des Rollouts der E-Verwaltungsarbeit.")  # fmt: skip
replay.register(app)


def _say_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415  # not needed otherwise

        _say(f"eva {version('eva')}")
        raise typer.Exit


app.command()(serve.serve)
app.command()(diagram.diagram)
app.add_typer(tokens.app, name="token")
app.add_typer(log.app, name="log")
app.add_typer(scan.app, name="scan")
app.add_typer(mail.app, name="mail")
app.command()(scan.separators)
app.add_typer(product.app, name="product")


@app.callback(invoke_without_command=True)
def _eva(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help(), file=sys.stderr)
        raise typer.Exit(UNUSABLE)


class Engine(StrEnum):
    """Where replications run."""

    LOCAL = "local"
    DASK = "dask"
    RAY = "ray"


class Mode(StrEnum):
    """With risks, or the plan as it stands."""

    RISK = "risk"
    PLAN = "plan"


class What(StrEnum):
    """What has a schema."""

    SCENARIO = "scenario"
    REPLAY = "replay"


def main() -> None:
    """Run `eva`; what goes wrong is told in one line per fault with exit status 2, never with a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = app(standalone_mode=False)
    except UnusableInput as error:
        _stop(_told(error))
    except typer.TyperException as error:
        _stop(f"eva: {' '.join(error.format_message().split())}")
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenExecutor:
        _stop("eva: a worker was ended from outside, perhaps for want of memory; fewer --workers need less")
    except (OSError, MemoryError) as error:
        _stop(f"eva: {error or 'out of memory'}")
    except SystemError as error:  # a compiled kernel hands an interrupt on as its cause
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        status = INTERRUPTED
    if status == INTERRUPTED:
        _stop("interrupted", INTERRUPTED)
    sys.exit(status or 0)


def _told(unusable: UnusableInput) -> str:
    """One line per fault, up to a number that can still be read."""
    lines = [str(fault) for fault in unusable.faults[:MOST_FAULTS]]
    more = len(unusable.faults) - MOST_FAULTS
    if more > 0:
        lines.append(f"{unusable.faults[MOST_FAULTS].place}: and {more} more faults from here on")
    return "\n".join(lines)


def _say(text: str) -> None:
    """Print a result at once; a reader who went away is no fault, a full disk is."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _leave(PIPE_CLOSED)


def _stop(message: str, status: int = UNUSABLE) -> NoReturn:
    with suppress(OSError):
        if sys.stderr is not None:  # closed by the shell; `print` would take stdout instead
            print(message, file=sys.stderr, flush=True)
    _leave(status)


def _leave(status: int) -> NoReturn:
    """Exit without a word on what could not be written: a closed pipe or a full disk was told already, or is meant."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(status)


def _language() -> str:
    language = os.environ.get("EVA_LANG", "de")
    if language not in ("de", "en"):
        _stop(f"EVA_LANG is {language!r}; expected de or en")
    return language


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@app.command()
def forecast(  # one parameter per option
    scenario: Annotated[
        Path, typer.Argument(help="Rollout scenario; the NRW plan of August 2021 if none is named.", show_default=False)
    ] = DEFAULT_SCENARIO,
    replications: Annotated[int, typer.Option(min=1, max=100_000, help="How often the years are played through.")] = 40,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Equal seeds give equal numbers.")] = 2021,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Processes (default: all cores).")] = None,
    engine: Annotated[Engine, typer.Option(help="Where the replications run.")] = Engine.LOCAL,
    mode: Annotated[Mode, typer.Option(help="`risk`, or `plan`: nothing goes wrong.")] = Mode.RISK,
    out: Annotated[Path, typer.Option(help="Folder for tables, charts and report.html.")] = Path("out"),
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no summary.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print summary.json on stdout.")] = False,
) -> None:
    """Forecast users, deadlines and scan-centre load of a rollout scenario.

    Prognose der Nutzerzahlen, Fristen und Scanstellen; Ergebnis in OUT/report.html.
    """
    language = _language()
    loaded = _load(locate(scenario))
    from simulation.forecast import forecast as model  # noqa: PLC0415
    from simulation.forecast.executors import EngineUnavailable  # noqa: PLC0415
    from simulation.report import write as files  # noqa: PLC0415  # heavy: only this command pays

    try:
        files.check_place(out.resolve())
        with _progress(replications, quiet) as advance:
            result = model.forecast(
                loaded, replications=replications, seed=seed, workers=workers or _cores(), engine=engine.value,
                mode=mode.value, on_progress=advance,
            )  # fmt: skip
        files.write(result, out, language)
    except (OSError, EngineUnavailable) as error:
        _stop(f"eva forecast: {error}")
    if as_json:
        _say(json.dumps(result.summary, ensure_ascii=False, indent=2))
    elif not quiet:
        from rich.console import Console  # noqa: PLC0415

        from simulation.report import terminal  # noqa: PLC0415

        console = Console(width=None if sys.stdout.isatty() else 100)
        with console.capture() as table:
            console.print(terminal.summary_table(result, language))
        _say(f"{table.get()}\n{'Bericht' if language == 'de' else 'report'}: {out / 'report.html'}")


def _load(path: Path) -> Any:
    from simulation.scenario.load import load_with_warnings  # noqa: PLC0415  # not needed for --help

    loaded, warnings = load_with_warnings(path)
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    return loaded


@app.command()
def check(files: Annotated[list[Path], typer.Argument(help="Scenario and replay files.", metavar="FILE...")]) -> None:
    """Check scenario and replay files: every fault with file, line and column.

    Prüft Szenariodateien; jeder Fehler mit Datei, Zeile und Spalte.
    """
    language, faults = _language(), []
    for path in map(locate, files):
        try:
            if replay.is_one(path):
                _say(replay.check(path))
                continue
            loaded = _load(path)
        except UnusableInput as error:
            faults += error.faults
        else:
            authorities, projects = len(loaded.authorities), len(loaded.projects)
            text = f"in Ordnung, {authorities} Behörden in {projects} Projekten"
            if language == "en":
                text = f"ok, {authorities} authorities in {projects} projects"
            _say(f"{path}: {text}")
    if faults:
        raise UnusableInput(faults)


@app.command()
def schema(what: Annotated[What, typer.Argument(help="Kind of file.")]) -> None:
    """Print the JSON Schema of a kind of file, for editors."""
    from api.replay.file.json_schema import replay_schema  # noqa: PLC0415  # not needed for --help
    from simulation.scenario.json_schema import scenario_schema  # noqa: PLC0415

    schemas = {What.SCENARIO: scenario_schema, What.REPLAY: replay_schema}
    _say(json.dumps(schemas[what](), ensure_ascii=False, indent=2))


def _progress(total: int, quiet: bool) -> Any:
    """A progress bar on stderr with items per second and the time left; plain lines where nobody watches."""
    from api.cli.progress import bar, lines, silent  # noqa: PLC0415  # not needed for --help

    if quiet:
        return silent()
    return bar(total, _language()) if sys.stderr.isatty() else lines(total, _language())


if __name__ == "__main__":
    main()
