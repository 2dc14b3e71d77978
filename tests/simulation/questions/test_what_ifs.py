"""The twelve what-ifs of the plan: each moves what its question is about, as the German page says.

The page `docs/de/zwoelf-fragen.md` has a row for each with an arrow for users at the end of 2023 and one for the scan
centres; both are checked here with few runs of the shipped plan.
"""

import re
from pathlib import Path

import numpy as np
import pytest

from scenarios import FOLDER
from simulation.calendar import get_calendar
from simulation.forecast.simulated_rollout import prepare, simulate_rollout
from simulation.levers.load import load
from simulation.questions.runs import KeyRun, Runs, Setting
from simulation.scan_line.centre import get_clients
from simulation.scenario.programme import Scenario
from simulation.workers import open_workers
from tests.conftest import ROOT

WHAT_IFS = sorted((FOLDER / "nrw" / "what-if").glob("*.yaml"))
PAGE = ROOT / "docs" / "de" / "zwoelf-fragen.md"
RUNS = range(10)
SEED = 2021
SIGNS = {"↑": 1, "↓": -1, "=": 0}
ROW = re.compile(
    r"^\| (?P<question>[^|]+) \| `(?P<name>[a-z-]+)` \| (?P<users>[↑↓=])[^|]* \| (?P<scan>[↑↓=])[^|]* \|", re.MULTILINE
)


def read_page() -> dict[str, tuple[int, int]]:
    """For each what-if on the page the direction of users and of the mail that scan centres get."""
    rows = ROW.finditer(PAGE.read_text(encoding="utf-8"))
    return {row["name"]: (SIGNS[row["users"]], SIGNS[row["scan"]]) for row in rows}


def count_mail(scenario: Scenario) -> float:
    """Items expected in all scan centres in one run up to the end of 2023."""
    run = simulate_rollout(scenario, "risk", SEED, 0)
    of_run = run.with_lists
    calendar = get_calendar(scenario.spec.horizon.start, scenario.spec.horizon.end)
    days = calendar.get_day(scenario.spec.horizon.end.replace(year=2023))
    return sum(
        float(
            get_clients(of_run, c, calendar, run.go_live, run.streams, run.outcome.demand.paper)
            .expected[:, :days]
            .sum()
        )
        for c in of_run.spec.scan.centres
    )


@pytest.fixture(scope="module")
def scenarios(nrw: Scenario) -> dict[str, Scenario]:
    return {"plan": nrw} | {path.stem: load(path) for path in WHAT_IFS}


@pytest.fixture(scope="module")
def runs(scenarios: dict[str, Scenario]) -> dict[str, list[KeyRun]]:
    with open_workers(1) as pool:
        found = Runs(pool, Setting(SEED)).get(list(scenarios.values()), RUNS)
    return dict(zip(scenarios, found, strict=True))


@pytest.fixture(scope="module")
def mail(scenarios: dict[str, Scenario]) -> dict[str, float]:
    return {name: count_mail(scenario) for name, scenario in scenarios.items()}


def test_there_are_twelve_and_the_page_answers_each_of_them() -> None:
    assert len(WHAT_IFS) == 12
    assert set(read_page()) == {path.stem for path in WHAT_IFS}
    for path in WHAT_IFS:
        loaded = load(path)
        assert loaded.changes
        assert loaded.spec.name == path.stem
        assert loaded.spec.notice is not None
        assert loaded.spec.notice.de.endswith("alles andere ist der Plan.")


def test_all_of_them_share_the_past_of_the_plan(scenarios: dict[str, Scenario]) -> None:
    """Nothing that is known is changed, so the draws that agree with it are looked for once."""
    base = prepare(scenarios["plan"], SEED)[0]
    for scenario in scenarios.values():
        model = prepare(scenario, SEED)[0]
        assert (model.unchanged or model) is base


@pytest.mark.parametrize("name", [path.stem for path in WHAT_IFS])
def test_the_page_says_which_way_it_goes(name: str, runs: dict[str, list[KeyRun]], mail: dict[str, float]) -> None:
    users_go, mail_goes = read_page()[name]
    difference = np.array([b.users[1, 2] - a.users[1, 2] for a, b in zip(runs["plan"], runs[name], strict=True)])
    if users_go == 0:
        assert not difference.any()
    else:
        assert np.sign(difference.mean()) == users_go
        assert (difference * users_go >= 0).mean() >= 0.7
    more = mail[name] / mail["plan"] - 1
    if mail_goes == 0:
        assert abs(more) < 1e-9
    else:
        assert np.sign(more) == mail_goes


def test_the_plan_keeps_all_that_is_not_changed(scenarios: dict[str, Scenario]) -> None:
    for name, scenario in scenarios.items():
        if name != "plan":
            assert scenario.projects == scenarios["plan"].projects
            assert scenario.authorities == scenarios["plan"].authorities, "changes act on runs, not on the lists"
            assert scenario.spec.rollout == scenarios["plan"].spec.rollout


def test_every_question_on_the_page_is_asked_by_a_command_of_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert "eva compare nrw/plan-2021.yaml nrw/what-if/two-more-teams.yaml" in text
    for path in re.findall(r"nrw/what-if/[a-z-]+\.yaml", text):
        assert (FOLDER / path).is_file()
    assert isinstance(PAGE, Path)
