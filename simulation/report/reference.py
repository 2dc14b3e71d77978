"""The reference page of the tables and charts, written from their declarations: `make pages` writes it anew."""

import sys
from collections.abc import Iterator
from pathlib import Path

from simulation.charts.charts import CHARTS
from simulation.forecast.tables import TABLES, Column, Table

INTRODUCTION = """# Tables and charts of a forecast

Written from `simulation/forecast/tables.py` and `simulation/charts/charts.py`; do not edit, `make pages` does.

`eva forecast --out DIR` writes every table as `DIR/NAME.csv` (header row, ISO dates, `.` as decimal mark, no thousands
marks) and as `DIR/NAME.parquet`; `GET /runs/{id}/NAME` answers it as JSON or CSV. An empty date lies beyond
all that is followed (ten years after the horizon), an empty number could not be measured.
Shares, `items_out` and `pages_out` are rounded to 4 digits,
other numbers to 1."""


def render_reference() -> str:
    return "\n".join(
        [INTRODUCTION, *(line for table in TABLES for line in _describe_table(table)), *_list_charts(), ""]
    )


def _describe_table(table: Table) -> Iterator[str]:
    yield f"\n## `{table.name}`\n"
    shown = "" if table.written else " In the report only."
    yield f"{table.title.en}. *{table.title.de}.*{shown}\n"
    yield "| column | type | unit | meaning | Bedeutung |"
    yield "|---|---|---|---|---|"
    yield from map(_describe_column, table.columns)


def _describe_column(column: Column) -> str:
    unit = f"{column.unit.en} ({column.unit.de})" if column.unit else ""
    return f"| `{column.name}` | {column.kind} | {unit} | {column.meaning.en} | {column.meaning.de} |"


def _list_charts() -> Iterator[str]:
    yield "\n## Charts\n"
    yield "`charts/NAME.svg`, and in the report.\n"
    yield "| chart | table | kind | title | Titel |"
    yield "|---|---|---|---|---|"
    for chart in CHARTS:
        yield f"| `{chart.name}` | `{chart.table}` | {chart.kind} | {chart.title.en} | {chart.title.de} |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render_reference(), encoding="utf-8")
