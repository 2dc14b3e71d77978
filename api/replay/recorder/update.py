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

_REFUSED = {("error",), ("error", "reason")}
"""Where what came is told in words and can be expected."""


@dataclass(frozen=True)
class Change:
    line: int
    path: tuple[str, ...]
    old: Any
    new: Any

    def tell(self, language: str) -> str:
        old, new = (format_value(value, language) for value in (self.old, self.new))
        return f"{self.line}: expect.{'.'.join(self.path)}: {old} -> {new}"


def find_changes(done: FileResult) -> tuple[list[Change], list[Text]]:
    """What could be written into a file, and what could not and why."""
    wanted: dict[tuple[int, tuple[str, ...]], Change] = {}
    refused: list[Text] = []
    differing: set[int] = set()
    for verdict in done.verdicts:
        for place, unmet in verdict.corrections:
            for one in unmet:
                where = f"{place}: {'.'.join(one.path)}"
                if Path(place.file) != done.path:
                    refused.append(Text(
                        f"{place}: steht in einem Fragment, das auch andere Dateien verwenden",
                        f"{place}: stands in a fragment, which other files use too",
                    ))  # fmt: skip
                    continue
                if isinstance(one.got, Text) and one.path not in _REFUSED:  # there is nothing to expect
                    refused.append(Text(f"{where}: {one.got.de}", f"{where}: {one.got.en}"))
                    continue
                change = Change(place.line, one.path, one.expected, _new(one))
                known = wanted.setdefault((change.line, change.path), change)
                if known.new != change.new:
                    refused.append(Text(f"{where} ist von Fall zu Fall anders", f"{where} differs from case to case"))
                    differing.add(change.line)
    return [change for change in wanted.values() if change.line not in differing], refused


def _new(unmet: Unmet) -> Any:
    """What is written for an unmet expectation; a refusal that nobody expected becomes its status."""
    if isinstance(unmet.got, Text):
        return int(unmet.got.de.split(" ")[0]) if unmet.path == ("error",) else unmet.got.de
    return unmet.got


def write(path: Path, to_write: Iterable[Change]) -> list[Text]:
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


def _apply(steps: CommentedSeq, change: Change) -> Text | None:
    found = [step for number, step in enumerate(steps) if steps.lc.item(number)[0] + 1 == change.line]
    if not found:
        return Text(f"{change.line}: hier beginnt kein Schritt", f"{change.line}: no step begins here")
    expect = found[0].setdefault("expect", CommentedMap())
    if "${" in str(expect.get(change.path[0], "")):
        return Text(f"{change.line}: dort steht ein Parameter", f"{change.line}: a parameter stands there")
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
