"""Engine commands of simulated staff against tasks of Prosimos, on an equal process, one after the other in one run."""

import csv
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from benchmarks.peer.process import DAY_SECONDS, DAYS, PER_DAY, START, TASKS, write_casework, write_prosimos
from simulation.casework.people.presence import Presence, list_presence
from simulation.casework.simulate import Outcome, simulate
from simulation.casework.workplace import Run
from simulation.loading.load_casework import load_casework
from simulation.scenario.casework import CaseworkScenario

RELEASE = "prosimos==2.1.0"
ENVIRONMENT = Path("out/prosimos")
CASES = DAYS * PER_DAY
ROUNDS = 3
MOST_ERRORS = 3.0
"""Standard errors that the means of both may lie apart."""
Values = list[float]


def casework_vs_peer() -> dict[str, Any]:
    """The ratio, and whether both simulate the same; without Prosimos it says so, with 0."""
    found = {"name": "casework_vs_peer", "unit": "x", "target": 1}
    python = _find_prosimos()
    if isinstance(python, str):
        return {**found, "value": 0.0, "detail": f"not measured: {RELEASE} cannot be had here ({python})"}
    with tempfile.TemporaryDirectory(dir="out", prefix="bench-") as name:
        folder = Path(name).resolve()
        write_casework(folder / "peer.yaml")
        write_prosimos(folder / "peer.bpmn", folder / "peer.json")
        scenario = load_casework(folder / "peer.yaml")[0].scenario
        turns = [(_run_ours(scenario, number), _run_theirs(python, folder)) for number in range(1, ROUNDS + 1)]
        ours, theirs = turns[-1][0][1], _read_days(folder / "log.csv", scenario)
    rates = sorted((rate, peer) for (rate, _), peer in turns)
    ratios = sorted(rate / peer for (rate, _), peer in turns)
    own, peer = rates[len(rates) // 2]
    detail = (
        f"{own:,.0f} commands/s against {peer:,.0f} tasks/s, {len(TASKS)} tasks a case, {ROUNDS} turns "
        f"{ratios[0]:.2f} to {ratios[-1]:.2f}; days of a case {_tell(ours)} and {_tell(theirs)}"
    )
    if not _agree(ours, theirs):
        detail += ": NOT THE SAME PROCESS"
    return {**found, "value": ratios[len(ratios) // 2], "detail": detail}


def _find_prosimos() -> Path | str:
    """The Python of an environment of its own, which is made once; or why there is none."""
    python = (ENVIRONMENT / "bin" / "python").absolute()
    steps = ((sys.executable, "-m", "venv", str(ENVIRONMENT)), (str(python), "-m", "pip", "install", "-q", RELEASE))
    if python.exists() and _start(str(python), "-c", "import prosimos").returncode == 0:
        return python
    for step in steps:
        done = _start(*step)
        if done.returncode != 0:
            return (done.stderr.strip().splitlines() or ["nothing is said"])[-1][:200]
    return python


def _start(*command: str, at: Path | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=at, capture_output=True, text=True, check=False)  # noqa: S603 - our own


def _run_ours(scenario: CaseworkScenario, number: int) -> tuple[float, Values]:
    """Commands a second of one core, and the working days of each case, in the order of their ends."""
    began = time.process_time()
    outcome: Outcome = simulate(scenario, number, Run(1))
    seconds = time.process_time() - began
    return outcome.commands / seconds, outcome.trace.case_days["case"]


def _run_theirs(python: Path, folder: Path) -> float:
    """Tasks a second of one core."""
    script, start = Path(__file__).with_name("run_prosimos.py"), f"{START} 08:00:00.000000+01:00"
    files = [str(folder / name) for name in ("peer.bpmn", "peer.json", "log.csv")]
    done = _start(str(python), str(script), *files[:2], str(CASES), start, files[2], at=folder)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    return CASES * len(TASKS) / float(json.loads(done.stdout.strip().splitlines()[-1])["seconds"])


def _read_days(log: Path, scenario: CaseworkScenario) -> Values:
    """Working days from the arrival of a case to its end, in the order of their ends."""
    start = date.fromisoformat(START)
    presence: Presence = list_presence(scenario.staff.hours, start, start + timedelta(400))
    times: dict[str, list[float]] = defaultdict(list)
    with log.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            times[row["case_id"]] += [
                datetime.fromisoformat(row[name]).timestamp() for name in ("enable_time", "end_time")
            ]
    ends = sorted((max(found), min(found)) for found in times.values())
    return [presence.count(began, ended) / DAY_SECONDS for ended, began in ends]


def _summarise(days: Values) -> tuple[float, float]:
    """Mean and its standard error by the means of ten parts: cases one after another wait for each other."""
    size = len(days) // 10
    parts = [fmean(days[n * size : (n + 1) * size]) for n in range(10)]
    return fmean(days), stdev(parts) / 10**0.5


def _tell(days: Values) -> str:
    mean, error = _summarise(days)
    return f"{mean:.3f} ± {error:.3f}"


def _agree(ours: Values, theirs: Values) -> bool:
    (one, first), (other, second) = _summarise(ours), _summarise(theirs)
    return abs(one - other) <= MOST_ERRORS * (first**2 + second**2) ** 0.5
