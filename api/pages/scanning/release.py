"""The eight conditions under which paper may be destroyed (rule 24), each with what the release gate asks for it."""

from collections.abc import Mapping
from typing import NamedTuple

from scanning.batches.question import Question
from scanning.batches.release_gate import GATE
from workflow.text import Text


class Asked(NamedTuple):
    title: Text
    guards: tuple[str, ...]
    """Names in `GATE`."""


CONDITIONS = (
    Asked(
        Text("Die Qualitätssicherung ist bestanden", "quality assurance is passed"), ("eligible", "qa_passed"),
    ),
    Asked(Text("Die Blattzahlen stimmen überein", "sheet counts agree"), ("complete",)),
    Asked(
        Text("Transfervermerk und Siegel gelten", "transfer note and seal are valid"), ("note_valid", "sealed_enough"),
    ),
    Asked(
        Text("Das Scanprodukt ist gespeichert und unversehrt", "the product is stored and intact"),
        ("stored", "read_back", "files_intact", "read_now"),
    ),
    Asked(Text("Eine Datensicherung enthält es", "a backup holds it"), ("backed_up",)),
    Asked(Text("Es ist zum Vorgang genommen", "it is filed in its case"), ("acknowledged",)),
    Asked(Text("Die Papierfrist ist abgelaufen", "the paper period is over"), ("period_over",)),
    Asked(
        Text("Kein Mangel und keine Sperre steht entgegen", "no defect and no hold stands against it"),
        ("no_defect", "no_hold", "file_not_held"),
    ),
)  # fmt: skip
"""In the order of the life of an item. That somebody else releases than destroys is asked when it is done."""


class Condition(NamedTuple):
    title: Text
    why_not: tuple[Text, ...]
    """Empty where it holds."""

    @property
    def holds(self) -> bool:
        return not self.why_not


def check_conditions(question: Question) -> list[Condition]:
    """Each condition for an item as it is known now; the command itself reads product and backup once more."""
    failed: Mapping[str, Text] = {
        name: Text(guard.de, guard.en) for name, guard in GATE.items() if not guard.test(question)
    }
    return [Condition(one.title, tuple(failed[name] for name in one.guards if name in failed)) for one in CONDITIONS]
