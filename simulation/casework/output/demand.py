"""What casework found of demand, as a rollout scenario: the plan with its rates per user and working day."""

from datetime import date
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from simulation.casework.casework import Casework
from simulation.scenario.fields import MOST_IN_ID, MOST_IN_LINE
from workflow.organisation.working_days import count_working

PLAN = "nrw/plan-2021.yaml"
RATES = {"records_per_user_day": "records", "slips_per_user_day": "slips", "slips_per_user_day_mature": "slips"}
"""Figure of the programme scale, in `work` -> what casework counts. Nothing grows in casework, so first and mature use
are alike. Mail is not among them: casework has only the mail that begins a case.
"""


def compute_rates(result: Casework) -> dict[str, dict[str, float]]:
    """Mean over the replications, least and most, of each rate per member of staff and working day."""
    summary = result.summary
    start, end = date.fromisoformat(summary["start"]), date.fromisoformat(summary["end"])
    user_days = summary["staff"] * max(count_working(start, end), 1)
    return {
        rate: {edge: value / user_days for edge, value in summary["totals"][total].items()}
        for rate, total in RATES.items()
    }


def write_demand(result: Casework, sha256: str) -> str:
    """The scenario as YAML; `sha256` is that of the `summary.json` beside it."""
    summary = result.summary
    source = (
        f"{summary['scenario']}, {summary['staff']} people, {summary['start']} to {summary['end']}, "
        f"{summary['replications']} runs, seed {summary['seed']}; summary.json SHA-256 {sha256}"
    )
    content = {
        "kind": "rollout",
        "extends": PLAN,
        "name": f"demand-of-{summary['scenario']}"[:MOST_IN_ID].rstrip("-_"),
        "title": {"de": f"Plan 2021 mit der Nachfrage von: {summary['title']['de']}"[:MOST_IN_LINE],
                  "en": f"Plan of 2021 with the demand of: {summary['title']['en']}"[:MOST_IN_LINE]},
        "work": {name: _make_figure(rate, source) for name, rate in compute_rates(result).items()},
    }  # fmt: skip
    yaml, text = YAML(), StringIO()
    yaml.width = 120
    yaml.dump(content, text)
    return text.getvalue()


def _make_figure(rate: dict[str, float], source: str) -> dict[str, Any]:
    value, low, high = (round(rate[edge], 5) for edge in ("mean", "least", "most"))
    return {"value": value, "basis": "casework", "source": source, "low": low, "high": high}
