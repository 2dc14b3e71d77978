"""Why a forecast states no bands and no probabilities, and why a deadline cannot hold; said by report, terminal and
pages.
"""

from collections.abc import Mapping
from typing import Any

from simulation.forecast.forecast import LEAST_FOR_ERROR, tells_bands
from simulation.numbers import format_number
from workflow.text import Text

REPLAYED = Text(
    "Hier ist der Plan ohne Risiken nachgerechnet: eine Zahl ohne Spanne. Wie sicher sie ist, sagen erst Durchläufe "
    "mit Risiken.",
    "This is the plan replayed without risks: a number without a range. How sure it is only runs with risks can tell.",
)


def say_no_bands(summary: Mapping[str, Any]) -> Text | None:
    """None where bands are stated."""
    if tells_bands(summary):
        return None
    if summary["mode"] == "plan":
        return REPLAYED
    runs = summary["replications"]
    de, en = (format_number(runs, language) for language in ("de", "en"))
    there = Text("ist es einer", "it is one") if runs == 1 else Text(f"sind es {de}", f"there are {en}")
    return Text(
        f"Wie sicher die Zahl ist, lässt sich erst ab {LEAST_FOR_ERROR} Durchläufen sagen; hier {there.de}.",
        f"How sure the number is can be told from {LEAST_FOR_ERROR} runs on; here {there.en}.",
    )


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
