"""`eva systems`: where each system of the report lives, or why it does not."""

from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.shared.output import in_language, language, say, say_json, stop

if TYPE_CHECKING:
    from api.cli.systems.systems import System

WIDTH = 80
"""Of a terminal as it opens; a command is never broken, so that it can be copied."""


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
        stop(_describe_unknown(str(name)))
    if as_json:
        say_json([describe_system(one, chosen) for one in found])
    elif len(found) == 1:
        say(render_one(found[0], chosen))
    else:
        say(_render(found, chosen))


def describe_system(system: "System", chosen: str) -> dict[str, Any]:
    """What `--json` tells of a system."""
    why_not = system.why_not
    return {
        "name": system.name,
        "appears_as": system.appears_as,
        "what": system.what.get(chosen) if system.what else None,
        "where": system.where,
        "command": system.command,
        "why_not": why_not.get(chosen) if why_not else None,
        "report_lines": system.report_lines,
    }


def _describe_unknown(name: str) -> str:
    from api.cli.systems.systems import find_near_names  # noqa: PLC0415 - only where the name is wrong

    shown, near = name[:60], find_near_names(name[:60])
    unknown = in_language(f"der Bericht hat kein System `{shown}`", f"the report has no system `{shown}`")
    names = ", ".join(f"`{one}`" for one in near)
    hint = (
        in_language(f"ähnlich: {names}", f"near: {names}")
        if near
        else in_language("alle: `eva systems`", "all: `eva systems`")
    )
    return f"eva systems: {unknown}; {hint}"


def render_one(system: "System", chosen: str) -> str:
    from api.cli.systems.systems import APPEARANCES  # noqa: PLC0415 - as above

    lines = _indent(system.name, "")
    if system.what:
        lines += _indent(system.what.get(chosen))
    told = [
        (in_language("Bericht", "report"), in_language("Zeilen ", "lines ") + system.report_lines),
        (in_language("hier als", "here as"), APPEARANCES[system.appears_as].get(chosen)),
    ]
    if system.why_not:
        told.append((in_language("warum", "why"), system.why_not.get(chosen)))
    told += [
        (in_language("steht in", "lives in") if place == system.places[0] else "", place) for place in system.places
    ]
    if system.command:
        told.append((in_language("zu sehen", "to see"), system.command))
    for name, text in told:
        first, *more = wrap(text, WIDTH - 12, break_long_words=False, break_on_hyphens=False)
        lines += [f"  {name:<9} {first}", *(" " * 12 + line for line in more)]
    return "\n".join(lines)


def _render(found: "list[System]", chosen: str) -> str:
    """By what they appear as; below each name the command that shows it, or why there is none."""
    from api.cli.systems.systems import APPEARANCES  # noqa: PLC0415 - as above

    parts = []
    for appearance, title in APPEARANCES.items():
        rows = [one for one in found if one.appears_as == appearance]
        if rows:
            named = [line for one in rows for line in _list_lines(one, chosen)]
            parts.append("\n".join([f"{title.get(chosen)} ({len(rows)})", *named]))
    return "\n\n".join(parts)


def _list_lines(system: "System", chosen: str) -> list[str]:
    shown = [system.command] if system.command else _indent(system.why_not.get(chosen) if system.why_not else "", "")
    return [*_indent(system.name), *(f"      {line}" for line in shown)]


def _indent(text: str, by: str = "  ") -> list[str]:
    return [by + line for line in wrap(text, WIDTH - 8, break_long_words=False, break_on_hyphens=False)]
