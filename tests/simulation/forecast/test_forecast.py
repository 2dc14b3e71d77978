"""The forecast as a whole: the same bytes for any number of workers, the contract's columns, nothing lost."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from simulation.forecast import forecast as model
from simulation.forecast.forecast import Forecast, forecast
from simulation.forecast.key_figures import wilson_interval
from simulation.forecast.replication import ScanRun, Wanted, replicate
from simulation.scan_line.centre import MonthFigures
from simulation.scenario.figures import replace_figures
from simulation.scenario.programme import Scenario


@pytest.fixture(scope="module")
def small(nrw: Scenario) -> Scenario:
    """The shipped scenario with a tenth of the mail, so that a replication takes a moment."""
    kinds = nrw.spec.mail.items_per_user_day
    less = {f"mail.items_per_user_day.{kind}": figure.value / 10 for kind, figure in kinds.items()}
    spec = replace_figures(nrw.spec, less)
    narrowed = {
        k: f.model_copy(update={"low": f.value, "high": f.value}) for k, f in spec.mail.items_per_user_day.items()
    }
    return replace(
        nrw, spec=spec.model_copy(update={"mail": spec.mail.model_copy(update={"items_per_user_day": narrowed})})
    )


@pytest.fixture(scope="module")
def result(small: Scenario) -> Forecast:
    return forecast(small, replications=4, seed=5)


def simulate_scan(scenario: Scenario, number: int) -> ScanRun:
    found = replicate(scenario, "risk", 5, Wanted(number, rollout=False)).scan
    assert found
    return found


@pytest.mark.parametrize(("workers", "engine"), [(3, "local"), (2, "dask")])
def test_workers_and_engines_change_nothing(small: Scenario, result: Forecast, workers: int, engine: str) -> None:
    if engine == "dask":
        pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    other = forecast(small, replications=4, seed=5, workers=workers, engine=engine)
    for name in result.tables:
        assert_frame_equal(result[name], other[name], check_exact=True)
    same = {k: v for k, v in result.summary.items() if k != "wall_seconds"}
    assert same == {k: v for k, v in other.summary.items() if k != "wall_seconds"}


@pytest.mark.filterwarnings("ignore")
def test_ray_gives_the_same_where_it_is_installed(small: Scenario, result: Forecast) -> None:
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    other = forecast(small, replications=4, seed=5, workers=2, engine="ray")
    for name in result.tables:
        assert_frame_equal(result[name], other[name], check_exact=True)


def test_another_seed_gives_other_numbers(small: Scenario, result: Forecast) -> None:
    other = forecast(small, replications=4, seed=6)
    assert not result["users"].equals(other["users"])


def test_unknown_engine_and_mode_are_refused(small: Scenario) -> None:
    for wrong in ({"engine": "slurm"}, {"mode": "hope"}, {"replications": 0}, {"workers": 0}):
        with pytest.raises(ValueError, match="mode"):
            forecast(small, **{"replications": 1, **wrong})


def test_plan_mode_gives_the_reports_table(small: Scenario) -> None:
    found = forecast(small, replications=1, mode="plan")["users"].filter(pl.col("plan").is_not_null())
    assert found.height == 16
    assert found["p50"].to_list() == found["plan"].cast(pl.Float64).to_list()
    deadlines = forecast(small, replications=1, mode="plan").summary["deadlines"]
    held = {d["id"] for d in deadlines if d["probability"] == 1}
    assert {"seats-2021", "seats-2022", "seats-2023", "e-laufmappe-2024", "all-2024", "digital-2025"} <= held


def test_quantiles_are_in_order_and_the_past_is_certain(result: Forecast) -> None:
    users = result["users"]
    for a, b in zip(("p05", "p10", "p50", "p90"), ("p10", "p50", "p90", "p95"), strict=True):
        assert (users[a] <= users[b]).all()
    june = users.filter((pl.col("date").dt.to_string() == "2021-06-30") & (pl.col("product") == "e_laufmappe"))
    assert june.select("p05", "p50", "p95").row(0) == (4900, 4900, 4900)


def test_the_gap_to_the_plan_is_made_of_late_starts_and_settling_in_is_told_apart(result: Forecast) -> None:
    gap = result.summary["gap"]
    assert [(g["year"], g["product"]) for g in gap][:2] == [(2021, "e_akte"), (2021, "e_laufmappe")]
    assert len(gap) == 8
    for g in gap:
        assert g["plan"] - g["not_live"] == pytest.approx(g["forecast"], abs=0.2)
        assert g["not_live"] > -0.05 * g["plan"]  # a project that is brought forward is live before its time
        assert g["settling_in"] >= 0
        mean = result["users"].filter(
            (pl.col("date").dt.to_string() == f"{g['year']}-12-31") & (pl.col("product") == g["product"])
        )["mean"][0]
        assert g["forecast"] == pytest.approx(mean, abs=0.1)


def test_every_item_is_released_excluded_or_still_there(small: Scenario) -> None:
    """Conservation, month by month and centre by centre, in every replication."""
    column = {name: n for n, name in enumerate(MonthFigures._fields)}
    for replication in range(3):
        scan = np.nan_to_num(simulate_scan(small, replication).figures)
        sums = np.cumsum(scan, axis=1)
        gone = sums[:, :, column["items_out"]] + sums[:, :, column["items_excluded"]]
        assert (sums[:, :, column["items_in"]] == gone + scan[:, :, column["backlog_end"]]).all()
        assert sums[:, -1, column["items_in"]].sum() > 100_000


def test_more_scanners_do_the_same_work_sooner(small: Scenario) -> None:
    """Common random numbers: the items stay the same, the scanners are less busy, and mail is out earlier."""
    more = {
        f"scan.centres.{c.id}.scan.capacity.{s.start}.value": s.value.value + 5
        for c in small.spec.scan.centres
        for s in c.scan.capacity
    }
    richer = replace(small, spec=replace_figures(small.spec, more))
    poor, rich = (simulate_scan(s, 1) for s in (small, richer))
    assert poor.items == rich.items
    column = {name: n for n, name in enumerate(MonthFigures._fields)}
    for name in ("turnaround_p50_hours", "utilisation_scan"):
        assert np.nanmean(rich.figures[:, :, column[name]]) < np.nanmean(poor.figures[:, :, column[name]])
    np.testing.assert_array_equal(poor.figures[:, :, column["items_in"]], rich.figures[:, :, column["items_in"]])


def test_an_added_authority_leaves_the_others_as_they_were(small: Scenario) -> None:
    """Random numbers of the others do not move when an authority joins; capacities it shares with those after it."""
    small = replace(small, spec=small.spec.model_copy(update={"reconstruction": "fixed"}))
    one = small.authorities[-1]
    added = one.model_copy(update={"id": "new-office", "name": "New office", "users_e_laufmappe": 1})
    wider = replace(small, authorities=(*small.authorities, added))
    before, after = (replicate(s, "risk", 5, Wanted(2)) for s in (small, wider))
    assert before.rollout
    assert after.rollout
    begins = before.rollout.phases[[p.id for p in small.projects].index(one.project), 0]
    sooner = before.rollout.go_live < begins
    assert sooner.sum() > 50
    np.testing.assert_array_equal(before.rollout.go_live[sooner], after.rollout.go_live[:-1][sooner])
    assert before.scan
    assert after.scan
    months = int(begins / 31)
    np.testing.assert_array_equal(before.scan.figures[:, :months], after.scan.figures[:, :months])


def test_every_assumption_has_a_basis_and_a_source(result: Forecast) -> None:
    listed = result.summary["assumptions"]
    assert len(listed) > 100
    assert all(a["basis"] in ("report", "public", "assumed") and a["source"] for a in listed)
    assert len({a["name"] for a in listed}) == len(listed)
    drawn = [a for a in listed if a["name"].startswith(("risks.", "adoption.", "mail.")) and a["basis"] == "assumed"]
    ranged = [a for a in drawn if isinstance(a["value"], int | float)]
    assert ranged
    assert all(a["low"] <= a["value"] <= a["high"] for a in ranged)


@pytest.mark.parametrize(("held", "trials", "low", "high"), [(0, 40, 0.0, 0.0876), (5, 10, 0.2366, 0.7634)])
def test_interval_of_a_probability(held: int, trials: int, low: float, high: float) -> None:
    """Wilson's interval; 5 of 10 as in Newcombe (1998), table I."""
    assert wilson_interval(held, trials) == (pytest.approx(low, abs=5e-4), pytest.approx(high, abs=5e-4))


def test_the_function_is_documented_for_notebooks() -> None:
    assert "polars" in (model.__doc__ or "")
    assert "Raises" in (forecast.__doc__ or "")
