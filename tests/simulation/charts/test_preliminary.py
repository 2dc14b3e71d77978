"""The fan chart of the runs so far: the numbers of a forecast of as many runs, before the others are there."""

import json
from typing import Any

from simulation.charts.charts import CHARTS
from simulation.charts.draw import render_svgs
from simulation.charts.preliminary import describe_preliminary, read_preliminary
from simulation.forecast.collect import Collection
from simulation.forecast.forecast import forecast
from simulation.levers.load import load

PLAN = "scenarios/nrw/plan-2021.yaml"


def test_what_is_preliminary_is_what_a_forecast_of_so_many_runs_says() -> None:
    scenario, runs = load(PLAN), list[Any]()
    whole = forecast(scenario, replications=12, scan_replications=1, watch=runs.extend)
    assert len(runs) == 12
    described = json.loads(json.dumps(describe_preliminary(scenario, runs)))
    assert (described["runs"], described["as_of"]) == (12, whole.summary["as_of"])
    shown = read_preliminary(described)
    users = whole["users"].select(shown["users"].columns)
    assert shown["users"].equals(users.cast(shown["users"].schema))
    (chart,) = (one for one in CHARTS if one.name == "users")
    for language, word in (("de", "Plan des Berichts"), ("en", "plan of the report")):
        assert word in render_svgs(shown, language, (chart,))["users"]


def test_runs_that_are_kept_are_seen_too_and_no_more_than_asked_for(tmp_path: Any) -> None:
    scenario = load(PLAN)
    Collection(scenario, "risk", 1, kept=tmp_path).extend(4, 1)
    runs = list[Any]()
    Collection(scenario, "risk", 1, kept=tmp_path, watch=runs.extend).extend(3, 1)
    assert len(runs) == 3
