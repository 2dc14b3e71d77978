"""The shipped files pass, exercise all that can be, and notice every fault planted in a machine.

In `make test` a sample of faults in each machine, in `make soak` all. All files are played once for everything here.

Only files that exercise the row are tried, the quickest first, until one goes otherwise than it should.
"""

import os
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from api.replay.coverage.coverage import Coverage, is_covered, list_missing
from api.replay.coverage.coverage import list_all as list_keys
from api.replay.coverage.unreachable import find_unreachable
from api.replay.file.check import load_checked
from api.replay.file.format import Case
from api.replay.run.in_process import InProcess
from api.replay.run.jobs import find_files
from api.replay.run.runner import run
from scanning.catalogue import MACHINES
from tests.api.replay.mutants import Mutant, list_all, mutants, planted
from workflow.engine.machine import Machine, observed

REPLAYS = Path(__file__).parents[3] / "scenarios" / "replays"
pytestmark = pytest.mark.timeout(1800)
SAMPLE = 6
"""Mutants of a machine that are tried when not all are."""


class Shipped(NamedTuple):
    """What playing every shipped file has shown."""

    coverage: Coverage
    looked: dict[tuple[str, str, str], list[Case]]
    """(machine, state, action) -> the cases in which that was asked, the quickest first."""


class Watched(Coverage):
    """Also which rows were looked at, taken or not: a fault in a row shows there."""

    def _ask(self, machine, state, action, roles, question):
        super()._ask(machine, state, action, roles, question)
        self.looked.add((machine.name, state, action))

    def __init__(self) -> None:
        super().__init__()
        self.looked: set[tuple[str, str, str]] = set()


@pytest.fixture(scope="module")
def shipped() -> Shipped:
    total, found = Coverage(), defaultdict(list)
    for path in find_files([REPLAYS]):
        for case in load_checked(path):
            watched = Watched()
            with observed(MACHINES.values(), watched):
                verdict = run(case, lambda case: InProcess(case.replay.start, seed=case.title))
            assert verdict.passed, verdict
            total.add(watched)
            for key in watched.looked:
                found[key].append((verdict.steps, len(found[key]), case))
    return Shipped(total, {key: [case for _, _, case in sorted(cases)] for key, cases in found.items()})


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_everything_that_can_be_exercised_is(machine: Machine, shipped: Shipped) -> None:
    assert list_missing(machine, shipped.coverage) == []


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_what_is_said_to_be_out_of_reach_is_not_reached(machine: Machine, shipped: Shipped) -> None:
    """A belt that is exercised after all must be taken off."""
    for kind, keys in list_keys(machine).items():
        for text, key in keys:
            if find_unreachable(machine.name, kind, key) is not None:
                assert not is_covered(shipped.coverage, kind, key), (kind, text)


def notices(case: Case) -> bool:
    coverage = Coverage()
    try:
        with observed(MACHINES.values(), coverage):
            verdict = run(case, lambda case: InProcess(case.replay.start, seed=case.title, taken=coverage.taken_rows))
    except Exception:  # noqa: BLE001 - a machine that breaks is noticed as well
        return True
    return not verdict.passed


def survivors(some: list[Mutant], looked: dict[tuple[str, str, str], list[Case]]) -> Iterator[str]:
    for mutant in some:
        cases = looked.get((mutant.machine.name, mutant.row.source, mutant.row.action), [])
        with planted(mutant):
            if not any(notices(case) for case in cases):
                yield str(mutant)


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_every_planted_fault_is_noticed(machine: Machine, shipped: Shipped) -> None:
    chosen = mutants(machine)
    if not os.environ.get("EVA_ALL_MUTANTS"):
        draw = random.Random(os.environ.get("EVA_SEED", "mutants"))
        chosen = draw.sample(chosen, min(SAMPLE, len(chosen)))
    assert list(survivors(chosen, shipped.looked)) == []


def test_a_fault_that_no_file_looks_at_would_survive() -> None:
    """The proof works the other way too: without the files, nothing is noticed; and what was planted is gone after."""
    mutant = mutants(MACHINES["record"])[0]
    assert list(survivors([mutant], {})) == [str(mutant)]
    before = list(MACHINES["record"].table)
    with planted(mutant):
        assert list(MACHINES["record"].table) != before
    assert list(MACHINES["record"].table) == before


def test_what_cannot_be_noticed_is_little() -> None:
    """Of the rest, most are guards on clearance: whoever lacks it does not get as far as the machine."""
    every = [one for machine in MACHINES.values() for one in list_all(machine)]
    told = [one for machine in MACHINES.values() for one in mutants(machine)]
    assert len(told) > 0.85 * len(every)
