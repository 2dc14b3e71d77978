"""Load a rollout scenario with the changes that its file says, and those of a list beside it: checked, with places."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import create_model

from simulation.inputs.csv_file import GERMAN_DAY, Row, read_valid_rows
from simulation.inputs.faults import Fault, Place, UnusableInput
from simulation.inputs.valid_parts import NotValid
from simulation.inputs.yaml_file import Node
from simulation.levers.apply import change_scenario, find_faulty_changes
from simulation.levers.change import Operator
from simulation.loading.load import read_scenario
from simulation.scenario.figures import Strict
from simulation.scenario.programme import Scenario
from workflow.text import Text

ONE_CHANGE = Text("ein Hebel, und eines von `by`, `factor` und `to`", "a lever, and one of by, factor and to")
COLUMNS = ("lever", "from", "until", "by", "factor", "to")
ChangeRow = create_model("ChangeRow", __base__=Strict, **dict.fromkeys(COLUMNS, (str | None, None)))  # type: ignore[call-overload]
OPERATORS: dict[str, Operator] = {"by": "+=", "factor": "*=", "to": "="}


def load(path: str | Path) -> Scenario:
    """Load a scenario; raises `UnusableInput` with every fault found."""
    return load_with_warnings(path)[0]


def load_with_warnings(
    path: str | Path, text: str | None = None, within: Path | None = None
) -> tuple[Scenario, list[Fault]]:
    """Load a scenario with warnings of what is allowed but seldom intended; raises `UnusableInput`.

    Warnings concern lists that deviate from the plan's totals, and new values that kept the basis of old ones. `text`
    stands for the content of the file at `path`, for one that was handed in; `within` is the only folder from which
    other files are then read.
    """
    read = read_scenario(path, text, within)
    nodes = read.root.value["changes"].value if read.changes else []
    lines, places = [], []
    for entry, node in zip(read.changes, nodes, strict=True):
        with suppress(NotValid):
            line, keys = entry.write()
            lines.append(line)
            places.append(_place(node, keys))
    faults = [*read.faults, *read.faulty_changes]
    if read.faults:
        raise read.refuse(Path(path), [*faults, *find_faulty_changes(read.scenario, lines, places)])
    try:
        scenario = change_scenario(read.scenario, lines, places)
    except UnusableInput as unusable:
        faults += unusable.faults
    if faults:
        raise read.refuse(Path(path), faults)
    return scenario, read.warnings


def _place(node: Node, keys: dict[str, str]) -> dict[str, Place]:
    return {part: node.value[key].place for part, key in keys.items() if key in node.value}


def add_changes(scenario: Scenario, path: Path) -> Scenario:
    """The scenario with the changes of a CSV list, with the columns `COLUMNS`; raises `UnusableInput`. Semicolons
    between the cells say that a German spreadsheet wrote it, with its numbers and days.
    """
    rows, faults = read_valid_rows(path, str(path), ChangeRow)
    lines, places = [], []
    for written, at in rows:
        try:
            line, given = _write(_read_german(written) if at.mark == ";" else written, at)
        except UnusableInput as unusable:
            faults += unusable.faults
        except NotValid:
            continue
        else:
            lines.append(line)
            columns = {"lever": "lever", "amount": given, "start": "from", "until": "until"}
            places.append({part: at.place(column) for part, column in columns.items()})
    try:
        changed = change_scenario(scenario, lines, places)
    except UnusableInput as unusable:
        faults += unusable.faults
    if faults:
        raise UnusableInput(faults)
    return changed


def _write(row: Any, at: Row) -> tuple[str, str]:
    """A row as one change, and the column of its amount; raises `UnusableInput`."""
    given = [name for name in OPERATORS if getattr(row, name)]
    if not row.lever or len(given) != 1:
        raise UnusableInput([Fault(at.place("lever"), Text("keine Änderung", "no change"), ONE_CHANGE)])
    start, until = getattr(row, "from") or "", row.until or ""
    days = f"@{start}" if start or until else ""
    amount, operator = getattr(row, given[0]), OPERATORS[given[0]]
    if operator == "+=" and amount.startswith(("-", "+")):
        operator, amount = ("-=" if amount[0] == "-" else "+="), amount[1:].strip()
    return f"{row.lever}{operator}{amount}{days}" + (f"..{until}" if until else ""), given[0]


def _read_german(row: Any) -> Any:
    """Days such as 01.03.2022 as the other forms have them."""
    cells = {name: getattr(row, name) for name in COLUMNS}
    for name, text in cells.items():
        if name != "lever" and text and (day := GERMAN_DAY.fullmatch(text)):
            cells[name] = f"{day[3]}-{int(day[2]):02}-{int(day[1]):02}"
    return ChangeRow(**cells)
