"""What a finished run has left, in the form that is asked for."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulation.forecast.tables import WRITTEN

SUMMARY, REPORT = "summary", "report.html"
NAME = re.compile(r"[a-z_]{1,40}|report\.html")
"""What a table may be called: those of a forecast, or of the answer to a question."""
NAMES = (*WRITTEN, SUMMARY, REPORT)
JSON, CSV, HTML = "application/json", "text/csv", "text/html"


def rows(out: Path, table: str) -> list[dict[str, Any]]:
    """A table row by row, with numbers as numbers and days as dates."""
    import polars as pl  # noqa: PLC0415  # heavy: only who asks for rows pays

    return pl.read_parquet(out / f"{table}.parquet").to_dicts()


def summary(out: Path) -> Mapping[str, Any]:
    """What `summary.json` says."""
    told: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return told
