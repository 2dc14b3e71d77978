"""From go-live to people and work: closed forms, and the model ministry of the report."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from simulation.calendar import Calendar
from simulation.random_streams import Streams
from simulation.rollout.adoption import compute_using_share, count_planned_users, count_users
from simulation.rollout.demand import DAYS_PER_MONTH, compute_month_work, compute_paper_share
from simulation.scenario.figures import replace_figures
from simulation.scenario.programme import Scenario


@pytest.fixture
def calendar(nrw: Scenario) -> Calendar:
    return Calendar(nrw.spec.horizon.start, nrw.spec.horizon.end)


def test_adoption_passes_one_half_and_nine_tenths_where_the_scenario_says(nrw: Scenario, calendar: Calendar) -> None:
    scenario = replace(nrw, spec=replace_figures(nrw.spec, {"adoption.spread": 0.0}))
    start = float(calendar.get_day(date(2022, 3, 1)))
    go_live = np.full(len(nrw.authorities), start)
    at = start - 1 + 7 * np.array([0, nrw.spec.adoption.half_weeks.value, nrw.spec.adoption.ninety_weeks.value, 400])
    share = compute_using_share(scenario, calendar, go_live, at, Streams(1, 1))
    assert share[0] == pytest.approx([0, 0.5, 0.9, 1], abs=1e-9)


def test_planned_users_are_the_reports_table_to_the_person(nrw: Scenario, calendar: Calendar) -> None:
    for row in nrw.spec.plan:
        day = np.array([float(calendar.get_day(date(row.year, 12, 31)))])
        found = count_planned_users(nrw, calendar, day).sum(axis=1).ravel()
        assert found.tolist() == [row.e_akte.value, row.e_laufmappe.value]


def test_pilots_count_before_their_authority_is_live_and_not_after(nrw: Scenario, calendar: Calendar) -> None:
    share = np.zeros((len(nrw.authorities), 1))
    day = np.array([float(calendar.get_day(date(2019, 12, 31)))])
    assert count_users(nrw, calendar, share, day)[1].sum() == 539
    share[[n for n, a in enumerate(nrw.authorities) if a.id == "mwide"]] = 1
    assert count_users(nrw, calendar, share, day)[1].sum() == 539


def test_the_model_ministry_reaches_what_the_report_says_by_the_end_of_2020(nrw: Scenario, calendar: Calendar) -> None:
    """F135: more than 6,000 records and well over 10,000 routing slips by the end of 2020."""
    months = len(calendar.month_starts) - 1
    mwide = np.array([a.id == "mwide" for a in nrw.authorities])
    go_live = np.where(mwide, [float(calendar.get_day(a.go_live)) for a in nrw.authorities], np.inf)
    starts = np.array(calendar.month_starts, dtype=float)
    share = compute_using_share(nrw, calendar, go_live, (starts[:-1] + starts[1:]) / 2, None)
    people = np.where(share > 0, 539.0, 0.0)
    work = compute_month_work(nrw, calendar, go_live, np.stack([people, people]), *np.zeros((2, months)))
    until_2020 = np.array([d.year <= 2020 for d in calendar.list_month_ends()])
    records, slips = work.records_created[until_2020].sum(), work.routing_slips_sent[until_2020].sum()
    assert 6000 < records < 7500
    assert 10_000 < slips < 15_000


def test_paper_share_is_the_product_of_decline_and_channels(nrw: Scenario, calendar: Calendar) -> None:
    mail = nrw.spec.mail
    day = calendar.get_day(date(2024, 7, 1))
    expected = mail.paper_share.value * (1 - mail.paper_decline_per_year.value) ** (
        (date(2024, 7, 1) - date(2021, 7, 1)).days / 365.2425
    )
    for channel in mail.channels:
        if "police" in channel.kinds:
            grown = (date(2024, 7, 1) - channel.opens.value).days / (channel.ramp_months.value * DAYS_PER_MONTH)
            expected *= 1 - channel.replaces.value * min(max(grown, 0), 1)
    assert compute_paper_share(mail, "police", calendar)[day] == pytest.approx(expected)
