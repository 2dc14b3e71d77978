"""The systems of the report, and where each of them lives here or why it does not: `scenarios/systems.csv`."""

import re
from difflib import SequenceMatcher
from functools import cache
from typing import Literal

from pydantic import BaseModel, model_validator

from scenarios import FOLDER
from workflow.text import Text

SYSTEMS = FOLDER / "systems.csv"
SHORT = 3
"""Words of so few letters are too much alike to stand for a name."""
Appearance = Literal["workflow feature", "adoption programme", "intake channel", "demand driver", "not at all"]
APPEARANCES: dict[Appearance, Text] = {
    "workflow feature": Text("Teil der Vorgangsbearbeitung", "workflow feature"),
    "adoption programme": Text("Einführungsprogramm", "adoption programme"),
    "intake channel": Text("Eingangskanal", "intake channel"),
    "demand driver": Text("Treiber der Nachfrage", "demand driver"),
    "not at all": Text("nicht abgebildet", "not at all"),
}


class System(BaseModel):
    """One row: either a command that shows the system, or why there is none.

    `report_lines`: lines of the report's text that name it. `what_de` and `what_en`: what the report says of it; of one
    that is not shown the reason says enough. `where`: paths in the repository, the first of which says `look_for`.
    """

    name: str
    report_lines: str
    appears_as: Appearance
    what_de: str | None
    what_en: str | None
    where: str | None
    look_for: str | None
    command: str | None
    why_not_de: str | None
    why_not_en: str | None

    @model_validator(mode="after")
    def _is_complete(self) -> "System":
        if (self.command is None) == (self.why_not_en is None):
            raise ValueError("either a command or a reason why there is none")
        if self.command and not (self.where and self.look_for and self.what_de and self.what_en):
            raise ValueError("a command needs where, look_for, and what it is in both languages")
        if (self.why_not_de is None) != (self.why_not_en is None):
            raise ValueError("a reason stands in both languages")
        return self

    @property
    def why_not(self) -> Text | None:
        return Text(self.why_not_de, self.why_not_en) if self.why_not_de and self.why_not_en else None

    @property
    def what(self) -> Text | None:
        return Text(self.what_de, self.what_en) if self.what_de and self.what_en else None

    @property
    def places(self) -> list[str]:
        return (self.where or "").split()


@cache
def read_systems() -> tuple[System, ...]:
    """All systems in the order of the report's chapters."""
    from simulation.inputs.csv_file import read_rows  # noqa: PLC0415 - only who asks for them pays

    return tuple(row for row, _ in read_rows(SYSTEMS, str(SYSTEMS), System))


def find_systems(text: str) -> list[System]:
    """The system of this name; else all whose name holds every word of the text, in any case of letters."""
    wanted = text.casefold().strip()
    systems = read_systems()
    exact = [one for one in systems if one.name.casefold() == wanted]
    asked = _list_words(text)
    return exact or [one for one in systems if asked and all(word in one.name.casefold() for word in asked)]


def find_near_names(text: str, most: int = 3, least: float = 0.6) -> list[str]:
    """Names, or the names that hold a word, most like the text; the most alike first."""
    alike = sorted(((_compare(text.casefold(), one.name), one.name) for one in read_systems()), reverse=True)
    return [name for ratio, name in alike[:most] if ratio >= least]


def _compare(wanted: str, name: str) -> float:
    parts = (name.casefold(), *(word for word in _list_words(name) if len(word) > SHORT))
    return max(SequenceMatcher(None, wanted, part).ratio() for part in parts)


def _list_words(text: str) -> list[str]:
    return re.findall(r"[\w.]+", text.casefold())
