"""The sentences of answers: numbers as German and English readers write them, and how sure they are."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from simulation.levers.apply import change_scenario
from simulation.levers.load import load
from simulation.questions.compare import compare, differ_in_scanning, name_scenario
from simulation.questions.sentences import show
from tests.conftest import SMALL

SCENARIO = load(SMALL / "small.yaml")


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
    assert "at 95 %" in answer.sentences[0].en
    assert "mit 95 % Sicherheit" in answer.sentences[0].de


def test_no_difference_is_said_as_such() -> None:
    later = change_scenario(SCENARIO, ["scan.centre.check+=1"])
    answer = compare([SCENARIO, later], replications=4, scan_replications=0, outcome="delay")
    assert answer.sentences[0].en.endswith("changes in no run.")
    assert answer.sentences[0].de.endswith("ändert sich in keinem Durchlauf.")
    assert np.isclose(answer["ranking"]["probability_best"], 0.5).all()


def test_progress_is_told_on_stderr_and_can_be_silenced(
    eva: Callable[..., Any], small: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVA_CACHE", str(tmp_path / "cache"))
    asked = ("compare", small, "--set", "rollout.teams=1", "--replications", 3, "--workers", 1, "--no-cache")
    loud = eva(*asked, "--out", tmp_path / "one")
    assert "runs: " in loud.err
    quiet = eva(*asked, "--out", tmp_path / "two", "--quiet")
    assert (quiet.out, quiet.err) == ("", "")
    assert '"probability_best"' in eva(*asked, "--out", tmp_path / "three", "--json").out
