"""The pages about replays are true: the examples pass, and every key and option is told."""

import re
from pathlib import Path

import pytest

from api.replay.file.check import load_checked
from api.replay.file.format import Expect, Fragment, Person, Refusal, Replay, Step
from api.replay.output import render_details, render_line
from api.replay.run.in_process import InProcess
from api.replay.run.jobs import Job, replay
from api.replay.run.runner import run

ROOT = Path(__file__).parents[3]
HOW_TO = (ROOT / "docs" / "how-to" / "replay.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs" / "reference" / "replay.md").read_text(encoding="utf-8")
CONTRACT = """\
kind: replay
title: Refused by the second co-signer, corrected, signed
start: 2021-06-01T08:00:00+02:00
actors:
  mueller: {roles: [case_worker], authority: mwide}
  schmidt: {roles: [approver], authority: mwide}
  weber: {roles: [approver], authority: mwide}
steps:
  - create: record
    as: mueller
    id: akte
    with: {title: Foerderantrag Windpark, file_plan_code: "43.21", protection: normal}
  - create: routing-slip
    as: mueller
    id: mappe
    with:
      title: Bescheid zur Mitzeichnung
      record: akte
      stations:
        - {kind: co_sign, actor: schmidt}
        - {kind: co_sign, actor: weber}
        - {kind: final_sign, actor: weber}
  - {do: start, on: mappe, as: mueller, expect: {state: circulating}}
  - {do: sign, on: mappe, as: schmidt}
  - {do: refuse, on: mappe, as: weber, with: {reason: Frist fehlt}, expect: {state: returned}}
  - {do: sign, on: mappe, as: weber, expect: {error: 409}}
  - {advance: P2D}
  - {do: start, on: mappe, as: mueller}
"""


EXAMPLES = re.findall(r"```yaml\n(kind: replay\n.*?)```", HOW_TO, re.DOTALL)


@pytest.mark.parametrize("text", [*EXAMPLES, CONTRACT])
def test_the_published_examples_pass(tmp_path: Path, text: str) -> None:
    path = tmp_path / "my-case.yaml"
    path.write_text(text, encoding="utf-8")
    for case in load_checked(path):
        verdict = run(case, lambda one: InProcess(one.replay.start, seed=one.title))
        assert verdict.passed, verdict.failure


def test_the_published_failure_is_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path, expected = Path("my-case.yaml"), ", expect: {error: {status: 409, guard: active, reason: nicht an der Reihe}}"
    example, count = re.subn(re.escape(expected), "", EXAMPLES[0])
    assert count == 1
    path.write_text(example, encoding="utf-8")
    done = replay(Job(path))
    printed = [render_line(done, "de"), *(line for verdict in done.verdicts for line in render_details(verdict, "de"))]
    (shown,) = re.findall(r"```\n(FEHL .*?)```", HOW_TO, re.DOTALL)
    for line in shown.splitlines():
        begin, cut, _ = line.partition(" …")
        assert any(one.startswith(begin) if cut else one == line for one in printed), line


def test_the_reference_tells_every_key_and_option() -> None:
    for model in (Replay, Fragment, Person, Step, Expect, Refusal):
        for name, field in model.model_fields.items():
            assert re.search(rf"`[^`]*\b{field.alias or name}\b", REFERENCE), (model, name)
    source = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "api" / "cli" / "replay").glob("*.py"))
    for option in ("--url", "--token", "--database", "--junit", "--json", "--update", "--yes", "--trace", "--coverage",
                   "--min-coverage", "--workers"):  # fmt: skip
        assert option in REFERENCE
        assert option.strip("-").replace("-", "_").replace("json", "as_json") in source
