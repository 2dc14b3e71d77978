"""What all commands on scenarios do: load one with its changes, find the kept runs, read a share."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.shared.output import in_language, language, stop

if TYPE_CHECKING:
    from simulation.scenario.programme import Scenario


def load_scenario(path: Path, changes: Sequence[str] = (), listed: Path | None = None) -> "Scenario":
    """Load a rollout scenario with changes, those of the list first; print its warnings; raises `UnusableInput`."""
    from simulation.levers.apply import change_scenario  # noqa: PLC0415 - not needed for --help
    from simulation.levers.listed import describe_changes  # noqa: PLC0415
    from simulation.levers.load import add_changes, load_with_warnings  # noqa: PLC0415
    from simulation.levers.sentences import list_remarks  # noqa: PLC0415

    loaded, warnings = load_with_warnings(path)
    for warning in warnings:
        print(f"{in_language('Warnung', 'warning')}: {warning.tell(language())}", file=sys.stderr)
    changed = change_scenario(add_changes(loaded, listed) if listed else loaded, changes)
    for remark in list_remarks(describe_changes(changed), language()):
        print(f"{in_language('Hinweis', 'note')}: {remark}", file=sys.stderr)
    return changed


def parse_share(text: str, option: str = "--until-error") -> float:
    """`1%` or `0.01`, with a comma too; ends the command for anything else."""
    from simulation.inputs.written_numbers import parse_number  # noqa: PLC0415 - not needed for --help
    from workflow.text import InvalidValue  # noqa: PLC0415

    number = text.strip().removesuffix("%").strip()
    per_cent = "%" in text
    try:
        share = parse_number(number) / (100 if per_cent else 1)
    except InvalidValue:
        share = 0.0
    if not 0 < share < 1:
        meant = f"{number}% (= {share / 100:g})" if not per_cent and 1 < share < 100 else "80% (= 0.8)"
        de = meant.replace(".", ",").replace("%", " %")
        told = in_language(f"`{text}` ist kein Anteil; etwa {de}", f"`{text}` is no share; such as {meant}")
        stop(f"{option}:1:1: {told}")
    return share


def locate_cache() -> Path:
    """Where runs are kept: `EVA_CACHE`, else the place for such files that the system names, else `~/.cache/eva`."""
    named = os.environ.get("EVA_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "eva" / "runs"
