"""An answer: tables, sentences that say what they mean and how sure they are, and charts of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import polars as pl

from simulation.forecast.tables import Table
from simulation.levers.listed import describe_changes
from simulation.scenario.programme import Scenario
from workflow.text import Text

ChartKind = Literal["differences", "frontier", "tornado", "steps", "heat", "courses"]


class AnswerChart(NamedTuple):
    """A chart of a table of the answer. `unit` stands at its value axis; `about` holds what its kind needs."""

    name: str
    table: str
    kind: ChartKind
    title: Text
    caption: Text
    unit: Text
    about: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Answer:
    """`name`: of its page and its JSON, such as `compare`; `frames` by table name, declared by `tables`."""

    name: str
    title: Text
    sentences: tuple[Text, ...]
    tables: tuple[Table, ...]
    frames: Mapping[str, pl.DataFrame]
    charts: tuple[AnswerChart, ...]
    summary: dict[str, Any]
    caveats: tuple[Text, ...] = field(default=())
    """What was assumed and how it was computed."""
    charted: frozenset[str] = frozenset()
    """Tables that the page shows as charts only; the files have them whole."""

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.frames[table]


def describe_scenario(scenario: Scenario) -> dict[str, Any]:
    """Who was asked: name, title, hash and changes."""
    spec = scenario.spec
    return {
        "scenario": spec.name, "title": spec.title.model_dump(), "scenario_hash": scenario.digest,
        "changes": list(scenario.changes), "changed": describe_changes(scenario),
        "as_of": spec.as_of.value.isoformat(),
    }  # fmt: skip
