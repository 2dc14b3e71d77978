"""`eva forecast`: users, deadlines and scan-centre load of a rollout scenario, as tables, charts and a report."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.shared import options
from api.cli.shared.output import check_out, count_cores, in_language, language, render_text, say, say_json, stop
from api.cli.shared.scenarios import load_scenario, locate_cache, parse_share
from api.server.jobs.shipped_files import DEFAULT_SCENARIO, locate
from simulation.replications import REPLICATIONS, SCAN_REPLICATIONS

if TYPE_CHECKING:
    from simulation.forecast.forecast import Forecast
    from simulation.questions.answer import Answer
    from simulation.scenario.programme import Scenario


def forecast(  # one parameter per option
    context: typer.Context,
    scenarios: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Rollout scenario; the NRW plan of August 2021 if none is named. Several with --together.",
            show_default=False,
            metavar="[SCENARIO]...",
        ),
    ] = None,
    changes: options.Changes = None,
    list_of_changes: options.ListOfChanges = None,
    replications: Annotated[
        int, typer.Option(min=1, max=100_000, help="How often the rollout is played through.")
    ] = REPLICATIONS,
    scan_replications: Annotated[
        int, typer.Option(min=1, max=100_000, help="How many of these with every item in the scan centres.")
    ] = SCAN_REPLICATIONS,
    until_error: Annotated[
        str | None,
        typer.Option(metavar="SHARE", help="Go on until quantiles of users have at most this standard error: 1%."),
    ] = None,
    no_cache: options.NoCache = False,
    seed: options.Seed = 2021,
    workers: options.WorkerCount = None,
    engine: options.Engine = "local",
    mode: options.Mode = "risk",
    out: options.Out = Path("out"),
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
    together: Annotated[
        bool,
        typer.Option("--together", help="Several programmes over the resources of the first, which --set changes."),
    ] = False,
) -> None:
    """Forecast users, deadlines and scan-centre load of a rollout scenario.

    Prognose der Nutzerzahlen, Fristen und Scanstellen; Ergebnis in OUT/report.html.
    """
    chosen = language()
    named = [locate(path) for path in scenarios or [DEFAULT_SCENARIO]]
    loaded = load_scenario(named[0], changes or (), list_of_changes)
    processes = workers or count_cores()
    if together:
        _refuse_beside_together(context)
        kept = None if no_cache else locate_cache()
        asked = {"workers": processes, "engine": engine}
        programmes = [loaded, *(load_scenario(path) for path in named[1:])]
        _answer_together(programmes, replications, (seed, mode, kept), asked, out, quiet=quiet, as_json=as_json)
        return
    if len(named) > 1:
        told = in_language(
            "mehrere Szenarien; mit --together teilen sie Mittel, `eva compare` vergleicht sie",
            "several scenarios; with --together they share resources, eva compare compares them",
        )
        stop(f"SCENARIO:1:1: {told}")
    _refuse_more_scans_than_runs(context, replications, scan_replications, until_error)
    from simulation.inputs.foreign_words import describe_failure  # noqa: PLC0415
    from simulation.report.write import check_place, write_forecast  # noqa: PLC0415
    from simulation.workers import EngineUnavailable  # noqa: PLC0415 - heavy: only this command pays

    check_out(out, check_place)
    kept = None if no_cache else locate_cache()
    try:
        wanted = {
            "replications": replications, "scan_replications": scan_replications, "seed": seed,
            "workers": processes, "engine": engine, "mode": mode,
            "until_error": None if until_error is None else parse_share(until_error),
            "kept": kept,
        }  # fmt: skip
        result = _compute(loaded, wanted, quiet)
        write_forecast(result, out, chosen, kept, processes)
    except (OSError, EngineUnavailable) as error:
        stop(f"eva forecast: {describe_failure(error).get(chosen)}")
    if as_json:
        say_json(result.summary)
    elif not quiet:
        say(f"{_render_summary(result, chosen)}\n{in_language('Bericht', 'report')}: {out / 'report.html'}")


def _refuse_beside_together(context: typer.Context) -> None:
    """Options that say nothing of programmes beside each other are not passed over in silence."""
    for name in ("scan_replications", "until_error"):
        source = context.get_parameter_source(name)
        if source is not None and source.name != "DEFAULT":
            told = in_language(
                "gilt einem Szenario; --together nimmt das nicht",
                "it is of one scenario; --together takes no such option",
            )
            stop(f"--{name.replace('_', '-')}:1:1: {told}")


def _refuse_more_scans_than_runs(
    context: typer.Context, replications: int, scan_replications: int, until_error: str | None
) -> None:
    """Who names both numbers gets both; the usual number of runs with scan centres gives way to fewer runs."""
    source = context.get_parameter_source("scan_replications")
    given = source is not None and source.name != "DEFAULT"
    if given and scan_replications > replications and until_error is None:  # with it, there are as many as it takes
        told = in_language(
            f"{scan_replications} von {replications} Durchläufen; höchstens {replications}",
            f"{scan_replications} of {replications} replications; expected at most {replications}",
        )
        stop(f"--scan-replications:1:1: {told}")


def _answer_together(
    programmes: "list[Scenario]", replications: int, setting: tuple[int, str, Path | None], asked: dict[str, Any],
    out: Path, *, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """The programmes in one run, and each alone; `setting`: seed, mode and the folder of what is kept."""
    from api.cli.questions.answer import answer_question  # noqa: PLC0415 - not needed for --help
    from simulation.questions.programmes.together import run_together  # noqa: PLC0415
    from simulation.questions.runs import Setting  # noqa: PLC0415 - heavy: only this command pays

    def ask(on_progress: Callable[[int, int], None]) -> "Answer":
        return run_together(programmes, replications, Setting(*setting), **asked, on_progress=on_progress)

    answer_question("forecast", ask, programmes[0], out, quiet=quiet, as_json=as_json)


def _compute(scenario: "Scenario", wanted: dict[str, Any], quiet: bool) -> "Forecast":
    from api.cli.shared.progress import Rate, show_progress  # noqa: PLC0415 - not needed for --help
    from simulation.forecast import forecast as model  # noqa: PLC0415

    rate = Rate(1e6, in_language("Mio. Sendungen/s", "m items/s"))
    with show_progress(wanted["replications"], in_language("Durchläufe", "runs"), quiet=quiet) as advance:

        def on_progress(done: int, items: int) -> None:
            advance(done, rate.write(items))

        return model.forecast(scenario, **wanted, on_progress=on_progress)


def _render_summary(result: "Forecast", chosen: str) -> str:
    from simulation.report.terminal import render_summary  # noqa: PLC0415

    return render_text(render_summary(result, chosen))
