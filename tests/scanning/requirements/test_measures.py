"""Measures per protection need and version of the guideline, against domain 3.1 and 3.2 written out by hand."""

from typing import Any

import pytest

from scanning.requirements.measures import measures_for, seal_covers
from scanning.requirements.scan_product import Seal, SealKind
from scanning.requirements.terms import Ruleset, Terms
from scanning.requirements.tr03138 import MEASURES, Effect, Strength
from tests.scanning.conftest import START
from workflow.engine.access import Protection

EXPECTED = {
    # need, version: full check, four eyes, seal, timestamp, delete raw
    ("normal", "1.4.1"): (False, False, "advanced", False, False),
    ("normal", "1.5"): (False, False, "advanced", False, False),
    ("high", "1.4.1"): (True, False, "advanced", True, True),
    ("high", "1.5"): (True, False, "qualified", False, True),
    ("very_high", "1.4.1"): (True, True, "qualified", True, True),
    ("very_high", "1.5"): (True, True, "qualified", True, True),
}
MUSTS_ONLY = {
    ("normal", "1.4.1"): (False, False, None, False, False),
    ("normal", "1.5"): (False, False, None, False, False),
    ("high", "1.4.1"): (False, False, None, False, True),
    ("high", "1.5"): (False, False, "qualified", False, True),
    ("very_high", "1.4.1"): (True, True, None, False, True),
    ("very_high", "1.5"): (True, True, "qualified", True, True),
}


@pytest.mark.parametrize(("follow", "expected"), [(True, EXPECTED), (False, MUSTS_ONLY)])
def test_rule_23_measures_grow_with_the_need(follow: bool, expected: dict[tuple[str, str], tuple[Any, ...]]) -> None:
    for (need, version), told in expected.items():
        found = measures_for(Protection(need), Terms(ruleset=Ruleset(version), follow_should=follow))
        seal = found.seal.value if found.seal else None
        assert (found.full_check, found.four_eyes, seal, found.timestamp, found.delete_raw) == told, (need, version)
        assert found.sample_percent == (100 if found.full_check else {"normal": 5, "high": 20}[need])


@pytest.mark.parametrize("version", list(Ruleset))
def test_a_higher_need_never_asks_for_less(version: Ruleset) -> None:
    for follow in (True, False):
        low, mid, top = (measures_for(need, Terms(ruleset=version, follow_should=follow)) for need in Protection)
        for less, more in ((low, mid), (mid, top)):
            assert set(less.ids) <= set(more.ids)
            assert less.sample_percent <= more.sample_percent
            assert (less.full_check, less.four_eyes) <= (more.full_check, more.four_eyes)


def test_the_table_is_whole() -> None:
    ids = [line.id for line in MEASURES]
    assert len(ids) == len(set(ids))
    for line in MEASURES:
        assert line.en
        assert line.de
        assert line.older or line.newer
    base = {line.id for line in MEASURES if line.need is Protection.NORMAL}
    assert {"A.G.1", "A.O.1", "A.DV.1", "A.DV.2", "A.SC.8", "A.NB.1", "A.NB.2", "A.NB.3", "A.NB.4", "A.IS.1"} <= base
    by_id = {line.id: line for line in MEASURES}
    assert (by_id["A.NB.4"].older, by_id["A.NB.4"].newer) == (Strength.SHOULD, Strength.MUST)
    for new in ("A.G.2", "A.AM.IN.H.7", "A.AM.IN.SH.5", "A.AM.VT.SH.5"):
        assert by_id[new].older is None, "new in 1.5 (domain 3)"
    assert {line.effect for line in MEASURES} == set(Effect)


def seal(kind, timestamp=True):
    at = START if timestamp else None
    return Seal(kind=SealKind(kind), signer="s", certificate_sha256="00" * 32, sealed_at=START, timestamp_at=at)


def test_a_test_seal_never_counts_unless_it_is_said_so() -> None:
    for need in Protection:
        for version in Ruleset:
            asked = measures_for(need, Terms(ruleset=version))
            assert not seal_covers(seal("test"), asked, tests_count=False)
            assert seal_covers(seal("test"), asked, tests_count=True)
            assert seal_covers(seal("qualified"), asked, tests_count=False)
            assert not seal_covers(None, asked, tests_count=True)
