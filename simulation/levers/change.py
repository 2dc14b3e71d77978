"""A change of a scenario in one line, as `--set` takes it: `LEVER(=|+=|-=|*=)NUMBER[@FROM[..UNTIL]]`.

rollout.teams+=2@2022-01-01                          two more teams from that day on
mail.items_per_user_day*=1.3@2022-03..2022-05        a shock of mail for three months
scan.rheinland.opens=2022-06-01                      an opening has a day in place of a number
project.p-fin-03.start+=3 months                     and moves by days, weeks or months
scan.rheinland.check.shifts=07:00-15:00+15:00-23:00  shifts, past midnight too
authority.brd.protection=high                        a word
"""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from simulation.inputs.faults import Fault, Place, UnusableInput
from simulation.inputs.written_numbers import EXAMPLES, parse_number, write_number
from workflow.text import InvalidValue, Text

Operator = Literal["=", "+=", "-=", "*="]

FORM = re.compile(
    r"(?P<lever>[A-Za-z0-9_.\-]+?)\s*(?P<operator>[-+*]?=)\s*(?P<amount>[^@]*?)\s*(?:@(?P<start>.*?)(?:\.\.(?P<until>.*))?)?"
)
EXPECTED = Text(
    "HEBEL, eines von = += -= *=, eine Zahl und vielleicht @VON oder @VON..BIS, etwa rollout.teams+=2@2022-01-01",
    "LEVER, one of = += -= *=, a number, and perhaps @FROM or @FROM..UNTIL, as in rollout.teams+=2@2022-01-01",
)
OPTION = "--set"
CHANGE_LINE = re.compile(r"^`[^`]*`: ")
"""The change as faults begin with it, where their place does not name it."""
CHANGED = "; changed: "
"""Between the source of a figure and each of its changes."""
LONGEST_SOURCE = 500
LATER = re.compile(r"(\d{1,4}) ?(day|week|month|Tag|Woche|Monat)(?:s|e|n)?")
DAYS_OF = {"day": 1, "Tag": 1, "week": 7, "Woche": 7}
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*|\d\d:\d\d-[\d:+-]*")
"""An id, or shifts."""
MOST_MONTHS = 600


@dataclass(frozen=True)
class Change:
    """What becomes of a lever's figure from `start` to `until`, both included; without them for all time.

    `amount`: a number; the day number (`date.toordinal`) where an opening is set to a day.
    """

    text: str
    lever: str
    operator: Operator
    amount: float
    start: date | None = None
    until: date | None = None
    is_day: bool = False
    """Whether the amount is a day."""
    word: str = ""
    """What an id or shifts are set to; the amount is then 0."""
    in_months: bool = False
    """Whether the amount is a number of months by which a day moves."""
    in_days: bool = False
    """The same, of days."""

    @property
    def is_idle(self) -> bool:
        """Whether it changes nothing."""
        return (self.operator in {"+=", "-="} and self.amount == 0) or (self.operator == "*=" and self.amount == 1)

    def holds_on(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.until is None or day <= self.until)

    def apply(self, value: float) -> float:
        if self.operator == "=":
            return self.amount
        if self.operator == "*=":
            return value * self.amount
        return value + self.amount if self.operator == "+=" else value - self.amount

    def move(self, day: date) -> date:
        """The day that a day becomes; raises `ValueError` or `OverflowError` for none of the calendar."""
        if not self.in_months:
            return date.fromordinal(round(self.apply(day.toordinal())))
        years, month = divmod(day.month - 1 + int(self.amount) * (1 if self.operator == "+=" else -1), 12)
        last = monthrange(day.year + years, month + 1)[1]
        return day.replace(year=day.year + years, month=month + 1, day=min(day.day, last))


def parse_change(text: str, place: str = OPTION) -> Change:
    """Raises `UnusableInput` with the column where the text is wrong."""
    found = FORM.fullmatch(text.strip())
    if found is None:
        raise UnusableInput(
            [Fault(Place(place, 1, 1), Text(f"`{text}` ist keine Änderung", f"`{text}` is no change"), EXPECTED)]
        )
    start = _parse_day(found, "start", place)
    until = _parse_day(found, "until", place)
    if start and until and until < start:
        says = Text(f"endet am {until}, vor dem Beginn am {start}", f"ends on {until}, before it starts on {start}")
        raise _fault(found, "until", place, says)
    operator: Operator = found["operator"]  # type: ignore[assignment]  # one of the four, as the pattern says
    amount = _parse_amount(found, place)
    return replace(Change(_write_with_point(found, amount), found["lever"], operator, 0.0, start, until), **amount)


def _write_with_point(found: re.Match[str], amount: dict[str, Any]) -> str:
    """The line; a number has a decimal point, so that runs are kept under one name however it was written."""
    text, (start, end) = found.string, found.span("amount")
    return text[:start] + write_number(amount["amount"]) + text[end:] if "," in found["amount"] else text


def _parse_amount(found: re.Match[str], place: str) -> dict[str, Any]:
    text, sets = found["amount"], found["operator"] == "="
    if sets and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return {"amount": float(_read_day(found, "amount", place).toordinal()), "is_day": True}
    later = LATER.fullmatch(text)
    if later and found["operator"] in {"+=", "-="}:
        if later[2] in DAYS_OF:
            return {"amount": float(later[1]) * DAYS_OF[later[2]], "in_days": True}
        if int(later[1]) <= MOST_MONTHS:
            return {"amount": float(later[1]), "in_months": True}
    if sets and WORD.fullmatch(text):
        return {"word": text}
    try:
        return {"amount": parse_number(text)}
    except InvalidValue as wrong:
        raise _fault(found, "amount", place, wrong.text, EXAMPLES) from None


def _parse_day(found: re.Match[str], group: str, place: str) -> date | None:
    """A day; of a month as 2022-03 its first day as a beginning, its last as an end."""
    if found[group] is None or (group == "start" and not found[group].strip() and found["until"]):
        return None
    month = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", found[group].strip())
    if not month:
        return _read_day(found, group, place)
    year, number = int(month[1]), int(month[2])
    return date(year, number, 1 if group == "start" else monthrange(year, number)[1])


def _read_day(found: re.Match[str], group: str, place: str) -> date:
    try:
        return date.fromisoformat(found[group].strip())
    except ValueError:
        says = Text(f"`{found[group]}` ist kein Tag", f"`{found[group]}` is no day")
        raise _fault(found, group, place, says, Text("ein Tag, etwa 2022-01-01", "a day such as 2022-01-01")) from None


def is_no_number(text: str) -> Text:
    return Text(f"`{text}` ist keine Zahl", f"`{text}` is no number")


def _fault(found: re.Match[str], group: str, place: str, wrong: Text, expected: Text = EXPECTED) -> UnusableInput:
    return UnusableInput([Fault(Place(place, 1, found.start(group) + 1), wrong, expected)])


def find_basis(basis: str, source: str) -> str:
    """The basis of a figure; one that a change has made is the planner's own."""
    return "what_if" if CHANGED in source else basis


def name_change(source: str, change: Change) -> str:
    """The source with the change; where it becomes too long, what was there first is cut."""
    origin, *earlier = source.split(CHANGED)
    added = "".join(f"{CHANGED}{text}" for text in (*earlier, change.text))
    return f"{origin[: max(3, LONGEST_SOURCE - len(added))]}{added}"[:LONGEST_SOURCE]
