"""Records a history of a server: tokens from issue to revocation, runs from the queue to every end there is."""

import json
import sys
from datetime import datetime, timedelta
from hashlib import sha256
from operator import attrgetter
from pathlib import Path

from api.application.catalogue import ALL
from api.application.run import CancelRun, DiscardRun, FailRun, FinishRun, RequestRun, RequeueRun, StartRun
from api.application.run_events import Mode
from api.application.tokens import IssueToken, RevokeToken
from tests.histories import record
from tests.workflow.conftest import PEOPLE, Office, person
from workflow.engine.access import SYSTEM, Protection, Role
from workflow.engine.commands import Command

HERE = Path(__file__).parent
COLUMNS = {
    "token": "id user roles authority clearance digest expires revoked",
    "run": "id request.by request.authority request.scenario request.text request.title request.replications "
    "request.seed request.mode request.at state crashes started_at ended_at reason scenario_hash items tables",
    "session": "id holder.user holder.roles holder.authority holder.clearance holder.token digest expires closed",
}
"""Named one by one, so that a field added later does not change what was shown."""
PLANNER = person("petra", Role.PLANNER)
PLANNER_OF_ALL = person("paul", Role.PLANNER, authority=None)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def serves(office: Office) -> None:
    """Something of everything; `office` knows the aggregates of a server."""
    tokens(office)
    runs(office)


def tokens(office: Office) -> None:
    """Issued with and without an authority, once more with a higher clearance, run out, and revoked by both who may."""
    admin, expires = PEOPLE["admin"], office.now + timedelta(days=30)
    given = [
        ("petra", (Role.PLANNER,), "mwide", Protection.NORMAL),
        ("petra", (Role.PLANNER, Role.CASE_WORKER), "mwide", Protection.HIGH),
        ("petra", (Role.PLANNER,), "mwide", Protection.NORMAL),
        ("paul", (Role.PLANNER,), None, Protection.NORMAL),
    ]
    issued = []
    for number, (user, roles, authority, clearance) in enumerate(given):
        told = IssueToken(user=user, roles=roles, authority=authority, clearance=clearance,
                          digest=digest(f"secret {number}"), expires=expires)  # fmt: skip
        issued.append(office.engine.handle(told, admin, "token").stream)
    office.later(days=1)
    office.engine.handle(RevokeToken(reason="Gerät verloren"), PLANNER, issued[0])
    office.engine.handle(RevokeToken(), admin, issued[3])
    office.later(days=40)


def runs(office: Office) -> None:
    """Every end of a run, and the ways there: lost workers, a scenario handed in, one for all authorities."""
    finish = FinishRun(scenario_hash=digest("scenario"), items=48_000,
                       tables={"users.csv": digest("users"), "summary.json": digest("summary")})  # fmt: skip
    start, crash = StartRun(), RequeueRun(reason="the worker was ended by signal 9", blamed=True)
    stopped = RequeueRun(reason="the server was stopped while it was running")
    shipped = RequestRun(scenario="nrw-plan-2021", replications=5, seed=7)
    text = RequestRun(text="name: klein\nbehörden: []\n", title="Kleines Szenario", mode=Mode.PLAN)
    work(office, shipped, start, stopped, start, crash, start, finish)
    work(office, shipped, start, finish, DiscardRun())
    work(office, text, FailRun(reason="line 2: unknown key"))
    work(office, text, start, crash, start, FailRun(reason="took more than 1:00:00"))
    work(office, shipped, CancelRun())
    work(office, RequestRun(scenario="nrw-plan-2021"), start, CancelRun(), planner=PLANNER_OF_ALL)
    work(office, shipped, start)
    work(office, text)


def work(office: Office, ask: RequestRun, *then: Command, planner=PLANNER) -> None:
    """One run, a minute between its steps."""
    run = office.engine.handle(ask, planner, "run").stream
    for command in then:
        office.later(days=1 / 1440)
        office.engine.handle(command, planner if isinstance(command, CancelRun) else SYSTEM, run)


def shown(office: Office) -> dict[str, list[list[object]]]:
    """What the views show, and beside them the tokens, runs and sessions, which a server folds without a view."""
    streams = sorted(office.engine.log.streams())
    told = {kind: [row(office.state(stream), names) for stream in streams if stream.startswith(f"{kind}:")]
            for kind, names in COLUMNS.items()}  # fmt: skip
    return {**record.shown(office), **told}


def row(state: object, names: str) -> list[object]:
    """What a state holds under these names, as JSON can hold it."""
    return [plain(value) for value in attrgetter(*names.split())(state)]


def plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, datetime) else value


def main(name: str) -> None:
    office = Office("sqlite://", catalogue=ALL)
    serves(office)
    rows = [json.dumps(row._asdict(), ensure_ascii=False) for row in office.engine.log.read_all()]
    (HERE / f"{name}.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    told = json.dumps(shown(office), ensure_ascii=False, indent=1)
    (HERE / f"{name}.views.json").write_text(told + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
