"""What users ask for: closed forms for rates, training, storage and the paper share of mail."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.rollout.conditions import NO_EVENTS
from simulation.rollout.demand import (
    DAYS_PER_MONTH,
    MonthWork,
    compute_digital_rate,
    compute_mail_rate,
    compute_month_work,
    compute_paper_share,
    compute_share_before_channels,
    compute_slip_rate,
)
from simulation.scenario.figures import replace_figures
from simulation.scenario.programme import Scenario
from tests.conftest import load_small

SCENARIO = load_small()
SPEC = SCENARIO.spec
CALENDAR = Calendar(SPEC.horizon.start, SPEC.horizon.end)
MONTHS = len(CALENDAR.month_starts) - 1
AUTHORITIES = len(SCENARIO.authorities)


def change(**values: float) -> Scenario:
    """The small scenario with some figures changed; `__` stands for a dot."""
    return replace(SCENARIO, spec=replace_figures(SPEC, {k.replace("__", "."): v for k, v in values.items()}))


def work_of(
    scenario: Scenario, users: float, pages: float = 0.0, go_live: float = 0.0, trained: float = 0.0
) -> MonthWork:
    people = np.full((2, AUTHORITIES, MONTHS), users)
    return compute_month_work(
        scenario, CALENDAR, np.full(AUTHORITIES, go_live), people, np.full(MONTHS, pages), np.full(MONTHS, trained)
    )  # fmt: skip


def working_days() -> NDArray[np.int64]:
    starts = np.array(CALENDAR.month_starts)
    counted: NDArray[np.int64] = CALENDAR.working_days_before[starts[1:]] - CALENDAR.working_days_before[starts[:-1]]
    return counted


def test_records_are_users_times_rate_times_working_days() -> None:
    expected = 7 * AUTHORITIES * SPEC.work.records_per_user_day.value * working_days()
    np.testing.assert_allclose(work_of(SCENARIO, 7).records_created, expected)


def test_nobody_works_without_users() -> None:
    work = work_of(SCENARIO, 0)
    assert not work.records_created.any()
    assert not work.routing_slips_sent.any()
    assert not work.storage_gb.any()


def test_storage_is_the_sum_of_records_slips_and_scanned_pages() -> None:
    work, spec = work_of(SCENARIO, 3, pages=1000.0), SPEC.work
    expected = (
        work.records_created * spec.megabytes_per_record.value
        + work.routing_slips_sent * spec.megabytes_per_slip.value
        + 1000 * spec.megabytes_per_scanned_page.value
    ) / 1000
    np.testing.assert_allclose(work.storage_gb, expected)


@given(st.floats(0, 700), st.floats(0, 700))
def test_slips_grow_from_the_first_rate_to_the_mature_one(go_live: float, later: float) -> None:
    work = SPEC.work
    days = np.array([go_live, go_live + later, go_live + work.maturing_months.value * DAYS_PER_MONTH + 1])
    first, between, mature = compute_slip_rate(SPEC, np.array([go_live]), days)[0]
    assert first == pytest.approx(work.slips_per_user_day.value)
    assert mature == pytest.approx(work.slips_per_user_day_mature.value)
    assert min(first, mature) - 1e-12 <= between <= max(first, mature) + 1e-12


def test_half_way_to_maturity_the_rate_is_the_mean_of_both() -> None:
    work = SPEC.work
    half = work.maturing_months.value * DAYS_PER_MONTH / 2
    found = compute_slip_rate(SPEC, np.array([100.0]), np.array([100.0 + half]))[0, 0]
    assert found == pytest.approx((work.slips_per_user_day.value + work.slips_per_user_day_mature.value) / 2)


def test_everybody_who_is_trained_is_registered_for_several_courses() -> None:
    seats = work_of(SCENARIO, 0, trained=12.0).training_seats
    assert seats.tolist() == [12 * SPEC.rollout.training.registrations_per_user.value] * MONTHS


@given(st.floats(0.01, 1))
def test_who_tries_before_the_go_live_does_a_share_of_the_work(trial: float) -> None:
    before = work_of(change(work__trial=trial), 7, go_live=np.inf)
    live = work_of(change(work__slips_per_user_day_mature=SPEC.work.slips_per_user_day.value), 7)
    np.testing.assert_allclose(before.records_created, trial * live.records_created)
    np.testing.assert_allclose(before.routing_slips_sent, trial * live.routing_slips_sent)


def test_paper_falls_by_the_same_share_every_year() -> None:
    mail = change(mail__paper_decline_per_year=0.2).spec.mail.model_copy(update={"channels": []})
    share = compute_paper_share(mail, "ministry", CALENDAR)
    assert (np.diff(share) <= 0).all()
    year = 365
    falls = share[year] / share[0]
    assert falls == pytest.approx(0.8 ** (year / 365.2425))


def test_in_the_middle_of_the_reference_year_the_share_is_the_one_stated() -> None:
    mail = SPEC.mail.model_copy(update={"channels": [], "paper_share_year": 2021})
    share = compute_paper_share(mail, "ministry", CALENDAR)
    assert share[CALENDAR.get_day(date(2021, 7, 1))] == pytest.approx(mail.paper_share.value)


def test_a_channel_takes_its_share_after_its_ramp_and_from_its_kinds_only() -> None:
    channel = SPEC.mail.channels[0]
    bare = SPEC.mail.model_copy(update={"channels": []})
    ratio = compute_paper_share(SPEC.mail, channel.kinds[0], CALENDAR) / compute_paper_share(
        bare, channel.kinds[0], CALENDAR
    )
    opens = CALENDAR.get_day(channel.opens.value)
    assert (ratio[:opens] == 1).all()
    assert (np.diff(ratio) <= 1e-12).all()
    full = opens + int(channel.ramp_months.value * DAYS_PER_MONTH) + 1
    only = sum(channel.kinds[0] in c.kinds for c in SPEC.mail.channels) == 1
    if full < CALENDAR.days and only:
        assert ratio[full] == pytest.approx(1 - channel.replaces.value)


def test_paper_is_never_more_than_all_mail() -> None:
    mail: Any = SPEC.mail.model_copy(update={"paper_share_year": 2100})
    assert compute_paper_share(mail, "ministry", CALENDAR).max() <= 1


def test_mail_comes_on_working_days_and_a_usual_week_brings_the_stated_rate() -> None:
    kind = SCENARIO.authorities[0].kind
    rate = compute_mail_rate(SCENARIO, CALENDAR, kind)
    assert (rate[~CALENDAR.is_working] == 0).all()
    assert (rate[CALENDAR.is_working] > 0).any()
    monday = CALENDAR.get_day(date(2021, 3, 1))
    assert CALENDAR.is_working[monday : monday + 5].all()
    paper = compute_paper_share(SPEC.mail, kind, CALENDAR)[monday : monday + 5]
    week = (rate[monday : monday + 5] / paper).sum()
    assert week == pytest.approx(5 * SPEC.mail.items_per_user_day[kind].value)


def test_what_is_digital_is_the_paper_that_channels_take_off() -> None:
    """To the last bit: by the share on paper with channels and without; nothing where no channel is for a kind."""
    mail, starts = SPEC.mail, np.array(CALENDAR.month_starts)
    before = compute_share_before_channels(mail, CALENDAR)
    without = mail.model_copy(update={"channels": []})
    concerned = {kind for channel in mail.channels for kind in channel.kinds}
    for kind, items in mail.items_per_user_day.items():
        taken = compute_paper_share(without, kind, CALENDAR) - compute_paper_share(mail, kind, CALENDAR)
        expected = np.add.reduceat(items.value * taken * CALENDAR.is_working, starts[:-1])
        found = compute_digital_rate(SCENARIO, CALENDAR, kind, NO_EVENTS, before)
        np.testing.assert_array_equal(found, expected)
        assert (found.sum() > 0) == (kind in concerned)


def test_the_decline_of_paper_is_computed_once_for_all_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def count(*what: Any) -> NDArray[np.float64]:
        asked.append(what)
        return compute_share_before_channels(*what)

    monkeypatch.setattr("simulation.rollout.demand.compute_share_before_channels", count)
    assert work_of(SCENARIO, 7).digital_items.sum() > 0
    assert len(asked) == 1
