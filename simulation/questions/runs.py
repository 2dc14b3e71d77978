"""Runs of many scenarios with the same random numbers, as small as the questions need them.

What is kept of a run lies in the run store beside the runs of forecasts: what was computed once is not computed again,
and a search that was interrupted goes on with what it has.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.forecast.forecast import list_planned_months
from simulation.forecast.found_draws import FoundDraws, find_draws
from simulation.forecast.measures import Course, build_courses, count_users_from_go_live, find_days_met
from simulation.forecast.replication import ScanRun, Wanted, get_month_end_days, replicate
from simulation.forecast.run_store import RunStore, make_key
from simulation.forecast.simulated_rollout import SimulatedRollout, simulate_rollout
from simulation.scenario.model import Measure
from simulation.scenario.programme import Scenario
from simulation.workers import Workers

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]
"""Called with (runs done, runs wanted so far)."""
BLOCK = 10
"""Runs of one scenario that a worker does in a row."""


@dataclass(frozen=True)
class KeyRun:
    """What the questions need of the rollout of one run.

    `users`: (2, years), from go-live, at the planned year ends that are not known yet; `live`: (years,) authorities;
    `met`: (deadlines,) the day on which each is met; `delay`: (1,) mean days by which authorities go live later than
    their list says, what never comes counted to the end of the calendar.
    """

    users: Floats
    live: Floats
    met: Floats
    delay: Floats


class Setting(NamedTuple):
    """How runs are made, the same for all scenarios of a question. `kept`: the folder of kept runs."""

    seed: int
    mode: str = "risk"
    kept: Path | None = None


class Block(NamedTuple):
    """Runs of a scenario that a worker does in a row. `scans`: every item in the scan centres, and nothing else."""

    digest: str
    numbers: tuple[int, ...]
    scans: bool = False


Asked = dict[str, tuple[Scenario, FoundDraws | None]]
"""By digest the scenarios of blocks, with the draws that agree with what is known."""


class Done(NamedTuple):
    """The runs of a block by number."""

    digest: str
    key_runs: dict[int, KeyRun]
    scan_runs: dict[int, ScanRun]


@dataclass
class Runs:
    """The runs of a question by digest of their scenario and number."""

    workers: Workers
    setting: Setting
    on_progress: Progress | None = None
    computed: int = 0
    """Runs that were not kept from before."""
    wanted: int = 0
    _key: dict[str, dict[int, KeyRun]] = field(default_factory=dict)
    _scan: dict[str, dict[int, ScanRun]] = field(default_factory=dict)

    def get(self, scenarios: Sequence[Scenario], numbers: range) -> list[list[KeyRun]]:
        """The rollouts of the runs with these numbers, of each scenario."""
        self._compute(scenarios, numbers, scans=False)
        return [[self._key[s.digest][n] for n in numbers] for s in scenarios]

    def get_scans(self, scenarios: Sequence[Scenario], numbers: range) -> list[list[ScanRun]]:
        """The scan centres of the runs with these numbers, of each scenario."""
        self._compute(scenarios, numbers, scans=True)
        return [[self._scan[s.digest][n] for n in numbers] for s in scenarios]

    def _compute(self, scenarios: Sequence[Scenario], numbers: range, *, scans: bool) -> None:
        blocks = [block for s in scenarios for block in self._list_missing(s, numbers, scans=scans)]
        asked = {block.digest for block in blocks}
        found: Asked = {s.digest: (s, self._find_draws(s, numbers)) for s in scenarios if s.digest in asked}
        count = sum(len(block.numbers) for block in blocks)
        self.wanted += count
        new: dict[str, Done] = {}
        try:
            for done in self.workers(partial(_run_block, found, self.setting), blocks):
                into = new.setdefault(done.digest, Done(done.digest, {}, {}))
                into.key_runs.update(done.key_runs)
                into.scan_runs.update(done.scan_runs)
                self.computed += len(done.key_runs) + len(done.scan_runs)
                if self.on_progress:
                    self.on_progress(self.computed, self.wanted)
        finally:  # what was computed before an interrupt is not computed again either
            for digest, done in new.items():
                self._key.setdefault(digest, {}).update(done.key_runs)
                self._scan.setdefault(digest, {}).update(done.scan_runs)
                if self.setting.kept:
                    self._get_store(digest, KeyRun).keep(done.key_runs)
                    self._get_store(digest, ScanRun).keep(done.scan_runs)

    def _list_missing(self, scenario: Scenario, numbers: range, *, scans: bool) -> list[Block]:
        held = (self._scan if scans else self._key).setdefault(scenario.digest, {})
        kind = ScanRun if scans else KeyRun
        if self.setting.kept and any(n not in held for n in numbers):
            held.update(self._get_store(scenario.digest, kind).load(numbers.stop))
        missing = [n for n in numbers if n not in held]
        if not missing:
            return []
        size = 1 if scans else BLOCK
        return [Block(scenario.digest, tuple(missing[n : n + size]), scans) for n in range(0, len(missing), size)]

    def _find_draws(self, scenario: Scenario, numbers: range) -> FoundDraws | None:
        risky = self.setting.mode == "risk"
        return find_draws(scenario, self.setting.seed, numbers.stop, self.setting.kept) if risky else None

    def _get_store(self, digest: str, kind: type) -> RunStore:  # type: ignore[type-arg]
        assert self.setting.kept is not None  # noqa: S101  # callers ask only where there is one
        return RunStore(self.setting.kept, make_key(digest, self.setting.mode, self.setting.seed), kind)


def _run_block(asked: Asked, setting: Setting, block: Block) -> Done:
    scenario, found = asked[block.digest]
    done = Done(scenario.digest, {}, {})
    for number in block.numbers:
        if not block.scans:
            done.key_runs[number] = simulate_key_run(scenario, setting, number, found)
            continue
        result = replicate(scenario, setting.mode, setting.seed, Wanted(number, rollout=False), found)
        if result.scan:
            done.scan_runs[number] = result.scan
    return done


def simulate_key_run(
    scenario: Scenario,
    setting: Setting,
    number: int,
    found: FoundDraws | None,
    values: Mapping[str, float] | None = None,
) -> KeyRun:
    """`values`: figures by path that are taken in place of those that would be drawn."""
    run = simulate_rollout(scenario, setting.mode, setting.seed, number, found, values)
    return measure_key_run(scenario, run, setting.mode)


def build_run_courses(run: SimulatedRollout, mode: str) -> Mapping[Measure, Course]:
    streams = run.streams if mode == "risk" else None
    return build_courses(run.scenario, run.calendar, run.go_live, streams, run.outcome.portfolio.seats)


def measure_key_run(scenario: Scenario, run: SimulatedRollout, mode: str) -> KeyRun:
    calendar, courses = run.calendar, build_run_courses(run, mode)
    ends = get_month_end_days(calendar)[list_planned_months(scenario)]
    planned = np.array([calendar.get_day(a.go_live) for a in scenario.authorities], dtype=float)
    return KeyRun(
        users=count_users_from_go_live(courses, ends),
        live=courses["authorities_live"].count_on(ends),
        met=find_days_met(scenario.spec, courses),
        delay=np.array([(np.minimum(run.go_live, calendar.days) - planned).mean()]),
    )
