"""`eva drive`: simulated staff work against a running server, through its API."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.shared.options import OfAuthority, Seed, read_decimal
from api.cli.shared.output import in_language, leave, render_text, say, say_json, stop
from api.cli.shared.people import parse_token
from api.server.jobs.shipped_files import locate

if TYPE_CHECKING:
    from simulation.loading.load_casework import LoadedCasework

DEFAULT = Path("casework/small-office.yaml")


def drive(  # one parameter per option
    url: Annotated[str, typer.Option(help="Where the server is.", show_default=False)],
    token: Annotated[
        str,
        typer.Option(
            parser=parse_token,
            metavar="TOKEN",
            help="Of an admin of the authority: the staff are entered with it.",
            show_default=False,
        ),
    ],
    scenario: Annotated[Path, typer.Option(help="Casework scenario whose staff it is.")] = DEFAULT,
    authority: OfAuthority = None,
    days: Annotated[int, typer.Option(min=1, max=1100, help="How many days they work, from today on.")] = 5,
    speed: Annotated[
        float,
        typer.Option(
            parser=read_decimal(0),
            metavar="NUMBER",
            help="Seconds of office hours in one second; 0: as fast as the server answers.",
        ),
    ] = 60.0,
    clients: Annotated[int, typer.Option(min=1, max=256, help="Requests under way at once, at most.")] = 16,
    seed: Seed = 2020,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Let simulated staff work against a running server through its API, and tell how long it takes to answer.

    Simuliertes Personal arbeitet über die Schnittstelle auf einem laufenden Server; mit Antwortzeiten.
    """
    from api.cli.casework.run import load_casework_scenario  # noqa: PLC0415 - heavy: only this command pays
    from api.cli.drive.requests import DriveError, Requests  # noqa: PLC0415
    from api.cli.drive.summary import render, summarise  # noqa: PLC0415

    loaded = load_casework_scenario(locate(scenario))
    if loaded.scenario.scan is not None:
        stop(in_language(f"{scenario}:1:1: eine Scanstelle arbeitet nur in `eva casework`",
                         f"{scenario}:1:1: a scan centre works in `eva casework` only"))  # fmt: skip
    try:
        requests = Requests(url, token, clients)
        seconds = _work(requests, loaded, {"authority": authority, "days": days}, speed, seed, quiet)
    except DriveError as wrong:
        stop(f"eva drive: {wrong}")
    summary = summarise(requests.measured, seconds)
    if as_json:
        say_json(summary)
    else:
        say(render_text(render(summary)))
    leave(1 if summary["refused"] else 0)


def _work(requests: Any, loaded: "LoadedCasework", of: dict[str, Any], speed: float, seed: int, quiet: bool) -> float:
    """Seconds on the wall that the work took."""
    import time  # noqa: PLC0415
    from datetime import datetime  # noqa: PLC0415
    from functools import partial  # noqa: PLC0415

    from api.cli.drive.office import DrivenOffice, make_pace  # noqa: PLC0415
    from api.cli.shared.progress import show_progress, write_count  # noqa: PLC0415
    from simulation.casework import casework as model  # noqa: PLC0415
    from simulation.casework.simulate import simulate  # noqa: PLC0415
    from simulation.casework.workplace import Run  # noqa: PLC0415
    from workflow.engine.fields import BERLIN  # noqa: PLC0415

    scenario = model.begin_on(model.adapt(loaded, of["authority"], of["days"]).scenario, datetime.now(BERLIN).date())
    begun = time.monotonic()
    with show_progress(of["days"], in_language("Tage", "days"), quiet=quiet) as advance:

        def on_day(passed: float) -> None:
            sent = sum(map(len, requests.measured.took.values()))
            advance(min(int(passed), of["days"]), f"{write_count(sent)} {in_language('Anfragen', 'requests')}")

        office = partial(DrivenOffice, requests, make_pace(speed), on_day)
        try:
            simulate(scenario, seed, Run(1, open_office=office))
        finally:
            requests.close()
    return time.monotonic() - begun
