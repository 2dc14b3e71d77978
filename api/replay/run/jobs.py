"""Replay many files: found in folders, shared out to processes, each with its verdicts and what it has exercised."""

import multiprocessing
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from api.replay.coverage.coverage import Coverage
from api.replay.file.check import check_file
from api.replay.file.format import Case
from api.replay.file.load import read_kind
from api.replay.run.driver import Driver, ReplayError, ServerGone
from api.replay.run.in_process import InProcess
from api.replay.run.runner import run
from api.replay.run.verdict import Verdict
from scanning.catalogue import MACHINES
from simulation.inputs.faults import Fault, Place, UnusableInput
from workflow.engine.machine import observed
from workflow.text import Text

FEW = 24
"""Files up to which starting processes costs more than it saves."""


@dataclass(frozen=True)
class Job:
    path: Path
    url: str | None = None
    token: str | None = None
    database: str | None = None
    go_on: bool = False
    sandbox: str | None = None
    """One that is there already, for a single case."""
    number: int = 1
    """Of the file in the run, for `{}` in the URL of the database."""
    language: str = "de"
    """In which a server tells what keeps the replay itself from going on."""


@dataclass(frozen=True)
class FileResult:
    path: Path
    verdicts: tuple[Verdict, ...] = ()
    faults: tuple[Fault, ...] = ()
    remarks: tuple[Fault, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return not self.faults and all(verdict.passed for verdict in self.verdicts)


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The replay files that are named, and those in folders that are named; fragments are left out there.

    Raises `UnusableInput` where there is nothing.
    """
    found: dict[Path, None] = {}
    faults: list[Fault] = []
    for path in paths:
        inside = [file for file in sorted(path.rglob("*.y*ml")) if _is_replay(file)] if path.is_dir() else [path]
        if not inside:
            place = Place(str(path), 1, 1)
            wrong = Text("keine Replay-Dateien in diesem Ordner", "no replay files in this folder")
            faults.append(Fault(place, wrong, Text("Dateien mit `kind: replay`", "files with `kind: replay`")))
        found.update(dict.fromkeys(inside))
    if faults:
        raise UnusableInput(faults)
    return list(found)


def _is_replay(path: Path) -> bool:
    """A file that cannot be read counts too, so that its faults are reported."""
    try:
        return read_kind(path) in {"replay", None}
    except UnusableInput:
        return True


def replay(job: Job) -> FileResult:
    """Replay one file; faults of the file are part of the answer. `ServerGone` where no server answers."""
    began = time.perf_counter()
    coverage = Coverage()
    try:
        cases, remarks = check_file(job.path)
    except UnusableInput as unusable:
        return FileResult(job.path, faults=tuple(unusable.faults))
    if job.sandbox is not None and len(cases) > 1:
        wrong = Text(f"{len(cases)} Fälle, und ein Sandkasten", f"{len(cases)} cases, and one sandbox")
        expected = Text("eine Datei mit einem Fall", "a file with one case")
        return FileResult(job.path, faults=(Fault(Place(str(job.path), 1, 1), wrong, expected),))
    watching = nullcontext() if job.url else observed(MACHINES.values(), coverage)
    try:
        with watching:
            verdicts = tuple(
                run(case, lambda case: make_driver(case, job, number, coverage), go_on=job.go_on)  # noqa: B023 - run at once
                for number, case in enumerate(cases, 1)
            )
    except ServerGone:
        raise
    except UnusableInput as unusable:
        return FileResult(job.path, faults=tuple(unusable.faults))
    except ReplayError as broken:
        return FileResult(job.path, faults=(Fault(Place(str(job.path), 1, 1), broken.text),))
    coverage.taken_rows.clear()
    return FileResult(job.path, verdicts, (), tuple(remarks), coverage, time.perf_counter() - began)


def make_driver(case: Case, job: Job, number: int, coverage: Coverage) -> Driver:
    """The driver of a case, the `number`th of its file: a server, or an engine in this process."""
    if job.url is not None:
        from api.replay.run.over_http import OverHttp  # noqa: PLC0415 - only here is a client needed

        start, title = case.replay.start, case.title
        return OverHttp(job.url, job.token or "", start, title, sandbox=job.sandbox, language=job.language)
    own = str(job.number) if number == 1 else f"{job.number}-{number}"
    url = (job.database or "sqlite://").replace("{}", own)
    return InProcess(case.replay.start, seed=f"{case.file} {case.title}", url=url, taken=coverage.taken_rows)


def replay_all(jobs: list[Job], workers: int) -> Iterator[FileResult]:
    if workers == 1 or len(jobs) <= FEW:
        yield from map(replay, jobs)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        yield from pool.map(replay, jobs, chunksize=max(1, min(8, len(jobs) // (4 * workers))))
