"""The intake channels that the report names: each takes paper off by what it says, and the plan counts none of them."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from simulation.calendar import Calendar
from simulation.levers.load import load
from simulation.rollout.conditions import NO_EVENTS
from simulation.rollout.demand import (
    DAYS_PER_MONTH,
    compute_digital_rate,
    compute_mail_rate,
    compute_paper_share,
    compute_share_before_channels,
)
from simulation.rollout.risks import Figures
from simulation.scenario.programme import Scenario
from simulation.scenario.scanning import Channel
from tests.conftest import ROOT
from workflow.mail_folders.channels import CHANNELS

FOLDER = ROOT / "scenarios" / "nrw"
PLAN, COUNTED = load(FOLDER / "plan-2021.yaml"), load(FOLDER / "intake-channels.yaml")
CALENDAR = Calendar(PLAN.spec.horizon.start, PLAN.spec.horizon.end)
BY_ID = {one.id: one for one in COUNTED.spec.mail.channels}
NAMED = [
    "form-relief", "de-mail", "business-portal", "topical-portal", "building-portal", "funding-portal",
    "emission-notice", "scan-software", "local-scan",
]  # fmt: skip
BEFORE = ["e-invoice", "serviceportal", "ozg", "special-mailboxes"]


def keep(scenario: Scenario, *channels: Channel) -> Scenario:
    mail = scenario.spec.mail.model_copy(update={"channels": list(channels)})
    return replace(scenario, spec=scenario.spec.model_copy(update={"mail": mail}))


def day_of(day: date) -> int:
    return (day - CALENDAR.start).days


def last_day(channel: Channel) -> int:
    """On which it is open, and its ramp behind it where the horizon reaches that far."""
    return day_of(channel.closes.value) if channel.closes else CALENDAR.days - 1


def share_taken(channel: Channel, day: int) -> float:
    ramp = (day - day_of(channel.opens.value)) / (channel.ramp_months.value * DAYS_PER_MONTH)
    return channel.replaces.value * min(max(ramp, 0.0), 1.0)


@pytest.mark.parametrize("scenario", [PLAN, COUNTED], ids=["plan", "counted"])
def test_every_channel_that_the_engine_takes_in_and_the_report_gives_no_share_of_stands_there(scenario: Any) -> None:
    assert [one.id for one in scenario.spec.mail.channels] == [*BEFORE, *NAMED]
    assert {one.replace("-", "_") for one in NAMED} <= set(CHANNELS)


@pytest.mark.parametrize("name", NAMED)
def test_both_rooms_open_and_close_a_channel_on_the_same_day(name: str) -> None:
    channel, rules = BY_ID[name], CHANNELS[name.replace("-", "_")]  # type: ignore[index]
    assert (channel.closes.value if channel.closes else None) == rules.closes
    if rules.opens is None:  # no day is known: the scenario assumes one, and says so
        assert channel.opens.basis == "assumed"
    else:
        assert channel.opens.value == rules.opens


def test_the_prototype_of_the_emission_notice_is_due_when_the_report_says() -> None:
    opens = BY_ID["emission-notice"].opens
    assert (opens.value, opens.basis) == (date(2021, 7, 31), "report")  # F156, of the year as read in C36
    assert CHANNELS["emission_notice"].opens == date(2021, 7, 31)  # type: ignore[index]


def test_both_files_differ_only_in_what_the_channels_take() -> None:
    """The list is copied, for a list of another file is replaced and not merged."""
    same = [[one.model_dump(exclude={"replaces", "ramp_months"}) for one in scenario.spec.mail.channels]
            for scenario in (PLAN, COUNTED)]  # fmt: skip
    assert same[0] == same[1]
    for plan, counted in zip(PLAN.spec.mail.channels, COUNTED.spec.mail.channels, strict=True):
        assert plan.ramp_months.value == counted.ramp_months.value
        assert (plan == counted) is (plan.id in BEFORE)
    others = [scenario.spec.model_copy(update={"mail": PLAN.spec.mail, "name": "", "title": PLAN.spec.title,
                                               "notice": None}) for scenario in (PLAN, COUNTED)]  # fmt: skip
    assert others[0] == others[1]


@pytest.mark.parametrize("name", NAMED)
def test_what_the_source_says_of_portals_stands_beside_what_they_may_count(name: str) -> None:
    """What comes by mail, or on paper to be scanned, no portal counts."""
    by_portal = {"business-portal", "topical-portal", "funding-portal", "emission-notice"}
    assert ("ozg and serviceportal count it" in BY_ID[name].replaces.source) is (name in by_portal)


def test_the_plan_counts_none_of_them_and_comes_out_as_without_them() -> None:
    without = keep(PLAN, *(one for one in PLAN.spec.mail.channels if one.id in BEFORE))
    assert [one.replaces.value for one in PLAN.spec.mail.channels if one.id in NAMED] == [0] * len(NAMED)
    assert not [path for path in Figures(PLAN.spec, 2021).paths if any(f".{name}." in path for name in NAMED)]
    for kind in PLAN.spec.mail.items_per_user_day:
        assert PLAN.spec.mail.list_channels(kind) == without.spec.mail.list_channels(kind), "costs nothing either"
        np.testing.assert_array_equal(
            compute_mail_rate(PLAN, CALENDAR, kind), compute_mail_rate(without, CALENDAR, kind)
        )


@pytest.mark.parametrize("name", NAMED)
def test_each_says_how_sure_it_is(name: str) -> None:
    figure = BY_ID[name].replaces
    assert (figure.basis, figure.low) == ("assumed", 0)
    assert 0 < figure.value < float(figure.high or 0)
    assert f"mail.channels.{name}.replaces" in Figures(COUNTED.spec, 2021).paths


@pytest.mark.parametrize("name", NAMED)
def test_each_takes_paper_off_the_scan_centres_by_its_share(name: str) -> None:
    channel, none = BY_ID[name], keep(COUNTED)
    alone, day = keep(COUNTED, channel), last_day(channel)
    working = next(d for d in range(day, 0, -1) if CALENDAR.is_working[d])
    for kind in channel.kinds:
        before, after = compute_mail_rate(none, CALENDAR, kind), compute_mail_rate(alone, CALENDAR, kind)
        assert after[working] == pytest.approx(before[working] * (1 - share_taken(channel, working)))
        assert after[working] < before[working]
    for kind in set(COUNTED.spec.mail.items_per_user_day) - set(channel.kinds):
        assert compute_mail_rate(alone, CALENDAR, kind)[working] == compute_mail_rate(none, CALENDAR, kind)[working]


@pytest.mark.parametrize("name", NAMED)
def test_what_each_takes_is_counted_as_digital(name: str) -> None:
    channel = BY_ID[name]
    alone, kind = keep(COUNTED, channel), channel.kinds[0]
    on_paper = compute_share_before_channels(alone.spec.mail, CALENDAR)
    items = compute_digital_rate(alone, CALENDAR, kind, NO_EVENTS, on_paper)
    day = last_day(channel)
    last = CALENDAR.start.toordinal() + day
    month = date.fromordinal(last)
    number = (month.year - CALENDAR.start.year) * 12 + month.month - 1
    days = range(CALENDAR.month_starts[number], CALENDAR.month_starts[number + 1])
    daily = alone.spec.mail.items_per_user_day[kind].value
    expected = sum(daily * on_paper[d] * share_taken(channel, d) * CALENDAR.is_working[d] for d in days)
    assert items[number] == pytest.approx(expected)


def test_the_form_relief_ends_with_its_last_day() -> None:
    relief = BY_ID["form-relief"]
    before, after = (compute_paper_share(keep(COUNTED, *of).spec.mail, "ministry", CALENDAR) for of in ((), (relief,)))
    last = day_of(date(2020, 12, 31))
    assert after[last] == pytest.approx(before[last] * (1 - relief.replaces.value))
    assert after[last + 1] == before[last + 1]
    assert after[day_of(date(2020, 4, 14))] == before[day_of(date(2020, 4, 14))]


def test_a_channel_that_closes_before_it_opens_is_refused() -> None:
    relief = BY_ID["form-relief"].model_dump()
    with pytest.raises(ValidationError, match="closes on 2020-04-13, opens on 2020-04-14"):
        Channel.model_validate({**relief, "closes": {**relief["closes"], "value": date(2020, 4, 13)}})
