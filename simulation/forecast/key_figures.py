"""The summary of a forecast: what was run, whether the deadlines hold, and every assumption with its basis."""

from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from typing import Any

import numpy as np

from simulation.forecast.replication import Replication
from simulation.forecast.tables import PRODUCTS
from simulation.scenario.figures import find_figures
from simulation.scenario.model import Deadline
from simulation.scenario.programme import Scenario
from simulation.scenario.units import AUTHORITIES, DATE, SEATS, Unit


def summarise(
    scenario: Scenario, replications: Sequence[Replication], *, mode: str, seed: int, seconds: float
) -> dict[str, Any]:
    """The content of `summary.json`. `wall_seconds` is the only entry that differs between equal runs."""
    spec = scenario.spec
    return {
        "scenario": spec.name,
        "title": spec.title.model_dump(),
        "notice": spec.notice.model_dump() if spec.notice else None,
        "scenario_hash": scenario.digest,
        "mode": mode,
        "as_of": spec.as_of.value.isoformat(),
        "seed": seed,
        "replications": len(replications),
        "version": version("eva"),
        "wall_seconds": round(seconds, 2),
        "items_simulated": sum(r.items for r in replications),
        "waited_days": {
            name: round(float(np.mean([r.waited[name] for r in replications])), 1) for name in replications[0].waited
        },
        "deadlines": [
            describe_deadline(d, np.array([r.measures[n] for r in replications])) for n, d in enumerate(spec.deadlines)
        ],
        "gap": _explain_gap(scenario, replications),
        "centres": {c.id: _describe_centre(c) for c in spec.scan.centres},
        "assumptions": list_assumptions(scenario),
    }


def _explain_gap(scenario: Scenario, replications: Sequence[Replication]) -> list[dict[str, Any]]:
    """What the distance to the plan is made of, on average: seats not live yet, and people not at home in it yet."""
    spec, rows = scenario.spec, []
    for row in spec.plan:
        month = (row.year - spec.horizon.start.year) * 12 + 12 - spec.horizon.start.month
        if date(row.year, 12, 31) <= spec.as_of.value or not 0 <= month < replications[0].users.shape[1]:
            continue
        for n, product in enumerate(PRODUCTS):
            seats, users = (
                float(np.mean([getattr(r, name)[n, month] for r in replications])) for name in ("seats", "users")
            )
            plan = getattr(row, product).value
            parts = {"plan": plan, "not_live": round(plan - seats, 1), "settling_in": round(seats - users, 1)}
            rows.append({"year": row.year, "product": product, **parts, "forecast": round(users, 1)})
    return rows


def _describe_centre(centre: Any) -> dict[str, Any]:
    return {"name": centre.title.model_dump(), "kind": centre.kind, "target_hours": centre.target_hours.value}


def describe_deadline(deadline: Deadline, values: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Share of replications that reach the target on the day, with its 95 % interval (Wilson)."""
    held = int((values >= deadline.target.value - 0.5).sum())
    low, high = wilson_interval(held, len(values))
    unit = AUTHORITIES if deadline.measure.startswith("authorities") else SEATS
    return {
        "name": deadline.id,
        "title_de": deadline.title.de,
        "title_en": deadline.title.en,
        "date": deadline.day.isoformat(),
        "measure": deadline.measure,
        "target": deadline.target.value,
        "unit_de": unit.de,
        "unit_en": unit.en,
        "expected": round(float(values.mean()), 1),
        "p10": round(float(np.quantile(values, 0.1, method="inverted_cdf")), 1),
        "p90": round(float(np.quantile(values, 0.9, method="inverted_cdf")), 1),
        "probability": round(held / len(values), 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "source": deadline.target.source,
    }


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927)."""
    from scipy.stats import binomtest  # noqa: PLC0415  # takes most of a second to load, and only this needs it

    interval = binomtest(successes, trials).proportion_ci(confidence_level=0.95, method="wilson")
    return float(interval.low), float(interval.high)


def list_assumptions(scenario: Scenario) -> list[dict[str, Any]]:
    """Every parameter of the scenario with value, unit, basis and source; lists of authorities and projects in sum."""
    listed = [
        _make_entry(name, figure.value, unit, figure.basis, figure.source) | {"low": figure.low, "high": figure.high}
        for name, figure, unit in find_figures(scenario.spec)
    ]
    return listed + _list_dates(scenario) + _count_cells(scenario)


def _make_entry(name: str, value: Any, unit: Unit, basis: str, source: str) -> dict[str, Any]:
    return {
        "name": name, "value": value, "unit": unit.en, "unit_de": unit.de, "basis": basis, "source": source,
        "low": None, "high": None,
    }  # fmt: skip


def _list_dates(scenario: Scenario) -> list[dict[str, Any]]:
    spec = scenario.spec
    dated = {
        "as_of": spec.as_of,
        "risks.protection.released": spec.risks.protection.released,
        "risks.reorganisation.from": spec.risks.reorganisation.start,
        **{f"mail.channels.{c.id}.opens": c.opens for c in spec.mail.channels},
        **{f"scan.centres.{c.id}.opens": c.opens for c in spec.scan.centres},
    }
    return [_make_entry(name, d.value.isoformat(), DATE, d.basis, d.source) for name, d in dated.items()]


def _count_cells(scenario: Scenario) -> list[dict[str, Any]]:
    groups = ("identity", "project", "users", "go_live", "protection", "scan")
    entries = []
    for group in groups:
        for basis in ("report", "public", "assumed"):
            members = [a for a in scenario.authorities if getattr(a, f"{group}_basis") == basis]
            if members:
                sources = sorted({getattr(a, f"{group}_source") for a in members})
                more = f"; and {len(sources) - 3} more in the list" if len(sources) > 3 else ""
                text = "; ".join(sources[:3]) + more
                entries.append(_make_entry(f"authorities.{group}.{basis}", len(members), AUTHORITIES, basis, text))
    return entries
