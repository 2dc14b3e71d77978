"""The summary of a forecast: what was run, whether the deadlines hold, and every assumption with its basis."""

from collections.abc import Sequence
from datetime import date, timedelta
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from simulation.calendar import Calendar
from simulation.forecast.precision import estimate_mean_error, estimate_quantile_errors, get_quantiles
from simulation.forecast.replication import RolloutRun, ScanRun
from simulation.forecast.simulated_rollout import get_long_calendar
from simulation.forecast.tables import PRODUCTS
from simulation.levers.apply import show_changes
from simulation.levers.change import find_basis
from simulation.levers.listed import describe_changes, list_changed
from simulation.levers.titles import name_figure
from simulation.loading.check_totals import list_deviations
from simulation.scan_line.centre import MonthFigures
from simulation.scenario.figures import find_figures
from simulation.scenario.model import Deadline, RolloutScenario
from simulation.scenario.programme import Scenario, count_planned_users
from simulation.scenario.units import AUTHORITIES, DATE, PEOPLE, Unit
from workflow.text import Text

Floats = NDArray[np.float64]
ADDS_UP = Text(
    "Größen und Termine je Behörde ergeben die Summen des Plans auf die Person genau.",
    "Sizes and dates of the authorities give the totals of the plan to the person.",
)
ITEMS_IN = MonthFigures._fields.index("items_in")


def summarise(
    scenario: Scenario,
    rollouts: Sequence[RolloutRun],
    scans: Sequence[ScanRun],
    *,
    mode: str,
    seed: int,
    seconds: float,
) -> dict[str, Any]:
    """The content of `summary.json`. `wall_seconds` is the only entry that differs between equal runs."""
    shown = show_changes(scenario)
    spec = shown.spec
    calendar = get_long_calendar(spec)
    measured, met = (np.stack([getattr(run, name) for run in rollouts]) for name in ("measured", "met"))
    return {
        "scenario": spec.name,
        "title": spec.title.model_dump(),
        **_describe_lists(scenario),
        "reconstruction": spec.reconstruction,
        "scenario_hash": scenario.digest,
        "changes": list(scenario.changes),
        "changed": describe_changes(scenario),
        "mode": mode,
        "as_of": spec.as_of.value.isoformat(),
        "horizon_end": spec.horizon.end.isoformat(),
        "seed": seed,
        "replications": len(rollouts),
        "scan_replications": len(scans),
        "version": version("eva"),
        "wall_seconds": round(seconds, 2),
        "items_simulated": sum(run.items for run in scans),
        "scan_error": measure_scan_error(scans),
        "deadlines": [
            describe_deadline(deadline, measured[:, n], met[:, n], calendar)
            | {"planned": count_planned(shown, deadline)}
            for n, deadline in enumerate(spec.deadlines)
        ],
        "gap": _explain_gap(shown, rollouts),
        "centres": {c.id: _describe_centre(c) for c in spec.scan.centres},
        "assumptions": list_assumptions(scenario),
    }


def _describe_lists(scenario: Scenario) -> dict[str, Any]:
    """`notice`: what the scenario says of its lists, and whether they add up; `warnings`: where they do not."""
    spec, found = scenario.spec, list_deviations(scenario)
    notice: dict[str, str] | None = spec.notice.model_dump() if spec.notice else None
    if notice and spec.plan and not found:
        notice = {language: f"{text} {ADDS_UP.get(language)}" for language, text in notice.items()}
    warnings = [Text(f"{one.says.de}; {one.expected.de}", f"{one.says.en}; {one.expected.en}") for one in found]
    return {"notice": notice, "warnings": [warning._asdict() for warning in warnings]}


def measure_scan_error(scans: Sequence[ScanRun]) -> float | None:
    """The largest standard error of the mean of a centre's items over the horizon, as a share of that mean; None where
    fewer than two runs or no items tell it.
    """
    if len(scans) < 2:
        return None
    items = np.stack([np.nansum(run.figures[:, :, ITEMS_IN], axis=1) for run in scans])
    mean = items.mean(axis=0)
    errors = estimate_mean_error(items)[mean > 0] / mean[mean > 0]
    return round(float(errors.max()), 4) if len(errors) else None


def _explain_gap(scenario: Scenario, rollouts: Sequence[RolloutRun]) -> list[dict[str, Any]]:
    """The distance to the plan, on average, in users from go-live; and how many of them do not work with it yet."""
    spec, rows = scenario.spec, []
    for row in spec.plan:
        month = (row.year - spec.horizon.start.year) * 12 + 12 - spec.horizon.start.month
        if date(row.year, 12, 31) <= spec.as_of.value or not 0 <= month < rollouts[0].users.shape[1]:
            continue
        for n, product in enumerate(PRODUCTS):
            every, active = (
                np.array([getattr(run, name)[n, month] for run in rollouts]) for name in ("users", "active")
            )
            users, error = float(every.mean()), float(estimate_mean_error(every))
            plan = getattr(row, product).value
            parts = {"plan": plan, "not_live": round(plan - users, 1), "forecast": round(users, 1)}
            told = {
                "error": round(error, 1) if np.isfinite(error) else None,
                "settling_in": round(users - float(active.mean()), 1),
            }
            rows.append({"year": row.year, "product": product, **parts, **told})
    return rows


def _describe_centre(centre: Any) -> dict[str, Any]:
    return {"name": centre.title.model_dump(), "kind": centre.kind, "target_hours": centre.target_hours.value}


def describe_deadline(deadline: Deadline, values: Floats, met: Floats, calendar: Calendar) -> dict[str, Any]:
    """Share of runs that reach the target on the day, with its 95 % interval (Wilson), and when it is reached.

    `values`: on the day, `met`: day numbers, `inf` for what lies beyond all that is followed, shape (runs,) each.
    """
    held = int((values >= deadline.target.value - 0.5).sum())
    low, high = wilson_interval(held, len(values))
    unit = AUTHORITIES if deadline.measure.startswith("authorities") else PEOPLE
    shares = {"expected": 0.5, "p10": 0.1, "p90": 0.9}
    quantiles = get_quantiles(values, tuple(shares.values())).tolist()
    errors = estimate_quantile_errors(np.sort(values), tuple(shares.values())).tolist()
    days = {f"met_p{percent}": _describe_day(met, percent, calendar) for percent in (10, 50, 90)}
    return {
        "id": deadline.id,
        "name": deadline.title.en,
        "title_de": deadline.title.de,
        "title_en": deadline.title.en,
        "date": deadline.day.isoformat(),
        "measure": deadline.measure,
        "target": deadline.target.value,
        "unit_de": unit.de,
        "unit_en": unit.en,
        **{name: round(value, 1) for name, value in zip(shares, quantiles, strict=True)},
        **{f"{name}_se": round(error, 1) for name, error in zip(shares, errors, strict=True)},
        "probability": round(held / len(values), 4),
        "low": round(low, 4),
        "high": round(high, 4),
        **days,
        "never_share": round(float(np.isinf(met).mean()), 4),
        "source": deadline.target.source,
    }


def count_planned(scenario: Scenario, deadline: Deadline) -> int | None:
    """What a deadline counts, on its day, if all goes live as the lists plan it; they do not plan when one is fully
    digital.
    """
    if deadline.measure == "authorities_fully_digital":
        return None
    if deadline.measure == "authorities_live":
        return sum(authority.go_live <= deadline.day for authority in scenario.authorities)
    return count_planned_users(scenario, deadline.day, deadline.measure.removeprefix("seats_"))


def _describe_day(met: Floats, percent: int, calendar: Calendar) -> str | None:
    """The day by which so many percent of the runs have met it; None beyond all that is followed."""
    day = float(get_quantiles(met, (percent / 100,))[0])
    return (calendar.start + timedelta(int(day))).isoformat() if np.isfinite(day) else None


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927), as `scipy.stats` has it, which takes half a second to load."""
    share, square = successes / trials, float(ndtri(0.975)) ** 2
    middle = 2 * successes + square
    half = float(np.sqrt(square * (4 * successes * (1 - share) + square)))
    low, high = ((middle + side * half) / (2 * (trials + square)) for side in (-1, 1))
    return low if successes else 0.0, high if successes < trials else 1.0


def list_assumptions(scenario: Scenario) -> list[dict[str, Any]]:
    """Every parameter of the scenario as it is used, with unit, basis, source and what was changed of it; lists of
    authorities and projects in sum.
    """
    changed = list_changed(scenario)
    spec = changed.scenario.spec
    listed = [
        _make_entry(name, figure.value, unit, figure.basis, figure.source)
        | {"low": figure.low, "high": figure.high}
        | name_in_both(spec, name)
        for name, figure, unit in find_figures(spec)
    ]
    entries = [*listed, *_list_dates(changed.scenario), *_count_cells(changed.scenario)]
    return [
        entry
        | {
            "basis": find_basis(entry["basis"], entry["source"]),
            "changed": changed.find_changes(entry["name"], entry["source"]),
        }
        for entry in entries
    ]


def name_in_both(spec: RolloutScenario, path: str) -> dict[str, str]:
    """What a figure is called in both languages."""
    title = name_figure(spec, path)
    return {"title_de": title.de, "title_en": title.en}


def _make_entry(name: str, value: Any, unit: Unit, basis: str, source: str) -> dict[str, Any]:
    return {
        "name": name, "value": value, "unit": unit.en, "unit_de": unit.de, "basis": basis, "source": source,
        "low": None, "high": None, "title_de": name, "title_en": name,
    }  # fmt: skip


def _list_dates(scenario: Scenario) -> list[dict[str, Any]]:
    spec = scenario.spec
    dated = {
        "as_of": spec.as_of,
        "risks.protection.released": spec.risks.protection.released,
        "rollout.training.e_learning_from": spec.rollout.training.e_learning_from,
        "rollout.releases.first": spec.rollout.releases.first,
        **{f"risks.events.{e.id}.from": e.start for e in spec.risks.events},
        **{f"mail.channels.{c.id}.opens": c.opens for c in spec.mail.channels},
        **{f"mail.channels.{c.id}.closes": c.closes for c in spec.mail.channels if c.closes},
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
