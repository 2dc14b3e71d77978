"""What is said of options and arguments that are wrong: the place first, as of faults in files."""

import re
from typing import Any

import typer

from simulation.inputs.faults import Fault, Place, one_of
from workflow.text import NOTHING, Text, same

PHRASES = {
    r"No such option: (\S+)": r"die Option \1 gibt es nicht",
    r"No such option: (\S+) \(Possible options: (.+)\)": r"die Option \1 gibt es nicht; ähnlich sind \2",
    r"Option '(.+)' requires an argument\.": r"die Option \1 braucht einen Wert",
    r"Option '(.+)' does not take a value\.": r"die Option \1 nimmt keinen Wert",
    r"Missing (?:argument|option) .+": "fehlt",
    r"Got unexpected extra argument\(s\) \((.+)\)": r"zu viele Angaben (\1)",
    r"No such command '(.+)'\.": r"den Befehl \1 gibt es nicht",
    r"No such command '(.+)'\. Did you mean (.+)\?": r"den Befehl \1 gibt es nicht; gemeint ist vielleicht \2",
    r"(.+) is not one of (.+)\.": r"\1 ist keines von \2",
    r"(?:File|Path|Directory) (.+) does not exist\.": r"\1 gibt es nicht",
    r"(?:File|Path|Directory) (.+) is a file\.": r"\1 ist eine Datei",
    r"(?:File|Path|Directory) (.+) is a directory\.": r"\1 ist ein Ordner",
    r"(?:File|Path|Directory) (.+) is not readable\.": r"\1 ist nicht lesbar",
}
"""Patterns of what typer says -> the same in German."""


class Misuse(typer.BadParameter):
    """An option or argument with a value that it does not take; `text` says why."""

    def __init__(self, text: Text, param_hint: str | None = None) -> None:
        super().__init__(text.en, param_hint=param_hint)
        self.text = text


def describe_misuse(error: typer.TyperException, language: str) -> str:
    """`--replications:1:1: what is wrong`; the place is the option or argument, else the command."""
    place = Place(_name_place(error, getattr(error, "param", None)), 1, 1)
    return Fault(place, *_describe(error)).tell(language)


def _describe(error: typer.TyperException) -> tuple[Text, Text]:
    """What is wrong, and what is expected."""
    if isinstance(error, Misuse):
        return error.text, NOTHING
    if type(error).__name__ == "NoArgsIsHelpError":  # its message is the whole help
        return Text("ein Befehl fehlt", "a command is missing"), one_of(_list_commands(getattr(error, "ctx", None)))
    refused = getattr(error.__cause__, "errors", None)
    first = refused(include_url=False)[0] if refused else None
    if first is not None and (first["type"] != "value_error" or hasattr(first["ctx"]["error"], "text")):
        from simulation.inputs.validator_words import explain  # noqa: PLC0415 - heavy: not needed for --help

        return same(repr(first["input"])), explain(first)
    from simulation.inputs.foreign_words import translate  # noqa: PLC0415 - as above

    return translate(_cut(error), PHRASES, "so nicht zu verstehen"), NOTHING


def _cut(error: typer.TyperException) -> str:
    """The message without the name of the option or argument, which is the place."""
    said, parameter = " ".join(error.format_message().split()), getattr(error, "param", None)
    hint = getattr(error, "param_hint", None) or (parameter and parameter.get_error_hint())
    said = said.removeprefix(f"Invalid value for {hint}: ").removeprefix("Invalid value: ")
    return said.replace("Value error, ", "")


def _list_commands(context: Any) -> list[str]:
    return list(getattr(getattr(context, "command", None), "commands", ()))


def _name_place(error: typer.TyperException, parameter: Any) -> str:
    if parameter is not None:
        option = max(parameter.opts, key=len)
        return option if option.startswith("-") else re.sub("[^A-Z_]", "", parameter.metavar or parameter.name.upper())
    option = getattr(error, "option_name", None) or getattr(error, "param_hint", None)
    return str(option) if option else _name_command(getattr(error, "ctx", None))


def _name_command(context: Any) -> str:
    names: list[str] = []
    while context is not None and context.parent is not None:
        names.insert(0, context.info_name)
        context = context.parent
    return " ".join(["eva", *names])
