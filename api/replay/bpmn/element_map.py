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

from simulation.inputs.faults import Fault, Place, UnusableInput, one_of, such_as
from simulation.inputs.yaml_file import Node, read_yaml
from workflow.engine.fields import is_name
from workflow.routing_slips.events import Kind
from workflow.text import Text, same

KEYS = ("kind", "actor", "deadline", "deadline_days", "until", "awaits", "silence_consents", "instruction", "leave_out")
EXAMPLE = Text(
    "Namen, jeder mit dem, was er ist, etwa `Task 1: {kind: co_sign, actor: schmidt}`",
    "names, each with what it is, such as `Task 1: {kind: co_sign, actor: schmidt}`",
)
_A_DAY = Text("ein Tag, etwa 2021-06-11", "a day such as 2021-06-11")
_A_PERSON = Text("der Name einer Person, als Text", "the name of a person, as text")
_DAYS_AFTER = Text("eine Zahl von Tagen nach der Zuleitung", "a number of days after delivery")
_AWAITED = Text("worauf die Station wartet, als Text", "what the station waits for, as text")
_TRUE, _A_TEXT = same("true"), Text("ein Text", "a text")


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
    root, faults = read_yaml(path, str(path), EXAMPLE), list[Fault]()
    found: dict[str, Entry] = {}
    for key, node in root.value.items():
        place = root.keys[key]
        if _plain(key) in found:
            faults.append(_name_twice(place, key, found[_plain(key)].key))
        found[_plain(key)] = Entry(place, key, _read_entry(key, place, node, faults))
    if faults:
        raise UnusableInput(faults)
    return ElementMap(found)


def _read_entry(key: str, place: Place, node: Node, faults: list[Fault]) -> dict[str, Any]:
    if not isinstance(node.value, dict) or not node.value:
        empty = Text(f"`{key}` sagt nichts", f"`{key}` says nothing")
        faults.append(Fault(node.place, empty, such_as("{kind: co_sign, actor: schmidt}")))
        return {}
    for name, inner in node.value.items():
        wrong = _find_wrong(name, inner.plain())
        if wrong is not None:
            faults.append(Fault(node.keys[name] if name not in KEYS else inner.place, *wrong))
    if "leave_out" in node.value and len(node.value) > 1:
        says = Text(f"`{key}` wird weggelassen und doch beschrieben", f"`{key}` is left out and yet described")
        faults.append(
            Fault(place, says, Text("`leave_out` allein, oder das andere", "`leave_out` alone, or the others"))
        )
    return {name: _as_json(inner.value) for name, inner in node.value.items()}


def _name_twice(place: Place, key: str, other: str) -> Fault:
    wrong = Text(f"`{key}` und `{other}` sind derselbe Name", f"`{key}` and `{other}` are the same name")
    return Fault(place, wrong, Text("einer davon", "one of them"))


def _find_wrong(name: str, value: Any) -> tuple[Text, Text] | None:
    """What is wrong with a key of an entry, and what is expected."""
    if name not in KEYS:
        near = difflib.get_close_matches(name, KEYS, 1)
        wrong = Text(f"unbekannter Schlüssel `{name[:60]}`", f"unknown key `{name[:60]}`")
        return wrong, same(f"`{near[0]}`?") if near else one_of(KEYS)
    kinds = [kind.value for kind in Kind]
    right = {
        "kind": (value in kinds, one_of(kinds)),
        "actor": (isinstance(value, str) and is_name(value), _A_PERSON),
        "deadline": (isinstance(value, date), _A_DAY),
        "until": (isinstance(value, date), _A_DAY),
        "deadline_days": (type(value) is int and 0 < value <= 3650, _DAYS_AFTER),
        "awaits": (isinstance(value, str) and bool(value.strip()), _AWAITED),
        "silence_consents": (value is True, _TRUE),
        "instruction": (isinstance(value, str) and len(value) <= 10_000, _A_TEXT),
        "leave_out": (value is True, _TRUE),
    }  # fmt: skip
    fits, expected = right[name]
    return None if fits else (same(f"`{name}`: {str(value)[:60]}"), expected)


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()
