"""Sentences of answers: differences with how sure they are, numbers as German and English readers write them."""

from typing import Any

from simulation.questions.outcomes import Outcome
from simulation.scenario.units import SHARE
from workflow.text import Text


def say_difference(row: dict[str, Any], about: Outcome) -> Text:
    share = about.unit is SHARE
    values = {
        language: [
            show(row[name], language, share=share, signed=name != "value") for name in ("difference", "low", "high")
        ]
        for language in ("de", "en")
    }
    (d, low, high), (d_en, low_en, high_en) = values["de"], values["en"]
    if row["difference"] == 0 and not row["low"] and not row["high"]:
        return Text(f"{row['scenario']}: {about.title.de} ändert sich in keinem Durchlauf.",
                    f"{row['scenario']}: {about.title.en} changes in no run.")  # fmt: skip
    doubt_de = "" if row["differs"] == "yes" else " Das Intervall schließt 0 ein: ein Unterschied ist nicht gezeigt."
    doubt_en = "" if row["differs"] == "yes" else " The interval includes 0: no difference is shown."
    return Text(
        f"{row['scenario']}: {about.title.de} {d} ({about.unit.de}), mit 95 % Sicherheit {low} bis {high}.{doubt_de}",
        f"{row['scenario']}: {about.title.en} {d_en} ({about.unit.en}), {low_en} to {high_en} at 95 %.{doubt_en}",
    )


def show(value: float | None, language: str, *, share: bool = False, signed: bool = False) -> str:
    """A number of a sentence: shares in percent, in points where it is a difference."""
    if value is None:
        return "–"
    number = 100 * value if share else value
    digits = 1 if abs(number) < 100 else 0
    text = f"{number:+,.{digits}f}" if signed else f"{number:,.{digits}f}"
    text = text.translate(str.maketrans(",.", ".,")) if language == "de" else text
    unit = "" if not share else " %" if not signed else " Punkte" if language == "de" else " points"
    return text.replace("-", "\N{MINUS SIGN}") + unit
