"""Measures per protection need and version of the guideline, against domain 3.1 and 3.2 written out by hand."""

from pathlib import Path
from typing import Any

import pytest

from scanning.batch_actions.machine import MACHINE
from scanning.requirements.fulfilment import FULFILMENTS
from scanning.requirements.measures import measures_for, seal_covers
from scanning.requirements.scan_product import Seal, SealKind
from scanning.requirements.terms import Ruleset, Terms
from scanning.requirements.tr03138 import MEASURES, Effect, Strength
from tests.scanning.conftest import START
from workflow.engine.access import Protection

ROOT = Path(__file__).parents[3]
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


NUMBERS = {"G": 2, "O": 5, "P": 4, "T": 4, "DV": 2, "SC": 12, "NB": 4, "IS": 1, "AM.G": 3, "AM.IN.H": 7, "AM.IN.SH": 5,
           "AM.VT.H": 3, "AM.VT.SH": 5, "AM.VF.H": 1, "AM.VF.SH": 1}  # fmt: skip
"""Module -> how many requirements domain 3.1 and 3.2 name of it, in version 1.5."""


def test_every_requirement_of_version_1_5_is_there_and_no_other() -> None:
    expected = {f"A.{module}.{number}" for module, most in NUMBERS.items() for number in range(1, most + 1)}
    assert len(expected) == 59
    assert {line.requirement for line in MEASURES if line.newer is not None} == expected


def test_version_1_4_1_has_the_extended_quality_assurance_and_the_redundancy_under_availability() -> None:
    """Domain 3.2: what is A.AM.IN.H.7 in 1.5 was A.AM.VF.H.1, and redundancy A.AM.VF.H.2."""
    older = {line.requirement: line for line in MEASURES if line.older is not None}
    newer = {line.requirement: line for line in MEASURES if line.newer is not None}
    assert older.keys() - newer.keys() == {"A.AM.VF.H.2"}
    assert newer.keys() - older.keys() == {"A.G.2", "A.AM.IN.H.7", "A.AM.IN.SH.5", "A.AM.VT.SH.5"}
    assert older["A.AM.VF.H.1"].effect is Effect.FULL_CHECK
    assert older["A.AM.VF.H.2"].en == newer["A.AM.VF.H.1"].en == "fault-tolerant transfer and redundancy"


@pytest.mark.parametrize("key", ["A.AM.IN.H.4", "A.AM.IN.H.5", "A.AM.VF.SH.1", "A.AM.VT.SH.5"])
def test_what_version_1_5_made_a_muss_is_one(key: str) -> None:
    (line,) = (line for line in MEASURES if line.id == key)
    assert line.newer is Strength.MUST
    assert line.older is not Strength.MUST


def test_how_binding_a_requirement_is_where_the_source_does_not_say_it_is_not_made_up() -> None:
    """It binds all the same, whether the authority follows a SOLLTE or not."""
    unknown = {line.id for line in MEASURES if Strength.NOT_STATED in {line.older, line.newer}}
    assert unknown == {f"A.SC.{number}" for number in (1, 2, 3, 4, 5, 6, 9, 10)}
    assert unknown <= set(measures_for(Protection.NORMAL, Terms(follow_should=False)).ids)


def test_every_line_names_its_paragraph() -> None:
    for line in MEASURES:
        versions = [version.value for version in Ruleset if line.strength(version)]
        assert line.paragraph.startswith(f"TR-03138 Anlage P {', '.join(versions)}: {line.requirement}; domain 3.")
    assert {line.id.partition(" ")[0] for line in MEASURES} == {line.requirement for line in MEASURES}


def test_what_is_said_to_meet_a_requirement_exists() -> None:
    """Actions and conditions of the machine, and the module where it is done; nothing only by the organisation."""
    assert FULFILMENTS.keys() == set(Effect)
    for effect, met in FULFILMENTS.items():
        assert set(met.actions) <= set(MACHINE.actions), effect
        assert set(met.guards) <= {name for row in MACHINE.table for name in row.guards}, effect
        assert met.text.de
        assert met.text.en
        assert not met.module or (ROOT / met.module).is_file(), effect
        assert bool(met.module) == (effect is not Effect.ORGANISATIONAL), effect


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
