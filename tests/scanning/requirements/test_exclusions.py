"""What does not go through replacing scanning, and the measures of each protection need (rule 22; TR-03138)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanning.requirements.exclusions import REASONS, DocumentKind, Exclusion, excluded_by
from scanning.requirements.measures import applying, measures_for, seal_covers
from scanning.requirements.scan_product import Seal, SealKind
from scanning.requirements.terms import Ruleset, Terms
from scanning.requirements.tr03138 import MEASURES, Strength
from workflow.engine.access import Protection

SCANNED = {
    DocumentKind.LETTER, DocumentKind.FORM, DocumentKind.INVOICE, DocumentKind.PLAN, DocumentKind.FILE,
    DocumentKind.OTHER,
}  # fmt: skip
NORMAL, HIGH, VERY_HIGH = Protection


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_every_kind_is_scanned_or_excluded_for_a_named_reason(kind: DocumentKind) -> None:
    found = excluded_by(kind, return_obliged=False)
    assert (found is None) == (kind in SCANNED)
    if kind is DocumentKind.LARGE_FORMAT:
        assert found is Exclusion.FORMAT
    elif found is not None:
        assert found.value == kind.value


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_what_has_to_go_back_is_excluded_whatever_it_is(kind: DocumentKind) -> None:
    assert excluded_by(kind, return_obliged=True) is Exclusion.RETURN_OBLIGED


@pytest.mark.parametrize("exclusion", list(Exclusion))
def test_every_reason_is_worded_in_both_languages_with_its_basis(exclusion: Exclusion) -> None:
    reason = REASONS[exclusion]
    assert all((reason.de, reason.en, reason.basis))
    assert reason.de != reason.en


@pytest.mark.parametrize(
    ("need", "ruleset", "follow", "full", "eyes", "seal", "timestamp", "raw"),
    [
        (NORMAL, Ruleset.V1_4_1, True, False, False, SealKind.ADVANCED, False, False),
        (NORMAL, Ruleset.V1_4_1, False, False, False, None, False, False),
        (NORMAL, Ruleset.V1_5, True, False, False, SealKind.ADVANCED, False, False),
        (NORMAL, Ruleset.V1_5, False, False, False, None, False, False),
        (HIGH, Ruleset.V1_4_1, True, True, False, SealKind.ADVANCED, True, True),
        (HIGH, Ruleset.V1_4_1, False, False, False, None, False, True),
        (HIGH, Ruleset.V1_5, True, True, False, SealKind.QUALIFIED, False, True),
        (HIGH, Ruleset.V1_5, False, False, False, SealKind.QUALIFIED, False, True),
        (VERY_HIGH, Ruleset.V1_4_1, True, True, True, SealKind.QUALIFIED, True, True),
        (VERY_HIGH, Ruleset.V1_4_1, False, True, True, None, False, True),
        (VERY_HIGH, Ruleset.V1_5, True, True, True, SealKind.QUALIFIED, True, True),
        (VERY_HIGH, Ruleset.V1_5, False, True, True, SealKind.QUALIFIED, True, True),
    ],
)
def test_measures_by_need_version_and_house(
    need: Protection, ruleset: Ruleset, follow: bool, full: bool, eyes: bool, seal: SealKind | None, timestamp: bool,
    raw: bool,
) -> None:  # fmt: skip
    found = measures_for(need, Terms(ruleset=ruleset, follow_should=follow))
    assert (found.full_check, found.four_eyes) == (full, eyes)
    assert (found.seal, found.timestamp, found.delete_raw) == (seal, timestamp, raw)


needs, rulesets, percents = st.sampled_from(list(Protection)), st.sampled_from(list(Ruleset)), st.integers(1, 100)


@given(needs, rulesets, st.booleans(), percents, percents)
def test_a_higher_need_never_asks_for_less(
    need: Protection, ruleset: Ruleset, follow: bool, normal: int, high: int
) -> None:
    terms = Terms(ruleset=ruleset, follow_should=follow, sample_percent=normal, high_sample_percent=high)
    for higher in (one for one in Protection if one.covers(need)):
        less, more = measures_for(need, terms), measures_for(higher, terms)
        assert set(less.ids) <= set(more.ids)
        assert less.sample_percent <= more.sample_percent
        assert less.full_check <= more.full_check
        assert less.four_eyes <= more.four_eyes


@given(needs, rulesets)
def test_a_house_that_follows_a_sollte_has_every_measure_of_one_that_does_not(
    need: Protection, ruleset: Ruleset
) -> None:
    strict = {m.id for m in applying(need, Terms(ruleset=ruleset, follow_should=True))}
    least = {m.id for m in applying(need, Terms(ruleset=ruleset, follow_should=False))}
    assert least < strict
    by_id = {m.id: m for m in MEASURES}
    assert all(by_id[one].strength(ruleset) is Strength.SHOULD for one in strict - least)


@pytest.mark.parametrize("ruleset", list(Ruleset))
def test_full_check_draws_every_item(ruleset: Ruleset) -> None:
    for need in Protection:
        found = measures_for(need, Terms(ruleset=ruleset, sample_percent=1, high_sample_percent=1))
        assert (found.sample_percent == 100) == found.full_check


def a_seal(kind: SealKind, timestamp: bool) -> Seal:
    at = "2021-06-01T08:00:00+02:00"
    return Seal.model_validate_json(
        f'{{"kind": "{kind}", "signer": "Siegel", "certificate_sha256": "{"ab" * 32}", "sealed_at": "{at}",'
        f' "timestamp_by": {"null" if not timestamp else chr(34) + "TSA" + chr(34)},'
        f' "timestamp_at": {"null" if not timestamp else chr(34) + at + chr(34)}}}'
    )


@pytest.mark.parametrize(
    ("need", "kind", "timestamp", "tests_count", "covers"),
    [
        (NORMAL, None, False, False, False),
        (NORMAL, SealKind.ADVANCED, False, False, True),
        (NORMAL, SealKind.QUALIFIED, False, False, True),
        (NORMAL, SealKind.TEST, True, False, False),
        (NORMAL, SealKind.TEST, False, True, True),
        (HIGH, SealKind.ADVANCED, False, False, False),
        (HIGH, SealKind.ADVANCED, True, False, True),
        (HIGH, SealKind.TEST, False, True, False),
        (VERY_HIGH, SealKind.ADVANCED, True, False, False),
        (VERY_HIGH, SealKind.QUALIFIED, True, False, True),
        (VERY_HIGH, SealKind.QUALIFIED, False, True, False),
        (VERY_HIGH, SealKind.TEST, True, True, True),
        (VERY_HIGH, SealKind.TEST, True, False, False),
    ],
)
def test_which_seal_is_strong_enough(
    need: Protection, kind: SealKind | None, timestamp: bool, tests_count: bool, covers: bool
) -> None:
    seal = None if kind is None else a_seal(kind, timestamp)
    assert seal_covers(seal, measures_for(need, Terms()), tests_count=tests_count) == covers


def test_where_no_seal_is_demanded_a_test_seal_still_proves_nothing() -> None:
    lax = measures_for(NORMAL, Terms(follow_should=False))
    assert seal_covers(None, lax, tests_count=False)
    assert not seal_covers(a_seal(SealKind.TEST, False), lax, tests_count=False)
    assert seal_covers(a_seal(SealKind.TEST, False), lax, tests_count=True)
