"""Staff is the own authority's: entered, appointed and dismissed by its admins, up to their own clearance."""

from datetime import timedelta
from typing import Any

import pytest

from api.application.catalogue import ALL
from api.application.tokens import IssueToken
from tests.workflow.conftest import HEAD, PEOPLE, Office, person
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.commands import Command
from workflow.errors import Forbidden, InvalidCommand, NotFound
from workflow.organisation.staff.actions import AppointDeputy, Leave, Register, RevokeDeputy
from workflow.organisation.staff.member import StaffMember, stream
from workflow.organisation.staff.persons import find_person, identify

OWN = person("verwaltung", Role.ADMIN)
FOREIGN = person("verwaltung-jm", Role.ADMIN, authority="jm", clearance="very_high")


def ask(office: Office, command: Any, actor: Actor) -> Any:
    return office.engine.handle(command, actor, f"staff:{command.user}").state


def commands(office: Office) -> list[Command]:
    since, until = office.now, office.now + timedelta(days=3)
    made = ask(office, AppointDeputy(user="schmidt", deputy="weber", since=since, until=until), HEAD).deputies[-1]
    return [
        Register(user="schmidt", roles=(Role.ADMIN,), authority="jm"),
        Register(user="schmidt", roles=(Role.ADMIN,), authority="mwide"),
        Leave(user="schmidt", reason="x"),
        AppointDeputy(user="schmidt", deputy="fremd", since=since, until=until),
        RevokeDeputy(user="schmidt", appointment=made.id),
    ]


def test_an_admin_of_another_authority_does_nothing_to_it(office: Office) -> None:
    for user in ("schmidt", "weber"):
        office.register(user)
    office.register("fremd", authority="jm")
    for command in commands(office):
        with pytest.raises(Forbidden):
            ask(office, command, FOREIGN)
    assert office.state("staff:schmidt").state == "registered"


@pytest.mark.parametrize("clearance", ["high", "very_high"])
def test_nobody_grants_more_than_their_own_clearance(office: Office, clearance: str) -> None:
    level = Protection(clearance)
    with pytest.raises(Forbidden, match="above their own"):
        ask(office, Register(user="neu", roles=(Role.APPROVER,), authority="mwide", clearance=level), OWN)
    office.register("alt")
    with pytest.raises(Forbidden, match="above their own"):
        ask(office, Register(user="alt", roles=(Role.APPROVER,), authority="mwide", clearance=level), OWN)
    assert ask(office, Register(user="neu", roles=(Role.APPROVER,)), OWN).authority == "mwide"


@pytest.mark.parametrize("roles", [(), (Role.SYSTEM,), (Role.ADMIN, Role.SYSTEM)])
def test_roles_are_those_of_persons(office: Office, roles: tuple[Role, ...]) -> None:
    with pytest.raises(InvalidCommand, match="/roles"):
        ask(office, Register(user="neu", roles=roles), HEAD)


@pytest.mark.parametrize("user", ["system", "operator", "sandbox", "personalstelle", "sign-on"])
def test_no_person_has_a_name_of_the_programme(office: Office, user: str) -> None:
    with pytest.raises(InvalidCommand, match="reserved"):
        ask(office, Register(user=user, roles=(Role.ADMIN,)), HEAD)
    with pytest.raises(InvalidCommand, match="reserved"):
        identify(user.upper(), "mwide", lambda _: None)


def test_a_new_person_is_written_in_the_normal_form(office: Office) -> None:
    with pytest.raises(InvalidCommand, match="is written mueller"):
        ask(office, Register(user="Mueller", roles=(Role.ADMIN,)), HEAD)


def member(user: str, authority: str | None) -> StaffMember:
    return StaffMember(user, frozenset(), authority, Protection.NORMAL)


def test_one_name_in_two_authorities_is_two_persons() -> None:
    known = {"mueller": member("mueller", "mwide"), "mueller@jm": member("mueller@jm", "jm"),
             "Alt": member("Alt", "mwide")}  # fmt: skip
    find = known.get
    assert [identify("Mueller", one, find) for one in ("mwide", "jm", "im")] == ["mueller", "mueller@jm", "mueller@im"]
    assert [find_person("MUELLER", one, find) for one in ("mwide", "jm", "im")] == ["mueller", "mueller@jm", "mueller"]
    assert identify("Alt", "mwide", find) == find_person("Alt", "jm", find) == "Alt"
    taken = known | {"mueller@im": member("mueller@im", "jm")}
    with pytest.raises(InvalidCommand, match="another authority"):
        identify("mueller", "im", taken.get)


@pytest.fixture
def served() -> Any:
    office = Office("sqlite://", catalogue=ALL)
    yield office
    office.engine.close()


def issue(office: Office, user: str, authority: str | None, actor: Actor = HEAD, clearance: str = "normal") -> Any:
    command = IssueToken(
        user=user, roles=(Role.CASE_WORKER, Role.APPROVER), authority=authority, clearance=Protection(clearance),
        digest="ab" * 32, expires=office.now + timedelta(days=30),
    )  # fmt: skip
    return office.engine.handle(command, actor, "token").state


def test_tokens_for_one_name_in_two_authorities_are_for_two_persons(served: Office) -> None:
    here, there = issue(served, "mueller", "mwide"), issue(served, "Mueller", "jm")
    assert (here.user, there.user) == ("mueller", "mueller@jm")
    assert issue(served, "mueller", "jm").user == "mueller@jm"
    of = {one.user: Actor(one.user, one.roles, one.authority) for one in (here, there)}
    mine = served.slip("co_sign mueller", who=of["mueller@jm"])  # type: ignore[arg-type]
    yours = served.slip("co_sign Mueller", who=of["mueller"])  # type: ignore[arg-type]
    assert [served.state(one).ordered()[0].actor for one in (mine, yours)] == ["mueller@jm", "mueller"]
    served.do(of["mueller"], "start", yours)
    with pytest.raises((Forbidden, NotFound)):
        served.do(of["mueller@jm"], "sign", yours)
    assert served.do(of["mueller"], "sign", yours).state == "completed"


def test_a_token_is_granted_in_the_own_authority_up_to_the_own_clearance(served: Office) -> None:
    assert issue(served, "neu", None, OWN).authority == "mwide"
    with pytest.raises(Forbidden):
        issue(served, "neu", "jm", OWN)
    with pytest.raises(Forbidden, match="above their own"):
        issue(served, "neu", "mwide", OWN, "high")
    issue(served, "hoch", "mwide", HEAD, "high")
    with pytest.raises(Forbidden, match="above their own"):
        issue(served, "hoch", "mwide", OWN, "high")


def test_leaving_ends_what_was_issued_before_for_good(served: Office) -> None:
    token = issue(served, "klein", "mwide")
    ask(served, Leave(user="klein", reason="Ruhestand"), PEOPLE["admin"])

    def stands(one: Any) -> bool:
        return bool(one.stands(served.now, served.state(stream("klein"))))

    assert not stands(token)
    with pytest.raises(Forbidden, match="has left"):
        served.record(who=Actor("klein", frozenset({Role.CASE_WORKER}), "mwide"))  # type: ignore[arg-type]
    again = issue(served, "klein", "mwide")
    assert (stands(token), stands(again)) == (False, True)
