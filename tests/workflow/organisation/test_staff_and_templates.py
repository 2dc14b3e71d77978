"""Staff, deputies and route templates."""

from datetime import timedelta

import pytest

from tests.workflow.conftest import PEOPLE, Office, person
from workflow.engine.access import Role
from workflow.engine.commands import parse
from workflow.errors import Forbidden, GuardFailed, InvalidCommand
from workflow.organisation.staff.actions import Leave, Register, RevokeDeputy
from workflow.routing_slips.templates import RemoveTemplate, SaveTemplate


def staff(office, command, who="admin"):
    return office.engine.handle(command, PEOPLE[who], f"staff:{command.user}").state


def test_registering_keeps_what_was_before(office: Office) -> None:
    office.register("schmidt")
    office.register("schmidt", clearance="high", authority="jm")
    assert office.state("staff:schmidt").clearance == "high"
    payload = office.engine.history("staff:schmidt")[-1][1]
    assert (payload.old_clearance, payload.old_authority) == ("normal", "mwide")
    with pytest.raises(Forbidden):
        staff(office, parse(Register, {"user": "x", "roles": []}), "registrar")


def test_whoever_has_left_takes_no_part(office: Office) -> None:
    office.register("schmidt")
    staff(office, Leave(user="schmidt", reason="Ruhestand"))
    slip = office.slip("co_sign schmidt")
    with pytest.raises(GuardFailed) as no:
        office.do("mueller", "start", slip)
    assert no.value.guard == "participants_here"
    with pytest.raises(GuardFailed) as no:
        office.deputy("weber", "schmidt")
    assert no.value.guard == "deputy_works_here"
    office.register("schmidt")  # back again
    office.do("mueller", "start", slip)
    with pytest.raises(InvalidCommand, match="not registered"):
        staff(office, Leave(user="niemand", reason="x"))


def test_the_deputy_of_an_absent_deputy_acts(office: Office) -> None:
    office.deputy("schmidt", "weber")
    office.deputy("weber", "klein")
    slip = office.slip("co_sign schmidt")
    office.do("mueller", "start", slip)
    signed = office.do("klein", "sign", slip).ordered()[0]
    assert (signed.done_by, signed.on_behalf_of) == ("klein", "schmidt")


def test_a_revoked_deputy_acts_no_more(office: Office) -> None:
    office.deputy("schmidt", "weber")
    (appointment,) = office.state("staff:schmidt").deputies
    slip = office.slip("co_sign schmidt")
    office.do("mueller", "start", slip)
    staff(office, RevokeDeputy(user="schmidt", appointment=appointment.id), "schmidt")
    with pytest.raises(Forbidden):
        office.do("weber", "sign", slip, station=1)
    with pytest.raises(InvalidCommand, match="no such appointment"):
        staff(office, RevokeDeputy(user="schmidt", appointment=appointment.id))


def test_an_appointment_to_come_does_not_count_yet(office: Office) -> None:
    office.register("schmidt")
    office.register("weber")
    since = office.now + timedelta(days=5)
    body = {"user": "schmidt", "deputy": "weber", "since": since.isoformat()}
    from workflow.organisation.staff.actions import AppointDeputy

    for until in (since, since - timedelta(days=1)):
        with pytest.raises(InvalidCommand, match="/until"):
            staff(office, parse(AppointDeputy, {**body, "until": until.isoformat()}))
    staff(office, parse(AppointDeputy, {**body, "until": (since + timedelta(days=1)).isoformat()}))
    slip = office.slip("co_sign schmidt")
    office.do("mueller", "start", slip)
    with pytest.raises(Forbidden):
        office.do("weber", "sign", slip, station=1)
    office.later(days=5.5)
    assert office.do("weber", "sign", slip).state == "completed"


ROUTE = [{"kind": "co_sign", "actor": "schmidt"}, {"kind": "final_sign", "actor": "weber"}]


def template(office, who="mueller", **body):
    return office.engine.handle(parse(SaveTemplate, body), PEOPLE[who], "templates:mwide").state


def test_a_template_is_a_specification_and_slips_keep_their_route(office: Office) -> None:
    template(office, name="Bescheid", stations=ROUTE)
    slip = office.slip(template="Bescheid")
    template(office, name="Bescheid", stations=ROUTE[:1])
    assert [s.actor for s in office.state(slip).ordered()] == ["schmidt", "weber"]
    assert [s.actor for s in office.state(office.slip(template="Bescheid")).ordered()] == ["schmidt"]
    office.engine.handle(RemoveTemplate(name="Bescheid"), PEOPLE["mueller"], "templates:mwide")
    with pytest.raises(InvalidCommand, match="no template Bescheid"):
        office.slip(template="Bescheid")
    with pytest.raises(InvalidCommand, match="no template Bescheid"):
        office.engine.handle(RemoveTemplate(name="Bescheid"), PEOPLE["mueller"], "templates:mwide")


def test_templates_belong_to_an_authority(office: Office) -> None:
    template(office, name="Bescheid", stations=ROUTE)
    with pytest.raises(InvalidCommand, match="jm has no template"):
        office.slip(who="stranger", template="Bescheid")
    with pytest.raises(Forbidden):
        template(office, who="archivist", name="x", stations=ROUTE)
    for body in ({}, {"stations": ROUTE, "template": "Bescheid"}):
        with pytest.raises(InvalidCommand, match="either stations or a template"):
            office.do("mueller", "create", "routing-slip", title="x", **body)


def test_closing_station_closes_the_case_or_nothing(office: Office) -> None:
    record = office.record()
    case = office.case(record)
    office.document(record, case)
    close = {"kind": "close", "actor": "mueller"}
    slip = office.slip("final_sign weber", close, record=record[7:], case=case)
    office.do("mueller", "start", slip)
    office.do("weber", "sign", slip)
    other = office.slip("co_sign schmidt", record=record[7:], case=case)
    office.do("mueller", "start", other)
    with pytest.raises(GuardFailed) as no:
        office.do("mueller", "close", slip)
    assert no.value.guard == "no_open_slip"
    assert office.state(slip).state == "circulating"
    office.do("mueller", "withdraw", other, reason="überholt")
    assert office.do("mueller", "close", slip).state == "filed"
    assert office.state(record).cases[case].life.state == "closed"
    for wrong in (["close mueller", "co_sign schmidt"], ["close mueller", "close klein"]):
        with pytest.raises(InvalidCommand, match="closes"):
            office.slip(*wrong, record=record[7:])


def test_at_once_returns_without_waiting_for_the_others(office: Office) -> None:
    parallel = {"parallel": [{"kind": "co_sign", "actor": "schmidt"}, {"kind": "co_sign", "actor": "klein"}]}
    waits, hurries = office.slip(parallel), office.slip(parallel, refusal="at_once")
    for slip, state in ((waits, "circulating"), (hurries, "returned")):
        office.do("mueller", "start", slip)
        assert office.do("schmidt", "refuse", slip, reason="nein").state == state
    assert office.do("klein", "sign", waits).state == "returned"


def test_forwarding_because_not_competent_inserts_the_competent(office: Office) -> None:
    slip = office.slip("co_sign schmidt", "final_sign weber")
    office.do("mueller", "start", slip)
    after = office.do("schmidt", "forward", slip, to="klein", reason="Referat 302")
    assert [(s.actor, s.status) for s in after.ordered()] == [
        ("schmidt", "done"), ("klein", "active"), ("weber", "planned"),
    ]  # fmt: skip
    office.do("klein", "refuse", slip, reason="Zahlen")
    again = office.do("mueller", "start", slip)  # a new run asks the competent one only
    assert [s.actor for s in again.ordered()] == ["klein", "weber"]


def test_a_case_worker_does_not_sign_finally(office: Office) -> None:
    with pytest.raises(GuardFailed, match="role may not"):
        office.do("mueller", "start", office.slip("final_sign klein"))
    slip = office.slip("final_sign weber")
    office.do("mueller", "start", slip)
    office.deputy("weber", "klein")
    with pytest.raises(Forbidden, match="for approvers"):
        office.do("klein", "sign", slip)
    assert office.do(person("klein", Role.APPROVER), "sign", slip).state == "completed"
