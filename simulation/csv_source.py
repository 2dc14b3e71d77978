"""A CSV list beside a scenario: strict columns, every cell with its place."""

import csv
import io
import re
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from simulation.faults import Fault, Place, UnusableInput
from simulation.yaml_source import read_text

MOST_BYTES = 10_000_000
MOST_ROWS = 20_000
M = TypeVar("M", bound=BaseModel)


class Row:
    """The places of a row's cells."""

    def __init__(self, file: str, line: int, text: str, columns: list[str]) -> None:
        self._file, self._line, self._text, self._columns = file, line, text, columns

    def place(self, column: str | None = None) -> Place:
        """Place of a cell, or of the row."""
        number = self._columns.index(column) if column in self._columns else 0
        return Place(self._file, self._line, _cell_starts(self._text, number))


def _cell_starts(text: str, number: int) -> int:
    """Character column (from 1) at which a cell of a line begins."""
    quoted, cell = False, 0
    for at, char in enumerate(text):
        if cell == number:
            return at + 1
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            cell += 1
    return len(text) + 1


def read_rows(path: Path, name: str, model: type[M]) -> list[tuple[M, Row]]:
    """Read a CSV file into rows of `model`; raises `UnusableInput` with a fault for every bad cell."""
    text = read_text(path, name, MOST_BYTES)
    lines = text.splitlines()
    if not lines:
        raise UnusableInput([Fault(Place(name, 1, 1), "an empty file", "a header row")])
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns, faults, found = next(reader), list[Fault](), list[tuple[M, Row]]()
    _check_header(name, lines[0], columns, model)
    previous = 1
    try:
        for cells in reader:
            line, previous = previous + 1, reader.line_num
            if not any(cells):
                continue
            row = Row(name, line, lines[line - 1], columns)
            if len(cells) != len(columns):
                faults.append(Fault(row.place(), f"{len(cells)} cells", f"{len(columns)} as in the header"))
            elif len(found) >= MOST_ROWS:
                raise UnusableInput([Fault(row.place(), f"more than {MOST_ROWS:,} rows")])
            else:
                _read_row(model, dict(zip(columns, cells, strict=True)), row, found, faults)
    except csv.Error as error:
        faults.append(Fault(Place(name, reader.line_num, 1), f"not CSV: {error}"))
    if faults:
        raise UnusableInput(faults)
    return found


def _check_header(name: str, first: str, columns: list[str], model: type[BaseModel]) -> None:
    start, wanted = Place(name, 1, 1), list(model.model_fields)
    if len(columns) == 1 and ";" in first:
        raise UnusableInput([Fault(start, "semicolons between the cells", "save as CSV (comma separated, UTF-8)")])
    header = Row(name, 1, first, columns)
    missing = [c for c in wanted if c not in columns]
    faults = [Fault(start, f"column `{c}` is missing", "the header of the shipped list") for c in missing]
    faults += [Fault(header.place(c), f"unknown column `{c}`") for c in columns if c not in wanted]
    faults += [Fault(start, f"column `{c}` stands twice") for c in sorted({c for c in columns if columns.count(c) > 1})]
    if faults:
        raise UnusableInput(faults)


def _read_row(model: type[M], cells: dict[str, str], row: Row, found: list[tuple[M, Row]], faults: list[Fault]) -> None:
    values = {}
    for column, cell in cells.items():
        try:
            values[column] = _value(cell.strip(), model.model_fields[column].annotation)
        except ValueError:
            faults.append(Fault(row.place(column), f"{column} `{cell[:60]}` cannot be read", _kind(model, column)))
            return
    try:
        found.append((model.model_validate(values), row))
    except ValidationError as error:
        for problem in error.errors():
            where = str(problem["loc"][0]) if problem["loc"] else None
            about = f"{where} `{cells[where][:60]}`: " if where in cells else ""
            faults.append(Fault(row.place(where), f"{about}{problem['msg'].removeprefix('Value error, ')}"))


def _kind(model: type[BaseModel], column: str) -> str:
    kinds = _types(model.model_fields[column].annotation)
    return "a date YYYY-MM-DD" if date in kinds else "a whole number" if int in kinds else "text"


def _types(annotation: Any) -> set[Any]:
    """The plain types in an annotation."""
    inner = get_args(annotation)
    return {annotation, get_origin(annotation)}.union(*map(_types, inner)) if inner else {annotation}


def _value(cell: str, annotation: Any) -> Any:
    """A cell by the type of its field; an empty cell is None, or an empty list."""
    kinds = _types(annotation)
    if tuple in kinds:
        return tuple(part.strip() for part in cell.split(";") if part.strip())
    if not cell:
        return None
    if date in kinds:
        return date.fromisoformat(cell)
    if int in kinds:
        if not re.fullmatch(r"[-+]?[0-9]{1,18}", cell):
            raise ValueError(cell)
        return int(cell)
    return cell
