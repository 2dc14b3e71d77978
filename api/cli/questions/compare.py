"""`eva compare`: the same runs of several scenarios, and what differs."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.questions.answer import answer_question
from api.cli.shared import options
from api.cli.shared.output import count_cores, in_language, language, stop
from api.cli.shared.scenarios import load_scenario, locate_cache, parse_share
from api.server.jobs.shipped_files import locate
from simulation.replications import REPLICATIONS


def compare(
    scenarios: Annotated[
        list[Path],
        typer.Argument(
            help="Rollout scenarios; the first is what the others are compared with.", metavar="SCENARIO..."
        ),
    ],
    changes: options.Changes = None,
    list_of_changes: options.ListOfChanges = None,
    replications: Annotated[int, typer.Option(min=2, max=100_000, help="Runs of each scenario.")] = REPLICATIONS,
    scan_replications: Annotated[
        int | None,
        typer.Option(
            min=0, max=10_000, help="Runs with every item in the scan centres (default: 3 if mail or scanning differ)."
        ),
    ] = None,
    outcome: Annotated[
        str | None, typer.Option(metavar="NAME", help="Outcome to rank by, such as users.e_laufmappe.2023.")
    ] = None,
    until_sure: Annotated[
        str | None, typer.Option(metavar="SHARE", help="More runs until the best is known with this probability: 95%.")
    ] = None,
    no_cache: options.NoCache = False,
    seed: options.Seed = 2021,
    workers: options.WorkerCount = None,
    engine: options.Engine = "local",
    mode: options.Mode = "risk",
    out: options.Out = Path("out-compare"),
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Compare scenarios by common random numbers: differences with intervals, and a ranking.

    With one scenario and `--set` or `--changes` it is compared with itself and that change.

    Vergleicht Szenarien mit denselben Zufallszahlen; Ergebnis in OUT/compare.html.
    """
    language()
    loaded = [load_scenario(locate(path)) for path in scenarios]
    if changes or list_of_changes:
        loaded.append(load_scenario(locate(scenarios[0]), changes or (), list_of_changes))
    if len(loaded) < 2:
        told = in_language(
            "ein Szenario; zum Vergleich ein zweites, --set oder --changes",
            "one scenario; a second one, --set or --changes to compare it with",
        )
        stop(f"SCENARIO:1:1: {told}")
    from simulation.questions import compare as question  # noqa: PLC0415 - heavy: only this command pays

    answer_question(
        "compare",
        lambda on_progress: question.compare(
            loaded, replications=replications, scan_replications=scan_replications, seed=seed,
            workers=workers or count_cores(), engine=engine, mode=mode, outcome=outcome,
            until_sure=None if until_sure is None else parse_share(until_sure, "--until-sure"),
            kept=None if no_cache else locate_cache(), on_progress=on_progress,
        ),
        loaded[0], out, quiet=quiet, as_json=as_json,
    )  # fmt: skip
