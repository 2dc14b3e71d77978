"""Replaying against the bare engine: the same steps from files, with what they expect, and as plain commands."""

import tempfile
import time
from pathlib import Path
from typing import Any

from api.application.catalogue import ALL
from api.replay.file.check import load_checked
from api.replay.file.format import Case
from api.replay.run.in_process import InProcess
from api.replay.run.runner import run
from benchmarks.office import enter_people, office
from workflow.engine.engine import Engine

FILES = 1000
ROUNDS = 5
AT_ONCE = 60
"""Files of a round in which both sides take turns."""
SHORT = """\
kind: replay
title: Bescheid {number}
start: 2021-06-01T08:00:00+02:00
actors:
  mueller: {{roles: [case_worker], authority: mwide}}
  schmidt: {{roles: [approver], authority: mwide}}
  weber: {{roles: [approver], authority: mwide}}
steps:
  - {{create: record, as: mueller, id: akte, with: {{title: Förderantrag {number}, file_plan_code: "43.21"}}}}
  - {{do: add_case, on: akte, as: mueller, id: vorgang, with: {{title: Bewilligung}}}}
  - {{do: add_document, on: vorgang, as: mueller, with: {{title: Bescheid, file: bescheid.pdf}}}}
  - create: routing-slip
    as: mueller
    id: mappe
    with:
      title: Bescheid zur Mitzeichnung
      record: akte
      case: vorgang
      stations: [{{kind: co_sign, actor: schmidt}}, {{kind: final_sign, actor: weber}}]
  - {{do: start, on: mappe, as: mueller, expect: {{state: circulating}}}}
  - {{do: sign, on: mappe, as: schmidt}}
  - do: sign
    on: mappe
    as: weber
    with: {{note: einverstanden}}
    expect: {{state: completed, events: [slip.station_done, slip.completed]}}
  - {{do: file, on: mappe, as: mueller, expect: {{state: filed}}}}
"""
STEPS = 8


def _driver(case: Case) -> InProcess:
    return InProcess(case.replay.start, seed=case.title)


def _replayed(path: Path) -> None:
    for case in load_checked(path):
        verdict = run(case, _driver)
        assert verdict.passed, verdict.failure  # noqa: S101 - a replay that fails measures nothing


def _bare(number: int) -> None:
    """A fresh engine, the same people and the same eight commands."""
    engine = Engine("sqlite://", catalogue=ALL, group=False)
    enter_people(engine)
    for _ in office(engine, number):
        pass
    engine.close()


def replay_vs_engine() -> list[dict[str, Any]]:
    """Steps per second of short files, each with a fresh engine, reading included; seconds of one core, so that
    what else runs on the machine does not count.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number}.yaml") for number in range(FILES)]
        for number, path in enumerate(paths):
            path.write_text(SHORT.format(number=number), encoding="utf-8")
        _replayed(paths[0])
        _bare(0)
        ratios = []
        for turn in range(ROUNDS):
            some = paths[turn * AT_ONCE : (turn + 1) * AT_ONCE]
            began = time.process_time()
            for path in some:
                _replayed(path)
            took = time.process_time() - began
            began = time.process_time()
            for number in range(AT_ONCE):
                _bare(number)
            ratios.append((time.process_time() - began) / took)
        began = time.process_time()
        for path in paths:
            _replayed(path)
        whole = time.process_time() - began
    ratios.sort()
    detail = (
        f"{FILES * STEPS / whole:,.0f} steps/s, {FILES:,} files in {whole:.1f} s of one core, each read, checked and "
        f"replayed on a fresh engine; bare engine as fresh, median of {ROUNDS} turns "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f})"
    )
    return [
        {"name": "replay_vs_engine", "value": ratios[len(ratios) // 2], "unit": "x", "target": 0.3, "detail": detail},
        {
            "name": "replay_1000_files_seconds",
            "value": whole,
            "unit": "s",
            "target": 60,
            "detail": "seconds of one core",
        },
    ]
