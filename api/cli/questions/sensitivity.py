"""`eva sensitivity`: which assumptions move an outcome most."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.questions.answer import answer_question
from api.cli.shared import options
from api.cli.shared.output import count_cores, in_language, language, stop
from api.cli.shared.scenarios import load_scenario, locate_cache
from api.server.jobs.shipped_files import DEFAULT_SCENARIO, locate
from simulation.replications import POINT_REPLICATIONS


def sensitivity(
    scenario: options.Scenario = DEFAULT_SCENARIO,
    outcome: Annotated[
        str | None, typer.Option(metavar="NAME", help="Such as users.e_laufmappe.2023 (default), delay, deadline.ID.")
    ] = None,
    changes: options.Changes = None,
    list_of_changes: options.ListOfChanges = None,
    trajectories: Annotated[int, typer.Option(min=2, max=1000, help="Of Morris, over all assumptions.")] = 8,
    samples: Annotated[int, typer.Option(min=2, max=65_536, help="Of Sobol, a power of two, for the few.")] = 64,
    few: Annotated[int, typer.Option(min=2, max=20, help="How many of the first go on to Sobol.")] = 5,
    replications: Annotated[int, typer.Option(min=1, max=1000, help="Runs of each point.")] = POINT_REPLICATIONS,
    no_cache: options.NoCache = False,
    seed: options.Seed = 2021,
    workers: options.WorkerCount = None,
    engine: options.Engine = "local",
    out: options.Out = Path("out-sensitivity"),
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Find the assumptions that move an outcome most: Morris over all, Sobol for the few, a tornado chart.

    Welche Annahmen ein Ergebnis am meisten bewegen; Ergebnis in OUT/sensitivity.html.
    """
    language()
    if samples & (samples - 1):
        told = in_language(f"{samples} ist keine Zweierpotenz; etwa 64", f"{samples} is no power of two; such as 64")
        stop(f"--samples:1:1: {told}")
    loaded = load_scenario(locate(scenario), changes or (), list_of_changes)
    from simulation.questions.sensitivity import analyse_sensitivity  # noqa: PLC0415 - heavy: only this command pays

    answer_question(
        "sensitivity",
        lambda on_progress: analyse_sensitivity(
            loaded, outcome=outcome, trajectories=trajectories, samples=samples, few=few, runs=replications, seed=seed,
            workers=workers or count_cores(), engine=engine, kept=None if no_cache else locate_cache(),
            on_progress=on_progress,
        ),
        loaded, out, quiet=quiet, as_json=as_json,
    )  # fmt: skip
