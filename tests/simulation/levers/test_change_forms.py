"""How a change may be written, as an option and in a file; days that move by months; what each is refused for."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from simulation.inputs.faults import UnusableInput
from simulation.levers.change import Change, parse_change
from simulation.levers.check import move_day
from simulation.levers.titles import name_figure
from simulation.scenario.changes import ChangeEntry
from simulation.scenario.programme import Scenario


@pytest.mark.parametrize(
    ("text", "amount", "kind"),
    [
        ("project.p.start+=3 months", 3, "months"),
        ("project.p.start-=1 month", 1, "months"),
        ("project.p.start+=2 Monate", 2, "months"),
        ("project.p.start+=2 weeks", 14, "days"),
        ("project.p.start+=1 Woche", 7, "days"),
        ("project.p.start+=10 days", 10, "days"),
        ("project.p.start+=10 Tage", 10, "days"),
        ("project.p.start=2022-05-02", date(2022, 5, 2).toordinal(), "day"),
        ("rollout.teams+=2", 2, "number"),
        ("rollout.teams*=.5", 0.5, "number"),
        ("rollout.teams*=2,5", 2.5, "number"),
        ("rollout.teams*=1.1250", 1.125, "number"),
        ("risks.rework=0.125", 0.125, "number"),
        ("mail.items_per_user_day=1.234,5", 1234.5, "number"),
        ("authority.a.protection=high", 0, "word"),
        ("scan.a.check.shifts=07:00-15:00", 0, "word"),
    ],
)
def test_an_amount_is_read_by_its_form(text: str, amount: float, kind: str) -> None:
    change = parse_change(text)
    assert change.amount == amount
    assert change.in_months is (kind == "months")
    assert change.in_days is (kind == "days")
    assert change.is_day is (kind == "day")
    assert bool(change.word) is (kind == "word")


@pytest.mark.parametrize(
    ("text", "start", "until"),
    [
        ("x=1@2022-03", date(2022, 3, 1), None),
        ("x=1@2022-03..2022-03", date(2022, 3, 1), date(2022, 3, 31)),
        ("x=1@2022-01-15..2024-02", date(2022, 1, 15), date(2024, 2, 29)),
        ("x=1@..2023-02", None, date(2023, 2, 28)),
        ("x=1", None, None),
    ],
)
def test_a_month_is_its_first_day_or_its_last(text: str, start: date | None, until: date | None) -> None:
    change = parse_change(text)
    assert (change.start, change.until) == (start, until)


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("x+=3 months ago", 4, "no number"),
        ("x*=3 months", 4, "no number"),
        ("x=2022-13-01", 3, "no day"),
        ("x=2022-02-30", 3, "no day"),
        ("x=1@2022-13", 5, "no day"),
        ("x=1@", 5, "no day"),
        ("x=1@2022-05..2022-04", 14, "before it starts"),
        ("x+=9999 months", 4, "no number"),
        ("=1", 1, "no change"),
        ("x", 1, "no change"),
        ("x=", 3, "no number"),
        ("x=1e999", 3, "no number"),
        ("rollout.teams=1.000@2022-01-01", 15, "`1.000` can be read in two ways; without thousands marks 1000"),
        ("x+=12.500", 4, "as a decimal 12.5000"),
        ("x*=1,125", 4, "in two ways"),
    ],
)
def test_what_is_no_change_is_told_with_its_column(text: str, column: int, says: str) -> None:
    with pytest.raises(UnusableInput, match=says) as refused:
        parse_change(text)
    assert [fault.place.column for fault in refused.value.faults] == [column]


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        ("x+=1 month", date(2022, 1, 31), date(2022, 2, 28)),
        ("x+=1 month", date(2024, 1, 31), date(2024, 2, 29)),
        ("x-=1 month", date(2022, 3, 31), date(2022, 2, 28)),
        ("x+=12 months", date(2024, 2, 29), date(2025, 2, 28)),
        ("x-=13 months", date(2022, 1, 15), date(2020, 12, 15)),
        ("x+=14 days", date(2021, 12, 24), date(2022, 1, 7)),
        ("x=2023-07-01", date(2020, 1, 1), date(2023, 7, 1)),
    ],
)
def test_a_day_moves_by_the_calendar(text: str, day: date, expected: date) -> None:
    assert parse_change(text).move(day) == expected


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(0, 240))
def test_months_there_and_back_lose_at_most_the_end_of_a_month(day: date, months: int) -> None:
    there = parse_change(f"x+={months} months").move(day)
    back = parse_change(f"x-={months} months").move(there)
    assert (there.year - day.year) * 12 + there.month - day.month == months
    assert 0 <= (day - back).days <= 3
    assert (back.year, back.month) == (day.year, day.month)


def test_a_day_that_leaves_the_calendar_is_refused() -> None:
    for text in ("x+=600 months", "x-=600 months"):
        far = date(9999, 12, 1) if "+" in text else date(1, 1, 1)
        with pytest.raises(UnusableInput, match="no day of the calendar"):
            move_day(parse_change(text), far)


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ({"lever": "rollout.teams", "by": 2}, "rollout.teams+=2"),
        ({"lever": "rollout.teams", "by": -1.5}, "rollout.teams-=1.5"),
        ({"lever": "rollout.teams", "factor": 0.5}, "rollout.teams*=0.5"),
        ({"lever": "rollout.teams", "factor": 1.125}, "rollout.teams*=1.1250"),
        ({"lever": "rollout.teams", "by": "-2,5"}, "rollout.teams-=2.5"),
        ({"lever": "rollout.teams", "to": "1234567"}, "rollout.teams=1234567"),
        ({"lever": "rollout.teams", "to": 12}, "rollout.teams=12"),
        ({"lever": "a.opens", "by": "+3 months"}, "a.opens+=3 months"),
        ({"lever": "a.opens", "by": "- 2 weeks"}, "a.opens-=2 weeks"),
        ({"lever": "a.opens", "to": date(2022, 6, 1)}, "a.opens=2022-06-01"),
        ({"lever": "a", "by": 1, "from": "2022-03"}, "a+=1@2022-03-01"),
        ({"lever": "a", "by": 1, "until": "2022-02"}, "a+=1@..2022-02-28"),
        ({"lever": "a", "by": 1, "from": date(2022, 1, 5), "until": date(2022, 1, 9)}, "a+=1@2022-01-05..2022-01-09"),
        ({"project": "p-a", "start": "+3 months"}, "project.p-a.start+=3 months"),
        ({"project": "p-a", "start": date(2023, 1, 2)}, "project.p-a.start=2023-01-02"),
        ({"authority": "a", "scan_from": date(2023, 1, 2)}, "authority.a.scan_from=2023-01-02"),
        ({"authority": "a", "scan_centre": "rheinland"}, "authority.a.scan_centre=rheinland"),
        ({"authorities": "police", "protection": "high"}, "authorities.police.protection=high"),
        ({"authorities": "all", "scan_from": "-6 months"}, "authorities.all.scan_from-=6 months"),
    ],
)
def test_an_entry_is_one_line_that_is_read_again(entry: dict[str, object], line: str) -> None:
    written, keys = ChangeEntry.model_validate(entry).write()
    assert written == line
    assert isinstance(parse_change(written), Change)
    assert set(keys) == {"lever", "amount", "start", "until"}
    assert keys["amount"] in entry


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"by": 1}, "names nothing"),
        ({"lever": "a", "project": "b", "by": 1}, "names lever and project"),
        ({"lever": "a"}, "says no change"),
        ({"lever": "a", "to": "1.000"}, "can be read in two ways"),
        ({"lever": "a", "by": "1.000"}, "can be read in two ways"),
        ({"lever": "a", "factor": "1,000"}, "can be read in two ways"),
        ({"lever": "a", "by": "many"}, "a number such as 2 or 0.5, or a span such as"),
        ({"lever": "a", "by": 1, "factor": 2}, "says by and factor"),
        ({"lever": "a", "start": "+1 month"}, "says start of a change of `lever`"),
        ({"project": "p", "by": 1}, "expected one of start"),
        ({"authority": "a", "start": "+1 month"}, "expected one of scan_from"),
        ({"project": "p", "start": "+1 month", "from": "2022-01"}, "has no `from`"),
        ({"lever": "a", "by": "soon"}, "by"),
        ({"lever": "a", "by": 1, "from": "March"}, "from"),
        ({"authorities": "everybody", "protection": "high"}, "authorities"),
        ({"authority": "a", "protection": "secret"}, "protection"),
        ({"lever": "a", "by": float("nan")}, "finite|by"),
        ({"lever": "a b", "by": 1}, "lever"),
    ],
)
def test_a_contradictory_entry_is_refused(entry: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        ChangeEntry.model_validate(entry)


@pytest.mark.parametrize(
    ("path", "de", "en"),
    [
        ("rollout.training.group_size", "Größe der Schulungsgruppen", "size of training groups"),
        (
            "rollout.providers.it-nrw.introductions_at_once",
            "IT.NRW: Einführungen zugleich",
            "IT.NRW: introductions at once",
        ),
        (
            "mail.channels.ozg.replaces",
            "Online-Anträge nach dem OZG: ersetzter Anteil der Post",
            "share of mail replaced",
        ),
        ("mail.items_per_user_day.police", "Sendungen je Person: Polizei", "items per person: police"),
        ("risks.events.reorganisation.lost.slots", "ausfallende Bereitstellung", "slots lost"),
        (
            "scan.centres.rheinland.late_months",
            "Scanstelle Rheinland (Düsseldorf): spätere Eröffnung",
            "opens later by",
        ),
        ("rollout.teams.2022-01-01.value", "Rollout-Teams ab 2022", "rollout teams from 2022"),
        ("unheard.of", "unheard.of", "unheard.of"),
    ],
)
def test_a_figure_is_called_by_its_name_and_its_owner(nrw: Scenario, path: str, de: str, en: str) -> None:
    title = name_figure(nrw.spec, path)
    assert title.de.endswith(de)
    assert title.en.endswith(en)


def test_a_comma_and_a_point_are_one_change() -> None:
    assert parse_change("rollout.teams*=2,5@2022-03") == parse_change("rollout.teams*=2.5@2022-03")
