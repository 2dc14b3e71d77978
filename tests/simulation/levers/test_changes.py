"""`--set`: what a change says, what it makes of a scenario, and what is refused with its place."""

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.calendar import get_calendar
from simulation.forecast.replication import Wanted, replicate
from simulation.inputs.faults import UnusableInput
from simulation.levers.apply import apply_changes, change_scenario, read_changes, show_changes, split_days
from simulation.levers.change import Change, parse_change
from simulation.levers.describe import describe_levers
from simulation.levers.levers import list_levers
from simulation.levers.load import add_changes, load
from simulation.rollout.demand import compute_mail_rate
from simulation.scan_line.centre import MonthFigures, compute_changed_rate, get_capacity
from simulation.scenario.model import RolloutScenario
from simulation.scenario.programme import Scenario
from tests.conftest import load_small

SCENARIO = load_small()
SPEC = SCENARIO.spec
LEVERS = list_levers(SCENARIO)
DAY = st.dates(date(2021, 1, 1), date(2022, 12, 31))


def changed(*texts: str) -> RolloutScenario:
    return apply_changes(SPEC, read_changes(change_scenario(SCENARIO, texts)), SPEC.as_of.value + timedelta(1))


def teams(spec: RolloutScenario, day: date) -> int:
    return [step for step in spec.rollout.teams if step.start <= day][-1].value.value


@pytest.mark.parametrize(
    ("text", "lever", "operator", "amount", "start", "until"),
    [
        ("rollout.teams+=2", "rollout.teams", "+=", 2, None, None),
        ("rollout.teams -= 1 @ 2022-01-01", "rollout.teams", "-=", 1, date(2022, 1, 1), None),
        ("mail.items_per_user_day*=1.3@2022-03-01..2022-05-31", "mail.items_per_user_day", "*=", 1.3,
         date(2022, 3, 1), date(2022, 5, 31)),
        ("scan.a-b.check=.5", "scan.a-b.check", "=", 0.5, None, None),
        ("x=1e2", "x", "=", 100, None, None),
    ],
)  # fmt: skip
def test_a_change_is_read(
    text: str, lever: str, operator: str, amount: float, start: date | None, until: date | None
) -> None:
    found = parse_change(text)
    assert (found.lever, found.operator, found.amount, found.start, found.until) == (
        lever, operator, amount, start, until,
    )  # fmt: skip


def test_an_opening_is_set_to_a_day() -> None:
    assert changed("scan.centre.opens=2021-06-01").scan.centres[0].opens.value == date(2021, 6, 1)
    assert changed("scan.centre.opens+=31 days").scan.centres[0].opens.value == date(2021, 5, 2)


def test_an_earlier_opening_brings_its_first_staff_along() -> None:
    spec = changed("scan.centre.opens=2021-03-15")
    for station in ("prepare", "scan", "check", "release"):
        steps = getattr(spec.scan.centres[0], station).capacity
        assert steps[0].start == date(2021, 3, 15)
        assert steps[1:] == getattr(SPEC.scan.centres[0], station).capacity[1:]


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("teams", 1, "no change"),
        ("rollout.teams+=two", 16, "no number"),
        ("rollout.teams+=nan", 16, "no number"),
        ("rollout.teams+=2@soon", 18, "no day"),
        ("rollout.teams+=2@2022-01-01..2021-12-31", 30, "before it starts"),
        ("rollout.temas+=2", 1, "rollout.teams"),
        ("rollout.teams=2022-01-01", 14, "no day"),
        ("rollout.teams-=9", 14, "at least 0"),
        ("rollout.teams=0", 14, "never end"),
        ("rollout.teams+=1@2021-01-01", 14, "known and cannot be changed"),
        ("scan.centre.opens*=2", 18, "no factor"),
        ("scan.centre.opens+=1 day@2021-01-01", 18, "no period"),
        ("scan.centre.opens-=9999 weeks", 18, "lies outside the horizon"),
        ("scan.centre.opens+=3", 18, "3 of what, is not said; days, weeks or months"),
        ("project.p-region.start-=3", 23, "3 of what, is not said"),
        ("scan.nowhere.check+=1", 1, "unknown lever"),
        ("rollout.teams+=2@2023-01-01", 14, "after the horizon: it changes nothing"),
        ("rollout.trainers*=2@2031-05", 17, "after the horizon: it changes nothing"),
        ("scan.centre.opens=2021-02-28", 18, "known and cannot be changed"),
        ("scan.centre.opens-=2 months", 18, "known and cannot be changed"),
        ("mail.channels.portal.opens=2021-01-01", 27, "known and cannot be changed"),
        ("authority.district.scan_from=2021-01-31", 29, "would have been scanned from 2021-01-31"),
        ("authorities.all.scan_from-=24 months", 26, "would have been scanned"),
    ],
)
def test_what_cannot_be_done_is_a_fault_with_its_column(text: str, column: int, says: str) -> None:
    with pytest.raises(UnusableInput, match=says) as refused:
        change_scenario(SCENARIO, [text])
    assert [(fault.place.file, fault.place.line, fault.place.column) for fault in refused.value.faults] == [
        (f"--set {text}", 0, column)
    ]


def test_all_faults_are_told_at_once_each_by_what_was_given() -> None:
    with pytest.raises(UnusableInput) as refused:
        change_scenario(SCENARIO, ["nothing=1", "rollout.teams+=1", "rollout.slots=x", "rollout.trainers=1,5"])
    assert [fault.tell("de").partition(";")[0] for fault in refused.value.faults] == [
        "--set nothing=1: unbekannter Hebel `nothing`",
        "--set rollout.slots=x: `x` ist keine Zahl",
        "--set rollout.trainers=1,5: davon gibt es nur ganze",
    ]


@pytest.mark.parametrize("text", ["rollout.teams=2.5", "rollout.teams+=0.5", "scan.centre.check-=1.5@2021-09"])
def test_half_a_team_is_refused_not_rounded(text: str) -> None:
    """What was told and what was computed would differ."""
    with pytest.raises(UnusableInput, match=r"only whole ones; a whole number, or \*= with a factor"):
        change_scenario(SCENARIO, [text])


def test_a_factor_gives_whole_teams() -> None:
    day = date(2022, 6, 1)
    found = teams(changed("rollout.teams*=0.7"), day)
    assert isinstance(found, int)
    assert found == round(0.7 * teams(SPEC, day))


@pytest.mark.parametrize("text", ["rollout.teams+=0", "rollout.trainers*=1@2022-01-01", "mail.items_per_user_day-=0"])
def test_a_change_by_nothing_changes_nothing(text: str) -> None:
    assert change_scenario(SCENARIO, [text]) is SCENARIO


def test_a_change_makes_another_scenario_and_the_same_one_every_time() -> None:
    one, same, other = (change_scenario(SCENARIO, [text]) for text in ("rollout.teams+=1",) * 2 + ("rollout.teams+=2",))
    assert one.digest == same.digest
    assert len({SCENARIO.digest, one.digest, other.digest}) == 3
    assert replace(one).__reduce__()[1][-1] == one.changes


@given(DAY, DAY, DAY, st.integers(1, 5))
def test_a_capacity_changes_in_its_period_only(one: date, other: date, day: date, more: int) -> None:
    start, until = sorted((one, other))
    change = Change("", "rollout.teams", "+=", more, start, until)
    spec = apply_changes(SPEC, [(change, LEVERS["rollout.teams"])])
    expected = teams(SPEC, day) + (more if start <= day <= until else 0)
    assert teams(spec, day) == expected
    assert all(a.start < b.start for a, b in pairwise(spec.rollout.teams))


def test_a_rollout_changes_from_what_is_not_known_yet() -> None:
    spec = changed("rollout.teams*=2")
    known = SPEC.as_of.value
    assert teams(spec, known) == teams(SPEC, known)
    assert teams(spec, known + timedelta(1)) == 2 * teams(SPEC, known)


@pytest.mark.parametrize(("text", "expected"), [("*=0.5", (0.15, 0.3, 0.5)), ("+=1", (1.3, 1.6, 2)), ("=3", (3, 3, 3))])
def test_the_range_follows_and_what_is_set_is_certain(text: str, expected: tuple[float, ...]) -> None:
    shown = show_changes(change_scenario(SCENARIO, [f"mail.items_per_user_day.ministry{text}"]))
    figure = shown.spec.mail.items_per_user_day["ministry"]
    assert (figure.low, figure.value, figure.high) == pytest.approx(expected)
    assert "changed: mail.items_per_user_day.ministry" in figure.source


def test_a_shock_of_mail_lasts_as_long_as_it_says() -> None:
    calendar = get_calendar(SPEC.horizon.start, SPEC.horizon.end)
    text = "mail.items_per_user_day*=3@2021-06-01..2021-06-30"
    before = compute_mail_rate(SCENARIO, calendar, "ministry")
    after = compute_changed_rate(change_scenario(SCENARIO, [text]), calendar, "ministry")
    first, last = calendar.get_day(date(2021, 6, 1)), calendar.get_day(date(2021, 6, 30))
    factor = np.ones(calendar.days)
    factor[first : last + 1] = 3
    np.testing.assert_allclose(after, before * factor)


@given(st.lists(st.tuples(DAY, DAY), max_size=4))
def test_periods_follow_each_other_without_gap(pairs: list[tuple[date, date]]) -> None:
    changes = [(Change("", "x", "+=", 1, *sorted(pair)), LEVERS["rollout.teams"]) for pair in pairs]
    first, last = date(2021, 1, 1), date(2022, 12, 31)
    periods = list(split_days(changes, first, last))
    assert periods[0][0] == first
    assert periods[-1][1] == last
    assert all(begin <= end for begin, end in periods)
    assert all(after[0] - before[1] == timedelta(1) for before, after in pairwise(periods))
    for begin, end in periods:
        assert all(change.holds_on(begin) == change.holds_on(end) for change, _ in changes)


def test_levers_have_names_in_both_languages_and_are_found_in_the_scenario() -> None:
    levers = LEVERS.values()
    assert {"rollout.teams", "rollout.trainers", "rollout.slots", "rollout.staff_council_days",
            "mail.items_per_user_day", "scan.centre.prepare", "scan.centre.check", "scan.centre.opens"} <= {
        lever.id for lever in levers
    }  # fmt: skip
    amounts = {"day": "2021-09-01", "shifts": "06:00-14:00", "steps": "5", "figures": "5"}
    for lever in filter(lambda lever: lever.is_short, levers):
        assert changed(f"{lever.id}={amounts[lever.kind]}") != SPEC, lever.id


def test_every_lever_of_the_plan_has_names_and_a_value_within_its_bounds(nrw: Scenario) -> None:
    listed = describe_levers(nrw, every=True)
    assert len(listed) == len({one["lever"] for one in listed}) > 900
    for one in listed:
        assert one["name_de"] != one["lever"] != one["name_en"], one
        if isinstance(one["value"], float | int):
            assert one["lowest"] <= one["value"] <= one["highest"], one
    teams = next(one for one in listed if one["lever"] == "rollout.teams")
    assert teams["value"] == 14  # what the file says of August 2021
    for figure in ("risks.rework", "scan.items.excluded", "mail.paper_share"):
        with pytest.raises(UnusableInput, match="at most 1"):
            change_scenario(nrw, [f"{figure}=1.01"])


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ("lever: rollout.teams, from: 2021-03-01, by: +2", "rollout.teams+=2@2021-03-01"),
        ("lever: mail.items_per_user_day, factor: 1.3, from: 2021-03, until: 2021-06",
         "mail.items_per_user_day*=1.3@2021-03-01..2021-06-30"),
        ("lever: scan.centre.opens, to: 2021-06-01", "scan.centre.opens=2021-06-01"),
        ("lever: scan.centre.check.shifts, to: 06:00-14:00+14:00-22:00, from: 2022-01-01",
         "scan.centre.check.shifts=06:00-14:00+14:00-22:00@2022-01-01"),
        ("project: p-region, start: +3 months", "project.p-region.start+=3 months"),
        ("authority: district, scan_from: 2022-07-01", "authority.district.scan_from=2022-07-01"),
        ("authorities: all, protection: high", "authorities.all.protection=high"),
    ],
)  # fmt: skip
def test_a_change_in_a_file_is_the_same_as_the_option(small: Path, entry: str, line: str) -> None:
    what_if = small.with_name("what-if.yaml")
    what_if.write_text(f"kind: rollout\nextends: small.yaml\nchanges: [{{{entry}}}]\n", encoding="utf-8")
    assert load(what_if).changes == (line,)
    assert load(what_if).digest == change_scenario(SCENARIO, [line]).digest
    further = small.with_name("further.yaml")
    further.write_text(
        "kind: rollout\nextends: what-if.yaml\nchanges: [{lever: rollout.slots, by: 1}]\n", encoding="utf-8"
    )
    assert load(further).changes == (line, "rollout.slots+=1")


@pytest.mark.parametrize(
    ("entry", "column", "says"),
    [
        ("{lever: rollout.temas, by: 1}", 19, "unknown lever"),
        ("{lever: rollout.teams, by: -9}", 38, "at least 0"),
        ("{lever: rollout.teams, by: 1, from: 2050-01}", 38, "changes nothing"),
        ("{lever: scan.centre.opens, to: 2021-01-04}", 42, "known and cannot be changed"),
        ("{lever: scan.centre.prepare, by: 1, until: 2020-05}", 44, "changes nothing"),
        ("{project: p-pilot, start: +1 month}", 37, "known and cannot be changed"),
        ("{project: p-region, start: +99 months}", 38, "would begin on"),
        ("{authorities: finance, scan_from: 2022-01-01}", 45, "none of them has a scan centre"),
        ("{authority: police, scan_centre: nowhere}", 44, "no scan centre"),
        ("{authority: police, scan_centre: centre}", 44, "has no mail"),
        ("{lever: rollout.teams}", 11, "says no change"),
        ("{lever: risks.rework, factor: 2, from: 2022-01}", 41, "takes no days"),
        ("{lever: scan.centre.check.shifts, to: 07:00-07:00}", 49, "no shifts"),
    ],
)
def test_a_wrong_change_in_a_file_is_a_fault_at_its_place(small: Path, entry: str, column: int, says: str) -> None:
    what_if = small.with_name("what-if.yaml")
    what_if.write_text(f"kind: rollout\nextends: small.yaml\nchanges: [{entry}]\n", encoding="utf-8")
    with pytest.raises(UnusableInput, match=says) as refused:
        load(what_if)
    assert [(Path(f.place.file).name, f.place.line, f.place.column) for f in refused.value.faults] == [
        ("what-if.yaml", 3, column)
    ]


def test_a_list_of_changes_is_the_same_and_tells_its_faults(small: Path) -> None:
    listed = small.with_name("changes.csv")
    listed.write_text("lever,from,until,by,factor,to\nrollout.teams,2021-03-01,,-1,,\n"
                      "mail.items_per_user_day,2021-06,2021-06,,1.5,\n", encoding="utf-8")  # fmt: skip
    assert add_changes(SCENARIO, listed).changes == (
        "rollout.teams-=1@2021-03-01", "mail.items_per_user_day*=1.5@2021-06..2021-06",
    )  # fmt: skip
    listed.write_text("lever,from,until,by,factor,to\nrollout.teams,,,1,2,\n", encoding="utf-8")
    with pytest.raises(UnusableInput, match=r"changes.csv:2:1: no change"):
        add_changes(SCENARIO, listed)
    listed.write_text("lever,from,until,by,factor,to\nrollout.teams,soon,,1,,\n", encoding="utf-8")
    with pytest.raises(UnusableInput, match=r"changes.csv:2:15: `soon` is no day"):
        add_changes(SCENARIO, listed)


def test_a_list_that_a_german_spreadsheet_saved_is_read_as_the_same(small: Path) -> None:
    listed = small.with_name("changes.csv")
    listed.write_text("lever,from,until,by,factor,to\nmail.items_per_user_day,2021-06-01,2021-06-30,,1.5,\n"
                      "scan.centre.opens,,,,,2021-06-01\nrisks.rework,,,0.05,,\n", encoding="utf-8")  # fmt: skip
    expected = add_changes(SCENARIO, listed)
    listed.write_bytes(b"\xef\xbb\xbf" + b"lever;from;until;by;factor;to\r\n"
                       b"mail.items_per_user_day;01.06.2021;30.06.2021;;1,5;\r\n"
                       b"scan.centre.opens;;;;;1.6.2021\r\nrisks.rework;;;+0,05;;\r\n")  # fmt: skip
    assert add_changes(SCENARIO, listed) == expected


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("rollout.teams;;;1.000;;", "changes.csv:2:17: `1.000` can be read in two ways"),
        ("mail.items_per_user_day;;;;1,234;", "changes.csv:2:28: `1,234` can be read in two ways"),
        ("rollout.teams;31.02.2022;;1;;", "changes.csv:2:15: `2022-02-31` is no day"),
        ("rollout.teams;Mrz 22;;1;;", "changes.csv:2:15: `Mrz 22` is no day"),
        ("rollout.teams;2022-01-01;1;;", "changes.csv:2:1: 5 cells"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_at_its_place(small: Path, row: str, says: str) -> None:
    listed = small.with_name("changes.csv")
    listed.write_text(f"lever;from;until;by;factor;to\n{row}\n", encoding="utf-8")
    with pytest.raises(UnusableInput, match=re.escape(says)):
        add_changes(SCENARIO, listed)


def test_what_is_known_of_the_plan_stays_as_it_was(nrw: Scenario) -> None:
    for text in (
        "scan.rheinland.opens=2019-01-01",
        "scan.detmold.opens=2022-01-01",
        "risks.protection.released+=60 days",
    ):
        with pytest.raises(UnusableInput, match="known and cannot be changed"):
            change_scenario(nrw, [text])
    with pytest.raises(UnusableInput, match="changes nothing"):
        change_scenario(nrw, ["rollout.teams+=2@2035-01-01"])
    later = show_changes(change_scenario(nrw, ["authorities.all.scan_from+=1 month"])).authorities
    pairs = [(a, b) for a, b in zip(nrw.authorities, later, strict=True) if a.scan_from]
    known = {a.id for a, _ in pairs if a.scan_from and a.scan_from <= nrw.spec.as_of.value}
    assert known
    assert {a.id for a, b in pairs if a.scan_from == b.scan_from} == known
    assert change_scenario(nrw, ["rollout.releases.first+=1 month"]).changes, "an assumed day of the past is not known"


def test_a_project_moves_with_its_authorities_and_no_other() -> None:
    later = change_scenario(SCENARIO, ["project.p-finance.start+=3 months"])
    before, after = (replicate(s, "risk", 1, Wanted(0, scan=False)).rollout for s in (SCENARIO, later))
    assert before is not None
    assert after is not None
    assert (after.phases[2, 0] - before.phases[2, 0]) == pytest.approx(92, abs=4)
    np.testing.assert_array_equal(after.phases[:2], before.phases[:2])
    names = [a.id for a in SCENARIO.authorities]
    moved = after.go_live - before.go_live
    assert moved[names.index("tax-office")] > 30
    assert not np.delete(moved, names.index("tax-office")).any()


def test_mail_is_scanned_from_its_day_and_a_high_need_is_checked_longer() -> None:
    def scan(*texts: str) -> Any:
        done = replicate(change_scenario(SCENARIO, texts), "risk", 1, Wanted(0, rollout=False)).scan
        assert done is not None
        return np.nansum(done.figures[0, :, MonthFigures._fields.index("items_in")]), np.nanmean(
            done.figures[0, :, MonthFigures._fields.index("utilisation_check")]
        )

    items, checked = scan()
    assert scan("authority.district.scan_from=2022-07-01")[0] < 0.8 * items
    high = scan("authorities.all.protection=high")
    assert high[0] == items
    assert high[1] > checked


def test_shifts_change_in_their_period_and_pass_midnight() -> None:
    spec = changed("scan.centre.check.shifts=22:00-06:00@2022-03-01..2022-03-31")
    station, calendar = spec.scan.centres[0].check, get_calendar(SPEC.horizon.start, SPEC.horizon.end)
    times, servers = get_capacity(station, calendar)
    before, there = get_capacity(SPEC.scan.centres[0].check, calendar)
    inside = (times >= 24 * calendar.get_day(date(2022, 3, 1))) & (times < 24 * calendar.get_day(date(2022, 4, 1)))
    assert set((times[inside] % 24).tolist()) == {22.0, 6.0}
    assert (servers[times % 24 == 22.0] > 0).all()
    outside = before < 24 * calendar.get_day(date(2022, 3, 1))
    np.testing.assert_array_equal(times[: outside.sum()], before[outside])
    np.testing.assert_array_equal(servers[: outside.sum()], there[outside])


@pytest.mark.parametrize(
    ("text", "expected"),
    [("*=2", (2, 2, 2)), ("+=5", (None, 1, 1)), ("=30", (30, 0, 0))],
)
def test_the_time_of_the_staff_council_is_all_that_makes_it_up(
    text: str, expected: tuple[float | None, float, float]
) -> None:
    """A factor on all of it, days for each project, or so many days for every project."""
    before, after = (spec.rollout.staff_council for spec in (SPEC, changed(f"rollout.staff_council_days{text}")))
    names = ("days_per_project", "days_per_authority", "days_per_thousand_users")
    old, new = ([getattr(council, name).value for name in names] for council in (before, after))
    if text.startswith("="):
        assert new == [expected[0], 0, 0]
    else:
        first = old[0] + 5 if expected[0] is None else old[0] * expected[0]
        assert new == pytest.approx([first, old[1] * expected[1], old[2] * expected[2]])
