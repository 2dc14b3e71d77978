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
    from simulation.levers.load import add_changes, load_with_warnings  # noqa: PLC0415

    loaded, warnings = load_with_warnings(path)
    for warning in warnings:
        print(f"{in_language('Warnung', 'warning')}: {warning.tell(language())}", file=sys.stderr)
    return change_scenario(add_changes(loaded, listed) if listed else loaded, changes)


def parse_share(text: str, option: str = "--until-error") -> float:
    """`1%` or `0.01`; ends the command for anything else."""
    number = text.strip().removesuffix("%")
    try:
        share = float(number) / (100 if number != text.strip() else 1)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        told = in_language(f"`{text}` ist kein Anteil; etwa 1% oder 0.01", f"`{text}` is no share; such as 1% or 0.01")
        stop(f"{option}:1:1: {told}")
    return share


def locate_cache() -> Path:
    """Where runs are kept: `EVA_CACHE`, else the place for such files that the system names, else `~/.cache/eva`."""
    named = os.environ.get("EVA_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "eva" / "runs"
