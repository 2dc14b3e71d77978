"""The sentences of answers: numbers as German and English readers write them, and how sure they are."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from simulation.levers.apply import change_scenario
from simulation.questions.compare import compare, differ_in_scanning
from simulation.questions.largest_changes import find_largest
from simulation.questions.outcomes import list_outcomes
from simulation.questions.ranking import name_scenario
from simulation.questions.sentences import show
from tests.conftest import load_small

SCENARIO = load_small()


@pytest.mark.parametrize(
    ("value", "share", "signed", "de", "en"),
    [
        (1234.5, False, False, "1.234", "1,234"),
        (-1234.6, False, True, "−1.235", "−1,235"),
        (12.34, False, True, "+12,3", "+12.3"),
        (0.0, False, True, "+0,0", "+0.0"),
        (0.123, True, False, "12,3 %", "12.3 %"),
        (-0.05, True, True, "−5,0 Punkte", "−5.0 points"),
        (None, False, False, "–", "–"),
    ],
)
def test_numbers_are_written_in_the_language(value: float | None, share: bool, signed: bool, de: str, en: str) -> None:
    assert show(value, "de", share=share, signed=signed) == de
    assert show(value, "en", share=share, signed=signed) == en


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        (["rollout.teams=1"], False),
        (["project.p-finance.start+=1 month"], False),
        (["mail.items_per_user_day*=2"], True),
        (["mail.channels.portal.replaces*=2"], True),
        (["scan.centre.check+=1"], True),
        (["scan.centre.check.shifts=06:00-14:00"], True),
        (["authority.district.scan_from=2022-07-01"], True),
        (["authorities.all.protection=high"], True),
    ],
)
def test_scan_centres_are_asked_where_they_may_differ(changes: list[str], differs: bool) -> None:
    changed = change_scenario(SCENARIO, changes)
    assert differ_in_scanning([SCENARIO, changed]) is differs


def test_a_scenario_with_few_changes_is_called_by_them() -> None:
    one = change_scenario(SCENARIO, ["rollout.teams=1"])
    assert name_scenario(SCENARIO) == "small"
    assert name_scenario(one) == "small rollout.teams=1"
    assert name_scenario(change_scenario(one, ["rollout.slots=1", "rollout.trainers=1"])) == "small"


@pytest.mark.parametrize(("outcome", "says"), [("delay", "calendar days"), ("deadline.", "share")])
def test_a_difference_says_its_unit_and_interval(outcome: str, says: str) -> None:
    name = outcome if outcome == "delay" else f"deadline.{SCENARIO.spec.deadlines[-1].id}"
    later = change_scenario(SCENARIO, ["project.p-finance.start+=6 months"])
    answer = compare([SCENARIO, later], replications=8, outcome=name)
    assert says in answer.sentences[0].en
    assert "at 95 %, from 8 paired runs." in answer.sentences[0].en
    assert "mit 95 % Sicherheit" in answer.sentences[0].de
    assert "aus 8 gepaarten Durchläufen." in answer.sentences[0].de


def test_no_difference_is_said_as_such() -> None:
    later = change_scenario(SCENARIO, ["scan.centre.check+=1"])
    answer = compare([SCENARIO, later], replications=4, scan_replications=0, outcome="delay")
    assert "changes in none of 4 runs." in answer.sentences[0].en
    assert "ändert sich in keinem von 4 Durchläufen." in answer.sentences[0].de
    assert answer.sentences[0].en.endswith("No other outcome changes either.")
    assert answer.sentences[0].de.endswith("Auch keine andere Größe ändert sich.")
    assert np.isclose(answer["ranking"]["probability_best"], 0.5).all()


def test_where_the_outcome_asked_for_does_not_change_those_that_change_most_are_named() -> None:
    """With three times the mail nothing was said to change, while the scan centre was overwhelmed."""
    more = change_scenario(SCENARIO, ["mail.items_per_user_day*=20"])
    answer = compare([SCENARIO, more], replications=4, scan_replications=2)
    de, en = answer.sentences[0].de, answer.sentences[0].en
    assert "changes in none of 4 runs. Most of all change: scan centre 202" in en
    assert "ändert sich in keinem von 4 Durchläufen. Am meisten ändern sich: Scanstelle 202" in de
    assert en.count("from 2 paired runs") == de.count("aus 2 gepaarten Durchläufen") == 3
    assert ": within target −" in en
    assert "at 95 %" in en


def make_row(outcome: str, difference: float, base: float, differs: str = "yes") -> dict[str, Any]:
    return {"outcome": outcome, "difference": difference, "base_value": base, "value": base + difference,
            "differs": differs}  # fmt: skip


def test_the_largest_changes_are_sure_ones_and_one_year_of_each_measure() -> None:
    outcomes = {one.name: one for one in list_outcomes(SCENARIO, scans=True)}
    rows = [
        make_row("scan.centre.items.2021", 30, 60), make_row("scan.centre.items.2022", 60, 60),
        make_row("scan.centre.within_target.2022", -0.9, 1.0), make_row("delay", 99, 1, "no"),
        make_row("users.e_akte.2022", 0.0, 50), make_row("authorities_live.2022", 1, 99),
    ]  # fmt: skip
    names = [about.name for _, about in find_largest(rows, outcomes)]
    assert names == ["scan.centre.within_target.2022", "scan.centre.items.2022", "authorities_live.2022"]
    assert [about.name for _, about in find_largest(rows, outcomes, most=9)][3:] == ["delay"]


def test_the_best_of_several_is_told_with_its_runs() -> None:
    changed = [change_scenario(SCENARIO, [f"project.p-finance.start+={n} months"]) for n in (3, 6)]
    said = compare([SCENARIO, *changed], replications=6, outcome="delay").sentences[-1]
    assert said.en.endswith("from 6 paired runs.")
    assert said.de.endswith("aus 6 gepaarten Durchläufen.")


def test_progress_is_told_on_stderr_and_can_be_silenced(
    eva: Callable[..., Any], small: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVA_CACHE", str(tmp_path / "cache"))
    asked = ("compare", small, "--set", "rollout.teams+=1", "--replications", 3, "--workers", 1, "--no-cache")
    loud = eva(*asked, "--out", tmp_path / "one")
    assert "runs: " in loud.err
    quiet = eva(*asked, "--out", tmp_path / "two", "--quiet")
    assert (quiet.out, quiet.err) == ("", "")
    assert '"probability_best"' in eva(*asked, "--out", tmp_path / "three", "--json").out


def test_a_sentence_calls_a_what_if_by_its_changes_in_words() -> None:
    answer = compare([SCENARIO, change_scenario(SCENARIO, ["rollout.teams=1@2021-06-01"])], replications=4)
    assert answer.sentences[0].de.startswith("Rollout-Teams: 1 ab 01.06.2021: ")
    assert answer.sentences[0].en.startswith("rollout teams: 1 from 1 Jun 2021: ")
    assert "rollout.teams" not in answer.sentences[0].de


def test_of_one_run_no_interval_is_told() -> None:
    later = change_scenario(SCENARIO, ["project.p-finance.start+=6 months"])
    said = compare([SCENARIO, later], replications=1, outcome="delay").sentences[0]
    assert "– bis –" not in said.de
    assert "95" not in said.de + said.en
    assert "Wie sicher das ist, sagt ein einziger Durchlauf nicht." in said.de
