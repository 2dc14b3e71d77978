"""Work as an office does it, for the benchmarks: the same commands for every store."""

from collections.abc import Iterator

from workflow.engine.access import Actor, Role
from workflow.engine.commands import Command, parse
from workflow.engine.engine import Engine
from workflow.organisation.staff.actions import Register
from workflow.records.work_actions import AddCase, AddDocument, CreateRecord
from workflow.routing_slips.create import CreateSlip
from workflow.routing_slips.owner_actions import FileSlip, Start
from workflow.routing_slips.station_actions import Sign

CLERK = Actor("mueller", frozenset({Role.CASE_WORKER}), "mwide")
FIRST = Actor("schmidt", frozenset({Role.APPROVER}), "mwide")
SECOND = Actor("weber", frozenset({Role.APPROVER}), "mwide")
HEAD = Actor("leitung", frozenset({Role.ADMIN}))
FILE = {"sha256": "ab" * 32, "file_name": "bescheid.pdf", "size": 48213}


def enter_people(engine: Engine) -> None:
    """Enter as staff who takes part."""
    for person in (CLERK, FIRST, SECOND):
        command = Register(user=person.user, roles=tuple(person.roles), authority=person.authority)
        engine.handle(command, HEAD, f"staff:{person.user}")


def office(engine: Engine, number: int) -> Iterator[None]:
    """One record with a case and a document, co-signed, signed finally and filed: eight commands, a step each."""
    record = _do(engine, CreateRecord(title=f"Förderantrag {number}", file_plan_code="43.21"), CLERK, "record")
    yield
    case = _do(engine, AddCase(title="Bewilligung"), CLERK, record.stream).state
    case_id = next(iter(case.cases))
    yield
    _do(engine, parse(AddDocument, {"case": case_id, "title": "Bescheid", "file": FILE}), CLERK, record.stream)
    yield
    body = {
        "title": "Bescheid zur Mitzeichnung",
        "record": case.id,
        "case": case_id,
        "stations": [{"kind": "co_sign", "actor": "schmidt"}, {"kind": "final_sign", "actor": "weber"}],
    }
    slip = _do(engine, parse(CreateSlip, body), CLERK, "routing-slip").stream
    yield
    for command, actor in (
        (Start(), CLERK),
        (Sign(), FIRST),
        (Sign(note="einverstanden"), SECOND),
        (FileSlip(), CLERK),
    ):
        _do(engine, command, actor, slip)
        yield


def _do(engine: Engine, command: Command, actor: Actor, stream: str):  # type: ignore[no-untyped-def]
    return engine.handle(command, actor, stream)
