"""Short names by kind and number, such as `akte` and `mappe2`, in place of the ids of a recording."""

from collections.abc import Mapping
from typing import Any

from api.replay.file.bodies import is_id

WORDS = {
    "record": "akte", "routing-slip": "mappe", "mail-folder": "post", "scan-batch": "stapel", "case": "vorgang",
    "document": "dokument", "item": "sendung", "hold": "sperre", "resubmission": "wiedervorlage",
    "process": "verfahren", "station": "station", "appointment": "vertretung", "defect": "mangel",
}  # fmt: skip


class Names:
    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self.used: set[str] = set()

    def give(self, kind: str, own_id: str, whole: str | None = None) -> str:
        """Name a new object; also the resource that contains it, where that is new as well."""
        word = WORDS.get(kind, "objekt")
        self._counts[word] = self._counts.get(word, 0) + 1
        self._known[own_id] = name = word if self._counts[word] == 1 else f"{word}{self._counts[word]}"
        if whole is not None:
            self._known.setdefault(whole, name)
        return name

    def get(self, own_id: str) -> str:
        """The name of an id; the id itself where nobody named it."""
        if own_id in self._known:
            self.used.add(self._known[own_id].partition("/")[0])
        return self._known.get(own_id, own_id)

    def number_parts(self, shown: Mapping[str, Any]) -> None:
        """Name the items and stations of a resource by their number: `post/2`."""
        whole = self._known.get(str(shown.get("id")))
        for held in ("items", "stations") if whole else ():
            for number, part in enumerate(shown.get(held) or (), 1):
                known = self._known.get(part["id"], "/")
                if "/" in known:
                    self._known[part["id"]] = f"{whole}/{number}"

    def replace_ids(self, value: Any) -> Any:
        """A body with names in place of ids, as values and as keys."""
        if isinstance(value, Mapping):
            return {self.get(key): self.replace_ids(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.replace_ids(inner) for inner in value]
        return self.get(value) if isinstance(value, str) and is_id(value) else value
