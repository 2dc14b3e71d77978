"""What explains that a deadline cannot hold: its own plan does not reach it; said by report, terminal and pages."""

from collections.abc import Mapping
from typing import Any

from simulation.numbers import format_number
from workflow.text import Text


def say_planned(deadline: Mapping[str, Any]) -> Text | None:
    """None where the plan reaches the target; runs of earlier releases do not know what it reaches."""
    planned, target = deadline.get("planned"), deadline["target"]
    if planned is None or planned >= target:
        return None
    (de, all_de), (en, all_en) = (
        [format_number(value, language) for value in (planned, target)] for language in ("de", "en")
    )
    return Text(
        f"auch nach Plan erst {de} von {all_de} an diesem Tag",
        f"even as planned only {en} of {all_en} on this day",
    )
