"""`eva systems`: where each system of the report lives, or why it does not."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.shared.output import in_language, language, render_text, say, say_json, stop

if TYPE_CHECKING:
    from api.cli.systems.systems import System


def systems(
    name: Annotated[
        str | None, typer.Argument(help="Its name or a part of it; all where none is named.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="All that is known of each, as JSON.")] = False,
) -> None:
    """List the systems of the report: as what each appears here, where, and the command that shows it; or why not.

    Listet die Systeme des Berichts: als was jedes hier vorkommt, wo, und der Befehl, der es zeigt; oder warum nicht.
    """
    from api.cli.systems.systems import find_systems, read_systems  # noqa: PLC0415 - not needed for --help

    chosen = language()
    found = list(read_systems()) if name is None else find_systems(name)
    if not found:
        stop(_describe_unknown(str(name), [one.name for one in read_systems()]))
    if as_json:
        say_json([describe_system(one, chosen) for one in found])
    elif len(found) == 1:
        say(_render_one(found[0], chosen))
    else:
        say(_render(found, chosen))


def describe_system(system: "System", chosen: str) -> dict[str, Any]:
    """What `--json` tells of a system."""
    why_not = system.why_not
    return {
        "name": system.name,
        "appears_as": system.appears_as,
        "where": system.where,
        "command": system.command,
        "why_not": why_not.get(chosen) if why_not else None,
        "report_lines": system.report_lines,
    }


def _describe_unknown(name: str, known: list[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only where the name is wrong

    near = get_close_matches(name, known, 1, 0.4)
    hint = f"; `{near[0]}`?" if near else ""
    return f"eva systems: the report has no system `{name[:60]}`{hint}"


def _render_one(system: "System", chosen: str) -> str:
    from api.cli.systems.systems import APPEARANCES  # noqa: PLC0415 - as above

    lines = [
        f"{system.name}: {APPEARANCES[system.appears_as].get(chosen)}",
        in_language(f"Bericht, Zeilen {system.report_lines}", f"report, lines {system.report_lines}"),
    ]
    if system.why_not:
        return "\n".join([*lines, system.why_not.get(chosen)])
    return "\n".join([*lines, *system.places, str(system.command)])


def _render(found: "list[System]", chosen: str) -> str:
    from rich.table import Table  # noqa: PLC0415 - not needed for --help

    from api.cli.systems.systems import APPEARANCES  # noqa: PLC0415 - as above

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(in_language("System", "system"), ratio=4, overflow="fold")
    table.add_column(in_language("hier", "here"), ratio=2, overflow="fold")
    table.add_column(in_language("Befehl oder warum nicht", "command, or why not"), ratio=5, overflow="fold")
    for one in found:
        shown = one.why_not.get(chosen) if one.why_not else str(one.command)
        table.add_row(one.name, APPEARANCES[one.appears_as].get(chosen), shown)
    return render_text(table).rstrip("\n")
