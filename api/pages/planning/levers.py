"""Levers as fields of a form, what is planned beside what is wanted instead; and the scenario that a form says.

`to NAME` holds the value that a lever is to have, `from NAME` the day from which on.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode

from api.server.jobs.shipped_files import Shipped, load, shipped
from simulation.inputs.faults import Fault, UnusableInput
from simulation.inputs.written_numbers import AMBIGUOUS, parse_number
from simulation.inputs.yaml_file import parse_yaml
from simulation.levers.change import CHANGE_LINE
from simulation.levers.sources import say_source
from simulation.levers.steps import say_value
from simulation.numbers import format_as_given
from workflow.errors import InvalidCommand
from workflow.text import InvalidValue, Text

TO, FROM = "to ", "from "
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
SENTENCE_END = re.compile(r"(?<!\b\d)(?<!\b\d\d)\. ")
"""No day of a month."""
FIRST_CHANGE = 6
"""The line of the first change in a scenario that the form writes."""
NO_BOUND = 1_000_000
"""The largest number that a scenario may hold at all."""
PLAN = "nrw-plan-2021"
"""What all others change; it comes first."""
NO_VALUE = Text("ein Datum ohne Wert; den Wert eintragen oder das Datum löschen",
                "a date without a value; enter the value, or clear the date")  # fmt: skip
DATED = {"steps", "figures"}
"""Kinds of levers that may change from a day on."""
Form = Mapping[str, str]
Change = dict[str, object]


@dataclass(frozen=True)
class Entry:
    """A lever in the form."""

    id: str
    name: str
    unit: str
    kind: str
    planned: str
    bounds: str
    basis: str
    source: str
    value: str
    since: str
    wrong: str = ""

    @property
    def dated(self) -> bool:
        return self.kind in DATED


@dataclass(frozen=True)
class Question:
    """A scenario to choose, by what it answers."""

    name: str
    title: str
    question: str


def describe(name: str) -> list[dict[str, Any]]:
    """The levers of a shipped scenario, as `eva levers --json` has them."""
    from simulation.levers.apply import show_changes  # noqa: PLC0415 - heavy: done in a process of its own
    from simulation.levers.describe import describe_levers  # noqa: PLC0415

    return describe_levers(show_changes(load(name, None)[0]))


@cache
def _read(name: str) -> dict[str, Any]:
    one = shipped()[name]
    found: dict[str, Any] = parse_yaml(one.text(), one.file).plain()
    return found


def list_questions(language: str) -> list[Question]:
    """The shipped rollout scenarios, each with the question it answers where it says one."""
    names = sorted((one.name for one in shipped().values() if one.kind == "rollout"), key=PLAN.__ne__)
    return [
        Question(name, get_title(name, language), _cut_question((_read(name).get("notice") or {}).get(language, "")))
        for name in names
    ]


def get_title(name: str, language: str) -> str:
    return str((_read(name).get("title") or {}).get(language) or name)


def _cut_question(notice: str) -> str:
    """A notice up to its first question mark, or its first sentence."""
    asked, mark, _ = notice.partition("?")
    return asked + mark if mark else SENTENCE_END.split(notice, maxsplit=1)[0]


def build_groups(
    levers: Sequence[dict[str, Any]], form: Form, language: str, wrong: Mapping[str, str]
) -> dict[str, list[Entry]]:
    """Fields by group: `rollout`, `mail`, and each scan centre; `wrong`: what is wrong with some, by lever."""
    found: dict[str, list[Entry]] = {}
    for one in levers:
        first, _, rest = one["lever"].partition(".")
        group = rest.partition(".")[0] if first == "scan" else first
        found.setdefault(group, []).append(
            replace(_build_entry(one, form, language), wrong=wrong.get(one["lever"], ""))
        )
    return found


def _build_entry(one: dict[str, Any], form: Form, language: str) -> Entry:
    return Entry(
        one["lever"], one[f"name_{language}"], one["unit_de" if language == "de" else "unit"], one["kind"],
        say_value(one, language), _write_bounds(one, language),
        one["basis"], say_source(str(one["source"])).get(language),
        form.get(TO + one["lever"], ""), form.get(FROM + one["lever"], ""),
    )  # fmt: skip


def _write_bounds(one: dict[str, Any], language: str) -> str:
    """What the lever may be, and the range that is held possible where it is an assumption."""
    low, high, likely = one["lowest"], one["highest"], one.get("low")
    if low is None or high is None:
        return ""
    most = high if isinstance(high, str) or high < NO_BOUND else None
    write = partial(format_as_given, language=language)
    bounds = f"≥ {write(low)}" if most is None else f"{write(low)} … {write(most)}"
    held = {"de": "für möglich gehalten", "en": "held possible"}[language]
    return bounds if likely is None else f"{bounds}; {held}: {write(likely)} – {write(one['high'])}"


def read_changes(levers: Sequence[dict[str, Any]], form: Form) -> list[Change]:
    """What the form says is to be different from the plan; values that are the plan's own are no change.

    Raises `InvalidCommand` for a value that is no number where one is needed, and for a day without a value.
    """
    found, faults = [], []
    for one in levers:
        text = form.get(TO + one["lever"], "").strip()
        since = form.get(FROM + one["lever"], "").strip() if one["kind"] in DATED else ""
        if since and not text:
            faults.append(
                (f"/{one['lever']}", Text(*(f"{one[f'name_{name}']}: {NO_VALUE.get(name)}" for name in ("de", "en"))))
            )
        try:
            value = text if one["kind"] in {"shifts", "word", "day"} or not text else parse_number(text)
        except InvalidValue as wrong:
            told = Text(*(f"{one[f'name_{name}']}: {wrong.text.get(name)}" for name in ("de", "en")))
            faults.append((f"/{one['lever']}", told))
            continue
        if text and not _is_planned(one, value):
            found.append({"lever": one["lever"], "to": value} | ({"from": since} if since else {}))
    if faults:
        raise InvalidCommand(faults)
    return found


def _is_planned(lever: Mapping[str, Any], value: object) -> bool:
    """Whether a lever has that value without a change: a capacity in the step of now and all later ones."""
    steps = [step for step in lever.get("steps", ()) if step["from"] >= lever["since"]]
    return value == lever["value"] and all(step["value"] == value for step in steps)


def write_scenario(name: str, title: str, changes: Sequence[Change]) -> str:
    """A scenario that extends a shipped one and changes more: lists are replaced, so its own changes stand here too."""
    base: Shipped = shipped()[name]
    lines = [
        "kind: rollout",
        f"extends: {base.file}",
        f"name: {base.name}-changed",
        f"title: {json.dumps({'de': title, 'en': title}, ensure_ascii=False)}",
        "changes:",
    ]
    every = [*(_read(name).get("changes") or []), *changes]
    return "\n".join([*lines, *(f"  - {_write_change(one)}" for one in every)]) + "\n"


def _write_change(one: Change) -> str:
    return "{" + ", ".join(f"{key}: {_write_value(value)}" for key, value in one.items()) + "}"


def _write_value(value: object) -> str:
    """A day as YAML writes days; all else as JSON, which is YAML too."""
    text = str(value)
    return text if DAY.fullmatch(text) else json.dumps(value, ensure_ascii=False)


def _write_field(value: object) -> str:
    return f"{value}0" if isinstance(value, float) and AMBIGUOUS.fullmatch(str(value)) else str(value)


def has_changes(scenario: str | None, text: str | None) -> bool:
    """Whether a scenario, shipped or a text, changes the one it builds on by levers."""
    if scenario is not None:
        return bool(_read(scenario).get("changes"))
    try:
        return bool(parse_yaml(text or "", "scenario.yaml").plain().get("changes"))
    except UnusableInput:  # what an earlier release took
        return True


def name_fields(
    found: Sequence[Fault], name: str, levers: Sequence[dict[str, Any]], changes: Sequence[Change]
) -> list[tuple[str, Text]]:
    """Faults of a scenario that the form wrote, by the field that they are of: nobody else knows its lines."""
    titles = {one["lever"]: Text(one["name_de"], one["name_en"]) for one in levers}
    own = len(_read(name).get("changes") or [])
    told = []
    for fault in found:
        number = fault.place.line - FIRST_CHANGE - own
        lever = str(changes[number]["lever"]) if 0 <= number < len(changes) else ""
        heads = titles.get(lever, Text("", ""))
        says = zip(heads, fault.wrong, fault.expected, strict=True)
        told.append((f"/{lever}", Text(*(_join(head, wrong, expected) for head, wrong, expected in says))))
    return told


def _join(head: str, wrong: str, expected: str) -> str:
    told = "; ".join(filter(None, (CHANGE_LINE.sub("", wrong), expected)))
    return f"{head}: {told}" if head else told


def write_title(name: str, levers: Sequence[dict[str, Any]], changes: Sequence[Change], language: str) -> str:
    """What a forecast is called where nobody says: the scenario, and what is different."""
    names = {one["lever"]: one[f"name_{language}"] for one in levers}
    parts = [f"{names[str(one['lever'])]} {format_as_given(one['to'], language)}" for one in changes]
    return ", ".join([get_title(name, language), *parts])[:200]


def write_link(scenario: str | None, text: str | None) -> str | None:
    """The address of the form that a forecast was asked for with; None where its text was not written by the form."""
    if scenario is not None:
        return "/pages/runs?" + urlencode({"scenario": scenario})
    try:
        said: dict[str, Any] = parse_yaml(text or "", "scenario.yaml").plain()
    except UnusableInput:  # what an earlier release took
        return None
    name = next((one.name for one in shipped().values() if one.file == said.get("extends")), None)
    if name is None or said.get("name") != f"{name}-changed":
        return None
    own, every = _read(name).get("changes") or [], said.get("changes") or []
    if not isinstance(every, list) or every[: len(own)] != own:
        return None
    added = every[len(own) :]
    if not all(isinstance(one, dict) and {"lever", "to"} <= set(one) <= {"lever", "to", "from"} for one in added):
        return None
    fields = {TO + str(one["lever"]): _write_field(one["to"]) for one in added}
    fields |= {FROM + str(one["lever"]): str(one["from"]) for one in added if "from" in one}
    return "/pages/runs?" + urlencode({"scenario": name, **fields})
