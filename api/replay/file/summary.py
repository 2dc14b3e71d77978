"""What `eva check` says of a replay file or fragment without faults."""

from pathlib import Path

from api.replay.file.check import load_checked
from api.replay.file.load import KINDS, check_fragment, read_kind
from simulation.inputs.faults import UnusableInput


def is_replay_file(path: Path) -> bool:
    """Whether a file says that it is a replay file or a fragment; no for one that cannot be read."""
    try:
        return read_kind(path) in KINDS
    except UnusableInput:
        return False


def check_and_summarise(path: Path, language: str) -> str:
    """One line with the number of cases and steps; raises `UnusableInput` with every fault."""
    german = language == "de"
    if read_kind(path) == "fragment":
        check_fragment(path)
        return f"{path}: {'in Ordnung, Baustein' if german else 'ok, fragment'}"
    cases = load_checked(path)
    steps = sum(len(case.replay.steps) for case in cases)
    case, step = ("Fall" if len(cases) == 1 else "Fälle", "Schritt" if steps == 1 else "Schritte")
    if not german:
        case, step = ("case" if len(cases) == 1 else "cases", "step" if steps == 1 else "steps")
    return f"{path}: {'in Ordnung' if german else 'ok'}, {len(cases)} {case}, {steps} {step}"
