"""The systems of the report, and where each of them lives here or why it does not: `scenarios/systems.csv`."""

from functools import cache
from typing import Literal

from pydantic import BaseModel, model_validator

from scenarios import FOLDER
from workflow.text import Text

SYSTEMS = FOLDER / "systems.csv"
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

    `report_lines`: lines of the report's text that name it. `where`: paths in the repository, the first of which says
    `look_for`.
    """

    name: str
    report_lines: str
    appears_as: Appearance
    where: str | None
    look_for: str | None
    command: str | None
    why_not_de: str | None
    why_not_en: str | None

    @model_validator(mode="after")
    def _is_complete(self) -> "System":
        if (self.command is None) == (self.why_not_en is None):
            raise ValueError("either a command or a reason why there is none")
        if self.command and not (self.where and self.look_for):
            raise ValueError("a command needs where, and look_for")
        if (self.why_not_de is None) != (self.why_not_en is None):
            raise ValueError("a reason stands in both languages")
        return self

    @property
    def why_not(self) -> Text | None:
        return Text(self.why_not_de, self.why_not_en) if self.why_not_de and self.why_not_en else None

    @property
    def places(self) -> list[str]:
        return (self.where or "").split()


@cache
def read_systems() -> tuple[System, ...]:
    """All systems in the order of the report's chapters."""
    from simulation.inputs.csv_file import read_rows  # noqa: PLC0415 - only who asks for them pays

    return tuple(row for row, _ in read_rows(SYSTEMS, str(SYSTEMS), System))


def find_systems(text: str) -> list[System]:
    """The system of this name; else all whose name holds the text, in any case of letters."""
    wanted = text.casefold().strip()
    systems = read_systems()
    exact = [one for one in systems if one.name.casefold() == wanted]
    return exact or [one for one in systems if wanted in one.name.casefold()]
