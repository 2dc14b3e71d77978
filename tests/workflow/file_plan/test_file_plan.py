"""File plans: imported whole or not at all, every fault with its line."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.german import find_english
from tests.workflow.conftest import PEOPLE, Office
from workflow.errors import Forbidden, GuardFailed, InvalidCommand
from workflow.file_plan.file_plan import COLUMNS, ImportFilePlan, read_csv

HEAD = ",".join(COLUMNS) + "\n"
GOOD = HEAD + "43,Wirtschaft,10,B,,,\n43.21,Wind,10,B,no,no,no\n43.22,Ewig,,A,yes,yes,yes\n"


def test_a_plan_is_read() -> None:
    whole, wind, ever = read_csv("\ufeff" + GOOD)
    assert (whole.code, wind.retention.years, wind.closed) == ("43", 10, False)
    assert (ever.retention.years, ever.retention.statutory, ever.retention.agreed, ever.closed) == (None,) + (True,) * 3


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "line 1: columns"),
        ("code,title\n", "line 1: columns code, title; expected"),
        (HEAD, "no units"),
        (HEAD + "43,Wirtschaft,10,B,,\n", "line 2: 7 columns"),
        (HEAD + "43,Wirtschaft,10,B,,,,x\n", "line 2: 7 columns"),
        (HEAD + "43,Wirtschaft,zehn,B,,,\n", "line 2: .*zehn"),
        (HEAD + "43,Wirtschaft,-1,B,,,\n", "line 2: years"),
        (HEAD + "43,Wirtschaft,10,X,,,\n", "line 2: disposal: 'X' is not possible here"),
        (HEAD + "43,Wirtschaft,10,B,ja,,\n", "line 2: 'ja' is neither yes nor no"),
        (HEAD + "A1,Wirtschaft,10,B,,,\n", "line 2: code"),
        (HEAD + "43,,10,B,,,\n", "line 2: title"),
        (HEAD + "43,a,10,B,,,\n43,b,10,B,,,\n", "line 3: unit 43 stands twice"),
        (HEAD + "43.21,Wind,10,B,,,\n", "unit 43.21 lies under 43, which is missing"),
        (HEAD + '43,"Wirt,10,B,,,\n', "line 2"),
    ],
)
def test_every_fault_is_named_by_its_line(text: str, wrong: str) -> None:
    with pytest.raises(InvalidCommand, match=wrong) as refused:
        read_csv(text)
    assert refused.value.translated
    assert find_english(refused.value.de.replace(HEAD.strip(), "")) == []


def load(office, text, who="registrar", authority="mwide"):
    command = ImportFilePlan(authority=authority, csv=text)
    return office.engine.handle(command, PEOPLE[who], f"file-plan:{authority}")


def test_only_the_registrar_of_the_authority_imports(office: Office) -> None:
    for who, authority in (("mueller", "mwide"), ("registrar", "jm")):
        with pytest.raises(Forbidden):
            load(office, GOOD, who, authority)
    load(office, GOOD)


def test_a_used_unit_is_closed_not_left_out(office: Office) -> None:
    load(office, GOOD)
    record = office.record(file_plan_code="43.21")
    without = HEAD + "43,Wirtschaft,10,B,,,\n"
    with pytest.raises(InvalidCommand, match="has records and is missing"):
        load(office, without)
    load(office, without + "43.21,Wind,10,B,,,yes\n")  # an unused one may go
    office.do("mueller", "work", record)
    assert office.state(record).file_plan_code == "43.21"


def test_a_bad_plan_changes_nothing(office: Office) -> None:
    load(office, GOOD)
    head = office.engine.log.head()
    with pytest.raises(InvalidCommand):
        load(office, GOOD + "43,doppelt,1,V,,,\n")
    assert office.engine.log.head() == head


unit = st.tuples(
    st.integers(0, 99), st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20),
    st.none() | st.integers(0, 1000), st.sampled_from("ABV"), st.booleans(), st.booleans(), st.booleans(),
).filter(lambda row: row[1].strip())  # fmt: skip


@given(st.lists(unit, min_size=1, max_size=12, unique_by=lambda row: row[0]))
def test_a_random_plan_comes_back_as_written(rows: Any) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for code, title, years, disposal, *flags in rows:
        writer.writerow([code, title, "" if years is None else years, disposal, *("yes" if f else "no" for f in flags)])
    found = read_csv(out.getvalue())
    kept = [(int(u.code), u.retention.years, u.retention.disposal, u.retention.statutory, u.retention.agreed, u.closed)
            for u in found]  # fmt: skip
    assert kept == [(row[0], *row[2:]) for row in rows]


CLASSES = (
    HEAD.strip() + ",protection,electronic_from\n03,Personal,5,B,,,,,\n03.10,E-Personalakten,5,B,,,,high,2024-01-01\n"
)


def test_a_unit_may_ask_for_a_protection_need_and_no_paper_from_a_day_on() -> None:
    plain, personnel = (unit.record_class for unit in read_csv(CLASSES))
    assert (plain.protection, plain.electronic_from) == ("normal", None)
    assert (personnel.protection, personnel.electronic_from) == ("high", date(2024, 1, 1))
    assert [personnel.forbids_paper(date(2023, 12, 31)), personnel.forbids_paper(date(2024, 1, 1))] == [False, True]
    assert not plain.forbids_paper(date(2024, 1, 1))


@pytest.mark.parametrize("wrong", ["secret,2024-01-01", "high,1.1.2024", "high,2024-13-01"])
def test_a_class_that_is_none_is_refused_with_its_line(wrong: str) -> None:
    with pytest.raises(InvalidCommand) as no:
        read_csv(CLASSES.replace("high,2024-01-01", wrong))
    assert "line 3" in str(no.value)


def test_records_keep_to_the_class_of_their_unit(office: Office) -> None:
    load(office, CLASSES)
    with pytest.raises(GuardFailed, match="below that of the file plan unit"):
        office.record(file_plan_code="03.10")
    record = office.record(who="secret", file_plan_code="03.10", protection="high", medium="paper")
    assert office.state(record).medium == "paper"
    office.later(until=date(2024, 1, 2))
    with pytest.raises(GuardFailed, match="electronically alone"):
        office.record(who="secret", file_plan_code="03.10", protection="high", medium="hybrid")
    office.do("secret", "change", record, medium="electronic")
    with pytest.raises(GuardFailed, match="electronically alone"):
        office.do("secret", "change", record, medium="paper")
