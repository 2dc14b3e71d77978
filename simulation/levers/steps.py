"""The steps of a capacity in words: `2 (ab 01.12.2021), 4 (ab 01.03.2022)`."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from simulation.numbers import MISSING, format_as_given, format_day


def say_value(lever: Mapping[str, Any], language: str, missing: str = MISSING) -> str:
    """What a described lever is: of a capacity that changes every step with its first day, else its value."""
    if len({step["value"] for step in lever.get("steps", ())}) > 1:
        return say_steps(lever["steps"], language)
    return missing if lever["value"] is None else format_as_given(lever["value"], language)


def say_steps(steps: Sequence[Mapping[str, Any]], language: str) -> str:
    since = "ab" if language == "de" else "from"
    firsts = [next(same) for _, same in groupby(steps, lambda step: step["value"])]
    return ", ".join(
        f"{format_as_given(step['value'], language)} ({since} {format_day(step['from'], language)})" for step in firsts
    )
