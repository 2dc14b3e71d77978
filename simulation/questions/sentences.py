"""Sentences of answers: differences with how sure they are, numbers as German and English readers write them."""

from collections.abc import Sequence
from typing import Any

from simulation.numbers import format_number
from simulation.questions.outcomes import Outcome
from simulation.scenario.units import SHARE
from workflow.text import Text


def say_difference(row: dict[str, Any], about: Outcome, name: Text) -> Text:
    """How a scenario differs in an outcome, how sure that is and from how many runs; `name`: what readers call it."""
    title = about.title
    if row["difference"] is None:
        return Text(f"{name.de}: {title.de}: –, in keinem Durchlauf war etwas zu messen.",
                    f"{name.en}: {title.en}: –, in no run was there anything to measure.")  # fmt: skip
    if never_changes(row):
        never = _say_never(row["runs"])
        return Text(f"{name.de}: {title.de} {never.de}.", f"{name.en}: {title.en} {never.en}.")
    doubt_de = "" if row["differs"] == "yes" else " Ein Unterschied ist nicht gezeigt: das Intervall schließt 0 ein."
    doubt_en = "" if row["differs"] == "yes" else " No difference is shown: the interval includes 0."
    if row["low"] is None:
        doubt_de = " Wie sicher das ist, sagt ein einziger Durchlauf nicht."
        doubt_en = " How sure that is cannot be told from a single run."
    (d, unit, sure), (d_en, unit_en, sure_en) = (_show_difference(row, about, language) for language in ("de", "en"))
    return Text(
        f"{name.de}: {title.de} {d} ({unit}), {sure}.{doubt_de}",
        f"{name.en}: {title.en} {d_en} ({unit_en}), {sure_en}.{doubt_en}",
    )


def say_largest(rows: Sequence[tuple[dict[str, Any], Outcome]]) -> Text:
    """Which outcomes change most where the one that was asked for does not; `rows`: the largest change first."""
    if not rows:
        return Text("Auch keine andere Größe ändert sich.", "No other outcome changes either.")
    de, en = ("; ".join(_show_change(row, about, language) for row, about in rows) for language in ("de", "en"))
    return Text(f"Am meisten ändern sich: {de}.", f"Most of all change: {en}.")


def never_changes(row: dict[str, Any]) -> bool:
    return bool(row["difference"] == 0 and not row["low"] and not row["high"])


def _show_change(row: dict[str, Any], about: Outcome, language: str) -> str:
    share = about.unit is SHARE
    d, unit, sure = _show_difference(row, about, language)
    before, after = (show(row[name], language, share=share) for name in ("base_value", "value"))
    doubt = Text("", "") if row["differs"] == "yes" else Text(", nicht sicher", ", not sure")
    told = "" if share else f" {unit}"
    if language == "de":
        return f"{about.title.de} {d}{told} (von {before} auf {after}, {sure}{doubt.de})"
    return f"{about.title.en} {d}{told} (from {before} to {after}, {sure}{doubt.en})"


def _show_difference(row: dict[str, Any], about: Outcome, language: str) -> tuple[str, str, str]:
    """The difference, its unit, and how sure it is and from how many runs."""
    share = about.unit is SHARE
    d, low, high = (show(row[name], language, share=share, signed=True) for name in ("difference", "low", "high"))
    runs = say_runs(row["runs"])
    if row["low"] is None:
        return d, about.unit.get(language), f"aus {runs.de}" if language == "de" else f"from {runs.en}"
    if language == "de":
        return d, about.unit.de, f"mit 95 % Sicherheit {low} bis {high}, aus {runs.de}"
    return d, about.unit.en, f"{low} to {high} at 95 %, from {runs.en}"


def say_runs(runs: int) -> Text:
    """From how many pairs of runs."""
    if runs == 1:
        return Text("1 gepaarten Durchlauf", "1 paired run")
    return Text(f"{format_number(runs, 'de')} gepaarten Durchläufen", f"{format_number(runs, 'en')} paired runs")


def _say_never(runs: int) -> Text:
    if runs == 1:
        return Text("ändert sich in dem einen Durchlauf nicht", "does not change in the one run")
    return Text(
        f"ändert sich in keinem von {format_number(runs, 'de')} Durchläufen",
        f"changes in none of {format_number(runs, 'en')} runs",
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
