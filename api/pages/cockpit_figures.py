"""What the cockpit shows besides lists: what waits by person, what is under way by unit and by age, week by week."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from workflow.text import Text
from workflow.views.cockpit import Open, Waiting, Week
from workflow.views.tables import NEVER

WIDTH, HEIGHT, FLOOR, TOP, BAR = 44, 130, 20, 14, 16
"""Of a week, of the drawing, of the lines with the days and with the numbers, and of a bar, in pixels."""


@dataclass(frozen=True)
class Load:
    """What waits with a person or at a kind of station, or is under way of a unit."""

    name: str
    count: int
    late: int
    deadline: str
    """The earliest."""
    authority: str = ""
    """Whose unit it is."""


@dataclass(frozen=True)
class Age:
    """Routing slips under way for so many days, from `least` to `most`; None: any more."""

    key: str
    title: Text
    least: int
    most: int | None
    count: int = 0
    late: int = 0

    def to_filters(self, today: date) -> dict[str, str]:
        """What the list is asked for so that it shows these."""
        latest = {"began_to": (today - timedelta(days=self.least)).isoformat()}
        return latest | ({} if self.most is None else {"began_from": (today - timedelta(days=self.most)).isoformat()})


AGES = (
    Age("week", Text("bis 7 Tage", "up to 7 days"), 0, 7),
    Age("fortnight", Text("8 bis 14 Tage", "8 to 14 days"), 8, 14),
    Age("month", Text("15 bis 30 Tage", "15 to 30 days"), 15, 30),
    Age("quarter", Text("31 bis 90 Tage", "31 to 90 days"), 31, 90),
    Age("older", Text("über 90 Tage", "more than 90 days"), 91, None),
)


@dataclass(frozen=True)
class Bars:
    """A week in the drawing: where it stands, and how high its two bars are, in pixels."""

    week: Week
    x: int
    started: int
    completed: int


def sum_by(waiting: Iterable[Waiting], name: str) -> list[Load]:
    """What waits by person or by kind of station, the most first."""
    found: dict[str, Load] = {}
    for one in waiting:
        key = str(getattr(one, name))
        before = found.get(key, Load(key, 0, 0, NEVER))
        earliest = min(before.deadline, one.deadline)
        found[key] = Load(key, before.count + one.count, before.late + one.late, earliest)
    return sorted(found.values(), key=lambda one: (-one.count, one.name))


def sum_units(rows: Iterable[Open]) -> list[Load]:
    """What is under way by authority and unit, the most first; the unit of slips without a record is empty."""
    found: dict[tuple[str, str], Load] = {}
    for row in rows:
        key = row.authority, row.unit
        before = found.get(key, Load(row.unit, 0, 0, NEVER, row.authority))
        found[key] = replace(before, count=before.count + row.count, late=before.late + row.late)
    return sorted(found.values(), key=lambda one: (-one.count, one.name, one.authority))


def sum_ages(rows: Sequence[Open], today: date) -> list[Age]:
    """What is under way by how long ago it began, the newest first."""
    found = []
    for age in AGES:
        there = [row for row in rows if row.started and _covers(age, (today - date.fromisoformat(row.started)).days)]
        count, late = sum(row.count for row in there), sum(row.late for row in there)
        found.append(Age(age.key, age.title, age.least, age.most, count, late))
    return found


def _covers(age: Age, days: int) -> bool:
    return days >= age.least and (age.most is None or days <= age.most)


def find_age(key: str) -> Age | None:
    return next((age for age in AGES if age.key == key), None)


def draw_weeks(weeks: Sequence[Week]) -> list[Bars]:
    """Bars of all weeks on one scale; the highest reaches the line with the numbers."""
    highest = max((max(week.started, week.completed) for week in weeks), default=0) or 1
    scale = (HEIGHT - FLOOR - TOP) / highest
    return [
        Bars(week, place * WIDTH, round(week.started * scale), round(week.completed * scale))
        for place, week in enumerate(weeks)
    ]


def keep_chosen(chosen: Mapping[str, str], **other: str) -> dict[str, str]:
    """The parameters of the address with some changed, empty ones left out."""
    return {name: value for name, value in {**chosen, **other}.items() if value}
