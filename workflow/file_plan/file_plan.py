"""The file plan (Aktenplan) of an authority, and the counters from which file numbers (Aktenzeichen) are derived.

xdomea `Aktenplaneinheit`: key, subject, retention, disposal, Stillgelegt. A record belongs to one active leaf
(rule 1); its number is the key and a running number, unique in the authority and never used again (rule 2).
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import Field, ValidationError

from workflow.engine.access import Role
from workflow.engine.aggregate import Evolver, replace
from workflow.engine.commands import Built, Command, Emitted, Permission, by_action, rows
from workflow.engine.events import Event, Model
from workflow.engine.fields import Code, Count, Id, Line, Name
from workflow.engine.machine import Machine, Option
from workflow.engine.naming.faults import describe_error
from workflow.errors import Forbidden, InvalidCommand, NotAllowed
from workflow.file_plan.record_class import COLUMNS as CLASS_COLUMNS
from workflow.file_plan.record_class import RecordClass, read_cell, read_class
from workflow.file_plan.retention import Disposal, Retention
from workflow.organisation.house_rules import Context
from workflow.text import Text, get_text

COLUMNS = ("code", "title", "retention_years", "disposal", "statutory", "agreed", "closed")


class Unit(Model):
    """A unit of the plan (Aktenplaneinheit); `closed` is Stillgelegt."""

    code: Code
    title: Line
    retention: Retention
    closed: bool = False
    record_class: RecordClass = RecordClass()


class FilePlanImported(Event, type="file_plan.imported"):
    """A plan was read; the units of before and after are both kept, so that every change can be told."""

    authority: Name
    units: tuple[Unit, ...]
    replaced: tuple[Unit, ...]


class FileNumberAssigned(Event, type="file_plan.number_assigned"):
    """The next running number of a unit was given away for good."""

    authority: Name
    code: Code
    ordinal: Count
    record: Id


@dataclass(frozen=True)
class FilePlan:
    authority: str
    units: Mapping[str, Unit]
    state: str = "in_force"

    def is_leaf(self, code: str) -> bool:
        return not any(other.startswith(code + ".") for other in self.units)


@dataclass(frozen=True)
class Counter:
    """Highest running number given away in one unit."""

    authority: str
    code: str
    last: int


@dataclass(frozen=True)
class Question:
    plan: FilePlan
    command: Command | None
    context: Context

    def asking(self, action: str) -> "Question":  # noqa: ARG002 - there is one action only
        return replace(self, command=None)


_EXAMPLE = (
    "code,title,retention_years,disposal,statutory,agreed,closed\n"
    "43,Energie,10,B,no,no,no\n"
    "43.21,Förderung Windenergie,10,B,no,no,no\n"
)


class ImportFilePlan(
    Command, action="import", en="Import the file plan", de="Aktenplan einlesen",
    example={"authority": "mwide", "csv": _EXAMPLE},
):  # fmt: skip
    """Replace the plan of an authority by the rows of a CSV file with the columns `code`, `title`,
    `retention_years` (empty: unbefristet), `disposal` (A, B, V), `statutory`, `agreed`, `closed` (yes or no);
    and, where there are classes of records, `protection` (least need) and `electronic_from` (first day without paper).
    """

    authority: Name
    csv: str = Field(max_length=5_000_000)

    PERMISSION = Permission(
        frozenset({Role.REGISTRAR, Role.ADMIN}),
        en="a file plan is imported by registrar or admin",
        de="Den Aktenplan führt die Registratur ein",
        basis="xdomea Aktenplaneinheit; rule 1",
    )
    ROWS = rows(
        "in_force", "in_force", PERMISSION.roles, FilePlanImported,
        en="imported", de="eingelesen", basis="xdomea Aktenplaneinheit; rule 1",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return self.read(question.plan, question.context)

    def read(self, plan: FilePlan | None, context: Context) -> FilePlanImported:
        """The units of before and after; `InvalidCommand` for each fault of the file.

        A unit that records already use may be closed but not left out: its rules must be findable.
        """
        units = read_csv(self.csv)
        codes = {unit.code for unit in units}
        replaced = tuple(plan.units.values()) if plan else ()
        for unit in replaced:
            used = context.find(counter_stream(self.authority, unit.code), Counter)
            if unit.code not in codes and used is not None:
                says = Text(
                    f"Die Einheit {unit.code} hat Akten und fehlt; stattdessen stilllegen",
                    f"unit {unit.code} has records and is missing; close it instead",
                )
                raise InvalidCommand([("/csv", says)])
        return FilePlanImported(authority=self.authority, units=tuple(units), replaced=replaced)


ACTIONS: tuple[type[Command], ...] = (ImportFilePlan,)
COMMANDS = by_action(ACTIONS)
"""What people may ask."""
MACHINE: Machine[Question] = Machine(
    name="file-plan",
    states={"in_force": "in Kraft"},
    initial="in_force",
    ends=frozenset({"in_force"}),
    commands=ACTIONS,
    guards={},
)

evolve_plan: Evolver[FilePlan] = Evolver()
evolve_counter: Evolver[Counter] = Evolver()


@evolve_plan.birth(FilePlanImported)
def _imported(event: FilePlanImported) -> FilePlan:
    return FilePlan(event.authority, {unit.code: unit for unit in event.units})


@evolve_counter.birth(FileNumberAssigned)
def _first_number(event: FileNumberAssigned) -> Counter:
    return Counter(event.authority, event.code, event.ordinal)


@evolve_counter.on(FileNumberAssigned)
def _next_number(counter: Counter, event: FileNumberAssigned) -> Counter:
    return replace(counter, last=event.ordinal)


def plan_stream(authority: str) -> str:
    return f"file-plan:{authority}"


def counter_stream(authority: str, code: str) -> str:
    return f"file-number:{authority}/{code}"


def decide(plan: FilePlan | None, command: ImportFilePlan, context: Context) -> list[Emitted]:
    """Import a plan; `Forbidden` for the plan of another authority."""
    if context.actor.authority not in {None, command.authority}:
        raise Forbidden("this is another authority's file plan", "Dies ist der Aktenplan einer anderen Behörde")
    where = plan_stream(command.authority)
    if plan is None:
        command.PERMISSION.check(context.actor)
        return [(where, command.read(None, context))]
    question = Question(plan, command, context)
    row = MACHINE.step(plan.state, command.ACTION, context.actor.roles, question)
    return row.emit(where, command, question)


def options(plan: FilePlan, context: Context) -> list[Option]:
    return MACHINE.allowed(plan.state, context.actor.roles, Question(plan, None, context))


def read_csv(text: str) -> list[Unit]:
    """The units of a plan; every fault is named by its line."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    found = tuple(reader.fieldnames or ())
    if not set(COLUMNS) <= set(found) <= {*COLUMNS, *CLASS_COLUMNS} or len(found) != len(set(found)):
        says = Text(
            f"Zeile 1: Spalten {', '.join(found)}; erwartet {', '.join(COLUMNS)}",
            f"line 1: columns {', '.join(found)}; expected {', '.join(COLUMNS)}",
        )
        raise InvalidCommand([("/csv", says)])
    units: dict[str, Unit] = {}
    faults: list[tuple[str, Text]] = []
    try:
        for row in reader:
            unit, wrong = _unit(row)
            if unit is not None and unit.code in units:
                wrong = Text(f"Einheit {unit.code} steht zweimal", f"unit {unit.code} stands twice")
            if wrong is not None:
                where = reader.line_num
                faults.append(("/csv", Text(f"Zeile {where}: {wrong.de}", f"line {where}: {wrong.en}")))
            elif unit is not None:
                units[unit.code] = unit
    except csv.Error as wrong_csv:
        where = reader.line_num + 1
        faults.append(("/csv", Text(f"Zeile {where} ist kein CSV", f"line {where}: {wrong_csv}")))
    faults += [
        (
            "/csv",
            Text(
                f"Einheit {code} liegt unter {parent}, die fehlt", f"unit {code} lies under {parent}, which is missing"
            ),
        )
        for code in units
        if (parent := code.rpartition(".")[0]) and parent not in units
    ]
    if not units and not faults:
        faults.append(("/csv", Text("keine Einheiten", "no units")))
    if faults:
        raise InvalidCommand(faults)
    return list(units.values())


def _unit(row: Mapping[str, str | None]) -> tuple[Unit | None, Text | None]:
    if None in row or None in row.values():
        many = len(row) - (None in row)
        return None, Text(f"{many} Spalten erwartet", f"{many} columns expected")
    cells = {key: (value or "").strip() for key, value in row.items()}
    try:
        flags = {name: {"yes": True, "no": False, "": False}[cells[name]] for name in ("statutory", "agreed", "closed")}
        years = read_cell(cells, "retention_years", int) if cells["retention_years"] else None
        disposal = read_cell(cells, "disposal", Disposal)
        retention = Retention(years=years, disposal=disposal, statutory=flags["statutory"], agreed=flags["agreed"])
        code, title, closed = cells["code"], cells["title"], flags["closed"]
        return Unit(code=code, title=title, retention=retention, closed=closed, record_class=read_class(cells)), None
    except KeyError as wrong:
        return None, Text(f"{wrong} ist weder 'yes' noch 'no'", f"{wrong} is neither yes nor no")
    except ValidationError as wrong:
        first = wrong.errors()[0]
        place, says = ".".join(map(str, first["loc"])), describe_error(first)
        return None, Text(f"{place}: {says.de}", f"{place}: {says.en}")
    except ValueError as wrong:
        return None, get_text(wrong)


PROVISIONAL = Retention(years=10, disposal=Disposal.APPRAISE)
"""Rule of a unit where no plan has been imported: ten years (orientation value for Sachakten, Bundesarchiv leaflet
2007), then offered to the archive, so that nothing can be destroyed unappraised."""


def unit_for(authority: str, code: str, context: Context) -> tuple[Unit, bool]:
    """The unit a new record is created in, and whether it is provisional for want of an imported plan (rule 1)."""
    plan = context.find(plan_stream(authority), FilePlan)
    if plan is None:
        return Unit(code=code, title=code, retention=PROVISIONAL), True
    unit = plan.units.get(code)
    if unit is None:
        says = Text(
            f"Der Aktenplan von {authority} hat keine Einheit {code}",
            f"the file plan of {authority} has no unit {code}",
        )
        raise InvalidCommand([("/file_plan_code", says)])
    if unit.closed or not plan.is_leaf(code):
        en, de = ("closed", "stillgelegt") if unit.closed else ("not a leaf", "keine unterste Einheit")
        raise NotAllowed(
            "record", "-", "create", (), f"file plan unit {code} is {en}", f"Die Aktenplaneinheit {code} ist {de}"
        )
    return unit, False


def find_class(authority: str, code: str, context: Context) -> RecordClass:
    """The class of a unit by the plan in force; without demands where there is no plan, or no such unit now."""
    plan = context.find(plan_stream(authority), FilePlan)
    unit = plan.units.get(code) if plan else None
    return unit.record_class if unit else RecordClass()


def next_number(authority: str, code: str, record: str, context: Context) -> tuple[str, Emitted]:
    """The next file number (Aktenzeichen) of a unit and the event that gives it away."""
    stream = counter_stream(authority, code)
    counter = context.find(stream, Counter)
    ordinal = (counter.last if counter else 0) + 1
    event = FileNumberAssigned(authority=authority, code=code, ordinal=ordinal, record=record)
    return f"{code}-{ordinal:04d}", (stream, event)
