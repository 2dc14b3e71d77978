"""Casework and the programme speak of the same work: the ministry's, and what a forecast takes from casework."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scenarios import FOLDER
from simulation.casework.casework import Casework, adapt, casework
from simulation.casework.output.write import write_casework
from simulation.casework.people.draws import draw_figures
from simulation.forecast.forecast import forecast
from simulation.levers.load import load
from simulation.loading.load_casework import load_casework
from simulation.random_streams import Streams
from simulation.rollout.conditioning import count_known_work
from simulation.rollout.simulate import get_kept, get_model
from simulation.scenario.figures import Replacer
from tests.simulation.casework.test_casework import MINISTRY, SMALL, expect

PLAN = FOLDER / "nrw" / "plan-2021.yaml"
MEASURES = ["records", "routing_slips"]


@pytest.fixture(scope="module")
def by_programme() -> dict[str, Any]:
    """Records and slips of the ministry by the end of 2020, in the draws that the forecast keeps; shape (draws,)."""
    scenario = load(PLAN)
    model = get_model(scenario, 2020)
    work = get_kept(model)[1]
    work.find(200)
    replacer = Replacer(scenario.spec, [path for path in model.figures.paths if path.startswith("work.")])
    drawn = [replacer.replace(model.figures.draw(number)) for number in work.numbers[:200]]
    return {
        known.measure: np.array([count_known_work(model, spec, known) for spec in drawn])
        for known in scenario.spec.known_work
    }


@pytest.fixture(scope="module")
def expected_by_casework() -> dict[str, Any]:
    """The same over replications of casework: what the figures of each lead to in the mean."""
    spec = load_casework(MINISTRY)[0].scenario
    drawn = np.array([expect(draw_figures(spec, Streams(2020, number))) for number in range(1, 61)])
    return dict(zip(MEASURES, drawn.T, strict=True))


@pytest.mark.parametrize("measure", MEASURES)
def test_both_scales_expect_the_same_work_of_the_ministry(
    measure: str, by_programme: dict[str, Any], expected_by_casework: dict[str, Any]
) -> None:
    programme, casework_ = by_programme[measure], expected_by_casework[measure]
    error = programme.std() / len(programme) ** 0.5 + casework_.std() / len(casework_) ** 0.5
    assert abs(programme.mean() - casework_.mean()) < max(3 * error, 0.02 * programme.mean())
    low, high = np.quantile(programme, [0.1, 0.9])
    assert low < casework_.min() < casework_.max() < high


def test_staff_at_the_engine_make_what_casework_expects() -> None:
    """The second month, when what came in the first is under way: as many as arrivals lead to, within chance."""
    loaded = adapt(load_casework(MINISTRY)[0], days=61)
    result = casework(loaded, replications=1, seed=2020, paper=False)
    spec = draw_figures(loaded.scenario, Streams(2020, 1))
    july = spec.model_copy(update={"horizon": spec.horizon.model_copy(
        update={"start": spec.horizon.start.replace(month=7, day=1)})})  # fmt: skip
    (row,) = result["units"].filter(month="2020-07", unit="-").to_dicts()
    for counted, mean in zip((row["records"], row["slips"]), expect(july), strict=True):
        assert abs(counted - mean) < 4 * mean**0.5


@pytest.fixture(scope="module")
def office() -> Casework:
    return casework(adapt(load_casework(SMALL)[0], days=40), replications=3, seed=5, paper=False)


def test_a_forecast_takes_its_demand_from_casework(office: Casework, tmp_path: Path) -> None:
    write_casework(office, tmp_path)
    file = tmp_path / "demand.yaml"
    plan, ours = load(PLAN), load(file)
    hashed = sha256((tmp_path / "summary.json").read_bytes()).hexdigest()
    work = ours.spec.work
    days = 28  # working days from 1 October to 9 November 2020
    totals = office.summary["totals"]
    for figure, total in ((work.records_per_user_day, "records"), (work.slips_per_user_day, "slips"),
                          (work.slips_per_user_day_mature, "slips")):  # fmt: skip
        assert figure.basis == "casework"
        assert hashed in figure.source
        assert figure.low < figure.value < figure.high
        assert figure.value == pytest.approx(totals[total]["mean"] / (20 * days), abs=1e-5)
    names = ["records_created", "routing_slips_sent"]
    before, after = (forecast(one, replications=1, mode="plan")["workload"][names].sum().row(0) for one in (plan, ours))
    assert after[0] / before[0] == pytest.approx(
        work.records_per_user_day.value / plan.spec.work.records_per_user_day.value, rel=0.01
    )
    assert after[1] < 0.6 * before[1]
    assert ours.spec.work.trial == plan.spec.work.trial
