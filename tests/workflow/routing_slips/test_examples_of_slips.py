"""The example of every action is a body that is accepted where the action belongs."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.workflow.conftest import PEOPLE, Office, person
from workflow.engine.access import Actor, Role
from workflow.engine.aggregate import Context
from workflow.engine.commands import parse
from workflow.errors import Forbidden, InvalidCommand, NotFound
from workflow.organisation.house_rules import Rules
from workflow.routing_slips.machine import COMMANDS, MACHINE, STATION
from workflow.routing_slips.routing_slip import KINDS_OF_ACTION
from workflow.routing_slips.templates import COMMANDS as TEMPLATES
from workflow.routing_slips.templates import options as template_options


def started(office: Office, *stations: Any, **body: Any) -> str:
    slip = office.slip(*(stations or ("co_sign schmidt", "final_sign weber")), **body)
    office.do("mueller", "start", slip)
    return slip


def refused(office: Office) -> str:
    slip = started(office)
    office.do("schmidt", "refuse", slip, reason="Frist fehlt")
    return slip


def completed(office: Office) -> str:
    slip = started(office, "co_sign schmidt")
    office.do("schmidt", "sign", slip)
    return slip


def paused(office: Office) -> str:
    slip = started(office)
    office.do("mueller", "pause", slip)
    return slip


def closing(office: Office) -> str:
    record = office.record()
    case = office.case(record)
    slip = office.slip("co_sign schmidt", "close mueller", record=record[7:], case=case)
    office.do("mueller", "start", slip)
    office.do("schmidt", "sign", slip)
    return slip


ENCLOSED = [{"title": "Bescheid", "sha256": "0" * 64}]


def provided(office: Office) -> str:
    slip = started(office, "dispatch klein", documents=ENCLOSED)
    office.do("klein", "provide", slip, **COMMANDS["provide"].EXAMPLE)
    return slip


Made = Callable[[Office], str]
WHERE: dict[str, tuple[Made, str, str]] = {
    "plan": (lambda office: office.slip("co_sign schmidt"), "mueller", "draft"),
    "revise": (lambda office: office.slip("co_sign schmidt"), "mueller", "draft"),
    "raise_protection": (lambda office: office.slip("co_sign secret", who="secret"), "secret", "draft"),
    "start": (lambda office: office.slip("co_sign schmidt"), "mueller", "circulating"),
    "cancel": (refused, "mueller", "cancelled"),
    "insert": (started, "mueller", "circulating"),
    "skip": (started, "mueller", "circulating"),
    "recall": (started, "mueller", "returned"),
    "hand_over": (started, "mueller", "circulating"),
    "overrule": (refused, "weber", "circulating"),
    "pause": (started, "mueller", "paused"),
    "resume": (paused, "mueller", "circulating"),
    "withdraw": (paused, "mueller", "withdrawn"),
    "file": (completed, "mueller", "filed"),
    "open": (started, "schmidt", "circulating"),
    "sign": (started, "schmidt", "circulating"),
    "approve": (lambda office: started(office, "approve schmidt"), "schmidt", "completed"),
    "acknowledge": (lambda office: started(office, "acknowledge klein"), "klein", "completed"),
    "dispatch": (lambda office: started(office, "dispatch klein"), "klein", "completed"),
    "issue": (lambda office: started(office, "dispatch klein"), "klein", "circulating"),
    "provide": (lambda office: started(office, "dispatch klein", documents=ENCLOSED), "klein", "circulating"),
    "report_retrieval": (provided, "klein", "completed"),
    "report_event": (
        lambda office: started(office, {"kind": "resubmit", "actor": "klein", "awaits": "Gutachten"}),
        "klein",
        "completed",
    ),
    "comment": (lambda office: started(office, "comment klein"), "klein", "completed"),
    "refuse": (started, "schmidt", "returned"),
    "close": (closing, "mueller", "filed"),
    "forward": (started, "schmidt", "circulating"),
    "delegate": (started, "schmidt", "circulating"),
}
"""Action -> a slip on which its example is accepted, by whom, and the state that follows."""


def test_every_action_of_people_is_tried() -> None:
    assert set(WHERE) == set(COMMANDS) - {"create"}


@pytest.mark.parametrize("action", WHERE)
def test_the_example_is_accepted_and_recorded_as_its_row_says(office: Office, action: str) -> None:
    make, who, after = WHERE[action]
    if action == "raise_protection":
        office.register("secret", clearance="high")
    slip = make(office)
    before = office.state(slip).state
    done = office.do(who, action, slip, **COMMANDS[action].EXAMPLE)
    assert done.state == after
    promised = {row.event for row in MACHINE.table if (row.source, row.action) == (before, action)}
    assert promised & set(office.events)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_a_slip_is_drafted_by_whom_the_block_names(office: Office, role: Role) -> None:
    create, actor = COMMANDS["create"], person("jemand", role)
    if role in create.open_to():
        assert office.engine.handle(parse(create, create.EXAMPLE), actor, "routing-slip").state.owner == "jemand"
        return
    with pytest.raises(Forbidden) as no:
        office.engine.handle(parse(create, create.EXAMPLE), actor, "routing-slip")
    assert (str(no.value), no.value.de) == (
        "this role sends no routing slips", "Diese Rolle versendet keine E-Laufmappen",
    )  # fmt: skip


@pytest.mark.parametrize(("body", "pointer"), [
    ({"stations": [], "title": "x"}, "/stations"),
    ({"title": "x", "template": "Bescheid"}, "/template"),
    ({"title": "x", "stations": [{"kind": "co_sign", "actor": "schmidt", "until": "2027-01-01"}]}, "/stations"),
    ({"title": "x", "stations": [{"kind": "resubmit", "actor": "schmidt"}]}, "/stations"),
    ({"title": "x", "stations": [{"kind": "acknowledge", "actor": "schmidt", "skip_unread": True}]}, "/stations"),
    ({"title": "x", "stations": [{"kind": "final_sign", "actor": "weber"}, {"kind": "approve", "actor": "weber"}]},
     "/stations"),
    ({"title": "x", "stations": [{"kind": "co_sign", "actor": "schmidt"}],
      "case": "6f2d6b2e-7a55-5c2a-9d0e-0d7f7a1f4b11"}, "/case"),
    ({"title": "x", "stations": [{"kind": "co_sign", "actor": "schmidt"}],
      "record": "6f2d6b2e-7a55-5c2a-9d0e-0d7f7a1f4b11"}, "/record"),
])  # fmt: skip
def test_a_draft_that_is_not_sound_is_refused_with_its_place(office: Office, body: dict, pointer: str) -> None:
    with pytest.raises(InvalidCommand) as no:
        office.do("mueller", "create", "routing-slip", **body)
    assert [where for where, _ in no.value.faults] == [pointer]


def test_a_draft_needs_an_authority_that_is_one_s_own(office: Office) -> None:
    anywhere = person("springer", Role.CASE_WORKER, authority=None)
    stations = [{"kind": "co_sign", "actor": "schmidt"}]
    with pytest.raises(InvalidCommand, match="say for which authority"):
        office.do(anywhere, "create", "routing-slip", title="x", stations=stations)
    assert office.do(anywhere, "create", "routing-slip", title="x", stations=stations, authority="jm").authority == "jm"
    with pytest.raises(Forbidden, match="another authority"):
        office.do("mueller", "create", "routing-slip", title="x", stations=stations, authority="jm")
    with pytest.raises(Forbidden, match="clearance does not cover"):
        office.do("mueller", "create", "routing-slip", title="x", stations=stations, protection="high")


def test_routes_nest_as_deep_as_allowed(office: Office) -> None:
    def nested(levels: int) -> dict:
        inner: dict = {"kind": "co_sign", "actor": "schmidt"}
        for _ in range(levels - 1):
            inner = {"sequence": [inner]}
        return inner

    office.do("mueller", "create", "routing-slip", title="x", stations=[nested(20)])
    with pytest.raises(InvalidCommand, match="nested deeper than 20 levels"):
        office.do("mueller", "create", "routing-slip", title="x", stations=[nested(21)])


def test_every_station_kind_has_an_action_that_answers_it_and_the_table_ends_it() -> None:
    from workflow.routing_slips.events import Kind

    answered = {kind for kinds in KINDS_OF_ACTION.values() for kind in kinds}
    assert answered | {Kind.COMMENT} == set(Kind)
    for action in KINDS_OF_ACTION.keys() - {"issue", "provide", "end_provision"}:
        assert any(row.action == action and row.target in {"done", "skipped"} for row in STATION.table), action


@pytest.mark.parametrize("state", ["planned", "active", "done", "skipped"])
def test_a_station_that_has_ended_stays_as_it_is(state: str) -> None:
    leaving = {row.target for row in STATION.table if row.source == state}
    assert bool(leaving) is (state in {"planned", "active"})


def test_an_erased_slip_is_deleted_whatever_it_was(office: Office) -> None:
    from workflow.engine.events import ContentErased
    from workflow.routing_slips.evolve import evolve

    for make in (started, refused, completed):
        slip = office.state(make(office))
        erased = evolve(slip, ContentErased(id=slip.id, item=None, authority="mwide", with_file="43.21-0001"))
        assert (erased.state, erased.title, erased.stations) == ("deleted", "", {})


def test_the_person_without_a_station_is_told_so(office: Office) -> None:
    slip = started(office)
    with pytest.raises(Forbidden, match="this person has no such station"):
        office.do("klein", "sign", slip)
    with pytest.raises(NotFound):
        office.do("stranger", "sign", slip)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_templates_are_kept_by_whom_their_block_names(office: Office, role: Role) -> None:
    save = TEMPLATES["save"]
    actor = person("jemand", role)
    if role in save.open_to():
        templates = office.engine.handle(parse(save, save.EXAMPLE), actor, "templates:mwide").state
        assert set(templates.routes) == {"Bescheid"}
        removed = office.engine.handle(parse(TEMPLATES["remove"], {"name": "Bescheid"}), actor, "templates:mwide")
        assert removed.state.routes == {}
        return
    with pytest.raises(Forbidden, match="“Save” is for"):
        office.engine.handle(parse(save, save.EXAMPLE), actor, "templates:mwide")


def test_the_menu_of_templates_says_who_may_and_why_not(office: Office) -> None:
    save = TEMPLATES["save"]
    templates = office.engine.handle(parse(save, save.EXAMPLE), PEOPLE["mueller"], "templates:mwide").state
    seen = {}
    for name in ("mueller", "archivist", "admin"):
        actor = PEOPLE[name] if name != "admin" else person("admin", Role.ADMIN, authority=None)
        context = _context(office, actor)
        seen[name] = [
            (option.action, option.allowed, option.why_not_de) for option in template_options(templates, context)
        ]
    assert seen["mueller"] == [("save", True, None), ("remove", True, None)]
    assert seen["admin"] == [
        (action, False, "Vorlagen pflegt das Personal der Behörde") for action in ("save", "remove")
    ]
    assert all(not allowed and "vorbehalten" in why for _, allowed, why in seen["archivist"])


def _context(office: Office, actor: Actor) -> Context[Rules]:

    return Context("templates:mwide", actor, office.now, office.engine.rules, lambda _: None, str)


@pytest.mark.parametrize(
    "wrong", [
        {"kind": "co_sign", "silence_consents": True, "deadline_days": 5},
        {"kind": "comment", "deadline_days": 5, "deadline": "2027-03-05"}, {"kind": "resubmit"},
        {"kind": "acknowledge", "skip_unread": True},
    ],
)  # fmt: skip
def test_a_template_takes_no_station_that_no_slip_takes(office: Office, wrong: dict[str, Any]) -> None:
    inner = {"parallel": [{"sequence": [{"actor": "schmidt", **wrong}]}]}
    with pytest.raises(InvalidCommand, match="schmidt"):
        office.engine.handle(
            parse(TEMPLATES["save"], {"name": "Falsch", "stations": [inner]}), PEOPLE["mueller"], "templates:mwide"
        )
