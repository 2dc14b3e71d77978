"""Writing what came into a file as what is expected, keeping its comments and its layout.

Only steps of the file itself are touched, no fragments and nothing that a parameter stands in. What a test expects is
the tester's word, so nothing is written without asking.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from api.replay.recorder.yaml_text import create_yaml, dump, in_flow_style
from api.replay.run.jobs import FileResult
from api.replay.run.verdict import Unmet, format_value
from workflow.engine.store.durable_files import write_atomically
from workflow.text import Text


@dataclass(frozen=True)
class Change:
    line: int
    path: tuple[str, ...]
    old: Any
    new: Any

    def __str__(self) -> str:
        old, new = (format_value(value, "en") for value in (self.old, self.new))
        return f"{self.line}: expect.{'.'.join(self.path)}: {old} -> {new}"


def find_changes(done: FileResult) -> tuple[list[Change], list[str]]:
    """What could be written into a file, and what could not and why."""
    wanted: dict[tuple[int, tuple[str, ...]], Change] = {}
    refused: list[str] = []
    for verdict in done.verdicts:
        for place, unmet in verdict.corrections:
            for one in unmet:
                if Path(place.file) != done.path:
                    refused.append(f"{place}: stands in a fragment, which other files use too")
                    continue
                if isinstance(one.got, Text):  # there is nothing to expect
                    refused.append(f"{place}: {'.'.join(one.path)}: {one.got.en}")
                    continue
                change = Change(place.line, one.path, one.expected, _new(one))
                known = wanted.setdefault((change.line, change.path), change)
                if known.new != change.new:
                    refused.append(f"{place}: {'.'.join(one.path)} differs from case to case")
    bad = {text.split(":")[1] for text in refused if "differs" in text}
    return [change for change in wanted.values() if str(change.line) not in bad], refused


def _new(unmet: Unmet) -> Any:
    """What is written for an unmet expectation; a refusal that nobody expected becomes its status."""
    if unmet.path == ("error",) and isinstance(unmet.got, str):
        return int(unmet.got.split(" ")[0])
    return unmet.got


def write(path: Path, to_write: Iterable[Change]) -> list[str]:
    """Write changes into a file, all or nothing; returns a line for each that could not be written."""
    text = path.read_text(encoding="utf-8")
    steps = create_yaml().load(text)["steps"]
    begins = [steps.lc.item(number)[0] for number in range(len(steps))]
    wanted = list(to_write)
    refused = [reason for change in wanted if (reason := _apply(steps, change)) is not None]
    lines = text.splitlines()
    for number in reversed([n for n, line in enumerate(begins) if any(change.line == line + 1 for change in wanted)]):
        # Only the lines of the step itself are written anew: all else, comments above all, stays as it is.
        end = begins[number + 1] if number + 1 < len(begins) else len(lines)
        while end > begins[number] + 1 and lines[end - 1].strip()[:1] in {"", "#"}:
            end -= 1
        lines[begins[number] : end] = _step_lines(steps[number], lines[end - 1])
    write_atomically(path, "\n".join(lines) + "\n")
    return refused


def _step_lines(step: CommentedMap, last: str) -> list[str]:
    """A step as lines, with the comment that stood at its end."""
    lines = dump({"steps": [step]}).splitlines()[1:]
    comment = re.search(r"[}\]]\s+(#.*)$", last)
    if comment and comment[1] not in lines[-1]:
        lines[-1] += f"  {comment[1]}"
    return lines


def _apply(steps: CommentedSeq, change: Change) -> str | None:
    found = [step for number, step in enumerate(steps) if steps.lc.item(number)[0] + 1 == change.line]
    if not found:
        return f"{change.line}: no step begins here"
    expect = found[0].setdefault("expect", CommentedMap())
    if "${" in str(expect.get(change.path[0], "")):
        return f"{change.line}: a parameter stands there"
    if change.path == ("error",) and change.new is not None:
        for key in ("events", "fields", "timers", "state"):
            expect.pop(key, None)
    inner = expect
    for key in change.path[:-1]:
        if not isinstance(inner.get(key), dict):
            inner[key] = CommentedMap()
        inner = inner[key]
    key = change.path[-1]
    if change.new is None and change.path[0] == "error":
        inner.pop(key)
    elif key in {"includes", "excludes"}:  # what came is said whole
        expect[change.path[0]] = in_flow_style(change.new)
    else:
        inner[key] = in_flow_style(change.new)
    if not expect:
        found[0].pop("expect")
    return None
