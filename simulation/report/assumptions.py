"""The assumptions of a forecast: those that matter most for the page, all of them for a file."""

import csv
from pathlib import Path
from typing import Any

from simulation.levers.sentences import say_changes

COLUMNS = ("name", "title_de", "title_en", "value", "low", "high", "unit", "unit_de", "basis", "source",
           "effect_on_users", "effect_error", "changed_de", "changed_en")  # fmt: skip


def select_assumptions(summary: dict[str, Any], most: int) -> list[dict[str, Any]]:
    """Those whose influence is told from chance, the largest first, with their `effect`; without any the first that are
    assumed.
    """
    listed = {entry["name"]: entry for entry in summary["assumptions"]}
    ranked = summary["validation"].get("influences", []) if summary["validation"] else []
    if not any(row["sure"] for row in ranked):
        return [entry for entry in listed.values() if entry["basis"] == "assumed"][:most]
    return [listed[row["name"]] | row for row in ranked if row["sure"]][:most]


def rank_assumptions(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """Every assumption with its `effect_on_users` and its error, None where none is known, and in words what was
    changed of it; the largest effect first.
    """
    validation = summary.get("validation")  # not of runs of earlier releases
    ranked = {row["name"]: row for row in validation["influences"]} if validation else {}
    place = {name: n for n, name in enumerate(ranked)}
    return [
        entry | {"effect_on_users": (found := ranked.get(entry["name"], {})).get("effect"),
                 "effect_error": found.get("error"),
                 "changed_de": say_changes(entry, "de"),
                 "changed_en": say_changes(entry, "en")}
        for entry in sorted(summary["assumptions"], key=lambda entry: place.get(entry["name"], len(place)))
    ]  # fmt: skip


def write_assumptions(summary: dict[str, Any], path: Path) -> None:
    """Every assumption as a row, those with influence first."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([entry[name] for name in COLUMNS] for entry in rank_assumptions(summary))
