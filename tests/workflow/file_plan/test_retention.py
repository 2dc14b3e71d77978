"""Retention at its edges: years, the 30 years of § 4 (1) ArchivG NRW, transfer periods, when time acts on a record."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflow.conftest import PEOPLE, Office
from workflow.errors import GuardFailed, InvalidCommand
from workflow.file_plan.file_plan import ImportFilePlan
from workflow.file_plan.retention import Disposal, Retention, own_or_inherited, transfer_until
from workflow.organisation.house_rules import Rules

RULES = Rules()
DAYS = st.dates(date(1950, 1, 1), date(2100, 12, 31))
YEARS = st.integers(0, 60)


def kept(years: int | None, *, statutory: bool = False, agreed: bool = False) -> Retention:
    return Retention(years=years, disposal=Disposal.APPRAISE, statutory=statutory, agreed=agreed)


@given(closed=DAYS, years=YEARS)
def test_retention_ends_with_a_year_and_lasts_at_least_the_years(closed: date, years: int) -> None:
    end = kept(years).end(closed)
    assert end is not None
    assert (end.month, end.day) == (12, 31)
    assert end.year - closed.year == years
    assert end >= closed


@given(created=DAYS, lasted=st.integers(0, 20_000), years=st.none() | YEARS, statutory=st.booleans())
def test_disposal_begins_after_retention_or_thirty_years_after_creation(
    created: date, lasted: int, years: int | None, statutory: bool
) -> None:
    closed = created + timedelta(days=lasted)
    retention = kept(years, statutory=statutory)
    due = retention.due_on(closed, created, RULES)
    if years is None:
        assert due is None  # unbefristet never ends
        return
    after = date(closed.year + years + 1, 1, 1)
    latest = date(created.year + 31, 1, 1)
    assert due is not None
    assert due >= closed  # never before z.d.A.
    assert due <= after
    assert due == (after if statutory else max(min(after, latest), closed))
    if not statutory and closed < latest:
        assert due <= latest


@pytest.mark.parametrize(
    ("created", "closed", "years", "statutory", "due"),
    [
        ("2021-12-31", "2021-12-31", 0, False, "2022-01-01"),
        ("2021-01-01", "2021-01-01", 0, False, "2022-01-01"),
        ("2021-06-01", "2021-12-31", 10, False, "2032-01-01"),
        ("2021-06-01", "2022-01-01", 10, False, "2033-01-01"),
        ("2000-06-01", "2020-12-31", 10, False, "2031-01-01"),  # both at once
        ("2000-06-01", "2021-01-01", 10, False, "2031-01-01"),  # thirty years come first
        ("2000-06-01", "2021-01-01", 10, True, "2032-01-01"),  # unless a law keeps it longer
        ("1980-06-01", "2015-03-01", 10, False, "2015-03-01"),  # closed when thirty years are over already
        ("2021-06-01", "2021-06-01", 30, False, "2052-01-01"),
        ("2021-06-01", "2021-06-01", 31, False, "2052-01-01"),
        ("2021-06-01", "2021-06-01", 31, True, "2053-01-01"),
    ],
)
def test_the_thirty_years_at_their_edges_archivg(
    created: str, closed: str, years: int, statutory: bool, due: str
) -> None:
    found = kept(years, statutory=statutory).due_on(date.fromisoformat(closed), date.fromisoformat(created), RULES)
    assert found == date.fromisoformat(due)


@given(a=st.none() | YEARS, b=st.none() | YEARS)
def test_shorter_is_an_order_and_unlimited_is_longest(a: int | None, b: int | None) -> None:
    one, other = kept(a), kept(b)
    assert not (one.shortens(other) and other.shortens(one))
    assert one.shortens(other) == ((a if a is not None else 10_000) < (b if b is not None else 10_000))
    assert not one.shortens(one)


@given(day=DAYS, days=st.integers(0, 2000))
def test_the_transfer_period_has_the_days_of_the_house(day: date, days: int) -> None:
    assert transfer_until(day, Rules(transfer_days=days)) - day == timedelta(days=days)


def test_only_the_file_plan_says_that_the_archive_has_agreed() -> None:
    agreed = kept(5, agreed=True)
    assert own_or_inherited(None, agreed) is agreed
    assert own_or_inherited(agreed, agreed) == agreed
    assert own_or_inherited(kept(7), agreed) == kept(7)
    for inherited in (kept(5), kept(6, agreed=True)):
        with pytest.raises(InvalidCommand, match="/retention/agreed"):
            own_or_inherited(agreed, inherited)


def closed_record(office: Office, years: int | None = 1) -> str:
    record = office.record(retention={"years": years, "disposal": "B"})
    office.do("mueller", "work", record)
    office.do("mueller", "close", record)
    return record


def state_at(office: Office, record: str, *instant: int) -> str:
    to = datetime(*instant, tzinfo=UTC)  # type: ignore[misc]
    assert not office.engine.advance(to).refused
    office.now = to
    return str(office.state(record).state)


def test_time_acts_at_midnight_in_germany_and_not_a_second_earlier(office: Office) -> None:
    record = closed_record(office)  # on 1 June 2021; the transfer period ends with 1 June 2022
    assert state_at(office, record, 2022, 6, 1, 21, 59, 59) == "closed"
    assert state_at(office, record, 2022, 6, 1, 22, 0, 0) == "registry"  # summer time
    assert state_at(office, record, 2022, 12, 31, 22, 59, 59) == "registry"
    assert state_at(office, record, 2022, 12, 31, 23, 0, 0) == "due"


def test_a_file_closed_in_the_last_hour_of_a_german_year_belongs_to_that_year(office: Office) -> None:
    for hour, year in ((22, 2021), (23, 2022)):
        office.now = datetime(2021, 12, 31, hour, 30, tzinfo=UTC)
        record = closed_record(office, years=3)
        assert office.state(record).life.closed_on.year == year
        assert office.state(record).life.retention_end == date(year + 3, 12, 31)


def test_without_a_transfer_period_the_registry_has_it_on_the_next_day() -> None:
    office = Office("sqlite://", rules=Rules(transfer_days=0))
    record = closed_record(office)
    assert office.state(record).life.transfer_until == date(2021, 6, 1)
    assert office.later(days=0.9) == ["record.moved_to_registry"]
    office.engine.close()


def test_unlimited_is_never_due_and_a_change_of_retention_makes_it_so(office: Office) -> None:
    record = closed_record(office, years=None)
    office.later(until=date(2200, 1, 1))
    assert office.state(record).state == "registry"
    office.do("registrar", "change_retention", record, retention={"years": 5, "disposal": "B"}, reason="TR")
    assert office.later(days=0.01) == ["record.fell_due"]


def test_a_record_is_due_with_the_last_of_its_cases(office: Office) -> None:
    record = office.record(retention={"years": 1, "disposal": "B"})
    cases = [office.case(record, retention={"years": years, "disposal": "B"}) for years in (2, 4)]
    for case in cases:
        office.do("mueller", "work", record, case=case)
        office.do("mueller", "close", record, case=case)
    office.do("mueller", "close", record)
    seen = []
    for year in range(2022, 2027):
        office.later(until=date(year, 12, 31))
        state = office.state(record)
        seen.append([state.state, *(state.cases[case].life.state for case in cases)])
    assert seen == [
        ["registry", "registry", "registry"], ["registry", "registry", "registry"], ["registry", "due", "registry"],
        ["registry", "due", "registry"], ["due", "due", "due"],
    ]  # fmt: skip


def test_a_hold_stops_time_and_its_release_lets_it_catch_up(office: Office) -> None:
    record = closed_record(office)
    holds = []
    for reason in ("Klage", "Rechnungshof"):
        office.do("registrar", "hold", record, reason=reason)
        holds.append(next(key for key in office.state(record).life.holds if key not in holds))
    office.later(until=date(2030, 6, 1))
    assert office.state(record).state == "registry"
    for hold, fired in zip(holds, ([], ["record.fell_due"]), strict=True):  # each counts on its own (rule 9)
        office.do("registrar", "release_hold", record, hold=hold, reason="erledigt")
        assert office.later(days=0.01) == fired


def test_under_a_hold_retention_may_grow_and_not_shrink(office: Office) -> None:
    record = closed_record(office, years=5)
    office.do("registrar", "hold", record, reason="Klage")
    for years in (4, 0):
        with pytest.raises(GuardFailed) as no:
            office.do("registrar", "change_retention", record, retention={"years": years, "disposal": "B"}, reason="x")
        assert no.value.guard == "not_shortened_under_hold"
        assert "Löschsperre" in no.value.de
    for longer in (6, None):
        office.do("registrar", "change_retention", record, retention={"years": longer, "disposal": "B"}, reason="x")
    with pytest.raises(GuardFailed):
        office.do("registrar", "change_retention", record, retention={"years": 999, "disposal": "B"}, reason="x")
    with pytest.raises(InvalidCommand, match="nothing would change"):
        office.do("registrar", "change_retention", record, retention={"years": None, "disposal": "B"}, reason="x")


def test_the_rules_of_a_new_plan_hold_for_new_records_only(office: Office) -> None:
    def load(years: int) -> None:
        csv = f"code,title,retention_years,disposal,statutory,agreed,closed\n43,Wind,{years},B,no,no,no\n"
        office.engine.handle(ImportFilePlan(authority="mwide", csv=csv), PEOPLE["registrar"], "file-plan:mwide")

    load(5)
    old = office.record(file_plan_code="43")
    load(7)
    new = office.record(file_plan_code="43")
    assert [office.state(record).life.retention.years for record in (old, new)] == [5, 7]
    assert [office.state(record).life.number for record in (old, new)] == ["43-0001", "43-0002"]
    case = office.case(old)
    assert office.state(old).cases[case].life.retention.years == 5  # of its record, not of the plan of today
