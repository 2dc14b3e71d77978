"""Load a casework scenario: the YAML file with what it extends, validated, all faults at once with their places."""

import re
from pathlib import Path
from typing import NamedTuple

from simulation.inputs.extends import read_with_bases
from simulation.inputs.faults import Fault, UnusableInput
from simulation.inputs.text_file import read_text
from simulation.inputs.yaml_file import MOST_BYTES
from simulation.loading.check_casework import check_casework
from simulation.loading.load import check_kind, hash_content, validate
from simulation.scenario.casework import CaseworkScenario

_SAYS_SO = re.compile(r"^kind:[ \t]*casework\b", re.MULTILINE)


class LoadedCasework(NamedTuple):
    scenario: CaseworkScenario
    scenario_hash: str


def is_casework(path: Path) -> bool:
    """Whether the file itself says that it is a casework scenario; what cannot be read as a scenario is none."""
    try:
        return _SAYS_SO.search(read_text(path, str(path), MOST_BYTES)) is not None
    except UnusableInput:
        return False


def load_casework(path: Path) -> tuple[LoadedCasework, list[Fault]]:
    """The scenario with warnings of what is seldom intended; raises `UnusableInput` with every fault."""
    root, doubts = read_with_bases(path)
    check_kind(root, "casework")
    scenario, faults = validate(root, CaseworkScenario)
    faults += check_casework(scenario, root)
    if faults:
        raise UnusableInput(faults)
    return LoadedCasework(scenario, hash_content(scenario)), doubts
