"""A scenario file laid on the one that it extends, and that on the one below; every value keeps its own place.

Mappings are merged deeply, so that a what-if says only what differs; lists and single values are replaced.
"""

from collections.abc import Iterator
from pathlib import Path

from simulation.faults import Fault, UnusableInput
from simulation.yaml_source import Node, read_yaml

MOST_EXTENDS = 20


def read_with_bases(path: Path) -> tuple[Node, list[Fault]]:
    """Read a file with all that it extends; raises `UnusableInput`.

    The second result names the figures that got a new value but kept the basis and source of the old one: allowed,
    but seldom meant.
    """
    return _read(path, [])


def _read(path: Path, above: list[Path]) -> tuple[Node, list[Fault]]:
    root = read_yaml(path, str(path))
    if "extends" not in root.value:
        return root, []
    extends = root.value.pop("extends")
    root.keys.pop("extends")
    chain = [*above, path.resolve()]
    base, doubts = _read(_base(path, extends, chain), chain)
    return merge(base, root), [*doubts, *_undefended(base, root, ())]


def _base(path: Path, extends: Node, chain: list[Path]) -> Path:
    """The file that `extends` names, beside the file at `path`."""
    name = extends.value
    if not isinstance(name, str) or not name or Path(name).is_absolute():
        raise UnusableInput([Fault(extends.place, "`extends` is no file name", "a scenario file, by relative path")])
    other = path.parent / name
    try:
        exists, resolved = other.is_file(), other.resolve()
    except (OSError, RuntimeError):  # a name too long, a link to itself
        exists, resolved = False, other
    if not exists:
        raise UnusableInput([Fault(extends.place, f"`extends: {name[:100]}`: there is no such file")])
    if resolved in chain:
        circle = " -> ".join(p.name for p in [*chain[chain.index(resolved) :], resolved])
        raise UnusableInput([Fault(extends.place, f"files extend each other: {circle}")])
    if len(chain) >= MOST_EXTENDS:
        raise UnusableInput([Fault(extends.place, f"more than {MOST_EXTENDS} files extend each other")])
    return other


def merge(base: Node, over: Node) -> Node:
    """Lay `over` on `base`: mappings deeply, everything else replaced. Both stay as they are."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    both = {k: merge(base.value[k], n) if k in base.value else n for k, n in over.value.items()}
    return Node(over.place, {**base.value, **both}, {**base.keys, **over.keys})


def _undefended(base: Node, over: Node, path: tuple[str, ...]) -> Iterator[Fault]:
    """Figures of another basis than `assumed` that `over` changes without a basis of their own."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return
    old, new, basis = base.value.get("value"), over.value.get("value"), base.value.get("basis")
    if old and new and basis and basis.value in ("report", "public") and "basis" not in over.value:
        if old.value != new.value:
            name = ".".join(path)
            yield Fault(
                new.place,
                f"`{name}` is {new.value} instead of {old.value}, but keeps the basis `{basis.value}` of the old value",
                "its own basis and source",
            )
        return
    for key, node in over.value.items():
        if key in base.value:
            yield from _undefended(base.value[key], node, (*path, key))
