"""How many seats one server carries: `eva drive` against `eva serve` on SQLite and PostgreSQL, both on this machine.

Writes `docs/reference/sizing.md`. A seat asks for as much as one of the model ministry's staff does in the busiest hour
of the day. Each store is driven twice: as fast as the server answers, which says how many seats that would be, and at
the pace of all seats of the plan, which says how long they wait for an answer.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from api.application.catalogue import ALL
from api.server.auth.authenticator import issue
from benchmarks.casework import MINISTRY
from benchmarks.commands import open_postgresql, open_sqlite
from benchmarks.http import await_server, find_free_port
from simulation.casework.casework import adapt
from simulation.casework.people.presence import count_day
from simulation.casework.simulate import simulate
from simulation.casework.workplace import Run
from simulation.levers.load import load
from simulation.loading.load_casework import load_casework
from workflow.engine.access import Protection, Role
from workflow.engine.engine import Engine
from workflow.engine.fields import BERLIN
from workflow.organisation.working_days import count_working

PAGE = Path("docs/reference/sizing.md")
PLAN = MINISTRY.parent / "plan-2021.yaml"
EVA = (sys.executable, "-m", "api.cli.main")
AUTHORITY = "mwide"
DAYS = 5
CLIENTS = 16
OBSERVED_DAYS = 61
LEAST_RATE = 0.01
"""Requests a second below which nothing could be paced."""


class Load(NamedTuple):
    """Commands of one seat in a second of the busiest hour, and which hour that is."""

    per_second: float
    hour: int


class Driven(NamedTuple):
    """`all`: count, p50, p95, p99 and max in milliseconds, of work alone; `late`: how late requests began, p95."""

    per_second: float
    all: dict[str, float]
    late: float
    busy: int


def observe_load() -> Load:
    """Of the model ministry in its first two months."""
    scenario = adapt(load_casework(MINISTRY)[0], days=OBSERVED_DAYS).scenario
    outcome = simulate(scenario, 1, Run(1))
    hour, commands = max(outcome.by_hour.items(), key=lambda item: item[1])
    return Load(commands / outcome.working_days / scenario.staff.total.value / 3600, hour)


def count_seats() -> int:
    """All that the plan ends with."""
    return round(max(row.e_laufmappe.value for row in load(PLAN).spec.plan))


@contextmanager
def serve(url: str) -> Iterator[tuple[str, str]]:
    """The server as it is operated, and the bearer of an admin of the authority."""
    engine = Engine(url, catalogue=ALL)
    bearer = issue(engine, "treiber", (Role.ADMIN,), AUTHORITY, Protection.VERY_HIGH, 30).bearer
    engine.close()
    port = find_free_port()
    more = {"EVA_DATABASE_URL": url, "EVA_PORT": str(port), "EVA_RATE": "1e6", "EVA_BURST": "1e7"}
    with subprocess.Popen([*EVA, "serve"], env={**os.environ, **more}, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            await_server(port, "/health/ready")
            yield f"http://127.0.0.1:{port}", bearer
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def drive(url: str, bearer: str, speed: float, seed: int) -> Driven:
    """The staff of the ministry for some days; each run has people of its own authority, so that ids differ."""
    command = [*EVA, "drive", "--url", url, "--token", bearer, "--scenario", str(MINISTRY), "--days", str(DAYS),
               "--speed", str(speed), "--clients", str(CLIENTS), "--seed", str(seed), "--quiet", "--json"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip() or done.stdout[-2000:])
    told = json.loads(done.stdout)
    every = next(row for row in told["actions"] if row["action"] == "all")
    return Driven(told["per_second"], every, told["late"].get("p95", 0.0), told["busy"])


def find_speed(fast: Driven, wanted: float) -> float:
    """At which as many requests come in a second as wanted."""
    today = datetime.now(BERLIN).date()
    days = count_working(today, today + timedelta(DAYS - 1))
    hours = load_casework(MINISTRY)[0].scenario.staff.hours
    return wanted * count_day(hours) * days / max(fast.all["count"], LEAST_RATE)


def measure(name: str, store: AbstractContextManager[tuple[str, str]], seat: Load, seats: int) -> dict[str, Any]:
    with store as (url, _), serve(url) as (address, bearer):
        fast = drive(address, bearer, 0, 1)
        paced = drive(address, bearer, find_speed(fast, seats * seat.per_second), 2)
    return {"store": name, "fast": fast, "carried": fast.per_second / seat.per_second, "paced": paced}


def describe_machine() -> str:
    names = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
             if line.startswith("model name")]  # fmt: skip
    return f"{len(os.sched_getaffinity(0))} cores ({names[0] if names else 'processor not named'})"


def write_page(rows: list[dict[str, Any]], load: Load, seats: int) -> str:
    lines = [
        "# How many seats one server carries", "",
        "Written by `make sizing`; do not edit. `eva drive` lets the staff of the",
        "[model ministry](casework.md#what-eva-drive-does) work against one `eva serve`; driver and server share",
        f"{describe_machine()}, so a server alone carries more. A seat sends {3600 * load.per_second:.2f} commands in",
        f"the busiest hour of a working day (from {load.hour} h, the ministry's first {OBSERVED_DAYS} days). Reading",
        "is not driven.", "",
        "| store | requests a second, at full speed | p50 / p95 / p99 (ms) | seats that is in the busiest hour |",
        "|---|---|---|---|",
        *(f"| {row['store']} | {row['fast'].per_second:,.0f} | {_times(row['fast'])} | {row['carried']:,.0f} |"
          for row in rows), "",
        f"At the pace of all {seats:,} seats of the plan in the busiest hour, {seats * load.per_second:.1f} commands a",
        "second on average; more at once when the office opens, where requests wait for the driver too:", "",
        "| store | requests a second | p50 / p95 / p99 (ms) | 95 % begin at most so late (ms) | too busy |",
        "|---|---|---|---|---|",
        *(f"| {row['store']} | {row['paced'].per_second:,.1f} | {_times(row['paced'])} | {row['paced'].late:,.0f} |"
          f" {row['paced'].busy} |" for row in rows), "",
    ]  # fmt: skip
    return "\n".join(lines)


def _times(driven: Driven) -> str:
    return " / ".join(f"{driven.all[share]:,.0f}" for share in ("p50", "p95", "p99"))


def main() -> None:
    Path("out").mkdir(exist_ok=True)
    began = time.monotonic()
    load_, seats = observe_load(), count_seats()
    rows = []
    for name, store in (("SQLite", open_sqlite), ("PostgreSQL", open_postgresql)):
        print(f"{name} ... ({time.monotonic() - began:.0f} s)", file=sys.stderr)
        rows.append(measure(name, store(), load_, seats))
    PAGE.write_text(write_page(rows, load_, seats), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
