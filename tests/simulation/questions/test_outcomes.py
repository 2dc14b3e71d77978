"""Outcomes by hand: year ends, deadlines, delays, and years of scan centres."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from simulation.calendar import Calendar
from simulation.forecast.replication import ScanRun
from simulation.forecast.simulated_rollout import get_long_calendar
from simulation.inputs.faults import Unanswerable
from simulation.questions.outcomes import Outcome, find_outcome, list_outcomes
from simulation.questions.runs import KeyRun
from simulation.scan_line.centre import MonthFigures
from simulation.scenario.programme import Scenario
from tests.conftest import load_small

SCENARIO = load_small()
CALENDAR: Calendar = get_long_calendar(SCENARIO.spec)
DEADLINES = len(SCENARIO.spec.deadlines)
MONTHS = 24
COLUMN = {name: n for n, name in enumerate(MonthFigures._fields)}


def make_run(users: float, met: float, delay: float) -> KeyRun:
    return KeyRun(
        users=np.array([[users, users + 1], [users + 2, users + 3]]),
        live=np.array([3.0, 5.0]),
        met=np.full(DEADLINES, met),
        delay=np.array([delay]),
    )


def make_scan(items: float, within: float, backlog: float) -> ScanRun:
    figures = np.full((1, MONTHS, len(MonthFigures._fields)), np.nan)
    figures[0, 4:, COLUMN["items_in"]] = items
    figures[0, 4:, COLUMN["items_out"]] = items
    figures[0, 4:, COLUMN["items_measured"]] = items
    figures[0, 4:, COLUMN["within_target"]] = within
    figures[0, 4:, COLUMN["backlog_end"]] = np.linspace(0, backlog, MONTHS - 4)
    return ScanRun(figures, np.zeros(MONTHS))


RUNS = [make_run(100, 50.0, 10.0), make_run(200, np.inf, 30.0)]


OUTCOMES = list_outcomes(SCENARIO, scans=True)


def find(name: str) -> Outcome:
    return find_outcome(OUTCOMES, name)


def test_years_are_the_planned_ones_that_are_not_known_yet_and_within_the_horizon() -> None:
    def get_years(**changes: Any) -> list[str]:
        scenario = replace(SCENARIO, spec=SCENARIO.spec.model_copy(update=changes))
        return [one.name[-4:] for one in list_outcomes(scenario) if one.name.startswith("users.e_akte.")]

    as_of, horizon = SCENARIO.spec.as_of, SCENARIO.spec.horizon
    assert get_years() == ["2021", "2022"]
    assert get_years(as_of=as_of.model_copy(update={"value": date(2021, 12, 31)})) == ["2022"]
    assert get_years(horizon=horizon.model_copy(update={"end": date(2022, 6, 30)})) == ["2021"]


@pytest.mark.parametrize(
    ("name", "values", "better"),
    [
        ("users.e_akte.2021", [100, 200], 1),
        ("users.e_akte.2022", [101, 201], 1),
        ("users.e_laufmappe.2021", [102, 202], 1),
        ("users.e_laufmappe.2022", [103, 203], 1),
        ("authorities_live.2022", [5, 5], 1),
        ("delay", [10, 30], -1),
    ],
)
def test_each_outcome_is_its_number_of_each_run(name: str, values: list[float], better: int) -> None:
    found = find(name)
    assert found.measure(RUNS).tolist() == values
    assert found.better == better
    assert not found.is_of_scans
    assert found.title.de
    assert found.title.en


@pytest.mark.parametrize("late", [-1, 0, 1])
def test_a_deadline_holds_up_to_its_day(late: int) -> None:
    deadline = SCENARIO.spec.deadlines[0]
    due = float((deadline.day - CALENDAR.start).days)
    found = find(f"deadline.{deadline.id}")
    assert found.measure([make_run(1, due + late, 0), make_run(1, np.inf, 0)]).tolist() == [float(late <= 0), 0.0]
    assert found.is_chance


def test_a_year_of_a_centre_is_weighed_by_its_items() -> None:
    scans = [make_scan(10, 0.9, 40), make_scan(20, 0.5, 0)]
    assert find("scan.centre.items.2021").measure(scans).tolist() == [80, 160]
    assert find("scan.centre.items.2022").measure(scans).tolist() == [120, 240]
    assert find("scan.centre.within_target.2022").measure(scans).tolist() == pytest.approx([0.9, 0.5])
    assert find("scan.centre.backlog.2022").measure(scans).tolist() == [40, 0]
    assert find("scan.centre.backlog.2022").better == -1
    assert find("scan.centre.backlog.2022").is_of_scans


def test_a_year_without_items_to_measure_has_no_share_and_one_that_releases_none_has_nothing_in_time() -> None:
    found = find("scan.centre.within_target.2021")
    assert np.isnan(found.measure([make_scan(0, np.nan, 0)])).all()
    silent = make_scan(50, 0.0, 400)
    silent.figures[0, 4:, COLUMN["items_out"]] = 0
    assert found.measure([silent]).tolist() == [0.0]


def test_every_outcome_has_a_name_of_its_own() -> None:
    names = [one.name for one in OUTCOMES]
    assert len(names) == len(set(names))
    assert [one.name for one in list_outcomes(SCENARIO)] == [one.name for one in OUTCOMES if not one.is_of_scans]


def test_what_is_asked_where_nothing_is_named_and_what_where_something_unknown_is(nrw: Scenario) -> None:
    assert find_outcome(OUTCOMES, None).name == "users.e_laufmappe.2022"
    assert find_outcome(list_outcomes(nrw), None).name == "users.e_laufmappe.2023"
    with pytest.raises(Unanswerable, match=r"unknown outcome `luck`; one of users\.e_akte\.2021, .*, scan\.centre"):
        find("luck")
