"""Options that the commands on scenarios have in common, each said once."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli.shared.misuse import Misuse
from workflow.text import InvalidValue, Text

Scenario = Annotated[
    Path, typer.Argument(help="Rollout scenario; the NRW plan of August 2021 if none is named.", show_default=False)
]
Engine = Annotated[Literal["local", "dask", "ray"], typer.Option(help="Where the runs are made.")]
Mode = Annotated[Literal["risk", "plan"], typer.Option(help="`risk`, or `plan`: nothing goes wrong.")]
Seed = Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Equal seeds give equal numbers.")]


def _check_id(given: str | None) -> str | None:
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - not needed for --help

    from simulation.scenario.fields import Slug  # noqa: PLC0415

    try:
        TypeAdapter(Slug | None).validate_python(given)
    except ValidationError as error:
        from simulation.inputs.validator_words import explain  # noqa: PLC0415 - as above

        says = explain(error.errors(include_url=False)[0])
        raise Misuse(Text(*(f"`{given}`; {expected}" for expected in says))) from error
    return given


OfAuthority = Annotated[
    str | None, typer.Option("--authority", metavar="ID", help="Instead of the scenario's authority.",
                             callback=_check_id)
]  # fmt: skip
WorkerCount = Annotated[int | None, typer.Option(min=1, max=256, help="Processes (default: all cores).")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Keep no runs, and use none that are kept.")]


def read_decimal(low: float, high: float | None = None) -> Callable[[str | float], float]:
    """A parser of numbers with a decimal point or comma, from `low` to `high`."""

    def read(given: str | float) -> float:
        from simulation.inputs.written_numbers import parse_number  # noqa: PLC0415 - not needed for --help

        try:
            number = parse_number(str(given).strip())
        except InvalidValue as wrong:
            raise Misuse(wrong.text) from wrong
        if number < low or (high is not None and number > high):
            raise Misuse(
                Text(f"{given}; mindestens {low:g}", f"{given}; at least {low:g}")
                if high is None
                else Text(f"{given}; von {low:g} bis {high:g}", f"{given}; from {low:g} to {high:g}")
            )
        return number

    return read


def read_folder(given: str | Path) -> Path:
    """The folder that an option names; an empty name, as of a variable that is not set, would be the current folder."""
    if not str(given).strip():
        raise Misuse(
            Text(
                "leer; ein Ordner ist zu nennen, oder . für diesen hier",
                "empty; name a folder, or . for the current one",
            )
        )
    return Path(given)


Out = Annotated[
    Path, typer.Option(parser=read_folder, metavar="FOLDER", help="Folder for the tables and the page.")
]  # fmt: skip
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no summary.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON on stdout.")]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="CHANGE", help="What is different: LEVER(=|+=|-=|*=)NUMBER[@FROM[..UNTIL]]."),
]
ListOfChanges = Annotated[
    Path | None, typer.Option("--changes", metavar="FILE", help="A CSV list of changes: lever,from,until,by,factor,to.")
]
