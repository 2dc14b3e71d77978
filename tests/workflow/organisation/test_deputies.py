"""Deputies (Vertretung, rule 18): for a time, never in a circle, only cleared colleagues, by oneself or by an admin."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflow.conftest import HEAD, PEOPLE, START, Office, person
from workflow.engine.access import Actor, Role
from workflow.engine.aggregate import Context
from workflow.engine.commands import parse
from workflow.errors import EvaError, Forbidden, GuardFailed, InvalidCommand
from workflow.organisation.staff.actions import AppointDeputy, Leave, Register, RevokeDeputy
from workflow.organisation.staff.decide import options
from workflow.organisation.staff.deputies import deputises
from workflow.organisation.staff.member import Appointment, StaffMember

NAMES = ["anna", "bert", "carl", "dora", "emil"]


def appoint(office: Office, user: str, deputy: str, since: datetime, until: datetime, by: str | Actor = "admin") -> Any:
    command = AppointDeputy(user=user, deputy=deputy, since=since, until=until)
    actor = PEOPLE[by] if isinstance(by, str) else by
    return office.engine.handle(command, actor, f"staff:{user}").state


def day(number: float) -> datetime:
    return START + timedelta(days=number)


@pytest.fixture
def staffed(office: Office) -> Office:
    for name in NAMES:
        office.register(name)
    return office


def can_act(office: Office, user: str, absent: str, at: datetime) -> bool:
    """As the engine would say at an instant, asked by a command in their name."""
    slip = office.slip(f"co_sign {absent}")
    office.do("mueller", "start", slip)
    office.now = at
    actor = Actor(user, frozenset({Role.APPROVER}), "mwide", on_behalf_of=absent)
    try:
        office.do(actor, "sign", slip)
    except Forbidden:
        return False
    return True


@pytest.mark.parametrize(
    ("seconds", "may"), [(-1, False), (0, True), (1, True), (86_399, True), (86_400, False), (86_401, False)]
)
def test_from_the_first_second_until_before_the_last(staffed: Office, seconds: int, may: bool) -> None:
    appoint(staffed, "anna", "bert", day(1), day(2))
    assert can_act(staffed, "bert", "anna", day(1) + timedelta(seconds=seconds)) is may


@pytest.mark.parametrize(("days", "second", "fits"), [(366, 0, True), (366, 1, False), (0, 0, False), (0, 1, True)])
def test_the_longest_and_the_shortest_appointment(staffed: Office, days: int, second: int, fits: bool) -> None:
    until = day(days) + timedelta(seconds=second)
    if fits:
        (made,) = appoint(staffed, "anna", "bert", START, until).deputies
        assert made.until == until
        return
    with pytest.raises(InvalidCommand, match="/until"):
        appoint(staffed, "anna", "bert", START, until)


APPOINTMENTS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(0, 20), st.integers(1, 10)), max_size=14
)


def graph_at(staff: dict[str, StaffMember], at: datetime) -> "nx.DiGraph[str]":
    """Who has whom as a deputy at an instant."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(NAMES)
    for name, member in staff.items():
        graph.add_edges_from((name, a.deputy) for a in member.deputies if a.since <= at < a.until)
    return graph


@settings(max_examples=12)
@given(wanted=APPOINTMENTS)
def test_at_no_instant_do_deputies_form_a_circle_and_chains_are_followed(
    wanted: list[tuple[str, str, int, int]],
) -> None:
    office = Office("sqlite://")
    try:
        for name in NAMES:
            office.register(name)
        for user, deputy, since, days in wanted:
            try:
                appoint(office, user, deputy, day(since), day(since + days))
            except GuardFailed as no:
                assert no.guard == "no_circle"  # noqa: PT017 - all others are fine
        staff = {name: office.state(f"staff:{name}") for name in NAMES}
        context = _context(office, {f"staff:{name}": member for name, member in staff.items()}.get)
        for number in range(31):
            graph = graph_at(staff, day(number))
            assert nx.is_directed_acyclic_graph(graph)
            for absent in NAMES:
                reached = nx.descendants(graph, absent)
                found = {name for name in NAMES if deputises(name, absent, context(day(number)))}
                assert found == reached
    finally:
        office.engine.close()


def _context(office: Office, load: Callable[[str], object | None]) -> Any:
    """Context of a decision at an instant."""

    def at(now: datetime) -> Any:
        return Context("staff:anna", PEOPLE["admin"], now, office.engine._decider.rules, load, lambda: "")

    return at


SPANS = st.tuples(st.integers(0, 30), st.integers(1, 10)).map(lambda span: (day(span[0]), day(span[0] + span[1])))


@given(one=SPANS, other=SPANS)
def test_overlapping_is_having_an_instant_in_common(
    one: tuple[datetime, datetime], other: tuple[datetime, datetime]
) -> None:
    made = Appointment("x", "bert", *one)
    common = {number for number in range(41) if one[0] <= day(number) < one[1] and other[0] <= day(number) < other[1]}
    assert made.overlaps(*other) == bool(common) == Appointment("y", "bert", *other).overlaps(*one)


def test_one_after_the_other_is_no_circle(staffed: Office) -> None:
    appoint(staffed, "anna", "bert", day(1), day(2))
    appoint(staffed, "bert", "anna", day(2), day(3))
    with pytest.raises(GuardFailed, match="circle"):
        appoint(staffed, "bert", "anna", day(1.9), day(3))


@pytest.mark.parametrize(
    ("deputy", "guard", "german", "english"),
    [
        ("anna", "no_circle", "Kreis", "circle"),
        ("weg", "deputy_works_here", "ausgeschieden", "has left"),
        ("fremd", "deputy_works_here", "Personal der Behörde", "this authority"),
        ("unbekannt", "deputy_works_here", "Personal der Behörde", "this authority"),
        ("bert", "deputy_cleared", "Freigabe", "clearance"),
    ],
)
def test_each_refusal_is_told_in_both_languages(
    staffed: Office, deputy: str, guard: str, german: str, english: str
) -> None:
    staffed.register("anna", clearance="high")
    staffed.register("weg", clearance="high")
    staffed.register("fremd", clearance="high", authority="jm")
    staffed.engine.handle(Leave(user="weg", reason="Ruhestand"), PEOPLE["admin"], "staff:weg")
    with pytest.raises(GuardFailed) as no:
        appoint(staffed, "anna", deputy, day(1), day(2))
    assert (no.value.guard, no.value.machine, no.value.state) == (guard, "staff", "registered")
    assert german in no.value.de
    assert english in str(no.value)
    assert no.value.allowed_actions == ("register", "leave", "appoint_deputy", "revoke_deputy")


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.SYSTEM, Role.ADMIN}])
def test_whatever_the_role_everybody_appoints_their_own_deputies_and_nobody_elses(staffed: Office, role: Role) -> None:
    own, other = person("anna", role), person("bert", role)
    with pytest.raises(Forbidden, match="only the person or an admin"):
        appoint(staffed, "anna", "carl", day(1), day(2), by=other)
    (made,) = appoint(staffed, "anna", "carl", day(1), day(2), by=own).deputies
    revoke = RevokeDeputy(user="anna", appointment=made.id)
    with pytest.raises(Forbidden):
        staffed.engine.handle(revoke, other, "staff:anna")
    staffed.engine.handle(revoke, own, "staff:anna")
    for command in (Leave(user="anna", reason="x"), Register(user="anna", roles=(role,), authority="mwide")):
        with pytest.raises(Forbidden):
            staffed.engine.handle(command, own, "staff:anna")


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        (person("bert", Role.APPROVER), set()),
        (person("anna", Role.APPROVER), {"appoint_deputy", "revoke_deputy"}),
        (person("chef", Role.ADMIN), {"register", "leave", "appoint_deputy", "revoke_deputy"}),
    ],
)
def test_what_may_be_done_is_said_beforehand(staffed: Office, who: Actor, allowed: set[str]) -> None:
    context = _context(staffed, lambda _: None)(START).seen_by("staff:anna", who)
    found = options(staffed.state("staff:anna"), context)
    assert [option.action for option in found] == ["register", "leave", "appoint_deputy", "revoke_deputy"]
    assert {option.action for option in found if option.allowed} == allowed
    assert all(option.why_not_en and option.why_not_de for option in found if not option.allowed)


def test_revoking_ends_at_once_what_runs_and_before_it_begins_what_is_to_come(staffed: Office) -> None:
    appoint(staffed, "anna", "bert", day(-1), day(5))
    running, coming = appoint(staffed, "anna", "carl", day(3), day(6)).deputies
    for one in (running, coming):
        staffed.engine.handle(RevokeDeputy(user="anna", appointment=one.id), PEOPLE["admin"], "staff:anna")
    ended = staffed.state("staff:anna").deputies
    assert [(a.since, a.until) for a in ended] == [(day(-1), START), (day(3), day(3))]
    appoint(staffed, "bert", "anna", day(0), day(6))  # no circle any more


def test_somebody_who_has_left_is_replaced_and_may_come_back(staffed: Office) -> None:
    commands = (
        Leave(user="anna", reason="Ruhestand"),
        AppointDeputy(user="anna", deputy="bert", since=day(0), until=day(9)),
        Leave(user="anna", reason="Pension"),
        Register(user="anna", roles=(Role.APPROVER,), authority="jm"),
    )
    states = [staffed.engine.handle(command, HEAD, "staff:anna").state.state for command in commands]
    assert states == ["left", "left", "left", "registered"]
    back = staffed.state("staff:anna")
    assert (back.authority, len(back.deputies)) == ("jm", 1)
    assert staffed.types("staff:anna") == [
        "staff.registered", "staff.left", "staff.deputy_appointed", "staff.left", "staff.registered",
    ]  # fmt: skip


@pytest.mark.parametrize("model", [Leave, AppointDeputy, RevokeDeputy])
def test_nothing_is_done_to_somebody_never_entered(office: Office, model: Any) -> None:
    command = parse(model, dict(model.EXAMPLE))
    with pytest.raises(InvalidCommand, match="not registered"):
        office.engine.handle(command, PEOPLE["admin"], f"staff:{command.user}")


def test_roles_are_kept_once_and_in_order(office: Office) -> None:
    command = Register(user="anna", roles=(Role.REGISTRAR, Role.ADMIN, Role.REGISTRAR))
    office.engine.handle(command, PEOPLE["admin"], "staff:anna")
    event = office.engine.history("staff:anna")[-1][1]
    assert getattr(event, "roles", None) == (Role.ADMIN, Role.REGISTRAR)


@settings(max_examples=40)
@given(body=st.dictionaries(st.sampled_from(["user", "deputy", "since", "until", "x"]), st.text(max_size=5)))
def test_what_is_no_appointment_is_refused_before_anything_is_looked_at(body: dict[str, str]) -> None:
    with pytest.raises(EvaError):
        parse(AppointDeputy, body)


def test_times_are_kept_in_utc_whatever_zone_they_came_in(staffed: Office) -> None:
    body = {"user": "anna", "deputy": "bert", "since": "2021-07-01T00:00:00+02:00", "until": "2021-07-02T00:00:00Z"}
    staffed.engine.handle(parse(AppointDeputy, body), PEOPLE["admin"], "staff:anna")
    (made,) = staffed.state("staff:anna").deputies
    assert made.since == datetime(2021, 6, 30, 22, tzinfo=UTC)
    with pytest.raises(InvalidCommand, match="/since"):
        parse(AppointDeputy, {**body, "since": "2021-07-01T00:00:00"})
