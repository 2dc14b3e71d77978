"""`eva reach`: the cheapest mix of levers that holds a deadline."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.questions.answer import answer_question
from api.cli.shared import options
from api.cli.shared.output import NO, count_cores, in_language, language, leave, stop
from api.cli.shared.scenarios import load_scenario, locate_cache, parse_share
from api.server.jobs.shipped_files import DEFAULT_SCENARIO, locate
from simulation.replications import MIX_REPLICATIONS


def reach(
    scenario: options.Scenario = DEFAULT_SCENARIO,
    deadline: Annotated[str, typer.Option(metavar="ID", help="The deadline.", show_default=False)] = ...,  # type: ignore[assignment]
    probability: Annotated[
        str, typer.Option(metavar="P", help="How surely it is to be held: 80% or 0.8.", show_default=False)
    ] = ...,  # type: ignore[assignment]
    levers: Annotated[
        list[str] | None,
        typer.Option(help="Levers to mix, repeatable or with commas (default: teams, trainers and slots)."),
    ] = None,
    cost: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What a step of each lever costs, and how many there may be.")
    ] = None,
    changes: options.Changes = None,
    list_of_changes: options.ListOfChanges = None,
    replications: Annotated[int, typer.Option(min=10, max=100_000, help="Runs of each mix.")] = MIX_REPLICATIONS,
    budget: Annotated[int, typer.Option(min=2, max=10_000, help="Mixes that are tried at most.")] = 150,
    no_cache: options.NoCache = False,
    seed: options.Seed = 2021,
    workers: options.WorkerCount = None,
    engine: options.Engine = "local",
    mode: options.Mode = "risk",
    out: options.Out = Path("out-reach"),
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Find the cheapest mix of levers that holds a deadline with a probability; status 1 where none does.

    Was es braucht, um eine Frist zu halten; Ergebnis in OUT/reach.html. Ein abgebrochener Lauf geht weiter, wo er war.
    """
    language()
    loaded = load_scenario(locate(scenario), changes or (), list_of_changes)
    wanted = parse_share(probability, "--probability")
    names = [name.strip() for text in levers or () for name in text.split(",") if name.strip()]
    if levers is not None and not names:
        told = in_language(
            "leer; Hebel wie rollout.teams,rollout.trainers",
            "empty; expected levers such as rollout.teams,rollout.trainers",
        )
        stop(f"--levers:1:1: {told}")
    from simulation.questions.mixes import costs  # noqa: PLC0415 - heavy: only this command pays
    from simulation.questions.mixes import reach as question  # noqa: PLC0415

    priced = costs.read_costs(cost, loaded) if cost else costs.make_costs(loaded, names or costs.DEFAULT_LEVERS)
    answer = answer_question(
        "reach",
        lambda on_progress: question.reach(
            loaded, deadline, wanted, levers=names, costs=priced, replications=replications, budget=budget, seed=seed,
            workers=workers or count_cores(), engine=engine, mode=mode,
            kept=None if no_cache else locate_cache(), on_progress=on_progress,
        ),
        loaded, out, quiet=quiet, as_json=as_json,
    )  # fmt: skip
    if not answer.summary["reached"]:
        leave(NO)
