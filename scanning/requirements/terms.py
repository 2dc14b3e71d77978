"""House rules of replacing scanning, and the terms under which a batch runs.

What the guideline leaves to the authority is a setting; the terms in force when a batch arrives are recorded with it,
so that a later change of settings does not rewrite what was agreed for paper that is already there.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from workflow.engine.events import Model
from workflow.organisation.house_rules import Rules


class Ruleset(StrEnum):
    """Version of BSI TR-03138, Anlage P, that measures are taken from."""

    V1_4_1 = "1.4.1"
    """23.04.2020; mostly SOLLTE."""
    V1_5 = "1.5"
    """21.11.2024; MUSS in more places."""


class Purpose(StrEnum):
    INCOMING_MAIL = "incoming_mail"
    EXISTING_FILES = "existing_files"
    """Bestandsakten (F077)."""


PaperDays = Annotated[int, Field(ge=14, le=3650)]
"""Days that paper is kept after it was acknowledged: 14 is the least in the field (domain 3.3); at most ten years."""
Percent = Annotated[int, Field(ge=1, le=100)]


class Postprocessing(Model):
    """What is done with pages after they were scanned; each a choice of the centre, all of them off at first."""

    text_layer: bool = False
    """Text is recognised and laid invisibly behind each page, so that it can be searched and copied."""
    deskew: bool = False
    """Pages that were fed askew are turned straight."""
    drop_blank_backs: bool = False
    """Backs with nothing on them are left out, of sheets that were scanned on both sides."""

    @property
    def anything(self) -> bool:
        return self.text_layer or self.deskew or self.drop_blank_backs


class Terms(Model):
    """What holds for one batch (A.G.1: measures as implemented)."""

    ruleset: Ruleset = Ruleset.V1_4_1
    follow_should: bool = True
    """Whether a SOLLTE is treated as a MUSS."""
    sample_percent: Percent = 5
    """Share of items of normal need that are checked by eye (A.SC.8; domain 3.5: 2 to 10)."""
    high_sample_percent: Percent = 20
    """Share of items of high need, where the authority does not follow the SOLLTE of a full check: clearly more than of
    normal need (A.AM.IN.H.7; domain 3.5: 20 to 100)."""
    paper_days: PaperDays = 180
    postprocessing: Postprocessing = Postprocessing()
    """A page that looks different afterwards waits for a person who compares both pictures (A.NB.1)."""


DEFAULT_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class ScanRules(Rules):
    terms: Terms = DEFAULT_TERMS
    """For centres without terms of their own. 180 days: e-Akten-VO Justiz NRW § 3 (3), six months; others keep paper
    for 60 or 90 days (domain 3.3)."""
    test_seals_count: bool = False
    """Whether paper may be destroyed on the strength of a test seal: in trials only."""
    sample_by_number: bool = False
    """Whether the sample is every n-th item instead of drawn by chance: where a replay has to give the same result
    everywhere, and nobody's paper is at stake."""
    centres_required: bool = False
    """Whether a batch needs a scan centre that was entered before; without, an unknown centre is provisional."""


def scan_rules(rules: Rules) -> ScanRules:
    """The settings for scanning; the defaults where an engine was given none."""
    return rules if isinstance(rules, ScanRules) else ScanRules()
