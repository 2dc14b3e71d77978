"""The list of assumptions follows the changes: what holds of each figure, and what was changed of it."""

from typing import Any

import pytest

from simulation.forecast.key_figures import list_assumptions
from simulation.levers.apply import change_scenario, show_changes
from simulation.levers.change import CHANGED, LONGEST_SOURCE
from simulation.levers.listed import describe_changes
from simulation.levers.sentences import MOST_SAID, list_changes, list_remarks, say_changes
from simulation.scenario.programme import Scenario
from tests.conftest import load_small

SCENARIO = load_small()


def listed(*texts: str) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in list_assumptions(change_scenario(SCENARIO, texts))}


@pytest.mark.parametrize(
    ("text", "name", "values"),
    [
        ("risks.rework=0.3", "risks.rework", (0.3, 0.3, 0.3)),
        ("rollout.staff_council_days=50", "rollout.staff_council.days_per_project", (50, 50, 50)),
        ("rollout.staff_council_days=50", "rollout.staff_council.days_per_authority", (0, 0, 0)),
        ("mail.items_per_user_day.ministry*=2", "mail.items_per_user_day.ministry", (1.2, 0.6, 2.0)),
    ],
)
def test_a_changed_figure_is_listed_as_it_is_used(text: str, name: str, values: tuple[float, ...]) -> None:
    entry = listed(text)[name]
    assert (entry["value"], entry["low"], entry["high"]) == pytest.approx(values)
    assert entry["basis"] == "what_if"
    assert [one["lever"] for one in entry["changed"]] == [text.rstrip("0123456789.").rstrip("*=")]


def test_more_teams_are_a_step_with_their_day_and_what_was_added() -> None:
    before, after = listed(), listed("rollout.teams+=2@2022-02-01")
    name = "rollout.teams.2022-02-01.value"
    assert name not in before
    assert after[name]["changed"][0]["from"] == "2022-02-01"
    assert say_changes(after[name], "de") == "Rollout-Teams: +2 ab 01.02.2022"
    first = next(name for name in before if name.startswith("rollout.teams."))
    assert after[first] == before[first]


def test_a_figure_changed_for_a_while_keeps_its_value_and_tells_of_it() -> None:
    text, name = "mail.items_per_user_day*=1.3@2021-06..2021-07", "mail.items_per_user_day.ministry"
    before, after = listed()[name], listed(text)[name]
    assert (after["value"], after["low"], after["high"]) == (before["value"], before["low"], before["high"])
    assert say_changes(after, "en") == "items per person and working day: × 1.3 from 1 Jun 2021 until 31 Jul 2021"


def test_what_is_not_changed_is_listed_as_before() -> None:
    before, after = listed(), listed("risks.rework=0.3")
    assert {name for name in before if before[name] != after[name]} == {"risks.rework"}
    assert all(entry["changed"] == [] for entry in before.values())


def test_the_list_tells_of_a_day_that_moved() -> None:
    entry = listed("scan.centre.opens=2021-06-01")["scan.centres.centre.opens"]
    assert entry["value"] == "2021-06-01"
    assert entry["changed"][0]["amount"] == "2021-06-01"


def test_every_change_is_said_in_both_languages() -> None:
    texts = ["rollout.teams-=1", "scan.centre.opens+=31 days", "project.p-region.start+=1 month",
             "authorities.all.protection=high", "mail.items_per_user_day=2",
             "scan.centre.check.shifts=06:00-14:00@2022-01"]  # fmt: skip
    summary = {"changed": describe_changes(change_scenario(SCENARIO, texts))}
    german, english = list_changes(summary, "de"), list_changes(summary, "en")
    assert [one.rpartition(": ")[2].split(" ab ")[0] for one in german] == [
        "−1", "+31 Tage", "+1 Monat", "hoch", "2", "06:00-14:00",
    ]  # fmt: skip
    assert [one.rpartition(": ")[2].split(" from ")[0] for one in english] == [
        "−1", "+31 days", "+1 month", "high", "2", "06:00-14:00",
    ]  # fmt: skip


def test_of_many_changes_the_first_are_said_and_how_many_more_there_are() -> None:
    summary = {"changed": describe_changes(change_scenario(SCENARIO, ["rollout.teams+=1"])) * (MOST_SAID + 3)}
    assert list_changes(summary, "de")[MOST_SAID:] == ["und 3 weitere in summary.json"]
    assert list_changes({}, "en") == []


def test_a_long_source_still_tells_of_its_changes() -> None:
    scenario = SCENARIO
    for number in range(40):
        scenario = change_scenario(scenario, [f"mail.items_per_user_day.ministry+=0.0{number + 1:02}"])
    source = show_changes(scenario).spec.mail.items_per_user_day["ministry"].source
    assert len(source) <= LONGEST_SOURCE
    assert CHANGED in source


def test_a_change_that_holds_on_names_the_steps_that_no_longer_count(nrw: Scenario) -> None:
    (told,) = list_remarks(describe_changes(change_scenario(nrw, ["scan.rheinland.prepare=4@2022-01-01"])), "de")
    assert "gelten dann nicht mehr: 15 (ab 01.07.2022), 24 (ab 01.07.2023), 26 (ab 01.01.2024)" in told
    for texts in (
        ["scan.rheinland.prepare=4@2022-01-01..2022-06-30"],
        ["scan.rheinland.prepare+=2@2022-01-01"],
        ["scan.rheinland.prepare=4@2022-01-01", "scan.rheinland.prepare=30@2022-06-01"],
        ["rollout.trainers=20@2022-01-01"],
    ):
        assert all("15 (" not in one for one in list_remarks(describe_changes(change_scenario(nrw, texts)), "en"))
    assert list_remarks(describe_changes(change_scenario(nrw, ["rollout.trainers=20"])), "en") == []
    assert (
        "no longer count: 11 (from 1 Jan 2022)"
        in list_changes({"changed": describe_changes(change_scenario(nrw, ["rollout.teams=16"]))}, "en")[0]
    )
