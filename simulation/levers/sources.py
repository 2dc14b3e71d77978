"""Where the figures of the shipped scenarios come from, in German too: their files say it in English.

What planners write of their own figures stays as they wrote it, and so do fact ids.
"""

import csv
from functools import cache
from pathlib import Path

from simulation.levers.change import CHANGED
from workflow.text import Text

FILE = Path(__file__).with_name("sources.csv")


def say_source(source: str) -> Text:
    """A source, with what changes have made of the figure since."""
    origin, *changes = source.split(CHANGED)
    return Text("; geändert: ".join([read_german().get(origin, origin), *changes]), source)


@cache
def read_german() -> dict[str, str]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["en"]: row["de"] for row in csv.DictReader(file)}
