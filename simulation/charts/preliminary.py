"""The fan chart of a forecast that is still being computed, from the runs that are there already.

It is drawn like that of a finished forecast, only that its bands rest on fewer runs; nothing else is made of it.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from simulation.forecast.forecast import Forecast
from simulation.forecast.frames import build_frame, build_users
from simulation.forecast.replication import RolloutRun
from simulation.forecast.tables import TABLES
from simulation.levers.apply import show_changes
from simulation.scenario.programme import Scenario

LEAST = 10
"""Runs below which bands of 80 and 90 % say nothing."""
USERS = next(table for table in TABLES if table.name == "users")


def describe_preliminary(scenario: Scenario, rollouts: Sequence[RolloutRun]) -> dict[str, Any]:
    """Users by month in the runs so far, for a file of JSON."""
    frame = build_frame(USERS, build_users(show_changes(scenario), rollouts))
    rows = [{**row, "date": row["date"].isoformat()} for row in frame.to_dicts()]
    return {
        "runs": len(rollouts), "as_of": scenario.spec.as_of.value.isoformat(), "scenario": scenario.spec.name,
        "changes": list(scenario.changes), "users": rows,
    }  # fmt: skip


def read_preliminary(described: dict[str, Any]) -> Forecast:
    """What a chart of users needs."""
    rows = [{**row, "date": date.fromisoformat(row["date"])} for row in described["users"]]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    about = {name: described[name] for name in ("as_of", "scenario", "changes")}
    return Forecast({"users": frame}, about | {"replications": described["runs"]})
