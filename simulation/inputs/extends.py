"""A scenario file merged with the file that it extends, and so on; every value keeps the place in its own file.

Mappings are merged deeply, so that a what-if says only what differs; lists and single values are replaced, but
`changes` are added to those of the other file.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from scenarios import FOLDER
from simulation.inputs.faults import Fault, UnusableInput
from simulation.inputs.yaml_file import Node, parse_yaml, read_yaml
from workflow.text import Text

T = TypeVar("T")

MOST_EXTENDS = 20


def read_with_bases(path: Path, text: str | None = None, within: Path | None = None) -> tuple[Node, list[Fault]]:
    """Read a file with all that it extends; raises `UnusableInput`.

    `text` stands for the content of the file, which then need not exist. `within` is the only folder from which bases
    are read.

    The second result names the figures that got a new value but kept the basis and source of the old one: allowed,
    but seldom meant.
    """
    root = read_yaml(path, str(path)) if text is None else parse_yaml(text, str(path))
    return _merge_with_bases(path, root, [], within)


def _merge_with_bases(path: Path, root: Node, above: list[Path], within: Path | None) -> tuple[Node, list[Fault]]:
    if "extends" not in root.value:
        return root, []
    extends = root.value["extends"]
    root = Node(root.place, _leave_out_extends(root.value), _leave_out_extends(root.keys))
    chain = [*above, path.resolve()]
    below = _base(path, extends, chain, within)
    base, doubts = _merge_with_bases(below, read_yaml(below, str(below)), chain, within)
    merged = merge(base, root)
    both = [node.value["changes"].value for node in (base, root) if "changes" in node.value]
    if len(both) == 2 and all(isinstance(entries, list) for entries in both):
        merged.value["changes"] = replace(root.value["changes"], value=both[0] + both[1])
    return merged, [*doubts, *_find_kept_bases(base, root, ())]


def _leave_out_extends(of: dict[str, T]) -> dict[str, T]:
    return {key: one for key, one in of.items() if key != "extends"}


def _base(path: Path, extends: Node, chain: list[Path], within: Path | None) -> Path:
    """The file that `extends` names, beside the file at `path`, or else among the shipped scenarios."""
    name = extends.value
    if not isinstance(name, str) or not name or Path(name).is_absolute():
        wrong = Text("`extends` ist kein Dateiname", "`extends` is no file name")
        expected = Text("eine Szenariodatei mit relativem Pfad", "a scenario file, by relative path")
        raise UnusableInput([Fault(extends.place, wrong, expected)])
    other = path.parent / name
    try:
        other = other if other.is_file() else FOLDER / name
        exists, resolved = other.is_file(), other.resolve()
    except (OSError, RuntimeError):  # a name too long, a link to itself
        exists, resolved = False, other
    if not exists or (within is not None and not resolved.is_relative_to(within.resolve())):
        raise UnusableInput([Fault(extends.place, name_missing(f"extends: {name[:100]}"))])
    if resolved in chain:
        circle = " -> ".join(p.name for p in [*chain[chain.index(resolved) :], resolved])
        says = Text(f"die Dateien erweitern einander: {circle}", f"files extend each other: {circle}")
        raise UnusableInput([Fault(extends.place, says)])
    if len(chain) >= MOST_EXTENDS:
        says = Text(
            f"mehr als {MOST_EXTENDS} Dateien erweitern einander", f"more than {MOST_EXTENDS} files extend each other"
        )
        raise UnusableInput([Fault(extends.place, says)])
    return other


def name_missing(name: str) -> Text:
    return Text(f"`{name}`: die Datei gibt es nicht", f"`{name}`: there is no such file")


def merge(base: Node, over: Node) -> Node:
    """Lay `over` on `base`: mappings deeply, everything else replaced. Both stay as they are."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    both = {k: merge(base.value[k], n) if k in base.value else n for k, n in over.value.items()}
    return Node(over.place, {**base.value, **both}, {**base.keys, **over.keys})


def _find_kept_bases(base: Node, over: Node, path: tuple[str, ...]) -> Iterator[Fault]:
    """Figures of the basis `report` or `public` whose value `over` changes without giving a basis."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return
    old, new, basis = base.value.get("value"), over.value.get("value"), base.value.get("basis")
    if old and new and basis and basis.value in ("report", "public") and "basis" not in over.value:
        if old.value != new.value:
            name = ".".join(path)
            says = Text(
                f"`{name}` ist {new.value} statt {old.value}, behält aber `{basis.value}` als Grundlage",
                f"`{name}` is {new.value} instead of {old.value}, but keeps the basis `{basis.value}` of the old value",
            )
            yield Fault(new.place, says, Text("eigenes `basis` und `source`", "its own basis and source"))
        return
    for key, node in over.value.items():
        if key in base.value:
            yield from _find_kept_bases(base.value[key], node, (*path, key))
