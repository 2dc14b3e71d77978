"""Load a replay file: its cases, one for each line of `each`, with the steps of fragments put in.

Every value keeps its place in its file, and all faults of a file are reported together.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import InitErrorDetails

from api.replay.file.format import Case, Fragment, Replay, Step
from api.replay.file.parameters import NO_PARAMETER, bind
from api.replay.file.schema_faults import to_faults
from simulation.inputs.extends import name_missing
from simulation.inputs.faults import Fault, UnusableInput, one_of
from simulation.inputs.valid_parts import take_valid
from simulation.inputs.yaml_file import Node, parse_yaml, read_yaml
from workflow.text import Text, same

DEEPEST = 10
"""Fragments may use each other so deep."""
KIND_REPLAY = same("`kind: replay`")
KINDS = ("replay", "fragment")


def load(path: Path, text: str | None = None, within: Path | None = None) -> tuple[list[Case], list[Fault]]:
    """The cases of a file, and every fault of its form; what has one is a hole in its case.

    Raises `UnusableInput` where there is no case to speak of. What the steps mean is not checked here.
    """
    root = read_yaml(path, str(path)) if text is None else parse_yaml(text, str(path))
    kind = _kind(root)
    if kind != "replay":
        says = Text("ein Baustein allein ist kein Fall", "a fragment alone is no case")
        raise UnusableInput([Fault(root.value["kind"].place, says, KIND_REPLAY)])
    reader = _Reader(path, root, within)
    return reader.cases(), reader.faults


def check_fragment(path: Path) -> None:
    """Raise `UnusableInput` where a fragment's form is wrong; its steps are checked in the files that use it."""
    _fragment(path, None)


def read_kind(path: Path) -> str | None:
    """The `kind` of a YAML file; raises `UnusableInput` for a file that is no YAML."""
    node = read_yaml(path, str(path)).value.get("kind")
    return node.value if node is not None and isinstance(node.value, str) else None


def _kind(root: Node) -> str:
    node = root.value.get("kind")
    if node is None or node.value not in KINDS:
        says = Text("keine Replay-Datei", "no replay file")
        raise UnusableInput([Fault(node.place if node else root.place, says, KIND_REPLAY)])
    return str(node.value)


class _Reader:
    def __init__(self, path: Path, root: Node, within: Path | None = None) -> None:
        self.path, self.root, self.within = path, root, within
        self.faults: list[Fault] = []
        self.used: set[str] = set()

    def cases(self) -> list[Case]:
        defaults, each = self._parameters()
        found = [self._case(line, defaults, len(each) > 1) for line in each]
        self._unused(defaults, each)
        return found

    def _parameters(self) -> tuple[dict[str, Any], list[Node]]:
        given, table = self.root.value.get("parameters"), self.root.value.get("each")
        defaults = given.plain() if given is not None and isinstance(given.value, dict) else {}
        lines = table.value if table is not None and isinstance(table.value, list) else []
        lines = [line for line in lines if isinstance(line.value, dict)]
        return defaults, lines or [Node(self.root.place, {})]

    def _unused(self, defaults: Mapping[str, Any], each: list[Node]) -> None:
        given = self.root.value.get("parameters")
        places = [(name, given.keys[name]) for name in defaults] if given else []
        for name, place in places + [named for line in each for named in line.keys.items()]:
            if name not in self.used:
                says = Text(f"`{name}` wird nicht benutzt", f"`{name}` is not used")
                expected = Text(f"irgendwo `${{{name}}}`", f"`${{{name}}}` somewhere")
                self.faults.append(Fault(place, says, expected))

    def _case(self, line: Node, defaults: Mapping[str, Any], several: bool) -> Case:
        values = {**defaults, **line.plain()}
        kept = {key: node for key, node in self.root.value.items() if key not in {"parameters", "each"}}
        whole = bind(Node(self.root.place, kept, self.root.keys), values, self.used, self.faults)
        rest = {key: self.root.value[key] for key in ("parameters", "each") if key in self.root.value}
        actors, steps, own = self._splice(whole)
        root = Node(whole.place, {**whole.value, **rest, "actors": actors, "steps": steps}, self.root.keys)
        lost: frozenset[str] = frozenset()
        try:
            replay = Replay.model_validate(root.plain())
        except ValidationError as wrong:
            self.faults += to_faults(root, wrong)
            replay, lost = take_valid(Replay, root.plain()), _find_lost(root, wrong)
        title = vars(replay).get("title", "")
        if several and title and "${" not in str(self.root.value["title"].value):
            title += f" ({', '.join(str(value) for value in line.plain().values())})"
        return Case(str(self.path), title, replay, root, tuple(own), lost)

    def _splice(self, whole: Node) -> tuple[Node, Node, list[bool]]:
        actors = whole.value.get("actors") or Node(whole.place, {})
        steps = whole.value.get("steps") or Node(whole.place, [])
        first = whole.value.get("use")
        names = [] if first is None else first.value if isinstance(first.value, list) else [first]
        chain = [self.path.resolve()]
        found = [(step, False) for name in names for step in self._used(name, {}, actors, chain)]
        for step in steps.value if isinstance(steps.value, list) else []:
            found += self._expand(step, actors, chain, own=True)
        whole_steps = Node(steps.place, [step for step, _ in found]) if isinstance(steps.value, list) else steps
        return actors, whole_steps, [own for _, own in found]

    def _expand(self, step: Node, actors: Node, chain: list[Path], own: bool) -> list[tuple[Node, bool]]:
        if not isinstance(step.value, dict) or "use" not in step.value:
            return [(step, own)]
        try:
            Step.model_validate(step.plain())
        except ValidationError as wrong:
            self.faults += to_faults(Node(step.place, {"steps": Node(step.place, [step])}), _below(wrong))
            return []
        given = step.value.get("with")
        values = given.plain() if given is not None else {}
        return [(one, False) for one in self._used(step.value["use"], values, actors, chain, given)]

    def _used(
        self, name: Node, values: dict[str, Any], actors: Node, chain: list[Path], given: Node | None = None
    ) -> list[Node]:
        """Steps of a fragment with its parameters; its people are added to `actors`."""
        path = Path(name.place.file).parent / str(name.value)
        if path.resolve() in chain or len(chain) > DEEPEST:
            says = Text(
                f"`{name.value}`: Bausteine benutzen einander im Kreis oder zu tief",
                f"`{name.value}`: fragments use each other in a circle, or too deep",
            )
            self.faults.append(Fault(name.place, says))
            return []
        if self.within is not None and not path.resolve().is_relative_to(self.within.resolve()):
            self.faults.append(Fault(name.place, name_missing(name.value)))
            return []
        try:
            root, fragment = _fragment(path, name)
        except UnusableInput as unusable:
            self.faults += unusable.faults
            return []
        for key in values:
            if key not in fragment.parameters:
                place = given.keys.get(key, given.place) if given else name.place
                says = Text(f"`{key}` ist kein Parameter von {name.value}", f"`{key}` is no parameter of {name.value}")
                self.faults.append(
                    Fault(place, says, one_of(fragment.parameters) if fragment.parameters else NO_PARAMETER)
                )
        missing = [key for key, default in fragment.parameters.items() if default is None and key not in values]
        if missing:
            wanted = ", ".join(missing)
            says = Text(f"{name.value} braucht {wanted}", f"{name.value} needs {wanted}")
            self.faults.append(Fault(name.place, says, Text("in `with` angeben", "give it in `with`")))
        merged = {**fragment.parameters, **values}
        used: set[str] = set()
        steps, people = root.value.get("steps"), root.value.get("actors")
        whole = [bind(step, merged, used, self.faults) for step in (steps.value if steps else [])]
        theirs = people.value if people and isinstance(actors.value, dict) else {}
        for key, person in theirs.items():
            actors.value.setdefault(key, bind(person, merged, used, self.faults))
        return [one for step in whole for one, _ in self._expand(step, actors, [*chain, path.resolve()], own=False)]


def _find_lost(root: Node, wrong: ValidationError) -> frozenset[str]:
    """Names that steps and people with faults would have given."""
    places = {(error["loc"][0], error["loc"][1]) for error in wrong.errors() if len(error["loc"]) > 1}
    names = {str(name) for part, name in places if part == "actors"}
    given = [root.find(place).value for place in places if place[0] == "steps"]
    ids = [step["id"].value for step in given if isinstance(step, dict) and "id" in step]
    return frozenset(names | {one for one in ids if isinstance(one, str)})


def _fragment(path: Path, named: Node | None) -> tuple[Node, Fragment]:
    if named is not None and not path.is_file():
        raise UnusableInput([Fault(named.place, name_missing(named.value))])
    found = path.stat()
    root = _read_unchanged(path, found.st_mtime_ns, found.st_size)
    if _kind(root) != "fragment":
        place = named.place if named is not None else root.value["kind"].place
        says = Text(f"{path.name} ist kein Baustein", f"{path.name} is no fragment")
        raise UnusableInput([Fault(place, says, same("`kind: fragment`"))])
    shown = _without_steps(root)
    try:
        return root, Fragment.model_validate(shown.plain())
    except ValidationError as wrong:
        raise UnusableInput(to_faults(shown, wrong)) from wrong


@lru_cache(64)
def _read_unchanged(path: Path, _changed: int, _size: int) -> Node:
    """Most replay files begin with the same few fragments; nobody writes to what is read."""
    return read_yaml(path, str(path))


def _without_steps(root: Node) -> Node:
    """Steps and people hold parameters still, so they are validated where they are used."""
    forms = {"steps": list, "actors": dict}
    kept = {key: node for key, node in root.value.items() if not isinstance(node.value, forms.get(key, ()))}
    return Node(root.place, kept, root.keys)


def _below(wrong: ValidationError) -> ValidationError:
    """The same errors of a step as seen from a file in which it is the first step."""
    moved: list[InitErrorDetails] = [
        {"type": e["type"], "loc": ("steps", 0, *e["loc"]), "input": e["input"], "ctx": e.get("ctx", {})}
        for e in wrong.errors()
    ]
    return ValidationError.from_exception_data(wrong.title, moved)
