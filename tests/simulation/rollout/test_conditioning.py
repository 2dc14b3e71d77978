"""Draws kept because they agree with what is known: exact where the posterior is known in closed form."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from simulation.random_streams import draw_uniforms, make_keys
from simulation.rollout.conditioning import (
    MOST_TRIED,
    KeptDraws,
    NothingFits,
    condition_rollout,
    condition_work,
    count_known_work,
    count_past,
    list_known_counts,
)
from simulation.rollout.demand import compute_month_work
from simulation.rollout.model import Model
from simulation.rollout.simulate import choose_draw, get_kept, get_model, simulate
from simulation.scenario.fields import Dated
from simulation.scenario.figures import Figure, find_figures, replace_figures
from simulation.scenario.model import Checkpoint, RolloutScenario
from simulation.scenario.programme import Scenario
from tests.conftest import load_small

SCENARIO = load_small()


@pytest.fixture(scope="module")
def nrw_model(nrw: Scenario) -> Model:
    return get_model(nrw, 1)


def test_a_share_conditioned_on_a_count_has_its_beta_distribution() -> None:
    """Bayes and Laplace: an even prior and 3 of 5 give the beta distribution with 4 and 3."""
    keys = make_keys(3, ["share and five trials"], "test")

    def fits(number: int) -> bool:
        share, *trials = draw_uniforms(keys, number, 6)[0]
        return sum(trial < share for trial in trials) == 3

    kept = KeptDraws(fits, most_kept=4000, most_tried=40_000).find_all()
    shares = np.array([draw_uniforms(keys, number, 1)[0, 0] for number in kept.numbers])
    assert len(kept.numbers) / kept.tried == pytest.approx(1 / 6, abs=0.01)
    assert shares.mean() == pytest.approx(4 / 7, abs=0.01)
    assert shares.std() == pytest.approx((4 * 3 / (7**2 * 8)) ** 0.5, abs=0.01)


def make_certain(spec: Any, besides: str) -> RolloutScenario:
    """The scenario with no uncertain figure but one."""

    def fix(node: Any, path: str) -> Any:
        if isinstance(node, Figure):
            return node if path == besides else node.model_copy(update={"low": node.value, "high": node.value})
        if isinstance(node, list):
            return [fix(one, f"{path}.{n}") for n, one in enumerate(node)]
        if isinstance(node, dict):
            return {key: fix(one, f"{path}.{key}") for key, one in node.items()}
        if hasattr(type(node), "model_fields"):
            parts = {name: fix(getattr(node, name), f"{path}.{name}".strip(".")) for name in type(node).model_fields}
            return node.model_copy(update=parts)
        return node

    fixed: RolloutScenario = fix(spec, "")
    return fixed


def make_small_model(users: int) -> Model:
    """Only how much more work than planned is uncertain; known is how many users there were at the end of June 2021."""
    figure, path = SCENARIO.spec.plan[0].e_laufmappe, "risks.duration.programme"
    quiet = {
        "risks.duration.spread": 0.0, "risks.duration.learning": 0.0, "risks.staff_council": 0.0,
        "rollout.releases.needed": 0.0, "risks.protection.analysis.probability": 0.0,
        "rollout.introduction.per_project": 120.0, "rollout.teams_per_project": 1.0,
    }  # fmt: skip
    certain = make_certain(replace_figures(SCENARIO.spec, quiet), path)
    wide = certain.risks.duration.programme.model_copy(update={"low": 0.5, "value": 1.5, "high": 5.0})
    known = Checkpoint(date=date(2021, 6, 30), users=figure.model_copy(update={"value": users}), tolerance=0.0)  # type: ignore[call-arg]  # by its alias
    duration = certain.risks.duration.model_copy(update={"programme": wide})
    spec = certain.model_copy(update={
        "as_of": Dated(value=date(2021, 6, 30), basis="assumed", source="invented for tests"),
        "checkpoints": [known], "risks": certain.risks.model_copy(update={"duration": duration}),
    })  # fmt: skip
    return Model(replace(SCENARIO, spec=spec, digest="small"), 1)


def test_work_conditioned_on_who_was_live_has_the_truncated_prior() -> None:
    """Both authorities of the first project are live by a day only if its work does not exceed a limit, so the
    posterior is the triangular prior cut off there.
    """
    model, path = make_small_model(380), "risks.duration.programme"
    assert model.figures.paths == [path]
    kept = condition_rollout(model).find_all()
    values = np.array([model.figures.draw(n)[path] for n in range(kept.tried)])
    chosen = np.isin(np.arange(kept.tried), kept.numbers)
    limit = values[chosen].max()
    assert 1.0 < limit < 4.5
    np.testing.assert_array_equal(chosen, values <= limit)
    assert chosen.mean() == pytest.approx(below(limit), abs=0.07)
    points = np.linspace(0.5, limit, 2001)
    mean = limit - np.trapezoid([below(x) for x in points], points) / below(limit)
    assert values[chosen].mean() == pytest.approx(mean, abs=0.08)


def below(value: float) -> float:
    """The share of the prior, triangular over 0.5, 1.5 and 5, at or below a value."""
    return (value - 0.5) ** 2 / 4.5 if value < 1.5 else 1 - (5 - value) ** 2 / (4.5 * 3.5)


def test_what_contradicts_all_draws_is_told() -> None:
    with pytest.raises(NothingFits, match="none of 200 draws"):
        condition_rollout(make_small_model(377), most_tried=200).choose(0)


def test_the_rollout_can_produce_the_known_history_and_nothing_else_is_kept(nrw_model: Model) -> None:
    """15 users in 2018, 539 in 2019, 1,083 in 2020, 1,365 in March and about 4,900 in June 2021."""
    known = list_known_counts(nrw_model.scenario.spec)
    assert [one.users for one in known] == [0, 15, 539, 1083, 1365, 4900]
    kept = get_kept(nrw_model)[0].find_all()
    assert 100 <= len(kept.numbers) <= kept.tried < MOST_TRIED
    for number in kept.numbers[:20]:
        for have, one in zip(count_past(nrw_model, number, known), known, strict=True):
            assert have == pytest.approx(one.users, rel=one.tolerance)


def test_draws_that_are_not_kept_miss_a_count(nrw_model: Model) -> None:
    known = list_known_counts(nrw_model.scenario.spec)
    kept, _ = get_kept(nrw_model)
    kept.choose(20)
    missed = [number for number in range(60) if number not in kept.numbers]
    assert missed
    for number in missed:
        counted = list(count_past(nrw_model, number, known))
        assert any(abs(have - one.users) > one.tolerance * one.users for have, one in zip(counted, known, strict=True))


def test_runs_take_the_kept_draws_in_turn_and_share_their_figures(nrw_model: Model) -> None:
    kept = get_kept(nrw_model)[0].find_all()
    count = len(kept.numbers)
    first, again = choose_draw(nrw_model, 2), choose_draw(nrw_model, 2 + count)
    assert first.number == again.number == kept.numbers[2]
    path = "rollout.teams.2021-01-01.value"
    assert first.values[path] == again.values[path]
    assert first.values["adoption.half_weeks"] != again.values["adoption.half_weeks"]


def test_what_is_luck_and_what_nobody_knows_are_told_apart(nrw_model: Model) -> None:
    """Runs with one draw of figures differ by luck alone."""
    count = len(get_kept(nrw_model)[0].find_all().numbers)
    one, other = simulate(nrw_model, 1), simulate(nrw_model, 1 + count)
    assert one.draw == other.draw
    assert one.scenario.spec.rollout == other.scenario.spec.rollout
    assert (one.go_live != other.go_live).any()


def test_the_known_work_of_the_model_ministry_is_met_by_every_run(nrw_model: Model) -> None:
    """F135: more than 6,000 records and well over 10,000 routing slips by the end of 2020."""
    for number in range(0, 120, 10):
        spec = nrw_model.figures.replace(choose_draw(nrw_model, number).values)
        for one in nrw_model.scenario.spec.known_work:
            assert one.at_least.value <= count_known_work(nrw_model, spec, one) <= one.at_most.value


def test_known_work_is_counted_as_the_forecast_counts_it(nrw_model: Model) -> None:
    scenario, calendar = nrw_model.scenario, nrw_model.calendar
    mwide = nrw_model.number_of["mwide"]
    middles = np.convolve(np.array(calendar.month_starts, dtype=float), [0.5, 0.5], "valid")
    go_live = np.full(len(scenario.authorities), np.inf)
    go_live[mwide] = calendar.get_day(scenario.authorities[mwide].go_live)
    people = np.zeros((2, len(go_live), len(middles)))
    people[:, mwide, middles >= calendar.get_day(date(2018, 10, 1))] = 15
    people[:, mwide, middles >= calendar.get_day(date(2019, 6, 1))] = 539
    work = compute_month_work(scenario, calendar, go_live, people, *np.zeros((2, len(middles))))
    until = calendar.month_starts.index(calendar.get_day(date(2021, 1, 1)))
    records, slips = (count_known_work(nrw_model, scenario.spec, one) for one in scenario.spec.known_work)
    assert work.records_created[:until].sum() == pytest.approx(records, rel=0.05)
    assert work.routing_slips_sent[:until].sum() == pytest.approx(slips, rel=0.05)


def test_a_scenario_without_known_work_keeps_every_draw() -> None:
    spec = SCENARIO.spec.model_copy(update={"known_work": []})
    kept = condition_work(Model(replace(SCENARIO, spec=spec), 1)).find_all()
    assert len(kept.numbers) == kept.tried


def test_conditioning_moves_the_figures_that_the_history_speaks_of(nrw_model: Model) -> None:
    kept = get_kept(nrw_model)[0].find_all()
    path = "rollout.teams.2021-01-01.value"
    before = np.mean([nrw_model.figures.draw(n)[path] for n in range(kept.tried)])
    after = np.mean([nrw_model.figures.draw(n)[path] for n in kept.numbers])
    assert after > before + 0.4
    assert path in {name for name, _, _ in find_figures(nrw_model.scenario.spec)}


def test_draws_are_looked_for_as_they_are_needed_whatever_the_order() -> None:
    one, other = (KeptDraws(lambda n: n % 3 == 0, most_kept=4, most_tried=8) for _ in range(2))
    assert [one.choose(run) for run in range(7)] == [0, 3, 6, 0, 0, 3, 6]
    assert [other.choose(run) for run in (5, 4, 3, 2, 1, 0)] == [one.choose(run) for run in (5, 4, 3, 2, 1, 0)]
    assert one.tried == other.tried == 8
