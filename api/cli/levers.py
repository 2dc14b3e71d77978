"""`eva levers`: what a planner may change of a scenario, by name."""

from typing import Annotated, Any

import typer

from api.cli.shared import options
from api.cli.shared.output import in_language, language, render_text, say, say_json, stop
from api.cli.shared.scenarios import load_scenario
from api.server.jobs.shipped_files import DEFAULT_SCENARIO, locate

HEADINGS = (("Hebel", "lever"), ("Name", "name"), ("Werte", "values"), ("Einheit", "unit"), ("Grenzen", "bounds"),
            ("Grundlage", "basis"))  # fmt: skip


def levers(
    scenario: options.Scenario = DEFAULT_SCENARIO,
    changes: options.Changes = None,
    list_of_changes: options.ListOfChanges = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every figure by its path too, every project and every authority.")
    ] = False,
    of: Annotated[
        str,
        typer.Option("--of", metavar="TEXT", help="Only those with this in lever or name.", show_default=False),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="All that is known of each, as JSON.")] = False,
) -> None:
    """List the levers of a rollout scenario: name, unit, value, bounds and basis.

    A capacity that changes is told with every step and its first day.

    Listet die Hebel eines Szenarios: was sich mit `--set` und `changes` ändern lässt.
    """
    chosen = language()
    from simulation.levers.apply import show_changes  # noqa: PLC0415 - heavy: only this command pays
    from simulation.levers.describe import describe_levers  # noqa: PLC0415

    loaded = load_scenario(locate(scenario), changes or (), list_of_changes)
    listed = describe_levers(show_changes(loaded), every=every)
    if of:
        listed = [one for one in listed if _holds(one, of)]
        if not listed:
            stop(in_language(f"--of:1:1: kein Hebel mit `{of}`", f"--of:1:1: no lever with `{of}`"))
    if as_json:
        say_json(listed)
        return
    say(_render(listed, chosen))


def _holds(one: dict[str, Any], text: str) -> bool:
    return any(text.casefold() in one[name].casefold() for name in ("lever", "name_de", "name_en"))


def _render(listed: list[dict[str, Any]], chosen: str) -> str:
    from simulation.levers.steps import say_value  # noqa: PLC0415
    from simulation.numbers import format_as_given  # noqa: PLC0415 - not needed for --help
    from simulation.report.fitting_table import FittingTable  # noqa: PLC0415
    from simulation.scenario.figures import BASES  # noqa: PLC0415

    rows = []
    for one in listed:
        low, high = (
            format_as_given(one[edge], chosen) if one[edge] is not None else "" for edge in ("lowest", "highest")
        )
        planned, unit = say_value(one, chosen, ""), one["unit_de" if chosen == "de" else "unit"]
        rows.append((
            one["lever"], one[f"name_{chosen}"], planned, unit,
            f"{low} … {high}" if low or high else "", BASES[one["basis"]].get(chosen),
        ))  # fmt: skip
    headings = [in_language(*both) for both in HEADINGS]
    return render_text(FittingTable("", headings, rows, texts=(1, 2, 3, 4, 5)), otherwise=160).rstrip("\n")
