"""Figures: the numbers of a scenario, each with its basis, its source and, where it is assumed, its range.

A planner must be able to defend every number; `docs/reference/scenario.md` shows the form.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulation.scenario.units import DAYS, FACTOR, MINUTES, PIECES, Unit
from workflow.text import InvalidValue, Text

Basis = Literal["report", "public", "assumed", "fitted", "casework"]
"""Where a number comes from: the report of August 2021, another public source, an assumption with a range, an estimate
from an event log with its interval, or a simulation of casework with the range over its replications.
"""
BASES: dict[str, Text] = {
    "report": Text("Bericht", "report"),
    "public": Text("öffentlich", "public"),
    "assumed": Text("Annahme", "assumed"),
    "fitted": Text("geschätzt", "fitted"),
    "casework": Text("simuliert", "simulated"),
    "what_if": Text("eigene Angabe (was wäre, wenn)", "own figure (what if)"),
}
"""What each is called, and `what_if` for a figure that a change has made, which no file says."""
RANGED = ("assumed", "fitted", "casework")
"""Bases that need a range."""

FACT = re.compile(r"\b[FCYZ]\d{2,3}\b")
"""Ids of the facts register of the report: facts F…, contradictions C…, gaps Y…, derived values Z…."""


def _remove_field_titles(schema: dict[str, Any]) -> None:
    """Leave out of the JSON Schema the titles that only repeat the key."""
    for field in schema.get("properties", {}).values():
        field.pop("title", None)


def _describe_figure(schema: dict[str, Any]) -> None:
    """The rules of `Figure` between basis, source and range, for the JSON Schema."""
    _remove_field_titles(schema)
    number = {"type": "number"}
    schema |= {
        "title": "Figure",
        "description": "One number with its basis and source; one that is assumed, fitted or simulated with its range.",
        "dependentRequired": {"low": ["high"], "high": ["low"]},
        "allOf": [
            {
                "if": {"properties": {"basis": {"const": "report"}}, "required": ["basis"]},
                "then": {"properties": {"source": {"pattern": FACT.pattern}}},
            },
            {
                "if": {"properties": {"basis": {"enum": list(RANGED)}}, "required": ["basis"]},
                "then": {"required": ["low", "high"], "properties": {"low": number, "high": number}},
            },
        ],
    }


class Strict(BaseModel):
    """Base of everything that is read from a scenario: unknown keys, NaN and guessed types are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, json_schema_extra=_remove_field_titles
    )


T = TypeVar("T", int, float)
M = TypeVar("M", bound=BaseModel)


class Figure(Strict, Generic[T]):
    """One number with its basis.

    `low` and `high` bound what is held possible; an assumed figure must have them. In risk mode every assumed figure
    is drawn once per replication from the triangular distribution over them with the value as its mode.
    """

    model_config = ConfigDict(json_schema_extra=_describe_figure)

    value: T
    basis: Basis
    source: Annotated[str, Field(min_length=3, max_length=500)]
    low: T | None = None
    high: T | None = None

    @model_validator(mode="after")
    def _is_defended(self) -> "Figure[T]":
        if self.basis == "report" and not FACT.search(self.source):
            raise InvalidValue(
                "die Grundlage report braucht eine Faktennummer wie F097 in source",
                "basis report needs a fact id such as F097 in source",
            )
        if (self.low is None) != (self.high is None):
            raise InvalidValue("low und high gehören zusammen", "low and high go together")
        if self.low is None or self.high is None:
            if self.basis in RANGED:
                raise InvalidValue(
                    f"die Grundlage {self.basis} braucht low und high", f"basis {self.basis} needs low and high"
                )
        elif not self.low <= self.value <= self.high:
            raise InvalidValue(
                f"value {self.value} liegt außerhalb seiner Spanne {self.low} bis {self.high}",
                f"value {self.value} lies outside its range {self.low} to {self.high}",
            )
        return self

    @property
    def uncertain(self) -> bool:
        """Whether risk mode draws this figure anew in every replication."""
        return self.low is not None and self.high is not None and self.low < self.high


Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Positive = Annotated[float, Field(gt=0, le=1_000_000)]
Factor = Annotated[float, Field(ge=0, le=10)]
NotNegative = Annotated[float, Field(ge=0, le=1_000_000)]


class Touch(Strict):
    """Work on one thing: the median of its time, and the deviation of its logarithm."""

    minutes: Annotated[Figure[Positive], MINUTES]
    spread: Annotated[Figure[Factor], FACTOR]


class Lying(Strict):
    """How long a thing lies before somebody takes it up: median, and the deviation of its logarithm."""

    days: Annotated[Figure[Positive], DAYS]
    spread: Annotated[Figure[Factor], FACTOR]


class Step(Strict):
    """A capacity that holds from a date until the next step."""

    start: date = Field(alias="from")
    value: Figure[Count]


def find_steps(node: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], list[Step]]]:
    if isinstance(node, list) and node and isinstance(node[0], Step):
        yield path, node
    elif isinstance(node, list):
        for number, item in enumerate(node):
            yield from find_steps(item, (*path, number))
    elif hasattr(type(node), "model_fields"):
        for name, info in type(node).model_fields.items():
            yield from find_steps(getattr(node, name), (*path, info.alias or name))


def find_figures(node: Any, path: str = "", unit: Unit = PIECES) -> list[tuple[str, Figure[Any], Unit]]:
    """Every figure below `node` as (dotted path, figure, unit), in the order of the schema.

    Items of lists are named by their id, or by authority and date, where they have one, so that a path stays the same
    when an item is added in front.
    """
    if isinstance(node, Figure):
        return [(path, node, unit)]
    return [found for _, inner, at, own in _list_parts(node, path, unit) for found in find_figures(inner, at, own)]


def replace_figures(node: Any, values: dict[str, float], path: str = "") -> Any:
    """A copy of `node` in which the figures named in `values` (paths of `find_figures`) have new values."""
    if isinstance(node, Figure):
        return node.model_copy(update={"value": values[path]}) if path in values else node
    parts = [(key, old, replace_figures(old, values, at)) for key, old, at, _ in _list_parts(node, path)]
    changed = {key: new for key, old, new in parts if new is not old}
    if not changed:
        return node
    if isinstance(node, BaseModel):
        return node.model_copy(update=changed)
    return node | changed if isinstance(node, dict) else type(node)(new for _, _, new in parts)


class Replacer:
    """Copies of one model with new values for the figures named by `paths`, many times over: the way to each of them
    is looked for once.
    """

    def __init__(self, node: Any, paths: Collection[str]) -> None:
        self._node, self._ways = node, _find_ways(node, set(paths), "")

    def replace(self, values: Mapping[str, float]) -> Any:
        """As `replace_figures`; `values` has every path that was named."""
        return _copy_with(self._node, self._ways, values)


def _find_ways(node: Any, paths: set[str], path: str) -> Any:
    """The path of a figure to be replaced, or what below `node` leads to such figures, by key."""
    if isinstance(node, Figure):
        return path if path in paths else None
    below = {key: _find_ways(inner, paths, at) for key, inner, at, _ in _list_parts(node, path)}
    return {key: ways for key, ways in below.items() if ways} or None


def _copy_with(node: Any, ways: Any, values: Mapping[str, float]) -> Any:
    if ways is None:
        return node
    if isinstance(ways, str):
        return copy_model(node, {"value": values[ways]})
    if isinstance(node, BaseModel):
        return copy_model(node, {key: _copy_with(getattr(node, key), way, values) for key, way in ways.items()})
    if isinstance(node, dict):
        return node | {key: _copy_with(node[key], way, values) for key, way in ways.items()}
    return type(node)(_copy_with(inner, ways.get(number), values) for number, inner in enumerate(node))


def copy_model(node: M, changed: dict[str, Any]) -> M:
    """As `model_copy`, in a fifth of the time: the copy shares what says which fields were set."""
    new = type(node).__new__(type(node))
    object.__setattr__(new, "__dict__", node.__dict__ | changed)
    for slot in ("__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__"):
        object.__setattr__(new, slot, getattr(node, slot))
    return new


def _list_parts(node: Any, path: str, unit: Unit = PIECES) -> Iterator[tuple[Any, Any, str, Unit]]:
    """Key, value, path and unit of what a model, mapping or list holds; `unit` holds where a field declares none."""
    if isinstance(node, BaseModel):
        for name, info in type(node).model_fields.items():
            inner = next((m for m in info.metadata if isinstance(m, Unit)), unit)
            yield name, getattr(node, name), f"{path}.{name}".removeprefix("."), inner
    elif isinstance(node, dict):
        for key, value in node.items():
            yield key, value, f"{path}.{key}", unit
    elif isinstance(node, list | tuple):
        for number, value in enumerate(node):
            yield number, value, f"{path}.{get_label(value, number)}", unit


def get_label(item: Any, number: int) -> str:
    labels = [
        str(getattr(item, name))
        for name in ("id", "authority", "start", "year", "day", "at", "measure")
        if hasattr(item, name)
    ]
    return labels[0] if hasattr(item, "id") else "/".join(labels) or str(number)
