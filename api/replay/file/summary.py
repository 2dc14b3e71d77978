"""What `eva check` says of a replay file or fragment without faults."""

from pathlib import Path

from api.replay.file.check import check_file
from api.replay.file.format import Case
from api.replay.file.load import KINDS, check_fragment, read_kind
from simulation.inputs.faults import UnusableInput


def is_replay_file(path: Path) -> bool:
    """Whether a file says that it is a replay file or a fragment; no for one that cannot be read."""
    try:
        return read_kind(path) in KINDS
    except UnusableInput:
        return False


def check_and_summarise(path: Path, language: str) -> list[str]:
    """A line with the number of cases and steps, and one for each remark; raises `UnusableInput` with every fault."""
    if read_kind(path) == "fragment":
        check_fragment(path)
        return [f"{path}: {'in Ordnung, Baustein' if language == 'de' else 'ok, fragment'}"]
    cases, remarks = check_file(path)
    word = "Hinweis" if language == "de" else "remark"
    return [_summarise(path, cases, language), *(f"{word}: {remark.tell(language)}" for remark in remarks)]


def _summarise(path: Path, cases: list[Case], language: str) -> str:
    many, steps = len(cases), sum(len(case.replay.steps) for case in cases)
    if language == "de":
        counted = f"{many} {'Fall' if many == 1 else 'Fälle'}, {steps} {'Schritt' if steps == 1 else 'Schritte'}"
        return f"{path}: in Ordnung, {counted}"
    return f"{path}: ok, {many} {'case' if many == 1 else 'cases'}, {steps} {'step' if steps == 1 else 'steps'}"
