"""What the reading of a model has found: what cannot be represented (faults) and what was simplified (warnings)."""

from dataclasses import dataclass, field

from simulation.inputs.faults import Fault, Place, UnusableInput
from workflow.text import NOTHING, Text, same

EXACTLY_ONE = Text("genau einer", "exactly one")


@dataclass
class Findings:
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    def refuse(self, place: Place, name: str, wrong: Text, expected: Text = NOTHING) -> None:
        self.faults.append(Fault(place, Text(*(f"{name}: {says}" for says in wrong)), expected))

    def warn(self, place: Place, name: str, simplified: Text, instead: Text = NOTHING) -> None:
        self.warnings.append(Fault(place, Text(*(f"{name}: {says}" for says in simplified)), instead))

    def stop_at_faults(self) -> None:
        if self.faults:
            raise UnusableInput(self.faults)


def describe_choice(many: int, names: str, chosen: str | None) -> tuple[Text, Text]:
    """Why no process could be chosen, and what is wanted."""
    shown = f" ({names})" if names else ""
    what = Text(f"{many} Prozesse mit Inhalt{shown}", f"{many} processes that hold anything{shown}")
    wanted = same(f"`{chosen}`") if chosen else EXACTLY_ONE
    if not names:
        return what, wanted
    return what, Text(f"{wanted.de}; mit --process wählen", f"{wanted.en}; choose with --process")


def describe_as_unfit(de: str, en: str = "") -> Text:
    return Text(f"{de} hat in einem Laufweg keine Entsprechung", f"{en or de} cannot be represented in a route")
