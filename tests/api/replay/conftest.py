"""Fixtures: a file written on the spot, replayed, checked, or told wrong."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.replay.file.check import load_checked
from api.replay.run.in_process import InProcess
from api.replay.run.runner import run
from simulation.inputs.faults import UnusableInput

HEAD = """\
kind: replay
title: Probe
start: 2021-06-01T08:00:00+02:00
actors:
  mueller: {roles: [case_worker], authority: mwide}
  weber: {roles: [approver], authority: mwide}
"""


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Any]:
    def write(text: str, name: str = "probe.yaml", head: str = HEAD) -> Path:
        path = tmp_path / name
        path.write_text(head + textwrap.dedent(text), encoding="utf-8")
        return path

    return write


@pytest.fixture
def faults(written: Callable[..., Any]) -> Callable[..., Any]:
    """The faults of a file, without its path."""

    def found(text: str, head: str = HEAD) -> list[str]:
        path = written(text, head=head)
        with pytest.raises(UnusableInput) as unusable:
            load_checked(path)
        return [str(fault).removeprefix(f"{path}:") for fault in unusable.value.faults]

    return found


@pytest.fixture
def verdicts(written: Callable[..., Any]) -> Callable[..., Any]:
    def replayed(text: str, head: str = HEAD):
        cases = load_checked(written(text, head=head))
        return [run(case, lambda case: InProcess(case.replay.start, seed=case.title)) for case in cases]

    return replayed
