"""What is said of options and arguments that are wrong: the place first, as of faults in files."""

import re
from typing import Any

import typer

from simulation.inputs.faults import Fault, Place


def describe_misuse(error: typer.TyperException) -> str:
    """`--replications:1:1: what is wrong`; the place is the option or argument, else the command."""
    said = " ".join(error.format_message().split())
    parameter = getattr(error, "param", None)
    hint = getattr(error, "param_hint", None) or (parameter and parameter.get_error_hint())
    said = said.removeprefix(f"Invalid value for {hint}: ").removeprefix("Invalid value: ")
    return str(Fault(Place(_name_place(error, parameter), 1, 1), said.replace("Value error, ", "")))


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
