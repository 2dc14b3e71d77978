"""What has to be done for an item of a protection need, computed from the table of requirements."""

from dataclasses import dataclass
from functools import lru_cache

from scanning.requirements.scan_product import Seal, SealKind
from scanning.requirements.terms import Terms
from scanning.requirements.tr03138 import MEASURES, Effect, Measure, Strength
from workflow.engine.access import Protection


@dataclass(frozen=True, slots=True)
class Measures:
    sample_percent: int
    full_check: bool
    """Every item is looked at (A.AM.IN.H.7, A.AM.IN.SH.5)."""
    four_eyes: bool
    """Scanned and checked by different persons (A.AM.IN.SH.1)."""
    seal: SealKind | None
    """The weakest seal that will do; None where none is demanded."""
    timestamp: bool
    delete_raw: bool
    """Intermediate results go (A.AM.VT.H.3)."""
    ids: tuple[str, ...]


def applying(need: Protection, terms: Terms) -> list[Measure]:
    """Lines of the table that bind: a MUSS, what is not stated, and a SOLLTE where the authority follows it."""
    binding = {Strength.MUST, Strength.NOT_STATED, *((Strength.SHOULD,) if terms.follow_should else ())}
    return [m for m in MEASURES if need.covers(m.need) and m.strength(terms.ruleset) in binding]


@lru_cache(maxsize=256)
def measures_for(need: Protection, terms: Terms) -> Measures:
    lines = applying(need, terms)
    effects = {line.effect for line in lines}
    seal = SealKind.QUALIFIED if Effect.SEAL_QUALIFIED in effects else None
    if seal is None and Effect.SEAL_ADVANCED in effects:
        seal = SealKind.ADVANCED
    # Rule 23: very high is always looked at in full, also under 1.4.1, which names no share.
    larger = max(terms.sample_percent, terms.high_sample_percent)
    full = Effect.FULL_CHECK in effects or need is Protection.VERY_HIGH
    return Measures(
        sample_percent=100 if full else terms.sample_percent if need is Protection.NORMAL else larger,
        full_check=full,
        four_eyes=Effect.FOUR_EYES in effects,
        seal=seal,
        timestamp=Effect.TIMESTAMP in effects,
        delete_raw=Effect.DELETE_RAW in effects,
        ids=tuple(line.id for line in lines),
    )


def seal_covers(seal: Seal | None, measures: Measures, *, tests_count: bool) -> bool:
    """Whether a seal is as strong as demanded; a test seal stands for any kind where tests count, else for none."""
    if measures.seal is None and not measures.timestamp:
        return seal is None or seal.kind is not SealKind.TEST or tests_count
    if seal is None or (measures.timestamp and seal.timestamp_at is None):
        return False
    if seal.kind is SealKind.TEST:
        return tests_count
    return seal.kind is SealKind.QUALIFIED or measures.seal is not SealKind.QUALIFIED
