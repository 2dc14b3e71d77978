"""A whole forecast that was made before is read and not computed, and neither are its charts drawn again."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from simulation.charts import draw
from simulation.forecast import collect
from simulation.forecast.forecast import Forecast, forecast
from simulation.forecast.kept_results import keep, recall
from simulation.report.kept_charts import get_svgs
from tests.conftest import load_small

SCENARIO = load_small()


@pytest.fixture(scope="module")
def result() -> Forecast:
    return forecast(SCENARIO, replications=2, scan_replications=1)


def test_what_is_kept_is_recalled_whole(result: Forecast, tmp_path: Path) -> None:
    keep(tmp_path, "key", result.tables, result.summary)
    keep(tmp_path, "key", result.tables, result.summary)  # as a second process does
    found = recall(tmp_path, "key")
    assert found
    assert found[1] == result.summary
    for name, table in result.tables.items():
        assert_frame_equal(found[0][name], table, check_exact=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["key"]
    assert recall(tmp_path, "other") is None


@pytest.mark.parametrize("name", ["users.parquet", "summary.json"])
def test_a_damaged_result_counts_as_not_there(result: Forecast, tmp_path: Path, name: str) -> None:
    keep(tmp_path, "key", result.tables, result.summary)
    (tmp_path / "key" / name).write_bytes(b"{")
    assert recall(tmp_path, "key") is None


def test_the_same_question_is_not_computed_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = forecast(SCENARIO, replications=2, scan_replications=1, kept=tmp_path)
    monkeypatch.setattr(collect, "Collection", None)
    told: list[tuple[int, int]] = []
    again = forecast(
        SCENARIO, replications=2, scan_replications=1, kept=tmp_path, on_progress=lambda *done: told.append(done)
    )
    assert {**again.summary, "wall_seconds": 0} == {**first.summary, "wall_seconds": 0}
    assert told == [(2, first.summary["items_simulated"])]


def test_charts_are_drawn_once_for_the_same_tables(
    result: Forecast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def render(_forecast: Forecast, language: str) -> dict[str, str]:
        drawn.append(language)
        return {"users": "<svg></svg>"}

    monkeypatch.setattr(draw, "render_svgs", render)
    later = Forecast(result.tables, {**result.summary, "wall_seconds": 99.0})
    assert get_svgs(result, ("de",), tmp_path) == get_svgs(later, ("de",), tmp_path) == {"de": {"users": "<svg></svg>"}}
    assert drawn == ["de"]
    other = Forecast({**result.tables, "users": result["users"].with_columns(pl.col("p50") + 1)}, result.summary)
    get_svgs(other, ("de",), tmp_path)
    get_svgs(result, ("en",), tmp_path)
    get_svgs(result, ("de",), None)
    assert drawn == ["de", "de", "en", "de"]
