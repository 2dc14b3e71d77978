"""The sentences of an analysis of sensitivity: what moves the outcome, how much of it, and how sure that is."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from simulation.numbers import format_number
from simulation.questions.points import Points
from simulation.questions.sentences import show
from simulation.scenario.units import SHARE
from workflow.text import Text

NAMED = 3


def say_influence(points: Points, rows: Sequence[dict[str, Any]]) -> tuple[Text, ...]:
    """`rows`: of the table, the assumption that moves most first."""
    about, first = points.outcome, rows[:NAMED]
    done_de, done_en = format_number(points.done, "de"), format_number(points.done, "en")
    most = Text(
        f"{about.title.de} hängt am meisten ab von: {'; '.join(row['title_de'] for row in first)} (Rangfolge nach "
        f"Morris, aus {done_de} Durchläufen).",
        f"{about.title.en} depends most on: {'; '.join(row['title_en'] for row in first)} (ranked by Morris, from "
        f"{done_en} runs).",
    )
    return most, _say_ends(points, first[0]), _say_shares([row for row in first if row["total"] is not None])


def _say_ends(points: Points, row: dict[str, Any]) -> Text:
    about, share = points.outcome, points.outcome.unit is SHARE
    (low, high), (low_en, high_en) = (
        [show(row[f"{end}_outcome"], language, share=share) for end in ("low", "high")] for language in ("de", "en")
    )
    unit, unit_en = ("", "") if share else (f" ({about.unit.de})", f" ({about.unit.en})")
    mean = Text(f"Mittel aus je {points.runs} Durchläufen" if points.runs > 1 else "je 1 Durchlauf",
                f"means of {points.runs} runs each" if points.runs > 1 else "1 run each")  # fmt: skip
    return Text(
        f"Allein „{row['title_de']}“ bewegt das Ergebnis zwischen {low} und {high}{unit}, {mean.de}.",
        f"“{row['title_en']}” alone moves the outcome between {low_en} and {high_en}{unit_en}, {mean.en}.",
    )


def _say_shares(rows: Sequence[dict[str, Any]]) -> Text:
    """The share of the variance of each, with its 95 % interval, and whether it tells the first from the second."""
    de, en = ("; ".join(_show_share(row, language) for row in rows) for language in ("de", "en"))
    doubt = Text("", "") if _is_first_told(rows) else Text(
        " Welche davon am meisten bewegt, ist mit so vielen Durchläufen nicht entschieden.",
        " Which of them moves most is not decided with so many runs.",
    )  # fmt: skip
    return Text(
        f"Anteile an der Streuung mit Wechselwirkungen (Sobol), mit 95 % Sicherheit: {de}.{doubt.de}",
        f"Shares of the variance with interactions (Sobol), at 95 %: {en}.{doubt.en}",
    )


def _show_share(row: dict[str, Any], language: str) -> str:
    error = row["total_error"] if np.isfinite(row["total_error"]) else None
    total = row["total"] if np.isfinite(row["total"]) else None
    return f"{row[f'title_{language}']} {show(total, language, share=True)} (± {show(error, language, share=True)})"


def _is_first_told(rows: Sequence[dict[str, Any]]) -> bool:
    """Whether no interval of the others reaches that of the first."""
    edges = [(row["total"] - row["total_error"], row["total"] + row["total_error"]) for row in rows]
    return all(edges[0][0] > high for _, high in edges[1:])
