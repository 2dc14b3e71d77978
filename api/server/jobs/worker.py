"""The process that computes one run: reads `job.json` in its folder, leaves `out/`, and says how far it is on the way.

`python -m api.server.jobs.worker FOLDER` with a pipe on stdin. When the pipe closes, its server is gone and it ends
itself.
Exit status: 0 with `out/` complete and durable; 2 with the reason in `fault.json`, in both languages, which another
attempt would not mend; anything else is a crash.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from api.server.jobs.shipped_files import load
from simulation.charts.charts import RUN_PAGE_CHARTS
from simulation.inputs.faults import Unanswerable, UnusableInput
from simulation.inputs.foreign_words import describe_system_error
from simulation.replications import SCAN_REPLICATIONS
from workflow.engine.store.durable_files import sync_path, write_atomically
from workflow.text import Text

UNUSABLE = 2
PRELIMINARY = "preliminary.json"
SECONDS_BETWEEN_CHARTS, TIMES_ITS_COST = 3.0, 20
"""So that what is preliminary takes a twentieth of the time at most."""
NICENESS = 10
"""Whoever waits for a page comes first."""


def main(folder: Path) -> int:
    """Compute the run in `folder`; the exit status."""
    threading.Thread(target=_end_with_server, daemon=True).start()
    if hasattr(os, "nice"):  # POSIX only
        os.nice(NICENESS)
    try:
        compute(folder, json.loads((folder / "job.json").read_text(encoding="utf-8")))
    except UnusableInput as unusable:
        told = ("; ".join(fault.tell(language) for fault in unusable.faults[:5]) for language in Text._fields)
        return _give_up(folder, Text(*told))
    except Unanswerable as wrong:
        return _give_up(folder, wrong.says)
    except MemoryError:
        return _give_up(folder, Text("zu wenig Arbeitsspeicher", "not enough memory"))
    except OSError as wrong:
        says = describe_system_error(wrong)
        return _give_up(folder, Text(f"das Betriebssystem meldet: {says.de}", says.en))
    return 0


def compute(folder: Path, job: dict[str, Any]) -> None:
    """Write all files of a job into `folder/out`, which is there completely or not at all."""
    if job.get("question"):
        _answer(folder, job)
    else:
        _forecast(folder, job)
    for path in (folder / "new").rglob("*"):
        sync_path(path)
    sync_path(folder / "new")
    (folder / "new").rename(folder / "out")
    sync_path(folder)


def _answer(folder: Path, job: dict[str, Any]) -> None:
    from api.server.jobs import questions  # noqa: PLC0415 - as below

    answered, scenario = questions.answer(job, _tell_of_question(folder))
    questions.write(answered, scenario, folder / "new")


def _forecast(folder: Path, job: dict[str, Any]) -> None:
    # Heavy: not before a wrong scenario is told.
    from simulation.forecast.forecast import forecast  # noqa: PLC0415

    scenario, _ = load(job["scenario"], job["text"])
    cache = Path(job["cache"]) if job["cache"] else None
    result = forecast(
        scenario, replications=job["replications"], scan_replications=job["scan_replications"] or SCAN_REPLICATIONS,
        seed=job["seed"], mode=job["mode"], workers=job["processes"], kept=cache,
        on_progress=_teller(folder, job["replications"]), watch=Preliminary(folder, scenario, job["replications"]).add,
    )  # fmt: skip
    (folder / PRELIMINARY).unlink(missing_ok=True)
    _write(result, folder / "new", cache)


def _write(result: Any, new: Path, cache: Path | None) -> None:
    from simulation.report.write import write_forecast  # noqa: PLC0415  # as above

    for language, svgs in write_forecast(result, new, kept=cache).items():
        for chart in RUN_PAGE_CHARTS:
            if chart.name in svgs:
                (new / f"{chart.name}.{language}.svg").write_text(svgs[chart.name], encoding="utf-8")


class Preliminary:
    """Leaves the users in the runs so far, for the chart that fills up: seldom enough to cost little."""

    def __init__(self, folder: Path, scenario: Any, total: int) -> None:
        self._folder, self._scenario, self._total = folder, scenario, total
        self._runs: list[Any] = []
        self._next = 0.0

    def add(self, runs: Sequence[Any]) -> None:
        from simulation.charts.preliminary import LEAST, describe_preliminary  # noqa: PLC0415  # as above

        self._runs += runs
        begun = time.monotonic()
        if not LEAST <= len(self._runs) < self._total or begun < self._next:
            return
        told = json.dumps(describe_preliminary(self._scenario, self._runs))
        write_atomically(self._folder / PRELIMINARY, told, durable=False)
        took = time.monotonic() - begun
        self._next = begun + max(SECONDS_BETWEEN_CHARTS, took * TIMES_ITS_COST)


def hash_files(out: Path) -> dict[str, str]:
    """File name -> SHA-256 of every file of a run."""
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(out.iterdir()) if path.is_file()}


def _teller(folder: Path, total: int) -> Callable[[int, int], None]:
    begun = time.monotonic()

    def tell(done: int, items: int) -> None:
        seconds = time.monotonic() - begun
        left = seconds / done * (total - done)
        told = {"done": done, "total": total, "items": items, "seconds": round(seconds, 1), "left": round(left, 1)}
        write_atomically(folder / "progress.json", json.dumps(told), durable=False)

    return tell


def _tell_of_question(folder: Path) -> Callable[[int, int], None]:
    """Of a question nobody knows before how many runs it will take: the number wanted grows."""
    begun = time.monotonic()

    def tell(done: int, wanted: int) -> None:
        seconds = round(time.monotonic() - begun, 1)
        told = {"done": done, "total": wanted, "items": 0, "seconds": seconds, "left": None}
        write_atomically(folder / "progress.json", json.dumps(told), durable=False)

    return tell


def _give_up(folder: Path, reason: Text) -> int:
    write_atomically(folder / "fault.json", json.dumps(reason._asdict()), durable=False)
    return UNUSABLE


def _end_with_server() -> None:
    """Nobody writes to stdin: reading returns when the server has closed it, or died."""
    os.read(0, 1)  # not `sys.stdin`, whose lock Python could not take when this thread outlives the main one
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
