"""The map of an import (`--map FILE`): for names in the model, what they are here.

```yaml
Task 1: {kind: co_sign, actor: schmidt, deadline: 2021-06-11}
Referat 12: {actor: weber}
Archivieren: {leave_out: true}
```

A key is the name or id of a task, or the name of a lane, a group or an expression whose person it tells. Case and
blanks do not count, because editors break and pad names.
"""

import difflib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from simulation.inputs.faults import Fault, Place, UnusableInput, in_english
from simulation.inputs.yaml_file import Node, read_yaml
from workflow.engine.fields import is_name
from workflow.routing_slips.events import Kind

KEYS = ("kind", "actor", "deadline", "deadline_days", "until", "awaits", "silence_consents", "instruction", "leave_out")
EXAMPLE = "names, each with what it is, such as `Task 1: {kind: co_sign, actor: schmidt}`"


@dataclass
class Entry:
    place: Place
    key: str
    said: dict[str, Any]
    used: bool = False


@dataclass
class ElementMap:
    entries: dict[str, Entry] = field(default_factory=dict)

    def find(self, *names: str | None) -> dict[str, Any]:
        """What the map says of the first of these names that it knows; empty where it knows none."""
        for name in names:
            entry = self.entries.get(_plain(name or ""))
            if entry is not None:
                entry.used = True
                return entry.said
        return {}

    def find_actor(self, name: str) -> str | None:
        return self.find(name).get("actor")

    def unused(self) -> list[Entry]:
        return [entry for entry in self.entries.values() if not entry.used]


def read_map(path: Path) -> ElementMap:
    """Raises `UnusableInput` with every fault of the file."""
    root, faults = read_yaml(path, str(path), in_english(EXAMPLE)), list[Fault]()
    found: dict[str, Entry] = {}
    for key, node in root.value.items():
        place = root.keys[key]
        if _plain(key) in found:
            faults.append(
                Fault(
                    place,
                    in_english(f"`{key}` and `{found[_plain(key)].key}` are the same name"),
                    in_english("one of them"),
                )
            )
        found[_plain(key)] = Entry(place, key, _read_entry(key, place, node, faults))
    if faults:
        raise UnusableInput(faults)
    return ElementMap(found)


def _read_entry(key: str, place: Place, node: Node, faults: list[Fault]) -> dict[str, Any]:
    if not isinstance(node.value, dict) or not node.value:
        faults.append(
            Fault(
                node.place, in_english(f"`{key}` says nothing"), in_english("such as {kind: co_sign, actor: schmidt}")
            )
        )
        return {}
    for name, inner in node.value.items():
        wrong = _find_wrong(name, inner.plain())
        if wrong is not None:
            faults.append(Fault(node.keys[name] if name not in KEYS else inner.place, *map(in_english, wrong)))
    if "leave_out" in node.value and len(node.value) > 1:
        faults.append(
            Fault(
                place,
                in_english(f"`{key}` is left out and yet described"),
                in_english("`leave_out` alone, or the others"),
            )
        )
    return {name: _as_json(inner.value) for name, inner in node.value.items()}


def _find_wrong(name: str, value: Any) -> tuple[str, str] | None:
    """What is wrong with a key of an entry, and what is expected."""
    if name not in KEYS:
        near = difflib.get_close_matches(name, KEYS, 1)
        return f"unknown key `{name[:60]}`", f"`{near[0]}`?" if near else f"one of {', '.join(KEYS)}"
    kinds = [kind.value for kind in Kind]
    right = {
        "kind": (value in kinds, f"one of {', '.join(kinds)}"),
        "actor": (isinstance(value, str) and is_name(value), "the name of a person, as text"),
        "deadline": (isinstance(value, date), "a day such as 2021-06-11"),
        "until": (isinstance(value, date), "a day such as 2021-06-11"),
        "deadline_days": (type(value) is int and 0 < value <= 3650, "a number of days after delivery"),
        "awaits": (isinstance(value, str) and bool(value.strip()), "what the station waits for, as text"),
        "silence_consents": (value is True, "true"),
        "instruction": (isinstance(value, str) and len(value) <= 10_000, "a text"),
        "leave_out": (value is True, "true"),
    }  # fmt: skip
    fits, expected = right[name]
    return None if fits else (f"`{name}`: {str(value)[:60]}", expected)


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()
