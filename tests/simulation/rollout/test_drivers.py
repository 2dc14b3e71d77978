"""Drivers of demand: each event moves digital items, routing slips or paper by what it says, times its reach."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.levers.apply import apply_changes, list_figure_changes, read_changes
from simulation.levers.load import load
from simulation.rollout.conditions import NO_EVENTS, Dated, Demand, compute_demand
from simulation.rollout.demand import (
    MonthWork,
    compute_digital_rate,
    compute_month_work,
    compute_share_before_channels,
    compute_web_share,
)
from simulation.scenario.introduction import Event
from simulation.scenario.programme import Scenario
from tests.conftest import ROOT

DRIVERS = load(ROOT / "scenarios" / "nrw" / "demand-drivers.yaml")
CALENDAR = Calendar(DRIVERS.spec.horizon.start, DRIVERS.spec.horizon.end)
MONTHS = len(CALENDAR.month_starts) - 1
EVENTS = {one.id: one for one in DRIVERS.spec.risks.events}
PLAN = {"reorganisation", "year-end"}
WAVES = ["progres-nrw", "digitalpakt-schule", "elektromobilitaet", "soforthilfe", "elterngeldfoerderung"]
LASTING = [
    "ozg-services", "servicekonto", "ueberbrueckungshilfe", "ifsg-online", "bafoeg-digital", "elterngeld-digital",
]  # fmt: skip
REACH = {
    "ozg-services": (10, 103),
    "servicekonto": (400, 567),
    "ueberbrueckungshilfe": (16, 16),
    "ifsg-online": (12, 16),
    "bafoeg-digital": (9, 16),
    "elterngeld-digital": (7, 16),
}
"""F230 and F227, F194 and F226, F233."""


def keep_one(event: Event) -> Demand:
    spec = DRIVERS.spec
    risks = spec.risks.model_copy(update={"events": [event]})
    changed = spec.model_copy(update={"risks": risks})
    return compute_demand(Dated(changed, 2021).list_spells(changed, CALENDAR, 0), CALENDAR)


def work_with(demand: Demand) -> MonthWork:
    """A hundred users in every authority, live from the first day."""
    many = len(DRIVERS.authorities)
    none = np.zeros(MONTHS)
    return compute_month_work(
        DRIVERS, CALENDAR, np.zeros(many), np.full((2, many, MONTHS), 100.0), none, none, demand
    )  # fmt: skip


@pytest.fixture(scope="module")
def quiet() -> MonthWork:
    return work_with(NO_EVENTS)


def find_month(day: date) -> int:
    return (day.year - CALENDAR.start.year) * 12 + day.month - 1


def count_of_kind(kinds: set[str]) -> int:
    return sum(one.kind in kinds for one in DRIVERS.authorities)


def working_days(month: int) -> int:
    starts = CALENDAR.month_starts
    days: NDArray[np.bool_] = CALENDAR.is_working[starts[month] : starts[month + 1]]
    return int(days.sum())


def test_every_driver_of_the_report_is_an_event() -> None:
    assert set(EVENTS) == PLAN | set(WAVES) | set(LASTING)


@pytest.mark.parametrize("name", WAVES)
def test_a_wave_brings_digital_items_and_slips_by_what_it_says(name: str, quiet: MonthWork) -> None:
    event = EVENTS[name]
    month = find_month(event.start.value)
    found, users = work_with(keep_one(event)), 100.0 * count_of_kind(set(event.digital))
    items = event.digital["district_government"].value
    first = (event.start.value - CALENDAR.start).days
    days = int(CALENDAR.is_working[first : CALENDAR.month_starts[month + 1]].sum())
    more = found.digital_items - quiet.digital_items
    assert more[month] == pytest.approx(users * items * days)
    assert more[month - 1] == 0
    assert more[month + 13] == 0
    assert found.routing_slips_sent[month - 1] == pytest.approx(quiet.routing_slips_sent[month - 1])


def test_a_whole_month_of_soforthilfe_multiplies_the_slips_of_its_kind(quiet: MonthWork) -> None:
    event = EVENTS["soforthilfe"]
    month = find_month(date(2023, 4, 1))
    found = work_with(keep_one(event))
    share = count_of_kind({"district_government"}) / len(DRIVERS.authorities)
    factor = found.routing_slips_sent[month] / quiet.routing_slips_sent[month]
    assert factor == pytest.approx(1 + share * (event.slips["district_government"].value - 1))
    assert found.records_created[month] == quiet.records_created[month]


@pytest.mark.parametrize("name", LASTING)
def test_what_is_online_takes_paper_off_by_its_reach(name: str) -> None:
    event = EVENTS[name]
    count, of = REACH[name]
    demand = keep_one(event)
    day = (date(2022, 6, 1) - CALENDAR.start).days
    for kind, share in event.replaces.items():
        assert demand.paper[kind][day] == pytest.approx(1 - share.value * count / of)
        assert demand.paper[kind][0] == 1.0
    assert set(demand.paper) == set(event.replaces)


@pytest.mark.parametrize("name", LASTING)
def test_what_leaves_the_paper_is_counted_as_digital(name: str) -> None:
    event = EVENTS[name]
    demand, kind = keep_one(event), next(iter(event.replaces))
    month = find_month(date(2021, 10, 1))
    on_paper = compute_share_before_channels(DRIVERS.spec.mail, CALENDAR)
    before, after = (compute_digital_rate(DRIVERS, CALENDAR, kind, of, on_paper)[month] for of in (NO_EVENTS, demand))
    most = DRIVERS.spec.mail.items_per_user_day[kind].value * working_days(month)
    assert before < after < most


def test_effects_together_multiply_and_never_take_all() -> None:
    risks = DRIVERS.spec.risks
    every = compute_demand(Dated(DRIVERS.spec, 2021).list_spells(DRIVERS.spec, CALENDAR, 0), CALENDAR)
    day = (date(2022, 6, 1) - CALENDAR.start).days
    left = 1.0
    for event in risks.events:
        if "district_government" in event.replaces and event.reach:
            left *= 1 - event.replaces["district_government"].value * event.reach.share
    assert every.paper["district_government"][day] == pytest.approx(left)
    assert 0.6 < left < 1


def scale(change: str) -> Scenario:
    """The drivers with a change in one line, as `--set` says it."""
    changed = load(ROOT / "scenarios" / "nrw" / "demand-drivers.yaml")
    from simulation.levers.apply import change_scenario

    changed = change_scenario(changed, [change])
    return replace(changed, spec=apply_changes(changed.spec, list_figure_changes(changed), date(2021, 7, 1)))


@pytest.mark.parametrize(
    ("change", "name", "factor"),
    [
        ("risks.events.soforthilfe.digital.district_government*=2", "soforthilfe", 2.0),
        ("risks.events.soforthilfe.probability=0", "soforthilfe", 0.0),
        ("risks.events.ozg-services.reach.count=103", "ozg-services", 10.3),
    ],
)
def test_a_driver_is_scaled_by_its_levers(change: str, name: str, factor: float) -> None:
    scaled = {one.id: one for one in scale(change).spec.risks.events}[name]
    before, after = keep_one(EVENTS[name]), keep_one(scaled)
    day = (date(2023, 4, 3) - CALENDAR.start).days
    if name == "soforthilfe":
        found = after.digital.get("district_government", np.zeros(CALENDAR.days))[day]
        assert found == pytest.approx(factor * before.digital["district_government"][day])
    else:
        share = before.replaced["institution"][day]
        assert after.replaced["institution"][day] == pytest.approx(factor * share)


def test_existing_files_are_half_as_many_items_more_from_2023_on() -> None:
    """Rahmenvertrag Bestandsaktenscan, as its what-if asks."""
    scenario = load(ROOT / "scenarios" / "nrw" / "what-if" / "existing-files.yaml")
    changes = read_changes(scenario)
    before, after = (apply_changes(scenario.spec, changes, day) for day in (date(2022, 12, 30), date(2023, 1, 2)))
    for kind, items in scenario.spec.mail.items_per_user_day.items():
        assert before.mail.items_per_user_day[kind].value == items.value
        assert after.mail.items_per_user_day[kind].value == pytest.approx(1.5 * items.value)


@pytest.mark.parametrize(("users", "share"), [(100.0, 0.5), (50_000.0, 0.5), (100_000.0, 0.25)])
def test_telework_bounds_the_share_of_the_web_client(users: float, share: float) -> None:
    work = DRIVERS.spec.work
    assert work.telework is not None
    assert (work.telework.able.value, work.telework.at_once.value) == (50_000, 25_000)
    assert compute_web_share(work, np.array([users]))[0] == pytest.approx(share)
    without = work.model_copy(update={"telework": None})
    assert compute_web_share(without, np.array([users]))[0] == 0.0


def test_slips_by_the_web_client_are_that_share_of_all(quiet: MonthWork) -> None:
    np.testing.assert_allclose(quiet.web_client_slips, quiet.routing_slips_sent * 0.5)
