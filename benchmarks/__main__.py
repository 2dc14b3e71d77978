"""Run every benchmark, print a table and write `out/bench.json`; name some to run only those."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.casework import casework_commands_per_second, casework_parallel_efficiency, casework_year_seconds
from benchmarks.clients import http_clients
from benchmarks.commands import (
    commands_vs_bare_postgresql,
    commands_vs_bare_sqlite,
    commit_p99_vs_fsync,
    group_commit_vs_bare_postgresql,
    group_commit_vs_bare_sqlite,
)
from benchmarks.engine_time import engine_us_per_command
from benchmarks.forecast import (
    forecast_default_seconds,
    forecast_items_per_second,
    forecast_parallel_efficiency,
    rollout_replications_per_second,
)
from benchmarks.http import http
from benchmarks.million import million
from benchmarks.pages import NAMES, pages
from benchmarks.peer.compare import casework_vs_peer
from benchmarks.questions import capacity_vs_grid, compare_crn_gain, reach_vs_enumeration
from benchmarks.replay import replay_vs_engine
from benchmarks.scan_line import kernel_vs_ciw, kernel_vs_simpy
from benchmarks.scan_pages import scan_colour_ms_per_page, scan_pages_per_second, scan_thousand_items_cpu_seconds
from benchmarks.stalls import STALLS, stalls

Result = dict[str, Any]
BENCHMARKS: list[Callable[[], Result | list[Result]]] = [
    kernel_vs_simpy,
    kernel_vs_ciw,
    forecast_items_per_second,
    forecast_parallel_efficiency,
    rollout_replications_per_second,
    forecast_default_seconds,
    compare_crn_gain,
    capacity_vs_grid,
    reach_vs_enumeration,
    commands_vs_bare_sqlite,
    commands_vs_bare_postgresql,
    group_commit_vs_bare_sqlite,
    group_commit_vs_bare_postgresql,
    commit_p99_vs_fsync,
    engine_us_per_command,
    million,
    pages,
    scan_pages_per_second,
    scan_colour_ms_per_page,
    scan_thousand_items_cpu_seconds,
    http,
    http_clients,
    stalls,
    replay_vs_engine,
    casework_commands_per_second,
    casework_year_seconds,
    casework_parallel_efficiency,
    casework_vs_peer,
]
SMALLER_IS_BETTER = {
    "casework_year_seconds",
    "forecast_default_seconds",
    "forecast_repeated_seconds",
    "forecast_peak_mb",
    "aggregate_load_ms_at_1m_events",
    "commit_p99_vs_fsync",
    "engine_us_per_command",
    "scan_colour_ms_per_page",
    "scan_thousand_items_cpu_seconds",
    "replay_1000_files_seconds",
    *(f"stall_read_ms: {name}" for name in STALLS),
    *NAMES,
}


def main(wanted: list[str]) -> None:
    out = Path("out")
    out.mkdir(exist_ok=True)  # databases of benchmarks lie there too
    results: list[Result] = []
    for benchmark in BENCHMARKS:
        if not wanted or benchmark.__name__ in wanted:
            print(f"{benchmark.__name__} ...", file=sys.stderr)
            found = benchmark()
            results += found if isinstance(found, list) else [found]
    (out / "bench.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    table = Table("benchmark", "value", "unit", "target", "", "detail")
    for r in results:
        target = r["target"]
        met = target is None or (r["value"] <= target if r["name"] in SMALLER_IS_BETTER else r["value"] >= target)
        value = f"{r['value']:,.2f}" if r["value"] < 100 else f"{r['value']:,.0f}"
        table.add_row(r["name"], value, r["unit"], str(target or ""), "ok" if met else "MISSED", r["detail"])
    Console(width=150).print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
