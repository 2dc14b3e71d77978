"""Types of fields that several sections of a scenario use: ids, texts, dates with a basis, times of day."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from simulation.scenario.figures import Basis, Step, Strict

MOST_IN_ID, MOST_IN_LINE = 60, 300
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=MOST_IN_ID)]
Line = Annotated[str, Field(min_length=1, max_length=MOST_IN_LINE, pattern=r"^[^\x00-\x1f]*$")]
Source = Annotated[str, Field(min_length=3, max_length=MOST_IN_LINE)]
"""Where it is from; 300 characters are the most that a cell of the lists takes."""
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.csv$", max_length=100)]
Steps = Annotated[list[Step], Field(min_length=1, max_length=60)]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of day as "07:30"."""

AuthorityKind = Literal[
    "ministry",
    "independent",
    "upper_authority",
    "district_government",
    "police",
    "state_enterprise",
    "institution",
    "finance",
]
"""Kinds of authority: ministry (oberste Landesbehörde), independent (LRH, LDI), upper_authority (Landesoberbehörde),
district_government (Bezirksregierung), police (Polizeibehörde), state_enterprise (Landesbetrieb), institution
(Einrichtung), finance (Finanzverwaltung, E-Laufmappe only: F050)."""


class Text(Strict):
    """A text that people read, in German and English."""

    de: Line
    en: Line


class Dated(Strict):
    """A date with its basis."""

    value: date
    basis: Basis
    source: Source
