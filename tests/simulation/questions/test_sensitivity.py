"""`eva sensitivity`: indices of a function known in closed form, inputs by cause, and the command."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from simulation.inputs.faults import Unanswerable
from simulation.levers.apply import change_scenario
from simulation.questions.outcomes import find_outcome, list_outcomes
from simulation.questions.points import Points, list_inputs
from simulation.questions.runs import Progress, Setting, simulate_key_run
from simulation.questions.sensitivity import analyse_sensitivity, decompose, screen
from simulation.questions.sentences import show
from simulation.scenario.programme import Scenario
from simulation.workers import Workers
from tests.conftest import load_small

SCENARIO = load_small()
Floats = NDArray[np.float64]


def points_of(function: Callable[[Floats], Floats]) -> Any:
    return SimpleNamespace(measure=function)


def test_morris_finds_the_slopes_of_a_plane() -> None:
    slopes = np.array([5.0, 0.0, -2.0, 1.0])
    mu_star, sigma = screen(points_of(lambda x: x @ slopes), 4, 10, 3)
    assert mu_star.tolist() == pytest.approx([5, 0, 2, 1])
    assert sigma.tolist() == pytest.approx([0, 0, 0, 0], abs=1e-9)


def test_morris_tells_a_bend_by_the_spread_of_effects() -> None:
    _, sigma = screen(points_of(lambda x: x[:, 0] + 4 * (x[:, 1] - 0.5) ** 2), 2, 20, 3)
    assert sigma[1] > 1 > sigma[0] + 0.9


def test_sobol_splits_the_variance_of_a_sum_and_of_a_product() -> None:
    """3a + b: variances 9 and 1 of 10. (a - 1/2)(b - 1/2): all of it from both together."""
    plane = decompose(points_of(lambda x: 3 * x[:, 0] + x[:, 2]), 4, [0, 2], 1024, 3)
    assert plane["S1"].tolist() == pytest.approx([0.9, 0.1], abs=0.03)
    assert plane["ST"].tolist() == pytest.approx([0.9, 0.1], abs=0.03)
    product = decompose(points_of(lambda x: (x[:, 1] - 0.5) * (x[:, 3] - 0.5)), 4, [1, 3], 1024, 3)
    assert product["S1"].tolist() == pytest.approx([0, 0], abs=0.03)
    assert product["S2"][0, 1] == pytest.approx(1, abs=0.05)


def test_sobol_leaves_the_others_at_their_middle() -> None:
    def measure(x: Floats) -> Floats:
        assert (x[:, 1] == 0.5).all()
        return x[:, 0] + x[:, 2]

    decompose(points_of(measure), 3, [0, 2], 8, 3)


def test_what_changes_nothing_has_no_influence() -> None:
    nothing = decompose(points_of(lambda x: np.ones(len(x))), 2, [0, 1], 8, 3)
    assert nothing["ST"].tolist() == [0, 0]


def test_figures_of_one_cause_are_one_input(nrw: Scenario) -> None:
    inputs = {one.cause: one for one in list_inputs(nrw)}
    shortage = inputs["risks.shortage"]
    assert len(shortage.paths) == 3
    assert all(path.startswith("risks.shortage.") for path in shortage.paths)
    teams = next(one for one in inputs.values() if one.paths[0].startswith("rollout.teams."))
    assert len(teams.paths) == len([step for step in nrw.spec.rollout.teams if step.value.uncertain])
    every = [path for one in inputs.values() for path in one.paths]
    assert len(every) == len(set(every))
    assert not [path for path in every if path.startswith(("mail.", "scan.", "work.", "adoption."))]


@pytest.mark.parametrize(("share", "edge"), [(0.0, "low"), (1.0, "high")])
def test_values_reach_from_one_end_of_a_range_to_the_other(share: float, edge: str) -> None:
    for one in list_inputs(SCENARIO):
        assert list(one.get_values(share).values()) == pytest.approx(getattr(one, edge).tolist())


def test_a_run_takes_the_values_that_it_is_given() -> None:
    """More work takes longer; what the scenario changes comes after."""
    path = "risks.duration.programme"
    few, much = (simulate_key_run(SCENARIO, Setting(7), 0, None, {path: value}) for value in (0.5, 3.0))
    assert much.delay[0] > few.delay[0]
    set_to = change_scenario(SCENARIO, [f"{path}=0.5"])
    assert simulate_key_run(set_to, Setting(7), 0, None, {path: 3.0}).delay[0] == few.delay[0]


def make_points(workers: Workers, on_progress: Progress | None = None) -> Points:
    outcome = find_outcome(list_outcomes(SCENARIO), "delay")
    return Points(workers, SCENARIO, Setting(7), list_inputs(SCENARIO), outcome, 2, on_progress)


def test_progress_tells_how_many_runs_are_wanted_from_the_first_on() -> None:
    seen: list[tuple[int, int]] = []
    points = make_points(lambda do, items: (do(item) for item in items), lambda *counts: seen.append(counts))
    shares = np.repeat([[0.2], [0.5], [0.8]], len(points.inputs), axis=1)
    points.measure(shares)
    assert seen == [(2, 6), (4, 6), (6, 6)]
    points.measure(np.concatenate([shares, shares[:1] + 0.1]))
    assert seen[3:] == [(8, 8)]


def test_a_point_whose_runs_are_missing_is_no_point() -> None:
    """Workers that lose one of two points: its mean would be that of nothing."""
    points = make_points(lambda do, items: (do(item) for item in items[1:]))
    with pytest.raises(LookupError, match="not evaluated"):
        points.measure(np.repeat([[0.2], [0.5]], len(points.inputs), axis=1))


@pytest.fixture(scope="module")
def answer() -> Any:
    return analyse_sensitivity(SCENARIO, outcome="delay", trajectories=3, samples=8, few=3, runs=2, seed=7)


def test_every_cause_is_ranked_and_the_few_have_indices(answer: Any) -> None:
    table = answer["sensitivity"]
    assert table.height == len(list_inputs(SCENARIO))
    assert table["mu_star"].is_sorted(descending=True)
    assert table["rank"].to_list() == list(range(1, table.height + 1))
    assert table["total"].head(3).null_count() == 0
    assert table["total"].slice(3).null_count() == table.height - 3
    assert answer["interactions"].height == 3


def test_the_ends_of_the_tornado_are_runs_with_these_values(answer: Any) -> None:
    inputs = list_inputs(SCENARIO)
    first = answer["sensitivity"].row(0, named=True)
    middle: dict[str, float] = {}
    for one in inputs:
        middle |= one.get_values(0.5)
    chosen = next(one for one in inputs if one.paths[0] == first["figure"])
    for share, column in ((0.1, "low_outcome"), (0.9, "high_outcome")):
        runs = [simulate_key_run(SCENARIO, Setting(7), n, None, middle | chosen.get_values(share)) for n in range(2)]
        assert first[column] == pytest.approx(np.mean([run.delay[0] for run in runs]), abs=1e-3)


def test_the_answer_names_what_varies_together_and_what_was_assumed(answer: Any) -> None:
    together = answer["sensitivity"].filter(pl.col("figure").str.starts_with("risks.shortage"))["together"][0]
    assert together.count("risks.shortage") == 2
    assert "Figures of one cause vary together" in answer.caveats[0].en
    assert answer.sentences[0].en.startswith("authorities go live later than planned, on average depends most on")
    assert {chart.name for chart in answer.charts} == {"tornado", "interactions"}


def test_the_sentences_say_from_how_many_runs_and_how_sure(answer: Any) -> None:
    most, ends, shares = answer.sentences
    assert f"from {answer.summary['runs']:,} runs" in most.en
    assert "Durchläufen" in most.de
    assert "means of 2 runs each" in ends.en
    assert "Mittel aus je 2 Durchläufen" in ends.de
    first = answer["sensitivity"].row(0, named=True)
    total, error = (show(first[name], "en", share=True) for name in ("total", "total_error"))
    assert f"{first['title_en']} {total} (± {error})" in shares.en
    assert "Welche davon am meisten bewegt" in shares.de


@pytest.mark.parametrize("after", [3, 40])
def test_an_analysis_that_was_interrupted_goes_on_with_what_it_has(answer: Any, tmp_path: Path, after: int) -> None:
    def interrupt(done: int, _wanted: int) -> None:
        if done >= after:
            raise KeyboardInterrupt

    def ask(**options: Any) -> Any:
        few = {"trajectories": 3, "samples": 8, "few": 3, "runs": 2, "seed": 7}
        return analyse_sensitivity(SCENARIO, outcome="delay", kept=tmp_path, **few, **options)

    with pytest.raises(KeyboardInterrupt):
        ask(on_progress=interrupt)
    resumed = ask()
    assert resumed["sensitivity"].equals(answer["sensitivity"])
    assert resumed.summary["computed"] <= answer.summary["computed"] - after
    assert ask().summary["computed"] == 0


def test_an_unknown_outcome_is_refused_and_so_is_certainty() -> None:
    with pytest.raises(Unanswerable, match="unknown outcome `happiness`"):
        analyse_sensitivity(SCENARIO, outcome="happiness", trajectories=2, samples=2, few=2, runs=1)


def test_the_command_writes_its_tables_and_page(
    eva: Callable[..., Any], small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVA_CACHE", str(tmp_path / "cache"))
    out = tmp_path / "out"
    few = ("--trajectories", 2, "--samples", 4, "--few", 2, "--replications", 1, "--workers", 1)
    done = eva("sensitivity", small, "--outcome", "delay", *few, "--out", out)
    assert done.status == 0, done.err
    assert "depends most on" in done.out
    summary = json.loads((out / "sensitivity.json").read_text(encoding="utf-8"))
    assert summary["outcome"] == "delay"
    assert len(summary["most"]) == 5
    assert (out / "interactions.xlsx").is_file()
    page = (out / "sensitivity.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 4
    refused = eva("sensitivity", small, "--samples", 5, "--out", tmp_path / "none")
    assert refused.status == 2
    assert "no power of two" in refused.err
    assert not (tmp_path / "none").exists()
