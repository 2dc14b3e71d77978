"""Records a history of login links: one that is followed, one that nobody follows."""

import json
import sys
from datetime import timedelta
from pathlib import Path

from api.application.catalogue import ALL
from api.application.sessions import FollowLink, MakeLink
from api.application.tokens import Holder, IssueToken
from tests.histories import record_api
from tests.workflow.conftest import HEAD, Office
from workflow.engine.access import Protection, Role

HERE = Path(__file__).parent


def makes_links(office: Office) -> None:
    """Two links of the same person."""
    issue = IssueToken(user="klein", roles=(Role.CASE_WORKER,), authority="mwide", clearance=Protection.NORMAL,
                       digest=record_api.digest("klein"), expires=office.now + timedelta(days=30))  # fmt: skip
    token = office.engine.handle(issue, HEAD, "token").stream.partition(":")[2]
    holder = Holder("klein", frozenset({Role.CASE_WORKER}), "mwide", Protection.NORMAL, token=token)
    made = [
        office.engine.handle(MakeLink(digest=record_api.digest(f"link {number}")), holder, "session").stream
        for number in (1, 2)
    ]
    office.engine.handle(FollowLink(digest=record_api.digest("session")), holder, made[0])


def main(name: str) -> None:
    office = Office("sqlite://", catalogue=ALL)
    makes_links(office)
    rows = [json.dumps(row._asdict(), ensure_ascii=False) for row in office.engine.log.read_all()]
    (HERE / f"{name}.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    told = json.dumps(record_api.shown(office), ensure_ascii=False, indent=1)
    (HERE / f"{name}.views.json").write_text(told + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
