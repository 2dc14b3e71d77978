"""`eva capacity`: the least staff and scanners of a scan centre, per year."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.questions.answer import answer_question
from api.cli.shared import options
from api.cli.shared.output import count_cores, language
from api.cli.shared.scenarios import load_scenario, locate_cache, parse_share
from api.server.jobs.shipped_files import DEFAULT_SCENARIO, locate


def capacity(
    scenario: options.Scenario = DEFAULT_SCENARIO,
    centre: Annotated[str, typer.Option(metavar="ID", help="The scan centre.", show_default=False)] = ...,  # type: ignore[assignment]
    within: Annotated[
        float,
        typer.Option(
            parser=options.read_decimal(0.1),
            metavar="HOURS",
            help="Working hours from delivery to release.",
            show_default=False,
        ),
    ] = ...,  # type: ignore[assignment]
    share: Annotated[
        str, typer.Option(metavar="P", help="Share of the items of a year: 95% or 0.95.", show_default=False)
    ] = ...,  # type: ignore[assignment]
    confidence: Annotated[str, typer.Option(metavar="P", help="In at least this share of the runs.")] = "90%",
    year: Annotated[list[int] | None, typer.Option(help="Only these years (repeatable).")] = None,
    changes: options.Changes = None,
    list_of_changes: options.ListOfChanges = None,
    replications: Annotated[int, typer.Option(min=2, max=10_000, help="Runs with every item.")] = 20,
    no_cache: options.NoCache = False,
    seed: options.Seed = 2021,
    workers: options.WorkerCount = None,
    engine: options.Engine = "local",
    mode: options.Mode = "risk",
    out: options.Out = Path("out-capacity"),
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Size a scan centre: the least staff and scanners, per year, that release a share of the items in time.

    Bedarf einer Scanstelle je Jahr, mit Nachweis; Ergebnis in OUT/capacity.html.
    """
    language()
    loaded = load_scenario(locate(scenario), changes or (), list_of_changes)
    wanted, sure = parse_share(share, "--share"), parse_share(confidence, "--confidence")
    from simulation.questions.staffing.capacity import size_capacity  # noqa: PLC0415 - heavy: only this command pays

    answer_question(
        "capacity",
        lambda on_progress: size_capacity(
            loaded, centre, within, wanted, confidence=sure, replications=replications, years=year, seed=seed,
            workers=workers or count_cores(), engine=engine, mode=mode,
            kept=None if no_cache else locate_cache(), on_progress=on_progress,
        ),
        loaded, out, quiet=quiet, as_json=as_json,
    )  # fmt: skip
