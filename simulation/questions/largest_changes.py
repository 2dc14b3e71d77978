"""Which outcomes a what-if changes most: what is sure before what is not, and of each measure its worst year only.

Outcomes have different units, so changes are compared as shares: of the larger of both values, or in points where the
outcome is a share itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from simulation.questions.outcomes import Outcome
from simulation.scenario.units import SHARE

MOST = 3


def find_largest(
    rows: Sequence[dict[str, Any]], outcomes: Mapping[str, Outcome], most: int = MOST
) -> list[tuple[dict[str, Any], Outcome]]:
    """The rows of a comparison that change most, with their outcomes; fewer where fewer change."""
    changed = [(row, outcomes[row["outcome"]]) for row in rows if row["difference"]]
    changed.sort(key=lambda pair: (pair[0]["differs"] != "yes", -_weigh(*pair)))
    found: dict[str, tuple[dict[str, Any], Outcome]] = {}
    for row, about in changed:
        found.setdefault(_get_measure(about), (row, about))
    return list(found.values())[:most]


def _weigh(row: dict[str, Any], about: Outcome) -> float:
    size = abs(row["difference"])
    return float(size if about.unit is SHARE else size / max(size, abs(row["value"]), abs(row["base_value"])))


def _get_measure(about: Outcome) -> str:
    """The name of an outcome without its year."""
    stem, _, year = about.name.rpartition(".")
    return stem if year.isdigit() else about.name
