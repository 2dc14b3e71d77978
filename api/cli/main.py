"""The command line `eva`: puts the commands together, and turns what goes wrong into lines and an exit status.

Exit status: 0 done, 1 the answer is no, 2 unusable input. Heavy libraries are imported inside the commands that need
them, so that `eva --help` and `eva check` answer at once.
"""

import sys
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from functools import cache
from typing import Annotated, Any

import typer

from api.cli import check, diagram, disposal, forecast, levers, mail, product, scan, schema, separators
from api.cli.casework import fit
from api.cli.casework import run as casework
from api.cli.demo import command as demo
from api.cli.drive.command import drive
from api.cli.operation import log, serve, tokens, views, webhooks
from api.cli.questions import capacity, compare, reach, sensitivity
from api.cli.replay import group as replay
from api.cli.shared.console import write_what_consoles_know
from api.cli.shared.garbage import collect_seldom
from api.cli.shared.help import EvaGroup, choose_language, tell_options_in_german
from api.cli.shared.misuse import describe_misuse
from api.cli.shared.output import INTERRUPTED, UNUSABLE, in_language, language, say, stop
from api.cli.systems import command as systems
from simulation.inputs.faults import UnusableInput

MOST_FAULTS = 200
GROUP_ALONE = 2
"""Words of a call that may be a group without a command, which tells its help."""

app = typer.Typer(cls=EvaGroup, add_completion=True, pretty_exceptions_enable=False, rich_markup_mode=None,
                  help="E-Verwaltungsarbeit: electronic files on one log, and the forecast of their rollout.\n\n"
                       "E-Akte, E-Laufmappe, Ersetzendes Scannen; Prognose des Rollouts.")  # fmt: skip
app.add_typer(
    replay.app,
    name="replay",
    help="Replay files against an engine or a server.\n\nReplay-Dateien nachspielen, auch gegen einen Server.",
)
app.command()(serve.serve)
app.command()(demo.demo)
app.command()(diagram.diagram)
app.add_typer(tokens.app, name="token")
app.add_typer(log.app, name="log")
app.add_typer(views.app, name="views")
app.add_typer(webhooks.app, name="webhook")
app.add_typer(disposal.app, name="disposal")
app.add_typer(scan.app, name="scan")
app.command()(separators.separators)
app.add_typer(product.app, name="product")
app.add_typer(mail.app, name="mail")
app.command()(forecast.forecast)
app.command()(compare.compare)
app.command()(capacity.capacity)
app.command()(reach.reach)
app.command()(sensitivity.sensitivity)
app.command()(levers.levers)
app.command()(systems.systems)
app.command()(casework.casework)
app.command()(drive)
app.command()(fit.fit)
app.command()(check.check)
app.command()(schema.schema)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - not needed otherwise

        say(f"eva {version('eva')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _eva(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help(), file=sys.stderr)
        raise typer.Exit(UNUSABLE)


@cache
def _build_command(*, german_help: bool) -> Callable[..., Any]:
    """All commands with all their options; it takes longer than most of what they do."""
    command = typer.main.get_command(app)
    if german_help:
        tell_options_in_german(command)
    return command


def main() -> None:
    """Run `eva`; unusable input gives one line per fault and exit status 2, never a traceback."""
    collect_seldom()
    write_what_consoles_know()
    asks_for_help = "--help" in sys.argv or len(sys.argv) <= GROUP_ALONE
    command = _build_command(german_help=asks_for_help and choose_language() == "de")
    try:
        status = command(standalone_mode=False)
    except UnusableInput as error:
        stop(_list_faults(error))
    except typer.TyperException as error:
        stop(describe_misuse(error, language()))
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenExecutor:
        stop(
            in_language(
                "eva: ein Arbeitsprozess wurde von außen beendet, vielleicht aus Speichermangel; weniger --workers "
                "brauchen weniger",
                "eva: a worker was ended from outside, perhaps for want of memory; fewer --workers need less",
            )
        )
    except (OSError, MemoryError) as error:
        from simulation.inputs.foreign_words import describe_failure  # noqa: PLC0415 - not needed otherwise

        out_of_memory = in_language("zu wenig Arbeitsspeicher", "out of memory")
        stop(f"eva: {describe_failure(error).get(language()) if str(error) else out_of_memory}")
    except SystemError as error:  # a compiled kernel hands an interrupt on as its cause
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        status = INTERRUPTED
    if status == INTERRUPTED:
        stop(in_language("abgebrochen", "interrupted"), INTERRUPTED)
    sys.exit(status or 0)


def _list_faults(unusable: UnusableInput) -> str:
    """One line per fault, up to a number that can still be read."""
    chosen = language()
    lines = [fault.tell(chosen) for fault in unusable.faults[:MOST_FAULTS]]
    more = len(unusable.faults) - MOST_FAULTS
    if more > 0:
        told = in_language(f"und {more} weitere Fehler ab hier", f"and {more} more faults from here on")
        lines.append(f"{unusable.faults[MOST_FAULTS].place}: {told}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
