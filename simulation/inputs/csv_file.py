"""A CSV list beside a scenario: strict columns, every cell with its place."""

import csv
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from simulation.inputs import foreign_words
from simulation.inputs.faults import Fault, Place, UnusableInput
from simulation.inputs.text_file import read_text
from simulation.inputs.valid_parts import take_valid
from simulation.inputs.validator_words import explain
from simulation.numbers import format_number
from workflow.text import Text, same

MOST_BYTES = 10_000_000
MOST_ROWS = 20_000
MOST_FAULTS = 200
"""After so many faults a list is not read further: something is wrong with all of it."""

HOW_TO_SAVE = Text(
    "als CSV UTF-8 (durch Trennzeichen getrennt) mit Kommas speichern", "save it as CSV UTF-8 (comma separated)"
)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
GERMAN_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
NO_ROWS = Text("keine Zeile unter der Kopfzeile", "no row below the header")
TOO_MANY_ROWS = Text(
    f"mehr als {format_number(MOST_ROWS, 'de')} Zeilen", f"more than {format_number(MOST_ROWS, 'en')} rows"
)
M = TypeVar("M", bound=BaseModel)


class Row:
    """`mark`: what stands between the cells."""

    def __init__(self, file: str, line: int, text: str, columns: list[str], mark: str = ",") -> None:
        self._file, self._line, self._text, self._columns, self.mark = file, line, text, columns, mark

    def place(self, column: str | None = None) -> Place:
        number = self._columns.index(column) if column in self._columns else 0
        return Place(self._file, self._line, _cell_starts(self._text, number, self.mark))


def _cell_starts(text: str, number: int, mark: str) -> int:
    quoted, cell = False, 0
    for at, char in enumerate(text):
        if cell == number:
            return at + 1
        if char == '"':
            quoted = not quoted
        elif char == mark and not quoted:
            cell += 1
    return len(text) + 1


def read_rows(path: Path, name: str, model: type[M]) -> list[tuple[M, Row]]:
    """Read a CSV file into rows of `model`; raises `UnusableInput` with a fault for every bad cell. As a German
    spreadsheet saves it, semicolons may stand between the cells, and days then be as 01.03.2022: the header tells.
    """
    found, faults = read_valid_rows(path, name, model)
    if faults:
        raise UnusableInput(faults)
    return found


def read_valid_rows(path: Path, name: str, model: type[M]) -> tuple[list[tuple[M, Row]], list[Fault]]:
    """As `read_rows`, with what is valid of a bad row, and the faults; raises `UnusableInput` for what is no list."""
    text = read_text(path, name, MOST_BYTES, HOW_TO_SAVE)
    mark = ";" if _has_semicolons(text) else ","
    records = _records(name, text, mark)
    _, first, columns = next(records, (1, "", []))
    if not any(columns):
        wanted = ", ".join(model.model_fields)
        expected = Text(f"die Spalten {wanted}", f"the columns {wanted}")
        raise UnusableInput([Fault(Place(name, 1, 1), Text("keine Kopfzeile", "no header"), expected)])
    _check_header(name, first, columns, mark, model)
    kinds = {column: _types(model.model_fields[column].annotation) for column in columns}
    found, faults = list[tuple[M, Row]](), list[Fault]()
    for line, written, cells in records:
        row = Row(name, line, written, columns, mark)
        if not any(cells):
            continue
        if len(cells) != len(columns):
            faults.append(_count_cells(row, len(cells), len(columns)))
            found.append((take_valid(model, {}), row))
        elif len(found) >= MOST_ROWS:
            raise UnusableInput([*faults, Fault(row.place(), TOO_MANY_ROWS)])
        else:
            _read_row(model, dict(zip(columns, (c.strip() for c in cells), strict=True)), kinds, row, found, faults)
        if len(faults) > MOST_FAULTS:
            raise UnusableInput(faults)
    if not found:
        raise UnusableInput([Fault(Place(name, 1, 1), NO_ROWS, Text("mindestens eine", "at least one"))])
    return found, faults


def _count_cells(row: Row, found: int, wanted: int) -> Fault:
    expected = Text(f"{wanted} wie in der Kopfzeile", f"{wanted} as in the header")
    return Fault(row.place(), Text(f"{found} Zellen", f"{found} cells"), expected)


def _has_semicolons(text: str) -> bool:
    header = re.split("\r\n|\r|\n", text, maxsplit=1)[0]
    return ";" in header and "," not in header


def _records(name: str, text: str, mark: str) -> Iterator[tuple[int, str, list[str]]]:
    """Every record as (number of its first line, that line, cells)."""
    lines = re.split("\r\n|\r|\n", text)
    reader = csv.reader((line + "\n" for line in lines), strict=True, delimiter=mark)
    line = 1
    try:
        for cells in reader:
            yield line, lines[line - 1], cells
            line = reader.line_num + 1
    except csv.Error as error:
        why = foreign_words.translate(str(error), foreign_words.CSV)
        wrong = Text(f"kein CSV: {why.de}", f"not CSV: {why.en}")
        expected = Text('Zellen mit Komma in "Anführungszeichen"', 'cells with a comma in "quotes"')
        raise UnusableInput([Fault(Place(name, line, 1), wrong, expected)]) from error


def _check_header(name: str, first: str, columns: list[str], mark: str, model: type[BaseModel]) -> None:
    start, wanted = Place(name, 1, 1), list(model.model_fields)
    if len(columns) == 1 and "\t" in first:
        wrong = Text("Tabulatoren zwischen den Zellen", "tabs between the cells")
        raise UnusableInput([Fault(start, wrong, HOW_TO_SAVE)])
    header = Row(name, 1, first, columns, mark)
    missing, unknown = [c for c in wanted if c not in columns], [c for c in columns if c not in wanted]
    twice = sorted({c for c in columns if columns.count(c) > 1})
    faults = [Fault(start, Text(f"Spalte `{c}` fehlt", f"column `{c}` is missing")) for c in missing]
    faults += [Fault(header.place(c), Text(f"unbekannte Spalte `{c}`", f"unknown column `{c}`")) for c in unknown]
    faults += [Fault(start, Text(f"Spalte `{c}` steht zweimal", f"column `{c}` stands twice")) for c in twice]
    if faults:
        raise UnusableInput(faults)


def _read_row(
    model: type[M],
    cells: dict[str, str],
    kinds: dict[str, set[Any]],
    row: Row,
    found: list[tuple[M, Row]],
    faults: list[Fault],
) -> None:
    values, before = {}, len(faults)
    for column, cell in cells.items():
        kind = kinds[column]
        try:
            values[column] = _value(cell, kind, german=row.mark == ";")
        except ValueError:
            shown = f"{column} `{cell[:60]}`"
            wrong = Text(f"{shown} ist nicht lesbar", f"{shown} cannot be read")
            faults.append(Fault(row.place(column), wrong, _describe_expected(kind)))
        else:
            if values[column] is None and type(None) not in kind:
                del values[column]
                wrong = Text(f"{column} ist leer", f"{column} is empty")
                faults.append(Fault(row.place(column), wrong, _describe_expected(kind)))
    if len(faults) > before:
        found.append((take_valid(model, values), row))
        return
    try:
        found.append((model.model_validate(values), row))
    except ValidationError as error:
        found.append((take_valid(model, values), row))
        for problem in error.errors(include_url=False):
            where = str(problem["loc"][0]) if problem["loc"] else None
            about, says = f"{where} `{cells[where][:60]}`" if where in cells else "", explain(problem)
            faults.append(Fault(row.place(where), same(about), says) if about else Fault(row.place(where), says))


def _describe_expected(kinds: set[Any]) -> Text:
    if date in kinds:
        return Text("ein Tag wie 2021-08-31", "a date as 2021-08-31")
    return Text("eine ganze Zahl", "a whole number") if int in kinds else Text("ein Text", "a text")


def _types(annotation: Any) -> set[Any]:
    inner = get_args(annotation)
    return {annotation, get_origin(annotation)}.union(*map(_types, inner)) if inner else {annotation}


def _value(cell: str, kinds: set[Any], *, german: bool) -> Any:
    """A cell by the type of its field; an empty cell is None, or an empty list. Raises `ValueError`."""
    if tuple in kinds:
        return tuple(part.strip() for part in cell.split(";") if part.strip())
    if not cell:
        return None
    if date in kinds:
        if german and (day := GERMAN_DAY.fullmatch(cell)):
            return date(int(day[3]), int(day[2]), int(day[1]))
        if not DAY.fullmatch(cell):
            raise ValueError(cell)
        return date.fromisoformat(cell)
    if int in kinds:
        if not INTEGER.fullmatch(cell):
            raise ValueError(cell)
        return int(cell)
    return cell
