"""How large a routing slip may be, and how much is told of one that may not be."""

import json
from typing import Any

import pytest

from api.application.catalogue import ALL
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.commands import MOST_ELEMENTS, parse
from workflow.engine.engine import Engine
from workflow.errors import LONGEST_FAULT, MOST_FAULTS, InvalidCommand
from workflow.organisation.staff.actions import Register
from workflow.routing_slips.create import MOST_STATIONS, CreateSlip
from workflow.routing_slips.owner_actions import Insert, Plan, Start

OWNER = Actor("mueller", frozenset({Role.CASE_WORKER}), "mwide")
ADMIN = Actor("leitung", frozenset({Role.ADMIN}), "mwide")


def spec(number: int) -> dict[str, Any]:
    return {"parallel": [{"kind": "acknowledge", "actor": f"p{n}"} for n in range(number)]}


def body(*stations: Any) -> str:
    return json.dumps({"title": "Umlauf", "stations": stations})


@pytest.fixture
def engine() -> Any:
    made = Engine("sqlite://", catalogue=ALL)
    yield made
    made.close()


def test_so_many_stations_and_not_one_more(engine: Engine) -> None:
    create = parse(CreateSlip, body(spec(MOST_STATIONS // 2), spec(MOST_STATIONS // 2)))
    slip = engine.handle(create, OWNER, "routing-slip")
    assert len(slip.state.stations) == MOST_STATIONS
    with pytest.raises(InvalidCommand, match="201 stations; at most 200"):
        engine.handle(parse(CreateSlip, body(spec(200), spec(1))), OWNER, "routing-slip")
    with pytest.raises(InvalidCommand, match="at most 200"):
        engine.handle(parse(Plan, json.dumps({"stations": [spec(200), spec(1)]})), OWNER, slip.stream)
    for number in range(MOST_STATIONS // 2):
        person = Register(user=f"p{number}", roles=(Role.CASE_WORKER,), authority="mwide", clearance=Protection.NORMAL)
        engine.handle(person, ADMIN, f"staff:p{number}")
    engine.handle(Start(), OWNER, slip.stream)
    with pytest.raises(InvalidCommand, match="at most 200"):
        engine.handle(parse(Insert, json.dumps({"stations": [spec(1)], "after": 1})), OWNER, slip.stream)


@pytest.mark.parametrize(
    "stations",
    [
        [{"kind": "none", "actor": "a/b"}] * 150,
        [{"parallel": [{"kind": "none"}] * 190}] * 10,
        [{"parallel": [{"kind": "none"}] * 200}] * 100,
        [{"kind": "co_sign", "actor": "x" * 100_000}] * 3,
        [{"x" * 100_000: 1}],
    ],
    ids=["many", "nested", "far too many", "long", "long name"],
)
def test_what_is_told_of_faults_is_short(stations: Any) -> None:
    with pytest.raises(InvalidCommand) as refused:
        parse(CreateSlip, body(*stations))
    assert 1 <= len(refused.value.faults) <= MOST_FAULTS + 1
    assert len(str(refused.value)) <= 2 * (MOST_FAULTS + 1) * (LONGEST_FAULT + 5)


def test_nesting_is_answered_shortly() -> None:
    deep: Any = {"kind": "none"}
    for _ in range(40):
        deep = {"parallel": [deep]}
    with pytest.raises(InvalidCommand) as refused:
        parse(CreateSlip, body(deep))
    assert len(str(refused.value)) < 20_000


def test_lists_have_so_many_elements_in_all_and_the_rest_is_not_looked_at() -> None:
    with pytest.raises(InvalidCommand, match="elements in all lists"):
        parse(CreateSlip, body(*[[1] * 200] * 200))
    with pytest.raises(InvalidCommand, match=f"more than {MOST_ELEMENTS:,} elements"):
        parse(CreateSlip, body(*[{"parallel": [{"kind": "none"}] * 200}] * 200))
