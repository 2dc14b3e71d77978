"""What a planner reads of each lever: names, unit, bounds, value as of now, and its basis."""

from datetime import date
from functools import reduce
from typing import Any

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel

from simulation.levers.change import find_basis
from simulation.levers.levers import Lever, Path, list_levers
from simulation.scenario.fields import Dated
from simulation.scenario.figures import Figure, Step
from simulation.scenario.introduction import StaffCouncil
from simulation.scenario.model import RolloutScenario
from simulation.scenario.programme import Scenario

Description = dict[str, Any]


def describe_levers(scenario: Scenario, *, every: bool = False) -> list[Description]:
    """The levers that planners ask for; with `every` also all figures by path, projects and authorities."""
    levers = [lever for lever in list_levers(scenario).values() if every or lever.is_short]
    return [_describe(scenario, lever) for lever in sorted(levers, key=lambda lever: not lever.is_short)]


def _describe(scenario: Scenario, lever: Lever) -> Description:
    said = _describe_cell(scenario, lever) if lever.is_of_lists else _describe_node(scenario, lever)
    low, high = said.pop("bounds")
    return {
        "lever": lever.id, "name_de": lever.title.de, "name_en": lever.title.en,
        "path": ".".join(map(str, lever.path)), "kind": lever.kind, "unit": lever.unit.en, "unit_de": lever.unit.de,
        "lowest": low, "highest": high, **said, "basis": find_basis(said["basis"], said["source"]),
    }  # fmt: skip


def get_bounds(figure: Figure[Any]) -> tuple[float | None, float | None]:
    """The lowest and the highest value that a file may hold."""
    rules = type(figure).model_fields["value"].metadata
    low = next((rule.ge if isinstance(rule, Ge) else rule.gt for rule in rules if isinstance(rule, Ge | Gt)), None)
    return low, next((rule.le for rule in rules if isinstance(rule, Le)), None)  # type: ignore[return-value]


def find_node(spec: RolloutScenario, path: Path) -> Any:
    """What stands at the path of a lever."""
    return reduce(lambda node, part: getattr(node, str(part)) if isinstance(node, BaseModel) else node[part],
                  path, spec)  # fmt: skip


def _describe_node(scenario: Scenario, lever: Lever) -> Description:
    node, horizon = find_node(scenario.spec, lever.path), scenario.spec.horizon
    if isinstance(node, Dated):
        bounds = (horizon.start.isoformat(), horizon.end.isoformat())
        return {"value": node.value.isoformat(), "basis": node.basis, "source": node.source, "bounds": bounds}
    if lever.kind == "shifts":
        hours = "+".join(f"{shift.start}-{shift.end}" for shift in node)
        return {"value": hours, "basis": "assumed", "source": "hours of the station", "bounds": (None, None)}
    if isinstance(node, StaffCouncil):
        node = node.days_per_project
    if isinstance(node, dict):
        node = next(iter(node.values()))
        return {"value": None, "basis": node.basis, "source": "of each kind of authority", "bounds": get_bounds(node)}
    if isinstance(node, list):
        return _describe_steps(node, scenario.spec.as_of.value)
    return _describe_figure(node)


def _describe_figure(figure: Figure[Any]) -> Description:
    return {
        "value": figure.value, "low": figure.low, "high": figure.high, "basis": figure.basis, "source": figure.source,
        "bounds": get_bounds(figure),
    }  # fmt: skip


def _describe_steps(steps: list[Step], day: date) -> Description:
    """The capacity on a day, or the first one before it begins; `since`: when that began; `steps`: all of them."""
    begun = [step for step in steps if step.start <= day]
    current = begun[-1] if begun else steps[0]
    listed = [{"from": step.start.isoformat(), "value": step.value.value} for step in steps]
    return {**_describe_figure(current.value), "since": current.start.isoformat(), "steps": listed}


def _describe_cell(scenario: Scenario, lever: Lever) -> Description:
    subject, name, column = map(str, lever.path)
    horizon = scenario.spec.horizon
    days = (horizon.start.isoformat(), horizon.end.isoformat())
    bounds: tuple[str | None, str | None] = days if lever.kind == "day" else (None, None)
    if subject == "project":
        project = next(p for p in scenario.projects if p.id == name)
        return {"value": project.preparation_start.isoformat(), "basis": project.dates_basis,
                "source": project.dates_source, "bounds": bounds}  # fmt: skip
    if subject == "authorities":
        return {"value": None, "basis": "assumed", "source": "of each authority", "bounds": bounds}
    authority = next(a for a in scenario.authorities if a.id == name)
    value, group = getattr(authority, column), "protection" if column == "protection" else "scan"
    return {
        "value": value.isoformat() if isinstance(value, date) else value,
        "basis": getattr(authority, f"{group}_basis"), "source": getattr(authority, f"{group}_source"),
        "bounds": bounds,
    }  # fmt: skip
