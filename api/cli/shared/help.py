"""The help of `eva`: every command's sentence whole and in the chosen language, with sub-commands and variables."""

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.core import TyperGroup

from workflow.text import Text

VARIABLES = {
    "EVA_DATABASE_URL": Text(
        "Datenbank: SQLite-Datei oder postgresql://… (sonst sqlite:///eva.db)",
        "database: SQLite file or postgresql://… (else sqlite:///eva.db)",
    ),
    "EVA_LANG": Text("Sprache: de oder en (sonst de)", "language: de or en (else de)"),
    "EVA_DATA": Text(
        "Ordner für Gescanntes, Siegel und Ergebnisse von Prognosen (sonst eva-data)",
        "folder of scanned files, seal and results of runs (else eva-data)",
    ),
    "EVA_HOST, EVA_PORT": Text(
        "wo der Server lauscht (sonst 127.0.0.1, 8000)", "where the server listens (else 127.0.0.1, 8000)"
    ),
    "EVA_…": Text(
        "alle weiteren des Servers stehen in docs/reference/api.md",
        "all others of the server stand in docs/reference/api.md",
    ),
}
OPTIONS = Path(__file__).with_name("option_help.csv")
"""What options and arguments say of themselves, in English as where they are declared, and in German."""


class EvaGroup(TyperGroup):
    """A group of commands that explains itself."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        language = choose_language()
        rows = [
            (name, _summarise(command, language))
            for name, command in ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
            if command is not None and not command.hidden
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
        if ctx.parent is None:
            with formatter.section("Environment"):
                formatter.write_dl([(name, about.get(language)) for name, about in VARIABLES.items()])


def tell_options_in_german(command: Any) -> None:
    """Have the options and arguments of all commands, which tell their help in English, tell it in German."""
    with OPTIONS.open(encoding="utf-8", newline="") as file:
        german = {row["en"]: row["de"] for row in csv.DictReader(file)}
    for one in list_options(command):
        one.help = german[one.help]


def list_options(command: Any) -> Iterator[Any]:
    """Options and arguments with a help, of a command and all within it."""
    yield from (one for one in command.params if getattr(one, "help", None))
    for inner in getattr(command, "commands", {}).values():
        yield from list_options(inner)


def choose_language() -> str:
    """Help never fails for a variable that is wrong."""
    return "en" if os.environ.get("EVA_LANG") == "en" else "de"


def _summarise(command: Any, language: str) -> str:
    """The first sentence of a command's help, and which sub-commands it has."""
    paragraphs = [" ".join(part.split()) for part in (command.help or "").split("\n\n") if part.strip()]
    text = paragraphs[-1] if language == "de" and len(paragraphs) > 1 else (paragraphs or [""])[0]
    names = ", ".join(_list_names(command))
    return f"{text} [{names}]" if names else text


def _list_names(command: Any) -> Iterator[str]:
    yield from (name for name, one in getattr(command, "commands", {}).items() if not one.hidden)
