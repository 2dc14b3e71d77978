"""Where figures of the shipped plan come from is told in German too; what planners write stays as it is."""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from simulation.levers.change import name_change, parse_change
from simulation.levers.describe import describe_levers
from simulation.levers.sources import read_german, say_source
from simulation.scenario.programme import Scenario

IDS = re.compile(r"[A-Z]\d+(?: [A-Z]\d+)*")


def list_sources(node: Any) -> Iterator[str]:
    if isinstance(node, BaseModel):
        yield from [node.source] if isinstance(getattr(node, "source", None), str) else []
        yield from (one for name in type(node).model_fields for one in list_sources(getattr(node, name)))
    elif isinstance(node, dict | list | tuple):
        yield from (one for inner in (node.values() if isinstance(node, dict) else node) for one in list_sources(inner))


def test_every_source_of_the_plan_has_german_words(nrw: Scenario) -> None:
    told = {one for one in list_sources(nrw.spec) if not IDS.fullmatch(one)}
    told |= {lever["source"] for lever in describe_levers(nrw) if lever["source"].startswith(("of each", "hours of"))}
    german = read_german()
    assert told - set(german) == set()
    assert all(german.values())
    assert not [one for one in german.values() if re.search(r"\b(the|not|figure|of|until)\b", one)]


def test_ids_and_what_planners_write_stay_and_changes_are_told() -> None:
    assert say_source("F097 F102") == ("F097 F102", "F097 F102")
    assert say_source("eigene Schätzung") == ("eigene Schätzung", "eigene Schätzung")
    changed = name_change("no figure in the sources", parse_change("risks.rework=0.2"))
    assert say_source(changed) == (
        "keine Zahl in den Quellen; geändert: risks.rework=0.2",
        "no figure in the sources; changed: risks.rework=0.2",
    )
