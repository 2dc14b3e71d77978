"""Write an answer into a folder: each table as CSV, Parquet and XLSX, a summary as JSON, and a page."""

from pathlib import Path
from typing import Any

import polars as pl

from simulation.answers.page import render_page
from simulation.forecast.tables import Table
from simulation.questions.answer import Answer
from simulation.report.files import replace_files, write_json, write_table
from simulation.scenario.programme import Scenario

FORMATS = {pl.Float64: "#,##0.00##", pl.Int64: "#,##0", pl.Date: "yyyy-mm-dd"}
"""Number formats of a sheet; a spreadsheet shows them with the marks of its own language."""

HEADING, HEADING_HEIGHT = {"text_wrap": True, "valign": "top"}, 120
TEXT_WIDTH, NUMBER_WIDTH = 220, 160
"""In pixels: headings say what a column means, on several lines."""


def write_answer(answer: Answer, scenario: Scenario, folder: Path, language: str = "de") -> Path:
    """Write all files of an answer about `scenario`, replacing an earlier one; other files stay. Returns the page.

    Raises `OSError` where the place cannot be written; then nothing has changed.
    """
    with replace_files(folder) as new:
        for table in answer.tables:
            write_table(answer[table.name], new / table.name)
            write_workbook(answer[table.name], table, new / f"{table.name}.xlsx", language)
        write_json(answer.summary, new / f"{answer.name}.json")
        (new / f"{answer.name}.html").write_text(render_page(answer, scenario, language), encoding="utf-8")
    return folder / f"{answer.name}.html"


def write_workbook(frame: pl.DataFrame, table: Table, path: Path, language: str) -> None:
    """A workbook of two sheets: the table with real numbers and dates under headings in the reader's language, and what
    its columns are called in the other files and mean.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415  # takes a while to load

    names = ("Tabelle", "Spalten") if language == "de" else ("table", "columns")
    with Workbook(str(path)) as book:
        options: dict[str, Any] = {"workbook": book, "dtype_formats": FORMATS, "freeze_panes": (1, 0)}
        shown = [column for column in table.columns if column.name in frame.columns]  # earlier releases had fewer
        headings = {column.name: column.meaning.get(language).replace("`", "") for column in shown}
        frame.rename(headings).write_excel(
            worksheet=names[0], table_name=table.name, header_format=HEADING, row_heights={0: HEADING_HEIGHT},
            column_widths={
                headings[column.name]: TEXT_WIDTH if column.kind == "text" else NUMBER_WIDTH for column in shown
            },
            **options,
        )  # fmt: skip
        meanings = pl.DataFrame(
            [
                {
                    names[1]: column.name, "Bedeutung": column.meaning.de, "meaning": column.meaning.en,
                    "Einheit": column.unit.de if column.unit else "", "unit": column.unit.en if column.unit else "",
                }
                for column in table.columns
            ]
        )  # fmt: skip
        meanings.write_excel(worksheet=names[1], autofit=True, **options)
