"""The scenario and replay files that come with `eva`, by name, and scenarios handed in as text that may extend them.

The server looks names up in a list, never as paths, so that a request cannot name another file. A text is read as if
it lay in the folder `scenarios/`: what it extends is named from there, and nothing outside that folder is read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from scenarios import FOLDER
from simulation.inputs.faults import Fault, Place, UnusableInput, at_most
from simulation.numbers import format_number
from workflow.text import Text

if TYPE_CHECKING:
    from api.replay.file.format import Case
    from simulation.inputs.yaml_file import Node
    from simulation.scenario.programme import Scenario

DEFAULT_SCENARIO = FOLDER / "nrw" / "plan-2021.yaml"
HANDED_IN = "scenario.yaml"
"""The file name of a scenario handed in as text, in faults."""
MOST_BYTES = 200_000
"""Largest scenario handed in; the shipped plan, which uses every key, is a fifth of it."""
MOST_STEPS = 2000
"""Most steps of a replay handed in, over all its cases."""

_WORD = re.compile(r"^(kind|name|title):[ \t]*(.+?)[ \t]*(?:#.*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Shipped:
    name: str
    kind: str
    """`rollout` or `replay`."""
    path: Path

    @property
    def file(self) -> str:
        """Its path in `scenarios/`, as `extends` names it."""
        return self.path.relative_to(FOLDER).as_posix()

    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")


@cache
def shipped() -> Mapping[str, Shipped]:
    """Every shipped scenario by name: its own `name:`, or its path without folder `replays` and suffix."""
    found = {}
    for path in sorted(FOLDER.rglob("*.yaml")):
        words = dict(_WORD.findall(path.read_text(encoding="utf-8")))
        if words.get("kind") in {"rollout", "replay"}:
            stem = "-".join(part for part in path.relative_to(FOLDER).with_suffix("").parts if part != "replays")
            name = words.get("name", stem)
            found[name] = Shipped(name, words["kind"], path)
    return found


def locate(path: Path) -> Path:
    """The file or folder that a command line names: a path, or else a shipped one, by name or by its path here.

    `scenarios/replays`, `replays/akte`, `nrw/plan-2021.yaml` and `nrw-plan-2021` work in any folder. A path that is
    neither is returned unchanged: whoever opens it reports that it is missing.
    """
    inside = FOLDER.parent / path if path.parts[:1] == (FOLDER.name,) else FOLDER / path
    if _exists(path) or ".." in path.parts:
        return path
    if _exists(inside):
        return inside
    known = shipped().get(str(path))
    return known.path if known else path


def _exists(path: Path) -> bool:
    """False also for a name that no file can have."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def load_replay(text: str) -> "tuple[list[Case], list[Fault]]":
    """The cases of a replay handed in, with remarks; raises `UnusableInput`. It may use the shipped fragments."""
    from api.replay.file.check import check_file  # noqa: PLC0415  # as in `load`
    from simulation.inputs.yaml_file import parse_yaml  # noqa: PLC0415

    place = FOLDER / HANDED_IN
    try:
        checked = _checked(text, str(place))
        _check_size(parse_yaml(checked, str(place)))
        cases, remarks = check_file(place, checked, within=FOLDER)
    except UnusableInput as unusable:
        raise UnusableInput([_without_folder(fault) for fault in unusable.faults]) from unusable
    return cases, [_without_folder(remark) for remark in remarks]


def _check_size(root: "Node") -> None:
    """A table multiplies the steps below it."""
    sizes = {key: len(node.value) for key, node in root.value.items() if isinstance(node.value, list)}
    number = (sizes.get("steps", 0) + sizes.get("use", 0)) * max(1, sizes.get("each", 0))
    if number > MOST_STEPS:
        counted = format_number(number, "de"), format_number(number, "en")
        wrong = Text(f"{counted[0]} Schritte in allen Fällen zusammen", f"{counted[1]} steps in all cases together")
        raise UnusableInput([Fault(root.place, wrong, at_most(MOST_STEPS))])


def load(name: str | None, text: str | None) -> "tuple[Scenario, list[Fault]]":
    """A shipped scenario by name, or one handed in, with warnings; raises `UnusableInput`, `KeyError` for a name."""
    from simulation.levers.load import load_with_warnings  # noqa: PLC0415  # heavy: only who loads one pays

    if name is not None:
        return load_with_warnings(shipped()[name].path)
    place = FOLDER / HANDED_IN
    try:
        return load_with_warnings(place, _checked(text or "", str(place)), within=FOLDER)
    except UnusableInput as unusable:
        raise UnusableInput([_without_folder(fault) for fault in unusable.faults]) from unusable


def _checked(text: str, name: str) -> str:
    from simulation.inputs.text_file import decode_text  # noqa: PLC0415  # as above

    return decode_text(text.encode("utf-8", "surrogatepass"), name, MOST_BYTES)


def _without_folder(fault: Fault) -> Fault:
    """The fault without the path of this machine."""
    path = Path(fault.place.file)
    file = path.relative_to(FOLDER).as_posix() if path.is_relative_to(FOLDER) else path.name
    place = Place(file, fault.place.line, fault.place.column, fault.place.pointer)
    return Fault(
        place, *(Text(*(told.replace(f"{FOLDER}/", "") for told in text)) for text in (fault.wrong, fault.expected))
    )
