"""`eva forecast`: users, deadlines and scan-centre load of a rollout scenario, as tables, charts and a report."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.shared.output import count_cores, in_language, language, say, say_json, stop
from api.server.jobs.shipped_files import DEFAULT_SCENARIO, locate

if TYPE_CHECKING:
    from simulation.forecast.forecast import Forecast
    from simulation.scenario.programme import Scenario


Engine = Literal["local", "dask", "ray"]
Mode = Literal["risk", "plan"]


def forecast(  # one parameter per option
    scenario: Annotated[
        Path, typer.Argument(help="Rollout scenario; the NRW plan of August 2021 if none is named.", show_default=False)
    ] = DEFAULT_SCENARIO,
    replications: Annotated[int, typer.Option(min=1, max=100_000, help="How often the years are played through.")] = 40,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Equal seeds give equal numbers.")] = 2021,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Processes (default: all cores).")] = None,
    engine: Annotated[Engine, typer.Option(help="Where the replications run.")] = "local",
    mode: Annotated[Mode, typer.Option(help="`risk`, or `plan`: nothing goes wrong.")] = "risk",
    out: Annotated[Path, typer.Option(help="Folder for tables, charts and report.html.")] = Path("out"),
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no summary.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print summary.json on stdout.")] = False,
) -> None:
    """Forecast users, deadlines and scan-centre load of a rollout scenario.

    Prognose der Nutzerzahlen, Fristen und Scanstellen; Ergebnis in OUT/report.html.
    """
    chosen = language()
    loaded = load_scenario(locate(scenario))
    from simulation.forecast.executors import EngineUnavailable  # noqa: PLC0415 - heavy: only this command pays
    from simulation.report.write import check_place, write_forecast  # noqa: PLC0415

    try:
        check_place(out.resolve())
        result = _compute(loaded, replications, seed, workers or count_cores(), engine, mode, quiet)
        write_forecast(result, out, chosen)
    except (OSError, EngineUnavailable) as error:
        stop(f"eva forecast: {error}")
    if as_json:
        say_json(result.summary)
    elif not quiet:
        say(f"{_render_summary(result, chosen)}\n{in_language('Bericht', 'report')}: {out / 'report.html'}")


def load_scenario(path: Path) -> "Scenario":
    """Load a rollout scenario and print its warnings to stderr; raises `UnusableInput`."""
    from simulation.scenario.load import load_with_warnings  # noqa: PLC0415 - not needed for --help

    loaded, warnings = load_with_warnings(path)
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    return loaded


def _compute(
    scenario: "Scenario", replications: int, seed: int, workers: int, engine: Engine, mode: Mode, quiet: bool
) -> "Forecast":
    from api.cli.shared.progress import show_progress  # noqa: PLC0415 - not needed for --help
    from simulation.forecast import forecast as model  # noqa: PLC0415

    begun, unit = time.monotonic(), in_language("Mio. Sendungen/s", "m items/s")
    with show_progress(replications, in_language("Rechnungen", "runs"), quiet=quiet) as advance:

        def on_progress(done: int, items: int) -> None:
            advance(done, f"{items / 1e6 / max(time.monotonic() - begun, 1e-9):.1f} {unit}")

        return model.forecast(
            scenario, replications=replications, seed=seed, workers=workers, engine=engine, mode=mode,
            on_progress=on_progress,
        )  # fmt: skip


def _render_summary(result: "Forecast", chosen: str) -> str:
    from rich.console import Console  # noqa: PLC0415 - not needed for --help

    from simulation.report.terminal import render_summary  # noqa: PLC0415

    console = Console(width=None if sys.stdout.isatty() else 100)
    with console.capture() as table:
        console.print(render_summary(result, chosen))
    return table.get()
