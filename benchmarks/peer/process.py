"""One process, written for both: seven tasks one after another, four persons, office hours, no choices and no absences.

A clerk opens and drafts, two units co-sign, the head signs and dispatches, the clerk files. Cases arrive by chance over
the office hours; work is log-normal; whoever is busy takes things up in the order in which they came.
"""

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

START, END = "2021-02-01", "2021-03-31"
"""No holiday lies between them."""
DAYS = 43
PER_DAY = 47
SPREAD = 0.3
HOURS = (("08:00:00", "12:00:00"), ("12:30:00", "16:42:00"))
TASKS = (("open", "clerk", 2.0), ("draft", "clerk", 4.0), ("co_sign", "beta", 7.0), ("co_sign_2", "gamma", 7.0),
         ("final_sign", "head", 4.0), ("dispatch", "head", 3.0), ("file", "clerk", 1.0))  # fmt: skip
"""Name, who does it, and the median in minutes."""
MINUTES = {name: minutes for name, _, minutes in TASKS}
DAY_SECONDS = 29_520
STATIONS = ("co_sign", "final_sign", "dispatch")
CHOICES = ("refuse", "insert", "forward", "delegate", "recall", "misdirect")


def write_casework(file: Path) -> None:
    """As a casework scenario."""

    def exactly(value: float) -> str:
        return f"{{value: {value}, basis: assumed, source: the process of the benchmark, low: {value}, high: {value}}}"

    def touch(name: str) -> str:
        return f"{{minutes: {exactly(MINUTES[name])}, spread: {exactly(SPREAD)}}}"

    def unit(name: str, staff: int, parent: str = "") -> str:
        belongs = f"parent: {parent}, " if parent else ""
        return (f"    - {{id: {name}, title: {{de: {name}, en: {name}}}, {belongs}staff: {exactly(staff)}, "
                f"approvers: {exactly(1)}}}")  # fmt: skip

    lies = f"lies: {{days: {exactly(0.000001)}, spread: {exactly(0)}}}"
    stations = "\n".join(f"    {kind}: {{touch: {touch(kind)}, {lies}}}" for kind in STATIONS)
    none = "\n".join(f"    {name}: {exactly(0)}" for name in CHOICES)
    shares = "\n".join(f"  {name}: {exactly(value)}" for name, value in
                       (("for_casework", 1), ("part_time", 0), ("absent", 0), ("new_to_it", 0)))  # fmt: skip
    units = "\n".join([unit("top", 1), unit("office", 2, "top"), unit("beta", 1, "top"), unit("gamma", 1, "top")])
    file.write_text(f"""extends: nrw/model-ministry.yaml
kind: casework
name: peer
title: {{de: Vergleich, en: Comparison}}
authority: peer
horizon: {{start: {START}, end: {END}}}
known_work: []
staff:
  total: {exactly(5)}
{shares}
  units:
{units}
work:
  weekdays: [{", ".join([exactly(1)] * 5)}]
  kinds:
    - id: case
      title: {{de: Fall, en: Case}}
      per_day: {exactly(PER_DAY)}
      units: [office]
      new_record: {exactly(1)}
      further_slip: {exactly(0)}
      draft: {touch("draft")}
      urgency: {exactly(1)}
      deadline_days: {exactly(40)}
      route:
        - {{kind: co_sign, unit: beta}}
        - {{kind: co_sign, unit: gamma}}
        - {{kind: final_sign, who: head}}
        - {{kind: dispatch, who: colleague}}
handling:
  open: {touch("open")}
  file: {touch("file")}
  stations:
{stations}
  choices:
{none}
""", encoding="utf-8")  # fmt: skip


def write_prosimos(bpmn: Path, parameters: Path) -> None:
    """As BPMN and the parameters of Prosimos, in seconds."""
    nodes = ["start", *(name for name, _, _ in TASKS), "end"]
    flows = "".join(f'<sequenceFlow id="f{n}" sourceRef="{one}" targetRef="{other}"/>'
                    for n, (one, other) in enumerate(pairwise(nodes)))  # fmt: skip
    tasks = "".join(f'<task id="{name}" name="{name}"/>' for name, _, _ in TASKS)
    bpmn.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        f'targetNamespace="eva"><process id="p"><startEvent id="start" name="start"/>{tasks}<endEvent id="end" '
        f'name="end"/>{flows}</process></definitions>', encoding="utf-8",
    )  # fmt: skip
    parameters.write_text(json.dumps(_describe()), encoding="utf-8")


def _describe() -> dict[str, Any]:
    calendar = [{"from": "MONDAY", "to": "FRIDAY", "beginTime": begins, "endTime": ends} for begins, ends in HOURS]
    persons = sorted({who for _, who, _ in TASKS})
    return {
        "resource_profiles": [
            {"id": who, "name": who, "resource_list": [
                {"id": who, "name": who, "cost_per_hour": 0, "amount": 1, "calendar": "office",
                 "assignedTasks": [name for name, by, _ in TASKS if by == who]}]}
            for who in persons
        ],
        "arrival_time_distribution": {
            "distribution_name": "expon", "distribution_params": _bound(DAY_SECONDS / PER_DAY)},
        "arrival_time_calendar": calendar,
        "gateway_branching_probabilities": [],
        "task_resource_distribution": [
            {"task_id": name, "resources": [
                {"resource_id": who, "distribution_name": "lognorm", "distribution_params": _lognormal(60 * minutes)}]}
            for name, who, minutes in TASKS
        ],
        "resource_calendars": [{"id": "office", "name": "office", "time_periods": calendar}],
    }  # fmt: skip


def _bound(mean: float) -> list[dict[str, float]]:
    return [{"value": mean}, {"value": 0.0}, {"value": 1e6}]


def _lognormal(median: float) -> list[dict[str, float]]:
    mean = median * math.exp(SPREAD**2 / 2)
    return [{"value": mean}, {"value": (math.exp(SPREAD**2) - 1) * mean**2}, {"value": 0.0}, {"value": 1e6}]
